"""Take a submission: hold its credits, store it and queue it. All of it, or none."""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from collections.abc import Sequence
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
from cavendish.models import SEED_MAX, Caller, Submission
from cavendish.settings import Settings
from cavendish.stores import accounts, generations, rate_limits
from cavendish.stores.generations import IdempotencyKey
from cavendish.stores.rate_limits import Budget, Quota

log = structlog.get_logger("cavendish.submit")

COUNT_MAX = 10  # pictures by one call, on every face


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
    """Price the submission, hold its credits and queue it: all of it, or none. Raises as `submit_several`."""
    return (await submit_several(services, caller, submission, 1, key))[0]


async def submit_several(
    services: Services, caller: Caller, submission: Submission, count: int, key: IdempotencyKey | None = None
) -> tuple[Submitted, ...]:
    """The same for so many pictures of one submission: each is a generation of its own, and all are made or none.

    A seed is that of the first; the others follow it, or they would be the same picture.

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
    requests = _requests(services.settings, caller, submission, budgets, engine=(able or route)[0], count=count)
    try:
        if not able:
            refusal = routing.refusal(route, known, need, submission.names)
            return await _replayed_or_refused(services, caller, key, refusal)
        submitted = await _until_known(services, caller, requests, key)
    except DatabaseUnavailable as exc:
        log.warning("database away, submission refused", error=str(exc))
        raise ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2) from exc
    except DatabaseError as exc:
        # Not its text: PostgreSQL quotes the whole row there, prompt included.
        log.error("credits could not be reserved", error=type(exc).__name__, constraint=exc.constraint_name)
        raise CreditReservationFailed("Failed to reserve credits; nothing was charged, try again") from exc
    for one in submitted:
        if not one.replayed:
            services.wake.add(one.generation_id)
            services.notifications.tell(caller.account_id, one.generation_id.hex)
            log.info("generation submitted", generation_id=one.generation_id.hex, account_id=caller.account_id)
    return submitted


async def standing(services: Services, caller: Caller, key: IdempotencyKey) -> tuple[Submitted, ...]:
    """What this key stands for already; nothing where it is a new request. Before what costs time and room.

    Raises:
        IdempotencyKeyReused: the key stands for another body.
        ServiceBusy: the database is away.
    """
    if key.anew:
        return ()

    async def once() -> tuple[Submitted, ...]:
        async with services.db.connection() as connection:
            return await _replay(services, connection, caller, key)

    try:
        return await patiently(once, seconds=services.settings.outage_seconds)
    except DatabaseUnavailable as exc:
        raise ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2) from exc


async def _replayed_or_refused(
    services: Services, caller: Caller, key: IdempotencyKey | None, refusal: InvalidInput
) -> tuple[Submitted, ...]:
    """What is refused now may have been taken under this key before: a key's answer stays.

    As any invalid body, this does not count, but a key without quota hears of that first.
    """
    if key is not None and not key.anew:
        async with services.db.connection() as connection:
            if replay := await _replay(services, connection, caller, key):
                return replay
    with contextlib.suppress(DatabaseUnavailable):
        refusal.quota = await services.rate_limiter.standing(caller)
    raise refusal


async def _until_known(
    services: Services, caller: Caller, requests: Sequence[Request], key: IdempotencyKey | None
) -> tuple[Submitted, ...]:
    """Try until the outcome is known.

    A connection that breaks leaves open whether the statement took effect. The same statement with the same
    generation ids answers that: it is refused as a duplicate where the first one did.
    """

    async def once() -> tuple[Submitted, ...]:
        try:
            if key is None and len(requests) == 1:
                services.rate_limiter.check(caller)
                return await _judged(services, caller, requests, [await services.batcher.take(requests[0])])
            return await _in_one_transaction(services, caller, requests, key)
        except UniqueViolation as exc:
            if exc.constraint_name != "generations_pkey":
                raise
            return await _as_they_stand(services, caller, requests)

    return await patiently(once, seconds=services.settings.outage_seconds)


async def _in_one_transaction(
    services: Services, caller: Caller, requests: Sequence[Request], key: IdempotencyKey | None
) -> tuple[Submitted, ...]:
    """The key is claimed in the hold's own transaction, so a key without a generation can never be seen."""
    async with services.db.transaction() as transaction:
        if key is not None and (replay := await _replay_or_claim(services, transaction, caller, requests[0], key)):
            return replay
        outcomes = await submit_batch.write(transaction, requests)
        if key is not None and not outcomes[0].created:
            # The transaction commits all the same: a refused call still counts against the limit.
            await generations.forget_key(transaction, key, _id(requests[0]))
    return await _judged(services, caller, requests, outcomes)


