"""Progress of running claims: gathered in memory, written for all at once, never lowered."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from cavendish import clock
from cavendish.application.services import Services
from cavendish.errors import DatabaseUnavailable
from cavendish.models import Quality
from cavendish.stores import generations
from cavendish.stores.jobs import Change

ESTIMATE_MAX = 95  # an estimate may not claim to be done
_TYPICAL_SECONDS = {Quality.ONE_K: 15.0, Quality.TWO_K: 25.0, Quality.FOUR_K: 50.0}  # until an engine was measured
_LEARNING = 0.2  # weight of the newest duration in the average


class Board:
    """Percentages waiting to be written, and how long each engine usually takes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._marks: dict[uuid.UUID, tuple[int, int]] = {}
        self._typical: dict[tuple[str, Quality], float] = {}

    def reporter(self, generation_id: uuid.UUID, fence: int) -> Callable[[int], None]:
        """What an engine calls with 0 to 99."""

        def report(percent: int) -> None:
            percent = max(0, min(99, int(percent)))
            _, best = self._marks.get(generation_id, (fence, 0))
            self._marks[generation_id] = (fence, max(percent, best))

        return report

    async def estimate(self, engine: str, quality: Quality, report: Callable[[int], None]) -> None:
        """Report by measured durations, for an engine that tells nothing; runs until it is cancelled."""
        typical = self._typical.get((engine, quality), _TYPICAL_SECONDS[quality])
        watch = clock.Stopwatch()
        while True:
            report(min(ESTIMATE_MAX, round(100 * watch.seconds / typical)))
            await asyncio.sleep(self._services.settings.progress_seconds)

    def learn(self, engine: str, quality: Quality, seconds: float) -> None:
        """Remember how long a success took."""
        before = self._typical.get((engine, quality), seconds)
        self._typical[engine, quality] = before + _LEARNING * (seconds - before)

    def forget(self, generation_id: uuid.UUID) -> None:
        self._marks.pop(generation_id, None)

    async def run(self) -> None:
        """Write what is new, again and again; a write that fails is made up by the next."""
        while True:
            await asyncio.sleep(self._services.settings.progress_seconds)
            marks, self._marks = self._marks, {}
            if marks:
                await self._write([(key, fence, percent) for key, (fence, percent) in marks.items()])

    async def _write(self, marks: list[tuple[uuid.UUID, int, int]]) -> None:
        try:
            async with self._services.db.connection() as connection:
                raised = await generations.write_progress(connection, marks)
        except DatabaseUnavailable:
            return
        for generation_id, account_id in raised:
            self._services.changed.add(Change(generation_id, account_id))
