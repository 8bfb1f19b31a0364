"""A small HTTP client: a poll costs a tenth of what a full client takes, so that the load is on the service."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

import orjson

TIMEOUT_SECONDS = 15.0
IDLE_MAX = 64


class NoAnswer(Exception):
    """Refused, reset, cut or too late: whether the request took effect is unknown."""


class TooLate(NoAnswer):
    """Nothing broke: whoever asked stopped waiting."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


class Wire:
    """Keep-alive connections to one port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, path: str, body: Any, key: str, *, seconds: float = TIMEOUT_SECONDS, **headers: str) -> Answer:
        """After so many seconds the connection is cut."""
        content = orjson.dumps(body)
        sent = {"content-type": "application/json", "authorization": f"Bearer {key}", **headers}
        named = {name.replace("_", "-"): value for name, value in sent.items()}
        return await self._call("POST", path, content, named, seconds)

    async def get(self, path: str, key: str = "") -> Answer:
        return await self._call("GET", path, b"", {"authorization": f"Bearer {key}"} if key else {}, TIMEOUT_SECONDS)

    async def close(self) -> None:
        while self._idle:
            self._idle.pop()[1].close()

    async def _call(self, method: str, path: str, content: bytes, headers: dict[str, str], seconds: float) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
        connection = None
        try:
            async with asyncio.timeout(seconds):
                connection = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = connection
                writer.write(request)
                answer = await _read(reader)
        except (OSError, EOFError, ValueError, TimeoutError) as exc:
            if connection:
                connection[1].close()
            raise (TooLate if isinstance(exc, TimeoutError) else NoAnswer)(f"{type(exc).__name__}: {exc}") from exc
        if answer.headers.get("connection") == "close" or len(self._idle) >= IDLE_MAX:
            writer.close()
        else:
            self._idle.append(connection)
        return answer


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.rstrip("\r\n").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(status.split(" ")[1]), headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    found = bytearray()
    while size := int(await reader.readuntil(b"\r\n"), 16):
        found += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return bytes(found)


async def ready(wire: Wire, *, seconds: float, path: str = "/readyz") -> bool:
    """Whether the service there becomes ready in time."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        with contextlib.suppress(NoAnswer):
            if (await wire.get(path)).status == 200:
                return True
        await asyncio.sleep(0.05)
    return False
