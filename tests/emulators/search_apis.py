"""SearXNG's and Brave's search APIs, strict: a request that the real ones would refuse, or read otherwise, is a fault.

Each remembers what was wrong in `faults`; a test ends with none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from emulators.server import Reply, Request

KEY = "BSA-canarykey-51c2"

PAGES = [
    ("Eiffel Tower - Wikipedia", "https://en.wikipedia.org/wiki/Eiffel_Tower", "The tower is 330 metres tall."),
    ("Visit the tower", "https://paris.example/tower", "It is painted in three shades of &quot;Eiffel brown&quot;."),
    ("Lights", "https://lights.example/", "<b>20,000</b> bulbs sparkle after dark"),
]
FACTS = (
    'Facts: The tower is 330 metres tall. It is painted in three shades of "Eiffel brown".'
    " 20,000 bulbs sparkle after dark."
)


@dataclass
class _Api:
    reply: Reply | None = None  # in place of the answer
    queries: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        faults = [*_common_faults(request), *self._faults(request)]
        self.faults += faults
        self.queries.append(request.query.get("q", ""))
        if faults:
            return Reply.json({"error": faults}, 400)
        return self.reply or Reply.json(self.answer())

    def _faults(self, request: Request) -> list[str]:
        raise NotImplementedError

    def answer(self) -> Any:
        raise NotImplementedError


@dataclass
class Searxng(_Api):
    """`GET /search`. An instance as it is installed answers 403 to JSON: `formats` is html alone there."""

    prefix: str = ""
    formats: tuple[str, ...] = ("html", "json")
    results: list[Any] = field(default_factory=lambda: [_searxng_result(*page) for page in PAGES])
    infoboxes: list[Any] = field(default_factory=list)
    unresponsive: list[Any] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        if request.query.get("format") not in self.formats and not self._faults(request):
            return Reply(403, b"<!doctype html><title>403 Forbidden</title>", {"Content-Type": "text/html"})
        return super().__call__(request)

    def answer(self) -> Any:
        return {
            "query": self.queries[-1],
            "results": self.results,
            "answers": [{"answer": "Your IP is: 203.0.113.7", "url": None, "template": "answer/legacy.html"}],
            "corrections": [],
            "infoboxes": self.infoboxes,
            "suggestions": ["eiffel tower height"],
            "unresponsive_engines": self.unresponsive,
        }

    def _faults(self, request: Request) -> list[str]:
        wanted = {"format": "json", "categories": "general", "language": "auto", "safesearch": "1"}
        # What its query language would take for an order: an engine, a language, a time limit, another site.
        orders = [word for word in request.query.get("q", "").split() if word[0] in "!?:<"]
        return [
            *_path_faults(request, f"{self.prefix}/search"),
            *_parameter_faults(request, wanted),
            *(f"order {order!r}" for order in orders),
            *(["a key that is not SearXNG's"] if "x-subscription-token" in request.headers else []),
        ]


@dataclass
class Brave(_Api):
    """`GET /res/v1/llm/context`."""

    pages: list[Any] = field(default_factory=lambda: [_brave_page(*page) for page in PAGES])

    def __call__(self, request: Request) -> Reply:
        if request.headers.get("x-subscription-token") != KEY:
            error = {"code": "SUBSCRIPTION_TOKEN_INVALID", "status": 422, "detail": "The token is invalid."}
            return Reply.json({"type": "ErrorResponse", "error": error}, 422)
        return super().__call__(request)

    def answer(self) -> Any:
        sources = {url: {"title": title, "hostname": urlsplit(url).hostname, "age": None} for title, url, _ in PAGES}
        return {"grounding": {"generic": self.pages, "map": []}, "sources": sources}

    def _faults(self, request: Request) -> list[str]:
        wanted = {
            "count": "10",
            "maximum_number_of_urls": "5",
            "maximum_number_of_tokens": "1024",
            "context_threshold_mode": "balanced",
        }
        words = request.query.get("q", "").split()
        return [
            *_path_faults(request, "/res/v1/llm/context"),
            *_parameter_faults(request, wanted),
            *([f"{len(words)} words"] if len(words) > 40 else []),
        ]


def _searxng_result(title: str, url: str, content: str) -> dict[str, Any]:
    return {
        "url": url,
        "title": title,
        "content": content,
        "engine": "duckduckgo",
        "engines": ["duckduckgo", "startpage"],
        "template": "default.html",
        "parsed_url": [*urlsplit(url), ""],
        "img_src": "",
        "thumbnail": None,
        "score": 2.0,
        "category": "general",
        "publishedDate": None,
    }


def _brave_page(title: str, url: str, text: str) -> dict[str, Any]:
    return {"url": url, "title": title, "snippets": ['{"@type": "LandmarksOrHistoricalBuildings"}', text]}


def _common_faults(request: Request) -> list[str]:
    unwanted = {"authorization", "cookie", "referer", "content-length", "content-type"} & set(request.headers)
    return [
        *([f"method {request.method}"] if request.method != "GET" else []),
        *([f"headers {sorted(unwanted)}"] if unwanted else []),
        *(["compression asked for"] if request.headers.get("accept-encoding") != "identity" else []),
        *(["no JSON asked for"] if request.headers.get("accept") != "application/json" else []),
        *(["another agent"] if request.headers.get("user-agent") != "Cavendish" else []),
    ]


def _path_faults(request: Request, path: str) -> list[str]:
    return [f"path {request.path}"] if request.path != path else []


def _parameter_faults(request: Request, wanted: dict[str, str]) -> list[str]:
    pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    query = dict(pairs).get("q", "")
    rest = {name: value for name, value in pairs if name != "q"}
    return [
        *(["a parameter twice"] if len(pairs) != len(dict(pairs)) else []),
        *([f"parameters {rest}"] if rest != wanted else []),
        *(["no query"] if not query.strip() else []),
        *([f"{len(query)} characters"] if len(query) > 300 else []),
        *(["line breaks or controls"] if not query.isprintable() else []),
    ]
