"""Following a generation: how many may, and how a call waits for its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence

from cavendish import clock
from cavendish.application.services import Services
from cavendish.errors import ServiceBusy
from cavendish.models import Caller, State, Status
from cavendish.settings import Settings

PREFERENCE_SECONDS_MAX = 30  # a wait ends before proxies and clients give up, at 60 s and less


class Streams:
    """How many streams are open, by account and in all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: Counter[int] = Counter()

    def enter(self, account_id: int) -> None:
        """Raises ServiceBusy where there are as many as may be."""
        if self._open[account_id] >= (most := self._settings.streams_per_account_max):
            raise ServiceBusy(
                f"This account has {most} event streams open already; close some, or poll check-status",
                retry_after_seconds=5,
            )
        if self._open.total() >= self._settings.streams_max:
            raise ServiceBusy("Too many event streams are open; poll check-status", retry_after_seconds=5)
        self._open[account_id] += 1

    def leave(self, account_id: int) -> None:
        self._open[account_id] -= 1
        if self._open[account_id] <= 0:
            del self._open[account_id]


async def until_all_ended(
    services: Services, caller: Caller, generation_ids: Sequence[str], *, seconds: float
) -> list[Status]:
    """The same of several, for calls that answer with the pictures. Who waits so holds no thread and asks nobody.

    Raises as `until_ended`.
    """
    waits = [_until_ended(services, caller, generation_id, seconds=seconds) for generation_id in generation_ids]
    return await asyncio.gather(*waits)


async def until_ended(services: Services, caller: Caller, generation_id: str, *, seconds: float) -> Status:
    """The generation's state once it has ended, after so many seconds, or when the service is about to stop.

    Raises:
        NotFound, Forbidden, ServiceBusy: as `StatusReader.read`.
    """
    return await _until_ended(services, caller, generation_id, seconds=min(seconds, PREFERENCE_SECONDS_MAX))


async def _until_ended(services: Services, caller: Caller, generation_id: str, *, seconds: float) -> Status:
    watch, notifications = clock.Stopwatch(), services.notifications
    with notifications.watch(generation_id) as change:
        while True:
            change.clear()
            status = await services.statuses.read(caller, generation_id)
            left = seconds - watch.seconds
            if State(status.state).terminal or left <= 0 or services.draining:
                return status
            await until_changed(change, min(left, notifications.patience_seconds))


async def until_changed(change: asyncio.Event, seconds: float) -> None:
    """Until the change, or so long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(change.wait(), seconds)
