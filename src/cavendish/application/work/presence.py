"""A worker says every few seconds that it lives, what it counted and what its engines can."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid

import structlog

from cavendish.application.work import showing
from cavendish.application.work.attempt import WorkerContext
from cavendish.engines import base
from cavendish.errors import DatabaseUnavailable
from cavendish.stores import workers

log = structlog.get_logger("cavendish.worker")

Counters = dict[str, dict[str, float]]


async def run(context: WorkerContext) -> None:
    """Until cancelled; then it says that it ended in order. A database that is away hears it the next time."""
    worker_id, db = uuid.uuid4(), context.services.db
    try:
        while True:
            engines = _engines(context)
            with contextlib.suppress(DatabaseUnavailable):
                async with db.connection() as connection:
                    host, counters = socket.gethostname(), _counters(context)
                    await workers.seen(connection, worker_id, host, os.getpid(), counters, engines)
            await asyncio.sleep(workers.SEEN_SECONDS)
    finally:
        with contextlib.suppress(DatabaseUnavailable):
            async with db.connection() as connection:
                await workers.gone(connection, worker_id)


def _engines(context: WorkerContext) -> dict[str, base.Capabilities]:
    """What each can. Of an engine that stumbles over the question nothing is said; nobody else pays for that."""
    found = {}
    for name, engine in context.engines.items():
        try:
            found[name] = showing.allowed(context.moderation, base.capabilities(engine))
        except Exception as exc:
            log.error("an engine cannot tell what it can", engine=name, error=type(exc).__name__)
    return found


def _counters(context: WorkerContext) -> Counters:
    """By counter and engine."""
    paused = {engine: 1.0 for (engine, _), circuit in context.circuits.items() if circuit.state != "closed"}
    return {
        "completed": dict(context.tally.completed),
        "failed": dict(context.tally.failed),
        "seconds": context.tally.seconds,
        "open": paused,
        "storage": {"missing": float(context.services.storage_watch.missing)},
        "moderation": {"/".join(key): count for key, count in context.moderation.counts.items()},
    }
