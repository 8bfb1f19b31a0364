"""Whoever is too slow, too silent or too much is cut, and everybody else is served meanwhile."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import orjson
import psutil
import pytest
import wire
from cavendish_test_engines.png import png

from harness.inprocess import Account
from harness.served_app import ServedApp

# Header and body deadlines here are 1 s and 1.5 s, and 4 s behind an answer, looked at once a second; the rest is for a
# busy machine.
CUT_SECONDS = 8.0
MANY = 100


@dataclass
class Slow:
    """A client that sends a piece now and then and never reads unless told."""

    connection: socket.socket
    piece: bytes = b""
    reads: bool = True
    cut_after: float | None = None
    heard: bytes = b""

    def turn(self, now: float) -> None:
        try:
            if self.piece:
                self.connection.send(self.piece)
            if self.reads and select.select([self.connection], [], [], 0)[0]:
                data = self.connection.recv(65536)
                self.heard += data
                if not data:
                    self.cut_after = now
            if not self.reads and select.select([], [], [self.connection], 0)[2]:
                self.cut_after = now
        except OSError:
            self.cut_after = now


def begun(port: int, sent: bytes, *, piece: bytes = b"", **options: int) -> Slow:
    connection = wire.connect(port, **options)
    connection.sendall(sent)
    return Slow(connection, piece)


@pytest.fixture(scope="module")
def picture(server: ServedApp) -> str:
    """Path of a picture of 400 kB, put into the storage by hand."""
    name = "ab" * 16 + "-1.png"
    file = server.served.data / "storage" / "generations" / "ab" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(png(1376, 768, noise=400_000))
    return f"/generations/{name}"


@pytest.fixture(scope="module")
def cut(server: ServedApp, account: Account) -> dict[str, Slow]:
    """All kinds of slow clients at once, until each is cut or the time is over."""
    port, login = server.port, f"Authorization: Bearer {account.key}"
    head = wire.head(login)[:-2]
    kinds: dict[str, Callable[[], Slow]] = {
        "silent": lambda: begun(port, b""),
        "one byte": lambda: begun(port, b"P"),
        "half a request line": lambda: begun(port, b"POST /api/nano"),
        "headers, one byte at a time": lambda: begun(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", piece=b"a"),
        "headers, one line at a time": lambda: begun(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n", piece=b"X: a\r\n"),
        "empty lines": lambda: begun(port, b"", piece=b"\r\n"),
        "body, nothing": lambda: begun(port, head + b"Content-Length: 100\r\n\r\n"),
        "body, one byte at a time": lambda: begun(port, head + b"Content-Length: 100000\r\n\r\n", piece=b" "),
        "body, one chunk at a time": lambda: begun(
            port, head + b"Transfer-Encoding: chunked\r\n\r\n", piece=b"1\r\n \r\n"
        ),
        "body after its refusal": lambda: begun(
            port, b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", piece=b" "
        ),
        "second request, half": lambda: begun(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /he"),
    }
    clients = {name: begin() for name, begin in kinds.items()}
    clients |= {f"silent {n}": begun(port, b"") for n in range(MANY)}
    started = time.monotonic()
    while time.monotonic() - started < CUT_SECONDS and any(slow.cut_after is None for slow in clients.values()):
        for slow in clients.values():
            if slow.cut_after is None:
                slow.turn(time.monotonic() - started)
        time.sleep(0.05)
    for slow in clients.values():
        slow.connection.close()
    return clients


KINDS = [
    "silent",
    "one byte",
    "half a request line",
    "headers, one byte at a time",
    "headers, one line at a time",
    "empty lines",
    "body, nothing",
    "body, one byte at a time",
    "body, one chunk at a time",
    "body after its refusal",
    "second request, half",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_client_is_cut(cut: dict[str, Slow], kind: str) -> None:
    assert cut[kind].cut_after is not None, f"still there after {CUT_SECONDS} s"


def test_a_hundred_silent_clients_are_cut(cut: dict[str, Slow]) -> None:
    assert all(cut[f"silent {n}"].cut_after is not None for n in range(MANY))


def test_a_cut_client_gets_one_answer_at_most(cut: dict[str, Slow]) -> None:
    """A second one could be taken for the answer to another request by a proxy in between."""
    for kind in KINDS:
        answers = wire.Heard(cut[kind].heard, closed=True, seconds=0).statuses
        assert answers in ([], [408], [404], [200, 408]), (kind, cut[kind].heard)
    for kind in ("silent", "body, nothing", "body, one byte at a time", "body, one chunk at a time"):
        assert wire.Heard(cut[kind].heard, closed=True, seconds=0).statuses == [408], kind


@pytest.mark.parametrize("size", [33_000, 60_000, 100_000, 1_000_000])
def test_headers_over_32_kib_are_431_in_one_packet_too(server: ServedApp, size: int) -> None:
    """100,000 bytes passed: they had come whole before they were looked at."""
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * size + b"\r\n\r\n"

    assert wire.talk(server.port, request, until=1).statuses == [431]


def test_headers_of_32_kib_pass(server: ServedApp) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 32_600 + b"\r\n\r\n"

    assert wire.talk(server.port, request, until=1).statuses == [200]


@pytest.mark.parametrize("closing", ["keep-alive", "close"])
def test_a_client_that_writes_30_mb_before_it_reads_gets_the_answer(server: ServedApp, closing: str) -> None:
    """As Python's urllib does, which wants the connection closed; it was reset, and the answer lost."""
    head = wire.head(f"Connection: {closing}", "Content-Length: 30000000")

    heard = wire.talk(server.port, head, *[b"a" * 1_000_000] * 30, until=1)

    assert heard.statuses == [401]


