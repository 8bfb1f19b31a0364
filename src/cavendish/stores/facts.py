"""What all processes of a database must agree on."""

from __future__ import annotations

from cavendish.db.pool import Connection

_REMEMBER_STORAGE = "INSERT INTO cavendish.facts (name, value) VALUES ('storage_id', $1) ON CONFLICT DO NOTHING"
_STORAGE = "SELECT value FROM cavendish.facts WHERE name = 'storage_id'"


async def storage_id(connection: Connection, found: str) -> str:
    """The id of the storage that this database's pictures are in: the one found, where none was known before."""
    await connection.execute(_REMEMBER_STORAGE, found)
    known: str = await connection.fetchval(_STORAGE)
    return known
