"""The page at /docs: whole, self-contained, and safe whatever the document says."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from cavendish.errors import CODES
from cavendish.web.dialects.nano_banana_2 import CheckBody, GenerateBody
from cavendish.web.docs import markup, style
from cavendish.web.docs import page as docs_page
from harness import docs_text
from harness.inprocess import App

URL = "http://images.example.com:8000"
HOSTILE = "</style></script><script>alert(1)</script><img src=//evil.example onerror=alert(1)>\"'&`x`"
VOID = {"meta", "img", "br", "hr", "input", "link"}


class _Page(HTMLParser):
    """Elements with their attributes, and the text of each element's own."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.elements)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return docs_text.openapi_document()


@pytest.fixture(scope="module")
def page(document: dict[str, Any]) -> _Page:
    return _Page(docs_page.render(document, URL))


# --- whole


def test_every_operation_is_there_with_its_fields_and_errors(document: dict[str, Any], page: _Page) -> None:
    text = "\n".join(page.texts["main"])
    for path, item in document["paths"].items():
        for operation in item.values():
            assert path in text
            assert operation["summary"] in page.texts["h3"]
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            fields = [*body.get("schema", {}).get("properties", {}), *_names(operation.get("parameters", []))]
            assert set(fields) <= set(page.texts["code"])


def _names(parameters: list[dict[str, Any]]) -> list[str]:
    return [parameter["name"] for parameter in parameters]


def test_allowed_values_defaults_and_limits_are_shown(page: _Page) -> None:
    cells = "\n".join(page.texts["td"])

    assert "generate, edit" in cells
    assert "1K, 2K, 4K" in cells
    assert "0 to 4294967295" in cells
    assert "at most 14 entries" in cells
    assert "16:9" in page.texts["code"]


def test_each_error_code_has_its_anchor_and_its_way_out(page: _Page) -> None:
    anchors = Counter(page.attributes("id"))

    assert [code for code in CODES if anchors[code] != 1] == []
    assert [code for code, error in CODES.items() if error.meaning.replace("`", "") not in page.texts["p"]] == []


def test_ids_are_unique_and_every_link_on_the_page_has_a_target(page: _Page) -> None:
    anchors = page.attributes("id")
    local = [target.removeprefix("#") for target in page.attributes("href") if target.startswith("#")]

    assert len(anchors) == len(set(anchors))
    assert set(local) <= set(anchors)
    assert page.open == []


# --- the calls


def test_the_first_minutes_calls_work_when_pasted(page: _Page) -> None:
    name, generate, check = page.texts["pre"][:3]
    order, _, kept = generate.removeprefix("ANSWER=$(").partition(")\nprintf")
    sent = [docs_text.curl(command) for command in (order, check)]

    assert shlex.split(name) == ["KEY=YOUR_API_KEY"]
    assert [call.url for call in sent] == [
        f"{URL}/api/nano-banana-2/generate",
        f"{URL}/api/nano-banana-2/check-status",
    ]
    assert all(call.headers["Authorization"] == "Bearer $KEY" for call in sent)
    assert (
        sent[0].headers["Idempotency-Key"]
        and "ID=" in kept
        and json.loads(sent[1].body or "") == {"generationId": "$ID"}
    )
    GenerateBody.model_validate(json.loads(sent[0].body or ""))
    CheckBody.model_validate(json.loads(sent[1].body or ""))


def test_every_example_is_a_command_that_a_shell_reads(page: _Page) -> None:
    for text in page.texts["pre"][3:]:
        call = docs_text.curl(text)
        below = ("/api/", "/v1/", "/v1beta/", "/upload/", "/sdapi/", "/mcp")
        assert call.url.startswith(tuple(f"{URL}{one}" for one in below))
        assert call.body is None or call.method in ("POST", "PATCH")
        assert call.body is None or isinstance(json.loads(call.body), dict)


