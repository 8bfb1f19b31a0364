"""The API process: `python -m cavendish.processes.api`. Settings come from the environment and the data directory."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator

import structlog
import uvicorn
import uvloop

from cavendish import bootstrap, identity
from cavendish import settings as configuration
from cavendish.application.access import first_run
from cavendish.application.services import Services
from cavendish.errors import CavendishError, ConfigurationError
from cavendish.identity.base import SingleSignOn
from cavendish.processes import control, garbage, serving
from cavendish.settings import Settings
from cavendish.telemetry import logs, raised
from cavendish.web import app
from cavendish.web.http import protocol

log = structlog.get_logger("cavendish.web")

_BACKLOG = 2048


def main() -> int:
    settings = configuration.load()
    logs.configure(settings, process="api")
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
    # Bound before anything else: a taken port is told at once, and early clients wait instead of being refused.
    listener = _bind(settings)
    async with _single_sign_on(settings) as single, bootstrap.services(settings) as services:
        server = uvicorn.Server(_config(settings, services, single))
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
        tasks = [
            asyncio.create_task(protocol.reap(server.server_state.connections)),
            asyncio.create_task(_follow(watcher, services, server)),
            asyncio.create_task(_greet(services, server)),
            asyncio.create_task(services.storage_watch.run()),
        ]
        try:
            with serving.told(settings):
                await server.serve(sockets=[listener])
        finally:
            for task in tasks:
                task.cancel()


@contextlib.asynccontextmanager
async def _single_sign_on(settings: Settings) -> AsyncIterator[SingleSignOn | None]:
    single = identity.build(settings)
    try:
        yield single
    finally:
        if single is not None:
            await single.close()


async def _follow(watcher: control.Control, services: Services, server: uvicorn.Server) -> None:
    """Draining: no new generations, polls go on. Stopping: the listener closes."""
    await watcher.draining.wait()
    services.draining = True
    services.notifications.wake_all()
    await watcher.stopping.wait()
    server.should_exit = True


async def _greet(services: Services, server: uvicorn.Server) -> None:
    while not server.started:
        await asyncio.sleep(0.005)
    for line in await first_run.lines(services):
        print(line, flush=True)
    garbage.settle()


def _config(settings: Settings, services: Services, single: SingleSignOn | None) -> uvicorn.Config:
    return uvicorn.Config(
        app.build(services, single),
        http=protocol.bounded(settings),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=round(settings.keep_alive_seconds),
        timeout_graceful_shutdown=round(settings.api_drain_seconds),
        backlog=_BACKLOG,
    )


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as exc:
        raise ConfigurationError(
            f"cannot listen on {settings.host} port {settings.port}: {exc.strerror or exc}; choose another with --port"
        ) from exc
    listener.setblocking(False)
    return listener


if __name__ == "__main__":
    sys.exit(main())
