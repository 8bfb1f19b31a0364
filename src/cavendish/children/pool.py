"""A pool of killable child processes: one call at a time each, replaced when one dies, hangs or grows old.

What a child may break ends with its call: a crash, a hang or a memory bomb never reaches the parent. See `main`
for the other end of the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from cavendish.children.main import HEADER_BYTES_MAX, LENGTH, Json, Limits, pack
from cavendish.errors import CavendishError

REPLY_BYTES_MAX = 256 * 1024 * 1024  # all blobs of one reply: a 4K picture as PNG without any compression, five times
REPLY_BLOBS_MAX = 64
LARGE_IDLE_SECONDS = 5.0  # long enough for the next of a series, so that it need not start anew
STREAM_BYTES = 1024 * 1024  # read-ahead per child: with asyncio's 64 KiB a 20 MB picture needs 300 turns of the loop
ENVIRONMENT_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
ENVIRONMENT_FIXED = {
    "LC_ALL": "C.UTF-8",
    # One thread per child: the pool is what uses the processors, and thread stacks count against the memory limit.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    # glibc would give every freed plane back to the kernel and fault it in again, a third of all time on pictures. The
    # memory goes back when the child ends.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(1024**3),
    "MALLOC_TOP_PAD_": str(16 * 1024**2),
}


class ChildError(CavendishError):
    """A call ended without a result. Later calls are not affected."""


class ChildDied(ChildError):
    """The child crashed, was killed, or broke the protocol. The message is for logs, not for callers."""


class ChildTimedOut(ChildError):
    """The call took longer than its time; the child was killed."""


class ChildRefused(ChildError):
    """The operation refused its input; the message is the operation's own sentence."""


class _NeverTaken(Exception):
    """The child ended before it took the call, so the call can be made again."""


Progress = Callable[[int], None]
Shown = Callable[[bytes], None]
Result = tuple[Json, list[bytes]]


class ChildPool:
    """At most `processes` children of one module, started when needed.

    Args:
        module: A module whose `__main__` calls `main.serve`.
        processes: Children at once; further calls wait in order.
        idle_seconds: A child without a call ends after this long, so that an idle service holds no memory.
        memory_bytes: Address space of one child.
        cpu_seconds: Processor time of one call.
        large_idle_seconds: The same for a child that grew large, which holds what it freed.
        calls_max: A child is replaced after this many calls, so that leaks and heap damage do not add up.
    """

    def __init__(
        self,
        module: str,
        *,
        processes: int,
        idle_seconds: float,
        memory_bytes: int,
        cpu_seconds: int,
        calls_max: int,
        large_idle_seconds: float = LARGE_IDLE_SECONDS,
    ) -> None:
        self._module = module
        self._limits = Limits(
            memory_bytes=memory_bytes,
            cpu_seconds=cpu_seconds,
            idle_seconds=idle_seconds,
            large_idle_seconds=large_idle_seconds,
        )
        self._calls_max = calls_max
        self._processes = processes
        self._slots = asyncio.Semaphore(processes)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def call(
        self,
        operation: str,
        arguments: Json,
        blobs: Sequence[bytes],
        *,
        timeout_seconds: float,
        on_progress: Progress | None = None,
        on_shown: Shown | None = None,
    ) -> Result:
        """Run one operation in a child and return its result and blobs.

        Args:
            timeout_seconds: From the moment a child is free for this call; waiting for one is not counted.
            on_shown: Gets what the operation shows of its result before it is done.

        Raises:
            ChildRefused: the operation said no.
            ChildTimedOut: it took too long.
            ChildDied: it crashed, hit a limit, or the pool was closed.
        """
        if self._closed:
            raise ChildDied("the pool is closed")
        async with self._slots:
            try:
                async with asyncio.timeout(timeout_seconds):
                    return await self._call(_Request(operation, arguments, blobs, on_progress, on_shown))
            except TimeoutError as exc:
                raise ChildTimedOut(f"{operation} took longer than {timeout_seconds:g} seconds") from exc

    async def close(self) -> None:
        """Kill every child and wait until they are gone; calls under way and waiting end with `ChildDied`."""
        if self._closed:
            return
        self._closed = True
        for child in self._busy:
            child.kill()
        while self._idle:
            await self._idle.pop().end()
        for _ in range(self._processes):
            await self._slots.acquire()

    async def _call(self, request: _Request) -> Result:
        while self._idle:
            with contextlib.suppress(_NeverTaken):
                return await self._call_child(self._idle.pop(), request)
        if self._closed:
            raise ChildDied("the pool is closed")
        try:
            return await self._call_child(await _start(self._module, self._limits), request)
        except _NeverTaken as exc:
            raise ChildDied(f"{self._module} ended before it took a call") from exc

    async def _call_child(self, child: _Child, request: _Request) -> Result:
        self._busy.add(child)
        try:
            return await child.call(request)
        finally:
            self._busy.discard(child)
            # Killed on cancellation too: a child in the middle of a call must not get the next one.
            if child.ready and child.calls < self._calls_max and not self._closed:
                self._idle.append(child)
            else:
                await child.end()


