"""Workers with engines that a test writes itself, over one database."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cavendish_test_engines.png import png

from cavendish.application.generations import submit as submitting
from cavendish.application.work import attempt, progress
from cavendish.engines.base import Capabilities, Engine, EngineRequest, EngineResult
from cavendish.models import Caller, Mode, Quality, RateLimit, Submission, pixels
from cavendish.processes import worker as worker_main
from cavendish.queue.runner import Runner
from harness.inprocess import Account, App

Draw = Callable[[EngineRequest], Awaitable[None]]


@dataclass
class Recorder:
    """Draws at once what was asked for, after `draw` had its way; counts its calls and how many ran at once."""

    name: str = "script"
    concurrency: int | None = None
    reports_progress: bool = True
    rate: RateLimit | None = None
    capabilities: Capabilities = Capabilities()
    draw: Draw | None = None
    calls: Counter[str] = field(default_factory=Counter)
    started: list[str] = field(default_factory=list)
    running: int = 0
    running_max: int = 0

    async def generate(self, request: EngineRequest) -> EngineResult:
        self.calls[request.prompt] += 1
        self.started.append(request.prompt)
        self.running += 1
        self.running_max = max(self.running, self.running_max)
        try:
            if self.draw is not None:
                await self.draw(request)
            return EngineResult(png(*pixels(request.aspect_ratio, request.image_quality)), model=f"{self.name}-1")
        finally:
            self.running -= 1

    async def close(self) -> None:
        pass


def drawing(seconds: float) -> Draw:
    async def draw(_: EngineRequest) -> None:
        await asyncio.sleep(seconds)

    return draw


@dataclass
class Worker:
    """One worker of several: its own runner and board; `task` is its loop."""

    context: attempt.WorkerContext
    runner: Runner
    task: asyncio.Task[None]
    board: asyncio.Task[None]

    async def stop(self, *, drain_seconds: float = 0.2) -> None:
        await self.runner.stop(drain_seconds=drain_seconds)
        await asyncio.wait({self.task}, timeout=10)
        self.board.cancel()


@contextlib.asynccontextmanager
async def worker(app: App, *engines: Engine) -> AsyncIterator[Worker]:
    """A running worker with these engines, in the place of those that the routes name."""
    loaded: Mapping[str, Engine] = {engine.name: engine for engine in engines}
    no_inputs: Any = None  # these generations have none, and a client for them takes time to make
    context = attempt.WorkerContext(app.services, loaded, no_inputs, progress.Board(app.services))
    runner = worker_main._runner(app.settings, app.services.db, context)
    started = Worker(context, runner, asyncio.create_task(runner.run()), asyncio.create_task(context.board.run()))
    try:
        yield started
    finally:
        await started.stop()


@contextlib.asynccontextmanager
async def scripted(app: App) -> AsyncIterator[None]:
    """The worker with the engines of the routes, which do what the prompt says."""
    await app.start_worker()
    try:
        yield
    finally:
        await app.stop_worker()


async def submit_many(app: App, account: Account, count: int, prompt: str = "many", **options: Any) -> list[str]:
    """As fast as it goes, without HTTP; their ids."""
    caller = Caller(account.id, account.name, account.key_id, RateLimit(1_000_000, 3600))
    found = await asyncio.gather(
        *(
            submitting.submit(app.services, caller, _submission(f"{prompt} {number}", **options))
            for number in range(count)
        )
    )
    return [one.generation_id.hex for one in found]


def _submission(prompt: str, quality: Quality = Quality.ONE_K) -> Submission:
    return Submission("nano-banana-2", prompt, Mode.GENERATE, "16:9", quality, False, (), None)


async def until(condition: Callable[[], Any], *, seconds: float = 10) -> Any:
    """What the condition gives as soon as it gives something; awaits it where it can be awaited."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            found = await found if asyncio.iscoroutine(found) else found
            if found:
                return found
            await asyncio.sleep(0.01)


async def open_ones(app: App) -> list[tuple[str, str]]:
    """Whether it waits or is leased, and the engine, of every generation that has not ended."""
    rows = await app.services.db.fetch("""
        SELECT CASE WHEN leased AND ready_at > cavendish.cavendish_now() THEN 'leased' ELSE 'waiting' END, engine
        FROM cavendish.generations WHERE finished_at IS NULL ORDER BY id""")
    return [tuple(row) for row in rows]


async def states(app: App) -> Counter[str]:
    rows = await app.services.db.fetch("SELECT state FROM cavendish.generations")
    return Counter(row["state"] for row in rows)
