"""The service under test as real processes: two `serve`, some `worker`, one PostgreSQL, one data directory; and Google.

Whoever dies is restarted at once, as an operator's init would; a death that nobody caused is a violation.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil

from cavendish.postgres.cluster import Cluster
from emulators.gemini_api import KEY, GeminiApi
from harness.processes import Starter, free_port

from .journal import Journal
from .wire import Wire, ready

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGINS = Path(__file__).resolve().parent / "plugins"
API, WORKER = "cavendish.processes.api", "cavendish.processes.worker"
READY_SECONDS = 60.0
TRACES_SECONDS = 15.0
END_SECONDS = 45.0  # a drain of 10 s, twice, and what a busy machine adds
STORAGE_SECONDS = 2.0  # an answer on its way when the storage came back
ORPHANS_SECONDS = 30.0  # children of a killed supervisor, the drain of a worker included
_LOOK_SECONDS = 0.25
_UNDER_WAY = "SELECT count(*) FROM cavendish.generations WHERE finished_at IS NULL"


@dataclass
class Serve:
    """One `cavendish serve`. `epoch` counts its API processes: a new one remembers nothing of the old one's."""

    number: int
    port: int
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    epoch: int = 0
    changing: bool = False  # a fault on the whole of it is under way
    known: dict[int, str] = field(default_factory=dict)  # children by process number
    disturbed_at: float = -1e9
    answered_at: float = -1e9
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(self.port)

    def disturb(self) -> None:
        self.disturbed_at = time.monotonic()

    def answered(self) -> None:
        self.answered_at = time.monotonic()

    def troubled(self) -> bool:
        """Whether traces of a fault may still be seen here."""
        ago = time.monotonic() - self.disturbed_at
        silent = self.answered_at < self.disturbed_at
        return self.changing or ago < TRACES_SECONDS or (silent and ago < READY_SECONDS)


