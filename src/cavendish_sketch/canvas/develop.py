"""The film's part: from a canvas to display planes at 1K size, then strips of the final size with their finish."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas, Spark
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, blurred, ease, resized
from cavendish_sketch.canvas.png import Rows

STRIP_ROWS = 64  # of the canvas: a strip of a 4K picture then fits in the processor's cache
MARGIN_ROWS = 3  # what bicubic enlargement reads beyond its strip
SHOULDER = 0.75  # linear light above which highlights roll off in place of clipping
LIGHT_MAX = 4.0
CURVE_STEPS = 4096
BLOOM_START = 0.65
BLOOM = ((0.018, 0.40), (0.07, 0.30))  # radius in units, strength
HALATION = (1.15, 1.0, 0.92)  # the glow is a little warmer than its source, as on film
# Spread of the grain in 8-bit levels. None at 4K, where a level of dither is enough: grain would double the file.
GRAIN_LEVELS = {1: 3.0, 2: 2.2, 4: 0.0}
DITHER_LEVELS = 0.3
GRAIN_TILE = 512
SHINE_LEAST = 0.004  # one level of eight bits
MIDDLE = 0.45  # the tone that contrast leaves alone
EDGE_REACH = 1.5  # canvas pixels to either side of a hard edge that enlargement has blurred


@dataclass(frozen=True, slots=True)
class Film:
    """How a picture is finished.

    Attributes:
        bloom: How far bright places shine, where the backdrop does not bloom by itself.
        vignette: Light taken from the corners, 0 to 1.
        grain: Factor on the grain.
        contrast: Factor about the middle tone.
    """

    bloom: float = 0.30
    vignette: float = 0.30
    grain: float = 1.0
    contrast: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Negative:
    """Display planes at 1K size, and what has to become sharp when they are enlarged."""

    grid: Grid
    planes: Planes
    edge: Plane | None
    normals: tuple[Plane, Plane] | None
    sparks: tuple[Spark, ...] = ()


def fix(canvas: Canvas) -> Negative:
    """Bloom, tone curve and sRGB encoding."""
    grid = canvas.grid
    light = canvas.light
    for channel, warmth in zip(light, HALATION, strict=True):
        bright = np.clip(channel - BLOOM_START, 0, LIGHT_MAX)
        for radius, strength in BLOOM:
            channel += blurred(bright, radius * grid.unit) * (strength * warmth)
    down, across = np.gradient(canvas.edge)
    steepness = np.sqrt(down * down + across * across) + 1e-6
    return Negative(
        grid, _exposed(light), canvas.edge / steepness, (down / steepness, across / steepness), tuple(canvas.sparks)
    )


def plain(grid: Grid, planes: Planes) -> Negative:
    """Display planes without hard edges."""
    return Negative(grid, planes, None, None)


def enlarged(negative: Negative, start: int, stop: int, scale: int) -> Planes:
    """Rows `start` to `stop` of the draft at `scale` times its size."""
    planes = np.stack([enlarged_plane(plane, start, stop, scale) for plane in negative.planes])
    if negative.edge is not None and negative.normals is not None and scale > 1:
        _sharpen_edges(planes, negative, negative.edge, negative.normals, start, stop, scale)
    add_sparks(planes, negative, start, stop, scale)
    return planes


def enlarged_plane(plane: Plane, start: int, stop: int, scale: int) -> Plane:
    """Rows `start` to `stop` of one plane at `scale` times its size."""
    if scale == 1:
        return plane[start:stop].copy()
    first, last = max(0, start - MARGIN_ROWS), min(plane.shape[0], stop + MARGIN_ROWS)
    cut = slice((start - first) * scale, (stop - first) * scale)
    return resized(plane[first:last], plane.shape[1] * scale, (last - first) * scale)[cut]


class Finish:
    """Shine, vignette, contrast and grain, strip by strip."""

    def __init__(self, grid: Grid, shine: Planes, film: Film, scale: int, dice: Dice) -> None:
        self._grid, self._shine, self._film, self._scale = grid, shine, film, scale
        self._grain = _grain_tile(dice)
        across = (np.arange(grid.columns * scale, dtype=np.float32) + 0.5) / (grid.columns * scale) - 0.5
        self._across = across * across
        self._shines = bool(shine.max() > SHINE_LEAST)

    def strip(self, planes: Planes, start: int, stop: int) -> Rows:
        """The finished pixels of planes that hold rows `start` to `stop` of the draft."""
        if self._shines:
            self._add_shine(planes, start, stop)
        if self._film.contrast != 1:
            planes += (planes - MIDDLE) * (self._film.contrast - 1)
        if self._film.vignette:
            planes *= self._vignette(start, planes.shape[1])
        return _quantised(planes, self._grain, start * self._scale, GRAIN_LEVELS[self._scale] * self._film.grain)

    def _add_shine(self, planes: Planes, start: int, stop: int) -> None:
        step = self._grid.rows / self._shine.shape[1]
        first, last = int(start / step), min(int(np.ceil(stop / step)) + 1, self._shine.shape[1])
        box = 0, start / step - first, self._shine.shape[2], stop / step - first
        size = planes.shape[2], planes.shape[1]
        for plane, shine in zip(planes, self._shine, strict=True):
            image = Image.fromarray(np.ascontiguousarray(shine[first:last]))
            light = np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=box))
            plane += (1 - plane) * light  # as light adds on film: bright on dark, nothing on white

    def _vignette(self, start: int, rows: int) -> Plane:
        down = (np.arange(rows, dtype=np.float32) + start * self._scale + 0.5) / (self._grid.rows * self._scale) - 0.5
        return 1 - self._film.vignette * ease(0.15, 1.1, 2 * ((down * down)[:, None] + self._across))


def _exposed(light: Planes) -> Planes:
    # One table for the roll-off of highlights and for sRGB. Its index is the root of the light: even steps to the eye.
    brightness = np.linspace(0, 1, CURVE_STEPS) ** 2 * LIGHT_MAX
    over = np.clip(brightness - SHOULDER, 0, None) / (1 - SHOULDER)
    rolled = np.where(over > 0, SHOULDER + (1 - SHOULDER) * (1 - np.exp(-over)), brightness)
    table = colour.encode(rolled).astype(np.float32)
    index = np.sqrt(np.clip(light, 0, LIGHT_MAX) * (1 / LIGHT_MAX)) * (CURVE_STEPS - 1)
    return np.take(table, index.astype(np.intp))


def _sharpen_edges(
    planes: Planes,
    negative: Negative,
    edge: Plane,
    normals: tuple[Plane, Plane],
    start: int,
    stop: int,
    scale: int,
) -> None:
    """Near a hard edge, take the colours from just beyond its blur on both sides, and draw the edge between them."""
    distance = enlarged_plane(edge, start, stop, scale)
    rows, columns = np.nonzero(np.abs(distance) < EDGE_REACH)
    if not len(rows):
        return
    here = distance[rows, columns]
    y, x = (rows + 0.5) / scale - 0.5 + start, (columns + 0.5) / scale - 0.5
    nearest = np.minimum(y.round().astype(np.intp), negative.grid.rows - 1), x.round().astype(np.intp)
    nearest = nearest[0], np.minimum(nearest[1], negative.grid.columns - 1)
    down, across = normals[0][nearest], normals[1][nearest]
    sides = []
    for side in (-EDGE_REACH, EDGE_REACH):
        step = side - here
        sides.append(_sampled(negative.planes, y + down * step, x + across * step))
    inside = np.clip(here * scale + 0.5, 0, 1)
    planes[:, rows, columns] = sides[0] + (sides[1] - sides[0]) * inside


def _sampled(planes: Planes, y: Plane, x: Plane) -> Plane:
    """Bilinear samples (3, count)."""
    y, x = np.clip(y, 0, planes.shape[1] - 1.001), np.clip(x, 0, planes.shape[2] - 1.001)
    top, left = y.astype(np.intp), x.astype(np.intp)
    part_y, part_x = (y - top).astype(np.float32), (x - left).astype(np.float32)
    above = planes[:, top, left] * (1 - part_x) + planes[:, top, left + 1] * part_x
    below = planes[:, top + 1, left] * (1 - part_x) + planes[:, top + 1, left + 1] * part_x
    return above * (1 - part_y) + below * part_y


def add_sparks(planes: Planes, negative: Negative, start: int, stop: int, scale: int) -> None:
    """Draw the points of light that fall into these planes."""
    unit = negative.grid.unit * scale
    for spark in negative.sparks:
        reach = spark.radius * 3
        if start * scale <= (spark.y + reach) * unit and (spark.y - reach) * unit < stop * scale:
            _add_spark(planes, spark, start * scale, unit)


def _add_spark(planes: Planes, spark: Spark, first_row: int, unit: float) -> None:
    x, y, reach = spark.x * unit, spark.y * unit - first_row, spark.radius * 3 * unit + 1
    rows = slice(max(0, int(y - reach)), max(0, int(y + reach) + 1))
    columns = slice(max(0, int(x - reach)), max(0, int(x + reach) + 1))
    view = planes[:, rows, columns]
    squared = (np.arange(view.shape[1])[:, None] + rows.start + 0.5 - y) ** 2
    squared = squared + (np.arange(view.shape[2])[None] + columns.start + 0.5 - x) ** 2
    # As a film adds light: bright on dark, invisible on white.
    view += (1 - view) * np.clip(spark.colour * np.exp(-squared / (spark.radius * unit) ** 2), 0, 1).astype(np.float32)


def _grain_tile(dice: Dice) -> Plane:
    """Noise that blends into itself at the borders; clumps of two pixels look like film, single ones like a sensor."""
    noise = dice.normals(GRAIN_TILE, GRAIN_TILE)
    return (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / np.float32(1.73)


def _quantised(planes: Planes, grain: Plane, first_row: int, levels: float) -> Rows:
    _, rows, columns = planes.shape
    down = np.arange(first_row, first_row + rows) % GRAIN_TILE
    across = np.arange(columns) % GRAIN_TILE
    noise = grain[down][:, across]
    # Grain is strongest in the middle tones.
    middle = levels * (1 - 0.6 * np.abs(planes.mean(0) * 2 - 1)) if levels else DITHER_LEVELS
    noise = noise * middle
    result = np.empty((rows, columns, 3), np.uint8)
    for channel, plane in enumerate(planes):
        result[..., channel] = np.clip(plane * 255 + (noise + 0.5), 0, 255)
    return result