def test_quotes_in_an_example_reach_the_service(document: dict[str, Any]) -> None:
    body = {"prompt": 'it\'s $HOME, `date` and "this" \\ <b>'}
    media = {"example": body, "schema": {"type": "object"}}
    path = {"post": {"requestBody": {"content": {"application/json": media}}, "responses": {}}}

    page = _Page(docs_page.render({"paths": {"/x": path}}, "http://a.example/$(id)"))

    call = docs_text.curl(page.texts["pre"][3])
    assert json.loads(call.body or "") == body
    assert call.url == "http://a.example/$(id)/x"
    assert "'http://a.example/$(id)/x'" in page.texts["pre"][3], "a shell would run what stands in double quotes"


# --- safe


def _poisoned(value: Any) -> Any:
    """The document with every text in it, and every name that is shown, turned hostile."""
    if isinstance(value, dict):
        return {_poisoned_name(name): _poisoned(content) for name, content in value.items()}
    if isinstance(value, list):
        return [_poisoned(entry) for entry in value]
    return value + HOSTILE if isinstance(value, str) else value


def _poisoned_name(name: str) -> str:
    kept = re.fullmatch(r"[a-z]+[A-Za-z]*|\$ref|[2-5][0-9X]{2}|application/json|[A-Z]\w+Answer|Model", name)
    return name if kept else name + HOSTILE


def test_hostile_text_stays_text(document: dict[str, Any], page: _Page) -> None:
    poisoned = _poisoned(document)
    for item in poisoned["paths"].values():
        for operation in item.values():
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            fields = media.get("schema", {}).get("properties", {})
            media.setdefault("schema", {})["properties"] = {name + HOSTILE: field for name, field in fields.items()}

    hostile = _Page(docs_page.render(poisoned, f"{URL}/{HOSTILE}"))

    assert "alert(1)" in "".join(hostile.texts["main"]), "the poison was shown"
    assert (hostile.count("script"), hostile.count("style"), hostile.count("img")) == (1, 1, 0)
    assert hostile.texts["script"] == page.texts["script"]
    assert hostile.texts["style"] == page.texts["style"]
    assert {tag for tag, _ in hostile.elements} <= {tag for tag, _ in page.elements}
    assert _attribute_names(hostile) <= _attribute_names(page)
    assert all(target.startswith(("#", "/")) for target in hostile.attributes("href"))


def test_a_hostile_attribute_stays_one_attribute() -> None:
    [(_, attributes)] = _Page(markup.tag("p", "text", title=HOSTILE)).elements

    assert attributes == {"title": HOSTILE}


def _attribute_names(page: _Page) -> set[str]:
    return {name for _, attributes in page.elements for name in attributes}


def test_nothing_is_loaded_from_anywhere(page: _Page) -> None:
    loading = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "style", "xlink:href"}

    assert _attribute_names(page) & loading == set()
    assert [name for name in _attribute_names(page) if name.startswith("on")] == []
    assert page.count("link") == page.count("iframe") == page.count("base") == 0
    assert re.findall(r"url\(|@import|@font-face|image-set|//", style.STYLE) == []
    assert re.findall(r"fetch|import|XMLHttp|http|innerHTML|//", style.SCRIPT) == []
    assert all(target.startswith(("#", "/")) and not target.startswith("//") for target in page.attributes("href"))


def test_the_policy_lets_this_style_and_this_script_in_and_nothing_else(page: _Page) -> None:
    policy = docs_page.HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert style.source(page.texts["style"][0]) in policy
    assert style.source(page.texts["script"][0]) in policy


@pytest.mark.anyio
async def test_the_service_shows_the_page_and_its_errors_lead_there(app: App) -> None:
    answer = await app.client.get("/docs")
    error = (await app.post("/api/nano-banana-2/generate", {})).json()

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == docs_page.HEADERS["Content-Security-Policy"]
    address, _, anchor = error["type"].partition("#")
    assert address == f"{app.settings.public_url}/docs"
    assert anchor in _Page(answer.text).attributes("id")
