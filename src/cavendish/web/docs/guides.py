"""The guides that the service itself shows, as pages to read and as Markdown: what each client needs typed.

They are the pages of the same names in the repository's `docs/`; `make docs` copies them here, into the package.
"""

from __future__ import annotations

from importlib import resources

from cavendish.web.docs import markdown
from cavendish.web.docs import page as docs_page

NAMES = ("connect", "mcp")
EXAMPLE = "http://127.0.0.1:8000"  # what the guides call the service

# Where what they link to is found here. Other pages are the repository's, and no address of this service.
_SERVED = {"api.md": "/docs", "connect.md": "/docs/connect", "mcp.md": "/docs/mcp"}


def text(name: str, public_url: str) -> str:
    """The guide in Markdown, with the service's own address in it."""
    return markdown.relinked(_read(name), lambda target: _link(target, ".md")).replace(EXAMPLE, public_url)


def page(name: str, public_url: str) -> str:
    """The guide as a page."""
    found = _read(name).replace(EXAMPLE, public_url)
    title = found.split("\n", 1)[0].removeprefix("# ")
    return docs_page.guide(title, markdown.render(found, _link))


def _link(target: str, suffix: str = "") -> str:
    name, _, anchor = target.partition("#")
    served = _SERVED.get(name, "")
    if served and served != _SERVED["api.md"]:
        served += suffix
    return f"{served}#{anchor}" if served and anchor else served


def _read(name: str) -> str:
    return (resources.files("cavendish.web.docs") / f"{name}.md").read_text(encoding="utf-8")
