"""Who waits in this process for which generation or account: one database connection hears for all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

import structlog

from cavendish.db.pool import Connection, Database
from cavendish.errors import DatabaseUnavailable
from cavendish.stores import jobs

log = structlog.get_logger("cavendish.notifications")

Key = TypeVar("Key")
Waiter = TypeVar("Waiter", bound=asyncio.Event)

_LOOK_SECONDS = 1.0  # between two looks of a waiting call while nothing is heard
_HEARD_LOOK_SECONDS = 15.0  # the same while it is: an announcement may be lost
_RETRY_SECONDS_MIN, _RETRY_SECONDS_MAX = 0.25, 8.0
_IDLE_SECONDS = 30.0  # without a waiting call the connection is given back
_NAMED_MAX = 1000  # changed generations remembered for a slow watcher; then it looks at everything


class AccountChange(asyncio.Event):
    """Is set at every change of an account's generations, and names them."""

    def __init__(self) -> None:
        super().__init__()
        self._named: set[str] | None = None

    def tell(self, generation_id: str | None) -> None:
        """This one changed; None: anything may have."""
        if generation_id is None or (self._named is not None and len(self._named) >= _NAMED_MAX):
            self._named = None
        elif self._named is not None:
            self._named.add(generation_id)
        self.set()

    def take(self) -> set[str] | None:
        """What changed since this was asked last; None: anything may have, as at the first time."""
        named, self._named = self._named, set()
        self.clear()
        return named


class Notifications:
    """Wakes what waits for a generation or an account's, when it changes. Nothing runs while nobody waits."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._accounts: defaultdict[int, set[AccountChange]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._hearing = False
        self._arrived = asyncio.Event()

    @property
    def patience_seconds(self) -> float:
        """How long to wait for a wake-up before looking anyway."""
        return _HEARD_LOOK_SECONDS if self._hearing else _LOOK_SECONDS

    @contextlib.contextmanager
    def watch(self, *generation_ids: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change of any of these generations; clear it before each look."""
        change = asyncio.Event()
        with contextlib.ExitStack() as entered:
            for generation_id in generation_ids:
                entered.enter_context(self._entered(self._waiting, generation_id, change))
            yield change

    @contextlib.contextmanager
    def watch_account(self, account_id: int) -> Iterator[AccountChange]:
        """What changes of this account's generations; take it before each look."""
        change = AccountChange()
        with self._entered(self._accounts, account_id, change):
            yield change

    def tell(self, account_id: int, generation_id: str) -> None:
        """A generation of this account is new, and this process knows it before anybody announces it."""
        for change in self._accounts.get(account_id, ()):
            change.tell(generation_id)

    def wake_all(self) -> None:
        """Let everyone look: something is different, such as the service stopping."""
        for changes in self._waiting.values():
            for change in changes:
                change.set()
        for account in self._accounts.values():
            for one in account:
                one.tell(None)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)

    @contextlib.contextmanager
    def _entered(self, waiting: defaultdict[Key, set[Waiter]], key: Key, change: Waiter) -> Iterator[None]:
        waiting[key].add(change)
        self._arrived.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            waiting[key].discard(change)
            if not waiting[key]:
                del waiting[key]

    async def _run(self) -> None:
        """Listen as long as anyone waits; a lost connection is made anew, with growing pauses."""
        pause = _RETRY_SECONDS_MIN
        while True:
            try:
                lost = asyncio.Event()
                connection = await self._db.listen(jobs.CHANGED_CHANNEL, self._heard, lost.set)
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
                if not lost.is_set() and not self._is_watched() and not self._arrived.is_set():
                    return True
            return False
        finally:
            self._hearing = False

    def _is_watched(self) -> bool:
        return bool(self._waiting or self._accounts)

    def _heard(self, payload: str) -> None:
        generation_id, account_id = jobs.change_heard(payload)
        for change in self._waiting.get(generation_id, ()):
            change.set()
        self.tell(account_id, generation_id)


async def _closed(connection: Connection) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), 1)
