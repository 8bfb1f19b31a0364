"""The embedded PostgreSQL: real servers, real processes, real kills."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import cluster_helpers as lab
import psutil
import pytest
from cluster_helpers import Member, fetch, insist, kill, only_server_of, servers_of, wait_for

from cavendish.errors import ClusterUnavailable
from cavendish.postgres import binaries
from cavendish.postgres import server as cluster_server
from cavendish.postgres.cluster import Cluster


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory with a cluster in it, made once."""
    with lab.open_directory() as directory:
        with Cluster(directory / "data"):
            pass
        yield directory / "data"


@pytest.fixture
def data(made: Path) -> Iterator[Path]:
    """The same for all: each test leaves a stopped cluster that starts again."""
    yield made
    lab.assert_nothing_runs(made)


@pytest.fixture
def empty() -> Iterator[Path]:
    """A data directory still to be made, where every user can pass."""
    with lab.open_directory() as directory:
        yield directory / "data"
        lab.assert_nothing_runs(directory / "data")


@pytest.fixture
def spoiled(made: Path, empty: Path) -> Path:
    """A copy to break."""
    subprocess.run(["cp", "-a", made, empty], check=True)
    return empty


@pytest.fixture
def members(data: Path) -> Iterator[Callable[[], Member]]:
    with lab.started_members(data) as start:
        yield start


# Coming and going


