"""The page at /docs: the OpenAPI document as one HTML page that loads nothing else and needs no script.

Text is escaped where it is put into markup: `_tag` and `_put` take any string, and only `_Html` passes as it is.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cavendish.errors import CODES, ApiError
from cavendish.web.docs import style

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
_OTHER_ADDRESSES = (
    ("/generations/{file}", "A stored picture, by the name in imageUrl. No key needed; ETag and Range are honoured."),
    ("/openapi.json", "This page for programs: OpenAPI 3.1."),
    ("/healthz", "200 while the process answers."),
    ("/readyz", "200 while generations are taken; 503 with a reason otherwise."),
    ("/metrics", "Prometheus metrics."),
)


def render(document: dict[str, Any], public_url: str) -> str:
    """The whole page for this OpenAPI 3.1 document. `public_url` is where a reader's curl finds the service."""
    operations = _operations(document)
    info = document.get("info", {})
    title = f"{info.get('title', 'API')} {info.get('version', '')}".strip()
    main = _tag(
        "main",
        _first_minute(public_url),
        *_groups(document, operations, public_url),
        _every_answer(),
        _error_codes(),
        _other_addresses(),
        _tag("footer", title, ", made from ", _tag("a", "the OpenAPI document", href="/openapi.json"), "."),
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        + _tag("title", title)
        + f"<style>{style.STYLE}</style></head><body>"
        + _tag("div", _header(info), _navigation(operations), main, class_="page")
        + f"<script>{style.SCRIPT}</script></body></html>\n"
    )


# --- markup


class _Html(str):
    """Markup, put in as it is; every other string is escaped."""

    __slots__ = ()


def _put(*parts: str) -> _Html:
    return _Html("".join(part if isinstance(part, _Html) else html.escape(part) for part in parts))


def _tag(element: str, *parts: str, **attributes: str) -> _Html:
    """An element; `class_` is the attribute `class`, `data_label` is `data-label`."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    listed = "".join(f' {names[name]}="{html.escape(value)}"' for name, value in attributes.items())
    return _Html(f"<{element}{listed}>{_put(*parts)}</{element}>")


def _prose(text: str) -> _Html:
    """A sentence in which `…` marks code."""
    pieces = text.split("`")
    return _put(*[_tag("code", piece) if index % 2 else piece for index, piece in enumerate(pieces)])


def _block(text: str) -> _Html:
    return _tag("div", _tag("pre", _tag("code", text)), class_="block")


def _table(headings: tuple[str, ...], rows: Sequence[tuple[_Html, ...]], **attributes: str) -> _Html:
    """Cells are whole `td` elements."""
    head = _tag("thead", _tag("tr", *[_tag("th", heading, scope="col") for heading in headings]))
    return _tag("table", head, _tag("tbody", *[_tag("tr", *row) for row in rows]), **attributes)


def _cell(content: str, label: str = "", kind: str = "") -> _Html:
    """A cell; on a narrow screen its label stands before it, and an empty one is left out."""
    kind = kind if content else "none"
    attributes = {"data_label": label} if label else {}
    return _tag("td", content or "–", **attributes, **({"class_": kind} if kind else {}))


def _anchor(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")


# --- what the document says


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    content: Mapping[str, Any]

    @property
    def anchor(self) -> str:
        return _anchor(str(self.content.get("operationId") or f"{self.method}-{self.path}"))

    @property
    def tag(self) -> str:
        return str((self.content.get("tags") or ["Operations"])[0])

    @property
    def summary(self) -> str:
        return str(self.content.get("summary", self.path))

    def body(self) -> Mapping[str, Any]:
        """The JSON body's media type object; empty where the operation takes none."""
        return _json_content(self.content.get("requestBody", {}))

    def takes_the_same(self, other: _Operation) -> bool:
        members = ("requestBody", "parameters", "responses")
        return all(self.content.get(member) == other.content.get(member) for member in members)


def _operations(document: Mapping[str, Any]) -> list[_Operation]:
    return [
        _Operation(method.upper(), path, content)
        for path, item in document.get("paths", {}).items()
        for method, content in item.items()
    ]


