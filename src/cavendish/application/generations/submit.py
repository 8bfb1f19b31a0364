"""Take a submission: hold its credits, store it and queue it. All of it, or none."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass

import structlog

from cavendish import ids, pricing
from cavendish.application.generations import routing, submit_batch
from cavendish.application.generations.submit_batch import Outcome, Request
from cavendish.application.services import Services
from cavendish.db.patience import patiently
from cavendish.db.pool import Connection, DatabaseError, UniqueViolation
from cavendish.errors import (
    CreditReservationFailed,
    DatabaseUnavailable,
    GenerationFailed,
    IdempotencyKeyReused,
    InsufficientCredits,
    InvalidInput,
    ServiceBusy,
)
from cavendish.models import Caller, Submission
from cavendish.settings import Settings
from cavendish.stores import accounts, generations, rate_limits
from cavendish.stores.generations import IdempotencyKey
from cavendish.stores.rate_limits import Budget, Quota

log = structlog.get_logger("cavendish.submit")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A generation that will be made; `balance` is what can be spent after its `price` was held.

    `replayed`: it was there already, by its Idempotency-Key.
    """

    generation_id: uuid.UUID
    task_id: str
    quota: Quota
    price: int
    balance: int
    replayed: bool = False


async def submit(
    services: Services, caller: Caller, submission: Submission, key: IdempotencyKey | None = None
) -> Submitted:
    """Price the submission, hold its credits and queue it: all of it, or none.

    Raises:
        RateLimitExceeded, InsufficientCredits: nothing was created or held.
        IdempotencyKeyReused: the key stands for another body.
        GenerationFailed: the model has no engine here.
        InvalidInput: no engine of the model's route can make this; nothing was created, held or counted.
        CreditReservationFailed: the database refused the hold for another reason.
        ServiceBusy: the database is away, or this process is stopping.
    """
    if services.draining:
        raise ServiceBusy("The service is restarting; try again in a few seconds", retry_after_seconds=5)
    route = _route(services.settings, submission.model)
    known, need = await services.known_engines.known(), routing.need(submission)
    able = routing.serving(route, known, need)
    budgets = services.rate_limiter.budgets(caller)
    request = _request(services.settings, caller, submission, budgets, engine=(able or route)[0])
    try:
        if not able:
            refusal = routing.refusal(route, known, need, submission.names)
            return await _replayed_or_refused(services, caller, key, refusal)
        submitted = await _until_known(services, caller, request, key)
    except DatabaseUnavailable as exc:
        log.warning("database away, submission refused", error=str(exc))
        raise ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2) from exc
    except DatabaseError as exc:
        # Not its text: PostgreSQL quotes the whole row there, prompt included.
        log.error("credits could not be reserved", error=type(exc).__name__, constraint=exc.constraint_name)
        raise CreditReservationFailed("Failed to reserve credits; nothing was charged, try again") from exc
    if not submitted.replayed:
        services.wake.add(submitted.generation_id)
        services.notifications.tell(caller.account_id, submitted.generation_id.hex)
        log.info("generation submitted", generation_id=submitted.generation_id.hex, account_id=caller.account_id)
    return submitted


async def _replayed_or_refused(
    services: Services, caller: Caller, key: IdempotencyKey | None, refusal: InvalidInput
) -> Submitted:
    """What is refused now may have been taken under this key before: a key's answer stays.

    As any invalid body, this does not count, but a key without quota hears of that first.
    """
    if key is not None:
        async with services.db.connection() as connection:
            if replay := await _replay(services, connection, caller, key):
                return replay
    with contextlib.suppress(DatabaseUnavailable):
        refusal.quota = await services.rate_limiter.standing(caller)
    raise refusal


async def _until_known(services: Services, caller: Caller, request: Request, key: IdempotencyKey | None) -> Submitted:
    """Try until the outcome is known.

    A connection that breaks leaves open whether the statement took effect. The same statement with the same
    generation id answers that: it is refused as a duplicate where the first one did.
    """

    async def once() -> Submitted:
        try:
            if key is None:
                services.rate_limiter.check(caller)
                return await _judged(services, caller, request, await services.batcher.take(request))
            return await _once_by_key(services, caller, request, key)
        except UniqueViolation as exc:
            if exc.constraint_name != "generations_pkey":
                raise
            return await _as_it_stands(services, caller, request)

    return await patiently(once, seconds=services.settings.outage_seconds)