def test_nor_does_it_matter_that_it_writes_slowly(server: ServedApp) -> None:
    """Longer than a body may take that somebody waits for."""
    with wire.connect(server.port) as connection:
        connection.sendall(wire.head("Connection: close", "Content-Length: 3000000"))
        for _ in range(30):
            connection.sendall(b"a" * 100_000)
            time.sleep(0.1)
        assert b" 401 " in connection.recv(65536)


def test_others_are_served_meanwhile(server: ServedApp, account: Account) -> None:
    silent = [begun(server.port, b"") for _ in range(MANY)]
    try:
        slowest = 0.0
        with httpx2.Client(base_url=server.url, headers=account.headers) as client:
            for _ in range(20):
                started = time.monotonic()
                assert client.get("/healthz").status_code == 200
                slowest = max(slowest, time.monotonic() - started)
        assert slowest < 1.0
    finally:
        for slow in silent:
            slow.connection.close()


def test_a_client_that_is_idle_between_requests_is_kept(server: ServedApp) -> None:
    """Keep-alive is not slowness."""
    with httpx2.Client(base_url=server.url) as client:
        client.get("/healthz")
        before = port_of(client)
        time.sleep(2.5)
        client.get("/healthz")
        assert port_of(client) == before


def port_of(client: httpx2.Client) -> int:
    stream = client.get("/healthz").extensions["network_stream"]
    return int(stream.get_extra_info("client_addr")[1])


# --- readers


def connections(server: ServedApp, client_port: int) -> int:
    """How many sockets the API process holds towards this client's port."""
    (process,) = server.served.children("cavendish.processes.api")
    return sum(found.raddr.port == client_port for found in process.net_connections("tcp") if found.raddr)


def is_let_go(server: ServedApp, connection: socket.socket) -> bool:
    client_port = connection.getsockname()[1]
    end = time.monotonic() + CUT_SECONDS
    while time.monotonic() < end:
        if connections(server, client_port) == 0:
            return True
        time.sleep(0.1)
    return False


def test_a_client_that_never_reads_its_pictures_is_cut(server: ServedApp, picture: str) -> None:
    request = f"GET {picture} HTTP/1.1\r\nHost: x\r\n\r\n".encode()

    with wire.connect(server.port, receive_buffer=2048) as connection:
        connection.sendall(request * 20)

        assert is_let_go(server, connection)


@pytest.fixture(scope="module")
def talkative(server: ServedApp) -> Account:
    """An account whose list is eight megabytes long."""
    account = server.account(credits=1000)
    with httpx2.Client(base_url=server.url, headers=account.headers, timeout=30) as client:
        for n in range(100):
            body = orjson.dumps({"prompt": f"{n}" + "湖" * 19_900, "mode": "generate"})
            assert client.post("/api/nano-banana-2/generate", content=body).status_code == 200
    return account


@pytest.mark.parametrize("connection_header", ["keep-alive", "close"])
def test_a_client_that_never_reads_a_long_answer_is_cut(
    server: ServedApp, talkative: Account, connection_header: str
) -> None:
    """An answer that is written in one piece is complete for the server long before it is sent."""
    request = (
        f"GET /api/v1/generations?limit=100 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {talkative.key}\r\n"
        f"Connection: {connection_header}\r\n\r\n"
    )

    with wire.connect(server.port, receive_buffer=2048) as connection:
        connection.sendall(request.encode())
        time.sleep(0.5)

        assert is_let_go(server, connection)


def test_a_client_that_reads_slowly_but_steadily_gets_everything(server: ServedApp, picture: str) -> None:
    request = f"GET {picture} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()

    data, started = b"", time.monotonic()
    with wire.connect(server.port, receive_buffer=2048) as connection:
        connection.sendall(request)
        while piece := connection.recv(8192):
            data += piece
            time.sleep(len(piece) / 8192 * 0.07)

    assert len(data.partition(b"\r\n\r\n")[2]) > 400_000
    assert time.monotonic() - started > 3, "longer than a client may be stuck"


# --- floods


@pytest.mark.parametrize(
    "flood",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(300_000)),
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 3_000_000,
        b"GET /" + b"a" * 3_000_000,
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"a" * 3_000_000,
    ],
    ids=["lines", "one value", "the path", "one name"],
)
def test_a_flood_of_headers_is_cut_without_being_kept(server: ServedApp, flood: bytes) -> None:
    (process,) = server.served.children("cavendish.processes.api")
    before = process.memory_info().rss

    heard = wire.talk(server.port, flood)

    assert heard.closed
    assert set(heard.statuses) <= {400, 431}
    assert process.memory_info().rss - before < 20 * 2**20


def test_clients_that_leave_in_the_middle_fill_no_log(server: ServedApp, account: Account) -> None:
    """Each once printed a traceback of 45 lines."""
    before = len(server.logged.splitlines())

    for _ in range(50):
        with wire.connect(server.port) as connection:
            connection.sendall(wire.head(f"Authorization: Bearer {account.key}", "Content-Length: 100") + b"{")
    time.sleep(0.5)

    written = server.logged.splitlines()[before:]
    assert not any("Traceback" in line for line in written)
    assert len([line for line in written if "generation" not in line]) <= 50


def test_the_server_is_well_afterwards(server: ServedApp) -> None:
    (process,) = server.served.children("cavendish.processes.api")

    assert process.status() != psutil.STATUS_ZOMBIE
    assert httpx2.get(f"{server.url}/readyz").status_code == 200
