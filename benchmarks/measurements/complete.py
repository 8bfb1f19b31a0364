"""From submission to a stored, paid picture: how long for one, and how many per second by one worker process.

The engine answers at once, so that what is left is the service's own work.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import lab as labs
from benchmarks.caller import Caller
from benchmarks.lab import Lab, Site
from benchmarks.machine import percentile
from benchmarks.table import Row, at_least, at_most

_FLOOR_CONNECTIONS = 16  # the worker's own concurrency
_BACKLOG_PER_SECOND = 200  # generations queued per second of measuring; about 80 MB of pictures each second
_BACKLOG_SECONDS_MAX = 60.0
_LATENCY_SAMPLES = 150
_LATENCY_SECONDS_MAX = 20.0  # on a busy machine fewer samples will do
_WARM_UP_SAMPLES = 5
_ACCOUNTS = 20
_MEMORY = Path("/dev/shm")

# Without the first tenth: the worker was starting. count - 1 intervals lie between so many ends.
_RATE = """
WITH ends AS (
    SELECT finished_at, row_number() OVER (ORDER BY finished_at) AS number, count(*) OVER () AS total
    FROM cavendish.generations WHERE state = 'completed')
SELECT (count(*) - 1) / extract(epoch FROM max(finished_at) - min(finished_at))::float8
FROM ends WHERE number > total / 10"""
_OPEN = "SELECT count(*) FROM cavendish.generations WHERE state IN ('pending', 'generating')"
_UNPAID = """
SELECT count(*) FROM cavendish.generations g WHERE state <> 'completed'
   OR NOT EXISTS (SELECT FROM cavendish.ledger l WHERE l.generation_id = g.id AND l.kind = 'capture')"""


def run(lab: Lab) -> Iterator[Row]:
    yield _latency(lab)
    yield _throughput(lab)
    if _MEMORY.is_dir():
        yield _without_pictures(lab)


def _latency(lab: Lab) -> Row:
    with labs.site(lab, "latency", worker=True) as site, labs.floor(site) as server:
        times = asyncio.run(_times(site))
        floor = site.drive_floor(lab, server, "/make", site.submissions(), connections=1, seconds=lab.round_seconds)
    detail = f"{len(times)} one after the other, p99 {percentile(times, 99):.1f} ms, seen by polls"
    return Row("submit to completed, p50", percentile(times, 50), "ms", at_most(25), floor.p50_ms, detail)


async def _times(site: Site) -> list[float]:
    times: list[float] = []
    end = time.monotonic() + _LATENCY_SECONDS_MAX
    async with Caller(site.served.url, site.keys[0]) as caller:
        while len(times) < _WARM_UP_SAMPLES + _LATENCY_SAMPLES and time.monotonic() < end:
            start = time.perf_counter()
            await caller.completed(await caller.submit())
            times.append((time.perf_counter() - start) * 1000)
    return times[_WARM_UP_SAMPLES:]


def _throughput(lab: Lab) -> Row:
    """Queue first, then let one worker loose: nothing but its work is measured."""
    with labs.site(lab, "complete", worker=False, account_count=_ACCOUNTS) as site:
        with labs.floor(site) as server:
            floor = site.drive_floor(
                lab, server, "/make", site.submissions(), connections=_FLOOR_CONNECTIONS, seconds=lab.round_seconds
            )
        rate, detail = _emptied(lab, site, _BACKLOG_PER_SECOND)
    detail += "; floor: INSERT, picture written and flushed, UPDATE"
    return Row("completed, one worker", rate, "/s", at_least(255), floor.rate, detail)


def _without_pictures(lab: Lab) -> Row:
    """The same with small pictures in memory: what is left is the queue's work and the ledger's, and the database's."""
    with tempfile.TemporaryDirectory(prefix="cavendish-bench-", dir=_MEMORY) as folder:
        variables = {"CAVENDISH_STORAGE_URL": f"file://{folder}/storage", "CAVENDISH_TEST_PICTURE_BYTES": "2000"}
        with labs.site(lab, "settle", worker=False, account_count=_ACCOUNTS, **variables) as site:
            rate, detail = _emptied(lab, site, 2 * _BACKLOG_PER_SECOND)
    return Row("completed, pictures in memory", rate, "/s", detail=detail)


def _emptied(lab: Lab, site: Site, per_second: int) -> tuple[float, str]:
    """Completions per second of one worker, and what stands below the table."""
    count, read = _queue(lab, site, per_second), site.meter()
    before = read()
    with labs.worker(site):
        wait_until_empty(site)
        database_us = 1e6 * (read() - before) / count
    assert site.query(_UNPAID) == 0, "a generation was not completed and paid"
    return site.query(_RATE), f"{count} queued before; PostgreSQL's processor time each {database_us:.0f} µs"


def _queue(lab: Lab, site: Site, per_second: int) -> int:
    wanted = round(lab.seconds * per_second)
    end = time.monotonic() + _BACKLOG_SECONDS_MAX
    while (count := int(site.query(_OPEN))) < wanted and time.monotonic() < end:
        site.drive(lab, labs.GENERATE, site.submissions(), connections=_ACCOUNTS, seconds=1)
    return count


def wait_until_empty(site: Site) -> None:
    end = time.monotonic() + _BACKLOG_SECONDS_MAX
    while site.query(_OPEN):
        if time.monotonic() > end:
            raise RuntimeError(f"the worker did not finish within {_BACKLOG_SECONDS_MAX:.0f} s")
        time.sleep(0.5)
