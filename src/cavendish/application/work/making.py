"""What a worker makes just now, so that it stops what was settled elsewhere, as by its caller who cancelled it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator


class Settled(Exception):
    """Somebody settled the generation while its picture was made: nobody waits for that any more."""


class Making:
    """By generation, the block that `stop` ends."""

    def __init__(self) -> None:
        self._blocks: dict[uuid.UUID, asyncio.Timeout] = {}

    @contextlib.asynccontextmanager
    async def of(self, generation_id: uuid.UUID) -> AsyncIterator[None]:
        """What the block does is ended, as by a timeout, when this generation is to be stopped.

        Raises:
            Settled: it was.
        """
        block = asyncio.timeout(None)
        try:
            async with block:
                self._blocks[generation_id] = block
                try:
                    yield
                finally:
                    self._blocks.pop(generation_id, None)
        except TimeoutError as exc:
            if block.expired():
                raise Settled from exc
            raise

    def stop(self, generation_id: uuid.UUID) -> None:
        """Nothing happens where it is not made here; one whose picture is there already settles by itself."""
        if (block := self._blocks.pop(generation_id, None)) is not None:
            block.reschedule(asyncio.get_running_loop().time())
