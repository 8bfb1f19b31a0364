"""Generations as lists show them, newest first: an account's own, and everyone's for an operator."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from cavendish.db.pool import Connection
from cavendish.db.sql import containing
from cavendish.models import Generation, Place, State
from cavendish.stores.generations import from_row

# Each by its own index. The bounds stand apart from the pairs, so that a plan for whatever values reads that index
# between them.
_ANYBODYS, _AN_ACCOUNTS = "$1::bigint IS NULL", "g.account_id = $1"
_BEHIND = """
  AND g.created_at <= coalesce($2::timestamptz, 'infinity') AND ($2 IS NULL OR (g.created_at, g.id) < ($2, $3))"""
_BETWEEN = f"""{_BEHIND}
  AND g.created_at >= coalesce($4::timestamptz, '-infinity') AND ($4 IS NULL OR (g.created_at, g.id) >= ($4, $5))"""
_NEWEST = "ORDER BY g.created_at DESC, g.id DESC"

_OWN = f"""
SELECT * FROM cavendish.generations g
WHERE {_AN_ACCOUNTS} AND g.hidden_at IS NULL {_BETWEEN}
  AND ($6::text IS NULL OR CASE WHEN g.image_deleted_at IS NULL THEN g.state ELSE 'failed' END = $6)
  AND ($7::text IS NULL OR g.prompt ILIKE $7)
{_NEWEST} LIMIT $8"""

_OWN_ONE = "SELECT * FROM cavendish.generations WHERE account_id = $1 AND id = $2 AND hidden_at IS NULL"

_SUMMARY = """
SELECT g.id, a.name AS account, g.state, g.progress, g.engine, g.engine_model, g.prompt, g.aspect_ratio,
       g.image_quality, g.price, g.credits_charged, g.error, g.error_code, g.attempts, g.fence,
       CASE WHEN g.image_deleted_at IS NULL THEN g.image_name END AS image_name, g.created_at, g.finished_at
FROM cavendish.generations g JOIN cavendish.accounts a ON a.id = g.account_id"""

_ANY_ONE = f"{_SUMMARY} WHERE g.id = $1"


def _summaries(whose: str) -> str:
    return f"""{_SUMMARY}
WHERE {whose} {_BETWEEN}
  AND ($6::text IS NULL OR g.state = $6) AND ($7::text IS NULL OR g.prompt ILIKE $7)
{_NEWEST} LIMIT $8"""


def _rows_on(whose: str) -> str:
    return f"""
SELECT g.created_at, g.id FROM cavendish.generations g WHERE {whose} {_BEHIND} {_NEWEST} OFFSET $4 LIMIT 1"""


# What is open is younger than its deadline, so that of an account with millions the newest are looked at only.
_RUNNING = """
SELECT id FROM cavendish.generations
WHERE account_id = $1 AND state IN ('pending', 'generating') AND created_at > cavendish.cavendish_now() - $2::interval
ORDER BY created_at DESC, id LIMIT $3"""


@dataclass(frozen=True, slots=True)
class GenerationSummary:
    """Anybody's generation as an operator sees it; `fence` counts its claims."""

    id: uuid.UUID
    account: str
    state: str
    progress: int
    engine: str
    engine_model: str | None
    prompt: str
    aspect_ratio: str
    image_quality: str
    price: int
    credits_charged: int | None
    error: str | None
    error_code: str | None
    attempts: int
    fence: int
    image_name: str | None
    created_at: datetime.datetime
    finished_at: datetime.datetime | None


async def own(
    connection: Connection,
    account_id: int,
    *,
    after: Place | None,
    until: Place | None = None,
    state: State | None = None,
    text: str | None = None,
    count: int,
) -> list[Generation]:
    """The account's behind `after` and down to `until`, it included, without what their owner deleted.

    Only those whose prompt holds `text`, in any case. One whose picture is gone is shown as failed, and found by that.
    """
    bounds = (*(after or (None, None)), *(until or (None, None)))
    rows = await connection.fetch(_OWN, account_id, *bounds, state, containing(text), count)
    return [from_row(row) for row in rows]


async def own_one(connection: Connection, account_id: int, generation_id: uuid.UUID) -> Generation | None:
    """One of the account's that `own` would list."""
    row = await connection.fetchrow(_OWN_ONE, account_id, generation_id)
    return from_row(row) if row else None


async def everyones(
    connection: Connection,
    account_id: int | None,
    *,
    after: Place | None,
    until: Place | None = None,
    state: str | None = None,
    text: str | None = None,
    count: int,
) -> list[GenerationSummary]:
    """The same of one account or of all, deleted ones included, by the state that stands in the table."""
    bounds = (*(after or (None, None)), *(until or (None, None)))
    sql = _summaries(_ANYBODYS if account_id is None else _AN_ACCOUNTS)
    rows = await connection.fetch(sql, account_id, *bounds, state, containing(text), count)
    return [GenerationSummary(**row) for row in rows]


async def any_one(connection: Connection, generation_id: uuid.UUID) -> GenerationSummary | None:
    row = await connection.fetchrow(_ANY_ONE, generation_id)
    return GenerationSummary(**row) if row else None


async def rows_on(connection: Connection, account_id: int | None, *, after: Place | None, rows: int) -> Place | None:
    """The place so many rows behind `after`, of one account or of all; None: there are fewer."""
    sql = _rows_on(_ANYBODYS if account_id is None else _AN_ACCOUNTS)
    row = await connection.fetchrow(sql, account_id, *(after or (None, None)), rows - 1)
    return (row["created_at"], row["id"]) if row else None


async def running(connection: Connection, account_id: int, *, age_max: object, count: int) -> list[uuid.UUID]:
    """The account's newest that have not ended."""
    return [row["id"] for row in await connection.fetch(_RUNNING, account_id, age_max, count)]
