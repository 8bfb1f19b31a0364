"""A worker says every few seconds that it lives, what it counted and what its engines can."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid

from cavendish.application.work.attempt import WorkerContext
from cavendish.engines import base
from cavendish.errors import DatabaseUnavailable
from cavendish.stores import workers

Counters = dict[str, dict[str, float]]


async def run(context: WorkerContext) -> None:
    """Until cancelled; then it says that it ended in order. A database that is away hears it the next time."""
    worker_id, db = uuid.uuid4(), context.services.db
    try:
        while True:
            engines = {name: base.capabilities(engine) for name, engine in context.engines.items()}
            with contextlib.suppress(DatabaseUnavailable):
                async with db.connection() as connection:
                    host, counters = socket.gethostname(), _counters(context)
                    await workers.seen(connection, worker_id, host, os.getpid(), counters, engines)
            await asyncio.sleep(workers.SEEN_SECONDS)
    finally:
        with contextlib.suppress(DatabaseUnavailable):
            async with db.connection() as connection:
                await workers.gone(connection, worker_id)


def _counters(context: WorkerContext) -> Counters:
    """By counter and engine."""
    paused = {engine: 1.0 for (engine, _), circuit in context.circuits.items() if circuit.state != "closed"}
    return {
        "completed": dict(context.tally.completed),
        "failed": dict(context.tally.failed),
        "seconds": context.tally.seconds,
        "open": paused,
        "moderation": {"/".join(key): count for key, count in context.moderation.counts.items()},
    }
