"""Take a submission: hold its credits, store it and queue it. All of it, or none."""

from __future__ import annotations

import asyncio
import datetime
import uuid
from dataclasses import dataclass

import structlog

from cavendish import accounts, clock, generations, ids, ledger, limits, pricing
from cavendish.application.admit import Gate
from cavendish.application.services import Services
from cavendish.db import sql
from cavendish.db.pool import Connection, DatabaseError, Record, UniqueViolation, execute_on
from cavendish.errors import (
    CreditReservationFailed,
    DatabaseUnavailable,
    GenerationFailed,
    IdempotencyKeyReused,
    InsufficientCredits,
    RateLimitExceeded,
    ServiceBusy,
)
from cavendish.generations import IdempotencyKey
from cavendish.limits import Quota
from cavendish.models import Caller, RateLimit, Submission
from cavendish.queue import jobs

log = structlog.get_logger("cavendish.submit")

_SUBMIT = sql.joined(
    limits.TAKE,
    jobs.PLACE,
    ledger.HOLD,
    jobs.LANE,
    generations.INSERT,
    ledger.HOLD_ENTRY,
    jobs.ENQUEUE,
    select="""
    SELECT (SELECT full_in FROM rate) AS full_in, (SELECT balance FROM held) AS balance,
           (SELECT id FROM created) AS id""",
)
_RETRY_SECONDS = 0.1


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
    services: Services, gate: Gate, caller: Caller, submission: Submission, key: IdempotencyKey | None = None
) -> Submitted:
    """Price the submission, hold its credits and queue it: all of it, or none.

    Raises:
        RateLimitExceeded, InsufficientCredits: nothing was created or held.
        IdempotencyKeyReused: the key stands for another body.
        GenerationFailed: the model has no engine here.
        CreditReservationFailed: the database refused the hold for another reason.
        ServiceBusy: the database is away, or this process is stopping.
    """
    if services.draining:
        raise ServiceBusy("The service is restarting; try again in a few seconds", retry_after_seconds=5)
    values = _values(services, caller, submission, gate.limit(caller))
    try:
        submitted = await _until_known(services, gate, caller, values, key)
    except DatabaseUnavailable as exc:
        log.warning("database away, submission refused", error=str(exc))
        raise ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2) from exc
    except DatabaseError as exc:
        log.error("credits could not be reserved", error=f"{type(exc).__name__}: {exc}")
        raise CreditReservationFailed("Failed to reserve credits; nothing was charged, try again") from exc
    if not submitted.replayed:
        services.wake.add(submitted.generation_id)
        log.info("generation submitted", generation_id=submitted.generation_id.hex, account_id=caller.account_id)
    return submitted


async def _until_known(
    services: Services, gate: Gate, caller: Caller, values: dict[str, object], key: IdempotencyKey | None
) -> Submitted:
    """Try until the outcome is known.

    A connection that breaks leaves open whether the statement took effect. The same statement with the same
    generation id answers that: it is refused as a duplicate where the first one did.
    """
    watch = clock.Stopwatch()
    while True:
        try:
            if key is None:
                return await _once(services, gate, caller, values)
            return await _once_by_key(services, gate, caller, values, key)
        except UniqueViolation as exc:
            if exc.constraint_name != "generations_pkey":
                raise
            async with services.db.connection() as connection:
                quota = await limits.read(connection, caller.key_id, gate.limit(caller))
                account = await accounts.get(connection, caller.account_id)
            return _submitted(values, quota, account.balance)
        except DatabaseUnavailable:
            if watch.seconds > services.settings.outage_seconds:
                raise
            await asyncio.sleep(_RETRY_SECONDS)


async def _once(services: Services, gate: Gate, caller: Caller, values: dict[str, object]) -> Submitted:
    gate.check(caller)
    async with services.db.connection() as connection:
        row = await execute_on(connection, _SUBMIT, **values)
        return await _judged(connection, gate, caller, values, row)


