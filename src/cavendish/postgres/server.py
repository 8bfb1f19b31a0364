"""One PostgreSQL server process on one cluster directory: made, started, asked, stopped.

Whoever starts or stops it holds the launcher lock. `server.lock` is handed down to the server, and by it to all its
processes: the kernel keeps it until the last of them is gone, so it is free exactly when nothing of an earlier server
is left. No process number in a file is believed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from cavendish import clock
from cavendish.errors import ClusterUnavailable
from cavendish.postgres import binaries as cluster_binaries
from cavendish.postgres import home as cluster_home
from cavendish.postgres import locks
from cavendish.postgres.binaries import WAY_OUT, Binaries
from cavendish.postgres.home import Home

LOG_BYTES_MAX = 10 * 1024 * 1024
_LOG_BYTES_KEPT = 64 * 1024
# More than one: whatever killed it may kill it again while it starts.
_STARTS_MAX = 8
_ANSWER_SECONDS = 5.0
_INITDB_SECONDS_MIN = 60.0
# Processes of a killed server end by themselves; one that is busy computing does not notice, and is told.
_ORPHAN_QUIT_SECONDS = 1.0
_ORPHAN_KILL_SECONDS = 4.0

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # Nothing is lost that was acknowledged.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # A worker frozen inside a settling transaction may not block its account.
    "idle_in_transaction_session_timeout": "5s",
    # Little memory and few processes: statements here are short and touch few rows.
    "shared_buffers": "64MB",
    "maintenance_work_mem": "16MB",
    "jit": "off",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_worker_processes": "1",
    "max_logical_replication_workers": "0",
    "autovacuum": "on",
    "autovacuum_max_workers": "1",
    # Disk use has an end, also when a checkpoint is late.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "512MB",
    # No statement, value or row in a log: they hold prompts. Errors go to the client that made them.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
SETTINGS_SINCE = {18: {"io_method": "sync"}}


class Server:
    """The server of one home; its methods may be called by any process that shares the directory."""

    def __init__(self, home: Home, cluster: Path) -> None:
        self.home = home
        self.cluster = cluster

    def bring_up(self, deadline: float) -> None:
        """Return when the server answers; start it where none lives. The caller holds the launcher lock.

        Raises:
            ClusterUnavailable: it ends right after each start, or does not answer by the deadline.
        """
        cluster_home.make_sockets_directory(self.home)
        _collect_ended()
        waited = clock.Stopwatch()
        starts = 0
        for _ in locks.attempts(deadline):
            # Asked only once it says so: each answer "starting up" is a line in its log.
            if self._state() == "ready" and self.accepting(max(0.1, deadline - clock.monotonic())):
                return
            with self._lock() as lock:
                if self.postmaster() or not locks.try_exclusive(lock):
                    self._hurry(waited.seconds)
                elif starts < _STARTS_MAX:
                    self._start(lock, deadline)
                    starts += 1
                else:
                    raise ClusterUnavailable(self._explain("ends right after its start"))
        raise ClusterUnavailable(self._explain(f"did not answer within {waited.seconds:.0f} s"))

    def stop(self, deadline: float) -> bool:
        """Fast shutdown: sessions are cut, all is written. True when nothing is left.

        The caller holds the launcher lock.
        """
        postmaster = self.postmaster()
        if postmaster is not None:
            _signal(postmaster, signal.SIGINT)
        waited = clock.Stopwatch()
        with self._lock() as lock:
            for _ in locks.attempts(deadline):
                if locks.try_exclusive(lock):
                    self._clear_up(postmaster)
                    return True
                self._hurry(waited.seconds)
        return False

    def postmaster(self) -> int | None:
        """The process number of the living server; None where its file is missing, stale or about another process."""
        number = self._written(0)
        alive = number.isdecimal() and f"cluster_name={self._title()} " in f"{_command_line(int(number))} "
        return int(number) if alive else None

    def is_well(self) -> bool:
        """Alive, not shutting down, its socket in place: two small files are read, nothing is started."""
        return self.postmaster() is not None and self._state() == "ready" and self._socket.exists()

    def accepting(self, timeout_seconds: float = _ANSWER_SECONDS) -> bool:
        """Whether a session can be opened now; a full server counts."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(min(timeout_seconds, _ANSWER_SECONDS))
            try:
                connection.connect(str(self._socket))
                connection.sendall(_STARTUP)
                return _greets(connection)
            except OSError:
                return False

    def trim_log(self) -> None:
        """Keep the end of a log that has grown too long. Works while the server writes: it appends."""
        with contextlib.suppress(OSError), locks.closing(self._open_log()) as log:
            size = os.fstat(log).st_size
            if size > LOG_BYTES_MAX:
                end = os.pread(log, _LOG_BYTES_KEPT, size - _LOG_BYTES_KEPT)
                os.ftruncate(log, 0)
                os.write(log, end)

    def last_log_lines(self) -> str:
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4096))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-8:])
        return ""

    @property
    def log(self) -> Path:
        return self.home.run / "postgres.log"

    @property
    def _socket(self) -> Path:
        return self.home.sockets / cluster_home.SOCKET_NAME

    def _title(self) -> str:
        """Its processes carry this name. It is the directory's identity, so that it holds when a path changes."""
        status = self.cluster.stat()
        return f"cavendish-{status.st_dev:x}-{status.st_ino:x}"

    def _state(self) -> str:
        return self._written(7)

    def _lock(self) -> contextlib.AbstractContextManager[int]:
        return locks.closing(locks.open_file(self.home.run / "server.lock", self.home.user))

    def _written(self, line: int) -> str:
        """A line of the file that the server keeps about itself: 0 its process number, 7 its state."""
        with contextlib.suppress(OSError, IndexError, UnicodeDecodeError):
            return (self.cluster / "postmaster.pid").read_text().splitlines()[line].strip()
        return ""

    def _start(self, lock: int, deadline: float) -> None:
        binaries = cluster_binaries.find(int(self.cluster.name))
        binaries = cluster_binaries.usable_by(binaries, self.home.user)
        if not self.cluster.exists():
            self._initialise(binaries, lock, deadline)
        # Nothing of an earlier server lives, as we hold its lock; a number left in these may be anybody's by now.
        for stale in (self.cluster / "postmaster.pid", self._socket.with_name(f"{self._socket.name}.lock")):
            stale.unlink(missing_ok=True)
        self.trim_log()
        self._spawn(binaries, lock)

    def _initialise(self, binaries: Binaries, lock: int, deadline: float) -> None:
        """Made beside and renamed: the cluster is whole or absent, also when this process is killed."""
        for leftover in self.home.pg.glob(".new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        draft = self.home.pg / f".new-{os.urandom(4).hex()}"
        seconds = max(_INITDB_SECONDS_MIN, deadline - clock.monotonic())
        command = [str(binaries.directory / "initdb"), "-D", str(draft), *_initdb_options(binaries.major)]
        try:
            done = subprocess.run(
                command, timeout=seconds, check=False, text=True, **self._surroundings(lock, subprocess.PIPE)
            )
        except subprocess.TimeoutExpired as exc:
            raise ClusterUnavailable(
                f"initdb did not finish within {seconds:.0f} s in {self.home.pg}; {WAY_OUT}."
            ) from exc
        if done.returncode != 0:
            raise ClusterUnavailable(
                f"initdb failed in {self.home.pg}; mend the cause or {WAY_OUT}.\n{done.stdout[-2000:]}"
            )
        draft.rename(self.cluster)
        with locks.closing(os.open(self.home.pg, os.O_RDONLY)) as directory:
            os.fsync(directory)

    def _spawn(self, binaries: Binaries, lock: int) -> None:
        settings = SETTINGS | {"cluster_name": self._title()}
        for since, more in SETTINGS_SINCE.items():
            settings |= more if binaries.major >= since else {}
        settings |= {"unix_socket_directories": str(self.home.sockets), "port": "5432"}
        command = [str(binaries.directory / "postgres"), "-D", str(self.cluster)]
        options = [f"--{name}={value}" for name, value in settings.items()]
        with locks.closing(self._open_log()) as log:
            # A session of its own: an interrupt from the terminal is for us, the last one out stops the server.
            _spawned.append(
                subprocess.Popen([*command, *options], start_new_session=True, **self._surroundings(lock, log))
            )

    def _surroundings(self, lock: int, output: int) -> dict[str, Any]:
        """As the right user, with the server's lock, and without our environment: it holds keys."""
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        return self.home.user.process_options | {
            "stdin": subprocess.DEVNULL,
            "stdout": output,
            "stderr": subprocess.STDOUT,
            "cwd": "/",
            "umask": 0o077,
            "env": kept | {"LC_ALL": "C", "TZ": "UTC"},
            "pass_fds": (lock,),
        }

    def _open_log(self) -> int:
        return locks.open_file(self.log, self.home.user, os.O_APPEND)

    def _hurry(self, waited_seconds: float) -> None:
        """End what serves nobody: a server that only waits for its last session, or that lost its socket; orphans."""
        if postmaster := self.postmaster():
            if self._state() == "stopping" or (self._state() == "ready" and not self._socket.exists()):
                _signal(postmaster, signal.SIGINT)
        elif waited_seconds > _ORPHAN_QUIT_SECONDS and self.cluster.exists():
            harder = waited_seconds > _ORPHAN_KILL_SECONDS
            for orphan in _processes_titled(f"postgres: {self._title()}: "):
                _signal(orphan, signal.SIGKILL if harder else signal.SIGQUIT)

    def _clear_up(self, postmaster: int | None) -> None:
        for process in _spawned:
            if process.pid == postmaster:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_ANSWER_SECONDS)
        _collect_ended()
        if self.home.sockets != self.home.run:
            with contextlib.suppress(OSError):
                self.home.sockets.rmdir()

    def _explain(self, what: str) -> str:
        return f"PostgreSQL {what}; mend the cause or {WAY_OUT}. {self.log} ends with:\n{self.last_log_lines()}"


