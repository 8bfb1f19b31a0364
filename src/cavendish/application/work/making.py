"""What a worker makes just now, so that it stops what was settled elsewhere, as by its caller who cancelled it.

What only its engine can stop is asked for, and settled here.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator


class Settled(Exception):
    """Somebody settled the generation while its picture was made: nobody waits for that any more."""


class Making:
    """By generation, the block that `stop` ends, and what its engine sees of `ask`."""

    def __init__(self) -> None:
        self._blocks: dict[uuid.UUID, asyncio.Timeout] = {}
        self._unwanted: dict[uuid.UUID, asyncio.Event] = {}

    @contextlib.asynccontextmanager
    async def of(self, generation_id: uuid.UUID) -> AsyncIterator[asyncio.Event]:
        """What the block does is ended, as by a timeout, when this generation is to be stopped; the event is set when
        it is unwanted.

        Raises:
            Settled: it was.
        """
        block, unwanted = asyncio.timeout(None), asyncio.Event()
        try:
            async with block:
                self._blocks[generation_id], self._unwanted[generation_id] = block, unwanted
                try:
                    yield unwanted
                finally:
                    self._blocks.pop(generation_id, None)
                    self._unwanted.pop(generation_id, None)
        except TimeoutError as exc:
            if block.expired():
                raise Settled from exc
            raise

    def stop(self, generation_id: uuid.UUID) -> None:
        """Nothing happens where it is not made here; one whose picture is there already settles by itself."""
        if (block := self._blocks.pop(generation_id, None)) is not None:
            block.reschedule(asyncio.get_running_loop().time())

    def ask(self, generation_id: uuid.UUID) -> None:
        """Nothing happens where it is not made here, or by an engine that does not look."""
        if (unwanted := self._unwanted.get(generation_id)) is not None:
            unwanted.set()
