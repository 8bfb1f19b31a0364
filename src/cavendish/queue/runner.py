"""Claims generations by a lease and hands each to `handle`; nothing is lost when this process stops, or dies.

One statement claims for all free seats of an engine. What wakes the runner: a notice that something was submitted, a
seat that became free, the end of another's lease or of a delay, and otherwise its own look now and then. A lease lives
by the runner's beat. It may lapse all the same, in an outage or under a blocked event loop: then another worker claims
the generation too, and the fence of each claim makes that harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import Awaitable, Callable, Mapping

import structlog

from cavendish.db.pool import Connection, Database
from cavendish.errors import DatabaseUnavailable
from cavendish.settings import Settings
from cavendish.stores import generations, jobs
from cavendish.stores.generations import Claim
from cavendish.stores.jobs import Held, Leases

log = structlog.get_logger("cavendish.queue")

Handle = Callable[[Claim], Awaitable[None]]

RECONNECT_SECONDS = 0.2
_BEATS = 3  # to a lease: two may be late before it ends
_GATHER_SECONDS = 0.001  # seats that become free together are filled by one statement
_AWAY_SECONDS = 1.0  # before what met an outage is claimed again
_NOW = datetime.timedelta(0)


class Runner:
    """Claims for these engines (name to limit over all workers, 0: none) and calls `handle` with each claim."""

    def __init__(self, db: Database, settings: Settings, engines: Mapping[str, int], handle: Handle) -> None:
        self._db = db
        self._settings = settings
        self._engines = list(engines.items())
        self._handle = handle
        self._running: dict[Held, asyncio.Task[None]] = {}
        self._unsettled: list[Held] = []  # that met an outage; they go back when it ends
        self._look = asyncio.Event()
        self._stopping = False
        self._taking = True
        self._lease = datetime.timedelta(seconds=settings.lease_seconds)
        self._beat = settings.lease_seconds / _BEATS

    @property
    def running(self) -> int:
        """Generations being made now."""
        return len(self._running)

    @property
    def taking(self) -> bool:
        """Whether new ones are claimed."""
        return self._taking

    def take(self, taking: bool) -> None:
        """Whether to claim at all. What is under way goes on; what was claimed in this moment goes back, for others."""
        self._taking = taking
        self._look.set()

    async def run(self) -> None:
        """Work until `stop`. After an outage it begins anew at once; what it had goes on beside."""
        beating = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping:
                try:
                    await self._session()
                except DatabaseUnavailable as exc:
                    log.warning("queue connection lost", error=str(exc)[:200])
                if not self._stopping:
                    await asyncio.sleep(RECONNECT_SECONDS)
            if self._running:
                await asyncio.wait(self._running.values())
        finally:
            beating.cancel()

    async def stop(self, *, drain_seconds: float) -> None:
        """Take no more, let running ones end in time, give the rest back."""
        self._stopping = True
        self._look.set()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=drain_seconds)
        left = dict(self._running)
        for task in left.values():
            task.cancel()
        if left:
            await asyncio.wait(left.values(), timeout=2)
        await self._leave([*left, *self._unsettled])

    async def _leave(self, held: list[Held]) -> None:
        if held:
            with contextlib.suppress(DatabaseUnavailable):  # then their leases end
                async with self._db.connection() as connection:
                    await jobs.give_back(connection, held, delay=_NOW)
                    await jobs.wake_workers(connection)

    async def _session(self) -> None:
        """Claim until the connection that hears of submissions is lost, or until `stop`."""
        lost = asyncio.Event()

        def lose() -> None:
            lost.set()
            self._look.set()

        connection = await self._db.listen(jobs.WAKE_CHANNEL, lambda _: self._look.set(), lose)
        try:
            # What lapsed in an outage is renewed before anybody, here or elsewhere, takes it for a dead worker's.
            await self._renew()
            calm_at = asyncio.get_running_loop().time() + self._beat
            while not self._stopping and not lost.is_set():
                self._look.clear()
                grace = max(0.0, calm_at - asyncio.get_running_loop().time())
                if not await self._take(grace):
                    await self._rest()
        finally:
            await _closed(connection)

    async def _rest(self) -> None:
        """Until something calls, a delay or a lease ends, or it is time for a look."""
        seconds = self._settings.wake_seconds
        if self._free > 0:
            async with self._db.connection() as connection:
                soonest = await jobs.soonest(connection, [engine for engine, _ in self._engines])
            seconds = min(seconds, soonest or seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._look.wait(), seconds)

    @property
    def _free(self) -> int:
        return self._settings.concurrency - len(self._running)

    async def _take(self, grace: float) -> bool:
        """Claim for every free seat, engine after engine; whether more may wait."""
        leases = Leases(
            self._lease,
            grace=datetime.timedelta(seconds=grace),
            ahead=datetime.timedelta(seconds=self._settings.deadline_seconds + self._settings.lease_seconds),
        )
        more = False
        for engine, limit in self._engines:
            free = self._free
            if free <= 0 or not self._taking:
                return False
            held = [generation_id for generation_id, _ in self._running]
            async with self._db.transaction() if limit else self._db.connection() as connection:
                rows = await jobs.claim(connection, engine, count=free, limit=limit, held=held, leases=leases)
            await self._begin([generations.claim_from_row(row) for row in rows])
            more = more or len(rows) == free
        self._engines.append(self._engines.pop(0))  # no engine is always the first to fill the seats
        return more

    async def _begin(self, claims: list[Claim]) -> None:
        if self._stopping or not self._taking:  # claimed in the last moment
            await self._leave([(claim.generation.id, claim.fence) for claim in claims])
            return
        for claim in claims:
            self._start(claim)

    def _start(self, claim: Claim) -> None:
        held = claim.generation.id, claim.fence
        task = self._running[held] = asyncio.create_task(self._do(claim))
        task.add_done_callback(lambda _: self._ended(held))

    async def _do(self, claim: Claim) -> None:
        try:
            await self._handle(claim)
        except DatabaseUnavailable:
            self._unsettled.append((claim.generation.id, claim.fence))
        except Exception:
            log.error("job broke", exc_info=True)  # its lease ends, and its claims are counted

    def _ended(self, held: Held) -> None:
        del self._running[held]
        asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._look.set)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._beat)
            with contextlib.suppress(DatabaseUnavailable):
                await self._renew()

    async def _renew(self) -> None:
        """Renew the leases of what is being made, and give back what an outage left unsettled."""
        if not self._running and not self._unsettled:
            return
        back = list(self._unsettled)
        async with self._db.connection() as connection:
            if self._running:
                await jobs.renew(connection, list(self._running), lease=self._lease)
            if back:
                await jobs.give_back(connection, back, delay=datetime.timedelta(seconds=_AWAY_SECONDS))
        self._unsettled = [held for held in self._unsettled if held not in back]


async def _closed(connection: Connection) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), 1)
