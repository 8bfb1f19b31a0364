"""uvicorn's HTTP protocol with what it lacks: a cap on headers, deadlines for slow clients, bounds on connections.

uvicorn with httptools reads headers without end and never closes a socket that sends slowly or nothing at all.
A reaper looks at all connections once a second, so a request costs a few assignments and no timers.

Many a client writes its whole request before it reads a word. Closed while bytes of it are on their way, the connection
is reset, and the answer is lost. So what follows an answer is read and thrown away, within bounds, before it is closed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from itertools import chain
from typing import Any, ClassVar

import httptools
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cavendish import clock
from cavendish.settings import Settings
from cavendish.web.http.crowd import Crowd

_REAP_SECONDS = 1.0
_LAST_WORD_SECONDS = 2.0  # to read why, before the connection closes
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

# Java's client offers HTTP/2 with each request, and the parser takes the body of such a one for another protocol.
# The offer is passed over by a name that means nothing; of the same length, so that nothing is framed anew.
_OFFER = re.compile(rb"\r\nUpgrade:", re.IGNORECASE)
_NO_OFFER = b"\r\nX-grade:"

_IDLE, _HEADERS, _BODY, _ANSWER, _LEAVING = "idle", "headers", "body", "answer", "leaving"


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
        self._discarded = 0
        self._leaving_seconds = _LAST_WORD_SECONDS
        self._unsent = 0
        self._moved = self.since
        self._body_seconds = self.limits.body_seconds

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._door = _Door(transport, self._leave)
        if not self.crowd.has_room_for(self):
            self._cut(_FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.crowd.left(self)

    def data_received(self, data: bytes) -> None:
        if self._phase is _IDLE:
            self._phase, self.since = _HEADERS, clock.monotonic()
        if self._phase is not _HEADERS:
            if self._phase is _LEAVING or (self._phase is _BODY and self.cycle.response_complete):
                self._discard(len(data))
            if self._phase is not _LEAVING:
                super().data_received(data)
            return
        self._header_bytes += len(data)
        if b"pgrade:" in data:
            data = _OFFER.sub(_NO_OFFER, data)
        super().data_received(data)
        # Judged after parsing: the last packet of headers may carry the start of a body.
        if self._phase is _HEADERS and self._header_bytes > self.limits.header_bytes_max:
            self._refuse(_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._phase, self.since = _HEADERS, clock.monotonic()
        self.scope["cavendish.connection"] = self  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        self._phase, self.since = _BODY, clock.monotonic()
        self._body_seconds = self.limits.body_seconds
        fits = self._head_size() <= self.limits.header_bytes_max  # it may have come whole, in one packet
        self.app = self.config.loaded_app if fits else _too_large
        super().on_headers_complete()
        self.cycle.transport = self._door  # type: ignore[assignment]  # all that a cycle asks of it

    def on_message_complete(self) -> None:
        super().on_message_complete()
        answered = self.cycle.response_complete
        self._phase, self.since, self._header_bytes = _IDLE if answered else _ANSWER, clock.monotonic(), 0

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._phase is _ANSWER:
            self._phase, self.since = _IDLE, clock.monotonic()
        elif self._phase is _BODY and self.cycle.response_complete:
            self.since, self._discarded = clock.monotonic(), 0

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
        elif self._phase is _LEAVING and age > self._leaving_seconds:
            self._cut(b"")
        elif self._phase is _BODY and age > self._patience():
            self._refuse(_TOO_SLOW)
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

    def _patience(self) -> float:
        """Seconds for the body."""
        return self.limits.discard_seconds if self.cycle.response_complete else self._body_seconds

    def _head_size(self) -> int:
        """Bytes of the request line and the headers, give or take a blank."""
        return len(self.url) + 4 * len(self.headers) + sum(map(len, chain.from_iterable(self.headers)))

    def _discard(self, count: int) -> None:
        """Of a body that is answered already."""
        self._discarded += count
        if self._discarded > self.limits.discard_bytes_max:
            self._cut(b"")

    def _refuse(self, answer: bytes) -> None:
        """Answer instead of the application, where that is still open, and close once the client had time to read."""
        if self.transport.is_closing() or not self._is_open():
            self._cut(b"")
            return
        if self._phase is _BODY:
            self.cycle.disconnected = True  # the application hears that nobody is there
            self.cycle.message_event.set()
        self.transport.write(answer)
        self._linger(_LAST_WORD_SECONDS)

    def _leave(self) -> None:
        """Close behind an answer that is the last one; its body may still be on its way."""
        if self._phase is _BODY and not self.pipeline and not self.transport.is_closing():
            self._linger(self.limits.discard_seconds)
        else:
            self.transport.close()

    def _linger(self, seconds: float) -> None:
        """Say that nothing more will be said, and close when the client has ended too, or after so long."""
        self.transport.write_eof()
        self.flow.resume_reading()
        self._phase, self.since, self._discarded, self._leaving_seconds = _LEAVING, clock.monotonic(), 0, seconds

    def _is_open(self) -> bool:
        """Whether nothing was said yet to the request that is read now, and all to those before it."""
        if self._phase is _BODY:
            return not self.pipeline and not self.cycle.response_started
        return self.cycle is None or self.cycle.response_complete

    def _cut(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            if answer and (self.cycle is None or self.cycle.response_complete):
                self.transport.write(answer)
            self.transport.close()


class _Door:
    """The transport as a request sees it: whoever closes it leaves politely."""

    def __init__(self, transport: asyncio.Transport, leave: Callable[[], None]) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, leave


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """In the place of the application, so that no answer overtakes another."""
    await send({"type": "http.response.start", "status": 431, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


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
