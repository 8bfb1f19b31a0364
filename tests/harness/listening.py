"""The protocol class of the service on a real socket in the test's own loop, so that its clock is the test's."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from cavendish import clock
from cavendish.settings import Settings
from cavendish.web.http import protocol

SECONDS = 10.0  # for what comes at once on a machine that is not busy


@dataclass
class Client:
    """One connection; everything on it is written and read as bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and head of the next answer; its body is read too."""
        async with asyncio.timeout(SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            if length := re.search(rb"content-length: (\d+)", head, re.IGNORECASE):
                await self.reader.readexactly(int(length[1]))
        return int(head.split()[1]), head

    async def get(self, path: str = "/") -> int:
        await self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return (await self.answer())[0]

    async def is_closed(self) -> bool:
        """Whether the server has ended it; what it says until then is passed over. False: it goes on."""
        try:
            async with asyncio.timeout(0.2):
                while await self.reader.read(65536):
                    pass
                return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@dataclass
class Listening:
    """A server without a reaper of its own: the test calls `reap` with the moment it likes."""

    port: int
    server: uvicorn.Server
    seen: set[object]
    clients: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    @property
    def count(self) -> int:
        """Connections that the server has now."""
        return len(self.server.server_state.connections)

    async def until(self, count: int) -> None:
        """Wait until the server has seen the others go."""
        async with asyncio.timeout(SECONDS):
            while self.count != count:
                await asyncio.sleep(0.002)

    async def client(self, address: str = "127.0.0.1") -> Client:
        """A new connection from this loopback address, which the server has taken or refused."""
        opened = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))
        client = Client(*opened)
        self.clients.push_async_callback(client.close)
        async with asyncio.timeout(SECONDS):
            while opened[1].get_extra_info("sockname") not in self.seen:
                await asyncio.sleep(0.002)
        return client

    def reap(self, *, after_seconds: float) -> None:
        """As the reaper would in so many seconds."""
        protocol.look_at(self.server.server_state.connections, clock.monotonic() + after_seconds)


@contextlib.asynccontextmanager
async def listening(settings: Settings, app: Any) -> AsyncIterator[Listening]:
    """This ASGI application behind the service's protocol, until the block ends."""
    seen: set[object] = set()

    class Seen(protocol.bounded(settings)):  # type: ignore[misc]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            seen.add(self.client)

    config = uvicorn.Config(
        app,
        http=Seen,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=round(settings.keep_alive_seconds),
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
    listener = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0.002)
        found = Listening(int(listener.getsockname()[1]), server, seen)
        async with found.clients:
            yield found
    finally:
        server.should_exit = True
        await running
