"""What was ordered, hour by hour: kept once an hour is over and settled, counted from the rows where it is not.

A generation that has ended never changes again, and nothing is ordered in the past, so an hour without an open
generation is final. Should the clock come back from ahead, what lies ahead of it is taken back and counted anew.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cavendish.db.pool import Connection

DAYS_MAX = 366
_LOCK = 0x0CA7E4D16  # whoever keeps an hour
# Its time is written where a submission begins and seen where it ends, which a statement's limit bounds.
_SETTLING = datetime.timedelta(minutes=10)

_UNTIL = "(SELECT value::timestamptz FROM cavendish.facts WHERE name = 'usage_until')"
# Never in the hour that is, also where the clock came back and nobody has taken anything back yet.
KEPT_UNTIL = f"least(coalesce({_UNTIL}, '-infinity'), date_trunc('hour', cavendish.cavendish_now(), 'UTC'))"
_SINCE = "date_trunc('hour', cavendish.cavendish_now() - make_interval(days => $1), 'UTC')"
_COUNTED = """count(*) FILTER (WHERE state = 'completed') AS completed,
       count(*) FILTER (WHERE state = 'failed') AS failed, coalesce(sum(credits_charged), 0) AS credits"""


def _days(kept: str, of: str) -> str:
    """Days in UTC: from the hours that are kept in one table, and from the rows since."""
    return f"""
SELECT day, quality, sum(completed)::bigint AS completed, sum(failed)::bigint AS failed, sum(credits)::bigint AS credits
FROM (SELECT (hour AT TIME ZONE 'UTC')::date AS day, quality, completed, failed, credits
      FROM {kept} WHERE {of} AND hour >= {_SINCE} AND hour < {KEPT_UNTIL}
      UNION ALL
      SELECT (created_at AT TIME ZONE 'UTC')::date, image_quality, {_COUNTED}
      FROM cavendish.generations
      WHERE {of} AND created_at >= greatest({_SINCE}, {KEPT_UNTIL}) GROUP BY 1, 2) AS ordered
GROUP BY day, quality ORDER BY day, quality"""


_OF_ACCOUNT = _days("cavendish.usage_hours", "account_id = $2")
_OF_ALL = _days("cavendish.service_hours", "true")

_TURN = "SELECT pg_try_advisory_xact_lock($1)"

# Of the database's clock, with the hour in which it is.
_STATE = f"""
SELECT {_UNTIL} AS until, cavendish.cavendish_now() AS now,
       date_trunc('hour', cavendish.cavendish_now(), 'UTC') AS this_hour"""

_TAKE_BACK = """
WITH of_accounts AS (DELETE FROM cavendish.usage_hours WHERE hour >= $1),
     of_all AS (DELETE FROM cavendish.service_hours WHERE hour >= $1)
UPDATE cavendish.facts SET value = $1::timestamptz::text WHERE name = 'usage_until'"""

_NEXT = """
SELECT date_trunc('hour', min(created_at), 'UTC') FROM cavendish.generations
WHERE created_at >= coalesce($1::timestamptz, '-infinity')"""

# OFFSET 0 is a fence: the open ones come from their own index, whatever the statistics say of created_at.
_OPEN = """
SELECT EXISTS (
    SELECT FROM (SELECT created_at FROM cavendish.generations WHERE finished_at IS NULL OFFSET 0) AS open
    WHERE created_at < $1)"""

_KEEP = f"""
WITH counted AS (
    SELECT account_id, image_quality AS quality, {_COUNTED}
    FROM cavendish.generations WHERE created_at >= $1 AND created_at < $2 GROUP BY 1, 2),
of_accounts AS (
    INSERT INTO cavendish.usage_hours (account_id, hour, quality, completed, failed, credits)
    SELECT account_id, $1, quality, completed, failed, credits FROM counted),
of_all AS (
    INSERT INTO cavendish.service_hours (hour, quality, completed, failed, credits)
    SELECT $1, quality, sum(completed), sum(failed), sum(credits) FROM counted GROUP BY quality)
INSERT INTO cavendish.facts (name, value) VALUES ('usage_until', $2::timestamptz::text)
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


@dataclass(frozen=True, slots=True)
class Usage:
    """One day and quality; a generation counts on the day, in UTC, on which it was submitted."""

    day: datetime.date
    quality: str
    completed: int
    failed: int
    credits: int


async def of_account(connection: Connection, account_id: int, *, days: int) -> list[Usage]:
    """Oldest first; days without a generation are missing."""
    return [Usage(**row) for row in await connection.fetch(_OF_ACCOUNT, days, account_id)]


async def of_all(connection: Connection, *, days: int) -> list[Usage]:
    """The same of all accounts together."""
    return [Usage(**row) for row in await connection.fetch(_OF_ALL, days)]


async def take_back(transaction: Connection) -> None:
    """Give up what was kept ahead of a clock that came back, before anybody orders in those hours again."""
    if await transaction.fetchval(_TURN, _LOCK):
        await _until(transaction)


async def keep_an_hour(transaction: Connection) -> bool:
    """Keep the sums of the oldest hour that is not kept yet; whether there was one that is over and settled."""
    if not await transaction.fetchval(_TURN, _LOCK):
        return False
    until, now = await _until(transaction)
    hour = await transaction.fetchval(_NEXT, until)
    if hour is None:
        return False
    end = hour + datetime.timedelta(hours=1)
    if end + _SETTLING > now or await transaction.fetchval(_OPEN, end):
        return False
    await transaction.execute(_KEEP, hour, end)
    return True


async def _until(transaction: Connection) -> tuple[datetime.datetime | None, datetime.datetime]:
    """Up to when hours are kept, never ahead of the clock; and the clock."""
    state = await transaction.fetchrow(_STATE)
    assert state is not None
    until: datetime.datetime | None = state["until"]
    if until is not None and until > state["now"]:
        until = state["this_hour"]
        await transaction.execute(_TAKE_BACK, until)
    return until, state["now"]
