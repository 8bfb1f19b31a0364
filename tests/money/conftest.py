from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness import databases

pytest.register_assert_rewrite("checks")  # so that what turns red says why

from money_helpers import Lab  # noqa: E402

from cavendish import bootstrap  # noqa: E402
from cavendish import settings as configuration  # noqa: E402


@pytest.fixture(scope="module")
async def lab(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """Services over one database for a whole module: each test's accounts are its own."""
    folder: Path = tmp_path_factory.mktemp("money")
    url = await databases.copy(
        server_url, template, name := f"cavendish_money_{folder.parent.name}_{folder.name}"[-60:]
    )
    flags = {"data": str(folder), "database_url": url, "routes": "nano-banana-2=script,backup"}
    async with bootstrap.services(configuration.load(flags, environment={})) as services:
        yield Lab(services)
    await databases.drop(server_url, name)


@pytest.fixture
async def own_lab(database_url: str, tmp_path: Path) -> AsyncIterator[Lab]:
    """A database of the test's own, for one that breaks it."""
    flags = {"data": str(tmp_path), "database_url": database_url, "routes": "nano-banana-2=script,backup"}
    async with bootstrap.services(configuration.load(flags, environment={})) as services:
        yield Lab(services)
