"""One attempt at a picture: inputs, moderation, facts, engine, moderation again, storage. Settles nothing."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import hashlib
import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog

from cavendish import clock, ids
from cavendish.application.generations import routing
from cavendish.application.services import Services
from cavendish.application.work import (
    engine_call,
    engine_output,
    finishing,
    keeping,
    marking,
    proof,
    retry_policy,
    settle,
    showing,
)
from cavendish.application.work.circuit_breaker import Call, Circuit
from cavendish.application.work.making import Making
from cavendish.application.work.progress import Board
from cavendish.application.work.retry_policy import Retry
from cavendish.application.work.settle import Registered
from cavendish.application.work.showing import Showing
from cavendish.application.work.tally import Tally
from cavendish.engines import base
from cavendish.errors import Cancelled, GenerationFailed
from cavendish.inputs.base import Inputs
from cavendish.models import Credentials, FieldNames, Generation, Grounding, Image, InputImage, Mode, Notes, pixels
from cavendish.moderation.base import Gate, open_gate
from cavendish.search.base import Facts, Searcher, no_search
from cavendish.settings import Settings
from cavendish.storage.base import StorageError, StorageMissing
from cavendish.stores import generations, jobs
from cavendish.stores.generations import Claim

log = structlog.get_logger("cavendish.attempt")

_ELSEWHERE_SECONDS = 1.0  # before another worker's turn at what this one's settings do not allow
_STORAGE_SECONDS = 2.0  # before another try when the picture could not be stored
_CALL_SECONDS_MIN = 5.0  # a call that begins with less is billed and hardly ever delivered: most take 10 to 30 s
_CALL_SHARE_MIN = 0.05  # of the whole deadline, where that is less: a service of fast engines may have a short one
# Of the time that is left: the rest is for storing and settling, and tells an engine that hangs from the deadline.
_ENGINE_SHARE = 0.98
_FAIR_SECONDS = 60.0  # an engine that ran out of less time than this may be slow, or its queue long: it is not broken


@dataclass(slots=True)
class WorkerContext:
    """A worker's own tools beside the services."""

    services: Services
    engines: Mapping[str, base.Engine]
    inputs: Inputs
    board: Board
    moderation: Gate = field(default_factory=open_gate)
    search: Searcher = field(default_factory=no_search)
    tally: Tally = field(default_factory=Tally)
    making: Making = field(default_factory=Making)
    circuits: dict[tuple[str, str], Circuit] = field(default_factory=dict)

    def circuit(self, engine: str, model: str) -> Circuit:
        """Of one model at one engine: what is gone there is no reason to spare the others."""
        return self.circuits.setdefault((engine, model), Circuit())

    def known(self) -> routing.Known:
        """What the engines of this worker can, now."""
        return {name: (base.capabilities(engine),) for name, engine in self.engines.items()}

    def route(self, generation: Generation) -> tuple[str, ...]:
        """The engine that the generation is at, and those of its model's route that can make it."""
        route = self.services.settings.routes.get(generation.model, (generation.engine,))
        able = routing.serving(route, self.known(), routing.need(generation))
        return tuple(name for name in route if name in (generation.engine, *able))


@dataclass(frozen=True, slots=True)
class Made:
    """A stored picture that is not settled yet.

    Attributes:
        drawn: Width and height of what the engine made, which is what is paid for.
        warnings: All that the caller should hear.
    """

    image: Image
    registered: Registered | None
    drawn: tuple[int, int]
    engine: str
    engine_model: str
    seed: int | None
    warnings: tuple[str, ...]
    grounding: Grounding | None
    notes: Notes | None
    seconds: float


