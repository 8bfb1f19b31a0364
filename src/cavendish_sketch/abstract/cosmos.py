"""Deep space: a nebula with dust, stars, and one planet."""

from __future__ import annotations

import math

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Report, bell, ease
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import weather

STARS = 1300
TURBULENCE = 0.07  # units by which the gas is stirred


def nebula(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    grid = canvas.grid
    gas, band = _gas(grid, dice)
    report(0.4)
    density = ease(-0.7, 2.3, gas + 1.3 * band - 0.4)
    canvas.light[:] = colour.Ramp(design.ramp).at(0.05 + 0.72 * density * np.sqrt(density)) * (0.16 + 0.90 * density)
    canvas.glow(ease(1.2, 3.0, gas + band) * 0.20, colour.vector(design.accents[0]))
    canvas.glow(ease(0.6, 2.6, 1.2 * band - gas) * 0.13, colour.vector(design.accents[min(2, len(design.accents) - 1)]))
    canvas.shade(ease(0.4, 1.7, grid.clouds(dice, 0.3, 5, gain=0.6) + 0.4 * band) * band * 0.7)
    report(0.7)
    if design.family == "cosmos":
        _planet(canvas, design, dice)
    weather.stars(canvas, dice, STARS, bottom=grid.height)


def _gas(grid: Grid, dice: Dice) -> tuple[Plane, Plane]:
    still = grid.clouds(dice, 0.42, 7, gain=0.55)
    push = TURBULENCE * grid.unit
    across = np.arange(grid.columns)[None] + grid.clouds(dice, 0.5, 3) * push
    down = np.arange(grid.rows)[:, None] + grid.clouds(dice, 0.5, 3) * push
    rows, columns = (
        np.clip(place, 0, limit - 1).astype(np.intp) for place, limit in ((down, grid.rows), (across, grid.columns))
    )
    tilt = math.tan(dice.between(-0.5, 0.5))
    middle = grid.y - grid.height / 2 - tilt * (grid.x - grid.width / 2)
    return still[rows, columns], bell(middle, 0.30 * grid.height + 0.05)


def _planet(canvas: Canvas, design: Design, dice: Dice) -> None:
    grid = canvas.grid
    radius = grid.short * dice.between(0.20, 0.34)
    x, y = grid.width * dice.pick((0.27, 0.73)), grid.height * dice.between(0.46, 0.68)
    window = grid.window(x, y, radius * 1.3, radius * 1.3)
    assert window is not None
    across, down = (grid.x[:, window[1]] - x) * (1 / radius), (grid.y[window[0]] - y) * (1 / radius)
    away = np.sqrt(across * across + down * down)
    facing = np.sqrt(np.clip(1 - away * away, 0, 1))
    angle = dice.between(2.4, 3.8)
    sun = np.array([math.cos(angle) * 0.8, -0.45, 0.25])
    sun_x, sun_y, sun_z = (float(part) for part in sun / np.linalg.norm(sun))
    day = across * sun_x + down * sun_y
    stripes = (down * 1.2 + across * 0.35) * 9 + grid.part(window).clouds(dice, 0.2, 4, gain=0.55, wide=3) * 1.1
    surface = colour.Ramp(design.ramp).at(0.30 + 0.24 * np.sin(stripes) + 0.22 * facing)
    light = surface * np.clip(day + facing * sun_z, 0, 1) * 1.1
    canvas.lay(((1 - away) * (radius * grid.unit)).astype(np.float32), light, window=window)
    halo = np.exp(np.abs(away - 1) * -22) * np.clip(day + 0.25, 0, 1)
    canvas.glow(halo * 0.5, colour.vector(design.accents[0]), window=window)
