"""Processes that use a cluster as they are told, and a look at what is left of them."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from cavendish.postgres import home

SOURCE = Path(home.__file__).parents[2]

# Does what it reads, one word per line, and answers; an error it answers too.
MEMBER = """
import pathlib, sys
from cavendish.postgres.cluster import Cluster
from cavendish.errors import ClusterUnavailable
cluster = Cluster(pathlib.Path(sys.argv[1]))
for line in sys.stdin:
    try:
        print(getattr(cluster, line.strip())(), flush=True)
    except ClusterUnavailable as error:
        print(str(error).replace("\\n", " "), flush=True)
cluster.leave()
"""

# Leaves a child behind when it is killed.
PARENT = """
import pathlib, subprocess, sys
from cavendish.postgres.cluster import Cluster
Cluster(pathlib.Path(sys.argv[1])).join()
print(subprocess.Popen(["sleep", "60"], close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).pid)
sys.stdout.flush()
sys.stdin.read()
"""

# Processes that come and go as they like; each finds a server whenever it is in.
VISITOR = """
import asyncio, asyncpg, pathlib, random, sys, time
from cavendish.postgres.cluster import Cluster

async def ask(dsn):
    connection = await asyncpg.connect(dsn, timeout=20)
    await connection.execute("INSERT INTO visits VALUES (1)")
    await connection.close()

for _ in range(int(sys.argv[2])):
    with Cluster(pathlib.Path(sys.argv[1])) as cluster:
        asyncio.run(ask(cluster.dsn))
        time.sleep(random.random() * 0.02)
        asyncio.run(ask(cluster.dsn))
    time.sleep(random.random() * 0.02)
"""


@contextlib.contextmanager
def started_members(data: Path) -> Iterator[Callable[[], Member]]:
    started: list[Member] = []

    def start() -> Member:
        started.append(Member(data))
        return started[-1]

    try:
        yield start
    finally:
        for member in started:
            member.end()


class Member:
    def __init__(self, data: Path, **options: Any) -> None:
        self.process = run_python(MEMBER, data, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def ask(self, word: str) -> str:
        assert self.process.stdout is not None
        self.tell(word)
        return str(self.process.stdout.readline().strip())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate(timeout=20)


def run_python(script: str, *arguments: object, source: Path = SOURCE, **options: Any) -> subprocess.Popen[str]:
    python = options.pop("python", sys.executable)
    path = os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH")]))
    options["env"] = {**os.environ, "PYTHONPATH": path, **options.pop("env", {})}
    return subprocess.Popen([python, "-c", script, *map(str, arguments)], text=True, **options)


@contextlib.contextmanager
def open_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="cavendish-test-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def assert_nothing_runs(data: Path) -> None:
    """Neither a server nor one of its processes: they would hold its lock."""
    if not (data / "run" / "server.lock").exists():
        return
    assert not servers_of(data)
    with (data / "run" / "server.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def servers_of(data: Path) -> list[int]:
    """Without what a server has just forked and not named yet."""

    def is_server(command: list[str] | None) -> bool:
        return bool(command) and command[0].endswith("/postgres") and str(data) in " ".join(command)

    found = [process for process in psutil.process_iter(["cmdline", "ppid"]) if is_server(process.info["cmdline"])]
    numbers = {process.pid for process in found}
    return [process.pid for process in found if process.info["ppid"] not in numbers]


def only_server_of(data: Path) -> int:
    (pid,) = servers_of(data)
    return pid


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


async def insist(ask: Callable[[], Awaitable[object]], seconds: float = 20) -> Any:
    """As a client does whose server went away: ask again until it is back."""
    end = time.monotonic() + seconds
    while True:
        try:
            return await ask()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            assert time.monotonic() < end, "the server did not come back"
            await asyncio.sleep(0.02)


async def fetch(dsn: str, query: str) -> Any:
    connection = await asyncpg.connect(dsn, timeout=20)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def kill(pid: int) -> None:
    """Dead on return, though perhaps not collected by its parent yet."""
    process = psutil.Process(pid)
    process.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        wait_for(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
