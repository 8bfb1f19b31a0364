"""Open weights in the worker's own process, by the library diffusers: FLUX.2-klein-4B, or any pipeline you name.

The library and PyTorch are imported with the first picture, in a thread; nothing else in Cavendish imports them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from cavendish.engines import base
from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.engines.diffusers import picture
from cavendish.models import SEED_MAX, RateLimit
from cavendish.settings import parsers
from cavendish.settings.engine import EngineSetting, Options

if TYPE_CHECKING:
    from cavendish.engines.diffusers.pipeline import Drawn, Loaded

log = structlog.get_logger("cavendish.diffusers")

INSTALL = "pip install 'cavendish[diffusers]'"
STOP_SECONDS = 120.0  # for closing: one step on a slow processor, at whose end a call that was given up stops


def parse_arguments(text: str) -> dict[str, Any]:
    """A JSON object: further arguments of the pipeline's call."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as exc:
        raise ValueError("write a JSON object, such as {}") from exc
    if not isinstance(found, dict):
        raise ValueError("write a JSON object, such as {}")
    return found


MODEL = EngineSetting("MODEL", "A model of a hub, or a folder with one.", "black-forest-labs/FLUX.2-klein-4B")
REVISION = EngineSetting("REVISION", "Which version of it: a branch, tag or commit of the hub; pin one in production.")
PIPELINE = EngineSetting("PIPELINE", "Class of the pipeline; empty: the one that the model names.")
DEVICE = EngineSetting(
    "DEVICE", "auto: a GPU if there is one, else the processor.", "auto",
    parse=parsers.one_of("auto", "cuda", "mps", "cpu"),
)  # fmt: skip
DTYPE = EngineSetting(
    "DTYPE", "auto: bfloat16 on a GPU, float32 on a processor.", "auto",
    parse=parsers.one_of("auto", "bfloat16", "float16", "float32"),
)  # fmt: skip
OFFLOAD = EngineSetting(
    "OFFLOAD", "Keep what is not at work in main memory: model or sequential need less of the GPU's and more time.",
    "none", parse=parsers.one_of("none", "model", "sequential"),
)  # fmt: skip
STEPS = EngineSetting("STEPS", "Steps per picture; empty: the pipeline's own.", parse=parsers.whole(1, 1000))
GUIDANCE = EngineSetting("GUIDANCE", "Guidance scale; empty: the pipeline's own.", parse=float)
ARGUMENTS = EngineSetting(
    "ARGUMENTS", "Further arguments of the pipeline's call, as JSON.", "{}", parse=parse_arguments
)
PIXELS_MAX = EngineSetting(
    "PIXELS_MAX", "Pixels that the model draws by itself; a larger picture is enlarged from that.", "1100000",
    parse=parsers.whole(4096, 100_000_000),
)  # fmt: skip
CONCURRENCY = EngineSetting(
    "CONCURRENCY", "Pictures at once over all workers: as many as there are workers with a GPU.", "1",
    parse=parsers.whole(1, 64),
)  # fmt: skip
SETTINGS = (MODEL, REVISION, PIPELINE, DEVICE, DTYPE, OFFLOAD, STEPS, GUIDANCE, ARGUMENTS, PIXELS_MAX, CONCURRENCY)


def build(options: Options) -> Diffusers:
    """Loads nothing yet."""
    return Diffusers(options.name, {one.name: options.value(one) for one in SETTINGS})


class Diffusers:
    """One model, loaded once; one picture at a time in this process."""

    reports_progress = True
    rate: RateLimit | None = None

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        self.name = name
        self.concurrency: int | None = values["CONCURRENCY"]
        self._values = values
        self._turn = asyncio.Lock()
        self._loading: asyncio.Task[Loaded] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What the model's pipeline takes, once it is loaded; until then nothing is known of it.

        A picture over PIXELS_MAX is enlarged, so every ratio and quality is taken.
        """
        loading = self._loading
        loaded = loading is not None and loading.done() and not loading.cancelled() and loading.exception() is None
        if loading is not None and loaded:
            return loading.result().capabilities
        return Capabilities(stops_unbilled=True)

    async def generate(self, request: EngineRequest) -> EngineResult:
        """A PNG of the asked size; the same prompt, seed and inputs give the same bytes on the same machine.

        Raises:
            EngineUnavailable: library or model cannot be loaded; the log says why.
            EngineRejected: inputs that the pipeline does not take, or a picture too large for the memory.
            EngineBlocked: the model's own checker declined the picture.
            EngineTimeout: not done in time; nothing was sent anywhere.
        """
        try:
            async with asyncio.timeout(request.timeout_seconds):
                return await self._draw(request)
        except TimeoutError as exc:
            raise base.EngineTimeout("the image engine was not done in time", sent=False) from exc

    async def close(self) -> None:
        """Frees the model, behind a picture that is being drawn; not behind one that does not end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._turn:
                if self._loading is not None:
                    self._loading = None
                    await asyncio.to_thread(_release)

    async def _draw(self, request: EngineRequest) -> EngineResult:
        stop = threading.Event()
        seed = request.seed if request.seed is not None else secrets.randbelow(SEED_MAX + 1)
        task = await self._begun(request, seed, stop)
        try:
            drawn = await asyncio.shield(task)
        except asyncio.CancelledError:
            stop.set()  # the thread works on until its next step, and keeps its turn until then
            raise
        model = picture.public_name(self._values["MODEL"])
        return EngineResult(drawn.data, model=model, seed=drawn.seed, warnings=drawn.warnings)

    async def _begun(self, request: EngineRequest, seed: int, stop: threading.Event) -> asyncio.Task[Drawn]:
        """The drawing in its thread. Its end gives the turn back, not that of whoever waits for it."""
        await self._turn.acquire()
        try:
            loaded = await self._ready()
        except BaseException:
            self._turn.release()
            raise
        report = _from_thread(request.progress)
        task = asyncio.create_task(asyncio.to_thread(loaded.draw, request, seed, report, stop))
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        _heard(task)
        self._turn.release()

    async def _ready(self) -> Loaded:
        """Loaded once, whoever waits for it: a picture that is given up meanwhile does not begin it anew."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
            self._loading.add_done_callback(_heard)
        try:
            return await asyncio.shield(self._loading)
        except base.EngineUnavailable:
            self._loading = None  # a model may come back: a folder that is mounted, a hub that answers again
            raise

    def _load(self) -> Loaded:
        try:
            from cavendish.engines.diffusers import pipeline
        except (ImportError, OSError) as exc:  # OSError: a library of PyTorch's own that is not there
            log.error("the engine lacks its library", engine=self.name, install=INSTALL, error=str(exc))
            raise base.EngineUnavailable("the image engine is not installed here") from exc
        try:
            return pipeline.load(self._values)
        except Exception as exc:
            log.error("model not loaded", engine=self.name, model=self._values["MODEL"], error=_short(exc))
            raise base.EngineUnavailable("the image engine's model could not be loaded") from exc


def _release() -> None:
    with contextlib.suppress(ImportError):  # then nothing was loaded
        from cavendish.engines.diffusers import pipeline

        pipeline.release()


def _from_thread(progress: Callable[[int], None]) -> Callable[[int], None]:
    """The event loop's callback, to be called from another thread."""
    loop = asyncio.get_running_loop()

    def report(percent: int) -> None:
        loop.call_soon_threadsafe(progress, percent)

    return report


def _heard(task: asyncio.Task[Any]) -> None:
    """Nobody waits for this task any more; its error is no news."""
    if not task.cancelled():
        task.exception()


def _short(exc: Exception) -> str:
    return f"{type(exc).__name__}: {exc}"[:500]
