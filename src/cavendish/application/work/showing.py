"""Unfinished pictures on their way from an engine to whoever waits: beside the work, and never in its way."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from cavendish.application.services import Services
from cavendish.db.pool import DatabaseError
from cavendish.engines.base import PREVIEW_BYTES_MAX, PREVIEW_SIDE_MAX, Capabilities
from cavendish.errors import DatabaseUnavailable
from cavendish.imaging import sniff
from cavendish.imaging.sniff import ImageHeader
from cavendish.moderation.base import Gate
from cavendish.stores import previews
from cavendish.stores.generations import Claim
from cavendish.stores.jobs import Change

log = structlog.get_logger("cavendish.showing")


@contextlib.contextmanager
def of(services: Services, gate: Gate, claim: Claim, can: Capabilities) -> Iterator[Showing]:
    """What an engine shows while the block runs. At its end nothing more is taken, and nobody waits for the rest."""
    wanted, can = claim.generation.previews, allowed(gate, can).of(claim.generation.model)
    showing = Showing(services, claim, wanted if can.previews else 0)
    try:
        yield showing
    finally:
        showing.close()


def allowed(gate: Gate, can: Capabilities) -> Capabilities:
    """What an engine can here: where pictures are judged, nothing of one is shown before."""
    if not gate.judges_pictures:
        return can
    return dataclasses.replace(
        can, previews=False, by_model={model: allowed(gate, other) for model, other in can.by_model.items()}
    )


class Showing:
    """Of one claim. `count`: how many may be shown."""

    def __init__(self, services: Services, claim: Claim, count: int) -> None:
        self.count = count
        self._services = services
        self._claim = claim
        self._taken = 0
        self._waiting: deque[_Shown] = deque()
        self._task: asyncio.Task[None] | None = None

    def show(self, data: bytes) -> None:
        """What an engine calls. What is more than was asked for, too large or no picture is dropped."""
        if self._taken >= self.count or (header := _header(data)) is None:
            return
        self._waiting.append(_Shown(self._taken, data, header))
        self._taken += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep())

    def close(self) -> None:
        """A write that is under way ends by itself: it adds nothing to what has ended."""
        self.count = 0
        self._waiting.clear()

    async def _keep(self) -> None:
        generation = self._claim.generation
        while self._waiting:
            try:
                kept = await self._kept(self._waiting.popleft())
            except (DatabaseUnavailable, DatabaseError) as exc:
                log.info("unfinished picture lost", error=type(exc).__name__)
                continue
            if kept:
                self._services.changed.add(Change(generation.id, generation.account_id))

    async def _kept(self, shown: _Shown) -> bool:
        async with self._services.db.connection() as connection:
            return await previews.keep(
                connection,
                self._claim.generation.id,
                fence=self._claim.fence,
                number=shown.number,
                media_type=shown.header.media_type,
                size=(shown.header.width, shown.header.height),
                data=shown.data,
            )


@dataclass(frozen=True, slots=True)
class _Shown:
    number: int
    data: bytes
    header: ImageHeader


def _header(data: bytes) -> ImageHeader | None:
    """What it says it is. Nobody decodes it here: it is small, worth nothing, and seen by its owner alone."""
    if len(data) > PREVIEW_BYTES_MAX:
        return None
    header = sniff.whole(data)
    small = header is not None and max(header.width, header.height) <= PREVIEW_SIDE_MAX
    return header if small else None
