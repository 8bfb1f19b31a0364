"""The built-in preview engine: drawn pictures without a key, a GPU or a download.

It reads scene, things, colours and moods from a prompt and draws them by fixed algorithms; in mode `edit` it fits,
arranges and restyles the given pictures. Everything that draws runs in child processes; this module imports none of it,
but for what knows whether the drawings are there.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Sequence

from cavendish.children import pool
from cavendish.children.main import Json
from cavendish.engines import base
from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.models import SEED_MAX, Mode, Notes, RateLimit, pixels
from cavendish.settings import parsers
from cavendish.settings.engine import EngineSetting, Options
from cavendish_sketch.admission import Admission
from cavendish_sketch.canvas import art

MODEL = "sketch-2"
MODULE = "cavendish_sketch.paint"
IDLE_SECONDS = 60.0  # an idle service holds no memory; a child starts in 0.3 s
MEMORY_BYTES = 2 * 1024**3  # address space: 4K needs 0.7 GB, an edit of a 40 MP picture 1 GB
CPU_SECONDS = 120  # the slowest edit at 4K takes 8 s; a busy or small machine may need ten times that
CALLS_MAX = 500
NO_ART = (
    "its drawings are not installed, so things named in prompts are not drawn: run 'make art' in the checkout, or"
    " install the package again where an npm registry can be reached"
)
PREVIEW = "This is a preview picture by the built-in sketch engine, not by a foundation model."

MEGAPIXELS = EngineSetting(
    "MEGAPIXELS",
    "Megapixels drawn at once in one worker: a 4K picture has 17 and takes 0.7 GB of memory, so that this is 1.4 GB.",
    "36",
    parse=parsers.whole(1, 1000),
)
SETTINGS = (MEGAPIXELS,)


def build(options: Options) -> SketchEngine:
    """The engine seam's entry."""
    return SketchEngine(processes=os.cpu_count() or 1, megapixels_max=options.value(MEGAPIXELS))


class SketchEngine:
    """Draws in at most as many children as there are processors; further calls wait in order."""

    name: str = "sketch"
    reports_progress: bool = True
    concurrency: int | None = None
    rate: RateLimit | None = None
    capabilities = Capabilities(previews=True, stops_unbilled=True, algorithmic=True)

    def __init__(self, *, processes: int, megapixels_max: int) -> None:
        self._admission = Admission(megapixels_max)
        self._pool = pool.ChildPool(
            MODULE,
            processes=processes,
            idle_seconds=IDLE_SECONDS,
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=CPU_SECONDS,
            calls_max=CALLS_MAX,
        )

    @property
    def shortcomings(self) -> tuple[str, ...]:
        return () if art.installed() else (NO_ART,)

    async def generate(self, request: EngineRequest) -> EngineResult:
        """A PNG of exactly the asked size; the same prompt, seed, ratio and quality give the same bytes.

        Raises:
            EngineRejected: an edit instruction that holds nothing this engine can do.
            EngineTimeout: not done in time; nothing was sent anywhere.
            EngineFault: the drawing process died.
        """
        seed = request.seed if request.seed is not None else secrets.randbelow(SEED_MAX + 1)
        arguments = {
            "prompt": request.prompt,
            "seed": seed,
            "ratio": request.aspect_ratio,
            "quality": request.image_quality.value,
            "previews": request.previews,
        }
        operation = "alter" if request.mode is Mode.EDIT else "draw"
        pictures = [image.data for image in request.input_images] if request.mode is Mode.EDIT else []
        answer, data = await self._call(operation, arguments, pictures, request)
        notes = answer.get("notes", {})
        return EngineResult(
            data,
            MODEL,
            seed,
            (PREVIEW, *answer.get("warnings", ())),
            notes=Notes(tuple(notes.get("understood", ())), tuple(notes.get("ignored", ()))) if notes else None,
        )

    async def close(self) -> None:
        await self._pool.close()

    async def _call(
        self, operation: str, arguments: Json, pictures: Sequence[bytes], request: EngineRequest
    ) -> tuple[Json, bytes]:
        try:
            # Waiting for room and for a free child counts too: the engine has to have ended by then.
            async with asyncio.timeout(request.timeout_seconds), self._admission.room(_pixels(request)):
                answer, (data,) = await self._pool.call(
                    operation,
                    arguments,
                    pictures,
                    timeout_seconds=request.timeout_seconds,
                    on_progress=request.progress,
                    on_shown=request.preview,
                )
        except pool.ChildRefused as exc:
            raise base.EngineRejected(str(exc)) from exc
        except (pool.ChildTimedOut, TimeoutError) as exc:
            raise base.EngineTimeout("The sketch engine was not done in time.", sent=False) from exc
        except pool.ChildDied as exc:
            raise base.EngineFault("The sketch engine's drawing process ended unexpectedly.") from exc
        return answer, data


def _pixels(request: EngineRequest) -> int:
    """Of the largest picture that drawing this one holds: it, or an input."""
    width, height = pixels(request.aspect_ratio, request.image_quality)
    inputs = request.input_images if request.mode is Mode.EDIT else ()
    return max([width * height, *(image.width * image.height for image in inputs)])
