"""A connection that nobody waits for any more is opened to its end, and given back."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import Any

import pytest

from cavendish import settings as configuration
from cavendish.db.pool import Database

pytestmark = pytest.mark.anyio

TURNS = 40  # of the event loop, until the driver has asked for TLS and waits


async def test_a_wait_that_is_cancelled_at_any_moment_leaves_no_complaint_behind(tmp_path: Any) -> None:
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        async with await asyncio.start_server(_silent, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            for turns in range(TURNS):
                await _given_up(f"postgresql://u@127.0.0.1:{port}/d", turns, tmp_path)
        gc.collect()
        await asyncio.sleep(0.05)
    finally:
        loop.set_exception_handler(before)

    assert complaints == []


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hears the question, and closes without an answer."""
    await reader.read(8)
    writer.close()


async def _given_up(dsn: str, turns: int, folder: Any) -> None:
    settings = configuration.load({"data": str(folder), "database_url": dsn}, environment={})
    opening = asyncio.ensure_future(Database(dsn, settings).open())
    for _ in range(turns):
        await asyncio.sleep(0)
    opening.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await opening
    await asyncio.sleep(0.01)
