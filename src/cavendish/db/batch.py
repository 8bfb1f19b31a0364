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
        self._waiting: dict[Key, asyncio.Future[Value | None]] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._scheduled = False

    async def load(self, key: Key) -> Value | None:
        """The value as it is after this call began, None where there is none; raises what the read raised."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            self._schedule()
        # Others may wait for the same future: one caller's disconnect must not cancel it for them.
        return await asyncio.shield(future)

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

    async def _run(self, taken: dict[Key, asyncio.Future[Value | None]]) -> None:
        try:
            values = await self._read(list(taken))
        except BaseException as exc:
            _fail(taken.values(), exc if isinstance(exc, Exception) else RuntimeError("the read was cancelled"))
            if not isinstance(exc, Exception):
                raise
        else:
            for key, future in taken.items():
                if not future.done():
                    future.set_result(values.get(key))


def _fail(futures: object, exc: Exception) -> None:
    for future in futures:  # type: ignore[attr-defined]
        if not future.done():
            future.set_exception(exc)
            future.exception()  # a caller that went away must not make asyncio complain
