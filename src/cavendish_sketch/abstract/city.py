"""A street of towers with lit windows, and light trails between them."""

from __future__ import annotations

import math

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Plane, Planes, Window, bell, ease, mix
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import weather

WARM_WINDOWS = ("ffd9a0", "ffc27a", "fff0d0")
HAZE, NEAR = 0.80, 0.03


def street(canvas: Canvas, design: Design, dice: Dice, *, base: float, nearness: float, sun: weather.Sun) -> None:
    """One row of towers, from left to right."""
    grid, ramp = canvas.grid, colour.Ramp(design.ramp)
    size = (0.045 + 0.07 * nearness) * min(1, 0.6 + grid.width * 0.4)
    rise = grid.curve(dice, 0.45)
    x = -size * dice.between(0, 1)
    while x < grid.width:
        width = size * dice.between(0.45, 1.5)
        centre = min(max(int((x + width / 2) * grid.unit), 0), grid.columns - 1)
        share = 0.30 + 0.40 * dice.between(0, 1) ** 1.6 + 0.28 * float(rise[centre])
        # The far rows leave the sun its place.
        open_sky = 0.5 * (1 - nearness) * math.exp(-(((x + width / 2 - sun.x) / 0.22) ** 2))
        height = grid.height * mix(0.62, 0.36, nearness) * max(share * (1 - open_sky), 0.12)
        _tower(canvas, design, dice, ramp, x=x, width=width, top=base - height, nearness=nearness, sun=sun)
        x += width * dice.pick((1.0, 1.0, 1.04, 1.25))


def _tower(
    canvas: Canvas,
    design: Design,
    dice: Dice,
    ramp: colour.Ramp,
    *,
    x: float,
    width: float,
    top: float,
    nearness: float,
    sun: weather.Sun,
) -> None:
    grid = canvas.grid
    reach = width / 2 + 0.01
    crown = width * dice.between(0.5, 1.4)
    window = grid.window(x + width / 2, (top - crown + grid.height) / 2, reach, (grid.height - top + crown) / 2 + 0.01)
    if window is None:
        return
    across, below = grid.x[:, window[1]] - x, grid.y[window[0]] - top
    distance = _outline(dice, across, below, width, crown)
    depth = np.clip(below * (1 / (grid.height * 0.34)), 0, 1)
    place = mix(HAZE, NEAR, 0.16 + 0.84 * nearness**0.75)
    plane = place + (HAZE - place) * (0.60 - 0.46 * nearness) * ease(0.05, 1, depth)
    towards = 1 if sun.x > x + width / 2 else -1
    plane = plane + 0.05 * towards * (across / width - 0.5) + dice.between(-0.03, 0.03)
    light = ramp.at(plane)
    if design.night or "neon" in design.traits or dice.between(0, 1) < 0.5:
        light += _windows(design, dice, across, below, nearness) * ease(0.006, 0.02, below)
    canvas.lay((distance * grid.unit).astype(np.float32), light, window=window)


def _outline(dice: Dice, across: Plane, below: Plane, width: float, crown: float) -> Plane:
    """Distance inside a tower: a box, often with a spire, a set-back, a gable or a slanted roof."""
    middle = np.abs(across - width / 2)
    body = np.minimum(width / 2 - middle, below)
    form = dice.between(0, 1)
    if form < 0.16:
        return np.maximum(body, np.minimum(width * 0.28 - middle, below + crown * 0.5))
    if form < 0.30:
        return np.maximum(body, np.minimum(0.0022 - middle + (below + crown) * 0.004, below + crown))
    if form < 0.40:
        return np.minimum(width / 2 - middle, (below + width * 0.35 - middle * 0.7) * 0.82)
    if form < 0.52:
        return np.minimum(width / 2 - middle, (below + (across - width / 2) * dice.pick((-0.5, 0.5))) * 0.9)
    return body


def _windows(design: Design, dice: Dice, across: Plane, below: Plane, nearness: float) -> Planes:
    wide, tall = 0.0050 + 0.0042 * nearness, 0.0080 + 0.0058 * nearness
    column, floor = np.floor(across / wide), np.floor(below / tall)
    chance = _scattered(column * 12.9898 + floor * 78.233 + dice.between(0, 99))
    lit = chance > dice.between(0.72, 0.98)
    edge_x, edge_y = np.abs(across / wide - column - 0.5), np.abs(below / tall - floor - 0.5)
    share = 2 if "neon" in design.traits else 5
    palette = WARM_WINDOWS * share + design.accents
    tones = colour.linear(palette).astype(np.float32)
    tone = np.moveaxis(tones[(chance * 997).astype(np.intp) % len(palette)], -1, 0)
    return (
        tone * (lit & (edge_x < 0.30) & (edge_y < 0.27)) * ((0.35 + 0.75 * nearness) * (1.1 if design.night else 0.8))
    )


def _scattered(number: Plane) -> Plane:
    """A fixed pseudo-random value from 0 to 1 for every number."""
    value = np.abs(np.sin(number) * 43758.5453)
    return value - np.floor(value)


def trails(canvas: Canvas, design: Design, dice: Dice, *, low: float, high: float) -> None:
    """Long exposures of traffic: bright heads and fading tails along gentle arcs."""
    grid = canvas.grid
    for _ in range(14):
        tone = colour.vector(dice.pick(design.accents))
        start, length = dice.between(-0.2, 1) * grid.width, dice.between(0.12, 0.45)
        height = dice.between(low, high) + (grid.curve(dice, 0.9) * 0.02)
        ahead = dice.pick((-1, 1)) * (grid.x[0] - start) / length
        tail = np.where(ahead > 0, np.clip(1 - ahead, 0, 1) ** 1.5, 0).astype(np.float32)
        window: Window = grid.window(grid.width / 2, float(height.mean()), grid.width, 0.06) or (
            slice(0, 0),
            slice(None),
        )
        away = np.abs(grid.y[window[0]] - height)
        canvas.glow((bell(away, 0.0014) * 0.9 + bell(away, 0.007) * 0.16) * tail, tone, window=window)
