"""Painted media: watercolour and oil."""

from __future__ import annotations

import numpy as np
from PIL import Image

from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, blurred, ease
from cavendish_sketch.edit import media

WATERCOLOUR_PAPER = np.array([0.988, 0.976, 0.950], np.float32)[:, None, None]
WASHES = 7  # tones a painter mixes
INK_FLOOR = 0.045  # the darkest pigment still lets some light back
STROKE_STEPS = 7  # to either side of a pixel, along a brush mark
BRUSH = 0.0016  # units of one step


def watercolour(image: Image.Image, dice: Dice) -> Image.Image:
    """Washes with wandering borders, darker where pigment dries at the edge, in a torn shape on rough paper."""
    small = media.work_copy(image)
    grid = Grid.of(*small.size)
    light = _washes(media.planes_of(small), grid, dice)
    density = -np.log(np.clip(light, INK_FLOOR, 1))
    amount = _pigment(media.tone_of(light), grid, dice)
    painted = WATERCOLOUR_PAPER * np.exp(-density * amount)
    return media.textured(
        media.picture_of(painted, image.size), media.paper_relief(dice), 0.085, in_white=0.40, in_black=0.30
    )


def _washes(light: Planes, grid: Grid, dice: Dice) -> Planes:
    """Flat shapes in a few light, clear tones."""
    light = media.wandering(light, grid, dice, 0.0022, 0.035)
    light = media.flattened(light, 0.0050 * grid.unit)
    light = media.flattened(light, 0.0036 * grid.unit)
    tone = media.tone_of(light)
    spread = 0.5 * media.stretched(tone, 0.01) + 0.5 * tone
    steps = spread * WASHES
    stepped = (np.floor(steps) + ease(0.30, 0.70, steps - np.floor(steps))) * np.float32(1 / WASHES)
    wanted = 0.55 * stepped + 0.45 * spread
    # Lights open towards the paper, and even a black keeps some water in it.
    wanted = 0.10 + 0.90 * np.clip(wanted, 0, 1) ** np.float32(0.74)
    brighter = media.saturated(light, 1.38) * (wanted / np.maximum(tone, np.float32(0.03)))
    return np.clip(brighter, 0, 1)


def _pigment(tone: Plane, grid: Grid, dice: Dice) -> Plane:
    """How much of the colour stayed where: pools at edges, drifts with the water, grains, and ends at a torn rim."""
    thin, wide = blurred(tone, 0.0016 * grid.unit), blurred(tone, 0.007 * grid.unit)
    pools = np.clip((thin - tone) * 4.2, 0, 0.60) + np.clip((wide - tone) * 1.2, -0.12, 0.25)
    flow = grid.clouds(dice, 0.16, 4, gain=0.6)
    grains = blurred(dice.normals(grid.rows, grid.columns), 0.9) * np.float32(0.32)
    amount = np.clip(1 + pools + 0.21 * flow + 0.16 * grains, 0.25, 2.4)
    cover, rim = _ragged(grid, dice)
    return amount * cover * (1 + 0.45 * rim)


def _ragged(grid: Grid, dice: Dice) -> tuple[Plane, Plane]:
    """Where the brush went, 1 inside and 0 outside, and the line where its water dried."""
    x, y = np.minimum(grid.x, grid.width - grid.x), np.minimum(grid.y, grid.height - grid.y)
    reach = min(1.0, grid.short / 0.6)
    edge = np.minimum(x, y) + np.float32(reach) * (
        0.010 * grid.clouds(dice, 0.11, 4, gain=0.62) + 0.0022 * grid.clouds(dice, 0.008, 2)
    )
    start = 0.024 * reach
    cover = ease(start, start + 0.0035, edge)
    return cover, cover * ease(start + 0.014, start + 0.002, edge)


def oil(image: Image.Image, dice: Dice) -> Image.Image:
    """Brush marks along the forms, each of its own mix of paint, lit from the upper left where the paint stands up."""
    small = media.work_copy(image, 1_500_000)
    grid = Grid.of(*small.size)
    light = media.flattened(media.planes_of(small), 0.0046 * grid.unit)
    tone = media.tone_of(light)
    down, across = media.directions(tone, grid, dice, radius=0.006, drift=0.010)
    sources = np.stack([*light, *_bristles(grid, dice)], -1)
    drawn = _along(sources, down, across, grid)
    paint = np.ascontiguousarray(drawn[..., :3].transpose(2, 0, 1))
    bristles, loads = drawn[..., 3] * np.float32(1.9), drawn[..., 4] * np.float32(1.25)
    height = blurred(0.55 * bristles + 0.42 * loads + 0.5 * media.tone_of(paint), 0.8)
    slope_down, slope_across = np.gradient(height)
    relief = np.clip((slope_down + slope_across) * np.float32(-0.34), -0.12, 0.13)
    paint = media.saturated(paint * (1 + 0.028 * loads + 0.022 * bristles), 1.34)
    paint = paint + (paint - 0.5) * np.float32(0.10)
    return media.textured(media.picture_of(paint + relief, image.size), _weave(dice), 0.03)


def _bristles(grid: Grid, dice: Dice) -> tuple[Plane, Plane]:
    """Two noises that become hairs of the brush and whole strokes when drawn along the forms."""
    hairs = dice.normals(grid.rows, grid.columns)
    loads = grid.noise(dice, 0.0062) * np.float32(1.1)
    return hairs, loads


def _along(sources: Plane, down: Plane, across: Plane, grid: Grid) -> Plane:
    """The mean of sources (rows, columns, n) along a line through each pixel that follows the steps."""
    flat = sources.reshape(-1, sources.shape[-1])
    step = np.float32(max(1.0, BRUSH * grid.unit))
    start = np.mgrid[0 : grid.rows, 0 : grid.columns].astype(np.float32)
    total = sources.copy()
    for sense in (step, -step):
        rows, columns = start[0].copy(), start[1].copy()
        place = np.arange(grid.rows * grid.columns, dtype=np.int32).reshape(grid.rows, grid.columns)
        for _ in range(STROKE_STEPS):
            rows += down.ravel()[place] * sense
            columns += across.ravel()[place] * sense
            place = _inside(rows, grid.rows) * np.int32(grid.columns) + _inside(columns, grid.columns)
            total += flat[place]
    total *= np.float32(1 / (2 * STROKE_STEPS + 1))
    return total


def _inside(place: Plane, length: int) -> Plane:
    whole: Plane = np.clip(place, 0, length - 1).astype(np.int32)
    return whole


def _weave(dice: Dice) -> Plane:
    """Canvas under the paint."""
    threads = dice.normals(media.TILE, media.TILE)
    across = threads + np.roll(threads, 1, 1) + np.roll(threads, 2, 1) + np.roll(threads, 3, 1)
    down = threads.T + np.roll(threads.T, 1, 0) + np.roll(threads.T, 2, 0) + np.roll(threads.T, 3, 0)
    weave: Plane = (across + down) * np.float32(0.16)
    return weave
