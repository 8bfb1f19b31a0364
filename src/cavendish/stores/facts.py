"""What all processes of a database must agree on."""

from __future__ import annotations

from cavendish.db.pool import Connection

_REMEMBER_STORAGE = "INSERT INTO cavendish.facts (name, value) VALUES ('storage_id', $1) ON CONFLICT DO NOTHING"
_STORAGE = "SELECT value FROM cavendish.facts WHERE name = 'storage_id'"


async def storage_id(connection: Connection) -> str | None:
    """The id of the storage that this database's pictures are in; None: no process has started with it yet."""
    known: str | None = await connection.fetchval(_STORAGE)
    return known


async def remember_storage(connection: Connection, found: str) -> str:
    """The storage of this database from now on: the one found, where no other process was first."""
    await connection.execute(_REMEMBER_STORAGE, found)
    known: str = await connection.fetchval(_STORAGE)
    return known