async def make(context: WorkerContext, claim: Claim) -> Made:
    """Make and store the picture.

    Raises:
        Retry: not this time; the caller decides what next.
        Settled: somebody else has ended it.
        ApiError: it ends here.
    """
    generation = claim.generation
    engine = context.engines.get(generation.engine)
    if engine is None:
        raise Retry("no such engine in this worker", retry_policy.unavailable(), next_engine="now", tries_max=1)
    can = base.capabilities(engine)
    if not can.serves(routing.need(generation)):
        raise await _not_able(context, generation)
    circuit = context.circuit(engine.name, generation.model)
    if circuit.wait_seconds(generation.account_id):
        raise _spared(circuit, generation)
    with showing.of(context.services, context.moderation, claim, can) as shown:
        # No further: a file that is half stored would be left behind.
        async with context.making.of(generation.id) as unwanted:
            (result, drawn, seconds), facts, ingredients = await _drawn(context, claim, engine, shown, unwanted)
            finished, unfinished = await finishing.finished(context.services, drawn, generation.output)
            await context.moderation.after(generation.prompt, finished)
            last = await marking.delivered(
                context.services, claim, engine, result.model, drawn=drawn, picture=finished, ingredients=ingredients
            )
    picture = last.picture
    image = Image(
        name=ids.image_name(claim.picture_stem, fence=claim.fence, media_type=picture.media_type),
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        size_bytes=len(picture.data),
        sha256=hashlib.sha256(picture.data).digest(),
    )
    await keeping.kept(context.services.storage, image.name, picture.data, last.copies)
    return Made(
        image=image,
        registered=last.registered if context.services.settings.register else None,
        drawn=(drawn.width, drawn.height),
        engine=engine.name,
        engine_model=result.model,
        seed=result.seed,
        warnings=(
            *generation.warnings,
            *_detour(context, generation),
            *result.warnings,
            *facts.warnings,
            *unfinished,
            *last.warnings,
        ),
        grounding=result.grounding or facts.grounding,
        notes=result.notes,
        seconds=seconds,
    )


async def _drawn(
    context: WorkerContext, claim: Claim, engine: base.Engine, shown: Showing, unwanted: asyncio.Event
) -> tuple[tuple[base.EngineResult, InputImage, float], Facts, tuple[Credentials | None, ...]]:
    """What the engine made, from which facts, and what the input images said of themselves.

    The images go with the return: others wait for their room.
    """
    generation = claim.generation
    async with _inputs(context, generation) as inputs:
        await context.moderation.before(generation.prompt, inputs)
        facts = await _facts(context, engine, generation)
        request = _request(context, claim, engine.name, inputs, facts, shown, unwanted)
        return await _call(context, claim, engine, request), facts, tuple(image.credentials for image in inputs)


def call_seconds_min(settings: Settings) -> float:
    """With less time than this before its deadline, no engine is called for a generation."""
    return min(_CALL_SECONDS_MIN, _CALL_SHARE_MIN * settings.deadline_seconds)


async def _not_able(context: WorkerContext, generation: Generation) -> Retry:
    """It came before this was known, or what engines can has changed since: the route's next one, or the end.

    Where another worker that lives can make it by this very engine, it goes back to the queue for that one.
    """
    route = context.services.settings.routes.get(generation.model, (generation.engine,))
    known, needed = context.known(), routing.need(generation)
    error = retry_policy.unavailable()  # one that can make it was left before, for a reason of its own
    told = (await context.services.known_engines.known()).get(generation.engine, ())
    if any(one.serves(needed) for one in told):
        return Retry("not able here", error, delay_seconds=_ELSEWHERE_SECONDS, counts=False)
    if not routing.serving(route, known, needed):
        why = routing.refusal(route, known, needed, FieldNames()).message
        error = GenerationFailed(f"Generation failed: {why}. Nothing was charged.")
    return Retry("engine not able", error, next_engine="now", tries_max=1)


def _spared(circuit: Circuit, generation: Generation) -> Retry:
    """Leave an engine alone that has failed again and again: the route's next one, or later."""
    if circuit.unavailable:
        return Retry("circuit open", retry_policy.unavailable(), next_engine="now", tries_max=1)
    wait = circuit.wait_seconds(generation.account_id)
    return Retry("circuit open", retry_policy.busy(), delay_seconds=wait, next_engine="now", counts=False)


