"""PgQueuer behind a small port: jobs come in, `handle` is called, nothing is lost when this process stops.

Known traps of PgQueuer 1.6 that this wrapper answers: a shutdown deletes the rows of running jobs unless cancellation
becomes a retry (#631); a database outage ends `run()`, but only when its jobs have ended, so it is supervised and a
new one begins beside it; a blocked event loop lets heartbeats lapse (#430), which the fence of each claim makes
harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
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

from cavendish.db.pool import translated
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


class _Driver(AsyncpgPoolDriver):
    """Ends the session at the first sign that the database is away: the library would notice only now and then."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], lost: asyncio.Event) -> None:
        super().__init__(pool)
        self._lost = lost

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        with self._watched():
            return await super().fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        with self._watched():
            return await super().execute(query, *args)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            with translated():
                yield
        except DatabaseUnavailable:
            self._lost.set()
            raise


class Runner:
    """Takes jobs for these engines (name to limit over all workers, 0: none) and calls `handle` for each."""

    def __init__(self, dsn: str, settings: Settings, engines: Mapping[str, int], handle: Handle) -> None:
        self._dsn = dsn
        self._settings = settings
        self._engines = engines
        self._handle = handle
        self._handling: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._seats = asyncio.Semaphore(settings.concurrency)
        self._sessions: dict[asyncio.Task[None], asyncio.Event] = {}
        self._taking = asyncio.Event()
        self._taking.set()
        self._stopping = False
        logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)

    @property
    def running(self) -> int:
        """Generations being made now."""
        return len(self._handling)

    @property
    def taking(self) -> bool:
        """Whether new jobs are taken."""
        return self._taking.is_set()

    def take(self, taking: bool) -> None:
        """Whether to take jobs at all. Those under way go on; what was taken but not begun goes back, for others."""
        if taking or self._stopping:
            self._taking.set()
            return
        self._taking.clear()
        self._end_sessions()

    async def run(self) -> None:
        """Work until `stop`. After an outage a new session begins at once; the old one's jobs go on beside it."""
        try:
            while await self._taking.wait() and not self._stopping:
                lost = asyncio.Event()
                session = asyncio.create_task(self._session(lost))
                self._sessions[session] = lost
                session.add_done_callback(self._sessions.pop)
                await lost.wait()
                if not self._stopping:
                    await asyncio.sleep(RECONNECT_SECONDS)
            if self._sessions:
                await asyncio.wait(self._sessions)
        finally:
            for session in self._sessions:
                session.cancel()

    async def stop(self, *, drain_seconds: float) -> None:
        """Take no more jobs, let running ones end in time, put the rest back."""
        self._stopping = True
        self._taking.set()  # one that takes nothing ends too
        self._end_sessions()
        if self._handling:
            await asyncio.wait(self._handling.values(), timeout=drain_seconds)
        for task in list(self._handling.values()):
            task.cancel()
        if self._handling:
            await asyncio.wait(self._handling.values(), timeout=2)

    def _end_sessions(self) -> None:
        for lost in self._sessions.values():
            lost.set()

    async def _session(self, lost: asyncio.Event) -> None:
        """Take jobs until `lost` is set; ends when they have ended."""
        try:
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
                await self._work(pool, lost)
            finally:
                await _close(pool)
        except Exception as exc:  # the library raises many kinds; each means: reconnect
            log.warning("queue connection lost", error=f"{type(exc).__name__}: {exc}"[:200])
        finally:
            lost.set()

    async def _work(self, pool: asyncpg.Pool[asyncpg.Record], lost: asyncio.Event) -> None:
        shape = DBSettings(db_schema="cavendish")
        queries = Queries(
            _Driver(pool, lost),
            qbe=qb.QueryBuilderEnvironment(settings=shape),
            qbq=qb.QueryQueueBuilder(settings=shape),
            qbs=qb.QuerySchedulerBuilder(settings=shape),
        )
        manager = QueueManager(queries)
        manager.shutdown = lost  # one event for both: whoever gives up first
        for engine, limit in self._engines.items():
            manager.entrypoint(engine, concurrency_limit=limit, executor_factory=_Durable)(self._job)
        if self._stopping:
            return
        concurrency = max(2, self._settings.concurrency)
        await manager.run(
            dequeue_timeout=timedelta(seconds=self._settings.wake_seconds),
            batch_size=max(1, concurrency // 2),
            max_concurrent_tasks=concurrency,
            heartbeat_timeout=timedelta(seconds=self._settings.lease_seconds),
            log_aggregation_interval=timedelta(0),
            shutdown_on_listener_failure=True,
        )

    async def _job(self, job: Job) -> None:
        assert job.payload is not None
        generation_id = uuid.UUID(bytes=job.payload)
        # The library takes two jobs at the least, and two sessions may have some: the worker's own limit is kept here.
        async with self._seats:
            # An outage longer than the lease, or a lost answer, can give a generation a second job here.
            while (running := self._handling.get(generation_id)) is not None:
                await asyncio.wait({running})
            if self._stopping or not self.taking:
                raise asyncio.CancelledError  # taken in the last moment: it goes back
            task = asyncio.ensure_future(self._handle(generation_id))
            self._handling[generation_id] = task
            task.add_done_callback(lambda _: self._handling.pop(generation_id))
            await task


async def _close(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    try:
        await asyncio.wait_for(pool.close(), 2)
    except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        pool.terminate()
