"""Who may draw now: pictures enter in order, as long as their megapixels together stay below a maximum."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Admission:
    """A queue in order of arrival, weighed by megapixels.

    Memory grows with the pixels being drawn, not with the number of pictures. One picture larger than the maximum is
    drawn alone; one that waits is not overtaken by a smaller one, or a 4K picture would never have its turn.
    """

    def __init__(self, megapixels_max: int) -> None:
        # Whole pixels: sums of fractions would drift, and at last let nothing in.
        self._most = megapixels_max * 1_000_000
        self._used = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def room(self, pixels: int) -> AsyncIterator[None]:
        """Hold so many pixels; waits for them. The caller sets the time limit."""
        need = min(pixels, self._most)
        await self._enter(need)
        try:
            yield
        finally:
            self._used -= need
            self._let_in()

    async def _enter(self, need: int) -> None:
        if not self._waiting and self._fits(need):
            self._used += need
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = need, turn
        self._waiting.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._used -= need  # let in at the moment of giving up
            else:
                with contextlib.suppress(ValueError):  # dropped already, by one that gave up beside it
                    self._waiting.remove(entry)
            self._let_in()
            raise

    def _fits(self, need: int) -> bool:
        return self._used + need <= self._most

    def _let_in(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            need, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._used += need
                turn.set_result(None)