def _no_time(wait_seconds: float) -> Retry:
    return Retry("no time is left", retry_policy.busy(), delay_seconds=wait_seconds, next_engine="later")


def _ordered(generation: Generation) -> tuple[int, int]:
    return pixels(generation.aspect_ratio, generation.image_quality)


@contextlib.asynccontextmanager
async def _inputs(context: WorkerContext, generation: Generation) -> AsyncIterator[tuple[InputImage, ...]]:
    async with contextlib.AsyncExitStack() as held:
        inputs: tuple[InputImage, ...] = ()
        if generation.mode is Mode.EDIT:
            try:
                collected = context.inputs.collected(generation.input_image_urls, drawn=math.prod(_ordered(generation)))
                inputs = await held.enter_async_context(collected)
            except StorageError as exc:
                raise _no_storage("an input image could not be read", exc) from exc
        yield inputs


async def _facts(context: WorkerContext, engine: base.Engine, generation: Generation) -> Facts:
    """What a search found for the prompt, where the engine does not search itself."""
    if not generation.google_search or base.capabilities(engine).of(generation.model).search:
        return Facts(generation.prompt)
    return await context.search(generation.prompt)


def _request(
    context: WorkerContext,
    claim: Claim,
    engine: str,
    inputs: tuple[InputImage, ...],
    facts: Facts,
    shown: Showing,
    unwanted: asyncio.Event,
) -> base.EngineRequest:
    generation = claim.generation

    async def publish(image: InputImage) -> str:
        name = ids.new_image_name(fence=claim.fence, media_type=image.media_type)
        await _publish(context, name, image.data)  # no generation names it, so the sweep removes it
        return f"{context.services.settings.public_url}/generations/{name}"

    return base.EngineRequest(
        prompt=facts.prompt,
        mode=generation.mode,
        aspect_ratio=generation.aspect_ratio,
        image_quality=generation.image_quality,
        input_images=inputs,
        seed=generation.seed,
        google_search=generation.google_search,
        progress=context.board.reporter(generation.id, claim.fence),
        timeout_seconds=claim.seconds_left,
        model=generation.model,
        publish=publish,
        previews=shown.count,
        preview=shown.show,
        reference=f"{generation.id.hex}-{engine}-{claim.attempts}",
        unwanted=unwanted,
    )


async def _call(
    context: WorkerContext, claim: Claim, engine: base.Engine, request: base.EngineRequest
) -> tuple[base.EngineResult, InputImage, float]:
    """Call the engine; its errors become ours. Returns the result, its picture and the engine's seconds."""
    await _wait_for_turn(context, claim, engine, request.unwanted)
    if request.unwanted.is_set():
        raise Cancelled(settle.CANCELLED)
    if not await context.services.storage_watch.look():  # it would be paid for, with nowhere to keep it
        raise _no_storage("the picture could not be stored")
    circuit = context.circuit(engine.name, request.model)
    call = circuit.enter(claim.generation.account_id, again=claim.attempts > 0)
    if call is None:
        raise _spared(circuit, claim.generation)
    request = dataclasses.replace(request, timeout_seconds=_ENGINE_SHARE * claim.seconds_left)
    watch = clock.Stopwatch()
    try:
        with _judged(circuit, call, given_seconds=request.timeout_seconds):
            async with _estimated(context, engine, claim.generation, request.progress):
                result = await engine_call.result(engine, request)
            seconds = watch.seconds
            picture = await proof.picture(context.services, claim, result)
    except Retry:  # an input could not be published
        raise
    except base.EngineStopped as exc:
        if request.unwanted.is_set():
            raise Cancelled(settle.CANCELLED) from exc
        raise retry_policy.broken("the engine stopped unasked", "the image engine had an internal error") from exc
    except base.EngineError as exc:
        raise retry_policy.translated(exc) from exc
    except Exception as exc:
        log.error("engine broke", engine=engine.name, exc_info=True)
        raise retry_policy.broken("the engine broke", "the image engine had an internal error") from exc
    finally:
        context.tally.spend(engine.name, watch.seconds)
    context.board.learn(engine.name, claim.generation.image_quality, seconds)
    return engine_output.cleaned(result), picture, seconds


