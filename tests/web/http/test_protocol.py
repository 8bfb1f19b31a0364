"""The protocol's own limits, on a transport that remembers and a clock that is told: no second passes here."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from cavendish import clock
from cavendish.settings import Settings
from cavendish.web.http import protocol

pytestmark = pytest.mark.anyio

SETTINGS = Settings(
    data=Path("/nowhere"), header_bytes_max=4096, header_seconds=10, body_seconds=15, upload_body_seconds=60,
    discard_bytes_max=100_000, discard_seconds=30,
)  # fmt: skip
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"


class Transport(asyncio.Transport):
    """Takes all that is written at once."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 5000), "sockname": ("192.0.2.2", 8000)})
        self.written = b""
        self.ended = self.closed = False

    def write(self, data: Any) -> None:
        assert not self.ended and not self.closed
        self.written += bytes(data)

    def write_eof(self) -> None:
        self.ended = True

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    @property
    def statuses(self) -> list[int]:
        return [int(line.split()[1]) for line in self.written.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


class Connection:
    """One client's connection to an application that answers as it is told to."""

    def __init__(self, *, reads: bool = True, **settings: Any) -> None:
        self.reads = reads
        self.asked: list[str] = []
        self.ended: list[str] = []
        limits = dataclasses.replace(SETTINGS, **settings)
        config = uvicorn.Config(
            self._app, interface="asgi3", http=protocol.bounded(limits), ws="none", lifespan="off", log_config=None
        )
        config.load()
        self.protocol: Any = config.http_protocol_class(config=config, server_state=ServerState(), app_state={})  # type: ignore[operator, call-arg]
        self.transport = Transport()
        self.protocol.connection_made(self.transport)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        more = self.reads
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.ended.append(scope["path"])
                return
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def sends(self, *parts: bytes) -> Connection:
        for part in parts:
            self.protocol.data_received(part)
            await asyncio.sleep(0)
        for _ in range(500):  # turns of the loop, for what the application does
            await asyncio.sleep(0)
        return self

    def after(self, seconds: float) -> Connection:
        """The look at all connections that is taken so much later."""
        self.protocol.reap(clock.monotonic() + seconds)
        return self


# --- headers


@pytest.mark.parametrize("size", [4040, 4150, 100_000])
@pytest.mark.parametrize("cut", [1, 20, 10_000], ids=lambda cut: f"in {cut} packets")
async def test_headers_over_the_limit_are_431_in_however_many_packets_they_come(size: int, cut: int) -> None:
    whole = len(b"/healthz") + len(b"Host") + len(b"x") + 4
    request = GET + b"X: " + b"a" * (size - whole - 5) + b"\r\n\r\n"
    step = -(-len(request) // cut)

    client = Connection()
    for at in range(0, len(request), step):
        if not client.transport.ended:
            client.protocol.data_received(request[at : at + step])
    await client.sends()

    assert client.transport.statuses == ([404] if size < 4096 else [431])
    assert client.asked == (["/healthz"] if size < 4096 else []), "the application never hears of it"


@pytest.mark.parametrize(
    "request_",
    [
        GET + b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"\r\n",
        GET + b"X" * 5000 + b": a\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["lines", "a name", "the path"],
)
async def test_what_counts_is_all_of_the_head(request_: bytes) -> None:
    client = await Connection().sends(request_)

    assert client.transport.statuses == [431]


async def test_a_body_in_the_same_packet_does_not_count() -> None:
    body = b"a" * 60_000
    request = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + body

    client = await Connection().sends(request, request + GET + b"\r\n", GET + b"X: " + b"a" * 4000 + b"\r\n\r\n")

    assert client.transport.statuses == [404] * 4


async def test_the_second_request_of_a_packet_is_measured_by_itself() -> None:
    small, large = GET + b"\r\n", GET + b"X: " + b"a" * 5000 + b"\r\n\r\n"

    many = await Connection().sends(small * 200)
    assert many.transport.statuses == [404] * 200
    mixed = await Connection().sends(small, small + large + small)
    assert mixed.transport.statuses == [404, 404, 431, 404], "no answer overtakes another"
    assert mixed.asked == ["/healthz"] * 3
    split = await Connection().sends(
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel", b"lo" + large[:3000], large[3000:]
    )
    assert split.transport.statuses == [404, 431]


async def test_whoever_is_refused_gets_time_to_read_why() -> None:
    """What is still on its way is read and thrown away: closed at once, it would reset the answer away."""
    client = await Connection().sends(GET + b"X: " + b"a" * 5000)
    assert client.transport.statuses == [431]
    assert client.transport.ended and not client.transport.closed

    await client.sends(b"a" * 50_000)
    client.after(1)
    assert not client.transport.closed
    await client.sends(b"a" * 60_000)
    assert client.transport.closed, "but not without end"
    assert client.transport.statuses == [431]


async def test_whoever_is_refused_does_not_stay() -> None:
    client = await Connection().sends(GET + b"X: " + b"a" * 5000)

    assert client.after(3).transport.closed


# --- slow bodies


async def test_a_slow_body_is_408_and_the_application_is_told() -> None:
    client = await Connection().sends(POST, b"a")

    assert client.after(14).transport.statuses == []
    assert client.after(16).transport.statuses == [408]
    assert client.transport.ended
    await client.sends(b"a")
    assert client.ended == ["/api/x"]
    assert client.transport.statuses == [408], "once"
    assert client.after(20).transport.closed


async def test_a_slow_body_behind_an_answer_under_way_is_cut_without_another() -> None:
    """Nothing may be said between the two: a proxy would take it for the first one's answer."""
    client = Connection(reads=False)
    client.protocol.data_received(GET + b"\r\n" + POST)

    client.after(16)

    assert client.transport.statuses == []
    assert client.transport.closed


# --- bodies that nobody reads any more


async def test_a_client_that_writes_before_it_reads_gets_the_answer() -> None:
    client = await Connection(reads=False).sends(POST)
    assert client.transport.statuses == [404]

    await client.sends(b"a" * 90_000)
    client.after(29)
    assert not client.transport.closed, "longer than a body that is read may take"
    client.after(31)
    assert client.transport.closed


CLOSING = POST.replace(b"Host: x", b"Host: x\r\nConnection: close")


async def test_so_does_one_that_wants_the_connection_closed() -> None:
    """As Python's urllib does: closed at once, its write fails before it reads."""
    client = await Connection(reads=False).sends(CLOSING)
    assert client.transport.statuses == [404]
    assert client.transport.ended and not client.transport.closed

    await client.sends(b"a" * 90_000)
    client.after(29)
    assert not client.transport.closed
    client.after(31)
    assert client.transport.closed
    assert client.transport.statuses == [404]


async def test_a_body_behind_the_last_answer_has_an_end() -> None:
    client = await Connection(reads=False).sends(CLOSING, b"a" * 90_000)
    assert not client.transport.closed

    await client.sends(b"a" * 20_000)

    assert client.transport.closed


@pytest.mark.parametrize("reads", [True, False])
async def test_a_connection_whose_body_is_there_is_closed_at_once(reads: bool) -> None:
    closing = b"POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"

    client = await Connection(reads=reads).sends(closing)

    assert client.transport.statuses == [404]
    assert client.transport.closed


async def test_a_body_behind_its_answer_has_an_end() -> None:
    client = await Connection(reads=False).sends(POST, b"a" * 90_000)
    assert not client.transport.closed

    await client.sends(b"a" * 20_000)

    assert client.transport.closed


async def test_a_connection_is_used_again_after_a_body_that_nobody_read() -> None:
    client = await Connection(reads=False).sends(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")

    await client.sends(b"a" * 60_000, GET + b"\r\n", b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
    await client.sends(b"a" * 60_000, GET + b"\r\n")

    assert client.transport.statuses == [404] * 4
    assert not client.transport.closed
