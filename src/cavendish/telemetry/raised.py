"""What a log may hold of an exception: its type, and where it was raised.

Never its text, for an engine's may hold a prompt or a key, and never the values in a frame.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

log = structlog.get_logger("cavendish")

_FRAMES_MAX = 40  # the innermost: an endless recursion has a thousand
_CHAIN_MAX = 8
_GROUP_MAX = 8


def kind(exc: BaseException) -> str:
    """Its type, with what is missing by name: a module, or the system's word for its trouble."""
    name = type(exc).__name__
    if isinstance(exc, ImportError) and exc.name:
        return f"{name} ({exc.name})"
    if isinstance(exc, OSError) and exc.errno is not None and exc.errno in errno.errorcode:
        return f"{name} ({errno.errorcode[exc.errno]})"
    return name


def frames(exc: BaseException) -> list[str]:
    """Where it was raised, outermost first."""
    found = traceback.extract_tb(exc.__traceback__, limit=-_FRAMES_MAX)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in found]


def place(exc: BaseException) -> str:
    """Its type and the innermost frame, on one line."""
    return f"{kind(exc)} at {(frames(exc) or ['no frame'])[-1]}"


def told(exc: BaseException) -> str:
    """It, what led to it, and what it is a group of, over several lines."""
    parts = []
    for one in _chain(exc):
        members = one.exceptions[:_GROUP_MAX] if isinstance(one, BaseExceptionGroup) else ()
        parts.append("\n  ".join([kind(one), *frames(one), *(f"with {place(member)}" for member in members)]))
    return "\nafter ".join(parts)


def wordless(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A processor for structlog: `exc_info` becomes what may be told."""
    sent = event.pop("exc_info", None)
    exc = sent if isinstance(sent, BaseException) else sys.exc_info()[1] if sent else None
    if exc is not None:
        event["exception"] = told(exc)
    return event


class Formatter(logging.Formatter):
    """For the lines of libraries."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return told(ei[1]) if ei and ei[1] is not None else ""


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """What breaks where nobody waits for it, in a task or a thread, is told in the same way.

    The loop and the interpreter would print its text themselves.
    """
    loop.set_exception_handler(_in_the_loop)
    threading.excepthook = _in_a_thread


def _in_the_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    task = context.get("task") or context.get("future")
    name = getattr(task.get_coro(), "__qualname__", "") if isinstance(task, asyncio.Task) else ""
    exc = context.get("exception")
    if isinstance(exc, BaseException):
        log.error("a task broke", task=name, exc_info=exc)
    else:
        log.error("the event loop complained", task=name, complaint=str(context.get("message", ""))[:200])


def _in_a_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        log.error("a thread broke", exc_info=arguments.exc_value)


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """It, and one after the other what was under way when it was raised."""
    found: list[BaseException] = []
    following: BaseException | None = exc
    while following is not None and following not in found and len(found) < _CHAIN_MAX:
        found.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    yield from found
