"""An invisible mark in the pixels that carries a number, for pictures that lose everything else on their way.

What it survives is measured: docs/marks.md. It is no proof against somebody who wants it gone, and nothing found proves
nothing. Blocking work on untrusted pixels: in killable children only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cavendish.marks.watermark import reader, writer
from cavendish.marks.watermark.carriers import PAYLOAD_BITS
from cavendish.marks.watermark.planes import Pixels

__all__ = ["PAYLOAD_BITS", "DoesNotFit", "Found", "Pixels", "detect", "embed", "fits"]

SIDE_MIN = 64  # pixels
PIXELS_MIN = 200 * 200  # the shortest wave has three pixels then


class DoesNotFit(ValueError):
    """The picture is too small to carry a mark."""


@dataclass(frozen=True, slots=True)
class Found:
    """A mark.

    Attributes:
        payload: The number that was embedded.
        confidence: How likely it is the right number.
        p_value: A bound on the chance that a picture without a mark of this key gives as much; `reader` derives it.
        scale: 1 where the picture is whole, less where it was cut.
    """

    payload: int
    confidence: float
    p_value: float
    scale: float


def fits(width: int, height: int) -> bool:
    """Whether a picture of so many pixels can carry a mark."""
    return min(width, height) >= SIDE_MIN and width * height >= PIXELS_MIN


def embed(pixels: Pixels, payload: int, key: bytes) -> Pixels:
    """A copy of a picture that carries `payload`, of `PAYLOAD_BITS` bits.

    Args:
        pixels: Rows of pixels with 8 bits a channel: grey, RGB or RGBA. Size, channels and transparency stay.

    Raises:
        DoesNotFit: the picture is too small; `fits` tells before.
    """
    assert 0 <= payload < 1 << PAYLOAD_BITS
    _check(pixels)
    height, width = pixels.shape[:2]
    if not fits(width, height):
        raise DoesNotFit(f"{width}x{height} pixels are too few for a mark")
    return writer.written(pixels, payload, key)


def detect(pixels: Pixels, key: bytes) -> Found | None:
    """The mark of this key in a picture, or None; the same kinds of pixels as for `embed`."""
    _check(pixels)
    if min(pixels.shape[:2]) < SIDE_MIN:
        return None
    reading = reader.best(pixels, key)
    if not reader.convincing(reading):
        return None
    return Found(reading.payload, reading.confidence, reading.p_value, reading.scale)


def _check(pixels: Pixels) -> None:
    assert pixels.dtype == np.uint8 and (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4)))
