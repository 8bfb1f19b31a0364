"""Who waits in this process for which generation: one database connection hears for all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

import structlog

from cavendish.db.pool import Connection, Database
from cavendish.errors import DatabaseUnavailable
from cavendish.stores.jobs import CHANGED_CHANNEL

log = structlog.get_logger("cavendish.notifications")

_LOOK_SECONDS = 1.0  # between two looks of a waiting call while nothing is heard
_HEARD_LOOK_SECONDS = 15.0  # the same while it is: an announcement may be lost
_RETRY_SECONDS_MIN, _RETRY_SECONDS_MAX = 0.25, 8.0
_IDLE_SECONDS = 30.0  # without a waiting call the connection is given back


class Notifications:
    """Wakes what waits for a generation when it changes. Nothing runs while nobody waits."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._hearing = False
        self._arrived = asyncio.Event()

    @property
    def patience_seconds(self) -> float:
        """How long to wait for a wake-up before looking anyway."""
        return _HEARD_LOOK_SECONDS if self._hearing else _LOOK_SECONDS

    @contextlib.contextmanager
    def watch(self, generation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change of this generation; clear it before each look."""
        change = asyncio.Event()
        self._waiting[generation_id].add(change)
        self._arrived.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            yield change
        finally:
            self._waiting[generation_id].discard(change)
            if not self._waiting[generation_id]:
                del self._waiting[generation_id]

    def wake_all(self) -> None:
        """Let everyone look: something is different, such as the service stopping."""
        for changes in self._waiting.values():
            for change in changes:
                change.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)

    async def _run(self) -> None:
        """Listen as long as anyone waits; a lost connection is made anew, with growing pauses."""
        pause = _RETRY_SECONDS_MIN
        while True:
            try:
                lost = asyncio.Event()
                connection = await self._db.listen(CHANGED_CHANNEL, self._heard, lost.set)
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _RETRY_SECONDS_MAX)
                continue
            pause = _RETRY_SECONDS_MIN
            try:
                if await self._listen(lost):
                    return
            finally:
                await _closed(connection)
            log.warning("the connection that hears changes was lost")

    async def _listen(self, lost: asyncio.Event) -> bool:
        """Hear until the connection is lost (False), or nobody has waited for a while (True)."""
        self._hearing = True
        self.wake_all()  # what changed before anyone listened
        try:
            while not lost.is_set():
                self._arrived.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), _IDLE_SECONDS)
                if not lost.is_set() and not self._waiting and not self._arrived.is_set():
                    return True
            return False
        finally:
            self._hearing = False

    def _heard(self, generation_id: str) -> None:
        for change in self._waiting.get(generation_id, ()):
            change.set()


async def _closed(connection: Connection) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), 1)
