"""One attempt at a picture: inputs, moderation, facts, engine, moderation again, storage. Settles nothing."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from cavendish import clock, generations, ids
from cavendish.application import outcomes
from cavendish.application.circuit import Circuit
from cavendish.application.outcomes import Retry
from cavendish.application.progress import Board
from cavendish.application.services import Services
from cavendish.engines import base
from cavendish.generations import Claim
from cavendish.imaging import sniff
from cavendish.inputs.collector import Inputs
from cavendish.models import Generation, Grounding, Image, InputImage, Mode, Notes
from cavendish.moderation.gate import Gate, open_gate
from cavendish.queue import jobs
from cavendish.search.facts import Facts, Searcher, no_search
from cavendish.storage.base import StorageError

log = structlog.get_logger("cavendish.make")

_STORAGE_SECONDS = 2.0  # before another try when the picture could not be stored
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


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
    moderation: Gate = field(default_factory=open_gate)
    search: Searcher = field(default_factory=no_search)
    tally: Tally = field(default_factory=Tally)
    circuits: dict[str, Circuit] = field(default_factory=dict)

    def circuit(self, engine: str) -> Circuit:
        return self.circuits.setdefault(engine, Circuit())


@dataclass(frozen=True, slots=True)
class Made:
    """A stored picture that is not settled yet. `warnings` are all that the caller should hear."""

    image: Image
    engine: str
    engine_model: str
    seed: int | None
    warnings: tuple[str, ...]
    grounding: Grounding | None
    notes: Notes | None
    seconds: float


async def make(shop: Workshop, claim: Claim) -> Made:
    """Make and store the picture.

    Raises:
        Retry: not this time; the caller decides what next.
        ApiError: it ends here.
    """
    generation, watch = claim.generation, clock.Stopwatch()
    engine = shop.engines.get(generation.engine)
    if engine is None:
        raise Retry("no such engine in this worker", outcomes.unavailable(), next_engine="now", tries_max=1)
    _spare(shop, engine, shop.circuit(engine.name).wait_seconds)
    inputs = await _inputs(shop, generation)
    await shop.moderation.before(generation.prompt, inputs)
    facts = await _facts(shop, engine, generation)
    result, seconds = await _call(
        shop, claim, engine, _request(shop, claim, engine.name, inputs, facts), since_claim=watch
    )
    header = sniff.sniff(result.data)
    if header is None or not sniff.looks_complete(result.data):
        raise outcomes.broken("not a whole PNG, JPEG or WebP image", "the engine answered without a picture")
    await shop.moderation.after(generation.prompt, result.data, header.media_type)
    image = Image(
        name=ids.new_image_name(fence=claim.fence, extension=header.extension),
        media_type=header.media_type,
        width=header.width,
        height=header.height,
        size_bytes=len(result.data),
        sha256=hashlib.sha256(result.data).digest(),
    )
    await _store(shop, image.name, result.data)
    warnings = (*generation.warnings, *_detour(shop, generation), *result.warnings, *facts.warnings)
    grounding = result.grounding or facts.grounding
    return Made(image, engine.name, result.model, result.seed, warnings, grounding, result.notes, seconds)


def _spare(shop: Workshop, engine: base.Engine, wait_seconds: float) -> None:
    """Leave an engine alone that has failed again and again: the route's next one, or later."""
    if not wait_seconds:
        return
    if shop.circuit(engine.name).unavailable:
        raise Retry("circuit open", outcomes.unavailable(), next_engine="now", tries_max=1)
    busy = outcomes.failed("the image engine is busy")
    raise Retry("circuit open", busy, delay_seconds=wait_seconds, next_engine="now", counts=False)


async def _inputs(shop: Workshop, generation: Generation) -> tuple[InputImage, ...]:
    if generation.mode is not Mode.EDIT:
        return ()
    return await shop.inputs.collect(generation.input_image_urls)


async def _facts(shop: Workshop, engine: base.Engine, generation: Generation) -> Facts:
    """What a search found for the prompt, where the engine does not search itself."""
    if not generation.google_search or engine.grounds:
        return Facts(generation.prompt)
    return await shop.search(generation.prompt)


