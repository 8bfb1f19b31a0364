"""A search as a worker opens it, against emulated services; and a worker whose engine records what it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from cavendish_test_engines.png import png

from cavendish import search
from cavendish import settings as configuration
from cavendish.engines.base import Capabilities, Engine, EngineRequest, EngineResult
from cavendish.models import Grounding, RateLimit, Source, pixels
from cavendish.processes import worker as worker_main
from cavendish.search.base import Searcher
from harness.inprocess import App

NOT_SET_UP = "googleSearch was not used: this engine does not search the web, and no search service is set up here."
NO_ANSWER = "googleSearch was not used: the search service did not answer."
NOTHING_FOUND = "googleSearch was not used: the search found nothing for this prompt."


@contextlib.asynccontextmanager
async def searching(**settings: Any) -> AsyncIterator[Searcher]:
    """The search that these settings give."""
    flags = {"data": "/nowhere", **{name: str(value) for name, value in settings.items()}}
    searcher = search.build(configuration.load(flags, environment={}))
    try:
        yield searcher
    finally:
        await searcher.close()


@dataclass
class Recorder:
    """Draws what was asked for and keeps every request."""

    name: str = "script"
    capabilities: Capabilities = Capabilities()
    concurrency: int | None = None
    reports_progress: bool = True
    rate: RateLimit | None = None
    grounding: Grounding | None = None
    requests: list[EngineRequest] = field(default_factory=list)

    async def generate(self, request: EngineRequest) -> EngineResult:
        self.requests.append(request)
        data = png(*pixels(request.aspect_ratio, request.image_quality))
        return EngineResult(data, model=f"{self.name}-1", grounding=self.grounding)

    async def close(self) -> None:
        pass


OWN_GROUNDING = Grounding(queries=("its own",), sources=(Source("Its own", "https://own.example/"),))


@contextlib.asynccontextmanager
async def worker(app: App, engine: Engine | None = None) -> AsyncIterator[None]:
    """A worker's real context, in which this engine takes the place of the one of its name."""
    async with worker_main.worker_context(app.services) as context:
        if engine is not None:
            context.engines = {**context.engines, engine.name: engine}
        runner = worker_main._runner(app.settings, app.services.db, context)
        running, board = asyncio.create_task(runner.run()), asyncio.create_task(context.board.run())
        try:
            yield
        finally:
            await runner.stop(drain_seconds=0.2)
            await asyncio.wait({running}, timeout=10)
            board.cancel()
