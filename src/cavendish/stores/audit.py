"""Who did what to accounts, keys and credits, in words for an operator. Rows are added, never changed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from cavendish.db.pool import Connection

Action = Literal[
    "account_created",
    "grant",
    "key_changed",
    "key_created",
    "key_revoked",
    "link_made",
    "marks_off",
    "operator_changed",
    "safeguards_off",
    "sign_in",
]

COMMAND_LINE = "command line"

_WRITE = "INSERT INTO cavendish.audit (actor, action, subject, detail) VALUES ($1, $2, $3, $4)"

_PAGE = """
SELECT id, at, actor, action, subject, detail FROM cavendish.audit
WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail."""

    id: int
    at: datetime.datetime
    actor: str
    action: str
    subject: str
    detail: str


async def write(connection: Connection, *, actor: str, action: Action, subject: str, detail: str = "") -> None:
    """Add a line, in the transaction of what it tells about."""
    await connection.execute(_WRITE, actor, action, subject, detail)


async def page(connection: Connection, *, before: int | None, count: int) -> list[Entry]:
    """Newest first."""
    return [Entry(**row) for row in await connection.fetch(_PAGE, before, count)]
