"""Many small reads as one: all that ask in one turn of the event loop share a statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Batch(Generic[Key, Value]):
    """Loads values by key, all waiting keys at once, at most `parallel` reads at a time.

    While a read is under way further keys gather for the next one, so the batches grow with the load by themselves.
    """

    def __init__(
        self, read: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]], *, parallel: int = 2, size_max: int = 500
    ) -> None:
        self._read = read
        self._parallel = parallel
        self._size_max = size_max
        self._waiting: dict[Key, list[asyncio.Future[Value | None]]] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._scheduled = False

    async def load(self, key: Key) -> Value | None:
        """The value as it is after this call began, None where there is none; raises what the read raised."""
        # A future for each caller: one that goes away takes only its own along.
        future: asyncio.Future[Value | None] = asyncio.get_running_loop().create_future()
        waiters = self._waiting.get(key)
        if waiters is not None:
            waiters.append(future)
        else:
            self._waiting[key] = [future]
            self._schedule()
        return await future

    def _schedule(self) -> None:
        if not self._scheduled and len(self._reading) < self._parallel:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._scheduled = False
        if not self._waiting:
            return
        taken = dict(list(self._waiting.items())[: self._size_max])
        for key in taken:
            del self._waiting[key]
        task = asyncio.get_running_loop().create_task(self._run(taken))
        self._reading.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._reading.discard(task)
        if self._waiting:
            self._schedule()

    async def _run(self, taken: dict[Key, list[asyncio.Future[Value | None]]]) -> None:
        try:
            values = await self._read(list(taken))
        except BaseException as exc:
            _fail(taken, exc if isinstance(exc, Exception) else RuntimeError("the read was cancelled"))
            if not isinstance(exc, Exception):
                raise
            return
        for key, waiters in taken.items():
            for future in waiters:
                if not future.done():
                    future.set_result(values.get(key))


def _fail(taken: Mapping[Key, list[asyncio.Future[Value | None]]], exc: Exception) -> None:
    for waiters in taken.values():
        for future in waiters:
            if not future.done():
                future.set_exception(exc)
                future.exception()  # a caller that went away must not make asyncio complain
