from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from harness import shared as sharing
from harness.inprocess import App


@pytest.fixture(scope="module")
async def shared(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """One application for a module; each test brings its own worker."""
    async with sharing.opened(server_url, template, tmp_path_factory.mktemp("moderation"), worker=False) as opened:
        yield opened
