"""Shared ground: a real PostgreSQL, a fresh migrated database per test, the whole application in this process."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "plugins"), str(ROOT / "tests")]
# As in the children that draw, and before NumPy is imported: on small pictures a second thread costs more than it does.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

from cavendish import settings as configuration  # noqa: E402
from cavendish.settings import Settings  # noqa: E402
from harness import databases, inprocess, lost_storage, processes, unmarked  # noqa: E402


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def unsaid() -> Iterator[None]:
    """A command that a test runs in this process sets up logging for itself, and would for all tests after it."""
    before = structlog.get_config()
    yield
    if structlog.get_config() != before:
        structlog.configure(**before)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: your own by CAVENDISH_DATABASE_URL, else an embedded one for this test run."""
    own = os.environ.pop("CAVENDISH_DATABASE_URL", "")
    if own:
        yield own
        return
    folder = Path(tempfile.mkdtemp(prefix="cavendish-tests-"))
    folder.chmod(0o755)  # the server's own user must be able to reach it
    with databases.embedded(folder) as url:
        yield url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database to copy from."""
    name = f"cavendish_template_{secrets.token_hex(4)}"
    asyncio.run(databases.create_template(server_url, name))
    yield name
    asyncio.run(databases.drop(server_url, name))


@pytest.fixture
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A fresh database with this release's schema."""
    name = f"cavendish_test_{secrets.token_hex(6)}"
    yield await databases.copy(server_url, template, name)
    await databases.drop(server_url, name)


@pytest.fixture
def options() -> dict[str, object]:
    """Settings of `app`; a test module overrides this fixture for its own."""
    return {}


@pytest.fixture
def settings(database_url: str, tmp_path: Path, options: dict[str, object]) -> Settings:
    flags = {
        "data": str(tmp_path),
        "database_url": database_url,
        "routes": "nano-banana-2=script,backup;nano-banana-pro=instant",
        "public_url": "http://cavendish.test",
        "input_allow_networks": "127.0.0.0/8",
        "wake_seconds": "0.5",
        **unmarked.SETTINGS,
        **options,
    }
    return configuration.load(flags, environment={})


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[inprocess.App]:
    """API and worker in this process over a database of their own."""
    async with inprocess.App.started(settings) as started:
        yield started


@pytest.fixture
def losable(request: pytest.FixtureRequest, settings: Settings) -> Iterator[lost_storage.LosableRoot]:
    """The root of `app`'s storage, to be lost and found; name it before `app`. Moved, or as the parameter says."""
    found = lost_storage.LosableRoot(settings.storage_root, getattr(request, "param", "moved"))
    with found.standing():
        yield found


@pytest.fixture
def serving() -> Iterator[processes.Starter]:
    """Starts real `cavendish serve` processes, and ends them after the test."""
    # Not tmp_path: that is closed to the database server's own user, and its cluster would live elsewhere.
    folder = Path(tempfile.mkdtemp(prefix="cavendish-serving-"))
    folder.chmod(0o755)
    starter = processes.Starter(ROOT, folder)
    yield starter
    starter.stop_all()
    shutil.rmtree(folder, ignore_errors=True)
