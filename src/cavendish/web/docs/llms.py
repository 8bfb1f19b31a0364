"""/llms.txt: what a language model should know of this service before it reads further. Form: llmstxt.org."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_KEY = (
    "A call needs a key, as `Authorization: Bearer YOUR_API_KEY`, as `x-api-key` or as the face's own clients send it."
    " Whatever orders a picture, it is one generation on one ledger: every face shows it, at one price. Errors say in a"
    " sentence what is wrong, and the way out."
)
_DOCUMENTS = (
    ("Connect what you already have", "/docs/connect.md", "the lines to type for each client"),
    ("Pictures for assistants", "/docs/mcp.md", "the tools of /mcp, and how assistants are told of them"),
    ("API reference", "/docs", "every operation with its fields and errors, as HTML"),
    ("OpenAPI 3.1", "/openapi.json", "the same for programs"),
)


def render(document: Mapping[str, Any], public_url: str) -> str:
    """The whole file, for this OpenAPI document."""
    info = document.get("info", {})
    return "\n".join(
        [
            f"# {info.get('title', 'API')}",
            "",
            f"> {info.get('description', '')}",
            "",
            _KEY,
            "",
            "## Faces",
            "",
            *_faces(document, public_url),
            "",
            "## Documents",
            "",
            *[f"- [{name}]({public_url}{path}): {what}" for name, path, what in _DOCUMENTS],
            "",
        ]
    )


def _faces(document: Mapping[str, Any], public_url: str) -> Iterator[str]:
    for face in document.get("x-faces", ()):
        paths = ", ".join(f"`{path}`" for path in face["paths"])
        yield f"- [{face['name']}]({public_url}{face['lines']}): {paths}; for {', '.join(face['clients'])}"
