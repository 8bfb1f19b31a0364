"""Light without things: discs out of focus, and ribbons drawn in the air."""

from __future__ import annotations

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, Report, Window, bell, mix
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import weather

DISCS = 190
STRANDS = 34


def bokeh(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    """City lights through a wide-open lens."""
    grid = canvas.grid
    band, slope = grid.height * dice.between(0.34, 0.5), dice.between(-0.16, 0.16)
    dim = 0.10 + 0.30 * bell(grid.y - band, 0.4 * grid.height) + 0.07 * grid.clouds(dice, 0.6, 3)
    canvas.light[:] = colour.Ramp(design.ramp).at(dim) * 0.6
    for step in range(DISCS):
        near = (step / DISCS) ** 2.4
        x = dice.between(-0.05, 1.05) * grid.width
        y = band + slope * (x - grid.width / 2) + dice.normal() * (0.07 + 0.17 * near) * grid.height
        _disc(canvas, dice, design.accents, x, y, (0.010 + 0.078 * near) * dice.between(0.8, 1.2), near)
        report(0.8 * step / DISCS)
    weather.fall(canvas, design, dice)


def _disc(canvas: Canvas, dice: Dice, tones: tuple[str, ...], x: float, y: float, radius: float, near: float) -> None:
    grid = canvas.grid
    window = grid.window(x, y, radius * 1.2, radius * 1.2)
    if window is None:
        return
    away = np.sqrt((grid.x[:, window[1]] - x) ** 2 + (grid.y[window[0]] - y) ** 2)
    inside = np.clip((radius - away) * (1 / (0.0015 + radius * 0.06)) + 0.5, 0, 1)
    # A lens gathers a little more light towards the rim of the disc.
    body = 0.66 + 0.30 * (away / radius) ** 2 + 0.35 * bell(away - radius * 0.93, radius * 0.09)
    strength = (0.62 - 0.42 * near) * dice.between(0.25, 1) ** 1.3
    tone = mix(colour.vector(dice.pick(tones)), colour.vector("ffffff"), dice.between(0, 0.25))
    canvas.glow(inside * body * strength, tone, window=window)


def ribbons(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    """Bundles of fine luminous strands, twisting."""
    grid = canvas.grid
    middle = np.sqrt((grid.x / grid.width - 0.5) ** 2 * 1.2 + (grid.y / grid.height - 0.5) ** 2 * 1.7)
    dim = 0.05 + 0.16 * np.clip(1 - 1.5 * middle, 0, 1) + 0.03 * grid.clouds(dice, 0.7, 3)
    canvas.light[:] = colour.Ramp(design.ramp).at(dim) * 0.65
    tones = dice.shuffled(design.accents)
    count = dice.whole(3, 4)
    for number in range(count):
        first, second = (colour.vector(tones[(number + step) % len(tones)]) for step in (0, 1))
        _ribbon(canvas, dice, first, second, height=(number + dice.between(0.2, 0.8)) / count)
        report((number + 1) / count)
    if "stars" in design.traits or design.night:
        weather.stars(canvas, dice, weather.STARS // 2, bottom=grid.height)
    weather.fall(canvas, design, dice)


def _ribbon(canvas: Canvas, dice: Dice, first: Planes, second: Planes, *, height: float) -> None:
    grid = canvas.grid
    middle = grid.height * (mix(0.15, 0.85, height) + 0.26 * grid.curve(dice, 0.55))
    half = grid.height * np.sqrt(0.004 + (0.17 * grid.curve(dice, 0.45)) ** 2)
    twist = grid.curve(dice, 0.4) * 1.2
    window = _around(grid, middle, half * 2.2)
    if window is None:
        return
    sheet = (grid.y[window[0]] - middle) / half
    canvas.glow(
        np.exp(-(np.abs(sheet) ** 2.2)) * 0.13, mix(first, second, np.clip(sheet * 0.5 + 0.5, 0, 1)), window=window
    )
    for strand in range(STRANDS):
        place = strand / (STRANDS - 1) * 2 - 1
        line = middle + half * np.sin(place * 1.45 + twist * (0.35 + 0.65 * place * place))
        strength = 0.14 + 0.42 * float(np.exp(-(((place - 0.6) / 0.35) ** 2)))
        _strand(canvas, line, mix(first, second, (place + 1) / 2) * strength)


def _strand(canvas: Canvas, line: Plane, tone: Planes) -> None:
    """A line one pixel wide with a faint glow. Pixel by pixel along the line: a window would be mostly empty."""
    grid = canvas.grid
    centre = (line * grid.unit).astype(np.intp)
    columns = np.arange(grid.columns)
    for offset in range(-5, 6):
        rows = centre + offset
        seen = (rows >= 0) & (rows < grid.rows)
        away = np.abs(rows + 0.5 - line * grid.unit)
        light = (np.clip(1.15 - away, 0, 1) * 0.9 + np.exp(away * -0.45) * 0.20).astype(np.float32)
        canvas.light[:, rows[seen], columns[seen]] += tone[:, 0] * light[seen]


def _around(grid: Grid, middle: Plane, reach: Plane) -> Window | None:
    top, bottom = float((middle - reach).min()), float((middle + reach).max())
    return grid.window(grid.width / 2, (top + bottom) / 2, grid.width, (bottom - top) / 2)