# Servers that this process started: kept so that their end is collected and leaves no zombie.
_spawned: list[subprocess.Popen[Any]] = []


def _collect_ended() -> None:
    _spawned[:] = [process for process in _spawned if process.poll() is None]


_PROC = Path("/proc")

_PARAMETERS = b"user\0postgres\0database\0postgres\0\0"
_STARTUP = (8 + len(_PARAMETERS)).to_bytes(4, "big") + (3 << 16).to_bytes(4, "big") + _PARAMETERS
_READY = b"Z\0\0\0\5I"
_TERMINATE = b"X\0\0\0\4"
_CANNOT_CONNECT_NOW = b"C57P03\0"


def _greets(connection: socket.socket) -> bool:
    """Read the answer to a startup packet to its end, so that the server logs no broken connection."""
    answer = b""
    while not answer.endswith(_READY):
        part = connection.recv(4096)
        if not part:
            return answer.startswith(b"E") and _CANNOT_CONNECT_NOW not in answer
        answer += part
    connection.sendall(_TERMINATE)
    return True


def _initdb_options(major: int) -> list[str]:
    options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"]
    options += ["--auth-local=trust", "--auth-host=reject"]
    return options + (["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else [])


def _command_line(number: int) -> str:
    """Empty for a process that is gone or a zombie."""
    if not (_PROC / "self").exists():
        return _ps("-ww", "-o", "command=", "-p", str(number))
    with contextlib.suppress(OSError):
        return os.fsdecode((_PROC / str(number) / "cmdline").read_bytes()).replace("\0", " ")
    return ""


def _processes_titled(title: str) -> list[int]:
    if (_PROC / "self").exists():
        numbers = [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]
        return [number for number in numbers if _command_line(number).startswith(title)]
    rows = [line.strip().partition(" ") for line in _ps("-wwaxo", "pid=,command=").splitlines()]
    return [int(number) for number, _, command in rows if command.lstrip().startswith(title)]


def _ps(*options: str) -> str:
    """For systems without /proc."""
    return subprocess.run(["ps", *options], capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False).stdout


def _signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)
