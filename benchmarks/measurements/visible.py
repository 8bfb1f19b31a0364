"""From the engine's return to the first poll that shows the picture. No answer is cached: each poll reads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from benchmarks import lab as labs
from benchmarks.caller import Caller
from benchmarks.lab import Lab, Site
from benchmarks.machine import percentile
from benchmarks.table import Row, at_most

_CALLERS = 4
_SAMPLES = 300
_WARM_UP_SAMPLES = 8
_SECONDS_MAX = 40.0  # on a busy machine fewer samples will do


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "visible", worker=True, engine="stamped") as site:
        delays = asyncio.run(_delays(site))
    detail = (
        f"{len(delays)} generations by {_CALLERS} callers at once, p50 {percentile(delays, 50):.1f} ms;"
        " storing, capturing and the poll itself included"
    )
    yield Row("engine done to visible, p99", percentile(delays, 99), "ms", at_most(50), detail=detail)


async def _delays(site: Site) -> list[float]:
    found = await asyncio.gather(*[_of_one_caller(site) for _ in range(_CALLERS)])
    return [delay for delays in found for delay in delays[_WARM_UP_SAMPLES // _CALLERS :]]


async def _of_one_caller(site: Site) -> list[float]:
    delays: list[float] = []
    end = time.monotonic() + _SECONDS_MAX
    async with Caller(site.served.url, site.keys[0]) as caller:
        while len(delays) < (_WARM_UP_SAMPLES + _SAMPLES) // _CALLERS and time.monotonic() < end:
            seen = await caller.completed(await caller.submit())
            # The engine left the moment of its return in the seed.
            delays.append((time.monotonic_ns() / 1000 - seen["seed"]) / 1000)
    return delays
