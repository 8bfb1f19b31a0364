"""`python -m benchmarks.downloader URL CONNECTIONS SECONDS`: read one file over and over; prints how many as JSON.

As little work as can be: what is read is counted and thrown away.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
import urllib.parse
from dataclasses import dataclass, field

_BUFFER_BYTES = 1024 * 1024
_SILENCE_SECONDS = 10.0
_HEAD_END = b"\r\n\r\n"


@dataclass
class _Reader:
    """One connection: asks, reads the head, counts the body, asks again."""

    connection: socket.socket
    request: bytes
    head: bytearray = field(default_factory=bytearray)
    left: int = 0

    def ask(self) -> None:
        self.head.clear()
        self.connection.sendall(self.request)

    def read(self, buffer: bytearray) -> bool:
        """Whether this was the end of a file."""
        count = self.connection.recv_into(buffer)
        if not count:
            raise RuntimeError("the server closed a connection")
        if not self.left:
            self.head += buffer[:count]
            if _HEAD_END not in self.head:
                return False
            head, _, rest = bytes(self.head).partition(_HEAD_END)
            if not head.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"the server answered {head[:40]!r}")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self.left, count = int(length.partition(b":")[2]), len(rest)
        self.left -= count
        return not self.left


def main() -> int:
    url, connections, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    parts = urllib.parse.urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        reader = _Reader(socket.create_connection((parts.hostname, parts.port)), request)
        selector.register(reader.connection, selectors.EVENT_READ, reader)
        reader.ask()
    buffer, count, started = bytearray(_BUFFER_BYTES), 0, time.monotonic()
    while (elapsed := time.monotonic() - started) < seconds:
        for key, _ in selector.select(_SILENCE_SECONDS):
            if key.data.read(buffer):
                count += 1
                key.data.ask()
    print(json.dumps({"count": count, "seconds": elapsed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
