"""Rate limits by GCRA with burst = count: exact, one row per key, shared by all processes.

The stored `full_at` is GCRA's theoretical arrival time: the moment at which the whole quota is there again. A request
moves it one interval on and is refused if that would put it more than one window ahead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cavendish import clock
from cavendish.db.pool import Connection
from cavendish.models import RateLimit

# Takes `asked` (key_id, count, interval, window_length); gives `rate` (key_id, start, allowed, interval).
# The row is locked first, in the order of keys, and read as it is then; of `count` requests so many pass as fit.
TAKE = """
standing AS MATERIALIZED (
    SELECT key_id, greatest(full_at, cavendish.cavendish_now()) AS start FROM cavendish.rate_limits
    WHERE key_id IN (SELECT key_id FROM asked) ORDER BY key_id FOR NO KEY UPDATE
),
rate AS MATERIALIZED (
    SELECT a.key_id, s.start, a.interval,
        least(a.count, floor(extract(epoch FROM cavendish.cavendish_now() + a.window_length - s.start)
            / extract(epoch FROM a.interval) + 0.000001))::integer AS allowed
    FROM asked a JOIN standing s ON s.key_id = a.key_id
),
taken AS (
    UPDATE cavendish.rate_limits r SET full_at = q.start + q.allowed * q.interval
    FROM rate q WHERE r.key_id = q.key_id AND q.allowed > 0
)"""

# A key never used is full since -infinity, from which PostgreSQL 15 and 16 cannot subtract.
_READ = """
SELECT extract(epoch FROM greatest(full_at, cavendish.cavendish_now()) - cavendish.cavendish_now())::float8
FROM cavendish.rate_limits WHERE key_id = $1"""


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
    return Quota(limit, float(await connection.fetchval(_READ, key_id) or 0.0))


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
