"""XMP put into a finished file without touching its pixels, and whether a file carries a C2PA manifest.

Sources: PNG 3rd edition, 5.3 (chunks) and 11.3.3.4 (iTXt); XMP specification part 3, 1.1.3 (JPEG) and 1.1.5 (PNG);
RFC 9649, 2.7 (WebP, extended format); C2PA 2.2, appendix A.3 (where manifests stand).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from cavendish.imaging import sniff

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\0\0\0\0\0"
_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_SEGMENT_BYTES_MAX = 65_533
_WEBP_XMP, _WEBP_ALPHA = 0x04, 0x10
_MARKS_OF_A_MANIFEST = (b"caBX", b"jumb", b"C2PA")


class DoesNotFit(ValueError):
    """The file has no place for it: it is built otherwise than its type says, or the text is too long."""


def may_have_manifest(data: bytes) -> bool:
    """False: there is certainly none. Fast, for nearly all files have none."""
    return any(mark in data for mark in _MARKS_OF_A_MANIFEST)


def with_xmp(data: bytes, media_type: str, packet: bytes) -> bytes:
    """The same file with this packet in place of any that it had.

    Raises:
        DoesNotFit: it has no place for it.
    """
    try:
        return _WRITERS[media_type](data, packet)
    except (struct.error, IndexError) as exc:
        raise DoesNotFit("the file is built otherwise than its type says") from exc


def xmp(data: bytes, media_type: str) -> bytes | None:
    """The packet of such a file, None where it has none that can be read at once."""
    try:
        return next(_READERS[media_type](data), None) if media_type in _READERS else None
    except (struct.error, IndexError, DoesNotFit):
        return None


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each chunk, its length and checksum among them."""
    if not data.startswith(_PNG_SIGNATURE):
        raise DoesNotFit("no PNG")
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], at, at + 12 + length
        at += 12 + length


def _png(data: bytes, packet: bytes) -> bytes:
    body = b"iTXt" + _PNG_XMP + packet
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    pieces, placed = [data[: len(_PNG_SIGNATURE)]], False
    for kind, start, end in _png_chunks(data):
        if kind == b"IDAT" and not placed:
            pieces.append(chunk)
            placed = True
        if not (kind == b"iTXt" and data.startswith(_PNG_XMP[:18], start + 8)):
            pieces.append(data[start:end])
    if not placed:
        raise DoesNotFit("no pixels")
    return b"".join(pieces)


def _png_xmp(data: bytes) -> Iterator[bytes]:
    for kind, start, end in _png_chunks(data):
        if kind == b"iTXt" and data.startswith(_PNG_XMP, start + 8):
            yield data[start + 8 + len(_PNG_XMP) : end - 4]


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the pixels."""
    if data[:2] != b"\xff\xd8":
        raise DoesNotFit("no JPEG")
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], at, at + 2 + length
        at += 2 + length


def _jpeg(data: bytes, packet: bytes) -> bytes:
    body = _JPEG_XMP + packet
    if len(body) > _SEGMENT_BYTES_MAX:
        raise DoesNotFit("the XMP is too long for a JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    before, end = [data[:2]], 2
    kept: list[bytes] = []
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE0 and not kept:  # JFIF comes first
            before.append(data[start:end])
        elif not (marker == 0xE1 and data.startswith(_JPEG_XMP, start + 4)):
            kept.append(data[start:end])
    return b"".join([*before, segment, *kept, data[end:]])


def _jpeg_xmp(data: bytes) -> Iterator[bytes]:
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE1 and data.startswith(_JPEG_XMP, start + 4):
            yield data[start + 4 + len(_JPEG_XMP) : end]


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each chunk, its padding among them."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise DoesNotFit("no WebP")
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        end = at + 8 + length + (length & 1)
        yield data[at : at + 4], at, end
        at = end


def _webp(data: bytes, packet: bytes) -> bytes:
    header = sniff.sniff(data)
    if header is None:
        raise DoesNotFit("no WebP")
    chunks = [(kind, data[start:end]) for kind, start, end in _webp_chunks(data)]
    kinds = {kind for kind, _ in chunks}
    if b"VP8X" not in kinds:
        flags = _WEBP_ALPHA if _has_alpha(chunks[0]) else 0
        size = struct.pack("<I", header.width - 1)[:3] + struct.pack("<I", header.height - 1)[:3]
        chunks.insert(0, (b"VP8X", b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + size))
    kind, first = chunks[0]
    if kind != b"VP8X":
        raise DoesNotFit("the extended header is not the first chunk")
    chunks[0] = (kind, first[:8] + bytes([first[8] | _WEBP_XMP]) + first[9:])
    chunk = b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) & 1)
    body = b"WEBP" + b"".join(piece for kind, piece in chunks if kind != b"XMP ") + chunk
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _has_alpha(chunk: tuple[bytes, bytes]) -> bool:
    """Of a lossless picture: a bit behind its signature and its two 14-bit sides."""
    kind, piece = chunk
    return kind == b"VP8L" and bool(piece[12] & 0x10)


def _webp_xmp(data: bytes) -> Iterator[bytes]:
    for kind, start, _ in _webp_chunks(data):
        if kind == b"XMP ":
            (length,) = struct.unpack_from("<I", data, start + 4)
            yield data[start + 8 : start + 8 + length]


_WRITERS = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}
_READERS = {"image/png": _png_xmp, "image/jpeg": _jpeg_xmp, "image/webp": _webp_xmp}
