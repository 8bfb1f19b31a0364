"""The floor: uvicorn, a bare ASGI function and asyncpg, nothing else. `… floor_server PORT DSN FOLDER`.

It has no keys, limits, credits, queue, validation or error handling. `/read` does one point read of a generation,
`/insert` one durable INSERT of a row, `/make` what no image service can do without: a durable INSERT, a picture
written and flushed, a durable UPDATE. The server, its settings and the database's cluster are those of the service.
"""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvicorn

_POOL = 10  # measured: faster here than 20, the service's own most
_PICTURE = os.urandom(415_000)  # as large as the 1K picture of the test engine

_TABLE = """
CREATE SCHEMA IF NOT EXISTS floor;
CREATE TABLE IF NOT EXISTS floor.rows (id uuid PRIMARY KEY, prompt text NOT NULL, state text NOT NULL, picture text)"""
_READ = "SELECT state, progress, image_name FROM cavendish.generations WHERE id = $1"
_INSERT = "INSERT INTO floor.rows (id, prompt, state) VALUES ($1, $2, 'pending')"
_UPDATE = "UPDATE floor.rows SET state = 'completed', picture = $2 WHERE id = $1"

Asked = dict[str, Any]


class Floor:
    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn = dsn
        self._folder = folder
        self._routes: dict[str, Callable[[Asked], Awaitable[Asked]]] = {
            "/read": self._read,
            "/insert": self._insert,
            "/make": self._make,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = (await receive())["body"]
        route = self._routes.get(scope["path"])
        answer = orjson.dumps(await route(orjson.loads(body)) if route else {})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with asyncpg.create_pool(self._dsn, min_size=_POOL, max_size=_POOL, reset=_leave_as_is) as self._pool:
            await self._pool.execute(_TABLE)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _read(self, asked: Asked) -> Asked:
        row = await self._pool.fetchrow(_READ, uuid.UUID(hex=asked["generationId"]))
        assert row is not None
        return {"success": True, "status": row[0], "progress": row[1], "imageUrl": row[2]}

    async def _insert(self, asked: Asked) -> Asked:
        generation_id = uuid.uuid4()
        await self._pool.execute(_INSERT, generation_id, asked["prompt"])
        return {"success": True, "generationId": generation_id.hex}

    async def _make(self, asked: Asked) -> Asked:
        inserted = await self._insert(asked)
        name = f"{inserted['generationId']}.png"
        await asyncio.to_thread(_store, self._folder, name)
        await self._pool.execute(_UPDATE, uuid.UUID(hex=inserted["generationId"]), name)
        return inserted


def _store(folder: Path, name: str) -> None:
    """As durable as the service's storage: the bytes, then the name."""
    with (folder / f".{name}").open("xb") as file:
        file.write(_PICTURE)
        file.flush()
        os.fsync(file.fileno())
    (folder / f".{name}").rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _leave_as_is(_: object) -> None:
    """No reset query when a connection goes back: it would double the round trips of the floor."""


def main() -> None:
    port, dsn, folder = sys.argv[1:]
    uvicorn.run(
        Floor(dsn, Path(folder)),
        host="127.0.0.1",
        port=int(port),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
    )


if __name__ == "__main__":
    main()
