"""End a generation: completed and captured, or failed and released. Each is one statement; each happens once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from cavendish.application.services import Services
from cavendish.db import sql
from cavendish.db.pool import Record
from cavendish.models import Image
from cavendish.stores import generations, jobs, ledger, register
from cavendish.stores.generations import Claim
from cavendish.stores.jobs import Change

_SETTLED = "SELECT id, account_id FROM settled"
_COMPLETE = sql.joined(generations.COMPLETE, ledger.CAPTURE, register.ADD, select=_SETTLED)
_FAIL = sql.joined(generations.FAIL, ledger.RELEASE, select=_SETTLED)
_EXPIRE = sql.joined(generations.EXPIRE, ledger.RELEASE, select=_SETTLED)
_CANCEL = sql.joined(generations.CANCEL, ledger.RELEASE, select=_SETTLED)
_MOVE = sql.joined(jobs.PLACE, generations.MOVE, select="SELECT id FROM moved")

EXPIRED = "The generation did not finish before its deadline; its credits were returned, try again"
CANCELLED = "The generation was cancelled; its credits were returned"


@dataclass(frozen=True, slots=True)
class Registered:
    """By what the register will know the picture, beside its bytes; None: it has none."""

    watermark: int | None
    fingerprint: int | None


async def complete(
    services: Services,
    claim: Claim,
    image: Image,
    *,
    engine: str,
    engine_model: str,
    seed: int | None,
    charge: int,
    warnings: tuple[str, ...],
    grounding: str | None = None,
    notes: str | None = None,
    registered: Registered | None = None,
) -> bool:
    """Publish the stored picture, capture the credits and register it; False: somebody settled it before."""
    row = await services.db.run(
        _COMPLETE,
        id=claim.generation.id,
        fence=claim.fence,
        engine=engine,
        engine_model=engine_model,
        seed=seed,
        charge=charge,
        warnings=warnings,
        grounding=grounding,
        notes=notes,
        image_name=image.name,
        image_type=image.media_type,
        image_width=image.width,
        image_height=image.height,
        image_bytes=image.size_bytes,
        image_sha256=image.sha256,
        registered=registered is not None,
        watermark=registered.watermark if registered else None,
        fingerprint=registered.fingerprint if registered else None,
    )
    return _announced(services, row)


async def fail(services: Services, claim: Claim, *, error: str, error_code: str, of_order: bool = False) -> bool:
    """Fail and give the credits back; False: a newer claim has it, or it is settled.

    Args:
        of_order: What was ordered is the reason: it counts against the account's failures.
    """
    row = await services.db.run(
        _FAIL,
        id=claim.generation.id,
        fence=claim.fence,
        error=error,
        error_code=error_code,
        of_order=of_order,
        **_failure_limit(services),
    )
    return _announced(services, row)


async def expire(services: Services, generation_id: uuid.UUID) -> bool:
    """Fail a generation whose deadline passed, whoever holds it; False: it did not pass, or it is settled."""
    row = await services.db.run(_EXPIRE, id=generation_id, error=EXPIRED, of_order=False, **_failure_limit(services))
    return _announced(services, row)


async def cancel(services: Services, generation_id: uuid.UUID, *, stopping: Sequence[str]) -> bool:
    """Fail a generation that its caller wants no more; False: it is settled, or it is too late.

    Args:
        stopping: Engines that stop unbilled: what they make may be cancelled too.
    """
    row = await services.db.run(
        _CANCEL,
        id=generation_id,
        stopping=list(stopping),
        error=CANCELLED,
        of_order=False,
        **_failure_limit(services),
    )
    if row is not None:
        services.stops.add(generation_id)
    return _announced(services, row)


async def move(services: Services, claim: Claim, *, engine: str, delay: object, failures: int = 1) -> bool:
    """Queue another try under this engine, whose failures count anew if it is another one.

    False: a newer claim has it, or it is settled.
    """
    row = await services.db.run(
        _MOVE,
        id=claim.generation.id,
        fence=claim.fence,
        engine=engine,
        attempts=claim.attempts + failures if engine == claim.generation.engine else 0,
        claims=claim.claims - 1,
        delay=delay,
    )
    if row is not None:
        services.wake.add(claim.generation.id)
    return row is not None


def _failure_limit(services: Services) -> dict[str, object]:
    limit = services.settings.failure_limit
    return {"failure_count": limit.count, "failure_seconds": limit.seconds}


def _announced(services: Services, row: Record | None) -> bool:
    if row is not None:
        services.changed.add(Change(row["id"], row["account_id"]))
    return row is not None
