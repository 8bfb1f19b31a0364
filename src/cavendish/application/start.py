"""What a process makes sure of before it serves or works. Each step may be repeated."""

from __future__ import annotations

import secrets

from cavendish.db.pool import Database
from cavendish.errors import ConfigurationError
from cavendish.settings import Settings
from cavendish.storage.base import Storage
from cavendish.stores import facts, jobs


async def match_storage(db: Database, storage: Storage) -> None:
    """Refuse a storage that is not the one this database's pictures are in.

    Raises:
        ConfigurationError: it is another one.
        DatabaseUnavailable, StorageError: it cannot be known.
    """
    found = await storage.identity(secrets.token_hex(16))
    async with db.connection() as connection:
        known = await facts.storage_id(connection, found)
    if known != found:
        raise ConfigurationError(
            "this storage does not belong to this database: pictures written here could not be read by the others."
            " Set CAVENDISH_STORAGE_URL to the storage that all processes share"
        )


async def know_engines(db: Database, settings: Settings) -> None:
    """Let the queue know the engines of all routes. Raises DatabaseUnavailable."""
    async with db.connection() as connection:
        await jobs.know_engines(connection, settings.engines)
