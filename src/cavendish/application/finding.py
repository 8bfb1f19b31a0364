"""Looking for a text in prompts: row after row, newest first, in pieces that nothing else has to wait for.

No index helps, for the text may stand anywhere in a prompt. So a look ends by a time and not by what it has read, and
says where to go on; an account has one at a time; and all of a process's looks have a few connections between them.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import uuid
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from cavendish import clock
from cavendish.db.pool import Connection, Database
from cavendish.errors import RateLimitExceeded, ServiceBusy
from cavendish.models import Place
from cavendish.settings import Settings


class Listed(Protocol):
    """Something of a list that is newest first."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def created_at(self) -> datetime.datetime: ...


Found = TypeVar("Found", bound=Listed)

_PIECE_SECONDS = 0.05  # of one statement; the next has more rows or fewer
_PIECE_ROWS = (64, 1000, 20_000)  # at least, at first, at most: a prompt has 50 characters, and may have 20,000


@dataclass(frozen=True, slots=True)
class Piece(Generic[Found]):
    """Some rows that were looked through: those that match, in order, and the last of all; None: there are no more."""

    found: list[Found]
    end: Place | None


@dataclass(frozen=True, slots=True)
class Page(Generic[Found]):
    """What was found, newest first, and behind which one to go on; None: there is nothing more."""

    found: list[Found]
    last: uuid.UUID | None


# Looks through so many rows behind a place for so many that match.
Look: TypeAlias = Callable[[Connection, Place | None, int, int], Awaitable[Piece[Found]]]


def place(of: Listed | None) -> Place | None:
    """Where it stands."""
    return (of.created_at, of.id) if of else None


def page(found: list[Found], end: Place | None, count: int) -> Page[Found]:
    """A page of `count`, of which there may be one too many: then there is more. Else it goes on behind `end`."""
    if len(found) > count:
        return Page(found[:count], found[count - 1].id)
    return Page(found, end[1] if end else None)


class Finder:
    """One process's looks through prompts."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        # Looks by state alone have turns of their own: a list must not wait for those who search.
        self._by_text, self._by_state = _Turns(settings), _Turns(settings)

    async def find(
        self, account_id: int, look: Look[Found], *, by_text: bool, after: Place | None, count: int
    ) -> Page[Found]:
        """At most `count` that match, behind `after`: fewer, with more behind them, where the time is over.

        Raises:
            RateLimitExceeded: this account, the one that looks, is looking already, for longer than it may wait.
            ServiceBusy: others are.
        """
        async with (self._by_text if by_text else self._by_state).turn(account_id):
            found: list[Found] = []
            since, rows, wanted = clock.Stopwatch(), _PIECE_ROWS[1], count + 1
            while True:
                piece_since = clock.Stopwatch()
                async with self._db.connection() as connection:
                    piece = await look(connection, after, rows, wanted - len(found))
                found += piece.found
                if len(found) == wanted or piece.end is None or since.seconds > self._settings.find_seconds:
                    return page(found, piece.end, count)
                after, rows = piece.end, _next_rows(rows, piece_since.seconds)


class _Turns:
    """Who may look: one per account, and a few in all."""

    def __init__(self, settings: Settings) -> None:
        self._wait_seconds = settings.find_wait_seconds
        self._places = asyncio.Semaphore(settings.finds_at_once)
        self._accounts: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def turn(self, account_id: int) -> AsyncIterator[None]:
        own = self._accounts.setdefault(account_id, asyncio.Lock())
        seconds = self._wait_seconds
        mine = RateLimitExceeded(
            "This account is looking through its generations already; wait for that answer", retry_after_seconds=1
        )
        others = ServiceBusy("Too many are looking through generations now; try again shortly", retry_after_seconds=5)
        async with _waited_for(own, seconds, mine), _waited_for(self._places, seconds, others):
            yield


@contextlib.asynccontextmanager
async def _waited_for(
    place: asyncio.Lock | asyncio.Semaphore, seconds: float, refusal: RateLimitExceeded | ServiceBusy
) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            await place.acquire()
    except TimeoutError:
        raise refusal from None
    try:
        yield
    finally:
        place.release()


def _next_rows(rows: int, seconds: float) -> int:
    least, _, most = _PIECE_ROWS
    return max(least, min(most, 4 * rows, int(rows * _PIECE_SECONDS / max(seconds, 0.001))))