def _request(
    shop: Workshop, claim: Claim, engine: str, inputs: tuple[InputImage, ...], facts: Facts
) -> base.EngineRequest:
    generation = claim.generation

    async def publish(image: InputImage) -> str:
        name = ids.new_image_name(fence=claim.fence, extension=_EXTENSIONS[image.media_type])
        await _store(shop, name, image.data)  # no generation names it, so the sweep removes it
        return f"{shop.services.settings.public_url}/generations/{name}"

    return base.EngineRequest(
        prompt=facts.prompt,
        mode=generation.mode,
        aspect_ratio=generation.aspect_ratio,
        image_quality=generation.image_quality,
        input_images=inputs,
        seed=generation.seed,
        google_search=generation.google_search,
        progress=shop.board.reporter(generation.id, claim.fence),
        timeout_seconds=claim.seconds_left,
        model=generation.model,
        publish=publish,
        reference=f"{generation.id.hex}-{engine}-{claim.attempts}",
    )


async def _call(
    shop: Workshop, claim: Claim, engine: base.Engine, request: base.EngineRequest, *, since_claim: clock.Stopwatch
) -> tuple[base.EngineResult, float]:
    """Call the engine; its errors become ours. Returns the result and the engine's seconds."""
    await _wait_for_rate(shop, engine, left=claim.seconds_left - since_claim.seconds)
    circuit, watch = shop.circuit(engine.name), clock.Stopwatch()
    _spare(shop, engine, circuit.enter())
    left = max(0.0, claim.seconds_left - since_claim.seconds)
    try:
        async with _estimated(shop, engine, claim.generation, request.progress):
            result = await engine.generate(dataclasses.replace(request, timeout_seconds=left))
    except (asyncio.CancelledError, Retry):  # given up from outside, or an input that could not be published
        circuit.left()
        raise
    except base.EngineError as exc:
        circuit.note(exc)
        raise outcomes.translated(exc) from exc
    except Exception as exc:
        circuit.note(exc)
        log.error("engine broke", engine=engine.name, error=type(exc).__name__, exc_info=True)
        raise outcomes.broken("the engine broke", "the image engine had an internal error") from exc
    finally:
        shop.tally.spend(engine.name, watch.seconds)
    circuit.note(None)
    shop.board.learn(engine.name, claim.generation.image_quality, watch.seconds)
    return result, watch.seconds


async def _wait_for_rate(shop: Workshop, engine: base.Engine, *, left: float) -> None:
    if engine.rate is None:
        return
    interval = datetime.timedelta(seconds=engine.rate.seconds / engine.rate.count)
    async with shop.services.db.connection() as connection:
        wait = await jobs.reserve_call(connection, engine.name, interval=interval)
    if wait > left:
        busy = outcomes.failed("the image engine is busy")
        raise Retry("the rate leaves no time", busy, delay_seconds=wait, next_engine="later")
    await asyncio.sleep(wait)


@contextlib.asynccontextmanager
async def _estimated(
    shop: Workshop, engine: base.Engine, generation: Generation, report: Callable[[int], None]
) -> AsyncIterator[None]:
    """While the block runs, progress by measured durations where the engine tells none."""
    if engine.reports_progress:
        yield
        return
    task = asyncio.create_task(shop.board.estimate(engine.name, generation.image_quality, report))
    try:
        yield
    finally:
        task.cancel()


async def _store(shop: Workshop, name: str, data: bytes) -> None:
    try:
        await shop.services.storage.put(name, data)
    except StorageError as exc:
        log.error("picture not stored", error=str(exc))
        error = outcomes.failed("the picture could not be stored")
        raise Retry("storage", error, delay_seconds=_STORAGE_SECONDS) from exc


def _detour(shop: Workshop, generation: Generation) -> tuple[str, ...]:
    """Whoever asked for a model's first engine should know that another one drew."""
    first = shop.services.settings.routes.get(generation.model, (generation.engine,))[0]
    if first == generation.engine:
        return ()
    return (f"The engine {first} could not make this picture; {generation.engine} made it.",)


async def is_named(shop: Workshop, image: Image) -> bool:
    """Whether a generation has this very picture: then it was settled, and only the answer was lost."""
    async with shop.services.db.connection() as connection:
        return image.name in await generations.known_images(connection, [image.name])
