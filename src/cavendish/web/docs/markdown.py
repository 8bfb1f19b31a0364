"""As much of Markdown as the guides use: headings, paragraphs, tables, code, links and stress; the rest is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cavendish.web.docs.markup import Html, block, cell, put, table, tag

Link = Callable[[str], str]

_FENCE = re.compile(r"^```\w*\n(.*?)\n```$", re.DOTALL)
_HEADING = re.compile(r"(#{1,4}) (.+)")
_INLINE = re.compile(r"`(?P<code>[^`]+)`|\[(?P<text>[^]]+)\]\((?P<target>[^)]+)\)|\*(?P<stress>[^*]+)\*")
_BLOCKS = re.compile(r"^```(?s:.*?)^```$|(?:^(?!```).+\n?)+", re.MULTILINE)
_UNKNOWN = re.compile(r"^(?:[->+*] |\d+\. |</?\w|!\[|---|    )", re.MULTILINE)


def render(text: str, link: Link) -> Html:
    """Its HTML. `link` says where a target leads; the text of one that leads nowhere stands for itself.

    Raises:
        ValueError: it uses what is not rendered here.
    """
    return put(*[_block(found[0].rstrip("\n"), link) for found in _BLOCKS.finditer(text)])


def slug(heading: str) -> str:
    """The `id` of a heading, by which links name it, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def relinked(text: str, link: Link) -> str:
    """The same Markdown with its links led elsewhere."""

    def replaced(found: re.Match[str]) -> str:
        if found["text"] is None:
            return found[0]
        target = link(found["target"])
        return f"[{found['text']}]({target})" if target else str(found["text"])

    return _INLINE.sub(replaced, text)


def _block(text: str, link: Link) -> Html:
    if fenced := _FENCE.match(text):
        return block(fenced[1])
    if heading := _HEADING.fullmatch(text):
        level, words = len(heading[1]), heading[2]
        return tag(f"h{level}", _inline(words, link), id=slug(words))
    if text.startswith("|"):
        return _table(text.splitlines(), link)
    if _UNKNOWN.search(text):
        raise ValueError(f"not rendered: {text[:60]!r}")
    return tag("p", _inline(text, link))


def _table(lines: list[str], link: Link) -> Html:
    headings, _, *rows = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    cells = [tuple(cell(_inline(part, link)) for part in row) for row in rows]
    return table(tuple(headings), cells, class_="guide")


def _inline(text: str, link: Link) -> Html:
    return put(*_parts(text, link))


def _parts(text: str, link: Link) -> Iterator[str]:
    end = 0
    for found in _INLINE.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        if found["code"] is not None:
            yield tag("code", found["code"])
        elif found["stress"] is not None:
            yield tag("em", found["stress"])
        else:
            target = link(found["target"])
            yield tag("a", found["text"], href=target) if target else found["text"]
    yield text[end:]
