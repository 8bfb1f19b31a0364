"""Rate limits by GCRA with burst = count: exact, one row per key, shared by all processes.

The stored `full_at` is GCRA's theoretical arrival time: the moment at which the whole quota is there again. A request
moves it one interval on and is refused if that would put it more than one window ahead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cavendish import clock
from cavendish.db import sql
from cavendish.db.pool import Connection
from cavendish.models import RateLimit

# Takes `asked` (key_id, count, interval, window_length); gives `standing`: the rows, locked in the order of keys.
STANDING = """
standing AS MATERIALIZED (
    SELECT key_id, full_at FROM cavendish.rate_limits
    WHERE key_id IN (SELECT key_id FROM asked) ORDER BY key_id FOR NO KEY UPDATE
)"""

# Takes `asked` and `standing`; gives `due`: what was asked, and `start`, where the key stands.
# No call puts `full_at` further ahead than one window, and no statement is a minute old: what is beyond both was
# written by a clock that has come back since, or under a wider limit. It leaves one call, which writes the row right.
DUE = """
due AS (
    SELECT a.key_id, a.count, a.interval, a.window_length,
        CASE WHEN s.full_at > cavendish.cavendish_now() + a.window_length + interval '1 minute'
             THEN cavendish.cavendish_now() + a.window_length - a.interval
             ELSE greatest(s.full_at, cavendish.cavendish_now()) END AS start
    FROM asked a JOIN standing s ON s.key_id = a.key_id
)"""

# Takes `due`; gives `rate` (key_id, start, allowed, interval): of `count` requests so many pass as fit.
TAKE = """
rate AS MATERIALIZED (
    SELECT key_id, start, interval,
        greatest(0, least(count, floor(extract(epoch FROM cavendish.cavendish_now() + window_length - start)
            / extract(epoch FROM interval) + 0.000001)))::integer AS allowed
    FROM due
),
taken AS (
    UPDATE cavendish.rate_limits r SET full_at = q.start + q.allowed * q.interval
    FROM rate q WHERE r.key_id = q.key_id AND q.allowed > 0
)"""

_READ = sql.joined(
    """
asked AS (
    SELECT :key_id::text AS key_id, 1 AS count, make_interval(secs => :seconds::float8 / :count::integer) AS interval,
        make_interval(secs => :seconds::float8) AS window_length
),
standing AS (SELECT key_id, full_at FROM cavendish.rate_limits WHERE key_id = :key_id)""",
    DUE,
    select="SELECT extract(epoch FROM start - cavendish.cavendish_now())::float8 FROM due",
)


@dataclass(frozen=True, slots=True)
class Quota:
    """Where a key stands: seconds until its whole quota is back, and what follows from that."""

    limit: RateLimit
    full_in_seconds: float

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


async def read(connection: Connection, key_id: str, limit: RateLimit) -> Quota:
    """Where the key stands; takes nothing."""
    values = {"key_id": key_id, "count": limit.count, "seconds": limit.seconds}
    full_in = await connection.fetchval(_READ.text, *_READ.arguments(values))
    return Quota(limit, float(full_in or 0.0))


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
