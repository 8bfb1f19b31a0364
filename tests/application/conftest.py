from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import structlog

from cavendish import settings as configuration
from harness import databases, unmarked
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
async def module_database(server_url: str, template: str) -> AsyncIterator[str]:
    name = f"cavendish_queue_{secrets.token_hex(6)}"
    yield await databases.copy(server_url, template, name)
    await databases.drop(server_url, name)


@pytest.fixture
async def database_url(module_database: str) -> str:
    """Emptied instead of made anew for each test: that takes a tenth of the time."""
    connection = await asyncpg.connect(module_database)
    await connection.execute(_EMPTY)
    await connection.close()
    return module_database


_EMPTY = """
DO $$ BEGIN
    SET LOCAL session_replication_role = replica;  -- the ledger refuses it otherwise
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('cavendish.%I', relname), ', ') || ' RESTART IDENTITY' FROM pg_class
             WHERE relnamespace = 'cavendish'::regnamespace AND relkind = 'r' AND relname <> 'migrations');
    EXECUTE format('ALTER DATABASE %I RESET cavendish.clock_offset', current_database());
END $$"""


@pytest.fixture(scope="module")
async def shared(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """One application for a module whose tests end all that they begin; each brings its own workers."""
    folder, url = tmp_path_factory.mktemp("queue"), module_database
    flags = {"data": str(folder), "database_url": url, "public_url": "http://cavendish.test", "wake_seconds": "0.2", **unmarked.SETTINGS,
             "routes": "nano-banana-2=script,backup;nano-banana-pro=instant"}  # fmt: skip
    async with App.started(configuration.load(flags, environment={})) as app:
        yield app
