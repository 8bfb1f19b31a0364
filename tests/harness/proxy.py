"""A proxy before the database that can be closed and opened again: an outage of one test's database, not of all."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.parse
from collections.abc import AsyncIterator


class Proxy:
    """A TCP proxy in front of a PostgreSQL server. `url` leads over it."""

    def __init__(self, database_url: str) -> None:
        self._target = urllib.parse.urlsplit(database_url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._travellers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._moving = asyncio.Event()
        self._moving.set()

    @classmethod
    @contextlib.asynccontextmanager
    async def built(cls, database_url: str) -> AsyncIterator[Proxy]:
        proxy = cls(database_url)
        await proxy.open()
        try:
            yield proxy
        finally:
            await proxy.close()

    @property
    def url(self) -> str:
        login = self._target.netloc.rpartition("@")[0]
        place = f"127.0.0.1:{self._port}"
        return self._target._replace(netloc=f"{login}@{place}" if login else place, query="sslmode=disable").geturl()

    async def open(self) -> None:
        """Let everybody through, on the same port as before."""
        self._moving.set()
        self._server = await asyncio.start_server(self._arrived, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """The server is gone: connections break, new ones are refused."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._travellers):
            writer.transport.abort()
        self._moving.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def freeze(self) -> None:
        """The server is silent: connections stand, new ones are taken, and no byte moves."""
        self._moving.clear()

    def thaw(self) -> None:
        self._moving.set()

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._travellers.add(writer)
        try:
            far_reader, far_writer = await self._dial()
            self._travellers.add(far_writer)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, far_writer))
                group.create_task(self._carry(far_reader, writer))
        except (OSError, asyncio.CancelledError, BaseExceptionGroup):
            pass
        finally:
            writer.transport.abort()
            self._travellers.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._moving.wait()
            writer.write(data)
            await writer.drain()
        writer.close()
        self._travellers.discard(writer)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = urllib.parse.parse_qs(self._target.query)
        folder, port = query.get("host", [""])[0], query.get("port", [str(self._target.port or 5432)])[0]
        if folder.startswith("/"):
            return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._target.hostname or folder, int(port))
