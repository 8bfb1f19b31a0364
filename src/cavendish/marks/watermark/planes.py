"""Pictures as small planes of brightness, which is where marks are written by and read from.

Whatever a picture's size, it is read in strips and made small first: memory is bounded by the strips, not the picture.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from cavendish.marks.watermark.carriers import UNITS, Floats

Pixels = npt.NDArray[np.uint8]

STRIP_PIXELS = 1 << 20


def unit_size(width: int, height: int) -> tuple[float, float]:
    """Width and height in the mark's units."""
    scale = UNITS / math.sqrt(width * height)
    return width * scale, height * scale


def strip_rows(width: int, multiple: int = 1) -> int:
    """Rows of a strip, a multiple of so many."""
    return max(1, STRIP_PIXELS // width // multiple) * multiple


def brightness(pixels: Pixels, samples_per_unit: float) -> Floats:
    """Luma with about so many samples a unit: the whole picture, to the nearest whole sample."""
    height, width = pixels.shape[:2]
    units = unit_size(width, height)
    size = (max(1, round(units[0] * samples_per_unit)), max(1, round(units[1] * samples_per_unit)))
    factor = max(1, min(width // (2 * size[0]), height // (2 * size[1])))
    rows = strip_rows(width, factor)
    strips = [_luma(pixels[start : start + rows], factor) for start in range(0, height, rows)]
    small = Image.fromarray(np.concatenate(strips))
    kept = width / factor, height / factor  # the last sample of a row may stand for a part of one
    return np.asarray(small.resize(size, Image.Resampling.BICUBIC, box=(0, 0, *kept)), np.float32)


def box_mean(plane: Floats, radius: int) -> Floats:
    """The mean of a square around each sample; what is beyond the edge is as the edge."""
    total = _folded(np.add, _folded(np.add, plane, radius).T, radius).T
    return total / np.float32((2 * radius + 1) ** 2)


def least(plane: Floats, radius: int) -> Floats:
    """The least of a square around each sample."""
    return _folded(np.minimum, _folded(np.minimum, plane, radius).T, radius).T


def _folded(together: np.ufunc, plane: Floats, radius: int) -> Floats:
    """Each row with those around it. For radii as small as ours this is faster than running sums."""
    padded = np.pad(plane, ((radius, radius), (0, 0)), mode="edge")
    found = padded[: len(plane)].copy()
    for shift in range(1, 2 * radius + 1):
        together(found, padded[shift : shift + len(plane)], out=found)
    return found


def _luma(strip: Pixels, factor: int) -> Floats:
    return np.asarray(Image.fromarray(np.ascontiguousarray(strip)).convert("L").reduce(factor), np.float32)
