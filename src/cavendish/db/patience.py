"""Waiting for a database that is away: how long, and what then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cavendish import clock
from cavendish.errors import DatabaseUnavailable

PAUSE_SECONDS = 0.1  # between two tries: short beside what a caller waits, long beside what a refused try costs

Result = TypeVar("Result")


async def patiently(
    step: Callable[[], Awaitable[Result]], *, seconds: float, pause_seconds: float | None = None
) -> Result:
    """What the step gives, tried again while the database is away. It must bear being repeated.

    Raises:
        DatabaseUnavailable: of the last try, which began when the seconds were over; 0: of the only one.
    """
    watch = clock.Stopwatch()
    while True:
        try:
            return await step()
        except DatabaseUnavailable:
            if watch.seconds >= seconds:
                raise
        await asyncio.sleep(PAUSE_SECONDS if pause_seconds is None else pause_seconds)


class away_after:  # noqa: N801  (reads as a statement)
    """Give up on a database that does not answer: DatabaseUnavailable after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: object) -> None:
        try:
            await self._timeout.__aexit__(kind, exc, trace)  # type: ignore[arg-type]
        except TimeoutError:
            raise DatabaseUnavailable("the database did not answer in time") from exc
