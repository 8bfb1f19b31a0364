"""An engine that says when it was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from cavendish_test_engines.png import png

from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.models import pixels

_SECONDS = 0.05  # long enough to be seen as generating before
_BALLAST = 400_000  # bytes: about what a 1K picture has


class Stamped:
    """Its seed is the moment at which it returned, in microseconds of the machine's monotonic clock."""

    name = "stamped"
    reports_progress = True
    concurrency = None
    rate = None
    capabilities = Capabilities()

    async def generate(self, request: EngineRequest) -> EngineResult:
        width, height = pixels(request.aspect_ratio, request.image_quality)
        data = png(width, height, noise=_BALLAST)
        await asyncio.sleep(_SECONDS)
        return EngineResult(data, model="stamped-1", seed=time.monotonic_ns() // 1000)

    async def close(self) -> None:
        pass


def build(options: Mapping[str, str]) -> Stamped:
    return Stamped()
