"""What pages and sweeps cost one account with a thousand generations, and with a million."""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import asyncpg

from benchmarks import lab as labs
from benchmarks.lab import Lab, Site
from benchmarks.measurements import rows
from benchmarks.table import Row, at_most
from cavendish.stores import ledger, retention, usage

_SIZES = (1_000, 1_000_000)
_SAMPLES = 9
_TIMEOUT_SECONDS = 30

# By name: the path, and what it may take at most, in milliseconds. A search may take its second, and says so.
_PAGES = {
    "gallery page": ("/api/v1/generations?limit=24", 50),
    "gallery page, deep": ("/api/v1/generations?limit=24&cursor={old}", 50),
    "failed list": ("/api/v1/generations?limit=24&status=failed", 1100),
    "search without a match": ("/api/v1/generations?q=zeppelin", 1100),
    "search with matches": ("/api/v1/generations?limit=24&q=number%207", 50),
    "found by its id": ("/api/v1/generations?q={old}", 50),
    "usage of 30 days": ("/api/v1/usage?days=30", 20),
    "statement": ("/api/v1/statement", 50),
    "operator's overview": ("/api/v1/operator/overview", 50),
    "operator's accounts": ("/api/v1/operator/accounts", 50),
    "operator's page": ("/api/v1/operator/generations", 50),
    "operator's search without a match": ("/api/v1/operator/generations?q=zeppelin", 1100),
}
_SWEEPS = {"sweep of old pictures": 5, "sweep of past hours": 5, "statement on the command line": 50}

_ENTRIES = """
INSERT INTO cavendish.ledger (account_id, generation_id, kind, amount, balance_change, held_change, reason)
SELECT account_id, id, kind, 4, balance, held, '' FROM cavendish.generations,
    (VALUES ('hold', -4, 4), ('capture', 0, -4)) AS moved (kind, balance, held)
WHERE id NOT IN (SELECT generation_id FROM cavendish.ledger WHERE generation_id IS NOT NULL) LIMIT 200000"""
_OLD = "SELECT id FROM cavendish.generations ORDER BY created_at OFFSET 500 LIMIT 1"


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "growth", worker=False, account_count=1) as site:
        site.query("UPDATE cavendish.accounts SET operator = true")
        found: list[dict[str, float]] = []
        filled = 0
        for size in _SIZES:
            asyncio.run(labs.on_database(site.dsn, lambda connection: _fill(connection, filled + 1, size)))  # noqa: B023
            filled = size
            found.append(_pages(site) | asyncio.run(labs.on_database(site.dsn, _sweeps)))
    small, large = found
    for name, value in large.items():
        aim = _PAGES[name][1] if name in _PAGES else _SWEEPS[name]
        yield Row(f"{name}, 10^6", value, "ms", at_most(aim), small[name])


async def _fill(connection: asyncpg.Connection[Any], first: int, last: int) -> None:
    await rows.fill(connection, first, last)
    await connection.execute(_ENTRIES, timeout=180)
    await connection.execute("VACUUM (ANALYZE) cavendish.ledger", timeout=180)
    while True:
        async with connection.transaction():
            if not await usage.keep_an_hour(connection):
                break


def _pages(site: Site) -> dict[str, float]:
    old = site.query(_OLD).hex
    return {name: _median(lambda: _asked(site, path.format(old=old))) for name, (path, _) in _PAGES.items()}  # noqa: B023


def _asked(site: Site, path: str) -> None:
    request = urllib.request.Request(site.served.url + path, headers={"Authorization": f"Bearer {site.keys[0]}"})
    urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS).read()


def _median(work: Callable[[], None]) -> float:
    times = []
    for _ in range(_SAMPLES + 1):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[1:])


async def _sweeps(connection: asyncpg.Connection[Any]) -> dict[str, float]:
    """As a worker makes them every few minutes: what is due was done, and is not looked for again."""
    account = await connection.fetchval("SELECT id FROM cavendish.accounts WHERE name = 'bench-0'")
    keep = datetime.timedelta(days=365)
    works: dict[str, Callable[[], Awaitable[object]]] = {
        "sweep of old pictures": lambda: retention.take(connection, older_than=keep, count=500),
        "sweep of past hours": lambda: usage.keep_an_hour(connection),
        "statement on the command line": lambda: ledger.statement(connection, account, count=20),
    }
    found = {}
    for name, work in works.items():
        times = []
        for _ in range(_SAMPLES + 1):
            async with connection.transaction():
                start = time.perf_counter()
                await work()
                times.append(1000 * (time.perf_counter() - start))
        found[name] = statistics.median(times[1:])
    return found
