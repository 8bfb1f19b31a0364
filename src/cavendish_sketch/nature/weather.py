"""Sky, sun and moon, stars, clouds, still water, and what falls: petals, snow and rain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import FAR, Canvas, Spark
from cavendish_sketch.canvas.field import Dice, Grid, bell, ease, mix
from cavendish_sketch.language.brief import Design

STARS = 420
STAR_COLOURS = ("cfe0ff", "ffffff", "ffe6cc")


@dataclass(frozen=True, slots=True)
class Sun:
    """Sun or moon; place and radius in units."""

    x: float
    y: float
    radius: float


def sky(canvas: Canvas, design: Design, dice: Dice, *, horizon: float) -> Sun:
    """Fill the canvas with a sky that is lightest at the horizon and around its sun or moon."""
    grid = canvas.grid
    sun = _sun(grid, design, dice, horizon)
    clouds = grid.clouds(dice, 0.5, 5, gain=0.55, wide=2.2, tall=0.45)
    down = np.clip(grid.y * (1 / horizon), 0, 1)
    away = np.sqrt((grid.x - sun.x) ** 2 + (grid.y - sun.y) ** 2)
    glow = np.exp(away * (-1 / 0.28))
    low, gain = (0.06, 0.50) if design.night else (0.30, 0.55)
    place = low + gain * down**1.6 + 0.05 * clouds * (1 - 0.4 * down) + (0.10 if design.night else 0.16) * glow
    canvas.light[:] = colour.Ramp(design.ramp).at(place)
    lit = 0.30 * glow * np.sqrt(glow) + 0.24 * ease(0.2, 1.4, clouds) * bell(grid.y - sun.y, 0.35) * glow
    canvas.glow(lit * (0.3 if design.night else 1), colour.vector(design.light))
    canvas.lay(((sun.radius - away) * grid.unit).astype(np.float32), colour.vector(design.light) * 1.3)
    return sun


def _sun(grid: Grid, design: Design, dice: Dice, horizon: float) -> Sun:
    x = grid.width * dice.pick((0.28, 0.36, 0.64, 0.72))
    high = (0.24, 0.42) if design.night else (0.06, 0.26)
    radius = 0.055 * min(grid.height, grid.width * 1.1) * dice.between(0.7, 1.3)
    if design.family == "city":
        radius *= 1.7
    return Sun(x, max(horizon - grid.height * dice.between(*high), radius * 1.6), radius * (0.7 if design.night else 1))


def stars(canvas: Canvas, dice: Dice, count: int, *, bottom: float) -> None:
    """Small ones everywhere, few large ones."""
    grid = canvas.grid
    for _ in range(count):
        size = dice.between(0, 1) ** 8
        place = dice.between(0, grid.width), dice.between(0, bottom)
        strength = dice.between(0.25, 0.7) + 0.5 * size
        light = colour.vector(dice.pick(STAR_COLOURS)) * strength
        canvas.spark(*place, 0.0006 + 0.0016 * size, light)


def mirror(canvas: Canvas, dice: Dice, *, top: float) -> None:
    """Still water from `top` down: what stands above it, upside down, darker and drawn out by ripples."""
    grid = canvas.grid
    first = int(top * grid.unit)
    rows = grid.rows - first
    depth = (np.arange(rows, dtype=np.float32) / rows)[:, None]
    part = grid.part((slice(first, grid.rows), slice(None)))
    ripple = part.noise(dice, 0.05, wide=3.2, tall=0.35) + part.noise(dice, 0.018, wide=4, tall=0.4)
    source = first - 1 - (np.arange(rows)[:, None] * 0.9 + ripple * (depth * 9 + 1.5) * (grid.unit / 1024))
    index = np.clip(source, 0, first - 1).astype(np.intp)
    image = canvas.light[:, index, np.arange(grid.columns)[None]]
    canvas.light[:, first:] = image * (0.86 - 0.30 * depth + 0.05 * ripple)
    canvas.edge[first:] = FAR


def aurora(canvas: Canvas, design: Design, dice: Dice, *, bottom: float) -> None:
    """Curtains of light above a horizon: sharp below, fading upwards, in folds."""
    grid = canvas.grid
    for tone in dice.shuffled(design.accents)[:3]:
        foot = bottom * (0.62 + 0.30 * grid.curve(dice, 0.6))
        rays = 0.55 + 0.45 * np.sin(grid.x[0] * 95 + grid.curve(dice, 0.12) * 9)
        window = grid.window(grid.width / 2, bottom / 2, grid.width, bottom / 2)
        assert window is not None
        above = foot - grid.y[window[0]]
        veil = ease(-0.02, 0.03, above) * np.exp(-np.clip(above, 0, None) * 5.5) * (0.5 + 0.5 * rays)
        canvas.glow(veil * ease(-0.6, 0.9, grid.curve(dice, 0.5)) * 0.8, colour.vector(tone), window=window)


def glitter(canvas: Canvas, design: Design, dice: Dice, sun: Sun, *, top: float) -> None:
    """The sun's road on open water: short bright strokes, wider and longer towards the eye."""
    grid = canvas.grid
    window = grid.rows_from(top)
    near = (grid.y[window[0]] - top) * (1 / (grid.height - top))
    part = grid.part(window)
    strokes = part.noise(dice, 0.020, wide=2.6, tall=0.22) + part.noise(dice, 0.05, wide=3, tall=0.25) * near
    road = np.exp(-(((grid.x - sun.x) / (0.05 + 0.16 * near)) ** 2))
    canvas.glow(
        ease(0.35, 1.5, strokes) * road * (0.75 if design.night else 1.1), colour.vector(design.light), window=window
    )


