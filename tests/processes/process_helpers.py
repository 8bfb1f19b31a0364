"""What the tests of real processes share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from cavendish.postgres.cluster import Cluster
from harness.processes import Served, Starter

API, WORKER = "cavendish.processes.api", "cavendish.processes.worker"
SETTLE_SECONDS = 15.0


class Lab(Starter):
    """Starts real commands on a data directory that every user may pass, and knows what is left of them."""

    def environment(self, **variables: str) -> dict[str, str]:
        environment = super().environment(**variables)
        more = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
        environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], *more])
        # Half the start-up time of a process is compiling, where nothing may be written beside the sources.
        environment["PYTHONPYCACHEPREFIX"] = f"/tmp/cavendish-tests-{os.getuid()}-pycache"
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def arguments(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "cavendish.cli", *arguments, "--data", str(self.data)]

    def spawn(self, *arguments: str, log: str, **variables: str) -> subprocess.Popen[bytes]:
        """A command that goes on, such as `worker`."""
        command = self.arguments(*arguments)
        with (self.folder / log).open("wb") as out:
            return subprocess.Popen(
                command, stdout=out, stderr=out, env=self.environment(**variables), start_new_session=True
            )

    def restart(self, served: Served, **variables: str) -> Served:
        """Another `serve` on the same directory; each start has a port of its own."""
        return self(data=served.data, **variables)

    def left_over(self) -> list[str]:
        """Processes of ours: they name the directory in their command, or in their settings."""
        found = []
        for process in psutil.process_iter(["cmdline", "environ", "status"]):
            with contextlib.suppress(psutil.Error):
                command, environment = process.info["cmdline"] or [], process.info["environ"] or {}
                mine = any(str(self.folder) in word for word in command)
                mine = mine or environment.get("CAVENDISH_DATA", "").startswith(str(self.folder))
                if mine and process.pid != os.getpid() and process.info["status"] != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {' '.join(command)[:100]}")
        return found

    def rows(self, query: str, *arguments: object) -> list[Any]:
        """Ask the embedded database, beside the service."""

        async def ask() -> list[Any]:
            connection = await self._connect()
            try:
                return await connection.fetch(query, *arguments)
            finally:
                await connection.close()

        return asyncio.run(ask())

    @contextlib.contextmanager
    def holding(self, query: str) -> Iterator[None]:
        """A transaction that ran this and then froze, as its process did."""
        with asyncio.Runner() as runner:
            connection = runner.run(self._connect())
            runner.run(connection.execute("BEGIN"))
            runner.run(connection.execute(query))
            yield
            connection.terminate()

    async def _connect(self) -> Any:
        status = Cluster(self.data).status()
        assert status is not None
        return await asyncpg.connect(
            host=str(status.sockets), port=5432, user="postgres", database="postgres", timeout=10
        )

    def generation(self, generation_id: str) -> Any:
        return self.rows("SELECT * FROM cavendish.generations WHERE id = $1::uuid", generation_id)[0]

    def is_sound(self, *options: str) -> bool:
        """`cavendish check` finds nothing."""
        checked = self.command("check", *options)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        return True


def submit(served: Served, prompt: str, *, key: str | None = None, **fields: Any) -> str:
    body = {"prompt": prompt, "mode": "generate", **fields}
    status, answer = served.call("/api/nano-banana-2/generate", body, key)
    assert status == 200, answer
    return str(answer["generationId"])


def check(served: Served, generation_id: str, *, key: str | None = None) -> dict[str, Any]:
    status, answer = served.call("/api/nano-banana-2/check-status", {"generationId": generation_id}, key)
    assert status == 200, answer
    return answer


def ended(served: Served, generation_id: str, *, seconds: float = 30, key: str | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {}

    def is_over() -> bool:
        nonlocal answer
        answer = check(served, generation_id, key=key)
        return answer["status"] in ("completed", "failed")

    assert until(is_over, seconds), f"{answer}\n{served.log.read_text()[-2000:]}"
    return answer


def is_generating(served: Served, generation_id: str, *, seconds: float = 20) -> bool:
    return until(lambda: check(served, generation_id)["status"] == "generating", seconds)


def until(condition: Callable[[], object], seconds: float = SETTLE_SECONDS) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.03)
    return bool(condition())
