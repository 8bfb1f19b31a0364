"""Rate limits by GCRA with burst = count: exact, one row per key, shared by all processes.

The stored `full_at` is GCRA's theoretical arrival time: the moment at which the whole quota is there again. A request
moves it one interval on and is refused if that would put it more than one window ahead. A key that was made with
another counts against that one's limit, too: a request passes if it fits into all of its budgets, and takes from each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from cavendish import clock
from cavendish.db import sql
from cavendish.db.pool import Connection
from cavendish.models import RateLimit

# Takes `asked` (account_id, count, budgets); gives `budget`, one row for each of them (place, kind, key_id, interval,
# window_length).
BUDGETS = """
budget AS MATERIALIZED (
    SELECT a.account_id, a.count, b.place, b.kind, b.key_id,
        make_interval(secs => b.seconds::float8 / b.count) AS interval,
        make_interval(secs => b.seconds::float8) AS window_length
    FROM asked a, jsonb_to_recordset(a.budgets)
        AS b (place integer, kind text, key_id text, count integer, seconds integer)
)"""

# Takes `budget`; gives `standing`: the keys' rows, locked in their order.
STANDING = """
standing AS MATERIALIZED (
    SELECT key_id, full_at FROM cavendish.rate_limits
    WHERE key_id IN (SELECT key_id FROM budget) ORDER BY key_id FOR NO KEY UPDATE
)"""

# Takes `budget`, `standing` and `purse`; gives `due`: each budget, where it stands (`start`), and how many requests it
# has `room` for. No call puts `full_at` further ahead than one window, and no statement is a minute old: what is beyond
# both was written by a clock that has come back since, or under a wider limit. It leaves one call, which mends the row.
# Failures are counted where they happen: while there is room for one more, there is room for any number of tries.
DUE = """
kept AS (
    SELECT b.account_id, b.count, b.place, b.kind, b.key_id, b.interval, b.window_length,
        CASE b.kind WHEN 'key' THEN s.full_at WHEN 'account' THEN p.calls_full_at
            ELSE cavendish.cavendish_now() + b.interval
                * cavendish.unforgiven(p.failures, p.failures_at, extract(epoch FROM b.interval)::float8) END AS full_at
    FROM budget b JOIN purse p ON p.id = b.account_id LEFT JOIN standing s ON s.key_id = b.key_id
),
begun AS (
    SELECT account_id, count, place, kind, key_id, interval, window_length,
        CASE WHEN kind <> 'failures' AND full_at > cavendish.cavendish_now() + window_length + interval '1 minute'
             THEN cavendish.cavendish_now() + window_length - interval
             ELSE greatest(full_at, cavendish.cavendish_now()) END AS start
    FROM kept
),
due AS MATERIALIZED (
    SELECT account_id, count, place, kind, key_id, interval, start,
        CASE WHEN kind = 'failures' AND start + interval <= cavendish.cavendish_now() + window_length THEN 2147483647
             ELSE greatest(0, floor(extract(epoch FROM cavendish.cavendish_now() + window_length - start)
                / extract(epoch FROM interval) + 0.000001))::integer END AS room
    FROM begun
)"""

# Takes `asked` (account_id, count, fewest) and `due`; gives `rate` (account_id, allowed, and place, start and interval
# of the tightest budget): of `count` requests so many pass as have room in every budget, or none where that is fewer
# than `fewest`.
TAKE = """
rate AS MATERIALIZED (
    SELECT DISTINCT ON (d.account_id) d.account_id, d.place, d.start, d.interval,
        CASE WHEN d.room >= a.fewest THEN least(a.count, d.room) ELSE 0 END AS allowed
    FROM due d JOIN asked a ON a.account_id = d.account_id ORDER BY d.account_id, d.room, d.place
),
taken AS (
    UPDATE cavendish.rate_limits l SET full_at = d.start + r.allowed * d.interval
    FROM due d JOIN rate r ON r.account_id = d.account_id WHERE l.key_id = d.key_id AND r.allowed > 0
)"""

_READ = sql.joined(
    "asked AS (SELECT :account_id::bigint AS account_id, 1 AS count, :budgets::jsonb AS budgets)",
    BUDGETS,
    "standing AS (SELECT key_id, full_at FROM cavendish.rate_limits WHERE key_id IN (SELECT key_id FROM budget))",
    "purse AS (SELECT id, calls_full_at, failures, failures_at FROM cavendish.accounts WHERE id = :account_id)",
    DUE,
    select="""
    SELECT place, extract(epoch FROM start - cavendish.cavendish_now())::float8 AS full_in
    FROM due ORDER BY room, place LIMIT 1""",
)


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, and what it counts: a key's calls, all of an account's, or its failures. `whose` is the id of either."""

    whose: str
    limit: RateLimit
    kind: Literal["key", "account", "failures"] = "key"


@dataclass(frozen=True, slots=True)
class Quota:
    """Where a key stands: seconds until its whole quota is back, and what follows from that.

    Of several budgets it is that of the one with the fewest requests left.
    """

    budget: Budget
    full_in_seconds: float

    @property
    def limit(self) -> RateLimit:
        return self.budget.limit

    @property
    def interval_seconds(self) -> float:
        return self.limit.seconds / self.limit.count

    @property
    def remaining(self) -> int:
        """Requests that would be let through now."""
        # A microsecond of slack: the database rounds intervals to microseconds.
        return max(0, math.floor((self.limit.seconds - self.full_in_seconds) / self.interval_seconds + 1e-6))

    @property
    def exhausted(self) -> bool:
        return self.remaining < 1

    @property
    def reset_seconds(self) -> int:
        """Seconds until the next request is let through where none is left, else until the whole quota is back."""
        if self.exhausted:
            return max(1, math.ceil(self.full_in_seconds + self.interval_seconds - self.limit.seconds))
        return max(0, math.ceil(self.full_in_seconds))


def written(budgets: Sequence[Budget]) -> list[dict[str, Any]]:
    """As the statements take them; `place` tells which is the tightest."""
    return [
        {
            "place": place,
            "kind": one.kind,
            "key_id": one.whose if one.kind == "key" else None,
            "count": one.limit.count,
            "seconds": one.limit.seconds,
        }
        for place, one in enumerate(budgets)
    ]


def quota(budgets: Sequence[Budget], place: int, full_in_seconds: float) -> Quota:
    """Where the budget at this place stands."""
    return Quota(budgets[place], full_in_seconds)


async def read(connection: Connection, account_id: int, budgets: Sequence[Budget]) -> Quota:
    """Where the tightest of these stands; takes nothing."""
    values = {"account_id": account_id, "budgets": orjson.dumps(written(budgets)).decode()}
    row = await connection.fetchrow(_READ.text, *_READ.arguments(values))
    assert row is not None, "accounts are never deleted"
    return quota(budgets, row["place"], row["full_in"])


class LocalLimiter:
    """GCRA in this process's memory, for polls: how many seconds over budget a call is. Bounded."""

    def __init__(self, limit: RateLimit, *, keys_max: int = 100_000) -> None:
        self._interval = limit.seconds / limit.count
        self._window = float(limit.seconds)
        self._full_at: dict[str, float] = {}
        self._keys_max = keys_max

    def take(self, key_id: str) -> float:
        """Seconds to wait before this call is within the budget; 0.0: it is."""
        now = clock.monotonic()
        full_at = max(self._full_at.get(key_id, now), now) + self._interval
        excess = full_at - now - self._window
        if excess > 1e-6:  # below that it is the rounding of floats
            return excess
        if len(self._full_at) >= self._keys_max:
            self._full_at.clear()
        self._full_at[key_id] = full_at
        return 0.0
