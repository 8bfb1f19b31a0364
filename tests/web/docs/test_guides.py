"""The guides that the service shows: the repository's own, as pages and as Markdown, with the service's address."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from cavendish.web.docs import guides, markdown
from cavendish.web.docs import page as docs_page
from harness.inprocess import App

URL = "http://images.example.com:8000"


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


PAGES = {name: _Page(guides.page(name, URL)) for name in guides.NAMES}


@pytest.mark.anyio
async def test_whatever_a_guide_links_to_is_there(app: App) -> None:
    base = app.settings.public_url
    for name in guides.NAMES:
        raw = await app.client.get(f"/docs/{name}.md")
        for link in {*PAGES[name].links, *re.findall(r"\]\((\S+)\)", raw.text)}:
            if link[0] == "#":
                assert f'id="{link[1:]}"' in (await app.client.get(f"/docs/{name}")).text
                continue
            answer = await app.client.get(link.partition("#")[0])
            assert (link[0], answer.status_code) == ("/", 200), link
    assert base in raw.text


@pytest.mark.anyio
@pytest.mark.parametrize("name", guides.NAMES)
async def test_each_is_what_it_says_and_names_the_address_that_was_called(app: App, name: str) -> None:
    for path, kind in ((f"/docs/{name}", "text/html"), (f"/docs/{name}.md", "text/markdown")):
        answer = await app.client.get(path)

        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["content-security-policy"] == docs_page.HEADERS["Content-Security-Policy"]
        assert app.settings.public_url in answer.text
        assert guides.EXAMPLE not in answer.text


def test_a_guide_as_a_page_has_the_same_words_and_code() -> None:
    for name in guides.NAMES:
        page, text = PAGES[name], guides.text(name, URL)
        for block in re.findall(r"```\w+\n(.*?)\n```", text, re.DOTALL):
            assert block in page.text
        for row in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE):
            assert row.replace("`", "").replace("*", "") in page.text
        shown = re.sub(r"(?s)```.*?```", "", text)
        assert [
            one for one in re.findall(r"^#+ (.+)$", shown, re.MULTILINE) if markdown.slug(one) not in page.ids
        ] == []


@pytest.mark.parametrize("text", ["- a list", "1. a list", "> a quotation", "<b>markup</b>", "![a](b.png)", "    code"])
def test_what_is_not_rendered_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not rendered"):
        markdown.render(f"# A page\n\n{text}\n", str)


def test_text_of_a_guide_stays_text() -> None:
    shown = markdown.render('# <i>\n\na <script> in `<b>` and [<u>](/x?"y)\n\n| <p> |\n|---|\n| <q> |\n', str)

    assert re.findall(r"<(?:i|script|b|u|p|q)>", shown) == ["<p>"], "the paragraph's own"
    assert 'href="/x?&quot;y"' in shown
