"""Take an order back: free where nobody is paid for it yet; where somebody may be, the picture comes.

Some engines find out only when they ask whoever draws. Then the worker asks and settles, and this call waits a while.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog

from cavendish import clock
from cavendish.application import observe
from cavendish.application.generations import own, routing, wait
from cavendish.application.services import Services
from cavendish.application.work import settle
from cavendish.errors import Cancelled, TooLateToCancel
from cavendish.models import Caller, Generation, State

ASK_SECONDS = 5.0  # a person waits for it; the other server answers in one of them, if it is there

log = structlog.get_logger("cavendish.generations")


async def cancel(services: Services, caller: Caller, generation_id: str) -> Generation:
    """Cancel one of the caller's, and give its credits back. Twice is once.

    Raises:
        NotFound, Forbidden: no such generation, or not the caller's.
        TooLateToCancel: it has ended otherwise, or its engine may bill what it has begun.
    """
    asked = await _try(services, await own.find(services, caller, generation_id))
    return _cancelled(await own.find(services, caller, generation_id), asked=asked)


async def cancel_anybodys(services: Services, generation_id: str) -> Generation:
    """As the operator does it. Errors as of `cancel`."""
    asked = await _try(services, await observe.find_generation(services, generation_id))
    return _cancelled(await observe.find_generation(services, generation_id), asked=asked)


async def _try(services: Services, found: Generation) -> bool:
    """Whether its engine had to be asked; whatever came of that, the generation's row says."""
    if found.state.terminal:
        return False
    known = await services.known_engines.known()
    if await settle.cancel(services, found.id, stopping=routing.stopping(known, found.model)):
        log.info("generation cancelled", generation_id=found.id.hex)
        return False
    asking = routing.asking(known, found.model)
    if found.engine not in asking:
        return False
    await _ask(services, found.id, asking=asking)
    return True


async def _ask(services: Services, generation_id: uuid.UUID, *, asking: Sequence[str]) -> None:
    """Have the worker ask, where an engine of these makes it; until it has ended, or time is up."""
    watch = clock.Stopwatch()
    with services.notifications.watch(generation_id.hex) as change:
        services.asks.add(generation_id)
        while watch.seconds < ASK_SECONDS:
            change.clear()
            found = await observe.find_generation(services, generation_id.hex)
            if found.state.terminal or found.engine not in asking:
                return
            await wait.until_changed(change, min(ASK_SECONDS - watch.seconds, services.notifications.patience_seconds))


def _cancelled(found: Generation, *, asked: bool) -> Generation:
    """What was found, if it is cancelled, by this call or an earlier one."""
    if found.error_code != Cancelled.code:
        raise TooLateToCancel(_reason(found, asked=asked))
    return found


def _reason(found: Generation, *, asked: bool) -> str:
    if found.state is State.COMPLETED:
        return "This generation is completed, and its picture was paid; it cannot be cancelled any more"
    if found.state is State.FAILED:
        return f"This generation has failed already, with {found.error_code}; nothing was charged"
    if asked:
        return (
            "This generation is being made by another server, which was asked to stop and did not say that it has; its"
            " picture comes, or check-status says that it was cancelled"
        )
    return "This generation is being made by an engine that may be paid for what it has begun; its picture comes"
