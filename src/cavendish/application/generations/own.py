"""What an owner does with generations afterwards: find, list, see what happened to one, delete it."""

from __future__ import annotations

import datetime

import structlog

from cavendish import ids
from cavendish.application import finding, pictures
from cavendish.application.finding import Page, Piece, place
from cavendish.application.generations import gone
from cavendish.application.generations.ownership import owned
from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.errors import ApiError, DatabaseUnavailable, InvalidInput, NotFound, ServiceBusy
from cavendish.models import Caller, Generation, Place, State, Status
from cavendish.storage.base import StorageError
from cavendish.stores import generation_lists, generations, ledger, register
from cavendish.stores.ledger import Movement

RUNNING_MAX = 100  # that are listed of what an account has under way: more than anybody watches
_SWEEP_SECONDS = 60.0  # by then the sweep has failed what passed its deadline

_UNKNOWN = "Generation ID not found; GET /api/v1/generations lists yours"
_FOREIGN = "Access denied: this generation belongs to another account"

log = structlog.get_logger("cavendish.generations")


async def find(services: Services, caller: Caller, generation_id: str) -> Generation:
    """One generation of the caller's, whole.

    Raises:
        NotFound, Forbidden: no such generation, or not the caller's.
    """
    async with services.db.connection() as connection:
        return await _owned(connection, caller, generation_id)


async def of_call(services: Services, caller: Caller, first: str) -> list[Status]:
    """All that one call ordered, by the id of its first generation, in order.

    Raises:
        NotFound: there is no such generation, or it is not the caller's: who asks this way learns no more.
    """
    if (parsed := ids.parse_generation_id(first)) is not None:
        async with services.db.connection() as connection:
            if found := await generations.of_call(connection, caller.account_id, parsed):
                return found
    raise NotFound(_UNKNOWN)


async def page(
    services: Services, caller: Caller, *, after: str | None, state: State | None, text: str | None, count: int
) -> Page[Generation]:
    """The caller's generations behind the one `after`: in this state; with this text in their prompt, or this id.

    Fewer than `count` may come with others behind them: what is looked for is looked for so long, and no longer.

    Raises:
        NotFound, Forbidden: of `after`.
        RateLimitExceeded, ServiceBusy: as of `Finder.find`.
    """
    async with services.db.connection() as connection:
        last = await _owned(connection, caller, after) if after else None
        if text and (one := await _own_by_id(connection, caller, text)) is not None:
            return Page([one], None)
        if state is None and not text:
            found = await generation_lists.own(connection, caller.account_id, after=place(last), count=count + 1)
            return finding.page(found, None, count)

    async def look(connection: Connection, after: Place | None, rows: int, wanted: int) -> Piece[Generation]:
        end = await generation_lists.rows_on(connection, caller.account_id, after=after, rows=rows)
        found = await generation_lists.own(
            connection, caller.account_id, after=after, until=end, state=state, text=text, count=wanted
        )
        return Piece(found, end)

    return await services.finder.find(caller.account_id, look, by_text=bool(text), after=place(last), count=count)


async def running(services: Services, caller: Caller) -> list[str]:
    """Ids of the caller's newest that have not ended."""
    age = datetime.timedelta(seconds=services.settings.deadline_seconds + _SWEEP_SECONDS)
    async with services.db.connection() as connection:
        found = await generation_lists.running(connection, caller.account_id, age_max=age, count=RUNNING_MAX)
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
    async with services.db.transaction() as transaction:
        found = await _owned(transaction, caller, generation_id)
        finished, name = await generations.hide(transaction, found.id)
        if finished:
            await register.forget(transaction, [found.id])
    if not finished:
        raise InvalidInput("This generation is still being made; delete it when it has ended")
    if name is not None:
        try:
            await pictures.delete(services.storage, name)
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


async def _own_by_id(connection: Connection, caller: Caller, text: str) -> Generation | None:
    """The caller's with this id, where it is in any list."""
    parsed = ids.parse_generation_id(text.strip().lower())
    return await generation_lists.own_one(connection, caller.account_id, parsed) if parsed else None


async def _owned(connection: Connection, caller: Caller, generation_id: str) -> Generation:
    parsed = ids.parse_generation_id(generation_id)
    found = await generations.get(connection, parsed) if parsed else None
    return owned(caller, found, unknown=_UNKNOWN, foreign=_FOREIGN)