@dataclass
class Service:
    folder: Path
    journal: Journal
    workers: int
    overrides: dict[str, str]
    planted: str | None
    serves: list[Serve] = field(default_factory=list)
    hands: list[subprocess.Popen[bytes] | None] = field(default_factory=list)  # workers started by hand
    google: GeminiApi = field(default_factory=GeminiApi)
    expected: set[int] = field(default_factory=set)  # process numbers whose end somebody caused
    frozen: set[int] = field(default_factory=set)
    database_disturbed_at: float = -1e9
    clocks: dict[int, int] = field(default_factory=dict)  # seconds ahead, by number, of the next worker by hand
    storage_gone: bool = False
    storage_back_at: float = -1e9
    clock_ahead: bool = False  # the database's
    clock_back_at: float = -1e9
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _stopping: bool = False
    _postmaster_file: Path = Path("/nonexistent")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def storage(self) -> Path:
        return self.data / "storage"

    @property
    def diary(self) -> Path:
        return self.folder / "diary"

    @property
    def environment(self) -> dict[str, str]:
        path = [ROOT / "tests" / "plugins", PLUGINS, *([PLUGINS / "planted"] if self.planted else [])]
        path += [Path(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
        environment = Starter(ROOT, self.folder).environment(
            CAVENDISH_DATA=str(self.data),
            CAVENDISH_ROUTES="nano-banana-2=chaos,backup;nano-banana-pro=gemini,instant",
            GEMINI_API_KEY=KEY,
            CAVENDISH_GEMINI_BASE_URL=self.google.url,
            CAVENDISH_GENERATE_LIMIT="1000000/second",  # after a clock's jump a key is full, for a millionth of one
            CAVENDISH_FAILURE_LIMIT="1000000/hour",  # one in ten of what is ordered here fails
            CAVENDISH_CHAOS_DIARY=str(self.diary),
            # Half the start-up time of a process is compiling, where nothing may be written beside the sources.
            PYTHONPYCACHEPREFIX=f"/tmp/cavendish-tests-{os.getuid()}-pycache",
            PYTHONPATH=os.pathsep.join(map(str, path)),
            **self.overrides,
        )
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if self.planted:
            environment["CAVENDISH_PLANTED_BUG"] = self.planted
        return environment

    async def start(self) -> None:
        self.folder.chmod(0o755)  # the database's own user must be able to pass
        self.google.__enter__()
        self.serves = [Serve(0, free_port(), []), Serve(1, free_port(), ["--no-worker"])]
        self.hands = [None] * self.workers
        for number in range(self.workers):
            self._hand(number)
        # All at once on an empty directory: one of them makes the database, the others join it.
        await asyncio.gather(*map(self._serve, self.serves))
        status = Cluster(self.data).status()
        assert status is not None
        self._postmaster_file = status.directory / "postmaster.pid"
        self._sockets = status.sockets
        self.spawn(self._watch())

    async def stop(self) -> None:
        """End all in order; what does not end in time, or badly, is a violation."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        self.thaw()
        for process in self.hands:
            if process:
                process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(self._ended(process, "worker") for process in self.hands if process))
        for serve in self.serves:
            if serve.process:
                serve.process.send_signal(signal.SIGTERM)
                await self._ended(serve.process, "serve")
            await serve.wire.close()
        await asyncio.to_thread(self.google.stop)
        if left := self._left_over():
            self.journal.violation("nothing is left running", ", ".join(left))

    def abort(self) -> None:
        """kill -9 to everything of ours."""
        for serve in self.serves:
            for pid in self.children(serve):
                _signal(pid, signal.SIGKILL)
        for process in [*(serve.process for serve in self.serves), *self.hands]:
            if process and process.poll() is None:
                process.kill()
                process.wait()
        if postmaster := self.postmaster():
            _signal(postmaster, signal.SIGQUIT)

    def spawn(self, work: object) -> None:
        """Run a coroutine beside; it is cancelled at the end."""
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    # Who is there.

    def children(self, serve: Serve, module: str | None = None) -> dict[int, str]:
        found: dict[int, str] = {}
        if serve.process is None:
            return found
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(serve.process.pid).children():
                with contextlib.suppress(psutil.Error):
                    command = child.cmdline()
                    if command and command[-1] in (API, WORKER) and module in (None, command[-1]):
                        found[child.pid] = command[-1]
        return found

    def api_processes(self) -> list[tuple[Serve, int]]:
        return [(serve, pid) for serve in self.serves if not serve.changing for pid in self.children(serve, API)]

    def worker_processes(self) -> list[int]:
        """Those that run, supervised or by hand."""
        supervised = [pid for serve in self.serves if not serve.changing for pid in self.children(serve, WORKER)]
        by_hand = [process.pid for process in self.hands if process and process.poll() is None]
        return [pid for pid in supervised + by_hand if pid not in self.frozen and pid not in self.expected]

    def started(self, number: int) -> int:
        """How often this worker by hand was ready for work, so far."""
        return (self.folder / f"worker-{number}.log").read_bytes().count(b"worker ready")

    def age(self, pid: int) -> float:
        """Seconds since this process was started."""
        try:
            return time.time() - psutil.Process(pid).create_time()
        except psutil.Error:
            return 0.0

    def postmaster(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            number = int(self._postmaster_file.read_text().split("\n", 1)[0])
            return number if _lives(number) else None
        return None

    def backends(self) -> list[int]:
        """Server processes with a client."""
        postmaster = self.postmaster()
        found: list[int] = []
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(postmaster).children() if postmaster else ():
                with contextlib.suppress(psutil.Error):
                    if "[local]" in " ".join(child.cmdline()):
                        found.append(child.pid)
        return found

    async def administer(self) -> asyncpg.Connection:
        """A superuser's connection, beside the service's own."""
        return await asyncpg.connect(
            host=str(self._sockets), port=5432, user="postgres", database="postgres", timeout=3, command_timeout=10,
            server_settings={"application_name": "chaos", "lock_timeout": "2000"},
        )  # fmt: skip

    async def command(self, *arguments: str, seconds: float = 60) -> tuple[int, str, str]:
        """Run one `cavendish` command; code, output, errors."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cavendish.cli", *arguments, "--data", str(self.data),
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(process.communicate(), seconds)
        assert process.returncode is not None
        return process.returncode, output.decode(), errors.decode()

    async def account(self, name: str, credits: int) -> str:
        """A new account with this much; its key."""
        code, output, errors = await self.command(
            "keys", "create", "--account", name, "--credits", str(credits), "--json"
        )
        assert code == 0, errors
        return str(json.loads(output)["key"])

    # What is done to them.

    def kill(self, pid: int) -> None:
        self.expected.add(pid)
        self.frozen.discard(pid)
        _signal(pid, signal.SIGKILL)

    def freeze(self, pid: int, seconds: float) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            self.thaw(pid)

        self.frozen.add(pid)
        _signal(pid, signal.SIGSTOP)
        self.spawn(later())

    def thaw(self, *pids: int) -> None:
        for pid in pids or tuple(self.frozen):
            if pid in self.frozen:
                self.frozen.discard(pid)
                self.journal.note("continue", str(pid))
                _signal(pid, signal.SIGCONT)

    async def lose_storage(self, seconds: float) -> None:
        """As a lazy unmount does: an empty directory in its place, and what lands there is nobody's."""
        away = self.folder / "storage-away"
        self.storage_gone = True
        self.storage.rename(away)
        self.storage.mkdir()
        await asyncio.sleep(seconds)
        beside = self.storage.rename(self.folder / f"beside-{time.monotonic_ns()}")
        away.rename(self.storage)
        if written := sorted(entry.name for entry in beside.iterdir()):
            self.journal.violation("nothing is written where no storage is", ", ".join(written))
        self.journal.note("storage back", f"after {seconds:.1f} s")
        self.storage_back_at, self.storage_gone = time.monotonic(), False

    async def jump_clock(self, ahead: str, seconds: float) -> None:
        """As a machine's clock that is set wrong and right again. All sessions of the database have the one."""
        self.clock_ahead = True
        self._set_clock(f"cavendish.clock_offset = '{ahead}'\n")
        await asyncio.sleep(seconds)
        self._set_clock("")
        self.journal.note("clock back", f"after {seconds:.1f} s")
        self.clock_back_at, self.clock_ahead = time.monotonic(), False

    def _set_clock(self, line: str) -> None:
        """Where the server is away, it reads this at its start."""
        file = self._postmaster_file.with_name("postgresql.auto.conf")
        kept = [one for one in file.read_text().splitlines(keepends=True) if "clock_offset" not in one]
        file.write_text("".join(kept) + line)
        if (postmaster := self.postmaster()) is not None:
            _signal(postmaster, signal.SIGHUP)

    def clock_jumped_since(self, moment: float) -> bool:
        """Whether deadlines may have passed that were far away."""
        return self.clock_ahead or self.clock_back_at >= moment

    def storage_troubled(self) -> bool:
        """Whether a picture may be refused for now."""
        return self.storage_gone or time.monotonic() - self.storage_back_at < STORAGE_SECONDS

    async def restart(self, serve: Serve, number: signal.Signals) -> None:
        """SIGTERM and wait for an orderly end, or SIGKILL to the supervisor alone; then start it again."""
        assert serve.process is not None
        serve.changing = True
        serve.disturb()
        children = self.children(serve)
        self.expected |= children.keys() | {serve.process.pid}
        self.thaw(*children)
        began = time.monotonic()
        serve.process.send_signal(number)
        if number == signal.SIGTERM:
            await self._ended(serve.process, "serve")
        else:
            serve.process.wait()
            if not await _until(lambda: not any(map(_lives, children)), ORPHANS_SECONDS):
                self.journal.violation(
                    "children end with their supervisor", f"{children} live on after {ORPHANS_SECONDS} s"
                )
        self.journal.note("ended", f"serve {serve.number} after {time.monotonic() - began:.1f} s")
        serve.disturb()
        await self._serve(serve)
        serve.changing = False

    async def settle(self) -> None:
        """Continue what is frozen, and wait until everybody is up."""
        self.thaw()
        if not await _until(lambda: not self.storage_gone, READY_SECONDS):
            self.journal.violation("the harness works", "the storage is still away")
        if not await _until(lambda: not any(serve.changing for serve in self.serves), READY_SECONDS):
            self.journal.violation("everything comes back", "a serve is still being restarted")
        for serve in self.serves:
            if not await ready(serve.wire, seconds=READY_SECONDS):
                self.journal.violation("everything comes back", f"serve {serve.number} is not ready")

    async def rest(self, seconds: float) -> None:
        """Until nothing is made any more, also of what nobody waits for: who was cut off learns no end."""
        connection, end = await self.administer(), time.monotonic() + seconds
        try:
            while left := await connection.fetchval(_UNDER_WAY):
                if time.monotonic() > end:
                    self.journal.violation("everything ends", f"{left} generations go on")
                    return
                await asyncio.sleep(0.1)
        finally:
            await connection.close()

    # Starting and watching.

    async def _serve(self, serve: Serve) -> None:
        command = [sys.executable, "-m", "cavendish.cli", "serve", "--port", str(serve.port), *serve.arguments]
        began = time.monotonic()
        serve.process = self._popen(command, f"serve-{serve.number}.log")
        serve.epoch += 1
        serve.known = {}
        if not await ready(serve.wire, seconds=READY_SECONDS):
            self.journal.violation("everything comes back", f"serve {serve.number} not ready in {READY_SECONDS} s")
        self.journal.note("ready", f"serve {serve.number} after {time.monotonic() - began:.1f} s")

    def _hand(self, number: int) -> None:
        """Start a worker by hand, with the clock that was chosen for it; once, for the next one is right again."""
        clock = {"CAVENDISH_CHAOS_CLOCK_SECONDS": str(self.clocks.pop(number, 0))}
        command = [sys.executable, "-m", "cavendish.cli", "worker"]
        self.hands[number] = self._popen(command, f"worker-{number}.log", **clock)

    def _popen(self, command: list[str], log: str, **variables: str) -> subprocess.Popen[bytes]:
        environment = {**self.environment, **variables}
        with (self.folder / log).open("ab") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, env=environment, start_new_session=True)

    async def _watch(self) -> None:
        while not self._stopping:
            await asyncio.sleep(_LOOK_SECONDS)
            for serve in self.serves:
                if not serve.changing:
                    await self._look(serve)
            for number, process in enumerate(self.hands):
                if process and process.poll() is not None:
                    self._judge_death(
                        process.pid, f"worker {number} ended with {process.returncode}", f"worker-{number}.log"
                    )
                    self._hand(number)

    async def _look(self, serve: Serve) -> None:
        log = f"serve-{serve.number}.log"
        assert serve.process is not None
        if serve.process.poll() is not None:
            self._judge_death(serve.process.pid, f"serve {serve.number} ended with {serve.process.returncode}", log)
            serve.disturb()
            serve.changing = True
            await self._serve(serve)
            serve.changing = False
            return
        present = self.children(serve)
        for pid in serve.known.keys() - present.keys():
            self._judge_death(pid, f"{serve.known[pid]} of serve {serve.number} ended", log)
        if {pid for pid, module in present.items() if module == API} - serve.known.keys():
            serve.epoch += 1
            serve.disturb()
        serve.known = present

    def _judge_death(self, pid: int, what: str, log: str) -> None:
        if pid in self.expected:
            self.expected.discard(pid)
            return
        tail = "\n".join((self.folder / log).read_text(errors="replace").splitlines()[-6:])
        self.journal.violation("nothing dies by itself", f"{what} (pid {pid}):\n{tail}")

    async def _ended(self, process: subprocess.Popen[bytes], name: str) -> None:
        if not await _until(lambda: process.poll() is not None, END_SECONDS):
            self.journal.violation("SIGTERM ends it", f"{name} {process.pid} still runs after {END_SECONDS} s")
            process.kill()
            process.wait()
        elif process.returncode != 0:
            self.journal.violation("SIGTERM ends it", f"{name} {process.pid} ended with {process.returncode}")

    def _left_over(self) -> list[str]:
        """Processes that name our data directory or use its database."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "environ"]):
            with contextlib.suppress(psutil.Error):
                command, environment = process.info["cmdline"] or [], process.info["environ"] or {}
                if process.pid != os.getpid() and (
                    environment.get("CAVENDISH_DATA") == str(self.data) or str(self._postmaster_file.parent) in command
                ):
                    found.append(f"{process.pid} {' '.join(command)[:80]}")
        return found

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.journal.violation("the harness works", f"{type(error).__name__}: {error}")


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
