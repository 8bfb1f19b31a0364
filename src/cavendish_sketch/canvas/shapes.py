"""Flat and constructed: a poster of simple shapes in a grid, and a blossom of overlapping petals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Plane, Report, ease
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import weather

# Distance inside a shape of a unit square, from coordinates 0 to 1.
TILES: tuple[Callable[[Plane, Plane], Plane], ...] = (
    lambda x, y: 1 - np.hypot(x, y),
    lambda x, y: 0.5 - np.hypot(x - 0.5, y - 0.5),
    lambda x, y: 0.5 - np.hypot(x - 0.5, y),
    lambda x, y: (x - y) * 0.7071,
    lambda x, y: np.minimum(1 - np.hypot(x, y), 1 - np.hypot(1 - x, 1 - y)),
    lambda x, y: np.maximum(0.5 - np.hypot(x - 0.5, y - 0.5), y - 0.5),
    lambda x, y: np.abs((np.hypot(x, y) * 4) % 1 - 0.5) * 0.25 - 0.0625,
    lambda x, y: np.maximum(0.25 - np.abs(x - 0.25), 0.25 - np.abs(y - 0.25)) + 0 * x,
    lambda x, y: np.minimum(0.5 - np.hypot(x - 0.5, y), y + 0.02),
)
NESTED = {0: lambda x, y: 0.5 - np.hypot(x, y), 1: lambda x, y: 0.22 - np.hypot(x - 0.5, y - 0.5)}


def poster(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    grid = canvas.grid
    cell = grid.short / dice.pick((2, 3, 3))
    columns, rows = max(1, round(grid.width / cell)), max(1, round(grid.height / cell))
    paper = design.ramp[-1]
    tones = tuple(design.accents) + design.ramp[1:-1:2]
    canvas.light[:] = colour.vector(paper)
    for row in range(rows):
        for column in range(columns):
            _tile(canvas, dice, tones, paper, (column / columns, row / rows, 1 / columns, 1 / rows))
        report((row + 1) / rows)
    canvas.light *= 1 + 0.035 * grid.clouds(dice, 0.5, 3)


def _tile(
    canvas: Canvas, dice: Dice, tones: tuple[str, ...], paper: str, place: tuple[float, float, float, float]
) -> None:
    """`place` is left, top, width and height in shares of the picture."""
    grid = canvas.grid
    left, top, wide, tall = (part * size for part, size in zip(place, (grid.width, grid.height) * 2, strict=True))
    rows = slice(round(top * grid.unit), round((top + tall) * grid.unit))
    columns = slice(round(left * grid.unit), round((left + wide) * grid.unit))
    window, size = (rows, columns), min(wide, tall) * grid.unit
    x, y = (grid.x[:, columns] - left) / wide, (grid.y[rows] - top) / tall
    for _ in range(dice.whole(0, 3)):
        x, y = y, 1 - x
    ground, figure, inner = (colour.vector(text) for text in dice.shuffled(tones)[:3])
    if dice.between(0, 1) < 0.28:
        ground = colour.vector(paper)
    kind = dice.whole(0, len(TILES) - 1)
    shading = 0.88 + 0.18 * x + 0 * y
    box = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) * size
    canvas.lay(box + 0.5, ground * (0.96 + 0.04 * shading), window=window)
    canvas.lay(TILES[kind](x, y) * size, figure * shading, window=window)
    if kind in NESTED and dice.between(0, 1) < 0.6:
        canvas.lay(NESTED[kind](x, y) * size, inner * shading, window=window)


def blossom(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    """Petals in rings, the outer ones first, each with a shadow on those below."""
    grid, ramp = canvas.grid, colour.Ramp(design.ramp)
    ground = 0.08 + 0.14 * grid.y / grid.height + 0.06 * grid.clouds(dice, 0.6, 2)
    canvas.light[:] = ramp.at(ground) * 0.75
    x, y = grid.width * dice.between(0.36, 0.64), grid.height * dice.between(0.42, 0.58)
    polar = Polar(x, y, np.hypot(grid.x - x, grid.y - y), np.arctan2(grid.y - y, grid.x - x))
    reach, rings = grid.short * 0.60, 7
    for ring in range(rings):
        inner = ring / (rings - 1)
        count, start = 5 + ring % 2, dice.between(0, 2 * math.pi)
        spread, size = math.pi / count * 1.45, reach * (1 - 0.86 * inner**0.8)
        for number in range(count):
            _petal(canvas, ramp, dice, polar, start + 2 * math.pi * number / count, spread, size, inner)
        report((ring + 1) / rings)
    weather.fall(canvas, design, dice)


@dataclass(frozen=True, slots=True, eq=False)
class Polar:
    """Distance and direction of every pixel from a centre."""

    x: float
    y: float
    away: Plane
    turn: Plane


def _petal(
    canvas: Canvas, ramp: colour.Ramp, dice: Dice, polar: Polar, angle: float, spread: float, reach: float, inner: float
) -> None:
    grid = canvas.grid
    middle = polar.x + math.cos(angle) * reach * 0.5, polar.y + math.sin(angle) * reach * 0.5
    window = grid.window(*middle, reach * 0.84 + 0.01, reach * 0.84 + 0.01)
    if window is None:
        return
    away, turn = polar.away[window], polar.turn[window]
    off = ((turn - angle + math.pi) % (2 * math.pi) - math.pi) * (1 / spread)
    width = np.sqrt(np.clip(1 - np.abs(off) * off * off, 0, 1))
    outline = reach * width * (1 + 0.04 * np.sin(off * 5 + dice.between(0, 6)))
    distance = np.where(np.abs(off) < 1, outline - away, -away)
    share = np.clip(away * (1 / reach), 0, 1)
    shadow = np.exp(np.clip(distance, None, 0) * (18 / reach)) * (distance < 0) * ease(1.5, 0.7, np.abs(off))
    canvas.shade(shadow * 0.32, window=window)
    veins = 0.035 * np.sin(off * 34 + 3 * share) * share
    place = 0.23 + 0.40 * share * np.sqrt(share) - 0.08 * inner - 0.16 * off * off + veins
    light = ramp.at(place) * (0.75 + 0.35 * share) + 0.08 * np.exp(np.clip(distance, 0, None) * -220)
    canvas.lay((distance * grid.unit).astype(np.float32), light, window=window)
