"""HTML from strings. Text is escaped where it is put into markup: only `Html` passes as it is."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence


class Html(str):
    """Markup, put in as it is; every other string is escaped."""

    __slots__ = ()


def put(*parts: str) -> Html:
    """The parts one behind the other."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def tag(element: str, *parts: str, **attributes: str) -> Html:
    """An element; `class_` is the attribute `class`, `data_label` is `data-label`."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    listed = "".join(f' {names[name]}="{html.escape(value)}"' for name, value in attributes.items())
    return Html(f"<{element}{listed}>{put(*parts)}</{element}>")


def prose(text: str) -> Html:
    """A sentence in which `…` marks code."""
    pieces = text.split("`")
    return put(*[tag("code", piece) if index % 2 else piece for index, piece in enumerate(pieces)])


def block(text: str) -> Html:
    """Code that stands alone; the page's script gives it a button that copies it."""
    return tag("div", tag("pre", tag("code", text)), class_="block")


def table(headings: tuple[str, ...], rows: Sequence[tuple[Html, ...]], **attributes: str) -> Html:
    """Cells are whole `td` elements."""
    head = tag("thead", tag("tr", *[tag("th", heading, scope="col") for heading in headings]))
    return tag("table", head, tag("tbody", *[tag("tr", *row) for row in rows]), **attributes)


def cell(content: str, label: str = "", kind: str = "") -> Html:
    """A cell; on a narrow screen its label stands before it, and an empty one is left out."""
    kind = kind if content else "none"
    attributes = {"data_label": label} if label else {}
    return tag("td", content or "–", **attributes, **({"class_": kind} if kind else {}))


def anchor(text: str) -> str:
    """The text as an `id`, and as what follows `#` in an address."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")
