"""What an encoded picture says it is, read from its first bytes in plain Python: no decoder ever sees them here.

Sources: PNG 3rd edition (W3C), section 11.2.1; JPEG (ITU-T T.81), annex B; WebP container (RFC 9649), section 2;
GIF89a, section 17; ISO base media file format (ISO/IEC 14496-12), section 4.3, with the brands of AVIF 1.1 and HEIF.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

# What is stored and served, and beside it what is only read.
MediaType = Literal["image/png", "image/jpeg", "image/webp"]
InputType = Literal[MediaType, "image/gif", "image/avif", "image/heic"]
INPUT_TYPES: tuple[InputType, ...] = get_args(InputType)

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"  # the only form an IEND chunk can have: no data, fixed CRC
JPEG_START = b"\xff\xd8\xff"
# Up to the end mark: a picture with EXIF, XMP and a 2 MB colour profile has about 40, one of 100 scans 500.
JPEG_SEGMENTS_MAX = 2_000
JPEG_END, JPEG_SCAN = 0xD9, 0xDA
JPEG_WITHOUT_LENGTH = frozenset({*range(0x01, 0xC0), *range(0xD0, 0xD9)})
# Start of frame, all codings; C4, C8 and CC in the same range are tables.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Where the next marker is, as libjpeg looks for it: whatever lies between two segments is passed over.
JPEG_MARKER = re.compile(rb"\xff[^\x00\xff]")
# Inside a scan FF 00 is a data byte FF and FF D0 to FF D7 are restarts; any other pair is the next marker.
JPEG_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
WEBP_VP8_START = b"\x9d\x01\x2a"
WEBP_VP8L_SIGNATURE = b"\x2f"
GIF_STARTS = (b"GIF87a", b"GIF89a")
AVIF_BRANDS = {b"avif", b"avis"}  # one picture, a sequence of them
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}  # HEVC in all its profiles
FILE_TYPE_BYTES_MAX = 256  # of the box that lists brands: encoders write 20 to 50


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What a picture's header claims; the pixels behind it are unread and may be anything.

    Attributes:
        width: Pixels, at least 1.
        height: Pixels, at least 1.
    """

    media_type: MediaType
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Scans:
    """The pixels of a JPEG, unread.

    Attributes:
        size: Bytes from the first scan to the end mark, or to the end.
        ended: There is an end mark.
    """

    count: int
    size: int
    ended: bool


def sniff(data: bytes) -> ImageHeader | None:
    """The header of a PNG, JPEG or WebP, or None for anything else. Never raises, whatever the bytes are."""
    media_type = _media_type(data)
    if media_type is None:
        return None
    size = _SIZES[media_type](data)
    if size is None or 0 in size:
        return None
    return ImageHeader(media_type, *size)


def input_type(data: bytes) -> InputType | None:
    """What can be read, as its first bytes say; whatever follows may be anything. None for all else. Never raises."""
    header = sniff(data)
    if header is not None:
        return header.media_type
    if data.startswith(GIF_STARTS):
        return "image/gif"
    brands = _brands(data)
    if brands & AVIF_BRANDS:
        return "image/avif"
    return "image/heic" if brands & HEIC_BRANDS else None


def whole(data: bytes) -> ImageHeader | None:
    """As `sniff`, and None too where the picture has no end mark or not its full length. Decodes nothing."""
    header = sniff(data)
    return header if header is not None and _ENDS[header.media_type](data) else None


def jpeg_scans(data: bytes) -> Scans | None:
    """What a JPEG holds up to its end mark. Each scan costs a decoder a pass over the whole picture.

    None: it has more segments than any picture needs, and what lies behind them was not counted.
    """
    markers = list(itertools.islice(_jpeg_markers(data), JPEG_SEGMENTS_MAX + 1))
    if len(markers) > JPEG_SEGMENTS_MAX:
        return None
    scans = [position for marker, position in markers if marker == JPEG_SCAN]
    ended = bool(markers) and markers[-1][0] == JPEG_END
    end = markers[-1][1] if ended else len(data)
    return Scans(len(scans), end - scans[0] if scans else 0, ended)


def _brands(data: bytes) -> set[bytes]:
    """What a file of the ISO base media format calls itself, first of all."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or not 16 <= size <= FILE_TYPE_BYTES_MAX:
        return set()
    brands = data[8:12] + data[16:size]  # between them lies a version
    return {brands[start : start + 4] for start in range(0, len(brands), 4)}


def _media_type(data: bytes) -> MediaType | None:
    if data.startswith(PNG_SIGNATURE):
        return "image/png"
    if data.startswith(JPEG_START):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[8:16] != b"\x00\x00\x00\rIHDR" or len(data) < 33:
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return (width, height) if max(width, height) < 2**31 else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    for marker, position in itertools.islice(_jpeg_markers(data), JPEG_SEGMENTS_MAX):
        if marker == JPEG_SCAN:
            return None
        if marker in JPEG_FRAMES:
            return _jpeg_frame_size(data, position)
    return None


def _jpeg_frame_size(data: bytes, position: int) -> tuple[int, int] | None:
    if position + 9 > len(data):
        return None
    height, width = struct.unpack_from(">HH", data, position + 5)
    return width, height


def _webp_size(data: bytes) -> tuple[int, int] | None:
    reader = _WEBP_SIZES.get(data[12:16])
    return reader(data) if reader else None


def _webp_lossy_size(data: bytes) -> tuple[int, int] | None:
    if data[23:26] != WEBP_VP8_START or len(data) < 30:
        return None
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _webp_lossless_size(data: bytes) -> tuple[int, int] | None:
    if data[20:21] != WEBP_VP8L_SIGNATURE or len(data) < 25:
        return None
    bits = int.from_bytes(data[21:25], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _webp_extended_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < 30:
        return None
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Markers and where they start, up to the end mark: those that libjpeg would meet, and never fewer.

    What it would not decode at all may be read in any way. What it only warns of is read as it does: bytes between two
    segments, lengths of less than their own two bytes.
    """
    position, following = 2, JPEG_MARKER
    while found := following.search(data, position):
        marker = data[found.end() - 1]
        yield marker, found.start()
        if marker == JPEG_END:
            return
        position = _after_segment(data, marker, found.end())
        following = JPEG_MARKER_IN_SCAN if marker == JPEG_SCAN else JPEG_MARKER


def _after_segment(data: bytes, marker: int, position: int) -> int:
    if marker in JPEG_WITHOUT_LENGTH:
        return position
    return position + max(2, int.from_bytes(data[position : position + 2], "big"))


def _png_ends(data: bytes) -> bool:
    return PNG_END in data


def _jpeg_ends(data: bytes) -> bool:
    scans = jpeg_scans(data)
    return scans is not None and scans.ended


def _webp_ends(data: bytes) -> bool:
    return len(data) >= 8 + int.from_bytes(data[4:8], "little")


_SIZES = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/webp": _webp_size}
_ENDS = {"image/png": _png_ends, "image/jpeg": _jpeg_ends, "image/webp": _webp_ends}
_WEBP_SIZES = {b"VP8 ": _webp_lossy_size, b"VP8L": _webp_lossless_size, b"VP8X": _webp_extended_size}
