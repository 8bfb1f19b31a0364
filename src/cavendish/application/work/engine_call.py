"""One call of an engine in a task of its own: what it does to itself is its fault, what is done to us is not."""

from __future__ import annotations

import asyncio

from cavendish.engines import base


class BrokeOff(Exception):
    """The engine ended its call by something that is no error: cancelled it, or wanted to end the process."""


async def result(engine: base.Engine, request: base.EngineRequest) -> base.EngineResult:
    """What the engine delivers. Cancelled, it waits until the engine has ended.

    Raises:
        BrokeOff: as above.
        Exception: whatever else the engine raises.
    """
    call = asyncio.create_task(_guarded(engine, request))
    try:
        return await call
    except asyncio.CancelledError as exc:
        # Without that look a worker would take it for its own end and put the job back, again and again.
        current = asyncio.current_task()
        if current is None or current.cancelling():
            raise
        raise BrokeOff from exc


async def _guarded(engine: base.Engine, request: base.EngineRequest) -> base.EngineResult:
    try:
        return await engine.generate(request)
    except (Exception, asyncio.CancelledError, KeyboardInterrupt):
        raise
    except (
        BaseException
    ) as exc:  # SystemExit would end the worker; a panic of a library in Rust is none of Python's errors
        raise BrokeOff from exc