async def _replay_or_claim(
    services: Services, transaction: Connection, caller: Caller, first: Request, key: IdempotencyKey
) -> tuple[Submitted, ...]:
    """What the key stands for; nothing: it stands for this request now, which may be made."""
    if not key.anew and (replay := await _replay(services, transaction, caller, key, _id(first))):
        return replay
    services.rate_limiter.check(caller)
    if await generations.remember_key(transaction, key, _id(first)):
        return ()
    # Another transaction committed it while this one waited.
    replay = await _replay(services, transaction, caller, key, _id(first))
    assert replay
    return replay


async def _replay(
    services: Services,
    connection: Connection,
    caller: Caller,
    key: IdempotencyKey,
    own_id: uuid.UUID | None = None,
) -> tuple[Submitted, ...]:
    found = await generations.find_key(connection, key)
    if not found:
        return ()
    if found[0].fingerprint != key.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used with another body; use a new key for a new request")
    quota = await rate_limits.read(connection, caller.account_id, services.rate_limiter.budgets(caller))
    account = await accounts.get(connection, caller.account_id)
    # Our own id is there when the first try committed and its answer was lost: that is no replay.
    again = found[0].generation_id != own_id
    return tuple(Submitted(one.generation_id, one.task_id, quota, one.price, account.balance, again) for one in found)


async def _judged(
    services: Services, caller: Caller, requests: Sequence[Request], outcomes: Sequence[Outcome]
) -> tuple[Submitted, ...]:
    """What the statement's outcome means for the caller: all were made, or none for one reason."""
    last = outcomes[-1]
    if not last.within_limit:
        raise services.rate_limiter.closed(caller, last.quota)
    if not last.created:
        raise await _too_expensive(services, caller, requests, last.quota)
    return tuple(_submitted(*made) for made in zip(requests, outcomes, strict=True))


async def _too_expensive(
    services: Services, caller: Caller, requests: Sequence[Request], quota: Quota
) -> InsufficientCredits:
    async with services.db.connection() as connection:
        account = await accounts.get(connection, caller.account_id)
    price = sum(request.price for request in requests)
    what = "this generation costs" if len(requests) == 1 else f"these {len(requests)} generations cost"
    error = InsufficientCredits(
        f"Not enough credits: {what} {price}, the balance is {account.balance}"
        f" ({account.held} held). Ask your operator for credits."
    )
    error.quota = quota
    return error


async def _as_they_stand(services: Services, caller: Caller, requests: Sequence[Request]) -> tuple[Submitted, ...]:
    async with services.db.connection() as connection:
        quota = await rate_limits.read(connection, caller.account_id, requests[0].budgets)
        account = await accounts.get(connection, caller.account_id)
    return tuple(
        Submitted(_id(request), request.values["task_id"], quota, request.price, account.balance)
        for request in requests
    )


def _submitted(request: Request, outcome: Outcome) -> Submitted:
    return Submitted(_id(request), request.values["task_id"], outcome.quota, request.price, outcome.balance)


def _id(request: Request) -> uuid.UUID:
    return uuid.UUID(hex=request.values["id"])


def _route(settings: Settings, model: str) -> tuple[str, ...]:
    engines = settings.routes.get(model)
    if not engines:
        raise GenerationFailed(f"No engine serves the model {model} here; ask your operator")
    return engines


def _requests(
    settings: Settings, caller: Caller, submission: Submission, budgets: tuple[Budget, ...], *, engine: str, count: int
) -> list[Request]:
    if count == 1:
        return [_request(settings, caller, submission, budgets, engine=engine)]
    batch = ids.new_generation_id().hex
    found = []
    for index in range(count):
        seed = None if submission.seed is None else (submission.seed + index) % (SEED_MAX + 1)
        one = _request(settings, caller, dataclasses.replace(submission, seed=seed), budgets, engine=engine)
        one.values.update(batch_id=batch, batch_index=index)
        found.append(one)
    return found


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
        "previews": submission.previews or None,
        "label": submission.output.label,
    }
    return Request(caller.account_id, caller.key_id, price, engine, budgets, values)
