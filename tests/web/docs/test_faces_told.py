"""Every face is told of on /docs and in llms.txt, with its paths, its clients and the place where their lines stand."""

from __future__ import annotations

import importlib
import pkgutil
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from cavendish.web import app as web_app
from cavendish.web import dialects
from cavendish.web.docs import guides, llms
from cavendish.web.docs import page as docs_page
from cavendish.web.http.face import Face
from harness import docs_text
from harness.inprocess import App

URL = "http://images.example.com:8000"
DOCUMENT: dict[str, Any] = docs_text.openapi_document()
FACES = web_app.all_faces()
LINK = re.compile(r"- \[([^]]+)\]\((\S+)\): (.+)")


class _Page(HTMLParser):
    """Ids, links and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


PAGES = {
    "/docs": _Page(docs_page.render(DOCUMENT, URL)),
    **{f"/docs/{name}": _Page(guides.page(name, URL)) for name in guides.NAMES},
}


# --- faces


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(dialects.__path__)])
def test_every_dialect_says_of_which_face_it_is(name: str) -> None:
    dialect = importlib.import_module(f"{dialects.__name__}.{name}")

    assert isinstance(dialect.FACE, Face)
    assert {operation.path for operation in dialect.routes()} <= {one.path for one in FACES[dialect.FACE]}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_face_leads_to_a_place_where_its_clients_are_named(face: Face) -> None:
    path, _, anchor = face.lines.partition("#")
    page = PAGES[path]

    assert not anchor or anchor in page.ids
    text = page.text.lower()
    assert [client for client in face.clients if client.lower() not in text] == []


@pytest.mark.parametrize("told", [llms.render(DOCUMENT, URL), PAGES["/docs"].text], ids=["llms.txt", "/docs"])
def test_every_path_is_among_those_of_a_face(told: str) -> None:
    beginnings = tuple(re.findall(r"(/[\w/-]+/)…", told))
    words = set(re.findall(r"/[\w/:{}.-]+", told))

    assert beginnings == ("/sdapi/v1/", "/api/v1/")
    left = {path for path in DOCUMENT["paths"] if path not in words and not path.startswith(beginnings)}
    assert left == set()


def test_the_page_lists_every_face_with_its_clients_and_leads_on() -> None:
    page = PAGES["/docs"]

    for face in FACES:
        assert face.name in page.text
        assert ", ".join(face.clients)[1:] in page.text
        assert face.lines in page.links


# --- llms.txt, as llmstxt.org has it


def test_llms_txt_is_a_heading_a_summary_and_sections_of_links() -> None:
    heading, summary, words, *sections = llms.render(DOCUMENT, URL).strip().split("\n\n")

    assert heading == "# Cavendish"
    assert summary == f"> {DOCUMENT['info']['description']}"
    assert not words.startswith(("#", "-", ">"))
    titles, lists = sections[::2], sections[1::2]
    assert titles == ["## Faces", "## Documents"]
    assert all(LINK.fullmatch(line) for found in lists for line in found.splitlines())


def test_llms_txt_has_a_link_for_every_face() -> None:
    links = {name: target for name, target, _ in LINK.findall(llms.render(DOCUMENT, URL))}

    assert {face.name: f"{URL}{face.lines}" for face in FACES}.items() <= links.items()


@pytest.mark.anyio
async def test_llms_txt_names_the_address_that_was_called_and_whatever_it_links_to_is_there(app: App) -> None:
    base = app.settings.public_url

    answer = await app.client.get("/llms.txt")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    links = [target for _, target, _ in LINK.findall(answer.text)]
    assert len(links) > len(FACES)
    for link in links:
        assert link.startswith(f"{base}/")
        found = await app.client.get(link.removeprefix(base).partition("#")[0])
        assert found.status_code == 200, link