def _json_content(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = holder.get("content", {}).get("application/json", {})
    return found


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its `$ref` followed; what stands beside the reference is nearer and wins."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    target = document.get("components", {}).get("schemas", {}).get(name, {})
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """`X or null` as X: a member without a value is left out here, never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    return {**schema, **kinds[0], "anyOf": []} if len(kinds) == 1 else schema


def _type(schema: Mapping[str, Any]) -> str:
    if schema.get("anyOf"):
        return " or ".join(_type(kind) for kind in schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        return f"{_type(schema.get('items', {}))}[]"
    if kind is None and "const" in schema:
        return {bool: "boolean", int: "integer", str: "string"}.get(type(schema["const"]), "")
    return str(kind or schema.get("$ref", "object").rpartition("/")[2])


def _allowed(schema: Mapping[str, Any]) -> list[str]:
    """The values a field may have, as short phrases."""
    phrases = []
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        phrases.append(", ".join(_value(value) for value in values))
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        phrases.append(f"{int(low)} to {int(high)}")
    for member, phrase in (("maxItems", "at most {} entries"), ("maxLength", "at most {} characters")):
        if member in schema:
            phrases.append(phrase.format(schema[member]))
    if "pattern" in schema:
        phrases.append(f"matches {schema['pattern']}")
    return phrases


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- the page, from its top


def _header(info: Mapping[str, Any]) -> _Html:
    heading = _tag("h1", _Html(style.MARK), str(info.get("title", "API")))
    return _tag("header", heading, _tag("p", str(info.get("description", "")), class_="lead"))


def _navigation(operations: list[_Operation]) -> _Html:
    def entry(text: str, anchor: str) -> _Html:
        return _tag("li", _tag("a", text, href=f"#{anchor}"))

    groups = [_tag("ul", entry("First minute", "first-minute"))]
    for tag in dict.fromkeys(operation.tag for operation in operations):
        entries = [entry(_short(found), found.anchor) for found in operations if found.tag == tag]
        groups.append(_put(_tag("strong", tag), _tag("ul", *entries)))
    last = _tag("ul", entry("Headers", "headers"), entry("Errors", "errors"), entry("Other addresses", "addresses"))
    return _tag("nav", *groups, _tag("strong", "For all"), last, aria_label="Contents")


def _short(operation: _Operation) -> str:
    """The end of the path, which tells this operation from its neighbours."""
    ends = operation.path.rstrip("/").split("/")
    return "/".join(ends[-2:] if ends[-1].startswith("{") else ends[-1:])


def _first_minute(public_url: str) -> _Html:
    return _tag(
        "section",
        _tag("h2", "First minute"),
        _tag("p", "Three steps in one shell give you a picture."),
        _tag(
            "ol",
            _tag(
                "li",
                "Name your key. The first start printed one; ",
                _tag("code", "cavendish keys create --account me --credits 100"),
                " makes another.",
                _block("KEY=YOUR_API_KEY"),
            ),
            _tag(
                "li",
                "Ask for a picture. The answer has a ",
                _tag("code", "generationId"),
                ".",
                _block(_curl("POST", public_url + _GENERATE, _FIRST_BODY, key="$KEY")),
            ),
            _tag(
                "li",
                "Ask how it is doing, every 3 to 5 seconds, until ",
                _tag("code", "status"),
                " is completed or failed. A completed one has its ",
                _tag("code", "imageUrl"),
                ".",
                _block(_curl("POST", public_url + _CHECK, {"generationId": "THE_GENERATION_ID"}, key="$KEY")),
            ),
        ),
        id="first-minute",
    )


def _groups(document: Mapping[str, Any], operations: list[_Operation], public_url: str) -> Iterator[_Html]:
    """A section per tag. An operation that repeats an earlier one in all but its path is folded."""
    for tag in dict.fromkeys(operation.tag for operation in operations):
        shown = [_tag("h2", tag)]
        for operation in operations:
            if operation.tag == tag:
                before = operations[: operations.index(operation)]
                like = next((other for other in before if other.takes_the_same(operation)), None)
                shown.append(_operation(document, operation, public_url, like))
        yield _tag("section", *shown)


def _operation(document: Mapping[str, Any], operation: _Operation, public_url: str, like: _Operation | None) -> _Html:
    details = _put(*_details(document, operation))
    if like is not None:
        summary = _tag("summary", f"The same fields, answer and errors as {like.method} {like.path}")
        details = _tag("details", summary, details)
    example = operation.body().get("example")
    url = public_url + re.sub(r"\{(\w+)\}", lambda name: name[1].upper(), operation.path)
    return _tag(
        "article",
        _tag("h3", operation.summary, id=operation.anchor),
        _tag("p", _tag("b", operation.method), " ", _tag("code", operation.path), class_="call"),
        *([_tag("p", text)] if (text := str(operation.content.get("description", ""))) else []),
        _block(_curl(operation.method, url, example)),
        details,
    )


def _details(document: Mapping[str, Any], operation: _Operation) -> Iterator[_Html]:
    if parameters := operation.content.get("parameters"):
        yield _tag("h4", "Parameters")
        yield _parameters(parameters)
    if schema := operation.body().get("schema"):
        yield _tag("h4", "Body")
        yield _body_fields(_resolved(document, schema))
    responses = operation.content.get("responses", {})
    for status, response in responses.items():
        if status.startswith("2"):
            yield _tag("h4", f"Answer {status}")
            yield _answer_fields(_resolved(document, _json_content(response).get("schema", {})))
    yield _tag("h4", "Errors")
    yield _errors(responses)


def _parameters(parameters: list[Mapping[str, Any]]) -> _Html:
    rows = []
    for found in parameters:
        schema = found.get("schema", {})
        rows.append(
            (
                _cell(_tag("code", str(found.get("name", ""))), kind="name"),
                _cell(str(found.get("in", "")), "in"),
                _cell(_type(schema)),
                _must(bool(found.get("required"))),
                _meaning(str(found.get("description", "")), schema),
            )
        )
    return _table(("Name", "In", "Type", "Required", "Meaning"), rows)


def _body_fields(schema: Mapping[str, Any]) -> _Html:
    rows = []
    for name, found in schema.get("properties", {}).items():
        field = _plain(found)
        default = "" if field.get("default") is None else _value(field["default"])
        rows.append(
            (
                _cell(_tag("code", name), kind="name"),
                _cell(_type(field)),
                _must(name in schema.get("required", [])),
                _cell(_tag("code", default) if default else "", "default"),
                _meaning(str(found.get("description", "")), field),
            )
        )
    return _table(("Field", "Type", "Required", "Default", "Meaning"), rows)


def _answer_fields(schema: Mapping[str, Any]) -> _Html:
    rows = []
    for name, found in schema.get("properties", {}).items():
        field = _plain(found)
        always = "always" if name in schema.get("required", []) else "if any"
        rows.append(
            (
                _cell(_tag("code", name), kind="name"),
                _cell(_type(field)),
                _cell(always),
                _meaning(str(found.get("description", "")), field),
            )
        )
    return _table(("Field", "Type", "Present", "Meaning"), rows)


def _must(required: bool) -> _Html:
    return _cell("required", kind="must") if required else _cell("no", kind="none")


def _meaning(description: str, schema: Mapping[str, Any]) -> _Html:
    allowed = [_tag("span", phrase, class_="allowed") for phrase in _allowed(schema)]
    return _cell(_put(description, *allowed) if description or allowed else "")


def _errors(responses: Mapping[str, Any]) -> _Html:
    rows = []
    for status, response in sorted(responses.items()):
        for code, example in _json_content(response).get("examples", {}).items():
            link = _tag("a", _tag("code", code), href=f"#{_anchor(code)}")
            title = str(example.get("value", {}).get("title", ""))
            rows.append((_cell(status), _cell(link), _cell(title)))
    return _table(("Status", "Code", "What it says"), rows, class_="errors")


def _every_answer() -> _Html:
    rows = [
        (_cell(_tag("code", name), kind="name"), _cell(where), _cell(what)) for name, where, what in _HEADERS_OF_ANSWERS
    ]
    return _tag(
        "section",
        _tag("h2", "Headers of answers"),
        _table(("Header", "On", "Meaning"), rows),
        id="headers",
    )


def _error_codes() -> _Html:
    intro = _prose(
        "Every error is a JSON object with `success` false, a sentence in `error` and one of these words in"
        " `errorCode`; RFC 9457's `type`, `title`, `status` and `detail` stand beside them. A generation that fails"
        " later is a 200 from check-status with the same three members."
    )
    return _tag("section", _tag("h2", "Errors"), _tag("p", intro), *map(_error_code, CODES.values()), id="errors")


def _error_code(error: type[ApiError]) -> _Html:
    status = _tag("small", " or ".join(map(str, error.statuses())))
    heading = _tag("h3", _tag("a", error.code, href=f"#{error.code}"), status)
    return _tag("div", heading, _tag("p", _prose(error.meaning)), class_="code", id=error.code)


def _other_addresses() -> _Html:
    rows = [(_cell(_tag("code", path), kind="name"), _cell(what)) for path, what in _OTHER_ADDRESSES]
    return _tag("section", _tag("h2", "Other addresses"), _table(("GET", "What it gives"), rows), id="addresses")


def _curl(method: str, url: str, body: object, *, key: str = "YOUR_API_KEY") -> str:
    """A command that works when pasted into a shell."""
    lines = [f"curl {_quoted(url)}" if method == "GET" else f"curl -X {method} {_quoted(url)}"]
    if body is not None:
        lines.append('-H "Content-Type: application/json"')
    lines.append(f'-H "Authorization: Bearer {key}"')
    if body is not None:
        text = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines.append(f"--data-raw '{text}'")
    return " \\\n  ".join(lines)


def _quoted(url: str) -> str:
    """In double quotes as the API text has it; in single ones where a shell would read on inside."""
    return f'"{url}"' if re.fullmatch(r"[\w:/.?&=%@+,;~*()\[\]{}#-]*", url) else "'" + url.replace("'", "'\\''") + "'"
