"""The documentation as the tests read it: pages, code blocks, code spans, tables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from cavendish import settings as configuration
from cavendish.web import app as web_app
from cavendish.web.docs import openapi

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Curl:
    """What a curl command of the documentation sends."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[str]:
    """Fenced blocks of these languages; all of them where none is named."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [text for language, text in found if not languages or language in languages]


def spans(page: Path) -> list[str]:
    """Code spans outside fenced blocks."""
    return _SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def prose(page: Path) -> str:
    """The page without its code."""
    return _SPAN.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))


def rows(page: Path) -> Iterator[list[str]]:
    """Cells of every table row."""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def commands(text: str) -> list[str]:
    """The commands of a shell block, with continued lines joined and quotes kept whole."""
    found: list[str] = []
    waiting = ""
    for line in text.splitlines():
        waiting += line.removesuffix("\\") + ("" if line.endswith("\\") else "\n")
        if not line.endswith("\\") and _closed(waiting):
            found.append(waiting.strip())
            waiting = ""
    assert not waiting.strip(), f"a quote is not closed: {waiting}"
    return [command for command in found if command]


def curl(command: str) -> Curl:
    """Read a curl command as a shell and curl would."""
    program, *words = shlex.split(command.replace(" \\\n", " "))
    assert program == "curl"
    method, url, headers, body = "GET", "", dict[str, str](), None
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                header, _, value = words.pop(0).partition(": ")
                headers[header] = value
            case "--data-raw":
                body = words.pop(0)
            case word:
                assert not word.startswith("-") and not url, f"not known here: {word}"
                url = word
    return Curl(method, url, headers, body)


def openapi_document() -> dict[str, object]:
    """What a service with default settings documents."""
    app = FastAPI()
    for operation in web_app.all_operations():
        openapi.add(app, operation)
    return openapi.document(app, configuration.load({"data": "/nowhere"}, environment={}), web_app.all_faces())


def _closed(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True
