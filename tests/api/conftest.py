"""One application for a whole module, for tests whose accounts are all they need to themselves.

Every answer that these tests see is judged by the service's own OpenAPI document.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import httpx2
import pytest
from harness import databases, inprocess
from harness.contract import Contract
from harness.inprocess import App

from cavendish import settings as configuration
from cavendish.settings import Settings
from cavendish.web import app as web_app

MODULE_SETTINGS = {
    "routes": "nano-banana-2=script,backup;nano-banana-pro=instant",
    "public_url": "http://cavendish.test",
    "input_allow_networks": "127.0.0.0/8",
    "wake_seconds": "0.5",
    "progress_seconds": "0.02",
}


class Another(Protocol):
    def __call__(self, app: App) -> AbstractAsyncContextManager[httpx2.AsyncClient]: ...


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    """API and worker in this process over a database of their own."""
    async with inprocess.App.started(settings) as started:
        await judged(started)
        yield started


@pytest.fixture(scope="module")
async def shared(server_url: str, template: str, tmp_path_factory: Any, request: Any) -> AsyncIterator[App]:
    """API and worker over one database for all tests of a module."""
    folder: Path = tmp_path_factory.mktemp("shared")
    name = f"cavendish_shared_{folder.name.lower()}_{request.module.__name__.lower()}"[:60]
    url = await databases.copy(server_url, template, name)
    settings = configuration.load({"data": str(folder), "database_url": url, **MODULE_SETTINGS}, environment={})
    async with inprocess.App.started(settings) as app:
        await judged(app)
        await app.start_worker()
        yield app
    await databases.drop(server_url, name)


@pytest.fixture
def another() -> Another:
    """A second API process's view: its own memory over the same database."""

    @contextlib.asynccontextmanager
    async def started(app: App) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(app=web_app.build(app.services), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=app.settings.public_url, timeout=30) as client:
            yield client

    return started


async def judged(app: App) -> Contract:
    """From here on every answer must be one that the document promises."""
    contract = Contract((await app.client.get("/openapi.json")).json())
    app.client.event_hooks = {"request": [], "response": [contract.judge]}
    return contract
