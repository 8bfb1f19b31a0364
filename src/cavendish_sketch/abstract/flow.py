"""Flowing forms: folds of satin, lit from above. The family for everything without a form of its own."""

from __future__ import annotations

import math

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Report
from cavendish_sketch.language.brief import Design

DEPTH = 0.16  # height of the folds in units
# Unit vectors across, down and towards the eye; a highlight lies where the cloth faces halfway between sun and eye.
SUN = (-0.462, -0.616, 0.637)
HALFWAY = (-0.255, -0.341, 0.905)


def folds(canvas: Canvas, design: Design, dice: Dice, report: Report) -> None:
    grid = canvas.grid
    drift = grid.clouds(dice, 0.8, 2)
    phase, height = _cloth(grid, dice, drift)
    report(0.3)
    across, down, upright = _normals(grid, height)
    diffuse, shine = (
        np.clip((towards_eye - across * to_right - down * to_bottom) * upright, 0, 1)
        for to_right, to_bottom, towards_eye in (SUN, HALFWAY)
    )
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
