"""Water seen from above: rings that drops have left, reflections, leaves, petals and the backs of fish."""

from __future__ import annotations

import math

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Report, bell, ease, mix
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import weather

FORESHORTENING = 0.62  # the eye looks down at a slant: circles are this much less tall than wide


def water(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    grid = canvas.grid
    height = _surface(grid, dice)
    down, across = np.gradient(height * np.float32(0.010), 1 / grid.unit)
    down, across = down.astype(np.float32), across.astype(np.float32)
    report(0.3)
    place = 0.10 + 0.34 * grid.y / grid.height + 0.13 * grid.clouds(dice, 0.7, 3) + down * 0.9 + across * 0.5
    canvas.light[:] = colour.Ramp(design.ramp).at(place)
    report(0.5)
    if "fish" in design.traits:
        for _ in range(dice.whole(5, 7)):
            _fish(canvas, design, dice)
    shine = np.clip(down * 2.6 + across - 0.16, 0, 1)
    canvas.glow(shine * np.sqrt(shine) * 0.9, colour.vector(design.light))
    report(0.7)
    if "leaves" in design.traits:
        _lily_pads(canvas, design, dice)
    if "petals" in design.traits:
        weather.petals(canvas, design, dice, 95, flat=0.7)
    if "rain" in design.traits:
        weather.fall(canvas, design, dice)


def _surface(grid: Grid, dice: Dice) -> Plane:
    height = 0.35 * grid.clouds(dice, 0.24, 3, wide=2.0, tall=0.6)
    for _ in range(dice.whole(3, 5)):
        x, y, reach = dice.between(0, grid.width), dice.between(0, grid.height), dice.between(0.16, 0.4)
        away = np.sqrt((grid.x - x) ** 2 + ((grid.y - y) * (1 / FORESHORTENING)) ** 2)
        height += np.sin(away * dice.between(70, 105)) * bell(away - reach * 0.5, reach * 0.55) * 0.5
    return height


def _lily_pads(canvas: Canvas, design: Design, dice: Dice) -> None:
    grid, ramp = canvas.grid, colour.Ramp(design.ramp)
    for _ in range(3):
        x, y = dice.between(0, grid.width), dice.between(0.1, 1) * grid.height
        for _ in range(dice.whole(3, 6)):
            radius = dice.between(0.022, 0.055) * (0.6 + 0.6 * y / grid.height)
            _lily_pad(canvas, ramp, dice, x + dice.normal() * 0.09, y + dice.normal() * 0.05, radius)


def _lily_pad(canvas: Canvas, ramp: colour.Ramp, dice: Dice, x: float, y: float, radius: float) -> None:
    grid = canvas.grid
    window = grid.window(x, y, radius * 1.3 + 0.01, radius * 1.3 + 0.01)
    if window is None:
        return
    across, down = (grid.x[:, window[1]] - x) / radius, (grid.y[window[0]] - y) / (radius * FORESHORTENING)
    away, turn = np.sqrt(across * across + down * down), np.arctan2(down, across) + dice.between(-math.pi, math.pi)
    turn = np.abs((turn + math.pi) % (2 * math.pi) - math.pi)
    notch = (turn - 0.16) * away
    distance = np.minimum(1 - away, notch) * (radius * grid.unit * FORESHORTENING)
    canvas.shade(bell(np.sqrt(across * across + (down - 0.22) ** 2), 0.95) * 0.35, window=window)
    veins = 0.04 * np.cos(turn * 16) * ease(0.1, 0.8, away)
    light = ramp.at(0.34 + 0.14 * away + veins - 0.10 * down) * np.array([0.75, 1.05, 0.7], np.float32).reshape(3, 1, 1)
    canvas.lay(distance.astype(np.float32), light, window=window)


def _fish(canvas: Canvas, design: Design, dice: Dice) -> None:
    """A koi as a brush would put it: a bent drop with patches and a veil of a tail, under water."""
    grid, length = canvas.grid, dice.between(0.10, 0.17)
    x, y, angle, bend = (
        dice.between(0.05, 0.95) * grid.width,
        dice.between(0.15, 0.95) * grid.height,
        dice.between(0, 2 * math.pi),
        dice.between(-1.1, 1.1),
    )
    window = grid.window(x, y, length * 1.3, length * 1.3)
    if window is None:
        return
    across, down = grid.x[:, window[1]] - x, (grid.y[window[0]] - y) / 0.8
    along = (across * math.cos(angle) + down * math.sin(angle)) / length
    aside = (down * math.cos(angle) - across * math.sin(angle)) / length + bend * (along * along - 0.2) * 0.35
    distance = _fish_outline(along, aside) * (length * grid.unit)
    patches = ease(-0.1, 0.25, grid.part(window).noise(dice, length * 0.42))
    tone = mix(colour.vector("fff3e4"), colour.vector(dice.pick(("f0562a", "e8371f", "f58a2e"))), patches)
    light = tone * (0.80 - 0.9 * np.abs(aside)) * (0.55 + 0.45 * ease(-1.2, -0.4, along))
    canvas.shade(np.clip(distance / 9 + 0.7, 0, 1) * 0.30, window=window)
    canvas.blend(np.clip(distance / 1.6 + 0.5, 0, 1) * 0.92, light, window=window)


def _fish_outline(along: Plane, aside: Plane) -> Plane:
    """Distance inside, in lengths of the fish: a full body from -1 to 1, and a forked veil behind it."""
    side = np.abs(aside)
    body = 0.25 * np.sqrt(np.clip(1 - along * along, 0, 1)) * np.clip(0.66 + 0.5 * along, 0.10, 1) - side
    body = body - np.clip(np.abs(along) - 1, 0, None)
    behind = -0.72 - along
    veil = np.minimum(0.04 + behind * 0.55 - side, 0.62 - behind - 0.55 * (0.3 - side))
    fins = 0.075 - np.sqrt((along - 0.28 + side * 0.5) ** 2 * 0.6 + (side - 0.25) ** 2)
    outline: Plane = np.maximum(np.maximum(body, fins), np.where(behind > 0, veil, -1))
    return np.where(np.abs(along) < 1.5, outline, -1).astype(np.float32)
