"""One real server for all clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import served_app
from harness.served_app import ServedApp

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def server(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[ServedApp]:
    folder = tmp_path_factory.mktemp("clients")
    routes = "nano-banana-2=script;nano-banana-pro=script"
    with served_app.opened(server_url, template, ROOT, folder, CAVENDISH_ROUTES=routes) as opened:
        yield opened
