"""Valid PNG files of any size, by the standard library."""

from __future__ import annotations

import functools
import random
import struct
import zlib


@functools.lru_cache(maxsize=64)
def png(width: int, height: int, *, noise: int = 0) -> bytes:
    """A plain picture; `noise` random bytes in an ancillary chunk give it a realistic weight."""
    rows = b"".join(b"\0" + bytes((40, 90, 160)) * width for _ in range(height))
    ballast = _chunk(b"noIs", random.Random(noise).randbytes(noise)) if noise else b""
    return with_data(width, height, zlib.compress(rows, 1), ballast)


def with_data(width: int, height: int, data: bytes, before: bytes = b"") -> bytes:
    """What claims to be such a picture, whatever its data is. `before`: chunks in front of it."""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + before
        + _chunk(b"IDAT", data)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
