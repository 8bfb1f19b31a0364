"""The page at /docs: the OpenAPI document as one HTML page that loads nothing else and needs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cavendish.errors import CODES, ApiError
from cavendish.web.docs import curl, spec, style, tables
from cavendish.web.docs.markup import Html, block, cell, prose, put, table, tag

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {style.source(style.STYLE)};"
        f" script-src {style.source(style.SCRIPT)};"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_GENERATE = "/api/nano-banana-2/generate"
_CHECK = "/api/nano-banana-2/check-status"
_FIRST_BODY = {"prompt": "A futuristic cityscape at sunset with flying cars and neon lights", "mode": "generate"}

_ONCE = '-H "Idempotency-Key: $(date +%s)-$$"'
_WAIT = '-H "Prefer: wait=30"'
_KEEP_ID = r"""printf '%s\n' "$ANSWER"
ID=$(printf %s "$ANSWER" | sed -n 's/.*"generationId": *"\([0-9a-f]*\)".*/\1/p')"""

_HEADERS_OF_ANSWERS = (
    ("X-Request-Id", "every answer", "This request's name in the operator's log; a proxy's own is kept."),
    ("RateLimit-Policy", "generate", "The key's limit: q calls in w seconds."),
    (
        "RateLimit",
        "generate",
        "Where the key stands: r calls left; in t seconds all are back, or the next one where none is left.",
    ),
    ("Retry-After", "429, 503", "Seconds to wait before the next try."),
    ("Idempotent-Replayed", "generate", "true: this Idempotency-Key was used before, nothing new was created."),
)
_GUIDES = (("API reference", "/docs"), ("Connect your client", "/docs/connect"), ("Assistants", "/docs/mcp"))
_OTHER_ADDRESSES = (
    ("/docs/connect", "What to type for each client; as Markdown at /docs/connect.md."),
    ("/docs/mcp", "The same for assistants; as Markdown at /docs/mcp.md."),
    ("/llms.txt", "What language models are told of this service."),
    ("/generations/{file}", "A stored picture, by the name in imageUrl. No key needed; ETag and Range are honoured."),
    ("/openapi.json", "This page for programs: OpenAPI 3.1."),
    ("/healthz", "200 while the process answers."),
    ("/readyz", "200 while generations are taken; 503 with a reason otherwise."),
    ("/metrics", "Prometheus metrics."),
)


def render(document: dict[str, Any], public_url: str) -> str:
    """The whole page for this OpenAPI 3.1 document. `public_url` is where a reader's curl finds the service."""
    operations = spec.operations(document)
    info = document.get("info", {})
    title = f"{info.get('title', 'API')} {info.get('version', '')}".strip()
    main = tag(
        "main",
        _first_minute(public_url),
        _faces(document),
        *_groups(document, operations, public_url),
        _every_answer(),
        _error_codes(),
        _other_addresses(),
        tag("footer", title, ", made from ", tag("a", "the OpenAPI document", href="/openapi.json"), "."),
    )
    return _whole(title, _header(info), _navigation(operations), main)


def guide(title: str, content: Html) -> str:
    """A page of the same looks for one text, which brings its own heading."""
    links = [tag("li", tag("a", name, href=path)) for name, path in _GUIDES]
    return _whole(title, tag("nav", tag("ul", *links), aria_label="Contents"), tag("main", content))


def _whole(title: str, *parts: Html) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        + tag("title", title)
        + f"<style>{style.STYLE}</style></head><body>"
        + tag("div", *parts, class_="page")
        + f"<script>{style.SCRIPT}</script></body></html>\n"
    )


def _header(info: Mapping[str, Any]) -> Html:
    heading = tag("h1", Html(style.MARK), str(info.get("title", "API")))
    return tag("header", heading, tag("p", str(info.get("description", "")), class_="lead"))


def _navigation(operations: list[spec.Operation]) -> Html:
    def entry(text: str, anchor: str) -> Html:
        return tag("li", tag("a", text, href=f"#{anchor}"))

    groups = [tag("ul", entry("First minute", "first-minute"), entry("Faces", "faces"))]
    for name in dict.fromkeys(operation.tag for operation in operations):
        entries = [entry(_short(found), found.anchor) for found in operations if found.tag == name]
        groups.append(put(tag("strong", name), tag("ul", *entries)))
    last = tag("ul", entry("Headers", "headers"), entry("Errors", "errors"), entry("Other addresses", "addresses"))
    return tag("nav", *groups, tag("strong", "For all"), last, aria_label="Contents")


def _short(operation: spec.Operation) -> str:
    """The end of the path, which tells this operation from its neighbours."""
    ends = operation.path.rstrip("/").split("/")
    return "/".join(ends[-2:] if ends[-1].startswith("{") else ends[-1:])


