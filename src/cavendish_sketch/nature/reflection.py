"""Still water as a mirror of what has been laid above it, for any scene."""

from __future__ import annotations

import numpy as np

from cavendish_sketch.canvas import svg, tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, ease, resized
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.canvas.tiles import Spots, Tile

HALF = 2  # draft pixels in a pixel of the mirror: water is soft
GRAZING, STEEP = 0.90, 0.52  # share of light that water mirrors far off, and at the viewer's feet
WAVES = 26.0  # texels of the ripples' tile across a page of square shape, at the near edge
SWING_DOWN, SWING_ACROSS = 0.030, 0.010  # of the shorter side: how far ripples move the image, at the near edge
GLINT = 0.16
FEATHER_PIXELS = 1.2  # of the shore line


def mirror(sheet: Sheet, water_top: float, *, palette: Palette, dice: Dice, roughness: float = 1.0) -> None:
    """Lay water from `water_top` points down: it mirrors the draft, darker and drawn out by ripples.

    Far off it mirrors almost all of the light, near the viewer its own depth shows. `roughness` 0 is glass, 1 a quiet
    pond, 3 a breeze. Does nothing where no water would be seen.
    """
    grid = sheet.grid
    first = round(water_top * sheet.scale)
    rows = grid.rows - first
    if rows < 2 * HALF or first < 2 * HALF:
        return
    near = ((np.arange(rows // HALF, dtype=np.float32) + 0.5) * HALF / rows)[:, None]
    slope, detail = _ripples(dice, near, grid.columns // HALF, grid.columns / min(grid.rows, grid.columns))
    image = _mirrored(sheet.draft[:, :first], near, rows, slope, detail, roughness * min(grid.rows, grid.columns))
    image = _as_water(image, near, slope, detail, palette, roughness)
    planes = np.empty_like(sheet.draft)
    for plane, part in zip(planes, image, strict=True):
        plane[first:] = resized(part, grid.columns, rows)
        plane[:first] = plane[first]  # never seen; enlarging must not meet another colour at the shore
    amount = np.clip((np.arange(grid.rows, dtype=np.float32) - first + 0.5) / np.float32(FEATHER_PIXELS) + 0.5, 0, 1)
    sheet.soft(np.repeat(amount[:, None], grid.columns, 1), planes)


def _ripples(dice: Dice, near: Plane, columns: int, wide: float) -> tuple[Plane, Plane]:
    """Slopes of long and of short waves, seen in perspective: ever finer towards the far shore."""
    away = 1 / (near * np.float32(0.80) + np.float32(0.20))
    across = (np.arange(columns, dtype=np.float32)[None] / columns - 0.5) * np.float32(wide)
    long, short = Tile(tiles.fractal(dice, 2.2, low=3, wide=2.6)), Tile(tiles.fractal(dice, 1.6, low=8, wide=3.4))
    start = dice.between(0, tiles.SIDE), dice.between(0, tiles.SIDE)
    u, v = across * away * np.float32(WAVES) + start[0], away * np.float32(WAVES * 1.5) + start[1]
    u, v = np.broadcast_arrays(u, v)
    spots = Spots.at(u, v)
    return long.on(spots), short.on(Spots.at(u * np.float32(2.1), v * np.float32(2.1)))


def _mirrored(above: Planes, near: Plane, rows: int, slope: Plane, detail: Plane, size: float) -> Planes:
    """The picture above, upside down. Where the water is taller than what it mirrors, it is drawn out."""
    have, columns = above.shape[1] // HALF, slope.shape[1]
    down = near * np.float32(rows / HALF)
    if rows > have * HALF:
        down = down * (1 - np.float32(1 - have * HALF / rows) * near)
    swing = np.float32(size / HALF) * (near * np.float32(0.85) + np.float32(0.035))
    bend = (slope * np.float32(0.7) + detail * np.float32(0.40)) * swing
    row = np.clip(have - 1 - np.abs(down + bend * np.float32(SWING_DOWN)), 0, have - 1.001)
    place = np.arange(columns, dtype=np.float32)[None] + slope * swing * np.float32(SWING_ACROSS)
    column = np.clip(place, 0, columns - 1.001)
    top, left = row.astype(np.intp), column.astype(np.intp)
    parts = (row - top).astype(np.float32), (column - left).astype(np.float32)
    small = [resized(plane, columns, have).ravel() for plane in above]
    return np.stack([_between(plane, top * columns + left, columns, *parts) for plane in small])


def _between(values: Plane, flat: Plane, step: int, down: Plane, across: Plane) -> Plane:
    upper = np.take(values, flat)
    upper += (np.take(values, flat + 1) - upper) * across
    lower = np.take(values, flat + step)
    lower += (np.take(values, flat + (step + 1)) - lower) * across
    upper += (lower - upper) * down
    return upper


def _as_water(image: Planes, near: Plane, slope: Plane, detail: Plane, palette: Palette, roughness: float) -> Planes:
    """Depth shows through the mirror near the viewer; slopes towards the sky catch its light."""
    share = np.float32(GRAZING) - np.float32(GRAZING - STEEP) * ease(0.0, 1.0, near)
    share = share + slope * np.float32(0.035 * min(roughness, 2))
    deep = _tone(svg.blend(palette.water, palette.near, 0.30)) * (1 - np.float32(0.25) * near)
    water: Planes = deep + (image - deep) * np.clip(share, 0.2, 0.96)
    sky = _tone(svg.blend(palette.sky[-1][1], palette.lit, 0.5))
    glint = ease(0.9, 2.4, slope * np.float32(0.6) + detail) * np.float32(GLINT * min(roughness, 2)) * (1 - near * 0.5)
    water += (sky - water) * glint.astype(np.float32)
    # A soft dark seam where water meets the shore.
    water *= 1 - np.float32(0.30) * np.exp(near * np.float32(-60))
    return np.clip(water, 0, 1)


def _tone(colour: str) -> Planes:
    return np.array(svg.channels(colour), np.float32).reshape(3, 1, 1) / 255
