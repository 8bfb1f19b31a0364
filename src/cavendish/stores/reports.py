"""What the console shows: reads over several tables at once. Nothing here changes anything."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cavendish.db.pool import Connection
from cavendish.stores.usage import KEPT_UNTIL

_ACCOUNTS = f"""
SELECT a.id, a.name, a.balance, a.held, a.operator, a.created_at,
       (SELECT count(*) FROM cavendish.api_keys k WHERE k.account_id = a.id AND k.revoked_at IS NULL) AS keys,
       (SELECT coalesce(sum(completed + failed), 0) FROM cavendish.usage_hours u
        WHERE u.account_id = a.id AND u.hour < kept.until)
       + (SELECT count(*) FROM cavendish.generations g
          WHERE g.account_id = a.id AND g.created_at >= kept.until) AS generations
FROM cavendish.accounts a, (SELECT {KEPT_UNTIL} AS until) AS kept
WHERE ($1::text IS NULL OR a.name ILIKE $1) AND ($2::bigint IS NULL OR a.id > $2)
ORDER BY a.id LIMIT $3"""

_FAILURES = """
SELECT error_code, engine, count(*) AS count, max(finished_at) AS last
FROM cavendish.generations
WHERE error_code IS NOT NULL AND finished_at > cavendish.cavendish_now() - make_interval(days => $1)
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 200"""

# By what a worker has in its hands: what was begun once says so for ever, also while its engine is spared and it waits.
_QUEUES = """
SELECT engine, count(*) FILTER (WHERE NOT drawn) AS waiting, count(*) FILTER (WHERE drawn) AS drawing,
       coalesce(extract(epoch FROM cavendish.cavendish_now()
                                   - min(created_at) FILTER (WHERE NOT drawn)), 0)::float8 AS oldest_seconds
FROM (SELECT engine, created_at, leased AND ready_at > cavendish.cavendish_now() AS drawn
      FROM cavendish.generations WHERE finished_at IS NULL) AS open
GROUP BY engine"""


@dataclass(frozen=True, slots=True)
class Queue:
    """What is open at one engine: with no worker or with one, and how long ago the oldest that waits was ordered."""

    engine: str
    waiting: int
    drawing: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account as an operator sees it: `keys` that work, `generations` of all time."""

    id: int
    name: str
    balance: int
    held: int
    operator: bool
    created_at: datetime.datetime
    keys: int
    generations: int


@dataclass(frozen=True, slots=True)
class Failures:
    """What failed with one code at one engine: how often, and when last."""

    error_code: str
    engine: str
    count: int
    last: datetime.datetime


async def accounts(connection: Connection, *, name: str | None, after: int | None, count: int) -> list[AccountSummary]:
    """In the order in which they were made; `name` is a LIKE pattern."""
    return [AccountSummary(**row) for row in await connection.fetch(_ACCOUNTS, name, after, count)]


async def queues(connection: Connection) -> list[Queue]:
    """Of each engine for which something is open."""
    return [Queue(**row) for row in await connection.fetch(_QUEUES)]


async def failures(connection: Connection, *, days: int) -> list[Failures]:
    """Failed generations by code and engine, the most frequent first."""
    return [Failures(**row) for row in await connection.fetch(_FAILURES, days)]
