"""A small internet on loopback: hosts at public addresses, names that answer as told, and a canary behind every
address where nobody should knock."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore2

from cavendish.egress.addresses import Network
from cavendish.egress.clients import ForeignFetcher
from cavendish.egress.limits import ForeignLimits

PUBLIC = "93.184.216.34"
PUBLIC_V6 = "2606:4700::6810:84e5"
# Every class of address that a host must never lead to.
FORBIDDEN = """
    0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 168.63.129.16 169.254.169.254 172.16.0.1 192.0.0.192
    192.88.99.1 192.168.0.1 224.0.0.1 :: ::1 ::7f00:1 ::ffff:127.0.0.1 64:ff9b::a9fe:a9fe 2001:0:4136:e378::fdd2
    2002:7f00:1:: 2606:4700::5efe:a00:1 3fff::1 fd00:ec2::254 fe80::1 fec0::1
""".split()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
NO_PICTURE = b"<html>a page</html>"

# Small enough for a fast test, far enough apart that a busy machine does not mix them up.
LIMITS = ForeignLimits(
    body_bytes_max=64 * 1024,
    wire_bytes_max=128 * 1024,
    pieces_max=500,
    head_bytes_max=16 * 1024,
    headers_max=50,
    redirects_max=5,
    connect_seconds=2.0,
    read_seconds=0.6,
    total_seconds=8.0,
    rate_bytes_per_second_min=4000,
    rate_grace_seconds=0.3,
)

SSL_CONTEXT = ssl.create_default_context()

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(raw: bytes) -> Handler:
    """Reads one request head, says `raw`, hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()

    return handle


def response(status: str = "200 OK", body: bytes = PNG, **headers: str) -> bytes:
    """A well-formed answer; keyword names become header names."""
    fields = {"Content-Type": "image/png", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> Handler:
    return answering(response(f"{status} Elsewhere", b"", Location=location))


class Host:
    """A raw server on a free port of 127.0.0.1 that remembers who came and what they said."""

    def __init__(self, handler: Handler) -> None:
        self.connections = 0
        self.received = b""
        self._handler = handler
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets closed transports go before their loop does

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        feed = reader.feed_data

        def remember(data: bytes) -> None:
            self.received += bytes(data)
            feed(data)

        reader.feed_data = remember  # type: ignore[method-assign,assignment]
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._handler(reader, writer)
        finally:
            writer.close()
            self._tasks.discard(task)


class Lab(httpcore2.AsyncNetworkBackend):
    """What the guard dials and asks. Addresses without a host lead to the canary.

    Attributes:
        names: Name to its answers, one list per look-up; the last one stays.
        peer: When set, every connection claims to lead there.
    """

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.dials: list[tuple[str, int]] = []
        self.lookups: list[str] = []
        self.tls_names: list[str | None] = []
        self.peer: tuple[str, int] | None = None
        self.dead: set[str] = set()
        self.hung: set[str] = set()
        self._hosts: dict[tuple[str, int], Host] = {}
        self.canary = Host(answering(response()))
        self._network = httpcore2.AnyIOBackend()

    async def open(self) -> None:
        await self.canary.open()

    async def close(self) -> None:
        for host in (self.canary, *self._hosts.values()):
            await host.close()

    async def host(self, address: str, handler: Handler, *, port: int = 80) -> Host:
        host = self._hosts[address, port] = Host(handler)
        await host.open()
        return host

    def fetcher(
        self, *, allow_networks: Sequence[Network] = (), limits: ForeignLimits = LIMITS, real_network: bool = False
    ) -> ForeignFetcher:
        return ForeignFetcher(
            wanted=lambda data: data != NO_PICTURE,
            allow_networks=allow_networks,
            resolve=self.resolve,
            network=self._network if real_network else self,
            ssl_context=SSL_CONTEXT,
            limits=limits,
        )

    async def resolve(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        answers = self.names.get(host)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> LabStream:
        self.dials.append((host, port))
        if host in self.dead:
            raise httpcore2.ConnectError("no route")
        if host in self.hung:
            await asyncio.sleep(60)
        there = self._hosts.get((host, port), self.canary)
        stream = await self._network.connect_tcp("127.0.0.1", there.port, timeout=timeout)
        return LabStream(self, stream, self.peer or (host, port))


class LabStream(httpcore2.AsyncNetworkStream):
    """A loopback connection that claims the peer it stands for; its TLS only notes the name it was asked for."""

    def __init__(self, lab: Lab, stream: httpcore2.AsyncNetworkStream, peer: tuple[str, int]) -> None:
        self._lab = lab
        self._stream = stream
        self._peer = peer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> LabStream:
        self._lab.tls_names.append(server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._peer if info == "server_addr" else None
