"""Faults: each kills, freezes, cuts, empties or hides something that is there now. The seed fixes order and pace."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import asyncpg

from .journal import Journal
from .service import Service

# Shares of the kinds. A killed API process costs all its callers up to 5 s of backoff, so there are fewer of those.
SHARES = {
    "kill worker": 28,
    "kill all workers": 2,
    "kill api": 5,
    "kill supervisor": 2,
    "restart serve": 3,
    "kill backend": 7,
    "kill postmaster": 5,
    "freeze worker": 7,
    "freeze api": 6,
    "cut connections": 22,
    "cut listeners": 8,
    "lapse the leases": 6,
    "poison the engine": 4,
    "storage gone": 5,
    "skewed worker": 4,
    "jumping clock": 3,
}
# These hold everything up: a takeover that meets one says nothing about takeovers.
SETBACKS = frozenset(
    {"kill all workers", "kill backend", "kill postmaster", "storage gone", "skewed worker", "jumping clock"}
)
GROWN_SECONDS = 4.0  # a worker has started by then, on a busy machine too
CLOCKS_SECONDS = (3600, 86_400, -3600)
JUMPS = ("2 minutes", "1 day", "400 days")
HELD_AFTER_SECONDS = 0.5  # the worker is starting; what is locked now has its picture when it sweeps
SWEPT_SECONDS = 1.0  # the first thing that it does
HELD_SECONDS_MAX = 8.0
_HOLD = """
SELECT id FROM cavendish.generations WHERE state = 'generating' ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED"""
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name LIKE 'cavendish%' AND backend_type = 'client backend' ORDER BY random() LIMIT $1"""
# As after an outage that was longer than any lease: whatever is being made may be claimed by others at once.
_LAPSE = "UPDATE cavendish.generations SET ready_at = '-infinity' WHERE finished_at IS NULL AND leased RETURNING id"
_CUT_LISTENERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'cavendish listener'"""


DATABASE, OTHER = "database", "other"  # how soon a lost database lets all be taken up again is counted by itself


@dataclass(frozen=True)
class Setback:
    """Something that holds everything up was lost, or came back."""

    at: float
    kind: str = OTHER


@dataclass(frozen=True)
class Loss:
    """A worker that was killed or frozen, and when: somebody else must take up what it had."""

    at: float
    pid: int
    kind: str


class Faults:
    def __init__(
        self,
        service: Service,
        journal: Journal,
        rng: random.Random,
        shares: dict[str, float],
        lease_seconds: float,
        poison: Callable[[], str],
    ) -> None:
        self._service, self._journal, self._rng, self._lease_seconds = service, journal, rng, lease_seconds
        self._shares, self._poison_engine = shares, poison
        self.losses: list[Loss] = []
        self.setbacks: list[Setback] = []  # recovery takes longer then
        self.done = 0
        self._kinds: dict[str, Callable[[], Awaitable[str]]] = {
            "kill worker": self._kill_worker,
            "kill all workers": self._kill_all_workers,
            "kill api": self._kill_api,
            "kill supervisor": lambda: self._restart(signal.SIGKILL),
            "restart serve": lambda: self._restart(signal.SIGTERM),
            "kill backend": self._kill_backend,
            "kill postmaster": self._kill_postmaster,
            "freeze worker": self._freeze_worker,
            "freeze api": self._freeze_api,
            "cut connections": lambda: self._sql(_CUT, self._rng.randint(1, 4)),
            "cut listeners": lambda: self._sql(_CUT_LISTENERS),
            "lapse the leases": lambda: self._sql(_LAPSE),
            "poison the engine": self._poison,
            "storage gone": self._lose_storage,
            "skewed worker": self._skew_worker,
            "jumping clock": self._jump_clock,
        }

    async def run(self, count: int, gap_seconds: float, seconds_max: float) -> None:
        """So many faults; where one finds no victim, the next kind is tried. The first half spares the database."""
        spared = {kind: share for kind, share in self._shares.items() if kind not in SETBACKS} or self._shares
        whole = {kind: share * (1 + (kind in SETBACKS)) for kind, share in self._shares.items()}
        end = time.monotonic() + seconds_max
        while self.done < count and time.monotonic() < end:
            shares = spared if self.done < count // 2 else whole
            kind = self._rng.choices(list(shares), list(shares.values()))[0]
            await asyncio.sleep(self._rng.uniform(0.3, 1.7) * gap_seconds)
            if victim := await self._kinds[kind]():
                self.done += 1
                self._journal.note(kind, victim)
                self._journal.count(f"fault: {kind}")

    async def _kill_worker(self) -> str:
        pid = self._spare_worker()
        if pid is None:
            return ""
        self._service.kill(pid)
        self.losses.append(Loss(time.monotonic(), pid, "kill"))
        return str(pid)

    async def _kill_all_workers(self) -> str:
        workers = self._service.worker_processes()
        self.setbacks.append(Setback(time.monotonic()))
        for pid in workers:
            self._service.kill(pid)
            self.losses.append(Loss(time.monotonic(), pid, "kill"))
        return " ".join(map(str, workers))

    async def _freeze_worker(self) -> str:
        pid, seconds = self._spare_worker(), self._lease_seconds + self._rng.uniform(1, 3)
        if pid is None or self._service.frozen:
            return ""
        self._service.freeze(pid, seconds)
        self.losses.append(Loss(time.monotonic(), pid, "freeze"))
        return f"{pid} for {seconds:.1f} s"

    async def _kill_api(self) -> str:
        processes = self._service.api_processes()
        if not processes:
            return ""
        serve, pid = self._rng.choice(processes)
        serve.disturb()
        self._service.kill(pid)
        return f"{pid} of serve {serve.number}"

    async def _freeze_api(self) -> str:
        processes = [(serve, pid) for serve, pid in self._service.api_processes() if pid not in self._service.frozen]
        if not processes:
            return ""
        (serve, pid), seconds = self._rng.choice(processes), self._rng.uniform(0.3, 2)
        serve.disturb()
        self._service.freeze(pid, seconds)
        return f"{pid} of serve {serve.number} for {seconds:.1f} s"

    async def _restart(self, number: signal.Signals) -> str:
        if any(serve.changing for serve in self._service.serves):
            return ""
        serve = self._rng.choice(self._service.serves)
        for pid in self._service.worker_processes():
            if number == signal.SIGKILL and pid in self._service.children(serve):
                self.losses.append(Loss(time.monotonic(), pid, "orphaned"))
        self._service.spawn(self._service.restart(serve, number))
        return f"serve {serve.number}"

    async def _kill_backend(self) -> str:
        backends = self._service.backends()
        if not backends:
            return ""
        pid = self._rng.choice(backends)
        self._disturb_database()
        self._service.kill(pid)
        return str(pid)

    async def _kill_postmaster(self) -> str:
        pid = self._service.postmaster()
        if pid is None:
            return ""
        self._disturb_database()
        self._service.kill(pid)
        return str(pid)

    async def _poison(self) -> str:
        return self._poison_engine()

    async def _lose_storage(self) -> str:
        if self._service.storage_gone:
            return ""
        seconds = self._rng.uniform(0.5, 4)

        async def lose() -> None:
            await self._service.lose_storage(seconds)
            self.setbacks.append(Setback(time.monotonic()))

        self.setbacks.append(Setback(time.monotonic()))
        self._service.spawn(lose())
        return f"for {seconds:.1f} s"

    async def _jump_clock(self) -> str:
        """The database's; and it comes back."""
        if self._service.clock_ahead:
            return ""
        ahead, seconds = self._rng.choice(JUMPS), self._rng.uniform(0.5, 3)

        async def jump() -> None:
            await self._service.jump_clock(ahead, seconds)
            self.setbacks.append(Setback(time.monotonic()))

        self.setbacks.append(Setback(time.monotonic()))
        self._service.spawn(jump())
        return f"{ahead} for {seconds:.1f} s"

    async def _skew_worker(self) -> str:
        """One by hand is started again with another clock. It sweeps files at its start, so completions wait then."""
        hands = {process.pid: number for number, process in enumerate(self._service.hands) if process}
        pid = self._spare_worker(among=hands)
        if pid is None:
            return ""
        number, ahead = hands[pid], self._rng.choice(CLOCKS_SECONDS)
        self._service.clocks[number] = ahead
        self._service.kill(pid)
        self.losses.append(Loss(time.monotonic(), pid, "kill"))
        self._service.spawn(self._hold_up_completions(number, self._service.started(number)))
        return f"worker {number} by {ahead} s"

    async def _hold_up_completions(self, number: int, started: int) -> None:
        """Lock what is being made, until the worker has started and swept; then pictures lie there unsettled."""
        self.setbacks.append(Setback(time.monotonic()))
        end = time.monotonic() + HELD_SECONDS_MAX
        await asyncio.sleep(HELD_AFTER_SECONDS)
        try:
            connection = await self._service.administer()
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return
        try:
            async with connection.transaction():
                await connection.fetch(_HOLD)
                while time.monotonic() < end and self._service.started(number) == started:
                    await asyncio.sleep(0.1)
                await asyncio.sleep(SWEPT_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pass  # another fault took the database
        finally:
            connection.terminate()
            self.setbacks.append(Setback(time.monotonic()))

    def _spare_worker(self, among: Collection[int] | None = None) -> int | None:
        """Any worker, as long as another one is left that is past its start; else nothing would ever get done."""
        workers = self._service.worker_processes()
        grown = [pid for pid in workers if self._service.age(pid) > GROWN_SECONDS]
        spare = [pid for pid in workers if set(grown) - {pid} and (among is None or pid in among)]
        return self._rng.choice(spare) if spare else None

    async def _sql(self, statement: str, *arguments: object) -> str:
        try:
            connection = await self._service.administer()
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return ""
        try:
            rows = await connection.fetch(statement, *arguments)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return ""
        finally:
            connection.terminate()
        return f"{len(rows)} rows"

    def _disturb_database(self) -> None:
        self._service.database_disturbed_at = time.monotonic()
        self.setbacks.append(Setback(time.monotonic(), DATABASE))
