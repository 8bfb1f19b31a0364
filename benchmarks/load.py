"""Load on a server: by wrk where it is installed, else by a client of our own. Either runs in its own process."""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.harness.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
_SCRIPT = Path(__file__).with_name("load.lua")
_GRACE_SECONDS = 15.0
_CEILING_SECONDS = 2.0
_CEILING_CONNECTIONS = 64
_START_SECONDS = 20.0

Requests = Sequence[tuple[str, str]]  # API key and JSON body
Meter = Callable[[], float]  # processor seconds spent so far


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of load saw. Times are those of the client."""

    count: int
    seconds: float
    errors: int
    p50_ms: float
    p99_ms: float
    processor_us: float = 0.0  # per request, of server and database; 0 where nobody metered it

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Generator:
    """A load generator; `ceiling`: what it reached against a server that does nothing."""

    program: str  # wrk, or empty for the client of our own
    folder: Path
    ceiling: float = 0.0

    @property
    def name(self) -> str:
        return "wrk" if self.program else "benchmarks.raw_client"

    def drive(
        self, url: str, requests: Requests, *, connections: int, seconds: float, meter: Meter = lambda: 0.0
    ) -> Load:
        """POST these requests in turn over so many connections. Raises where any answer was not a 2xx."""
        file = self.folder / "requests"
        file.write_text("".join(f"{key} {body}\n" for key, body in requests))
        before = meter()
        done = subprocess.run(
            self._command(url, file, connections, seconds),
            capture_output=True, text=True, timeout=seconds + _GRACE_SECONDS, check=False, cwd=ROOT,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {done.returncode}: {done.stderr or done.stdout}")
        found = Load(**json.loads(done.stdout.splitlines()[-1]))
        if found.errors or not found.count:
            raise RuntimeError(f"{found.errors} of {found.count} answers from {url} were errors")
        return replace(found, processor_us=1e6 * (meter() - before) / found.count)

    def _command(self, url: str, file: Path, connections: int, seconds: float) -> list[str]:
        if not self.program:
            arguments = [url, str(file), str(connections), f"{seconds:.2f}"]
            return [sys.executable, "-m", "benchmarks.raw_client", *arguments]
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}", "--timeout", "10", "-s", str(_SCRIPT)]
        return [self.program, *options, url, "--", str(file)]


def generator(folder: Path, *, own: bool = False) -> Generator:
    """wrk if it is here (and `own` is not asked for), with its ceiling measured now."""
    bare = Generator("" if own else shutil.which("wrk") or "", folder)
    with process("benchmarks.trivial_server") as server:
        found = bare.drive(server.url, [("key", "{}")], connections=_CEILING_CONNECTIONS, seconds=_CEILING_SECONDS)
    return replace(bare, ceiling=found.rate)


def compared(rounds: int, floor: Callable[[], Load], service: Callable[[], Load]) -> tuple[Load, Load]:
    """Floor and service by turns, so that a busy machine disturbs both alike; the medians of each."""
    pairs = [(floor(), service()) for _ in range(rounds)]
    return _median([pair[0] for pair in pairs]), _median([pair[1] for pair in pairs])


def detail(service: Load, floor: Load) -> str:
    """What stands below the table about a comparison."""
    return (
        f"{service.count} answers, p50 {service.p50_ms:.2f} ms, p99 {service.p99_ms:.2f} ms; processor time of server"
        f" and PostgreSQL per request {service.processor_us:.0f} µs, floor {floor.processor_us:.0f} µs"
    )


@contextlib.contextmanager
def process(module: str, *arguments: str) -> Iterator[Server]:
    """A server module of this package in its own process."""
    port = free_port()
    child = subprocess.Popen([sys.executable, "-m", module, str(port), *arguments], cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(child, url)
        yield Server(url, child.pid)
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_it_answers(child: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and child.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.02)
    raise RuntimeError(f"{child.args!r} did not start")


def _median(loads: Sequence[Load]) -> Load:
    """Of each figure by itself; counts add up."""
    return Load(
        count=sum(load.count for load in loads),
        seconds=sum(load.count for load in loads) / statistics.median(load.rate for load in loads),
        errors=0,
        p50_ms=statistics.median(load.p50_ms for load in loads),
        p99_ms=statistics.median(load.p99_ms for load in loads),
        processor_us=statistics.median(load.processor_us for load in loads),
    )