async def _once_by_key(
    services: Services, gate: Gate, caller: Caller, values: dict[str, object], key: IdempotencyKey
) -> Submitted:
    """The key is claimed in the hold's own transaction, so a key without a generation can never be seen."""
    async with services.db.transaction() as transaction:
        generation_id = values["id"]
        assert isinstance(generation_id, uuid.UUID)
        if replay := await _replay(transaction, gate, caller, key, generation_id):
            return replay
        gate.check(caller)
        if not await generations.remember_key(transaction, key, generation_id):
            # Another transaction committed it while this one waited.
            replay = await _replay(transaction, gate, caller, key, generation_id)
            assert replay is not None
            return replay
        row = await execute_on(transaction, _SUBMIT, **values)
        if row is None or row["id"] is None:
            await generations.forget_key(transaction, key, generation_id)
        try:
            return await _judged(transaction, gate, caller, values, row)
        except (RateLimitExceeded, InsufficientCredits) as exc:
            refusal = exc  # the transaction must commit: a refused call still counts against the limit
    raise refusal


async def _replay(
    connection: Connection, gate: Gate, caller: Caller, key: IdempotencyKey, own_id: uuid.UUID
) -> Submitted | None:
    found = await generations.find_key(connection, key)
    if found is None:
        return None
    if found.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used with another body; use a new key for a new request")
    quota = await limits.read(connection, caller.key_id, gate.limit(caller))
    account = await accounts.get(connection, caller.account_id)
    # Our own id is there when the first try committed and its answer was lost: that is no replay.
    return Submitted(
        found.generation_id, found.task_id, quota, found.price, account.balance, found.generation_id != own_id
    )


async def _judged(
    connection: Connection, gate: Gate, caller: Caller, values: dict[str, object], row: Record | None
) -> Submitted:
    """What the statement's row says."""
    assert row is not None
    limit = gate.limit(caller)
    if row["full_in"] is None:
        raise gate.closed(caller, await limits.read(connection, caller.key_id, limit))
    quota = Quota(limit, row["full_in"])
    if row["id"] is None:
        account = await accounts.get(connection, caller.account_id)
        error = InsufficientCredits(
            f"Not enough credits: this generation costs {values['price']}, the balance is {account.balance}"
            f" ({account.held} held). Ask your operator for credits."
        )
        error.quota = quota
        raise error
    return _submitted(values, quota, row["balance"])


def _submitted(values: dict[str, object], quota: Quota, balance: int) -> Submitted:
    generation_id, task_id, price = values["id"], values["task_id"], values["price"]
    assert isinstance(generation_id, uuid.UUID) and isinstance(task_id, str) and isinstance(price, int)
    return Submitted(generation_id, task_id, quota, price, balance)


def _values(services: Services, caller: Caller, submission: Submission, limit: RateLimit) -> dict[str, object]:
    settings = services.settings
    engines = settings.routes.get(submission.model)
    if not engines:
        raise GenerationFailed(f"No engine serves the model {submission.model} here; ask your operator")
    return {
        "id": ids.new_generation_id(),
        "task_id": ids.new_task_id(),
        "account_id": caller.account_id,
        "key_id": caller.key_id,
        "interval": datetime.timedelta(seconds=limit.seconds / limit.count),
        "window": datetime.timedelta(seconds=limit.seconds),
        "price": pricing.price(settings.prices, submission.image_quality),
        "engine": engines[0],
        "model": submission.model,
        "mode": submission.mode,
        "prompt": submission.prompt,
        "aspect_ratio": submission.aspect_ratio,
        "image_quality": submission.image_quality,
        "google_search": submission.google_search,
        "input_image_urls": submission.input_image_urls,
        "seed": submission.seed,
        "warnings": submission.warnings,
        "deadline": datetime.timedelta(seconds=settings.deadline_seconds),
    }