@pytest.mark.anyio
async def test_first_to_join_gets_a_database_and_the_last_one_out_stops_it(empty: Path) -> None:
    cluster = Cluster(empty)

    dsn = cluster.join()

    assert dsn == f"postgresql://postgres@/postgres?host={empty}/run&port=5432"
    assert await fetch(dsn, "SHOW server_encoding") == "UTF8"
    assert await fetch(dsn, "SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
    assert await fetch(dsn, "SHOW data_checksums") == "on"
    assert await fetch(dsn, "SHOW idle_in_transaction_session_timeout") == "5s"
    assert await fetch(dsn, "SHOW fsync") + await fetch(dsn, "SHOW synchronous_commit") == "onon"
    assert cluster.leave() is True
    assert servers_of(empty) == []


def test_leaving_does_not_stop_a_server_that_another_process_uses(data: Path, members: Callable[[], Member]) -> None:
    cluster, other = Cluster(data), members()
    cluster.join()
    first = only_server_of(data)

    assert other.ask("join") == cluster.dsn

    assert cluster.leave() is False
    assert only_server_of(data) == first
    assert other.ask("leave") == "True"
    assert servers_of(data) == []


def test_a_killed_process_no_longer_counts_as_a_user(data: Path, members: Callable[[], Member]) -> None:
    other = members()
    other.ask("join")
    cluster = Cluster(data)
    cluster.join()

    other.kill()

    assert cluster.leave() is True


def test_the_server_outlives_its_starter_and_the_interrupts_of_its_terminal(
    data: Path, members: Callable[[], Member]
) -> None:
    starter = members()
    starter.ask("join")

    assert os.getsid(only_server_of(data)) != os.getsid(starter.process.pid)

    with Cluster(data):
        starter.kill()
        assert only_server_of(data)


def test_the_child_of_a_killed_process_does_not_keep_its_use(data: Path) -> None:
    with lab.run_python(lab.PARENT, data, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        cluster = Cluster(data)
        cluster.join()

        parent.kill()
        parent.wait(10)

        assert psutil.pid_exists(child)
        assert cluster.leave() is True
        os.kill(child, signal.SIGKILL)


def test_leaving_twice_or_without_joining_does_nothing(data: Path) -> None:
    cluster = Cluster(data)

    assert cluster.leave() is False
    with cluster:
        pass
    assert cluster.leave() is False


def test_processes_that_start_at_once_on_an_empty_directory_share_one_server(empty: Path) -> None:
    with lab.started_members(empty) as start:
        racing = [start() for _ in range(4)]
        for member in racing:
            member.tell("join")
        answers = {member.process.stdout.readline().strip() for member in racing if member.process.stdout}

        assert answers == {f"postgresql://postgres@/postgres?host={empty}/run&port=5432"}
        assert only_server_of(empty)
        assert [member.ask("leave") for member in racing] == ["False", "False", "False", "True"]


@pytest.mark.anyio
async def test_processes_that_race_to_start_and_stop_always_find_a_server(data: Path) -> None:
    with Cluster(data) as cluster:
        await fetch(cluster.dsn, "CREATE TABLE visits (one int)")
    visitors = [lab.run_python(lab.VISITOR, data, 20, stderr=subprocess.PIPE) for _ in range(3)]

    errors = [visitor.communicate(timeout=60)[1] for visitor in visitors]

    assert errors == [""] * 3
    assert servers_of(data) == []
    with Cluster(data) as cluster:
        assert await fetch(cluster.dsn, "SELECT count(*) FROM visits") == 3 * 20 * 2


# Accidents


@pytest.mark.anyio
async def test_a_killed_server_comes_back_with_every_committed_row(data: Path) -> None:
    with Cluster(data) as cluster:
        pool = await asyncpg.create_pool(cluster.dsn, min_size=1, max_size=2)
        await pool.execute("CREATE TABLE kept (number int)")
        for number in range(3):
            await pool.execute("INSERT INTO kept VALUES ($1)", number)
            kill(only_server_of(data))
            cluster.ensure()
            await insist(lambda: pool.execute("SELECT 1"))

        assert await pool.fetchval("SELECT count(*) FROM kept") == 3
        await pool.close()


def test_any_of_its_users_brings_a_killed_server_back(data: Path, members: Callable[[], Member]) -> None:
    with Cluster(data):
        others = [members(), members()]
        for other in others:
            other.ask("join")
        kill(only_server_of(data))

        for other in others:
            other.tell("ensure")
        answers = [other.process.stdout.readline() for other in others if other.process.stdout]

        assert answers == ["None\n"] * 2
        assert only_server_of(data)


@pytest.mark.anyio
async def test_an_orphan_that_computes_does_not_keep_the_server_down(data: Path) -> None:
    with Cluster(data) as cluster:
        connection = await asyncpg.connect(cluster.dsn)
        busy = asyncio.create_task(connection.execute("DO $$ BEGIN LOOP NULL; END LOOP; END $$"))
        await asyncio.sleep(0.2)
        kill(only_server_of(data))

        await asyncio.to_thread(cluster.ensure, 15)

        assert await fetch(cluster.dsn, "SELECT 1") == 1
        with pytest.raises((asyncpg.PostgresError, ConnectionError)):
            await busy


@pytest.mark.anyio
async def test_a_killed_backend_takes_nothing_down_for_long(data: Path) -> None:
    with Cluster(data) as cluster:
        connection = await asyncpg.connect(cluster.dsn)
        postmaster = only_server_of(data)
        kill(await connection.fetchval("SELECT pg_backend_pid()"))

        cluster.ensure()
        cluster.join()

        assert await fetch(cluster.dsn, "SELECT 1") == 1
        assert only_server_of(data) == postmaster


def test_a_kill_in_the_middle_of_initdb_leaves_no_half_cluster(empty: Path) -> None:
    with lab.started_members(empty) as start:
        victim = start()
        victim.tell("join")
        wait_for(lambda: list(empty.glob("pg/.new-*/base")))
        victim.kill()

        assert [path.name[:5] for path in empty.glob("pg/*") if path.name[0] != "."] == []
        with Cluster(empty):
            assert [path.name for path in empty.glob("pg/*")] + [path.name for path in empty.glob("pg/.*")] == ["18"]


@pytest.mark.parametrize("state", ["ready   ", "starting"])
def test_the_number_of_an_unrelated_process_in_a_stale_file_is_not_believed(data: Path, state: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as unrelated:
        stale = [unrelated.pid, data / "pg" / "18", 1, 5432, data / "run", "", "  1  1", state]
        for file in (data / "pg" / "18" / "postmaster.pid", data / "run" / ".s.PGSQL.5432.lock"):
            file.write_text("".join(f"{line}\n" for line in stale))

        with Cluster(data) as cluster:
            status = cluster.status()

        assert unrelated.poll() is None
        assert status and status.accepting and status.pid != unrelated.pid
        unrelated.kill()


def test_a_zombie_is_no_server(data: Path) -> None:
    """Of a container's first process that collects nothing, say."""
    with Cluster(data) as cluster:
        # The last one: this test run may have a server of its own.
        process = cluster_server._spawned[-1]
        cluster_server._spawned.remove(process)
        kill(process.pid)
        wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)

        cluster.ensure()

        assert only_server_of(data) != process.pid
        process.wait(10)


@pytest.mark.anyio
async def test_a_server_told_to_wait_for_its_sessions_is_restarted(data: Path) -> None:
    """A SIGTERM from somebody else would refuse new sessions until the last old one ends: here, never."""
    with Cluster(data) as cluster:
        connection = await asyncpg.connect(cluster.dsn)
        os.kill(only_server_of(data), signal.SIGTERM)
        await asyncio.sleep(0.2)

        cluster.ensure()

        assert await fetch(cluster.dsn, "SELECT 1") == 1
        connection.terminate()


@pytest.mark.anyio
async def test_a_server_that_lost_its_socket_is_restarted(data: Path) -> None:
    """As when something cleans old files away."""
    with Cluster(data) as cluster:
        (data / "run" / ".s.PGSQL.5432").unlink()

        cluster.ensure()

        assert await fetch(cluster.dsn, "SELECT 1") == 1


@pytest.mark.anyio
async def test_a_full_server_counts_as_well(data: Path) -> None:
    with Cluster(data) as cluster:
        connections = [await asyncpg.connect(cluster.dsn) for _ in range(100)]
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await asyncpg.connect(cluster.dsn)

        with Cluster(data) as another:
            assert another.dsn == cluster.dsn

        for connection in connections:
            connection.terminate()


def test_leaving_after_the_directory_is_gone_raises_nothing(spoiled: Path) -> None:
    cluster = Cluster(spoiled)
    cluster.join()
    server = psutil.Process(only_server_of(spoiled))
    shutil.rmtree(spoiled / "run")

    assert cluster.leave() is False
    server.send_signal(signal.SIGINT)
    wait_for(lambda: not servers_of(spoiled))


def test_a_database_deleted_under_its_users_is_not_replaced_by_an_empty_one(spoiled: Path) -> None:
    with Cluster(spoiled) as cluster:
        psutil.Process(only_server_of(spoiled)).send_signal(signal.SIGINT)
        wait_for(lambda: not servers_of(spoiled))
        shutil.rmtree(spoiled / "pg" / "18")

        with pytest.raises(ClusterUnavailable, match="pg/18 is gone"):
            cluster.ensure()


def test_looking_after_a_healthy_server_costs_next_to_nothing(data: Path) -> None:
    with Cluster(data) as cluster:
        backends = psutil.Process(only_server_of(data)).children()
        start = time.process_time()
        for _ in range(100):
            cluster.ensure()

        assert time.process_time() - start < 0.5
        assert psutil.Process(only_server_of(data)).children() == backends


# When it cannot run


def test_a_server_that_does_not_answer_in_time_is_reported_with_its_log_and_a_way_out(data: Path) -> None:
    with Cluster(data):
        frozen = psutil.Process(only_server_of(data))
        frozen.suspend()

        with pytest.raises(ClusterUnavailable) as failure:
            Cluster(data).join(timeout_seconds=0.5)

        frozen.resume()
    assert "did not answer within" in str(failure.value)
    assert "ready to accept connections" in str(failure.value)
    assert "CAVENDISH_DATABASE_URL" in str(failure.value)


def test_a_server_that_ends_at_once_is_reported_with_its_log_without_waiting(spoiled: Path) -> None:
    with (spoiled / "pg" / "18" / "postgresql.conf").open("a") as file:
        file.write("nonsense = 1\n")
    start = time.monotonic()

    with pytest.raises(ClusterUnavailable, match="nonsense"):
        Cluster(spoiled).join()

    assert time.monotonic() - start < 10


def test_a_failing_initdb_is_reported_with_its_words(empty: Path, fake_programs: Path) -> None:
    with pytest.raises(ClusterUnavailable, match="initdb failed .*\n.*no space left on the moon"):
        Cluster(empty).join()

    assert servers_of(empty) == []


@pytest.fixture
def fake_programs(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = empty.parent / "bin"
    directory.mkdir()
    for name, text in (("postgres", "postgres (PostgreSQL) 19.1"), ("initdb", "no space left on the moon")):
        (directory / name).write_text(f"#!/bin/sh\necho '{text}'\ntest {name} = postgres\n")
        (directory / name).chmod(0o755)
    monkeypatch.setenv("CAVENDISH_POSTGRES_BIN", str(directory))
    return directory


def test_a_database_of_another_major_version_is_not_passed_over_for_an_empty_one(
    data: Path, fake_programs: Path
) -> None:
    with pytest.raises(ClusterUnavailable) as failure:
        Cluster(data).join()

    assert "made by PostgreSQL 18" in str(failure.value)
    assert f"there is 19.1 in {fake_programs}" in str(failure.value)


def test_without_any_programs_the_message_names_every_way_out(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(binaries, "SYSTEM_PATTERNS", ())
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ClusterUnavailable) as failure:
        Cluster(empty).join()

    assert "No PostgreSQL 15 or later" in str(failure.value)
    for way_out in ("apt install postgresql", "CAVENDISH_POSTGRES_BIN", "CAVENDISH_DATABASE_URL"):
        assert way_out in str(failure.value)


def test_a_directory_named_by_the_operator_is_the_only_one_looked_in(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAVENDISH_POSTGRES_BIN", "/nowhere/bin")

    with pytest.raises(ClusterUnavailable, match="CAVENDISH_POSTGRES_BIN=/nowhere/bin"):
        Cluster(empty).join()
