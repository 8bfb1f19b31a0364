"""Whether a PNG has all of its pixels: inflated and counted, row by row, without making a picture of them.

A decoder is no judge of that: Pillow draws black where the data ends early, and takes three times as long. Source: PNG
3rd edition (W3C), sections 4.5 (passes), 8.1 (Adam7), 9.2 (filters), 10.1 (compression), 11.2 (IHDR, PLTE, IDAT).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

SIGNATURE_BYTES = 8
# Channels of a colour type and the depths that it may have.
COLOURS = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)), 6: (4, (8, 16))}
PALETTE = 3
# Where each pass begins and how far apart its pixels are, across and down.
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
IN_ONE_PASS = ((0, 0, 1, 1),)
FILTERS = {0, 1, 2, 3, 4}


def has_all_rows(data: bytes) -> bool:
    """Whether every row that the header promises is there, with a filter that exists.

    Raises:
        zlib.error: the compressed data is damaged.
    """
    header = bytes(next((body for kind, body in _chunks(data) if kind == b"IHDR"), b""))
    passes = _passes(header)
    if not passes or (header[9] == PALETTE and not any(kind == b"PLTE" for kind, _ in _chunks(data))):
        return False
    expected = sum(row_bytes * rows for row_bytes, rows in passes)
    pixels = _inflated(data, expected)
    return len(pixels) == expected and _filters(pixels, passes) <= FILTERS


def _passes(header: bytes) -> list[tuple[int, int]]:
    """Bytes of a row, its filter among them, and rows of each pass; nothing where the header allows no picture."""
    if len(header) != 13:
        return []
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, colour, compression, filtering, interlace = header[8:]
    channels, depths = COLOURS.get(colour, (0, ()))
    if depth not in depths or compression or filtering or interlace > 1:
        return []
    sizes = _sizes(width, height, ADAM7 if interlace else IN_ONE_PASS)
    return [(1 + -(-columns * channels * depth // 8), rows) for columns, rows in sizes]


def _sizes(width: int, height: int, grids: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    """Columns and rows of each pass that has any."""
    sizes = ((-(-(width - left) // across), -(-(height - top) // down)) for left, top, across, down in grids)
    return [(columns, rows) for columns, rows in sizes if columns > 0 and rows > 0]


def _inflated(data: bytes, size: int) -> bytearray:
    """The first `size` bytes of the compressed data, or fewer."""
    inflater, result = zlib.decompressobj(), bytearray()
    for kind, body in _chunks(data):
        if kind == b"IDAT" and len(result) < size:
            result += inflater.decompress(body, size - len(result))
    return result


def _filters(pixels: bytearray, passes: list[tuple[int, int]]) -> set[int]:
    found, start = set[int](), 0
    for row_bytes, rows in passes:
        found.update(pixels[start : start + row_bytes * rows : row_bytes])
        start += row_bytes * rows
    return found


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Up to the end, or to where the next chunk would not be whole."""
    view, position = memoryview(data), SIGNATURE_BYTES
    while position + 12 <= len(data):
        size = int.from_bytes(view[position : position + 4], "big")
        kind = bytes(view[position + 4 : position + 8])
        body = view[position + 8 : position + 8 + size]
        if len(body) < size or kind == b"IEND":
            return
        yield kind, body
        position += 12 + size
