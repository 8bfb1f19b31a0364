"""One real server with little patience for all hostile clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from harness import house
from harness.house import House
from harness.inprocess import Account

ROOT = Path(__file__).resolve().parents[2]
HEADER_SECONDS = 1.0
BODY_SECONDS = 1.5


@pytest.fixture(scope="session")
def server(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("hostile")
    with house.opened(
        server_url,
        template,
        ROOT,
        folder,
        CAVENDISH_ROUTES="nano-banana-2=script;nano-banana-pro=instant",
        CAVENDISH_HEADER_SECONDS=str(HEADER_SECONDS),
        CAVENDISH_BODY_SECONDS=str(BODY_SECONDS),
        CAVENDISH_INPUT_ALLOW_NETWORKS="127.0.0.0/8",
        CAVENDISH_LOG_LEVEL="debug",
    ) as opened:
        yield opened


@pytest.fixture(scope="session")
def account(server: House) -> Account:
    return server.account(credits=10_000_000)


@pytest.fixture(scope="session")
def client(server: House, account: Account) -> Iterator[httpx2.Client]:
    """Sends the account's key with every request, and lies about nothing by itself."""
    with httpx2.Client(base_url=server.url, headers=account.headers, timeout=30) as opened:
        yield opened
