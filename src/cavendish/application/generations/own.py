"""What an owner does with generations afterwards: find, list, see what happened to one, delete it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import structlog

from cavendish import ids
from cavendish.application.generations import gone
from cavendish.application.generations.ownership import owned
from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.errors import ApiError, DatabaseUnavailable, InvalidInput, NotFound, ServiceBusy
from cavendish.models import Caller, Generation, State
from cavendish.storage.base import StorageError
from cavendish.stores import generations, ledger
from cavendish.stores.ledger import Movement

RUNNING_MAX = 100  # that are listed of what an account has under way: more than anybody watches
_SWEEP_SECONDS = 60.0  # by then the sweep has failed what passed its deadline

_UNKNOWN = "Generation ID not found; GET /api/v1/generations lists yours"
_FOREIGN = "Access denied: this generation belongs to another account"

log = structlog.get_logger("cavendish.generations")


@dataclass(frozen=True, slots=True)
class Page:
    """Some generations, newest first; `more`: there are others behind the last."""

    generations: list[Generation]
    more: bool


async def find(services: Services, caller: Caller, generation_id: str) -> Generation:
    """One generation of the caller's, whole.

    Raises:
        NotFound, Forbidden: no such generation, or not the caller's.
    """
    async with services.db.connection() as connection:
        return await _owned(connection, caller, generation_id)


async def page(
    services: Services, caller: Caller, *, after: str | None, state: State | None, text: str | None, count: int
) -> Page:
    """The caller's generations behind the one `after`: in this state, with this text in their prompt.

    Raises:
        NotFound, Forbidden: of `after`.
    """
    async with services.db.connection() as connection:
        last = await _owned(connection, caller, after) if after else None
        found = await generations.page(
            connection, caller.account_id, after=last, state=state, count=count + 1, text=text
        )
    return Page(found[:count], more=len(found) > count)


async def running(services: Services, caller: Caller) -> list[str]:
    """Ids of the caller's newest that have not ended."""
    age = datetime.timedelta(seconds=services.settings.deadline_seconds + _SWEEP_SECONDS)
    async with services.db.connection() as connection:
        found = await generations.running(connection, caller.account_id, age_max=age, count=RUNNING_MAX)
    return [generation_id.hex for generation_id in found]


async def history(services: Services, caller: Caller, generation_id: str) -> tuple[Generation, list[Movement]]:
    """One of the caller's, and the credits that moved for it. Errors as of `find`."""
    async with services.db.connection() as connection:
        found = await _owned(connection, caller, generation_id)
        return found, await ledger.of_generation(connection, found.id)


async def delete(services: Services, caller: Caller, generation_id: str) -> Generation:
    """Its picture goes, and no list shows it any more. What it cost stays as it is.

    Raises:
        NotFound, Forbidden: as of `find`.
        InvalidInput: it is still being made.
    """
    async with services.db.connection() as connection:
        found = await _owned(connection, caller, generation_id)
        finished, name = await generations.hide(connection, found.id)
    if not finished:
        raise InvalidInput("This generation is still being made; delete it when it has ended")
    if name is not None:
        try:
            await services.storage.delete(name)
        except StorageError:
            log.warning("a deleted picture's file is left to the sweep")
    return found


async def why_no_picture(services: Services, name: str) -> ApiError:
    """Whether there was a picture of this name that its time or its owner has ended. Anybody's: names are secrets.

    Raises:
        ServiceBusy: it cannot be known now.
    """
    try:
        async with services.db.connection() as connection:
            found = await generations.image_gone(connection, name)
    except DatabaseUnavailable as exc:
        raise ServiceBusy("The picture cannot be found now; try again shortly", retry_after_seconds=5) from exc
    if found is not None:
        return gone.as_error(found)
    return NotFound("There is no such picture; use the imageUrl that check-status answered with")


async def _owned(connection: Connection, caller: Caller, generation_id: str) -> Generation:
    parsed = ids.parse_generation_id(generation_id)
    found = await generations.get(connection, parsed) if parsed else None
    return owned(caller, found, unknown=_UNKNOWN, foreign=_FOREIGN)
