"""What a process makes sure of before it serves or works. Each step may be repeated."""

from __future__ import annotations

import asyncio

import structlog

from cavendish import clock
from cavendish.db.pool import Database
from cavendish.errors import ConfigurationError
from cavendish.settings import Settings
from cavendish.storage.base import Storage, StorageMissing
from cavendish.stores import facts, jobs

log = structlog.get_logger("cavendish.start")

_LOOK_SECONDS = 0.2


async def find_storage(db: Database, storage: Storage, *, seconds: float) -> None:
    """Open this database's storage; a mount that comes a little later than this process gets so many seconds.

    Raises:
        ConfigurationError: there is none, or another one.
        DatabaseUnavailable, StorageError: it cannot be known.
    """
    watch, told = clock.Stopwatch(), False
    while True:
        try:
            return await match_storage(db, storage)
        except StorageMissing as exc:
            if watch.seconds >= seconds:
                raise ConfigurationError(
                    f"{exc}. This database's pictures are in another one: mount it there, or set CAVENDISH_STORAGE_URL"
                    " to the storage that all processes share"
                ) from exc
            if not told:
                log.warning("waiting for the storage", error=str(exc))
            told = True
        await asyncio.sleep(_LOOK_SECONDS)


async def match_storage(db: Database, storage: Storage) -> None:
    """Open the storage that this database's pictures are in, and no other. Only the first start of all makes one.

    Raises:
        ConfigurationError: it is another one.
        StorageMissing: it is not there; it may come.
        DatabaseUnavailable, StorageError: it cannot be known.
    """
    async with db.connection() as connection:
        known = await facts.storage_id(connection)
    found = await storage.open(known)
    if known is None:
        async with db.connection() as connection:
            known = await facts.remember_storage(connection, found)
    if known != found:
        raise ConfigurationError(
            "this storage does not belong to this database: pictures written here could not be read by the others."
            " Set CAVENDISH_STORAGE_URL to the storage that all processes share"
        )


async def know_engines(db: Database, settings: Settings) -> None:
    """Let the queue know the engines of all routes. Raises DatabaseUnavailable."""
    async with db.connection() as connection:
        await jobs.know_engines(connection, settings.engines)