def fall(canvas: Canvas, design: Design, dice: Dice) -> None:
    """Whatever the prompt lets fall, some of it close to the eye and out of focus."""
    if "petals" in design.traits:
        petals(canvas, design, dice, 60)
    if "snowfall" in design.traits:
        _flakes(canvas, dice)
    if "rain" in design.traits:
        _rain(canvas, dice)


def petals(canvas: Canvas, design: Design, dice: Dice, count: int, *, flat: float = 1.0, top: float = 0) -> None:
    """Blossom petals in the accent colours; `flat` below 1 lets them lie on water."""
    grid = canvas.grid
    for step in range(count):
        near = (step / count) ** 3
        x, y = dice.between(0, grid.width), dice.between(top, grid.height)
        _petal(canvas, design, dice, x, y, (0.007 + 0.028 * near) * (0.7 + 0.5 * y / grid.height), flat, near)


def _petal(
    canvas: Canvas, design: Design, dice: Dice, x: float, y: float, size: float, flat: float, near: float
) -> None:
    grid, angle = canvas.grid, dice.between(0, 2 * math.pi)
    window = grid.window(x, y, size * 1.1 + 0.012, size * 1.1 + 0.012)
    if window is None:
        return
    across, down = grid.x[:, window[1]] - x, (grid.y[window[0]] - y) / flat
    along = (across * math.cos(angle) + down * math.sin(angle)) / size
    aside = (down * math.cos(angle) - across * math.sin(angle)) / size
    half = 0.55 * np.sqrt(np.clip(1 - along * along, 0, 1)) * (1 + 0.35 * along)
    notch = np.abs(aside) * 3.5 - (along - 0.72) * 2.2
    distance = np.minimum(np.minimum(half - np.abs(aside), notch), 1 - np.abs(along)) * (size * grid.unit * 0.8)
    tone = mix(colour.vector(dice.pick(design.accents)), colour.vector("ffffff"), 0.25)
    light = tone * (0.78 + 0.20 * along + 0.12 * aside)
    if near > 0.55:
        blur = 1 / (1 + 0.25 * size * grid.unit)
        canvas.blend(np.clip(distance * blur + 0.5, 0, 1) * 0.75, light, window=window)
    else:
        canvas.lay(distance.astype(np.float32), light, window=window)


def _flakes(canvas: Canvas, dice: Dice) -> None:
    grid, white = canvas.grid, colour.vector("ffffff")
    for _ in range(260):
        near = dice.between(0, 1) ** 4
        radius = 0.0012 + 0.010 * near
        x, y = dice.between(0, grid.width), dice.between(0, grid.height)
        if near < 0.12:
            canvas.sparks.append(Spark(x, y, radius, white * 0.8))
        elif window := grid.window(x, y, radius * 2, radius * 2):
            away = (grid.x[:, window[1]] - x) ** 2 + (grid.y[window[0]] - y) ** 2
            canvas.blend(np.exp(away * (-1 / radius**2)) * (0.75 - 0.45 * near), white, window=window)


def _rain(canvas: Canvas, dice: Dice) -> None:
    grid, tone = canvas.grid, colour.vector("dfe8f5")
    for _ in range(340):
        near = dice.between(0, 1) ** 3
        x, y, length = dice.between(0, grid.width), dice.between(0, grid.height), 0.02 + 0.07 * near
        window = grid.window(x, y, length * 0.2 + 0.01, length)
        if window is None:
            continue
        down = grid.y[window[0]] - y
        away = np.abs(grid.x[:, window[1]] - x + down * 0.12)
        canvas.glow(
            bell(away, 0.0007 + 0.0012 * near) * bell(down, length * 0.5) * (0.30 - 0.12 * near), tone, window=window
        )
