"""The engine `script`, with a diary of its calls that outlives kill -9: when, which process, for which ticket.

The diary is how the harness knows what a killed worker was doing, and when somebody else took it up again. Only workers
load engines, so here is also where one of them gets another clock, as on a machine of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from cavendish_test_engines import script

from cavendish.engines.base import Capabilities, EngineRequest, EngineResult


class Chaos:
    name = "chaos"
    reports_progress = True
    concurrency: int | None = None
    rate = None
    capabilities = Capabilities(stops_unbilled=True)

    def __init__(self, diary: str) -> None:
        self._script = script.Script("chaos", concurrency=None, reports_progress=True)
        self._diary = os.open(diary, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    async def generate(self, request: EngineRequest) -> EngineResult:
        ticket = request.prompt.split()[0].partition("=")[2]
        # One short write to a file opened for appending is whole or absent, whoever else writes.
        os.write(self._diary, f"{time.monotonic():.6f} {os.getpid()} {ticket}\n".encode())
        return await self._script.generate(request)

    async def close(self) -> None:
        os.close(self._diary)


def set_clock(ahead_seconds: int) -> None:
    """What Python code of this process takes for the time. Files are stamped by the system, as by a file server."""
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() + ahead_seconds
    time.time_ns = lambda: nanoseconds() + ahead_seconds * 10**9


def build(options: Mapping[str, str]) -> Chaos:
    set_clock(int(options.get("CAVENDISH_CHAOS_CLOCK_SECONDS") or 0))
    return Chaos(options["CAVENDISH_CHAOS_DIARY"])