def _first_minute(public_url: str) -> Html:
    order = curl.command("POST", public_url + _GENERATE, _FIRST_BODY, key="$KEY", more=(_ONCE,))
    generate = f"ANSWER=$({order})\n{_KEEP_ID}"
    ask = curl.command("POST", public_url + _CHECK, {"generationId": "ID"}, key="$KEY", more=(_WAIT,))
    check = ask.replace('"ID"', "\"'$ID'\"")
    steps = (
        (
            "Name your key. The first start printed one; `cavendish keys create --account me --credits 100` makes"
            " another.",
            "KEY=YOUR_API_KEY",
        ),
        (
            "Ask for a picture. The answer has a `generationId`, which is kept in `ID`. Sent again with the same"
            " `Idempotency-Key`, an order is not paid twice.",
            generate,
        ),
        (
            "Ask how it is doing, until `status` is completed or failed: with `Prefer` the answer comes when it has"
            " ended, or after 30 seconds. A completed one has its `imageUrl`.",
            check,
        ),
    )
    return tag(
        "section",
        tag("h2", "First minute"),
        tag("p", "Three steps in one shell give you a picture."),
        tag("ol", *[tag("li", prose(step), block(command)) for step, command in steps]),
        id="first-minute",
    )


def _faces(document: Mapping[str, Any]) -> Html:
    """Whose clients find what they know at which paths, and where it stands what they are told."""
    rows = []
    for face in document.get("x-faces", ()):
        paths = put(*[put(tag("code", path), " ") for path in face["paths"]])
        clients = ", ".join(face["clients"])
        lines = tag("a", clients[:1].upper() + clients[1:], href=face["lines"])
        rows.append((cell(face["name"], kind="name"), cell(paths), cell(lines)))
    return tag(
        "section",
        tag("h2", "Faces"),
        tag("p", "Clients of other APIs work with a base URL and a key. What they order is one generation: every face"
            " shows it, at one price. Each client leads to the lines to type."),
        table(("Face", "Paths", "Clients"), rows, class_="guide"),
        id="faces",
    )  # fmt: skip


def _groups(document: Mapping[str, Any], operations: list[spec.Operation], public_url: str) -> Iterator[Html]:
    """A section per tag. An operation that repeats an earlier one in all but its path is folded."""
    for name in dict.fromkeys(operation.tag for operation in operations):
        shown = [tag("h2", name)]
        for operation in operations:
            if operation.tag == name:
                before = operations[: operations.index(operation)]
                like = next((other for other in before if other.takes_the_same(operation)), None)
                shown.append(_operation(document, operation, public_url, like))
        yield tag("section", *shown)


def _operation(
    document: Mapping[str, Any], operation: spec.Operation, public_url: str, like: spec.Operation | None
) -> Html:
    details = put(*tables.details(document, operation))
    if like is not None:
        summary = tag("summary", f"The same fields, answer and errors as {like.method} {like.path}")
        details = tag("details", summary, details)
    example = operation.body().get("example")
    url = public_url + re.sub(r"\{(\w+)\}", lambda name: name[1].upper(), operation.path)
    return tag(
        "article",
        tag("h3", operation.summary, id=operation.anchor),
        tag("p", tag("b", operation.method), " ", tag("code", operation.path), class_="call"),
        *([tag("p", text)] if (text := str(operation.content.get("description", ""))) else []),
        block(curl.command(operation.method, url, example)),
        details,
    )


def _every_answer() -> Html:
    rows = [
        (cell(tag("code", name), kind="name"), cell(where), cell(what)) for name, where, what in _HEADERS_OF_ANSWERS
    ]
    return tag(
        "section",
        tag("h2", "Headers of answers"),
        table(("Header", "On", "Meaning"), rows),
        id="headers",
    )


def _error_codes() -> Html:
    intro = prose(
        "Every error is a JSON object with `success` false, a sentence in `error` and one of these words in"
        " `errorCode`; RFC 9457's `type`, `title`, `status` and `detail` stand beside them. A generation that fails"
        " later is a 200 from check-status with the same three members."
    )
    return tag("section", tag("h2", "Errors"), tag("p", intro), *map(_error_code, CODES.values()), id="errors")


def _error_code(error: type[ApiError]) -> Html:
    status = tag("small", " or ".join(map(str, error.statuses())))
    heading = tag("h3", tag("a", error.code, href=f"#{error.code}"), status)
    return tag("div", heading, tag("p", prose(error.meaning)), class_="code", id=error.code)


def _other_addresses() -> Html:
    rows = [(cell(tag("code", path), kind="name"), cell(what)) for path, what in _OTHER_ADDRESSES]
    return tag("section", tag("h2", "Other addresses"), table(("GET", "What it gives"), rows), id="addresses")
