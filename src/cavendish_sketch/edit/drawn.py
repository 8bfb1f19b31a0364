"""Drawn media: pencil, coloured pencil, and pen and ink."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from cavendish_sketch.canvas.field import Dice, Grid, Plane, blurred, ease, mix, resized
from cavendish_sketch.edit import media

Colour = tuple[float, float, float]

SKETCH_PAPER: Colour = (0.975, 0.968, 0.950)
LEAD: Colour = (0.13, 0.13, 0.15)
IVORY: Colour = (0.968, 0.955, 0.915)
INK: Colour = (0.07, 0.075, 0.10)
PEN_SPACING = 0.0072  # units between two lines of a hatching
CRAYON_TURNS = (0.80, 0.45)  # radians; the hand turns the sheet a little for the second layer


def pencil(image: Image.Image, dice: Dice) -> Image.Image:
    """Graphite: contours by dodging, tones by hatching that follows one hand."""
    small = media.work_copy(image)
    grid = Grid.of(*small.size)
    drawing = _graphite(media.tone_of(media.planes_of(small)), grid, dice)
    drawn = _between(LEAD, SKETCH_PAPER, drawing)
    return media.textured(media.picture_of(drawn, image.size), media.paper_relief(dice), 0.10, in_white=0.35)


def crayon(image: Image.Image, dice: Dice) -> Image.Image:
    """Coloured pencils: strokes in the colour of what lies under them, on a paper that shows through in the lights."""
    small = media.work_copy(image)
    grid = Grid.of(*small.size)
    light = media.flattened(media.planes_of(small), 0.0032 * grid.unit)
    tone = media.tone_of(light)
    colour = np.clip(media.saturated(light, 1.75) * (0.88 + 0.16 * (1 - tone)), 0, 1)
    first, second = (_hatching(grid, dice, turn, 0.03) for turn in CRAYON_TURNS)
    needed = np.clip(1.22 - 0.98 * tone, 0.20, 1)
    cover = needed * (0.72 - 0.42 * (first - 0.5)) + needed * (0.42 - 0.50 * (second - 0.5))
    cover = np.clip(cover * (1 + 0.22 * blurred(dice.normals(grid.rows, grid.columns), 0.8)), 0, 0.97)
    paper = np.array(SKETCH_PAPER, np.float32)[:, None, None]
    lines = media.contours(media.tone_of(media.planes_of(small)), 0.0011 * grid.unit, 1.7)
    drawn = mix(paper, colour, cover) * (0.42 + 0.58 * lines)
    return media.textured(media.picture_of(drawn, image.size), media.paper_relief(dice), 0.14, in_white=0.25)


def ink(image: Image.Image, dice: Dice) -> Image.Image:
    """Pen lines, and hatching in two directions where it is dark, on ivory paper."""
    small = media.work_copy(image, 2_200_000)
    grid = Grid.of(*small.size)
    tone = media.stretched(blurred(media.tone_of(media.planes_of(small)), 0.0013 * grid.unit), 0.01)
    lines = media.contours(tone, 0.0011 * grid.unit, 2.4)
    shade = np.minimum(_pen(grid, dice, 0.8, 0.50 - tone), _pen(grid, dice, -0.7, 0.28 - tone))
    drawn = np.minimum(np.minimum(lines, shade), ease(0.05, 0.10, tone))
    return media.textured(
        media.picture_of(_between(INK, IVORY, drawn), image.size), media.paper_relief(dice), 0.05, in_black=0.2
    )


def _between(dark: Colour, light: Colour, amount: Plane) -> Plane:
    """Planes from one colour to another."""
    first, second = (np.array(colour, np.float32)[:, None, None] for colour in (dark, light))
    planes: Plane = first + (second - first) * amount
    return planes


def _graphite(tone: Plane, grid: Grid, dice: Dice) -> Plane:
    """1 on paper, 0 where pressed hard."""
    tone = media.stretched(tone, 0.01)
    around = blurred(tone, 0.010 * grid.unit)
    contour = np.clip(tone / np.maximum(around, 0.04), 0, 1) ** np.float32(1.8)
    fine = media.contours(tone, 0.0011 * grid.unit, 1.6)
    shade = ease(0.02, 0.86, blurred(tone, 0.002 * grid.unit))
    hatch = _hatching(grid, dice, 0.8) * 0.75 + _hatching(grid, dice, 0.2) * 0.25
    pressed = np.clip((1 - shade) * (0.66 + 0.95 * (0.5 - hatch)), 0, 1)
    return np.clip(contour * (0.45 + 0.55 * fine) * (1 - 0.88 * pressed), 0, 1)


def _hatching(grid: Grid, dice: Dice, angle: float, reach: float = 0.05) -> Plane:
    """0 to 1: strokes of one direction, each of its own pressure."""
    side = math.ceil(math.hypot(grid.columns, grid.rows)) + 2
    thick, length = 0.0018 * grid.unit, reach * grid.unit
    pressure = dice.normals(max(2, math.ceil(side / thick)), max(2, math.ceil(side / length)))
    strokes = Image.fromarray(resized(pressure, side, side)).rotate(math.degrees(angle), Image.Resampling.BILINEAR)
    left, top = (side - grid.columns) // 2, (side - grid.rows) // 2
    turned = np.asarray(strokes.crop((left, top, left + grid.columns, top + grid.rows)))
    strength: Plane = np.clip(0.5 + np.float32(0.33) * turned, 0, 1)
    return strength


def _pen(grid: Grid, dice: Dice, angle: float, darkness: Plane) -> Plane:
    """1 on paper, 0 on a pen line; lines swell with darkness."""
    aside = grid.y * math.cos(angle) - grid.x * math.sin(angle)
    place = (aside + grid.noise(dice, 0.15) * np.float32(0.0015)) * np.float32(1 / PEN_SPACING)
    off = np.abs(place - np.floor(place) - np.float32(0.5)) * np.float32(PEN_SPACING * grid.unit)
    line: Plane = np.clip(off - np.clip(darkness, 0, 0.5) * 5.2 + 0.5, 0, 1) * (darkness > 0) + (darkness <= 0)
    return line
