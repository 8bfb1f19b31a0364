"""`cavendish serve`: starts API, worker and PostgreSQL, restarts what dies, stops them in order. Knows no business.

Children learn through a pipe what to do. They ignore the terminal's signals, and a closed pipe (this process was
killed) ends them. PostgreSQL has a session of its own; the last process that uses it stops it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cavendish import clock
from cavendish.errors import CavendishError, ClusterUnavailable, ConfigurationError
from cavendish.postgres.cluster import Cluster
from cavendish.processes import control
from cavendish.settings import Settings, sources

_LOOK_SECONDS = 0.2
_ENSURE_SECONDS = 1.0
# A recovery that takes longer goes on by itself; children and signals need looking after. Remnants of a killed server
# are ended after 4 s of it.
_ENSURE_PATIENCE_SECONDS = 10.0
_BACKOFF_SECONDS = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)  # by deaths in a row; the last one repeats
_HEALTHY_SECONDS = 30.0  # a child that lived this long starts again from the first
_EARLY_FAILURES_MAX = 3  # children that never got going: the reason stands on the terminal, so give up
_KILL_SECONDS = 5.0  # a child that did not stop in its time is killed after these


@dataclass
class _Child:
    """One child process and the pipe to it."""

    module: str
    process: subprocess.Popen[bytes] | None = None
    pipe: int = -1
    started: float = 0.0
    deaths: int = 0
    failures: int = 0
    hopeless: bool = False
    start_at: float = 0.0

    def start(self, environment: Mapping[str, str]) -> None:
        reading, self.pipe = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                pass_fds=(reading,),
                env={**environment, **control.child_environment(reading)},
                stdin=subprocess.DEVNULL,
            )
        finally:
            os.close(reading)
        self.started = clock.monotonic()

    def tell(self, word: str) -> None:
        if self.pipe >= 0:
            with contextlib.suppress(OSError):
                os.write(self.pipe, f"{word}\n".encode())

    def died(self) -> bool:
        """Reap it if it ended by itself, and plan its next start."""
        if self.process is None or self.process.poll() is None:
            return False
        lived = clock.monotonic() - self.started
        self.deaths = 1 if lived > _HEALTHY_SECONDS else self.deaths + 1
        # 1 is what an orderly refusal to start ends with. A signal, or an engine that takes its process along, says
        # nothing about the next start: a poisoned generation must not end the service.
        self.failures = self.failures + 1 if self.process.returncode == 1 and lived < _HEALTHY_SECONDS else 0
        self.hopeless = self.process.returncode == control.HOPELESS or self.failures >= _EARLY_FAILURES_MAX
        wait = _BACKOFF_SECONDS[min(self.deaths - 1, len(_BACKOFF_SECONDS) - 1)]
        self.start_at = clock.monotonic() + wait
        self._close()
        return True

    def lives_well(self) -> bool:
        """Past its first moments."""
        return self.process is not None and clock.monotonic() - self.started > _HEALTHY_SECONDS

    def wait(self, seconds: float) -> None:
        """Until it ended; after so many seconds it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._close()

    def _close(self) -> None:
        os.close(self.pipe)
        self.process, self.pipe = None, -1


class Supervisor:
    """Keeps its children and the cluster running until it is told to stop."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], *, worker: bool) -> None:
        self._settings = settings
        self._environment = environment
        self._api = _Child("cavendish.processes.api")
        self._children = [self._api, *([_Child("cavendish.processes.worker")] if worker else [])]
        self._cluster = Cluster(settings.data) if settings.embedded_database else None
        self._told_to_stop = False
        self._ensured = 0.0
        self._database_down = False
        self._settled = False  # all children lived a while together: from then on a dying one is restarted for ever

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; 0 for an orderly end, 1 if the service cannot start."""
        signal.signal(signal.SIGTERM, self._told)
        signal.signal(signal.SIGINT, self._told)
        try:
            for child in self._children:
                child.start(self._environment)
            if self._cluster is not None:
                self._cluster.join()
            return self._watch()
        except ClusterUnavailable as exc:
            # The children met the same trouble; the API tells it too, but may be slower.
            print(f"cavendish: {exc}", file=sys.stderr)
            return 1
        finally:
            self._shut_down()

    def _told(self, *_: object) -> None:
        # No lock: a second signal interrupts this, and an event would wait for what it holds itself, for ever.
        self._told_to_stop = True

    def _watch(self) -> int:
        while not self._told_to_stop:
            self._ensure_cluster()
            self._settled = self._settled or all(child.lives_well() for child in self._children)
            for child in self._children:
                if child.died() and child.hopeless and not self._settled:
                    return 1
                if child.process is None and clock.monotonic() >= child.start_at:
                    child.start(self._environment)
            time.sleep(_LOOK_SECONDS)
        return 0

    def _ensure_cluster(self) -> None:
        if self._cluster is None or clock.monotonic() - self._ensured < _ENSURE_SECONDS:
            return
        self._ensured = clock.monotonic()
        try:
            self._cluster.ensure(_ENSURE_PATIENCE_SECONDS)
            self._database_down = False
        except CavendishError as exc:
            if not self._database_down:
                print(f"cavendish: the database is down: {exc}", file=sys.stderr)
            self._database_down = True

    def _shut_down(self) -> None:
        """Generate is refused, workers finish or give back, then the listener closes, then the database."""
        limits = self._settings
        for child in self._children:
            child.tell(control.DRAIN)
        for child in self._children[1:]:
            child.tell(control.STOP)
            child.wait(limits.drain_seconds * 2 + _KILL_SECONDS)
        self._api.tell(control.STOP)
        self._api.wait(limits.api_drain_seconds + _KILL_SECONDS)
        if self._cluster is not None:
            with contextlib.suppress(CavendishError):
                self._cluster.leave()


def run(settings: Settings, flags: Mapping[str, object], *, worker: bool) -> int:
    """Serve with these settings; `flags` are handed on to the children."""
    # Both children must know the port that 0 becomes: it stands in image URLs.
    flags = {**flags, "port": _probe(settings.host, settings.port)}
    environment = {**os.environ, **as_environment(flags), "PYTHONUNBUFFERED": "1"}
    return Supervisor(settings, environment, worker=worker).run()


def _probe(host: str, port: int) -> int:
    """The port, a free one for 0; a taken one is told before anything is started or made."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as exc:
            reason = exc.strerror or exc
            raise ConfigurationError(
                f"cannot listen on {host} port {port}: {reason}; choose another with --port"
            ) from exc
        return int(probe.getsockname()[1])


def as_environment(flags: Mapping[str, object]) -> dict[str, str]:
    """Flags as the environment variables of the same settings."""
    return {sources.variable(name): str(value) for name, value in flags.items() if value is not None}
