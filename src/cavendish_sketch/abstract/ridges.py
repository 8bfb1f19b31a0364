"""Layered distance: mountains, hills, dunes, woods, waves and skylines, each row a shade nearer than the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.abstract import city
from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Report, bell, ease, mix
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import weather

HAZE = 0.80  # place on the ramp of the farthest distance
NEAR = 0.03
FLANK_BLUR = 4  # pixels: a flank that ends between two columns would end in steps
FLANK_WEIGHTS = np.hanning(2 * FLANK_BLUR + 3)[1:-1] / np.hanning(2 * FLANK_BLUR + 3).sum()
Profile = Callable[[Grid, Dice, float], Plane]


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of ridge.

    Attributes:
        profile: Heights per column, 0 to about 1, for a nearness from 0 to 1.
        far, near: Height of the farthest and nearest row, in shares of the picture.
        rows: How many.
        horizon: Where the farthest row stands, in shares of the picture.
        flanks: How strongly slopes turned from the light are darker.
    """

    profile: Profile
    far: float
    near: float
    rows: int
    horizon: tuple[float, float]
    flanks: float


def landscape(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    """A sky, and rows of the kind that the family names."""
    assert design.family is not None
    kind = KINDS[design.family]
    grid, ramp = canvas.grid, colour.Ramp(design.ramp)
    horizon = grid.height * dice.between(*kind.horizon)
    sun = weather.sky(canvas, design, dice, horizon=horizon)
    if "aurora" in design.traits:
        weather.aurora(canvas, design, dice, bottom=horizon)
    report(0.3)
    for row in range(kind.rows):
        nearness = row / (kind.rows - 1)
        base = horizon + (grid.height - horizon) * nearness**1.5 * 0.95
        if design.family == "city":
            city.street(canvas, design, dice, base=base, nearness=nearness, sun=sun)
        else:
            _ridge(canvas, design, dice, kind, ramp, base=base, nearness=nearness, sun=sun)
        if design.family == "city" and row == 3 and "trails" in design.traits:
            city.trails(canvas, design, dice, low=horizon * 0.35, high=horizon * 0.95)
        report(0.3 + 0.6 * (row + 1) / kind.rows)
    if "water" in design.traits:
        weather.mirror(canvas, dice, top=horizon + (grid.height - horizon) * dice.between(0.30, 0.42))
    if design.family == "sea":
        weather.glitter(canvas, design, dice, sun, top=horizon)
    if design.night:
        weather.stars(canvas, dice, weather.STARS, bottom=horizon)
    weather.fall(canvas, design, dice)


def _ridge(
    canvas: Canvas,
    design: Design,
    dice: Dice,
    kind: Kind,
    ramp: colour.Ramp,
    *,
    base: float,
    nearness: float,
    sun: weather.Sun,
) -> None:
    grid = canvas.grid
    crest = base - grid.height * mix(kind.far, kind.near, nearness) * kind.profile(grid, dice, nearness)
    window = grid.rows_from(float(crest.min()))
    below = grid.y[window[0]] - crest
    depth = np.clip(below * (1 / (grid.height * 0.3)), 0, 1)
    place = mix(HAZE, NEAR, 0.16 + 0.84 * nearness**0.75)
    # Mist gathers at the foot of a row, and the crest towards the sun catches its light.
    plane = place + (HAZE - place) * (0.62 - 0.42 * nearness) * ease(0.02, 1, depth)
    plane += 0.13 * (1 - 0.4 * nearness) * np.exp(-np.clip(below, 0, None) * 75) * bell(grid.x - sun.x, 0.5)
    part = grid.part(window)
    if kind.flanks:
        plane += _flanks(part, dice, crest, below, sun) * (kind.flanks * (0.35 + 0.65 * nearness))
    if "snow" in design.traits and kind.far > 0.2 and nearness < 0.8:
        plane += _snow(part, dice, below) * (0.50 - 0.62 * nearness)
    canvas.lay((below * grid.unit).astype(np.float32), ramp.at(plane), window=window)


def _flanks(grid: Grid, dice: Dice, crest: Plane, below: Plane, sun: weather.Sun) -> Plane:
    """Light and shadow of the crest carried down the slope, slanting as a spur does."""
    slope = np.gradient(crest, 1 / grid.unit)
    facing = np.tanh(slope * np.sign(grid.x[0] - sun.x + 1e-6) * -1.6)
    facing = np.convolve(np.pad(facing, FLANK_BLUR, "edge"), FLANK_WEIGHTS, "valid")
    wander = grid.noise(dice, 0.10) * 0.03 + grid.noise(dice, 0.03) * 0.008
    slant = below * 0.55 + wander
    column = np.clip((grid.x + slant) * grid.unit, 0, grid.columns - 1).astype(np.intp)
    lit: Plane = np.take(facing.astype(np.float32), column) * np.exp(-np.clip(below, 0, None) * 4.5)
    return lit


def _snow(grid: Grid, dice: Dice, below: Plane) -> Plane:
    line = 0.035 + 0.030 * grid.clouds(dice, 0.07, 3, gain=0.75, wide=0.8, tall=2.2)
    cover: Plane = ease(0.010, -0.010, below - line)
    return cover


def _peaks(grid: Grid, dice: Dice, nearness: float) -> Plane:
    heights = np.zeros(grid.columns, np.float32)
    for octave in range(7):
        wave = grid.curve(dice, 0.55 * (1 + 0.2 * nearness) / 2**octave) * 1.9
        # The large shapes are folded into ridges, the small ones only roughen them.
        heights += 0.5**octave * (1 - np.abs(np.tanh(wave * 0.75)) if octave < 3 else wave * 0.28 + 0.4)
    lowest, highest = float(heights.min()), float(heights.max())
    return (heights - lowest) * (1 / (highest - lowest))


def _hills(grid: Grid, dice: Dice, nearness: float) -> Plane:
    size = 0.5 + 0.2 * nearness
    waves = (grid.curve(dice, size), grid.curve(dice, size / 2.3) * 0.35, grid.curve(dice, size / 5) * 0.10)
    return sum(waves, np.zeros(grid.columns, np.float32)) * 0.75 + 0.5


def _dunes(grid: Grid, dice: Dice, nearness: float) -> Plane:
    # Steep on one side, gentle on the other, as wind leaves them.
    wave = grid.curve(dice, 0.42 + 0.25 * nearness) * 1.3
    return 1 - np.abs(np.tanh(wave)) * 0.9 + grid.curve(dice, 0.3) * 0.06


def _trees(grid: Grid, dice: Dice, nearness: float) -> Plane:
    """Fir tops: narrow triangles with stepped branches, standing on a hill."""
    heights = _hills(grid, dice, nearness) * 0.55
    ground, size = heights.copy(), 0.035 + 0.05 * nearness
    x = -size
    while x < grid.width + size:
        tall = dice.between(0.55, 1.0) * size * 4.4 / grid.height
        reach = size * dice.between(0.32, 0.5)
        span = grid.window(x, 0, reach, 1)
        if span:
            apart = np.abs(grid.x[0, span[1]] - x) / reach
            branches = 1 - apart + 0.09 * np.abs(((1 - apart) * 7) % 1 - 0.5)
            heights[span[1]] = np.maximum(heights[span[1]], ground[span[1]] + tall * np.clip(branches, 0, 1))
        x += size * dice.between(0.25, 0.75)
    return heights


def _swell(grid: Grid, dice: Dice, nearness: float) -> Plane:
    return grid.curve(dice, 0.10 + 0.22 * nearness) * 0.45 + grid.curve(dice, 0.5) * 0.4 + 0.5


def _none(grid: Grid, dice: Dice, nearness: float) -> Plane:
    raise AssertionError("a city builds its own rows")


KINDS = {
    "peaks": Kind(_peaks, far=0.36, near=0.20, rows=6, horizon=(0.56, 0.66), flanks=0.13),
    "hills": Kind(_hills, far=0.14, near=0.18, rows=6, horizon=(0.54, 0.62), flanks=0.05),
    "dunes": Kind(_dunes, far=0.05, near=0.17, rows=7, horizon=(0.50, 0.58), flanks=0.17),
    "forest": Kind(_trees, far=0.16, near=0.24, rows=6, horizon=(0.46, 0.54), flanks=0),
    "sea": Kind(_swell, far=0.012, near=0.07, rows=9, horizon=(0.50, 0.58), flanks=0.10),
    "city": Kind(_none, far=0, near=0, rows=6, horizon=(0.64, 0.72), flanks=0),
}
