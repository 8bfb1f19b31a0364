"""Real processes: `cavendish serve` and `cavendish worker` with a data directory of their own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from harness import unmarked


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Served:
    """One `cavendish serve` with its children."""

    process: subprocess.Popen[bytes]
    url: str
    data: Path
    log: Path
    command: list[str]
    environment: Mapping[str, str]

    @property
    def key(self) -> str:
        """The key that the first start printed."""
        match = re.search(r"cav_live_[0-9A-Za-z]{46}", self.log.read_text())
        assert match, self.log.read_text()
        return match[0]

    def children(self, module: str) -> list[psutil.Process]:
        """Living child processes that run this module, such as `cavendish.processes.worker`."""
        found = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if module in child.cmdline():
                        found.append(child)
        return found

    def call(
        self, path: str, body: Any = None, key: str | None = None, timeout: float = 30
    ) -> tuple[int, dict[str, Any]]:
        """POST with a body, else GET; status and JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers={"Authorization": f"Bearer {key or self.key}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def picture(
        self, prompt: str = "a test", *, seconds: float = 60, key: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Generate and poll to the end."""
        status, answer = self.call("/api/nano-banana-2/generate", {"prompt": prompt, "mode": "generate", **fields}, key)
        assert status == 200, answer
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _, found = self.call("/api/nano-banana-2/check-status", {"generationId": answer["generationId"]}, key)
            if found["status"] in ("completed", "failed"):
                return found
            time.sleep(0.05)
        raise AssertionError(f"not finished in {seconds} s: {found}\n{self.log.read_text()[-3000:]}")

    def stop(self, *, seconds: float = 40) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.process.returncode

    def kill(self) -> None:
        """kill -9 the supervisor and its children; the database server is left to the last one out."""
        for child in [*self.children("cavendish.processes.api"), *self.children("cavendish.processes.worker")]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()


@dataclass
class Starter:
    root: Path
    folder: Path
    started: list[Served] = field(default_factory=list)

    def environment(self, **variables: str) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CAVENDISH_")}
        return {
            **clean,
            "PYTHONPATH": str(self.root / "tests" / "plugins"),
            **unmarked.ENVIRONMENT,
            "CAVENDISH_ROUTES": "nano-banana-2=script,backup;nano-banana-pro=instant",
            **variables,
        }

    def __call__(
        self, *arguments: str, data: Path | None = None, ready_seconds: float = 60, **variables: str
    ) -> Served:
        """Start `cavendish serve` and wait until it is ready."""
        data = data or self.folder / "data"
        port, log = free_port(), self.folder / f"serve-{len(self.started)}.log"
        command = [sys.executable, "-m", "cavendish.cli", "serve", "--data", str(data), "--port", str(port), *arguments]
        environment = self.environment(**variables)
        with log.open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, start_new_session=True)
        served = Served(process, f"http://127.0.0.1:{port}", data, log, command, environment)
        self.started.append(served)
        wait_until_ready(served, ready_seconds)
        return served

    def command(
        self, *arguments: str, data: Path | None = None, timeout: float = 60, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one `cavendish` command on the data directory."""
        command = [sys.executable, "-m", "cavendish.cli", *arguments, "--data", str(data or self.folder / "data")]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env=self.environment(**variables), check=False
        )

    def stop_all(self) -> None:
        for served in self.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                served.stop()


def wait_until_ready(served: Served, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if served.process.poll() is not None:
            raise AssertionError(f"serve ended with {served.process.returncode}:\n{served.log.read_text()}")
        with contextlib.suppress(OSError, urllib.error.URLError):
            if (
                urllib.request.urlopen(f"{served.url}/readyz", timeout=5).status == 200
                and "ready at" in served.log.read_text()
            ):
                return
        time.sleep(0.02)
    raise AssertionError(f"not ready in {seconds} s:\n{served.log.read_text()}")
