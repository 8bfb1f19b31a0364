"""What the files of the pages are, and are not. No browser is needed for these."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser.browser_helpers import SITE
from cavendish.web.site import pages

BYTES_MAX = 100_000
FILES = sorted(SITE.iterdir())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
HTML = [path for path in FILES if path.suffix == ".html"]

# Ways from a string to HTML or code.
DANGEROUS = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|new Function|\.srcdoc|setHTML|parseHTML"


def needed(page: Path) -> set[str]:
    """The page's modules, by way of one another."""
    (entry,) = re.findall(r'<script type="module" src="/assets/([\w-]+\.js)"', page.read_text(encoding="utf-8"))
    found, todo = {entry}, [entry]
    while todo:
        for name in re.findall(r'from "\./([\w-]+\.js)"', (SITE / todo.pop()).read_text(encoding="utf-8")):
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


@pytest.mark.parametrize("page", HTML, ids=lambda path: path.name)
def test_what_a_page_loads_is_small(page: Path) -> None:
    files = [page.name, "style.css", "mark.svg", *needed(page)]

    assert sum((SITE / name).stat().st_size for name in files) < BYTES_MAX


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_html_or_code_of_a_string(path: Path) -> None:
    assert re.findall(DANGEROUS, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_keeps_anything_in_the_browser_but_a_tabs_draft(path: Path) -> None:
    found = set(re.findall(r"localStorage|sessionStorage|indexedDB|document\.cookie", path.read_text(encoding="utf-8")))

    assert found == ({"sessionStorage"} if path.name == "draft.js" else set())


@pytest.mark.parametrize("path", HTML, ids=lambda path: path.name)
def test_no_page_holds_code_or_style_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=\"/assets/)", text) == []
    assert re.findall(r"(?:src|href)=\"(?!/|#)", text) == []


def test_every_module_that_a_page_needs_is_there_and_asked_for_early() -> None:
    """A module that is found late costs a round trip."""
    for page in HTML:
        text = page.read_text(encoding="utf-8")
        entry = set(re.findall(r'<script type="module" src="/assets/([\w-]+\.js)"', text))
        preloaded = set(re.findall(r'rel="modulepreload" href="/assets/([\w-]+\.js)"', text))
        assert preloaded == needed(page) - entry, page.name


def test_the_policy_allows_no_inline_and_no_other_host() -> None:
    policy = pages.HEADERS["Content-Security-Policy"]

    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert part in policy
