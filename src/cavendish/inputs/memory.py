"""How much of callers' pictures a worker holds at once, over all its generations."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Waiting:
    share: Share
    size: int
    turn: asyncio.Future[None]


class Memory:
    """Bytes that all generations of a worker hold together, below a maximum; who finds no room waits in order.

    The oldest generation of those that hold some never waits: else two could wait for each other's room for ever. So
    the maximum is passed by the pictures of one generation at most.
    """

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._used = 0
        self._shares: list[Share] = []  # the oldest first
        self._waiting: list[_Waiting] = []

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._used

    @contextmanager
    def share(self) -> Iterator[Share]:
        """One generation's part: what it takes in the block is free again when the block ends."""
        share = Share(self)
        self._shares.append(share)
        try:
            yield share
        finally:
            self._shares.remove(share)
            self.change(share, -share.bytes)

    async def take(self, share: Share, size: int) -> None:
        """Take bytes for a share; waits for them. The caller sets the time limit."""
        entry = _Waiting(share, size, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._let_in()
        try:
            await entry.turn
        except asyncio.CancelledError:
            with contextlib.suppress(ValueError):  # let in at the moment of giving up: free when the share ends
                self._waiting.remove(entry)
            self._let_in()
            raise

    def change(self, share: Share, size: int) -> None:
        """Count bytes that are there already, or, below 0, no more."""
        share.bytes += size
        self._used += size
        self._let_in()

    def _let_in(self) -> None:
        blocked = False
        for entry in tuple(self._waiting):
            fits = not blocked and self._used + entry.size <= self._bytes_max
            if fits or entry.share is self._shares[0]:
                self._waiting.remove(entry)
                entry.share.bytes += entry.size
                self._used += entry.size
                if not entry.turn.done():
                    entry.turn.set_result(None)
            else:
                blocked = True


class Share:
    """What one generation holds."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.bytes = 0

    async def take(self, size: int) -> None:
        """Take bytes; waits until there is room."""
        await self._memory.take(self, size)

    def replace(self, taken: int, size: int) -> None:
        """What was taken became more or fewer bytes."""
        self._memory.change(self, size - taken)
