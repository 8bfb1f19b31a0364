"""PgQueuer behind a small port: jobs come in, `handle` is called, nothing is lost when this process stops.

Known traps of PgQueuer 1.6 that this wrapper answers: a shutdown deletes the rows of running jobs unless cancellation
becomes a retry (#631); a database outage ends `run()`, so it is supervised; a blocked event loop lets heartbeats lapse
(#430), which the fence of each claim makes harmless.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import EntrypointExecutor
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job
from pgqueuer.domain.settings import DBSettings

from cavendish.errors import DatabaseUnavailable
from cavendish.settings import Settings

log = structlog.get_logger("cavendish.queue")

Handle = Callable[[uuid.UUID], Awaitable[None]]

RECONNECT_SECONDS = 0.2


class _Durable(EntrypointExecutor):
    """A job ends only when its handler does: stopping or losing the database puts it back."""

    async def execute(self, job: Job, context: Context) -> None:
        try:
            await super().execute(job, context)
        except asyncio.CancelledError:
            raise RetryRequested(timedelta(0), "the worker is stopping") from None
        except DatabaseUnavailable as exc:
            raise RetryRequested(timedelta(seconds=1), "the database is away") from exc
        except Exception:
            # The library keeps it for itself; the sweep brings the generation back.
            log.error("job broke", exc_info=True)
            raise


class Runner:
    """Takes jobs for these engines (name to limit over all workers, 0: none) and calls `handle` for each."""

    def __init__(self, dsn: str, settings: Settings, engines: Mapping[str, int], handle: Handle) -> None:
        self._dsn = dsn
        self._settings = settings
        self._engines = engines
        self._handle = handle
        self._manager: QueueManager | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)

    @property
    def running(self) -> int:
        """Jobs being handled now."""
        return len(self._running)

    async def run(self) -> None:
        """Work until `stop`; come back after every database outage."""
        while not self._stopping:
            try:
                await self._session()
            except Exception as exc:  # the library raises many kinds; each means: reconnect
                log.warning("queue connection lost", error=f"{type(exc).__name__}: {exc}"[:200])
            if not self._stopping:
                await asyncio.sleep(RECONNECT_SECONDS)

    async def stop(self, *, drain_seconds: float) -> None:
        """Take no more jobs, let running ones end in time, put the rest back."""
        self._stopping = True
        if self._manager is not None:
            self._manager.shutdown.set()
        if self._running:
            await asyncio.wait(self._running, timeout=drain_seconds)
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=2)

    async def _session(self) -> None:
        pool = await asyncpg.create_pool(
            self._dsn,
            min_size=1,
            max_size=4,
            max_inactive_connection_lifetime=self._settings.pool_idle_seconds,
            timeout=self._settings.outage_seconds,
            command_timeout=self._settings.statement_seconds,
            server_settings={"application_name": "cavendish-queue", "jit": "off"},
        )
        try:
            await self._work(pool)
        finally:
            await _close(pool)

    async def _work(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        shape = DBSettings(db_schema="cavendish")
        queries = Queries(
            AsyncpgPoolDriver(pool),
            qbe=qb.QueryBuilderEnvironment(settings=shape),
            qbq=qb.QueryQueueBuilder(settings=shape),
            qbs=qb.QuerySchedulerBuilder(settings=shape),
        )
        self._manager = QueueManager(queries)
        for engine, limit in self._engines.items():
            self._manager.entrypoint(engine, concurrency_limit=limit, executor_factory=_Durable)(self._job)
        if self._stopping:
            return
        concurrency = max(2, self._settings.concurrency)
        await self._manager.run(
            dequeue_timeout=timedelta(seconds=self._settings.wake_seconds),
            batch_size=max(1, concurrency // 2),
            max_concurrent_tasks=concurrency,
            heartbeat_timeout=timedelta(seconds=self._settings.lease_seconds),
            log_aggregation_interval=timedelta(0),
            shutdown_on_listener_failure=True,
        )

    async def _job(self, job: Job) -> None:
        assert job.payload is not None
        if self._stopping:
            raise asyncio.CancelledError  # taken in the last moment: it goes back
        task = asyncio.ensure_future(self._handle(uuid.UUID(bytes=job.payload)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task


async def _close(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    try:
        await asyncio.wait_for(pool.close(), 2)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()
