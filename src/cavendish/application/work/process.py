"""Bring one claimed generation to its end: make, settle. Safe to stop or repeat at any point."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
from collections.abc import Awaitable, Callable

import orjson
import structlog

from cavendish import pricing
from cavendish.application import pictures
from cavendish.application.work import attempt, retry_policy, settle
from cavendish.application.work.attempt import Made, WorkerContext
from cavendish.application.work.making import Settled
from cavendish.application.work.retry_policy import Retry
from cavendish.db.patience import patiently
from cavendish.errors import ApiError, DatabaseUnavailable, GenerationFailed
from cavendish.models import Generation, Grounding, Notes, pixels
from cavendish.storage.base import StorageError
from cavendish.stores import jobs
from cavendish.stores.generations import Claim
from cavendish.stores.jobs import Change

log = structlog.get_logger("cavendish.work")

_SETTLE_RETRY_SECONDS = 0.25


async def run(context: WorkerContext, claim: Claim) -> None:
    """Bring one claimed generation to its end, or leave it for another worker.

    Raises:
        DatabaseUnavailable: nothing was settled; it must be claimed again.
    """
    services, generation_id = context.services, claim.generation.id
    with structlog.contextvars.bound_contextvars(generation_id=generation_id.hex, fence=claim.fence):
        if claim.seconds_left <= 0:
            await settle.expire(services, generation_id)
        elif claim.claims > services.settings.claims_max:
            await _fail(context, claim, GenerationFailed("Generation failed: it was interrupted too often; try again"))
        else:
            await _attempt(context, claim)


async def _attempt(context: WorkerContext, claim: Claim) -> None:
    """Whatever happens in it, the generation does not stay behind with its credits held."""
    context.services.changed.add(Change(claim.generation.id, claim.generation.account_id))
    try:
        await _try(context, claim)
    except DatabaseUnavailable:
        raise
    except Exception:
        log.error("generation broke", exc_info=True)
        await _fail(context, claim, retry_policy.failed("an unexpected error happened"))
    finally:
        context.board.forget(claim.generation.id)


async def _try(context: WorkerContext, claim: Claim) -> None:
    try:
        async with asyncio.timeout(claim.seconds_left):
            await _publish(context, claim, await attempt.make(context, claim))
    except TimeoutError:
        log.warning("generation expired")
        await settle.expire(context.services, claim.generation.id)
    except Settled:
        log.info("generation stopped, it is settled")
    except Retry as retry:
        await _again_or_fail(context, claim, retry)
    except ApiError as error:
        await _fail(context, claim, error)


async def _publish(context: WorkerContext, claim: Claim, made: Made) -> None:
    """Settle with the stored picture; remove it when another claim was first."""
    generation, settings = claim.generation, context.services.settings
    charge = pricing.charge(settings.prices, generation.price, *made.drawn)
    settled = functools.partial(
        settle.complete,
        context.services,
        claim,
        made.image,
        registered=made.registered,
        engine=made.engine,
        engine_model=made.engine_model,
        seed=made.seed,
        charge=charge,
        warnings=made.warnings + _mismatch(generation, made.drawn, charge),
        grounding=_written(made.grounding),
        notes=_noted(made.notes),
    )

    async def is_ours() -> bool:
        # Whether an earlier try took effect is unknown where its answer was lost; the picture's name tells.
        return await settled() or await attempt.is_named(context, made.image)

    if not await _surely(context, claim, is_ours):
        with contextlib.suppress(StorageError):  # then it is an orphan, and the sweep's
            await pictures.delete(context.services.storage, made.image.name)
        log.info("another claim was first")
        return
    context.tally.add(context.tally.completed, made.engine)
    log.info("generation completed", engine=made.engine, seconds=round(made.seconds, 3), bytes=made.image.size_bytes)


def _mismatch(generation: Generation, drawn: tuple[int, int], charge: int) -> tuple[str, ...]:
    width, height = pixels(generation.aspect_ratio, generation.image_quality)
    if drawn == (width, height):
        return ()
    less = f" and {charge} instead of {generation.price} credits were charged" if charge < generation.price else ""
    return (f"The engine delivered {drawn[0]}x{drawn[1]} instead of {width}x{height} pixels{less}.",)


def _written(grounding: Grounding | None) -> str | None:
    """JSON as check-status shows it; a key without a value is left out."""
    if grounding is None:
        return None
    content = {
        "queries": list(grounding.queries),
        "sources": [{"title": source.title, "url": source.url} for source in grounding.sources],
        "renderedContent": grounding.rendered_content,
    }
    return orjson.dumps({name: value for name, value in content.items() if value is not None}).decode()


def _noted(notes: Notes | None) -> str | None:
    """JSON as check-status shows it."""
    if notes is None:
        return None
    return orjson.dumps({"understood": list(notes.understood), "ignored": list(notes.ignored)}).decode()


async def _again_or_fail(context: WorkerContext, claim: Claim, retry: Retry) -> None:
    """Another try while there are tries and engines left; then fail, and the credits go back."""
    settings, generation = context.services.settings, claim.generation
    step = retry_policy.next_step(
        retry,
        engine=generation.engine,
        route=context.route(generation),
        failures=claim.attempts,
        tries_max=settings.attempts_max,
        seconds_left=claim.seconds_left - attempt.call_seconds_min(settings),
    )
    if step is None:
        await _fail(context, claim, retry.error)
        return
    log.warning("generation retried", reason=retry.reason, engine=generation.engine, next_engine=step.engine)
    delay = datetime.timedelta(seconds=step.delay_seconds)
    await _surely(
        context,
        claim,
        lambda: settle.move(context.services, claim, engine=step.engine, delay=delay, failures=step.failures),
    )


async def _fail(context: WorkerContext, claim: Claim, error: ApiError) -> None:
    failed = functools.partial(
        settle.fail,
        context.services,
        claim,
        error=error.message,
        error_code=error.code,
        of_order=error.of_order,
    )
    if await _surely(context, claim, failed):
        context.tally.add(context.tally.failed, claim.generation.engine)
        log.info("generation failed", engine=claim.generation.engine, error_code=error.code)


async def _surely(context: WorkerContext, claim: Claim, settled: Callable[[], Awaitable[bool]]) -> bool:
    """Ask until the database has taken it, or the deadline passed: then whoever claims next only lets it expire.

    Until then a job that came back would have the engine called, and paid, once more. While the settlement waited for
    its account nothing could renew the lease.
    """

    async def once() -> bool:
        try:
            return await settled()
        except DatabaseUnavailable:
            with contextlib.suppress(DatabaseUnavailable):
                await _renew(context, claim)
            raise

    return await patiently(once, seconds=claim.seconds_left, pause_seconds=_SETTLE_RETRY_SECONDS)


async def _renew(context: WorkerContext, claim: Claim) -> None:
    lease = datetime.timedelta(seconds=context.services.settings.lease_seconds)
    async with context.services.db.connection() as connection:
        await jobs.renew(connection, [(claim.generation.id, claim.fence)], lease=lease)
