"""Make one generation's picture: claim, fetch inputs, engine, store, settle. Safe to stop or repeat at any point."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from cavendish import clock, generations, ids, pricing
from cavendish.application import settle
from cavendish.application.progress import Board
from cavendish.application.services import Services
from cavendish.db import sql
from cavendish.engines import base
from cavendish.errors import ApiError, ContentBlocked, DatabaseUnavailable, GenerationFailed
from cavendish.generations import Claim
from cavendish.imaging import sniff
from cavendish.inputs.collector import Inputs
from cavendish.models import Generation, Image, InputImage, Mode, pixels
from cavendish.queue import jobs
from cavendish.storage.base import StorageError

log = structlog.get_logger("cavendish.work")

_CLAIM = sql.joined(generations.CLAIM, jobs.ADVANCE, select="SELECT * FROM claimed")
_SETTLE_RETRY_SECONDS = 0.25
_FAULT_TRIES_MAX = 2  # a broken answer is asked for once more: each may have been billed
_BUSY_SECONDS = 2.0  # before another try where a busy engine named no time
_BUSY_SECONDS_MAX = 60.0


@dataclass(slots=True)
class Tally:
    """What this worker counted since it started, by engine."""

    completed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, counter: dict[str, int], engine: str) -> None:
        counter[engine] = counter.get(engine, 0) + 1

    def spend(self, engine: str, seconds: float) -> None:
        self.seconds[engine] = self.seconds.get(engine, 0.0) + seconds


@dataclass(slots=True)
class Workshop:
    """A worker's own tools beside the services."""

    services: Services
    engines: Mapping[str, base.Engine]
    inputs: Inputs
    board: Board
    tally: Tally = field(default_factory=Tally)


