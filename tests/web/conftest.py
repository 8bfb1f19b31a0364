"""Every answer that these tests see is judged by the service's own OpenAPI document."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import httpx2
import pytest

from cavendish import bootstrap
from cavendish.settings import Settings
from cavendish.web import app as web_app
from harness import inprocess
from harness import shared as sharing
from harness.inprocess import App


class Another(Protocol):
    def __call__(self, app: App) -> AbstractAsyncContextManager[httpx2.AsyncClient]: ...


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    """API and worker in this process over a database of their own."""
    async with inprocess.App.started(settings) as started:
        await sharing.judged(started)
        yield started


@pytest.fixture(scope="module")
async def shared(server_url: str, template: str, tmp_path_factory: Any) -> AsyncIterator[App]:
    """API and worker over one database for all tests of a module."""
    async with sharing.opened(server_url, template, tmp_path_factory.mktemp("shared"), worker=True) as opened:
        yield opened


@pytest.fixture
def another() -> Another:
    """A second API process's view: its own memory over the same database."""

    @contextlib.asynccontextmanager
    async def started(app: App) -> AsyncIterator[httpx2.AsyncClient]:
        async with bootstrap.assembled(app.settings, app.services.db, app.services.storage) as services:
            transport = httpx2.ASGITransport(app=web_app.build(services), raise_app_exceptions=False)
            async with httpx2.AsyncClient(transport=transport, base_url=app.settings.public_url, timeout=30) as client:
                yield client

    return started
