"""Tells others what changed, after the commit and many at a time.

A transaction that notifies holds a lock over the whole database until it is on disk, so commits could not share one
flush; therefore announcements travel behind the commits. One that is lost costs a listener its own next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cavendish.db.pool import Database
from cavendish.errors import DatabaseUnavailable
from cavendish.stores import jobs
from cavendish.stores.jobs import Change

Subject = TypeVar("Subject", bound=Hashable)

GATHER_SECONDS = 0.002  # long enough to share one message under load, too short to be noticed


def of_work(db: Database) -> Announcer[uuid.UUID]:
    """Wakes workers: there is something to do."""

    async def send(_: object) -> None:
        async with db.connection() as connection:
            await jobs.wake_workers(connection)

    return Announcer(send)


def of_changes(db: Database) -> Announcer[Change]:
    """Tells who waits for a generation, or for any of its account's, that it is another one now."""

    async def send(changes: list[Change]) -> None:
        async with db.connection() as connection:
            await jobs.announce_changes(connection, changes)

    return Announcer(send)


def of_stops(db: Database) -> Announcer[uuid.UUID]:
    """Tells the worker that has it: it is settled. One that does not hear it finds out by its next beat."""

    async def send(generation_ids: list[uuid.UUID]) -> None:
        async with db.connection() as connection:
            await jobs.stop_workers(connection, generation_ids)

    return Announcer(send)


def of_asks(db: Database) -> Announcer[uuid.UUID]:
    """Asks the worker that has it to stop it, if that can be. One that does not hear it makes the picture."""

    async def send(generation_ids: list[uuid.UUID]) -> None:
        async with db.connection() as connection:
            await jobs.ask_workers(connection, generation_ids)

    return Announcer(send)


class Announcer(Generic[Subject]):
    """Calls `send` with all that was added since its last call; one call at a time."""

    def __init__(self, send: Callable[[list[Subject]], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: dict[Subject, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, subject: Subject) -> None:
        """Announce this soon; never waits, never raises."""
        self._waiting[subject] = None
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
