"""Unfinished pictures: for whoever waits for the finished one, and lost without harm.

A worker adds them, any process reads them, the sweep removes them. None is ever read for money or state.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from cavendish.db.pool import Connection

# Only the newest claim shows something: what an older one draws may be given up already. Its own replaces theirs.
_KEEP = """
INSERT INTO cavendish.previews (generation_id, number, fence, media_type, width, height, image)
SELECT id, $3::smallint, fence, $4::text, $5::smallint, $6::smallint, $7::bytea FROM cavendish.generations
WHERE id = $1 AND fence = $2 AND state = 'generating'
ON CONFLICT (generation_id, number) DO UPDATE SET fence = excluded.fence, media_type = excluded.media_type,
    width = excluded.width, height = excluded.height, image = excluded.image, made_at = excluded.made_at
RETURNING true"""

# Of a claim that goes on or has delivered: what one drew that gave up becomes no picture.
_NEWS = """
SELECT p.generation_id, p.number, p.media_type, p.width, p.height, p.image, p.made_at
FROM unnest($2::uuid[], $3::integer[]) AS wanted (id, number)
JOIN cavendish.generations g ON g.id = wanted.id
JOIN cavendish.previews p ON p.generation_id = g.id AND p.fence = g.fence AND p.number >= wanted.number
WHERE g.account_id = $1 AND g.leased AND g.state IN ('generating', 'completed') AND g.hidden_at IS NULL
ORDER BY p.made_at, p.generation_id, p.number"""

_TRIM = """
DELETE FROM cavendish.previews WHERE (generation_id, number) IN (
    SELECT p.generation_id, p.number FROM cavendish.previews p JOIN cavendish.generations g ON g.id = p.generation_id
    WHERE g.finished_at IS NOT NULL LIMIT $1)"""


@dataclass(frozen=True, slots=True)
class Preview:
    """One of a generation's; the lower the number, from 0, the earlier it was drawn."""

    generation_id: uuid.UUID
    number: int
    media_type: str
    width: int
    height: int
    data: bytes
    made_at: datetime.datetime


async def keep(
    connection: Connection,
    generation_id: uuid.UUID,
    *,
    fence: int,
    number: int,
    media_type: str,
    size: tuple[int, int],
    data: bytes,
) -> bool:
    """Let it be seen; False: this claim is not the newest any more, or the generation has ended."""
    return bool(await connection.fetchval(_KEEP, generation_id, fence, number, media_type, *size, data))


async def news(connection: Connection, account_id: int, wanted: Mapping[uuid.UUID, int]) -> list[Preview]:
    """Of these generations of the account's, those from the number on that stands behind each, the oldest first."""
    rows = await connection.fetch(_NEWS, account_id, list(wanted), list(wanted.values()))
    return [Preview(*row) for row in rows]


async def trim(connection: Connection, *, count: int) -> None:
    """Remove those of generations that have ended."""
    await connection.execute(_TRIM, count)
