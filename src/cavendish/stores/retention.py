"""Pictures whose time is over, oldest first, without looking through those that went before.

'retired_until' in facts is a moment before which nothing is left to retire. It only spares the reading: whoever sets it
back has everything read again.
"""

from __future__ import annotations

import datetime

from cavendish.db.pool import Connection

_BOUNDS = """
SELECT coalesce((SELECT value::timestamptz FROM cavendish.facts WHERE name = 'retired_until'), '-infinity') AS since,
       cavendish.cavendish_now() - $1::interval AS until"""

# In two, for an update has no order. Somebody else's sweep may take the same, and one of the two gets each.
_TAKE = f"""
WITH bounds AS ({_BOUNDS}),
old AS (
    SELECT g.id FROM cavendish.generations g, bounds
    WHERE g.created_at >= bounds.since AND g.created_at < bounds.until AND g.finished_at < bounds.until
      AND g.state = 'completed' AND g.image_deleted_at IS NULL
    ORDER BY g.created_at, g.id LIMIT $2)
UPDATE cavendish.generations g SET image_deleted_at = cavendish.cavendish_now()
FROM old WHERE g.id = old.id AND g.image_deleted_at IS NULL
RETURNING g.image_name"""

# Up to what may still have a picture to retire, and never ahead of the clock, also of one that came back. What is not
# seen yet, for it is being written, is under a minute old.
_MOVE_ON = f"""
WITH bounds AS ({_BOUNDS})
INSERT INTO cavendish.facts (name, value)
SELECT 'retired_until', least(bounds.until - interval '1 minute', (
    SELECT min(g.created_at) FROM cavendish.generations g
    WHERE g.created_at >= bounds.since AND g.created_at < bounds.until
      AND (g.finished_at IS NULL OR (g.state = 'completed' AND g.image_deleted_at IS NULL))))::text
FROM bounds
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


async def take(transaction: Connection, *, older_than: datetime.timedelta, count: int) -> list[str]:
    """Mark so many pictures as deleted that were finished before; their names. Their files are still there."""
    names = [row["image_name"] for row in await transaction.fetch(_TAKE, older_than, count)]
    await transaction.execute(_MOVE_ON, older_than)
    return names
