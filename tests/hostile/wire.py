"""Bytes on a socket, and what comes back."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass

GENERATE = "/api/nano-banana-2/generate"
REST_SECONDS = 0.3  # for what belongs to the last answer


@dataclass
class Heard:
    """All that the server said until it closed, or until it was silent for so long."""

    data: bytes
    closed: bool
    seconds: float

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n", self.data)]


def connect(port: int, *, seconds: float = 10, receive_buffer: int | None = None) -> socket.socket:
    connection = socket.socket()
    connection.settimeout(seconds)
    if receive_buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.connect(("127.0.0.1", port))
    return connection


def talk(port: int, *parts: bytes, silence: float = 5, until: int | None = None) -> Heard:
    """Send the parts, then listen until the end, the silence, or so many answers."""
    started = time.monotonic()
    heard = Heard(b"", closed=False, seconds=0)
    with connect(port, seconds=silence) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            while True:
                if until is not None and len(heard.statuses) >= until:
                    connection.settimeout(REST_SECONDS)
                data = connection.recv(65536)
                if not data:
                    heard.closed = True
                    break
                heard.data += data
        except (ConnectionResetError, BrokenPipeError):
            heard.closed = True
        except TimeoutError:
            pass
    heard.seconds = time.monotonic() - started
    return heard


def head(*lines: str, path: str = GENERATE, method: str = "POST", end: str = "\r\n") -> bytes:
    """A request's head with exactly these header lines."""
    return end.join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode("latin-1")
