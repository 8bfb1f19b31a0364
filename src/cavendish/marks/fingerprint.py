"""A picture's perceptual hash: 64 bits that stay nearly the same when it is compressed or made smaller.

As pHash (Zauner, 2010, 3.2.1): the low frequencies of a small grey copy, each against their median.
"""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image

SIDE = 32  # pixels of the grey copy
BITS = 64
# Of 255: a copy whose low frequencies have less is one even surface, and its bits are chance.
_PLAIN = 0.25


def of(image: Image.Image) -> int | None:
    """0 to 2**64 - 1; None: the picture is too plain to be told from others."""
    grey = image.convert("RGB").convert("L") if image.mode not in ("L", "RGB") else image.convert("L")
    small = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=3.0), dtype=np.float64)
    basis = _basis()
    low = (basis @ small @ basis.T).ravel()[1:]  # without the mean, which is brightness
    if float(np.abs(low).mean()) < _PLAIN:
        return None
    return int.from_bytes(np.packbits(low[:BITS] > np.median(low[:BITS])).tobytes(), "big")


def distance(one: int, other: int) -> int:
    """How many bits differ."""
    return (one ^ other).bit_count()


@functools.cache
def _basis() -> np.ndarray:
    """The lowest rows of the orthonormal DCT-II: one more than 8, for the mean is left out."""
    row, column = np.mgrid[0:9, 0:SIDE]
    basis = np.cos(np.pi * row * (2 * column + 1) / (2 * SIDE)) * np.sqrt(2.0 / SIDE)
    basis[0] /= np.sqrt(2.0)
    scaled: np.ndarray = basis / np.sqrt(SIDE)
    return scaled
