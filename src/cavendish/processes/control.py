"""How a supervisor and its children speak: lines through a pipe. A closed pipe means that the supervisor is gone.

Signals of the terminal's process group reach supervisor and children alike; the children ignore them, so that the
order of a shutdown is the supervisor's alone.
"""

from __future__ import annotations

import asyncio
import os
import signal

DRAIN = "drain"
STOP = "stop"
HOPELESS = 78  # a child's exit code: what is wrong is in the settings, so it would end the same again (EX_CONFIG)
_VARIABLE = "CAVENDISH_CONTROL"


class Control:
    """The child's end. Without a supervisor (a worker started by hand) SIGTERM and SIGINT stand for its words."""

    def __init__(self) -> None:
        self.draining = asyncio.Event()
        self.stopping = asyncio.Event()

    async def open(self) -> None:
        """Begin to listen."""
        loop = asyncio.get_running_loop()
        descriptor = os.environ.pop(_VARIABLE, None)
        if descriptor is None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop)
            return
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, _ignore)
        reader = asyncio.StreamReader()
        pipe = os.fdopen(int(descriptor), "rb", buffering=0)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        self._task = asyncio.create_task(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.strip().decode() == DRAIN:
                self.draining.set()
            else:
                break
        self._stop()

    def _stop(self) -> None:
        self.draining.set()
        self.stopping.set()


def child_environment(descriptor: int) -> dict[str, str]:
    """What tells a child which inherited pipe to listen to."""
    return {_VARIABLE: str(descriptor)}


def _ignore() -> None:
    return None