@dataclass(frozen=True, slots=True)
class _Request:
    operation: str
    arguments: Json
    blobs: Sequence[bytes]
    on_progress: Progress | None
    on_shown: Shown | None


class _Child:
    """One process and our end of its socket.

    Attributes:
        calls: How many it was given.
        ready: It is between calls and can take another.
    """

    def __init__(self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self.calls = 0
        self.ready = True

    async def call(self, request: _Request) -> Result:
        self.calls += 1
        self.ready = False
        # A child that dies while it is written to has still said why, or its end of file says enough. RuntimeError is
        # what uvloop says where asyncio has a ConnectionError.
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self._write(request)
        taken = False
        while True:
            header, blobs = await self._read(taken=taken)
            match header.get("kind"):
                case "taken":
                    taken = True
                case "progress":
                    _report(request.on_progress, header.get("percent"))
                    _show(request.on_shown, blobs)
                case "result" if isinstance(result := header.get("result"), dict):
                    self.ready = True
                    return result, blobs
                case "refused":
                    self.ready = True
                    raise ChildRefused(str(header.get("message")))
                case "fault":
                    raise ChildDied(str(header.get("message")))
                case _:
                    raise ChildDied("the child sent a frame of an unknown kind")

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill and reap."""
        self.kill()
        self._writer.transport.abort()
        await self._process.wait()

    async def _write(self, request: _Request) -> None:
        header: Json = {"operation": request.operation, "arguments": request.arguments}
        for part in (pack(header, request.blobs), *request.blobs):
            self._writer.write(part)
            await self._writer.drain()

    async def _read(self, *, taken: bool) -> tuple[Json, list[bytes]]:
        try:
            header = _checked(await self._reader.readexactly(await self._read_length()))
            return header, [await self._reader.readexactly(size) for size in header["blobs"]]
        except (asyncio.IncompleteReadError, ConnectionError) as exc:
            if not taken:
                raise _NeverTaken from exc
            raise ChildDied(f"the child ended in the middle of a call ({await self._exit()})") from exc

    async def _read_length(self) -> int:
        length: int = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))[0]
        if length > HEADER_BYTES_MAX:
            raise ChildDied(f"the child sent a header of {length} bytes; at most {HEADER_BYTES_MAX} are allowed")
        return length

    async def _exit(self) -> str:
        code = await self._process.wait()
        return f"signal {-code}" if code < 0 else f"status {code}"


async def _start(module: str, limits: Limits) -> _Child:
    # One socket of our own rather than asyncio's pipes: it is the same under uvloop, and it leaves the child's standard
    # output free to point nowhere.
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = await _spawn(module, limits, theirs.fileno())
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=STREAM_BYTES)
    except BaseException:
        # A child that was started all the same reads the end of its calls and exits.
        ours.close()
        raise
    return _Child(process, reader, writer)


async def _spawn(module: str, limits: Limits, stdin: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        json.dumps(asdict(limits)),
        stdin=stdin,
        stdout=DEVNULL,
        stderr=DEVNULL,
        cwd="/",
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """No secrets of the service, and the same modules as here, however this process came to see them."""
    kept = {name: os.environ[name] for name in ENVIRONMENT_KEPT if name in os.environ}
    return kept | ENVIRONMENT_FIXED | {"PYTHONPATH": os.pathsep.join(os.path.abspath(entry) for entry in sys.path)}


def _checked(encoded: bytes) -> Json:
    """A header whose blob sizes are sane. The child is not trusted: it may have been taken over by a picture."""
    try:
        header = json.loads(encoded)
        sizes = header["blobs"]
        sane = len(sizes) <= REPLY_BLOBS_MAX and all(type(size) is int and size >= 0 for size in sizes)
        sane = sane and sum(sizes) <= REPLY_BYTES_MAX
    except (ValueError, LookupError, TypeError, RecursionError) as exc:
        raise ChildDied("the child sent a header that is no frame") from exc
    if not sane:
        raise ChildDied("the child sent a frame that is too large")
    assert isinstance(header, dict)
    return header


def _report(on_progress: Progress | None, percent: object) -> None:
    if on_progress is not None and type(percent) is int and 0 <= percent <= 100:
        on_progress(percent)


def _show(on_shown: Shown | None, blobs: Sequence[bytes]) -> None:
    for blob in blobs:
        if on_shown is not None:
            on_shown(blob)
