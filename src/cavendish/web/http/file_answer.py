"""Files as answers: few large pieces to who takes them at once, and polls beside them that hardly notice."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator
from io import BufferedReader

import anyio
from starlette.datastructures import MutableHeaders
from starlette.responses import FileResponse, MalformedRangeHeader
from starlette.types import Receive, Scope, Send

from cavendish import clock

_PIECE_BYTES = (64 * 1024, 256 * 1024, 1024 * 1024)  # that are sent at a time: at least, at first, at most
_AT_ONCE_SECONDS = 0.05  # a megabyte at 160 Mbit/s
_PIECES_A_ROUND = 2  # each takes a third of a millisecond


class Turns:
    """So many pieces in one round of the event loop, whoever reads: everything else waits for no more than these."""

    def __init__(self) -> None:
        self._left = _PIECES_A_ROUND
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._next: asyncio.Handle | None = None

    async def take(self) -> None:
        """Wait for one's turn; in this round where there is room."""
        if self._left:
            self._left -= 1
            self._schedule()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._schedule()
        await turn

    def _schedule(self) -> None:
        if self._next is None:
            self._next = asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        self._next, self._left = None, _PIECES_A_ROUND
        while self._left and self._waiting:
            if not (turn := self._waiting.popleft()).done():  # else who waited has gone
                turn.set_result(None)
                self._left -= 1
        if self._waiting or self._left < _PIECES_A_ROUND:
            self._schedule()


class FileAnswer(FileResponse):
    """Sends a file that is open already: one that went away after the first line of the answer would cut it.

    Ignores a Range that cannot be read, as RFC 9110 (14.2) says; Starlette answers 400.
    """

    def __init__(self, file: BufferedReader, turns: Turns, *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(file.name, media_type=media_type, headers=headers, stat_result=os.fstat(file.fileno()))
        self._file = file
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)

    async def _handle_simple(self, send: Send, send_header_only: bool, send_pathsend: bool) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._send_part(send, 0, 0 if send_header_only else int(self.headers["content-length"]))

    async def _handle_single_range(
        self, send: Send, start: int, end: int, file_size: int, send_header_only: bool
    ) -> None:
        headers = MutableHeaders(raw=list(self.raw_headers))
        headers["content-range"] = f"bytes {start}-{end - 1}/{file_size}"
        headers["content-length"] = str(end - start)
        await send({"type": "http.response.start", "status": 206, "headers": headers.raw})
        await self._send_part(send, start, start if send_header_only else end)

    async def _send_part(self, send: Send, start: int, end: int) -> None:
        """Few large pieces to who takes them at once, for each costs as much as a poll; small ones to who is slow.

        Until it is taken, a piece waits in memory.
        """
        least, size, most = _PIECE_BYTES
        while True:
            await self._turns.take()
            piece = await self._piece(min(size, end - start), start)
            start += len(piece)
            more = bool(piece) and start < end
            watch = clock.Stopwatch()
            await send({"type": "http.response.body", "body": piece, "more_body": more})
            if not more:
                return
            size = min(2 * size, most) if watch.seconds < _AT_ONCE_SECONDS else least

    async def _piece(self, count: int, start: int) -> bytes:
        """What the system has in memory is copied here; for what it must fetch, a thread waits."""
        piece = _cached(self._file.fileno(), count, start) if count else b""
        if piece is None:
            piece = await anyio.to_thread.run_sync(os.pread, self._file.fileno(), count, start)
        return piece

    @contextlib.asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        """For several ranges, which few ask for."""
        yield anyio.wrap_file(self._file)

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        try:
            ranges = super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            return []
        return ranges if len(ranges) == 1 else []  # several would cost more than the whole, and nobody needs them here


def _cached(descriptor: int, count: int, start: int) -> bytes | None:
    """None where this is not in memory, or where the system or this file system cannot tell."""
    if not hasattr(os, "RWF_NOWAIT"):
        return None
    piece = bytearray(count)
    try:
        read = os.preadv(descriptor, [piece], start, os.RWF_NOWAIT)
    except OSError:
        return None
    return bytes(memoryview(piece)[:read]) if read else None
