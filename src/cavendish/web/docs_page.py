"""The page at /docs."""

from __future__ import annotations

from typing import Any

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def render(document: dict[str, Any], public_url: str) -> str:
    return "<!doctype html><title>Cavendish</title>"