async def _once_by_key(services: Services, caller: Caller, request: Request, key: IdempotencyKey) -> Submitted:
    """The key is claimed in the hold's own transaction, so a key without a generation can never be seen."""
    generation_id = uuid.UUID(hex=request.values["id"])
    async with services.db.transaction() as transaction:
        if replay := await _replay(services, transaction, caller, key, generation_id):
            return replay
        services.rate_limiter.check(caller)
        if not await generations.remember_key(transaction, key, generation_id):
            # Another transaction committed it while this one waited.
            replay = await _replay(services, transaction, caller, key, generation_id)
            assert replay is not None
            return replay
        [outcome] = await submit_batch.write(transaction, [request])
        if not outcome.created:
            # The transaction commits all the same: a refused call still counts against the limit.
            await generations.forget_key(transaction, key, generation_id)
    return await _judged(services, caller, request, outcome)


async def _replay(
    services: Services,
    connection: Connection,
    caller: Caller,
    key: IdempotencyKey,
    own_id: uuid.UUID | None = None,
) -> Submitted | None:
    found = await generations.find_key(connection, key)
    if found is None:
        return None
    if found.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used with another body; use a new key for a new request")
    quota = await rate_limits.read(connection, caller.account_id, services.rate_limiter.budgets(caller))
    account = await accounts.get(connection, caller.account_id)
    # Our own id is there when the first try committed and its answer was lost: that is no replay.
    return Submitted(
        found.generation_id, found.task_id, quota, found.price, account.balance, found.generation_id != own_id
    )


async def _judged(services: Services, caller: Caller, request: Request, outcome: Outcome) -> Submitted:
    """What the statement's outcome means for the caller."""
    if not outcome.within_limit:
        raise services.rate_limiter.closed(caller, outcome.quota)
    if not outcome.created:
        async with services.db.connection() as connection:
            account = await accounts.get(connection, caller.account_id)
        error = InsufficientCredits(
            f"Not enough credits: this generation costs {request.price}, the balance is {account.balance}"
            f" ({account.held} held). Ask your operator for credits."
        )
        error.quota = outcome.quota
        raise error
    return _submitted(request, outcome.quota, outcome.balance)


async def _as_it_stands(services: Services, caller: Caller, request: Request) -> Submitted:
    async with services.db.connection() as connection:
        quota = await rate_limits.read(connection, caller.account_id, request.budgets)
        account = await accounts.get(connection, caller.account_id)
    return _submitted(request, quota, account.balance)


def _submitted(request: Request, quota: Quota, balance: int) -> Submitted:
    return Submitted(uuid.UUID(hex=request.values["id"]), request.values["task_id"], quota, request.price, balance)


def _route(settings: Settings, model: str) -> tuple[str, ...]:
    engines = settings.routes.get(model)
    if not engines:
        raise GenerationFailed(f"No engine serves the model {model} here; ask your operator")
    return engines


def _request(
    settings: Settings, caller: Caller, submission: Submission, budgets: tuple[Budget, ...], *, engine: str
) -> Request:
    price = pricing.price(settings.prices, submission.image_quality)
    values = {
        "id": ids.new_generation_id().hex,
        "task_id": ids.new_task_id(),
        "account_id": caller.account_id,
        "key_id": caller.key_id,
        "price": price,
        "engine": engine,
        "model": submission.model,
        "mode": submission.mode,
        "prompt": submission.prompt,
        "aspect_ratio": submission.aspect_ratio,
        "image_quality": submission.image_quality,
        "google_search": submission.google_search,
        "input_image_urls": submission.input_image_urls,
        "seed": submission.seed,
        "warnings": submission.warnings,
        "deadline_seconds": settings.deadline_seconds,
        "output_width": submission.output.width,
        "output_height": submission.output.height,
        "output_type": submission.output.media_type,
        "output_quality": submission.output.quality,
    }
    return Request(caller.account_id, caller.key_id, price, engine, budgets, values)
