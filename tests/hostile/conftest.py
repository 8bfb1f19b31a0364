"""One real server with little patience for all hostile clients. It has no worker: what it accepts stays pending."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from harness import served_app
from harness import shared as sharing
from harness.inprocess import Account, App
from harness.served_app import ServedApp

ROOT = Path(__file__).resolve().parents[2]
HEADER_SECONDS = 1.0
BODY_SECONDS = 1.5
DISCARD_SECONDS = 4.0


@pytest.fixture(scope="session")
def server(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[ServedApp]:
    folder = tmp_path_factory.mktemp("hostile")
    with served_app.opened(
        server_url,
        template,
        ROOT,
        folder,
        "--no-worker",
        CAVENDISH_ROUTES="nano-banana-2=script;nano-banana-pro=instant",
        CAVENDISH_HEADER_SECONDS=str(HEADER_SECONDS),
        CAVENDISH_BODY_SECONDS=str(BODY_SECONDS),
        CAVENDISH_DISCARD_SECONDS=str(DISCARD_SECONDS),
        CAVENDISH_INPUT_ALLOW_NETWORKS="127.0.0.0/8",
        CAVENDISH_LOG_LEVEL="debug",
    ) as opened:
        yield opened


@pytest.fixture(scope="session")
def account(server: ServedApp) -> Account:
    return server.account(credits=10_000_000)


@pytest.fixture(scope="session")
def client(server: ServedApp, account: Account) -> Iterator[httpx2.Client]:
    """Sends the account's key with every request, and lies about nothing by itself."""
    with httpx2.Client(base_url=server.url, headers=account.headers, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
async def app(server_url: str, template: str, tmp_path_factory: Any) -> AsyncIterator[App]:
    """The API in this process, over one database for all tests of a module, without a worker."""
    async with sharing.opened(server_url, template, tmp_path_factory.mktemp("app"), worker=False) as opened:
        yield opened
