from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from cavendish import settings as configuration
from harness import databases
from harness.inprocess import App


@pytest.fixture(autouse=True, scope="module")
def _plain_logs() -> Iterator[None]:
    """Engines fail here by the dozen: structlog's own picture of a traceback would take seconds each."""
    before = structlog.get_config()
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before["processors"][:-1], renderer])
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
async def shared(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[App]:
    """One application for a module whose tests end all that they begin; each brings its own workers."""
    folder = tmp_path_factory.mktemp("queue")
    name = f"cavendish_{folder.parent.name}_{request.module.__name__}"[-60:]
    url = await databases.copy(server_url, template, name)
    flags = {"data": str(folder), "database_url": url, "public_url": "http://cavendish.test", "wake_seconds": "0.2",
             "routes": "nano-banana-2=script,backup;nano-banana-pro=instant"}  # fmt: skip
    async with App.started(configuration.load(flags, environment={})) as app:
        yield app
    await databases.drop(server_url, name)
