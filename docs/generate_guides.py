"""Copies the guides that the service shows at /docs into the package: `make docs`."""

from __future__ import annotations

from pathlib import Path

from cavendish.web.docs import guides

DOCS = Path(__file__).parent
PACKAGE = DOCS.parent / "src" / "cavendish" / "web" / "docs"


def copies() -> dict[Path, str]:
    """Each file of the package as it should stand."""
    return {PACKAGE / f"{name}.md": (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in guides.NAMES}


if __name__ == "__main__":
    for file, text in copies().items():
        file.write_text(text, encoding="utf-8")
