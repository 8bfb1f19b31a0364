"""Where measurements happen: a real `cavendish serve` on a data directory of its own, and the floor beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil
from tests.harness.processes import Served, Starter

from benchmarks import load
from benchmarks.load import Generator, Load, Meter, Requests, Server
from cavendish.models import RateLimit
from cavendish.postgres import home as cluster_home
from cavendish.postgres.cluster import Cluster
from cavendish.stores import accounts, ledger

ROUNDS = 3  # floor and service by turns; medians
GENERATE = "/api/nano-banana-2/generate"
CHECK = "/api/nano-banana-2/check-status"
BODY = json.dumps(
    {"prompt": "A lighthouse on a cliff at dusk, oil on canvas", "mode": "generate", "imageQuality": "1K"}
)

_PLUGINS = f"{load.ROOT / 'tests' / 'plugins'}:{load.ROOT / 'benchmarks' / 'plugins'}"
_CREDITS = 10**11
_LIMIT = RateLimit(100_000_000, 3600)
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Lab:
    """What every measurement gets: a folder on a real disk, a load generator, and how long a figure may take."""

    folder: Path
    generator: Generator
    seconds: float

    @property
    def round_seconds(self) -> float:
        """A figure is the median of some rounds; wrk counts in whole seconds."""
        return max(1.0, round(self.seconds / ROUNDS))


@dataclass(frozen=True, slots=True)
class Site:
    """A running service. The bench uses its database directly to prepare and to check."""

    served: Served
    starter: Starter
    dsn: str
    keys: Sequence[str]
    variables: Mapping[str, str]  # that it was started with beside the others' own

    def submissions(self) -> Requests:
        """One submission per account, to be sent in turn."""
        return [(key, BODY) for key in self.keys]

    def drive(self, lab: Lab, path: str, requests: Requests, *, connections: int, seconds: float) -> Load:
        """Load on the service, with the processor time of its API process and of PostgreSQL."""
        api = [child.pid for child in self.served.children("cavendish.processes.api")]
        return lab.generator.drive(
            self.served.url + path, requests, connections=connections, seconds=seconds, meter=self.meter(*api)
        )

    def drive_floor(
        self, lab: Lab, floor: Server, path: str, requests: Requests, *, connections: int, seconds: float
    ) -> Load:
        """The same on the floor."""
        return lab.generator.drive(
            floor.url + path, requests, connections=connections, seconds=seconds, meter=self.meter(floor.pid)
        )

    def postmaster(self) -> int:
        """PostgreSQL's first process, found by itself: it outlives whoever started it."""
        status = Cluster(self.served.data).status()
        assert status is not None and status.pid is not None
        return status.pid

    def query(self, sql: str, *arguments: object) -> Any:
        """One value, by a connection of its own."""
        return asyncio.run(on_database(self.dsn, lambda connection: connection.fetchval(sql, *arguments)))

    def meter(self, *servers: int) -> Meter:
        """Processor seconds of these processes and of PostgreSQL with all its sessions, also those that ended."""
        postmaster = psutil.Process(self.postmaster())

        def read() -> float:
            times = [process.cpu_times() for process in (*map(psutil.Process, servers), *postmaster.children())]
            main = postmaster.cpu_times()
            return float(sum(time.user + time.system for time in (*times, main)) + main.children_user)

        return read


@contextlib.contextmanager
def site(
    lab: Lab, name: str, *, worker: bool, engine: str = "instant", account_count: int = 1, **variables: str
) -> Iterator[Site]:
    """A fresh service with that many accounts, rich and unlimited; gone without a trace afterwards."""
    folder = lab.folder / name
    folder.mkdir(mode=0o755)
    starter = Starter(load.ROOT, folder)
    try:
        served = starter(*([] if worker else ["--no-worker"]), **environment(engine), **variables)
        with Cluster(served.data) as cluster:
            assert_durable(cluster.dsn)
            keys = asyncio.run(on_database(cluster.dsn, lambda connection: _make_keys(connection, account_count)))
            yield Site(served, starter, cluster.dsn, keys, variables)
    finally:
        starter.stop_all()
        remove(folder)


def environment(engine: str) -> dict[str, Any]:
    """What the service is started with, besides its defaults."""
    return {"PYTHONPATH": _PLUGINS, "CAVENDISH_ROUTES": f"nano-banana-2={engine}"}


@contextlib.contextmanager
def floor(here: Site) -> Iterator[Server]:
    """The floor's server on the same database cluster and disk."""
    folder = here.served.data.parent / "floor"
    folder.mkdir()
    with load.process("benchmarks.floor_server", here.dsn, str(folder)) as server:
        yield server


@contextlib.contextmanager
def worker(here: Site, engine: str = "instant") -> Iterator[None]:
    """One worker process beside a service that has none."""
    command = [sys.executable, "-m", "cavendish.cli", "worker", "--data", str(here.served.data)]
    log = here.served.data.parent / "worker.log"
    variables = here.starter.environment(**environment(engine), **here.variables)
    with log.open("wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, env=variables)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


async def on_database(dsn: str, work: Callable[[asyncpg.Connection[Any]], Awaitable[Result]]) -> Result:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await work(connection)
    finally:
        await connection.close()


def assert_durable(dsn: str) -> None:
    """No figure without a flushed commit."""

    async def read(connection: asyncpg.Connection[Any]) -> dict[str, str]:
        return {name: await connection.fetchval(f"SHOW {name}") for name in _DURABLE}

    found = asyncio.run(on_database(dsn, read))
    assert set(found.values()) == {"on"}, found


def remove(folder: Path) -> None:
    """The folder, and a database cluster that root had to put elsewhere for it."""
    home = cluster_home.existing(folder / "data") if (folder / "data").exists() else None
    if home is not None and not home.directory.is_relative_to(folder):
        shutil.rmtree(home.directory, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


async def _make_keys(connection: asyncpg.Connection[Any], count: int) -> list[str]:
    """What `cavendish keys create --account … --credits … --limit 100000000/hour` does, without its process."""
    keys = []
    for number in range(count):
        account = await accounts.ensure(connection, f"bench-{number}")
        await ledger.grant(connection, account.id, _CREDITS, reason="benchmark")
        key = await accounts.create_key(connection, account, limit=_LIMIT)
        assert key.secret is not None
        keys.append(key.secret)
    return keys
