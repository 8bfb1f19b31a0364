"""Counts one answer on the wire, below TLS's plain text and above HTTP: how much, and how fast."""

from __future__ import annotations

import ssl
from typing import Any

import httpcore2

from cavendish import clock
from cavendish.egress.failures import TOO_SLOW, Refused
from cavendish.egress.limits import ForeignLimits


class Meter:
    """The allowance of one answer: first for its head, then for its body."""

    def __init__(self, limits: ForeignLimits) -> None:
        self._limits = limits
        self._left = limits.head_bytes_max
        self._bytes = 0
        self._first: clock.Stopwatch | None = None

    def allowed(self, wanted: int) -> int:
        """How many bytes may be read now, at most `wanted`. Raises Refused where none is left."""
        if self._left <= 0:
            raise Refused("the answer is too large")
        return min(wanted, self._left)

    def count(self, size: int) -> None:
        """Note bytes that came. Raises Refused where they come too slowly."""
        self._first = self._first or clock.Stopwatch()
        self._left -= size
        self._bytes += size
        seconds = self._first.seconds
        if seconds > self._limits.rate_grace_seconds and self._bytes < seconds * self._limits.rate_bytes_per_second_min:
            raise Refused("the answer comes too slowly", told=TOO_SLOW)

    def head_ended(self) -> None:
        """From here on the body's allowance holds."""
        self._left = self._limits.wire_bytes_max


class MeteredStream(httpcore2.AsyncNetworkStream):
    """A connection whose reads are metered, under TLS too."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._stream.read(self._meter.allowed(max_bytes), timeout)
        if data:
            self._meter.count(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> MeteredStream:
        return MeteredStream(await self._stream.start_tls(ssl_context, server_hostname, timeout), self._meter)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
