"""To claim one certain generation, as a worker does whose turn it is."""

from __future__ import annotations

import datetime
import uuid

from cavendish.db import sql
from cavendish.db.pool import Connection, Database
from cavendish.stores import generations, jobs
from cavendish.stores.generations import Claim

LEASE = datetime.timedelta(seconds=4)

# The service's own claim, of this one instead of the next one.
CLAIM_ONE = sql.joined(
    "next AS (SELECT id FROM cavendish.generations WHERE id = :id AND finished_at IS NULL FOR NO KEY UPDATE)",
    jobs.CLAIM,
    jobs.ADVANCE,
    select="SELECT * FROM claimed",
)


async def claim_one(
    db: Database | Connection, generation_id: uuid.UUID | str, *, lease: datetime.timedelta = LEASE
) -> Claim | None:
    """The claim; None: it is settled."""
    named = uuid.UUID(hex=generation_id) if isinstance(generation_id, str) else generation_id
    row = await db.fetchrow(CLAIM_ONE.text, *CLAIM_ONE.arguments({"id": named, "lease": lease}))
    return generations.claim_from_row(row) if row else None
