"""A thousand calls that wait for their picture: what the API process takes for them, and what it does meanwhile."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.parse
from collections.abc import Iterator

import psutil

from benchmarks import lab as labs
from benchmarks.lab import Lab, Site
from benchmarks.measurements.memory import megabytes
from benchmarks.table import Row, at_most

_CALLS = 1000
_AT_ONCE = 100  # of those that are being sent
_SETTLE_SECONDS = 3.0
_LOOK_SECONDS = 5.0
_PATH = "/v1/images/generations"


def run(lab: Lab) -> Iterator[Row]:
    variables = {"CAVENDISH_CONNECTIONS_PER_ADDRESS_MAX": str(2 * _CALLS)}
    with labs.site(lab, "waiting", worker=False, account_count=20, **variables) as site:
        taken, busy = asyncio.run(_waited(site))
    yield Row("1,000 calls that wait, memory of the API", taken, "MB", at_most(40))
    yield Row("1,000 calls that wait, processor of the API", busy * 100, "%", at_most(10), None, "of one processor")


async def _waited(site: Site) -> tuple[float, float]:
    [api] = [child.pid for child in site.served.children("cavendish.processes.api")]
    turns = asyncio.Semaphore(_AT_ONCE)
    await _sent(site, 0, turns)  # what the first of such calls loads is no matter of their number
    before = megabytes(api)
    connections = await asyncio.gather(*(_sent(site, number, turns) for number in range(_CALLS)))
    await asyncio.sleep(_SETTLE_SECONDS)
    began, used = time.monotonic(), sum(psutil.Process(api).cpu_times()[:2])
    await asyncio.sleep(_LOOK_SECONDS)
    busy = (sum(psutil.Process(api).cpu_times()[:2]) - used) / (time.monotonic() - began)
    taken = megabytes(api) - before
    waiting = await asyncio.to_thread(
        site.query, "SELECT count(*) FROM cavendish.generations WHERE finished_at IS NULL"
    )
    assert waiting == _CALLS + 1, waiting
    for writer in connections:
        writer.close()
    return taken, busy


async def _sent(site: Site, number: int, turns: asyncio.Semaphore) -> asyncio.StreamWriter:
    """A call on a connection of its own; its answer never comes."""
    address = urllib.parse.urlsplit(site.served.url)
    body = json.dumps({"prompt": f"a lighthouse, number {number}"})
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {site.keys[number % len(site.keys)]}"
        f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with turns:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write((head + body).encode())
        await writer.drain()
        await asyncio.sleep(0.05)
    return writer
