"""How many may be connected, who makes room for others, and for how long: on real sockets, by a clock of the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cavendish import settings as configuration
from cavendish.settings import Settings
from harness.listening import SECONDS, Client, Listening, listening

pytestmark = pytest.mark.anyio

MAX = 16


class Held:
    """An application whose answer to /hold waits until the test lets it go; it answers everything else at once."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.holding = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/hold":
            self.holding += 1
            await self.go.wait()
            self.holding -= 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


def settings(folder: Path, **flags: str) -> Settings:
    return configuration.load({"data": str(folder), "connections_max": str(MAX), **flags}, environment={})


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
async def house(tmp_path: Path, held: Held) -> AsyncIterator[Listening]:
    async with listening(settings(tmp_path), held) as found:
        yield found


async def busy(house: Listening, held: Held, count: int) -> list[Client]:
    """So many clients whose requests are under way."""
    clients = [await house.client() for _ in range(count)]
    for client in clients:
        await client.send(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(SECONDS):
        while held.holding < count:
            await asyncio.sleep(0.002)
    return clients


async def test_one_connection_too_many_is_refused_and_the_next_is_taken_when_one_ended(
    house: Listening, held: Held
) -> None:
    clients = await busy(house, held, MAX)

    refused = await house.client()
    status, head = await refused.answer()

    assert status == 503
    assert b"retry-after: 1\r\n" in head and b"connection: close\r\n" in head
    assert await refused.is_closed()
    held.go.set()
    assert [(await client.answer())[0] for client in clients] == [200] * MAX
    await clients[0].close()
    await house.until(MAX - 1)
    assert await (await house.client()).get() == 200
