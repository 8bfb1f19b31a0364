from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from egress_helpers import Lab


@pytest.fixture
async def lab(anyio_backend: str) -> AsyncIterator[Lab]:
    lab = Lab()
    await lab.open()
    yield lab
    await lab.close()
