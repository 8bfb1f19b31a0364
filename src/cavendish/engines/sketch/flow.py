"""Flowing forms: folds of satin, lit from above. The family for everything without a form of its own."""

from __future__ import annotations

import math

import numpy as np

from cavendish.engines.sketch import colour
from cavendish.engines.sketch.canvas import Canvas
from cavendish.engines.sketch.design import Design, Report
from cavendish.engines.sketch.field import Dice, Grid, Plane

DEPTH = 0.16  # height of the folds in units
SUN = np.array([-0.45, -0.6, 0.62]) / np.linalg.norm([-0.45, -0.6, 0.62])
HALFWAY = (SUN + [0, 0, 1]) / np.linalg.norm(SUN + [0, 0, 1])  # between sun and eye: where a highlight lies


def folds(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    grid = canvas.grid
    drift = grid.clouds(dice, 0.8, 2)
    phase, height = _cloth(grid, dice, drift)
    report(0.3)
    across, down, upright = _normals(grid, height)
    diffuse = np.clip((-across * float(SUN[0]) - down * float(SUN[1]) + float(SUN[2])) * upright, 0, 1)
    shine = np.clip((-across * float(HALFWAY[0]) - down * float(HALFWAY[1]) + float(HALFWAY[2])) * upright, 0, 1)
    report(0.5)
    place = 0.11 + 0.72 * diffuse * np.sqrt(diffuse) + 0.09 * drift + 0.07 * np.sin(phase * 0.5 + drift)
    canvas.light[:] = colour.Ramp(design.ramp).at(place)
    canvas.light *= 0.25 + 0.95 * diffuse
    report(0.8)
    bright = shine**12
    canvas.glow(bright * 0.10 + bright * bright * bright * 0.32, colour.vector(design.light))
    # Cloth seen at a grazing angle takes the colour of its surroundings.
    canvas.glow((1 - upright) ** 2 * (0.30 * diffuse), colour.vector(design.accents[0]))


def _cloth(grid: Grid, dice: Dice, drift: Plane) -> tuple[Plane, Plane]:
    angle = dice.between(0.25, 0.75) * math.pi * dice.pick((-1, 1))
    along = grid.x * math.cos(angle) + grid.y * math.sin(angle)
    swell = grid.noise(dice, 0.55)
    phase = along * dice.between(5, 8) + swell * 1.5 + grid.noise(dice, 0.3) * 0.45
    height = np.sin(phase) + 0.35 * np.sin(phase * 2.3 + drift * 1.2) + 0.10 * np.sin(phase * 5.1 + swell * 2)
    return phase, height * DEPTH


def _normals(grid: Grid, height: Plane) -> tuple[Plane, Plane, Plane]:
    down, across = np.gradient(height, 1 / grid.unit)
    down, across = down.astype(np.float32), across.astype(np.float32)
    return across, down, 1 / np.sqrt(1 + across * across + down * down)
