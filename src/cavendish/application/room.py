"""Whether there is room left for pictures and for the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from cavendish.storage.base import StorageError

FreeBytes = Callable[[], Awaitable[int | None]]


class Room:
    """Room on the volumes that this process can see.

    One look at a time, whoever asks: a mount that hangs keeps its thread, and of those there are few.

    Args:
        volumes: What lies there, and what asks for the bytes that are free; it gives None where nobody counts them.
        bytes_min: Less than this is no room; 0: nobody looks.
    """

    def __init__(self, volumes: Mapping[str, FreeBytes], bytes_min: int) -> None:
        self._volumes = volumes
        self._bytes_min = bytes_min
        self._looking: asyncio.Task[str] | None = None

    async def lacking(self) -> str:
        """What there is no room for; empty where there is. It may take as long as the file system does."""
        if not self._bytes_min:
            return ""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> str:
        for name, free_bytes in self._volumes.items():
            try:
                free = await free_bytes()
            except (OSError, StorageError):
                return name
            if free is not None and free < self._bytes_min:
                return name
        return ""
