"""uvicorn's HTTP protocol with what it lacks: a cap on headers, deadlines for slow clients, bounds on connections.

uvicorn with httptools reads headers without end and never closes a socket that sends slowly or nothing at all.
A reaper looks at all connections once a second, so a request costs a few assignments and no timers.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cavendish import clock
from cavendish.settings import Settings
from cavendish.web.http.crowd import Crowd

_REAP_SECONDS = 1.0
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

# Java's client offers HTTP/2 with each request, and the parser takes the body of such a one for another protocol.
# The offer is passed over by a name that means nothing; of the same length, so that nothing is framed anew.
_OFFER = re.compile(rb"\r\nUpgrade:", re.IGNORECASE)
_NO_OFFER = b"\r\nX-grade:"

_IDLE, _HEADERS, _BODY, _ANSWER = "idle", "headers", "body", "answer"


def bounded(settings: Settings) -> type[HttpToolsProtocol]:
    """The protocol class with these limits."""
    crowd = Crowd(settings.connections_max, settings.connections_per_address_max)
    return type("BoundedProtocol", (_Bounded,), {"limits": settings, "crowd": crowd})


class _Bounded(HttpToolsProtocol):
    limits: ClassVar[Settings]
    crowd: ClassVar[Crowd]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._phase = _HEADERS
        self.since = clock.monotonic()
        self._header_bytes = 0
        self._unsent = 0
        self._moved = self.since
        self._body_seconds = self.limits.body_seconds

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if not self.crowd.has_room_for(self):
            self._cut(_FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.crowd.left(self)

    def data_received(self, data: bytes) -> None:
        if self._phase is _IDLE:
            self._phase, self.since = _HEADERS, clock.monotonic()
        if self._phase is not _HEADERS:
            super().data_received(data)
            return
        self._header_bytes += len(data)
        if b"pgrade:" in data:
            data = _OFFER.sub(_NO_OFFER, data)
        super().data_received(data)
        # Judged after parsing: the last packet of headers may carry the start of a body.
        if self._phase is _HEADERS and self._header_bytes > self.limits.header_bytes_max:
            self._cut(_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._phase, self.since = _HEADERS, clock.monotonic()
        self.scope["cavendish.connection"] = self  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        self._phase, self.since = _BODY, clock.monotonic()
        self._body_seconds = self.limits.body_seconds
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        answered = self.cycle.response_complete
        self._phase, self.since, self._header_bytes = _IDLE if answered else _ANSWER, clock.monotonic(), 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._phase is _ANSWER:
            self._phase, self.since = _IDLE, clock.monotonic()

    def wait_for_body(self, scope: Any, seconds: float) -> None:
        """Give the body of this request, if it is still the one that is read, so long from its headers on."""
        if self.scope is scope:
            self._body_seconds = seconds

    def _unsupported_upgrade_warning(self) -> None:
        """After CONNECT: the next request is read afresh."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    @property
    def is_idle(self) -> bool:
        """No request is under way, and none was begun."""
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        return self._phase is _IDLE or (self._phase is _HEADERS and not self._header_bytes)

    def let_go(self) -> None:
        """Close it in the middle of nothing: as if its keep-alive had ended."""
        self.transport.close()

    def reap(self, now: float) -> None:
        """Close this connection if its client is too slow, or has been idle for too long."""
        age = now - self.since
        if self._stuck(now):
            self.transport.abort()  # close() would wait until the client reads
        elif self._phase is _HEADERS and age > self.limits.header_seconds:
            self._cut(_TOO_SLOW)
        elif self._phase is _BODY and age > self._body_seconds:
            self._cut(b"")  # its answer is begun, or given
        elif self.is_idle and age > self._keep_alive_seconds:
            self.let_go()

    @property
    def _keep_alive_seconds(self) -> float:
        """In quiet times uvicorn has a timer, which it loses where a refused request's body comes behind the answer."""
        if self.crowd.is_crowded:
            return min(self.limits.crowded_keep_alive_seconds, self.limits.keep_alive_seconds)
        return self.limits.keep_alive_seconds

    def _stuck(self, now: float) -> bool:
        """Whether the client has not read for too long what was written to it; also while the connection closes."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent or not unsent:
            self._moved = now
        self._unsent = unsent
        return now - self._moved > self.limits.body_seconds

    def _cut(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            if answer and (self.cycle is None or self.cycle.response_complete):
                self.transport.write(answer)
            self.transport.close()


async def reap(connections: set[Any]) -> None:
    """Once a second, let every connection judge itself; until cancelled."""
    while True:
        await asyncio.sleep(_REAP_SECONDS)
        look_at(connections, clock.monotonic())


def look_at(connections: set[Any], now: float) -> None:
    """Close what is too slow by this moment."""
    for connection in list(connections):
        if isinstance(connection, _Bounded):
            connection.reap(now)
