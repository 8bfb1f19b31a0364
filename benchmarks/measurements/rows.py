"""What a poll costs when the table is a thousand times larger: processor time of API and PostgreSQL together.

Processor time rather than rate, for other work on the machine disturbs it least. The generations are spread evenly
over the table, so that with a million of them most polls touch a page that PostgreSQL does not hold in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg

from benchmarks import lab as labs
from benchmarks.lab import Lab, Site
from benchmarks.load import Requests
from benchmarks.measurements import poll
from benchmarks.table import Row, at_most

_SIZES = (1_000, 10_000, 100_000, 1_000_000)
_ACCOUNTS = 20
_ASKED_MAX = 20_000  # different generations polled; their requests must fit into the load generator
_ROUNDS = 2

# Straight into the table, without ledger and jobs: only polls are measured here, and nothing else looks at them.
# The foreign keys hold (accounts 1 to 20 exist); not checking them row by row saves most of the time.
_FILL = """
INSERT INTO cavendish.generations (id, task_id, account_id, key_id, model, engine, engine_model, state, mode, prompt,
    aspect_ratio, image_quality, google_search, input_image_urls, seed, price, credits_charged, progress, virtual_tag,
    fence, image_name, image_type, image_width, image_height, image_bytes, image_sha256, created_at, deadline_at,
    started_at, finished_at)
SELECT md5('bench' || n)::uuid, 'task-' || left(md5('task' || n), 24),
    ($3::bigint[])[n % array_length($3::bigint[], 1) + 1],
    'key_benchmark', 'nano-banana-2', 'instant', 'instant-1', 'completed', 'generate',
    'A lighthouse on a cliff at dusk, oil on canvas, number ' || n, '16:9', '1K', false, '{}', n, 4, 4, 100, n,
    1, md5('image' || n) || '-1.png', 'image/png', 1376, 768, 415176, decode(md5('a' || n) || md5('b' || n), 'hex'),
    now() - n * interval '1 second', now() - n * interval '1 second' + interval '10 minutes', now(), now()
FROM generate_series($1::integer, $2::integer) AS n"""
_ACCOUNT_IDS = "SELECT array_agg(id ORDER BY id) FROM cavendish.accounts WHERE name LIKE 'bench-%'"
_FILL_SECONDS = 180


@dataclass(frozen=True, slots=True)
class _Cost:
    rows: int
    microseconds: float
    rate: float


def run(lab: Lab) -> Iterator[Row]:
    with labs.site(lab, "rows", worker=False, account_count=_ACCOUNTS) as site:
        costs, filled = [], 0
        for size in _SIZES:
            asyncio.run(labs.on_database(site.dsn, lambda connection: fill(connection, filled + 1, size)))  # noqa: B023
            filled = size
            costs.append(_cost(lab, site, size))
    worst = max(costs, key=lambda cost: cost.microseconds)
    detail = "; ".join(f"{cost.rows:,} rows {cost.microseconds:.0f} µs, {cost.rate:,.0f}/s" for cost in costs)
    yield Row(
        "poll cost, most over that of 10^3 rows", worst.microseconds / costs[0].microseconds, "x", at_most(1.2),
        detail=f"{detail} (processor time of API and PostgreSQL per poll)",
    )  # fmt: skip


async def fill(connection: asyncpg.Connection[Any], first: int, last: int) -> None:
    owners = await connection.fetchval(_ACCOUNT_IDS)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(_FILL, first, last, owners, timeout=_FILL_SECONDS)
    # As autovacuum would in its time; it must not run while something is measured.
    await connection.execute("VACUUM (ANALYZE) cavendish.generations", timeout=_FILL_SECONDS)
    await connection.execute("CHECKPOINT", timeout=_FILL_SECONDS)


def _cost(lab: Lab, site: Site, size: int) -> _Cost:
    """The least of some rounds: whatever disturbs only adds."""
    polls = _polls(site, size)
    poll.drive(lab, site, polls, 1.0)
    found = [poll.drive(lab, site, polls, lab.round_seconds) for _ in range(_ROUNDS)]
    least = min(found, key=lambda load: load.processor_us)
    return _Cost(size, least.processor_us, least.rate)


def _polls(site: Site, size: int) -> Requests:
    """Generation n belongs to account n modulo their number, as in the SQL."""
    numbers = random.Random(size).sample(range(1, size + 1), min(size, _ASKED_MAX))
    return [
        (
            site.keys[number % len(site.keys)],
            json.dumps({"generationId": hashlib.md5(f"bench{number}".encode(), usedforsecurity=False).hexdigest()}),
        )
        for number in numbers
    ]
