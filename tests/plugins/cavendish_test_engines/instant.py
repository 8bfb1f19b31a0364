"""An engine that answers at once with a picture of the right size; what is left is the service's own time."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.models import pixels
from cavendish_test_engines.png import png

_BALLAST = int(os.environ.get("CAVENDISH_TEST_PICTURE_BYTES", "400_000"))  # about what a 1K picture has


class Instant:
    name = "instant"
    reports_progress = True
    concurrency = None
    rate = None
    capabilities = Capabilities()

    async def generate(self, request: EngineRequest) -> EngineResult:
        width, height = pixels(request.aspect_ratio, request.image_quality)
        return EngineResult(png(width, height, noise=_BALLAST), model="instant-1", seed=request.seed)

    async def close(self) -> None:
        pass


def build(options: Mapping[str, str]) -> Instant:
    return Instant()
