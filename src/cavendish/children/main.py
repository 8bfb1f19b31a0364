"""The serving loop of a child process: operations in, results out, over one socket. Standard library only.

A module of operations ends with `if __name__ == "__main__": main.serve(OPERATIONS)` and is started by
`pool.ChildPool`, which passes a socket as standard input and nowhere as standard output. Every frame is a 4-byte
length, a JSON header and the raw blobs whose sizes the header lists. Never pickle: a child handles hostile bytes, and
what it sends back must not be able to run code in its parent.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import resource
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn, Protocol

Json = dict[str, Any]
Reply = tuple[Json, Sequence[bytes | bytearray]]


class Progress(Protocol):
    def __call__(self, percent: int, shown: bytes = b"") -> None:
        """How far the call is, and, where there is something, what the caller may see of its result already."""


Operation = Callable[[Json, list[bytes], Progress], Reply]

LENGTH = struct.Struct(">I")
HEADER_BYTES_MAX = 256 * 1024  # a prompt of 20,000 characters, escaped as JSON, with room to spare
LARGE_BYTES = 200 * 1024 * 1024  # in memory after a call: a child that holds more does not hold it for long
OPEN_FILES_MAX = 32  # enough to import a module and to answer; a child needs no sockets and no files


class Refused(Exception):
    """Raised by an operation: the input is not acceptable. The message reaches the caller, the child lives on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child takes at most.

    Attributes:
        memory_bytes: Address space, shared libraries included (about 250 MB of it with Pillow and numpy).
        cpu_seconds: Processor time of one call.
        idle_seconds: It ends itself after this long without a call.
        large_idle_seconds: The same for one that holds more than `LARGE_BYTES`.
    """

    memory_bytes: int
    cpu_seconds: int
    idle_seconds: float
    large_idle_seconds: float


@dataclass(frozen=True, slots=True)
class _Call:
    operation: str
    arguments: Json
    blobs: list[bytes]


def serve(operations: Mapping[str, Operation]) -> NoReturn:
    """Answer calls until the socket closes or none came for the idle time; limits come as JSON in `sys.argv[1]`."""
    limits = Limits(**json.loads(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls, answers = _take_over_socket()
    _limit_process(limits)
    inbox: queue.SimpleQueue[_Call] = queue.SimpleQueue()
    threading.Thread(target=_read_calls, args=(calls, inbox), daemon=True).start()
    while True:
        try:
            call = inbox.get(timeout=_patience(limits))
        except queue.Empty:
            _end(0)
        _arm_processor_limit(limits.cpu_seconds)
        _answer(operations, call, answers)


def pack(header: Json, blobs: Iterable[bytes | bytearray] = ()) -> bytes:
    """The start of a frame; the blobs themselves follow it on the wire."""
    encoded = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode()
    return LENGTH.pack(len(encoded)) + encoded


def _take_over_socket() -> tuple[BinaryIO, BinaryIO]:
    """Move the socket away from standard input, where code that asks for input would read frames."""
    # Whatever else came along: uvloop, unlike asyncio, lets a child inherit descriptors.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(0), "wb", buffering=0)
    os.dup2(1, 0)
    return calls, answers


def _patience(limits: Limits) -> float:
    """How long it waits for the next call. What was freed stays with the process (see `pool.ENVIRONMENT_FIXED`)."""
    return min(limits.idle_seconds, limits.large_idle_seconds) if _resident() > LARGE_BYTES else limits.idle_seconds


def _resident() -> int:
    """Bytes in memory now; 0 where the system does not say. The peak, which all say, may be the parent's."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, LookupError, ValueError):
        return 0


def _limit_process(limits: Limits) -> None:
    for name, value in (
        ("RLIMIT_AS", limits.memory_bytes),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", OPEN_FILES_MAX),
        ("RLIMIT_FSIZE", 0),
    ):
        _limit(name, value, value)


def _arm_processor_limit(cpu_seconds: int) -> None:
    # The soft limit only: a lowered hard limit could not be raised again for the next call.
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    _limit("RLIMIT_CPU", math.ceil(used.ru_utime + used.ru_stime) + cpu_seconds, hard)


def _limit(name: str, soft: int, hard: int) -> None:
    kind = getattr(resource, name, None)
    # Not every system has every limit, macOS refuses some, and a container may have set a lower one that stays.
    with contextlib.suppress(ValueError, OSError):
        if kind is not None:
            resource.setrlimit(kind, (soft, hard))


def _read_calls(calls: BinaryIO, inbox: queue.SimpleQueue[_Call]) -> None:
    """Feed the main thread. A closed socket ends the process at once, in the middle of a call too: nobody listens."""
    try:
        while (head := calls.read(LENGTH.size)) and len(head) == LENGTH.size:
            header = json.loads(calls.read(LENGTH.unpack(head)[0]))
            blobs = [calls.read(size) for size in header["blobs"]]
            inbox.put(_Call(header["operation"], header["arguments"], blobs))
    finally:
        _end(0)


def _answer(operations: Mapping[str, Operation], call: _Call, answers: BinaryIO) -> None:
    # The parent repeats a call that was never taken: an idle child may end just as the call is being written to it.
    _send(answers, {"kind": "taken"})

    def report(percent: int, shown: bytes = b"") -> None:
        _send(answers, {"kind": "progress", "percent": int(percent)}, [shown] if shown else [])

    try:
        result, blobs = operations[call.operation](call.arguments, call.blobs, report)
    except Refused as refusal:
        _send(answers, {"kind": "refused", "message": str(refusal)})
    except Exception as fault:  # whatever went wrong, a memory limit included: say it and end, for a clean successor
        _send(answers, {"kind": "fault", "message": _describe(fault)})
        _end(1)
    else:
        _send(answers, {"kind": "result", "result": result}, blobs)


def _end(status: int) -> NoReturn:
    # Without the interpreter's own shutdown, which would wait for the lock that the reading thread holds on its stream.
    os._exit(status)


def _describe(fault: Exception) -> str:
    """Type and place, without the exception's own words: they may quote a prompt or a picture."""
    step = fault.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    place = f"{os.path.basename(step.tb_frame.f_code.co_filename)}:{step.tb_lineno}" if step else "?"
    return f"{type(fault).__name__} at {place}"


def _send(answers: BinaryIO, header: Json, blobs: Sequence[bytes | bytearray] = ()) -> None:
    for part in (pack(header, blobs), *blobs):
        view = memoryview(part).cast("B")
        while view:
            view = view[answers.write(view) :]
