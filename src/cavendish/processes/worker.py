"""`python -m cavendish.processes.worker`. Settings come from the environment and the data directory."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any

import structlog
import uvloop

from cavendish import bootstrap, engines, inputs, moderation, search
from cavendish import settings as configuration
from cavendish.application.provenance import said
from cavendish.application.provenance import start as provenance
from cavendish.application.services import Services
from cavendish.application.work import attempt, presence, process, progress, sweep
from cavendish.db.patience import patiently
from cavendish.db.pool import Database
from cavendish.engines import base
from cavendish.engines.base import Engine
from cavendish.errors import CavendishError, ConfigurationError
from cavendish.processes import control, garbage
from cavendish.queue.runner import Runner
from cavendish.settings import Settings, unknown
from cavendish.telemetry import logs, raised

log = structlog.get_logger("cavendish.worker")


def main() -> int:
    settings = configuration.load()
    logs.configure(settings, process="worker")
    try:
        uvloop.run(_run(settings))
    except CavendishError as exc:
        print(f"cavendish: {exc}", file=sys.stderr)
        return control.HOPELESS if isinstance(exc, ConfigurationError) else 1
    return 0


async def _run(settings: Settings) -> None:
    raised.watch(asyncio.get_running_loop())
    watcher = control.Control()
    await watcher.open()
    _tell_unknown(settings)
    async with (
        bootstrap.services(settings) as services,
        worker_context(services) as context,
        working(services, context),
    ):
        await patiently(lambda: provenance.prepare(services), seconds=bootstrap.START_SECONDS / 4)
        for engine in context.engines.values():
            for line in base.shortcomings(engine):
                log.warning("engine works worse than it could", engine=engine.name, told=line)
        log.info("worker ready", engines=sorted(context.engines), concurrency=settings.concurrency)
        garbage.settle()
        await watcher.draining.wait()


@contextlib.asynccontextmanager
async def working(services: Services, context: attempt.WorkerContext) -> AsyncIterator[None]:
    """Take and do jobs while the block runs; then drain: what ends in time ends, the rest goes back."""
    settings = services.settings
    runner = _runner(settings, services.db, context)
    async with _beside(
        sweep.run(services), context.board.run(), presence.run(context), services.storage_watch.run(runner.take)
    ):
        running = asyncio.create_task(runner.run())
        try:
            yield
        finally:
            await runner.stop(drain_seconds=settings.drain_seconds)
            await asyncio.wait({running}, timeout=settings.drain_seconds)


@contextlib.asynccontextmanager
async def worker_context(services: Services) -> AsyncIterator[attempt.WorkerContext]:
    """A worker's tools: the engines of all routes, loaded, the way in for input images, and the moderation gate."""
    settings = services.settings
    environment = configuration.engine_environment(settings.data, os.environ)
    async with contextlib.AsyncExitStack() as stack:
        gate = moderation.build(settings)
        stack.push_async_callback(gate.close)
        searcher = search.build(settings)
        stack.push_async_callback(searcher.close)
        collector = inputs.build(settings, services.storage.read, functools.partial(said.of_input, services))
        stack.push_async_callback(collector.close)
        loaded: Mapping[str, Engine] = {name: engines.load(name, environment) for name in settings.engines}
        for engine in loaded.values():
            stack.push_async_callback(_close, engine)
        board = progress.Board(services)
        yield attempt.WorkerContext(services, loaded, collector, board, moderation=gate, search=searcher)


def _tell_unknown(settings: Settings) -> None:
    """What of the engines' settings is misspelt, and of the file's; the command line told the service's variables."""
    environment = configuration.engine_environment(settings.data, os.environ)
    of_file = unknown.variables(configuration.engine_environment(settings.data, {}), engines.names)
    for line in (*engines.unknown(settings.engines, environment), *of_file):
        log.warning("unknown setting", told=line)


async def _close(engine: Engine) -> None:
    """An engine that breaks at its end keeps no other from ending."""
    try:
        await engine.close()
    except Exception:
        log.error("engine not closed", engine=engine.name, exc_info=True)


def _runner(settings: Settings, db: Database, context: attempt.WorkerContext) -> Runner:
    limits = {name: engine.concurrency or 0 for name, engine in context.engines.items()}
    return Runner(
        db, settings, limits, functools.partial(process.run, context), context.making.stop, context.making.ask
    )


@contextlib.asynccontextmanager
async def _beside(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Endless loops that live as long as the block."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    for task in tasks:
        task.add_done_callback(_told_if_broken)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _told_if_broken(task: asyncio.Task[None]) -> None:
    """Such a loop ends only when it is cancelled; one that breaks must not do so in silence."""
    if not task.cancelled() and (exc := task.exception()) is not None:
        log.error("a worker's loop broke", loop=str(task.get_coro()), exc_info=exc)


if __name__ == "__main__":
    sys.exit(main())
