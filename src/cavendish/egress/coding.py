"""Undoes the content coding of a host that compresses although nobody asked it to: gzip and deflate, in bounds."""

from __future__ import annotations

import zlib
from typing import Literal

from cavendish.egress.failures import Refused

Coding = Literal["identity", "gzip", "deflate"]

_NAMES: dict[str, Coding] = {
    "": "identity",
    "identity": "identity",
    "gzip": "gzip",
    "x-gzip": "gzip",
    "deflate": "deflate",
}
_TOLD = "could not be fetched: its host compressed it in a way that cannot be undone; give another URL"

# zlib's own numbers for the frame around the compressed bytes.
_GZIP_FRAME, _ZLIB_FRAME, _NO_FRAME = 31, 15, -15
_GZIP_START = b"\x1f\x8b"
# Taken in at once, and given out at once: 64 KiB may become 64 MiB, and a bomb ends at the first step over its bound.
_PIECE_BYTES, _STEP_BYTES = 64 * 1024, 256 * 1024


class TooLarge(Exception):
    """Undone, it has more bytes than it may."""


def named(value: str) -> Coding:
    """What a Content-Encoding says. Raises Refused where it cannot be undone here."""
    found = _NAMES.get(value.strip().lower())
    if found is None:
        raise Refused("compressed, though identity was asked for", told=_TOLD)
    return found


def undone(data: bytes, coding: Coding, *, bytes_max: int) -> bytes:
    """The body as it was. One that ends too early gives what is there: whoever decodes it will say that it is damaged.

    Raises:
        TooLarge: it has more than `bytes_max`.
        Refused: its bytes are not of this coding.
    """
    frame = _frame(data, coding)
    if frame is None:
        return data
    try:
        return _inflated(data, frame, bytes_max=bytes_max)
    except zlib.error as exc:
        raise Refused(f"no {coding}, though it says so", told=_TOLD) from exc


def _frame(data: bytes, coding: Coding) -> int | None:
    """What is around the bytes; None where they are not compressed, whatever their host calls them."""
    if coding == "gzip" and data.startswith(_GZIP_START):
        return _GZIP_FRAME
    if coding == "deflate":
        # By its name the bytes of zlib; some hosts send them without the two at their start, which a checksum tells.
        zlib_start = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        return _ZLIB_FRAME if zlib_start else _NO_FRAME
    return None


def _inflated(data: bytes, frame: int, *, bytes_max: int) -> bytes:
    inflater, result = zlib.decompressobj(frame), bytearray()
    for start in range(0, len(data), _PIECE_BYTES):
        piece = data[start : start + _PIECE_BYTES]
        while piece and not inflater.eof:
            result += inflater.decompress(piece, _STEP_BYTES)
            _refuse_large(result, bytes_max)
            piece = inflater.unconsumed_tail
    result += inflater.flush()  # of a step that ended within the very last of the bytes: a few hundred at the most
    _refuse_large(result, bytes_max)
    return bytes(result)


def _refuse_large(result: bytearray, bytes_max: int) -> None:
    if len(result) > bytes_max:
        raise TooLarge
