"""Answer polls: cheap, never throttled away, never failing while this process lives."""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict

from cavendish import ids
from cavendish.application.generations.ownership import owned
from cavendish.db.batch import Batch
from cavendish.db.patience import away_after, patiently
from cavendish.db.pool import Database
from cavendish.errors import DatabaseUnavailable, NotFound, ServiceBusy
from cavendish.models import Caller, Status
from cavendish.settings import Settings
from cavendish.stores import generations, rate_limits

_LAST_MAX = 10_000  # last known states per process, about 1 kB each
_UNKNOWN = "Generation ID not found; use the generationId that generate answered with"
_FOREIGN = "Access denied: this generation belongs to another account; use the key that created it"


class StatusReader:
    """Reads the state of generations. Every answer comes from the database; only an outage is bridged from memory."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._batch: Batch[uuid.UUID, Status] = Batch(self._read)
        self._last: OrderedDict[uuid.UUID, Status] = OrderedDict()
        self._budget = rate_limits.LocalLimiter(settings.poll_limit)

    async def read(self, caller: Caller, generation_id: str) -> Status:
        """The generation's state now; its last known one over the poll budget or during an outage.

        Raises:
            NotFound, Forbidden: no such generation, or not the caller's.
            ServiceBusy: the database is away for longer than it may be, and this process never saw the generation.
        """
        parsed = ids.parse_generation_id(generation_id)
        if parsed is None:
            raise NotFound(_UNKNOWN)
        if self._budget.take(caller.key_id) > 0:
            await asyncio.sleep(self._settings.poll_wait_seconds)
            if (last := self._last.get(parsed)) is not None:
                return owned(caller, last, unknown=_UNKNOWN, foreign=_FOREIGN)
        return owned(caller, await self._current(parsed), unknown=_UNKNOWN, foreign=_FOREIGN)

    async def _current(self, generation_id: uuid.UUID) -> Status | None:
        """From the database; while it is away, wait a little, then from memory."""
        try:
            # Without `patiently` around it: this is the hottest line there is.
            return self._remember(generation_id, await self._batch.load(generation_id))
        except DatabaseUnavailable:
            return await self._bridged(generation_id)

    async def _bridged(self, generation_id: uuid.UUID) -> Status | None:
        last = self._last.get(generation_id)
        patience = self._settings.poll_wait_seconds if last is not None else self._settings.outage_seconds
        try:
            found = await patiently(lambda: self._batch.load(generation_id), seconds=patience)
        except DatabaseUnavailable as exc:
            if last is not None:
                return last
            raise ServiceBusy(
                "The service cannot reach its database; ask again shortly", retry_after_seconds=2
            ) from exc
        return self._remember(generation_id, found)

    def _remember(self, generation_id: uuid.UUID, status: Status | None) -> Status | None:
        if status is not None:
            self._last[generation_id] = status
            self._last.move_to_end(generation_id)
            if len(self._last) > _LAST_MAX:
                self._last.popitem(last=False)
        return status

    async def _read(self, generation_ids: list[uuid.UUID]) -> dict[uuid.UUID, Status]:
        async with away_after(self._settings.outage_seconds / 2), self._db.connection() as connection:
            return await generations.poll(connection, generation_ids)
