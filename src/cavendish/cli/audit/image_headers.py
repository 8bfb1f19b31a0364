"""Type, width and height of a picture from its first bytes, by a reader of the checker's own."""

from __future__ import annotations

import struct


def read(head: bytes) -> tuple[str, int, int] | None:
    """Type, width and height from the first bytes of a PNG, JPEG or WebP."""
    try:
        if head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR":
            return ("image/png", *struct.unpack(">II", head[16:24]))
        if head[:2] == b"\xff\xd8":
            return ("image/jpeg", *_jpeg_size(head))
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return ("image/webp", *_webp_size(head))
    except (struct.error, IndexError, KeyError):
        return None
    return None


def _jpeg_size(head: bytes) -> tuple[int, int]:
    """Walk the segments to the first frame: SOF0 to SOF15 without the tables that share the range."""
    at = 2
    while True:
        while head[at + 1] == 0xFF:
            at += 1
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]


def _webp_size(head: bytes) -> tuple[int, int]:
    """The three forms of RFC 9649: lossy, lossless, extended."""
    form = head[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    raise KeyError(form)
