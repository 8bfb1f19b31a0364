"""Take an order back: free where nobody is paid for it yet; where somebody may be, the picture comes."""

from __future__ import annotations

import structlog

from cavendish.application import observe
from cavendish.application.generations import own, routing
from cavendish.application.services import Services
from cavendish.application.work import settle
from cavendish.errors import Cancelled, TooLateToCancel
from cavendish.models import Caller, Generation, State

log = structlog.get_logger("cavendish.generations")


async def cancel(services: Services, caller: Caller, generation_id: str) -> Generation:
    """Cancel one of the caller's, and give its credits back. Twice is once.

    Raises:
        NotFound, Forbidden: no such generation, or not the caller's.
        TooLateToCancel: it has ended otherwise, or its engine may bill what it has begun.
    """
    await _try(services, await own.find(services, caller, generation_id))
    return _cancelled(await own.find(services, caller, generation_id))


async def cancel_anybodys(services: Services, generation_id: str) -> Generation:
    """As the operator does it. Errors as of `cancel`."""
    await _try(services, await observe.find_generation(services, generation_id))
    return _cancelled(await observe.find_generation(services, generation_id))


async def _try(services: Services, found: Generation) -> None:
    if found.state.terminal:
        return
    stopping = routing.stopping(await services.known_engines.known(), found.model)
    if await settle.cancel(services, found.id, stopping=stopping):
        log.info("generation cancelled", generation_id=found.id.hex)


def _cancelled(found: Generation) -> Generation:
    """What was found, if it is cancelled, by this call or an earlier one."""
    if found.error_code != Cancelled.code:
        raise TooLateToCancel(_reason(found))
    return found


def _reason(found: Generation) -> str:
    if found.state is State.COMPLETED:
        return "This generation is completed, and its picture was paid; it cannot be cancelled any more"
    if found.state is State.FAILED:
        return f"This generation has failed already, with {found.error_code}; nothing was charged"
    return "This generation is being made by an engine that may be paid for what it has begun; its picture comes"
