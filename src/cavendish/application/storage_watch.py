"""Whether the storage is there: looked at all the time, told once each time that it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from cavendish.storage.base import Storage, StorageError

log = structlog.get_logger("cavendish.storage")

_LOOK_SECONDS = 1.0  # between two looks: a directory opened and a small file read
_ANSWER_SECONDS = 5.0  # a share that hangs answers neither yes nor no


class StorageWatch:
    """One process's view of its storage. `missing`: it was not there at the last look."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._looking: asyncio.Task[str | None] | None = None
        self.missing = False

    async def run(self, told: Callable[[bool], None] = lambda _: None) -> None:
        """Look until cancelled; `told` hears each time whether it is there."""
        while True:
            told(await self.look())
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> bool:
        """Whether it is there now. All that ask at once share one look, so one that hangs holds one thread."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._trouble())
        looking = self._looking
        await asyncio.wait({looking}, timeout=_ANSWER_SECONDS)
        self._tell(looking.result() if looking.done() else "the storage does not answer")
        return not self.missing

    async def _trouble(self) -> str | None:
        try:
            await self._storage.verify()
        except StorageError as exc:
            return str(exc)
        return None

    def _tell(self, trouble: str | None) -> None:
        if trouble and not self.missing:
            log.error("storage missing: pictures wait until it is back", error=trouble)
        if self.missing and not trouble:
            log.warning("storage back")
        self.missing = trouble is not None
