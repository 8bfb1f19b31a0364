"""A load generator for machines without wrk: `python -m benchmarks.raw_client URL FILE CONNECTIONS SECONDS`.

The requests are bytes before the first is sent; of an answer only status and length are read. It prints one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.parse
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.machine import percentile

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_CONNECT_SECONDS = 10.0
_LAST_ANSWER_SECONDS = 10.0


def main() -> None:
    url, file, connections, seconds = sys.argv[1:]
    address = urllib.parse.urlsplit(url)
    requests = [_request(address, line) for line in Path(file).read_text().splitlines()]
    found = uvloop.run(_drive(address, requests, int(connections), float(seconds)))
    print(json.dumps(found))


def _request(address: urllib.parse.SplitResult, line: str) -> bytes:
    key, _, body = line.partition(" ")
    head = (
        f"POST {address.path or '/'} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    )
    return (head + body).encode()


class _Turns:
    """The requests in turn, until the time is over."""

    def __init__(self, requests: list[bytes]) -> None:
        self._requests = requests
        self._position = -1
        self.over = False

    def next(self) -> bytes | None:
        if self.over:
            return None
        self._position = (self._position + 1) % len(self._requests)
        return self._requests[self._position]


class _Connection(asyncio.Protocol):
    """One request at a time, the next as soon as its answer is whole."""

    def __init__(self, turns: _Turns) -> None:
        self._turns = turns
        self._buffer = b""
        self._sent = 0.0
        self.times: list[float] = []
        self.errors = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(_HEAD_END)
        if not separator:
            return
        lowered = head.lower()
        start = lowered.index(_LENGTH) + len(_LENGTH)
        if len(rest) < int(lowered[start:].split(b"\r\n", 1)[0]):
            return
        self.times.append(time.perf_counter() - self._sent)
        self.errors += head[9:10] != b"2"
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.errors += 1
            self.ended.set_result(None)

    def _send(self) -> None:
        request = self._turns.next()
        if request is not None:
            self._sent = time.perf_counter()
            self._transport.write(request)
        elif not self.ended.done():
            self.ended.set_result(None)
            self._transport.close()


async def _drive(
    address: urllib.parse.SplitResult, requests: list[bytes], connections: int, seconds: float
) -> dict[str, float]:
    loop, turns = asyncio.get_running_loop(), _Turns(requests)
    assert address.hostname and address.port
    start = time.perf_counter()
    async with asyncio.timeout(_CONNECT_SECONDS):
        opened = [
            (await loop.create_connection(lambda: _Connection(turns), address.hostname, address.port))[1]
            for _ in range(connections)
        ]
    await asyncio.sleep(seconds)
    turns.over = True
    await asyncio.wait([connection.ended for connection in opened], timeout=_LAST_ANSWER_SECONDS)
    taken = time.perf_counter() - start
    times = [1000 * duration for connection in opened for duration in connection.times]
    return {
        "count": len(times),
        "seconds": taken,
        "errors": sum(connection.errors for connection in opened),
        "p50_ms": percentile(times, 50) if times else 0.0,
        "p99_ms": percentile(times, 99) if times else 0.0,
    }


if __name__ == "__main__":
    main()
