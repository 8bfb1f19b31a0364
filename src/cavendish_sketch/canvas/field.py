"""Planes, coordinates and noise: what every composition is made of.

A plane is a float32 array (rows, columns). Lengths are in units of the square root of the picture's area, so that a
shape has the same size in a square and in a banner.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[Any]
Planes = npt.NDArray[Any]  # (3, rows, columns), linear red, green and blue
Window = tuple[slice, slice]
Report = Callable[[float], None]  # 0 to 1 of the work of whoever is given it
T = TypeVar("T")

WHOLE: Window = (slice(None), slice(None))
NOISE_GAIN = 1.9  # brings the spread of B-spline noise back to about 1


class Dice:
    """Random numbers as plain Python floats: a NumPy scalar would silently turn float32 planes into float64."""

    def __init__(self, seed: bytes) -> None:
        self._generator = np.random.default_rng(list(seed))

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._generator.random()

    def normal(self) -> float:
        return float(self._generator.standard_normal())

    def whole(self, low: int, high: int) -> int:
        """An integer, both ends included."""
        return int(self._generator.integers(low, high + 1))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.whole(0, len(choices) - 1)]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        return [choices[index] for index in self._generator.permutation(len(choices))]

    def normals(self, *shape: int) -> Plane:
        return self._generator.standard_normal(shape, dtype=np.float32)

    def uniforms(self, *shape: int) -> Plane:
        return self._generator.random(shape, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Where the pixels of a picture lie.

    Attributes:
        columns: Pixels across.
        rows: Pixels down.
        unit: Pixels in one unit of length.
        x: Units from the left edge, shape (1, columns).
        y: Units from the top edge, shape (rows, 1).
    """

    columns: int
    rows: int
    unit: float
    x: Plane
    y: Plane

    @classmethod
    def of(cls, columns: int, rows: int) -> Grid:
        unit = math.sqrt(columns * rows)
        x = ((np.arange(columns) + 0.5) / unit).astype(np.float32)[None, :]
        y = ((np.arange(rows) + 0.5) / unit).astype(np.float32)[:, None]
        return cls(columns, rows, unit, x, y)

    @property
    def width(self) -> float:
        """Units."""
        return self.columns / self.unit

    @property
    def height(self) -> float:
        """Units."""
        return self.rows / self.unit

    @property
    def short(self) -> float:
        """Units of the shorter side."""
        return min(self.width, self.height)

    def window(self, x: float, y: float, reach_x: float, reach_y: float) -> Window | None:
        """The pixels within reach of a point, None when all of them lie outside the picture."""
        rows = _span(y, reach_y, self.unit, self.rows)
        columns = _span(x, reach_x, self.unit, self.columns)
        return (rows, columns) if rows and columns else None

    def part(self, window: Window) -> Grid:
        """The same place, seen through a window: noise for a part costs only that part."""
        x, y = self.x[:, window[1]], self.y[window[0]]
        return Grid(x.shape[1], y.shape[0], self.unit, x, y)

    def rows_from(self, y: float) -> Window:
        """Everything below a height."""
        return slice(min(max(0, int(y * self.unit) - 2), self.rows - 1), self.rows), slice(None)

    def noise(self, dice: Dice, size: float, *, wide: float = 1, tall: float = 1) -> Plane:
        """Smooth random hills of about `size` units, spread about 1 around 0, with continuous curvature."""
        across = spline(self.x[0], size * wide, dice)
        down = spline(self.y[:, 0], size * tall, dice)
        return (down @ (dice.normals(down.shape[1], across.shape[1]) * np.float32(NOISE_GAIN))) @ across.T

    def clouds(
        self, dice: Dice, size: float, octaves: int, *, gain: float = 0.5, wide: float = 1, tall: float = 1
    ) -> Plane:
        """Noise of several sizes, each half the one before and `gain` times as strong."""
        plane = self.noise(dice, size, wide=wide, tall=tall)
        for octave in range(1, octaves):
            plane += self.noise(dice, size / 2**octave, wide=wide, tall=tall) * gain**octave
        return plane

    def curve(self, dice: Dice, size: float) -> Plane:
        """One smooth random value per column, spread about 0.7 around 0."""
        weights = spline(self.x[0], size, dice)
        curve: Plane = weights @ dice.normals(weights.shape[1])
        return curve


def spline(coordinates: Plane, size: float, dice: Dice) -> Plane:
    """Cubic B-spline weights (len(coordinates), knots) for knots `size` apart, with a random start.

    Noise is then two small matrix products, exact at any resolution; interpolating an image of it would show facets as
    soon as it is lit.
    """
    position = (coordinates - coordinates[0]) / np.float32(size) + np.float32(dice.between(0, 1))
    knot = position.astype(np.intp)
    part = position - knot
    weights = np.zeros((len(position), int(knot[-1]) + 4), np.float32)
    for offset, weight in enumerate(_cubic(part)):
        weights[np.arange(len(position)), knot + offset] = weight
    return weights


def _cubic(part: Plane) -> tuple[Plane, Plane, Plane, Plane]:
    rest, square, cube = 1 - part, part * part, part * part * part
    inner = (3 * cube - 6 * square + 4) / 6
    return rest * rest * rest / 6, inner, 1 - (rest * rest * rest + cube) / 6 - inner, cube / 6


def _span(centre: float, reach: float, unit: float, limit: int) -> slice | None:
    start, stop = max(0, int((centre - reach) * unit)), min(limit, int((centre + reach) * unit) + 2)
    return slice(start, stop) if stop > start else None


def ease(low: float, high: float, value: Plane) -> Plane:
    """0 below `low`, 1 above `high`, smooth between; falling when `low` > `high`."""
    part = np.clip((value - low) * (1 / (high - low)), 0, 1)
    return part * part * (3 - 2 * part)


def mix(first: Any, second: Any, amount: Any) -> Any:
    """From the first to the second: numbers, planes and colours alike."""
    return first + (second - first) * amount


def bell(value: Plane, width: float) -> Plane:
    """1 at 0, falling to 0.37 at `width`."""
    scaled = value * (1 / width)
    return np.exp(-scaled * scaled)


def resized(plane: Plane, columns: int, rows: int) -> Plane:
    """Enlarged smoothly, or averaged when it becomes smaller."""
    filter_ = Image.Resampling.BICUBIC if columns >= plane.shape[1] else Image.Resampling.BOX
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(image.resize((columns, rows), filter_))


def blurred(plane: Plane, radius_pixels: float) -> Plane:
    """Gaussian blur, computed as small as its radius allows."""
    rows, columns = plane.shape
    shrink = max(1, int(radius_pixels / 2))
    small = resized(plane, max(2, columns // shrink), max(2, rows // shrink)) if shrink > 1 else plane
    small = _convolved(_convolved(small, radius_pixels / shrink).T, radius_pixels / shrink).T
    return resized(small, columns, rows) if shrink > 1 else small


def _convolved(plane: Plane, radius: float) -> Plane:
    """Gaussian blur down the columns."""
    reach = int(3 * radius) + 1
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    padded = np.pad(plane, ((reach, reach), (0, 0)), "edge")
    result = np.zeros_like(plane)
    for offset, weight in enumerate(weights / weights.sum()):
        result += padded[offset : offset + len(plane)] * float(weight)
    return result