async def _wait_for_turn(context: WorkerContext, claim: Claim, engine: base.Engine, unwanted: asyncio.Event) -> None:
    """Wait for the engine's turn while the picture is wanted; refuse where too little time is left behind it."""
    wait = 0.0
    if engine.rate is not None:
        interval = datetime.timedelta(seconds=engine.rate.seconds / engine.rate.count)
        longest = datetime.timedelta(seconds=context.services.settings.deadline_seconds)
        async with context.services.db.connection() as connection:
            wait = await jobs.reserve_call(connection, engine.name, interval=interval, longest=longest)
    if wait + call_seconds_min(context.services.settings) > claim.seconds_left:
        raise _no_time(wait)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(unwanted.wait(), wait)


@contextlib.contextmanager
def _judged(circuit: Circuit, call: Call, *, given_seconds: float) -> Iterator[None]:
    """Tell the circuit how the engine's call in the block went."""
    watch = clock.Stopwatch()
    try:
        yield
    except asyncio.CancelledError:
        # By then the engine should have ended by itself. Before, somebody else had a reason to stop it.
        if watch.seconds >= given_seconds >= _FAIR_SECONDS:
            circuit.note(call, base.EngineTimeout("it hangs", sent=True))
        else:
            circuit.left(call)
        raise
    except Exception as exc:
        short = given_seconds < _FAIR_SECONDS and watch.seconds >= given_seconds / 2
        if isinstance(exc, Retry) or (isinstance(exc, base.EngineTimeout) and short):
            circuit.left(call)
        else:
            circuit.note(call, exc)
        raise
    circuit.note(call, None)


@contextlib.asynccontextmanager
async def _estimated(
    context: WorkerContext, engine: base.Engine, generation: Generation, report: Callable[[int], None]
) -> AsyncIterator[None]:
    """While the block runs, progress by measured durations where the engine tells none."""
    if engine.reports_progress:
        yield
        return
    task = asyncio.create_task(context.board.estimate(engine.name, generation.image_quality, report))
    try:
        yield
    finally:
        task.cancel()


async def _publish(context: WorkerContext, name: str, data: bytes) -> None:
    """Store an input image for the engine to fetch."""
    try:
        await context.services.storage.put(name, data)
    except StorageError as exc:
        raise _no_storage("an input image could not be stored", exc) from exc


def _no_storage(why: str, exc: StorageError | None = None) -> Retry:
    """Another try, for nothing was sent to an engine yet. For a storage that is away it waits until its deadline."""
    error = retry_policy.failed(why)
    if exc is None or isinstance(exc, StorageMissing):
        return Retry("storage missing", error, delay_seconds=_STORAGE_SECONDS, counts=False)
    log.error("storage failed", why=why, error=str(exc))
    return Retry("storage", error, delay_seconds=_STORAGE_SECONDS)


def _detour(context: WorkerContext, generation: Generation) -> tuple[str, ...]:
    """Whoever asked for a model's first engine should know that another one drew."""
    first = context.services.settings.routes.get(generation.model, (generation.engine,))[0]
    if first == generation.engine:
        return ()
    return (f"The engine {first} could not make this picture; {generation.engine} made it.",)


async def is_named(context: WorkerContext, image: Image) -> bool:
    """Whether a generation has this very picture: then it was settled, and only the answer was lost."""
    async with context.services.db.connection() as connection:
        return image.name in await generations.known_images(connection, [image.name])
