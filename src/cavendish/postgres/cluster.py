"""The embedded PostgreSQL of a data directory: started by the first process that joins, stopped by the last one out.

Three locks in the run directory: `launcher.lock` is held by whoever starts or stops the server, `users.lock` is shared
by everybody who uses it, `server.lock` is held by the server and its children (see `server`). A process killed
without warning leaves nothing to clean: the kernel takes its locks back.

Standard library only: the supervisor, which stays small, imports this module.
"""

from __future__ import annotations

import contextlib
import os
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from cavendish import clock
from cavendish.errors import ClusterUnavailable
from cavendish.postgres import binaries, locks
from cavendish.postgres import home as cluster_home
from cavendish.postgres.home import Home
from cavendish.postgres.server import Server

# First start with initdb takes half a second; crash recovery of 512 MB of log on a slow disk most of a minute.
JOIN_SECONDS = 60.0
# A fast shutdown writes at most the 64 MB of shared buffers.
LEAVE_SECONDS = 30.0


@dataclass(frozen=True)
class ClusterStatus:
    """What `doctor` shows; `pid` is None where no server runs, `version` without a minor where no program tells it."""

    directory: Path
    sockets: Path
    user: str
    version: str
    pid: int | None
    accepting: bool
    disk_bytes: int


class Cluster:
    """One use of the embedded PostgreSQL; also `with Cluster(data) as cluster:`. Each object counts for itself.

    Its methods wait for other processes: an event loop calls them in a thread.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._server: Server | None = None
        self._use: int | None = None

    def join(self, timeout_seconds: float = JOIN_SECONDS) -> str:
        """Start the server or join the running one, and return its DSN.

        Raises:
            ClusterUnavailable: it cannot run here, or did not answer in time; the message tells the way out.
        """
        deadline = clock.monotonic() + timeout_seconds
        with _translated():
            home = cluster_home.settle(self._data)
            with _launching(home, deadline):
                self._server = Server(home, _cluster_directory(home))
                self._take_use(home)
                self._bring_up_or_step_out(self._server, deadline)
        return self.dsn

    def ensure(self, timeout_seconds: float = JOIN_SECONDS) -> None:
        """Bring the server back if it died; next to nothing when it is well. Only between `join` and `leave`.

        Raises:
            ClusterUnavailable: as in `join`.
        """
        assert self._server is not None and self._use is not None, "ensure() outside of join() and leave()"
        with _translated():
            self._server.trim_log()
            if not self._server.is_well():
                self._bring_back(self._server, clock.monotonic() + timeout_seconds)

    def leave(self, timeout_seconds: float = LEAVE_SECONDS) -> bool:
        """Give the use back; the last one out stops the server. True when this call did.

        Does not fail: what cannot be stopped in time, or lost its directory, ends by itself.
        """
        if self._use is None or self._server is None:
            return False
        deadline = clock.monotonic() + timeout_seconds
        try:
            with _translated(), _launching(self._server.home, deadline):
                return self._step_out(self._server, deadline)
        except ClusterUnavailable:
            return False
        finally:
            self._drop_use()

    def status(self) -> ClusterStatus | None:
        """How the cluster is, without starting or making anything; None where none was made yet."""
        with _translated():
            server = self._existing_server()
            return _describe(server) if server else None

    @property
    def dsn(self) -> str:
        assert self._server is not None, "dsn before join()"
        host = urllib.parse.quote(str(self._server.home.sockets))
        return f"postgresql://postgres@/postgres?host={host}&port=5432"

    def __enter__(self) -> Self:
        self.join()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def _take_use(self, home: Home) -> None:
        if self._use is not None:
            return
        self._use = locks.open_file(home.run / "users.lock", home.user)
        # Nobody can hold it alone: the last one out does that only under the launcher lock, which is ours now.
        taken = locks.try_shared(self._use)
        assert taken

    def _bring_up_or_step_out(self, server: Server, deadline: float) -> None:
        try:
            server.bring_up(deadline)
        except ClusterUnavailable:
            # A recovery that needs more time goes on; the next to join finds it further.
            self._drop_use()
            raise
        except BaseException:
            self._step_out(server, clock.monotonic() + LEAVE_SECONDS)
            raise

    def _bring_back(self, server: Server, deadline: float) -> None:
        """Never an empty database in place of the one that is in use."""
        if not server.cluster.is_dir():
            raise ClusterUnavailable(f"{server.cluster} is gone: restore it from a backup, then start again.")
        with _launching(server.home, deadline):
            server.bring_up(deadline)

    def _step_out(self, server: Server, deadline: float) -> bool:
        """Turn the shared lock into the only one: that works for the last user alone."""
        assert self._use is not None
        last = locks.try_exclusive(self._use)
        stopped = last and server.stop(deadline)
        self._drop_use()
        return stopped

    def _drop_use(self) -> None:
        if self._use is not None:
            os.close(self._use)
            self._use = None

    def _existing_server(self) -> Server | None:
        home = cluster_home.existing(self._data)
        made = _made_clusters(home) if home else []
        return Server(home, made[-1]) if home and made else None


@contextlib.contextmanager
def _launching(home: Home, deadline: float) -> Iterator[None]:
    """Alone among all processes that start or stop this server."""
    with locks.closing(locks.open_file(home.run / "launcher.lock", home.user)) as lock:
        if not locks.wait_exclusive(lock, deadline):
            raise ClusterUnavailable(
                f"Another process has been starting or stopping the server in {home.run} for long: try again later, "
                f"or {binaries.WAY_OUT}."
            )
        yield


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ClusterUnavailable(
            f"The embedded PostgreSQL cannot run: {exc}; mend that, or {binaries.WAY_OUT}.{_hint(exc)}"
        ) from exc


def _hint(error: OSError) -> str:
    if not isinstance(error, PermissionError) or os.geteuid() != 0:
        return ""
    return (
        " Root needs the capabilities CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID and SETUID to run it as another user."
    )


def _cluster_directory(home: Home) -> Path:
    """`pg/18`: the newest that exists, else one for the programs found."""
    made = _made_clusters(home)
    return made[-1] if made else home.pg / str(binaries.find(None).major)


def _made_clusters(home: Home) -> list[Path]:
    made = [path for path in home.pg.iterdir() if path.name.isdecimal()]
    return sorted(made, key=lambda path: int(path.name))


def _describe(server: Server) -> ClusterStatus:
    return ClusterStatus(
        directory=server.cluster,
        sockets=server.home.sockets,
        user=server.home.user.name,
        version=_version(server),
        pid=server.postmaster(),
        accepting=server.accepting(),
        disk_bytes=_disk_bytes(server.cluster),
    )


def _version(server: Server) -> str:
    major = server.cluster.name
    try:
        return binaries.find(int(major)).version
    except ClusterUnavailable:
        return major


def _disk_bytes(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        # The server removes files at any moment.
        with contextlib.suppress(FileNotFoundError):
            total += path.lstat().st_size
    return total
