"""Claims generations by a lease and hands each to `handle`; nothing is lost when this process stops, or dies.

One statement claims for all free seats of an engine. What wakes the runner: a notice that something was submitted, a
seat that became free, the end of another's lease or of a delay, and otherwise its own look now and then. A lease lives
by the runner's beat. It may lapse all the same, in an outage or under a blocked event loop: then another worker claims
the generation too, and the fence of each claim makes that harmless. What is settled while it is made here, as by its
caller who cancelled it, is stopped by a notice, at the latest by the next beat.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
import math
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import structlog

from cavendish.db.patience import away_after
from cavendish.db.pool import Connection, Database, Record, translated
from cavendish.errors import DatabaseUnavailable
from cavendish.settings import Settings
from cavendish.stores import generations, jobs
from cavendish.stores.generations import Claim
from cavendish.stores.jobs import Held, Leases

log = structlog.get_logger("cavendish.queue")

Handle = Callable[[Claim], Awaitable[None]]
StopMaking = Callable[[uuid.UUID], None]

RECONNECT_SECONDS = 0.2
_BEATS = 3  # to a lease: two may be late before it ends
_GATHER_SECONDS = 0.001  # seats that become free together are filled by one statement
_LAST_CLAIM_SECONDS = 0.5  # for a claim under way to end by itself; else its leases end, as those of a lost worker
_AWAY_SECONDS = 1.0  # before what met an outage is claimed again
_NOW = datetime.timedelta(0)


class Runner:
    """Claims for these engines (name to limit over all workers, 0: none) and calls `handle` with each claim.

    `stop_making` hears which generations are settled, whether they are made here or not, and more than once;
    `ask` which are unwanted.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        engines: Mapping[str, int],
        handle: Handle,
        stop_making: StopMaking,
        ask: StopMaking,
    ) -> None:
        self._db = db
        self._settings = settings
        self._engines = list(engines.items())
        self._handle = handle
        self._stop_making = stop_making
        self._ask = ask
        self._running: dict[Held, asyncio.Task[None]] = {}
        self._unsettled: list[Held] = []  # that met an outage; they go back when it ends
        self._look = asyncio.Event()
        self._stopping = False
        self._taking = True
        self._lease = datetime.timedelta(seconds=settings.lease_seconds)
        self._beat_seconds = settings.lease_seconds / _BEATS

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
        while not self._over:
            try:
                await self._session()
            except DatabaseUnavailable as exc:
                log.warning("queue connection lost", error=str(exc)[:200])
            except Exception:  # nobody else would take up the work again
                log.error("queue broke", exc_info=True)
            if not self._over:
                await asyncio.sleep(RECONNECT_SECONDS)

    @property
    def _over(self) -> bool:
        return self._stopping and not self._running

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
        """Claim, and keep what is claimed, until the connection that hears of submissions is lost, or all has ended."""
        lost = asyncio.Event()

        def lose(*_: object) -> None:
            lost.set()
            self._look.set()

        connection = await self._db.listen(jobs.WAKE_CHANNEL, self._heard, lose)
        try:
            # What lapsed in an outage is renewed before anybody, here or elsewhere, takes it for a dead worker's.
            await self._renew(connection)
            async with self._beating(connection, lose):
                await self._claim_while_heard(lost)
        finally:
            await _closed(connection)

    def _heard(self, payload: str) -> None:
        if (unwanted := jobs.ask_heard(payload)) is not None:
            self._ask(unwanted)
        elif (settled := jobs.stop_heard(payload)) is None:
            self._look.set()
        else:
            self._stop_making(settled)

    async def _claim_while_heard(self, lost: asyncio.Event) -> None:
        """A claim that waits for the database must not keep the leases from being renewed over a new connection."""
        claiming, losing = asyncio.create_task(self._claim_until(lost)), asyncio.create_task(lost.wait())
        try:
            await asyncio.wait((claiming, losing), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((claiming,), timeout=_LAST_CLAIM_SECONDS)
            if claiming.done():
                claiming.result()
        finally:
            losing.cancel()
            claiming.cancel()
            await asyncio.gather(claiming, losing, return_exceptions=True)

    async def _claim_until(self, lost: asyncio.Event) -> None:
        calm_at = asyncio.get_running_loop().time() + self._beat_seconds
        while not (lost.is_set() or self._over):
            self._look.clear()
            grace = max(0.0, calm_at - asyncio.get_running_loop().time())
            if self._stopping or not await self._take(grace):
                await self._rest(grace)

    async def _rest(self, grace: float) -> None:
        """Until something calls, a delay or a lease ends, or it is time for a look."""
        seconds = min(self._settings.wake_seconds, grace or math.inf)
        if self._free > 0 and self._taking and not self._stopping:
            async with self._db.connection() as connection:
                soonest = await jobs.soonest(connection, [engine for engine, _ in self._engines])
            seconds = min(seconds, math.inf if soonest is None else soonest)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._look.wait(), seconds)

    @property
    def _free(self) -> int:
        return self._settings.concurrency - len(self._running)

    async def _take(self, grace: float) -> bool:
        """Claim for every free seat, engine after engine; whether more may wait."""
        leases = Leases(self._lease, grace=datetime.timedelta(seconds=grace))
        more = False
        self._engines.append(self._engines.pop(0))  # no engine is always the first to fill the seats
        for engine, limit in self._engines:
            free = self._free
            if free <= 0 or not self._taking:
                return False
            held = [generation_id for generation_id, _ in self._running]
            async with self._db.transaction() if limit else self._db.connection() as connection:
                rows = await jobs.claim(connection, engine, count=free, limit=limit, held=held, leases=leases)
            await self._begin(rows)
            more = more or len(rows) == free
        return more

    async def _begin(self, rows: list[Record]) -> None:
        if self._stopping or not self._taking:  # claimed in the last moment
            await self._leave([(row["id"], row["fence"]) for row in rows])
            return
        for row in rows:
            held = row["id"], row["fence"]
            task = self._running[held] = asyncio.create_task(self._do(held, row))
            task.add_done_callback(functools.partial(self._ended, held))

    async def _do(self, held: Held, row: Record) -> None:
        try:
            await self._handle(generations.claim_from_row(row))
        except DatabaseUnavailable:
            self._unsettled.append(held)
        except Exception:
            log.error("job broke", exc_info=True)  # its lease ends, and its claims are counted

    def _ended(self, held: Held, _: object) -> None:
        del self._running[held]
        asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._look.set)

    @contextlib.asynccontextmanager
    async def _beating(self, connection: Connection, lose: Callable[..., None]) -> AsyncIterator[None]:
        """Renew leases while the block runs. What ends the beat ends the block by `lose`, and is raised there."""
        beat = asyncio.create_task(self._beat_on(connection))
        beat.add_done_callback(lose)
        try:
            yield
            if beat.done():
                beat.result()
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

    async def _beat_on(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            await self._renew(connection)

    async def _renew(self, connection: Connection) -> None:
        """Renew the leases of what is being made, stop what is settled, give back what an outage left unsettled.

        The connection is one that nothing else asks: in the pool a renewal would wait behind settlements.
        """
        back, settled = list(self._unsettled), list[uuid.UUID]()
        with translated():
            async with away_after(self._beat_seconds):
                if self._running:
                    settled = await jobs.renew(connection, list(self._running), lease=self._lease)
                if back:
                    await jobs.give_back(connection, back, delay=datetime.timedelta(seconds=_AWAY_SECONDS))
        self._unsettled = [held for held in self._unsettled if held not in back]
        for generation_id in settled:
            self._stop_making(generation_id)


async def _closed(connection: Connection) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connection.close(), 1)
