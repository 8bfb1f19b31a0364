from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from storage_helpers import MAKERS, MODULES

from cavendish.storage.base import Storage


@pytest.fixture(params=MODULES)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Storage]:
    """Opens the same storage, each time as another process would."""
    maker = MAKERS.get(request.param)
    assert maker is not None, f"the storage module {request.param} has no maker here: it would escape the contract"
    return lambda: maker(tmp_path / "store")


@pytest.fixture
async def storage(make: Callable[[], Storage]) -> Storage:
    """Opened, as by the first process of all."""
    made = make()
    await made.open(None)
    return made
