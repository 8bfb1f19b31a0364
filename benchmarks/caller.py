"""One client with one connection, for what is measured from request to request rather than per second."""

from __future__ import annotations

import asyncio
import json
import urllib.parse
from typing import Any, Self

from benchmarks.lab import BODY, CHECK, GENERATE

POLL_PAUSE_SECONDS = 0.002  # eager, but not a load of its own
_ANSWER_SECONDS = 10.0
_PICTURE_SECONDS = 60.0


class Caller:
    """Calls in turn on a kept-alive connection."""

    def __init__(self, url: str, key: str) -> None:
        self._address = urllib.parse.urlsplit(url)
        self._key = key

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def call(self, path: str, body: str) -> dict[str, Any]:
        """POST; the JSON of a 200."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._address.netloc}\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write((head + body).encode())
        async with asyncio.timeout(_ANSWER_SECONDS):
            answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = int(answer.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            content = await self._reader.readexactly(length)
        if not answer.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{path} answered {answer!r} {content!r}")
        found: dict[str, Any] = json.loads(content)
        return found

    async def submit(self) -> str:
        """A new generation's id."""
        generation_id: str = (await self.call(GENERATE, BODY))["generationId"]
        return generation_id

    async def completed(
        self, generation_id: str, *, seconds: float = _PICTURE_SECONDS, pause_seconds: float = POLL_PAUSE_SECONDS
    ) -> dict[str, Any]:
        """Poll, eagerly unless told otherwise; the first answer that says completed."""
        body = json.dumps({"generationId": generation_id})
        async with asyncio.timeout(seconds):
            while True:
                found = await self.call(CHECK, body)
                if found["status"] == "completed":
                    return found
                if found["status"] == "failed":
                    raise RuntimeError(f"a generation failed: {found}")
                await asyncio.sleep(pause_seconds)
