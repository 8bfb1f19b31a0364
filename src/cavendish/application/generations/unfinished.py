"""Unfinished pictures, for whoever waits for the finished ones. One that is lost is missed by nobody."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence

from cavendish import clock
from cavendish.application.generations import wait
from cavendish.application.services import Services
from cavendish.db.pool import DatabaseError
from cavendish.errors import DatabaseUnavailable
from cavendish.models import PREVIEWS_MAX, Caller, State
from cavendish.stores import previews
from cavendish.stores.previews import Preview


class Unseen:
    """Of some generations, those that were not given yet."""

    def __init__(self, services: Services, caller: Caller, generation_ids: Iterable[uuid.UUID]) -> None:
        self._services = services
        self._caller = caller
        self._next = dict.fromkeys(generation_ids, 0)

    async def take(self) -> list[Preview]:
        """What is new, the oldest first: the caller's own alone. Nothing, too, while the database is away."""
        wanted = {one: number for one, number in self._next.items() if number < PREVIEWS_MAX}
        if not wanted:
            return []
        with contextlib.suppress(DatabaseUnavailable, DatabaseError):
            async with self._services.db.connection() as connection:
                found = await previews.news(connection, self._caller.account_id, wanted)
            self._next.update((one.generation_id, one.number + 1) for one in found)
            return found
        return []


async def newest(services: Services, caller: Caller, generation_id: uuid.UUID) -> Preview | None:
    """How far this one of the caller's is, as a picture; None: there is nothing to see of it."""
    found = await Unseen(services, caller, [generation_id]).take()
    return found[-1] if found else None


async def pictures(
    services: Services, caller: Caller, generation_ids: Sequence[uuid.UUID], *, seconds: float
) -> AsyncIterator[Preview]:
    """Each of these generations' once, as it comes, until all have ended, for so long, or until the service is to stop.

    Raises as `wait.until_ended`.
    """
    watch, unseen, named = (
        clock.Stopwatch(),
        Unseen(services, caller, generation_ids),
        [one.hex for one in generation_ids],
    )
    with services.notifications.watch(*named) as change:
        while True:
            change.clear()
            statuses = await asyncio.gather(*(services.statuses.read(caller, one) for one in named))
            # Behind the states: what was there when the last one ended is given before the end is told.
            for preview in await unseen.take():
                yield preview
            left = seconds - watch.seconds
            if all(State(one.state).terminal for one in statuses) or left <= 0 or services.draining:
                return
            await wait.until_changed(change, min(left, services.notifications.patience_seconds))