class _Retry(Exception):
    """This try failed; there may be another. `error` is what the caller is told if there is none."""

    def __init__(
        self,
        reason: str,
        error: ApiError,
        *,
        delay_seconds: float = 0.0,
        next_engine: bool = False,
        tries_max: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error
        self.delay_seconds = delay_seconds
        self.next_engine = next_engine
        self.tries_max = tries_max


async def work(workshop: Workshop, generation_id: uuid.UUID) -> None:
    """Bring one generation to its end, or leave it for another worker.

    Raises:
        DatabaseUnavailable: nothing was settled; the job must come back.
    """
    services = workshop.services
    row = await services.db.run(_CLAIM, id=generation_id)
    if row is None:
        return  # settled already: the wake-up was one too many
    claim = generations.claim_from_row(row)
    with structlog.contextvars.bound_contextvars(generation_id=generation_id.hex, fence=claim.fence):
        if claim.seconds_left <= 0:
            await settle.expire(services, generation_id)
        elif claim.fence > services.settings.claims_max:
            await _fail(workshop, claim, GenerationFailed("Generation failed: it was interrupted too often; try again"))
        else:
            await _attempt(workshop, claim)


async def _attempt(workshop: Workshop, claim: Claim) -> None:
    """Whatever happens in it, the generation does not stay behind with its credits held."""
    workshop.services.changed.add(claim.generation.id)
    try:
        await _try(workshop, claim)
    except DatabaseUnavailable:
        raise
    except Exception:
        log.error("generation broke", exc_info=True)
        await _fail(workshop, claim, _failed("an unexpected error happened"))
    finally:
        workshop.board.forget(claim.generation.id)


async def _try(workshop: Workshop, claim: Claim) -> None:
    try:
        async with asyncio.timeout(claim.seconds_left):
            await _make(workshop, claim)
    except TimeoutError:
        log.warning("generation expired")
        await settle.expire(workshop.services, claim.generation.id)
    except _Retry as retry:
        await _again_or_fail(workshop, claim, retry)
    except ApiError as error:
        await _fail(workshop, claim, error)


async def _make(workshop: Workshop, claim: Claim) -> None:
    generation = claim.generation
    engine = workshop.engines.get(generation.engine)
    if engine is None:
        raise _Retry("no such engine in this worker", _failed("the engine is not available"), next_engine=True)
    inputs = await _inputs(workshop, generation)
    result, seconds = await _draw(workshop, claim, engine, inputs)
    header = sniff.sniff(result.data)
    if header is None or not sniff.looks_complete(result.data):
        error = _failed("the engine answered without a picture")
        raise _Retry("not a whole PNG, JPEG or WebP image", error, tries_max=_FAULT_TRIES_MAX)
    image = Image(
        name=ids.new_image_name(fence=claim.fence, extension=header.extension),
        media_type=header.media_type,
        width=header.width,
        height=header.height,
        size_bytes=len(result.data),
        sha256=hashlib.sha256(result.data).digest(),
    )
    await _store(workshop, image, result.data)
    await _publish(workshop, claim, image, engine, result, seconds)


async def _inputs(workshop: Workshop, generation: Generation) -> tuple[InputImage, ...]:
    if generation.mode is not Mode.EDIT:
        return ()
    return await workshop.inputs.collect(generation.input_image_urls)


async def _draw(
    workshop: Workshop, claim: Claim, engine: base.Engine, inputs: tuple[InputImage, ...]
) -> tuple[base.EngineResult, float]:
    """Call the engine; its errors become ours. Returns the result and the engine's seconds."""
    generation = claim.generation
    report = workshop.board.reporter(generation.id, claim.fence)
    request = base.EngineRequest(
        prompt=generation.prompt,
        mode=generation.mode,
        aspect_ratio=generation.aspect_ratio,
        image_quality=generation.image_quality,
        input_images=inputs,
        seed=generation.seed,
        google_search=generation.google_search,
        progress=report,
        timeout_seconds=claim.seconds_left,
    )
    watch = clock.Stopwatch()
    try:
        async with _estimated(workshop, engine, generation, report):
            result = await engine.generate(request)
    except base.EngineError as exc:
        raise _translated(exc) from exc
    except Exception as exc:
        log.error("engine broke", engine=engine.name, error=type(exc).__name__, exc_info=True)
        error = _failed("the image engine had an internal error")
        raise _Retry("the engine broke", error, tries_max=_FAULT_TRIES_MAX) from exc
    finally:
        workshop.tally.spend(engine.name, watch.seconds)
    workshop.board.learn(engine.name, generation.image_quality, watch.seconds)
    return result, watch.seconds


@contextlib.asynccontextmanager
async def _estimated(  # type: ignore[no-untyped-def]
    workshop: Workshop, engine: base.Engine, generation: Generation, report: Callable[[int], None]
):
    """While the block runs, progress by measured durations where the engine tells none."""
    if engine.reports_progress:
        yield
        return
    task = asyncio.create_task(workshop.board.estimate(engine.name, generation.image_quality, report))
    try:
        yield
    finally:
        task.cancel()


async def _store(workshop: Workshop, image: Image, data: bytes) -> None:
    try:
        await workshop.services.storage.put(image.name, data)
    except StorageError as exc:
        log.error("picture not stored", error=str(exc))
        raise _Retry("storage", _failed("the picture could not be stored"), delay_seconds=_BUSY_SECONDS) from exc


async def _publish(
    workshop: Workshop, claim: Claim, image: Image, engine: base.Engine, result: base.EngineResult, seconds: float
) -> None:
    """Settle with the stored picture; remove it when another claim was first."""
    generation, settings = claim.generation, workshop.services.settings
    charge = pricing.charge(settings.prices, generation.price, image.width, image.height)
    while True:
        try:
            first = await settle.complete(
                workshop.services,
                claim,
                image,
                engine=engine.name,
                engine_model=result.model,
                seed=result.seed,
                charge=charge,
                warnings=generation.warnings + result.warnings + _mismatch(generation, image, charge),
            )
            if not first and not await _ours(workshop, generation.id, image):
                await workshop.services.storage.delete(image.name)
                log.info("another claim was first")
                return
            break
        except DatabaseUnavailable:
            # Whether it took effect is unknown; asking again tells. The deadline ends this loop.
            await asyncio.sleep(_SETTLE_RETRY_SECONDS)
    workshop.tally.add(workshop.tally.completed, engine.name)
    log.info("generation completed", engine=engine.name, seconds=round(seconds, 3), bytes=image.size_bytes)


async def _ours(workshop: Workshop, generation_id: uuid.UUID, image: Image) -> bool:
    async with workshop.services.db.connection() as connection:
        return image.name in await generations.known_images(connection, [image.name])


def _mismatch(generation: Generation, image: Image, charge: int) -> tuple[str, ...]:
    width, height = pixels(generation.aspect_ratio, generation.image_quality)
    if (image.width, image.height) == (width, height):
        return ()
    less = f" and {charge} instead of {generation.price} credits were charged" if charge < generation.price else ""
    return (f"The engine delivered {image.width}x{image.height} instead of {width}x{height} pixels{less}.",)


async def _again_or_fail(workshop: Workshop, claim: Claim, retry: _Retry) -> None:
    """Another try while there are tries and engines left; then fail, and the credits go back."""
    services, generation = workshop.services, claim.generation
    route = services.settings.routes.get(generation.model, (generation.engine,))
    engine = _next_engine(route, generation.engine) if retry.next_engine else generation.engine
    tries_max = min(services.settings.attempts_max, retry.tries_max or services.settings.attempts_max)
    if engine is None or claim.attempts + 1 >= tries_max:
        await _fail(workshop, claim, retry.error)
        return
    log.warning("generation retried", reason=retry.reason, engine=generation.engine, next_engine=engine)
    await settle.move(services, claim, engine=engine, delay=datetime.timedelta(seconds=retry.delay_seconds))


def _next_engine(route: tuple[str, ...], engine: str) -> str | None:
    behind = route[route.index(engine) + 1 :] if engine in route else route
    return behind[0] if behind else None


async def _fail(workshop: Workshop, claim: Claim, error: ApiError) -> None:
    if await settle.fail(workshop.services, claim, error=error.message, error_code=error.code):
        workshop.tally.add(workshop.tally.failed, claim.generation.engine)
        log.info("generation failed", engine=claim.generation.engine, error_code=error.code)


def _translated(error: base.EngineError) -> Exception:
    """What an engine's error means for the generation."""
    match error:
        case base.EngineBlocked():
            return ContentBlocked(f"{error} (stage: {error.stage}, reason: {error.reason}). Nothing was charged.")
        case base.EngineRejected():
            return GenerationFailed(f"Generation failed: {error}")
        case base.EngineUnavailable():
            return _Retry("engine unavailable", _failed("the image engine is not available"), next_engine=True)
        case base.EngineBusy():
            delay = min(error.retry_after_seconds or _BUSY_SECONDS, _BUSY_SECONDS_MAX)
            return _Retry("engine busy", _failed("the image engine is busy"), delay_seconds=delay)
        case base.EngineTimeout() if error.sent:
            return _failed("the image engine did not answer in time")
        case base.EngineTimeout():
            return _Retry("engine timeout", _failed("the image engine did not answer in time"), next_engine=True)
        case _:
            return _Retry("engine fault", _failed(str(error)), tries_max=_FAULT_TRIES_MAX)


def _failed(why: str) -> GenerationFailed:
    return GenerationFailed(f"Generation failed: {why.rstrip('.')}. Nothing was charged; try again.")
