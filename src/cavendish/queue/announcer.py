"""Tells others what changed, after the commit and many at a time.

A transaction that notifies holds a lock over the whole database until it is on disk, so commits could not share one
flush; therefore announcements travel behind the commits. One that is lost costs a listener its own next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable

from cavendish.db.pool import Database
from cavendish.errors import DatabaseUnavailable
from cavendish.stores import jobs

GATHER_SECONDS = 0.002  # long enough to share one message under load, too short to be noticed


def of_work(db: Database) -> Announcer:
    """Wakes workers: there is something to do."""

    async def send(_: object) -> None:
        async with db.connection() as connection:
            await jobs.wake_workers(connection)

    return Announcer(send)


def of_changes(db: Database) -> Announcer:
    """Tells who waits for a generation that it is another one now."""

    async def send(generation_ids: list[uuid.UUID]) -> None:
        async with db.connection() as connection:
            await jobs.announce_changes(connection, generation_ids)

    return Announcer(send)


class Announcer:
    """Calls `send` with all that was added since its last call; one call at a time."""

    def __init__(self, send: Callable[[list[uuid.UUID]], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: dict[uuid.UUID, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, generation_id: uuid.UUID) -> None:
        """Announce this generation soon; never waits, never raises."""
        self._waiting[generation_id] = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    async def close(self) -> None:
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=1)
            self._task.cancel()

    async def _drain(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER_SECONDS)
            batch, self._waiting = list(self._waiting), {}
            with contextlib.suppress(DatabaseUnavailable):
                await self._send(batch)
