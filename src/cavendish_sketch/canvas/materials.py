"""What a figure is made of: its light and dark in a material's tones, with grain, veins, courses of bricks or a gleam.

The pattern is worked out from places in the figure, so that it is the same at every size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Plane, ease
from cavendish_sketch.canvas.raster import Pixels
from cavendish_sketch.language.brief import Material

LUMA = np.array([0.30, 0.59, 0.11], np.float32)
SOLID = 128  # alpha
TINT_DARK, TINT_LIGHT = 0.55, 0.62  # of a material in a colour: how far its tones are from it
COURSES = 15.0  # of bricks, in the height of a figure
BRICK_LONG = 2.4  # times its height


@dataclass(frozen=True, slots=True)
class Finish:
    """How a material looks.

    Attributes:
        ramp: Hex colours from the dark of a drawing to its light.
        pattern: Lighter and darker places, about 0, from places across and down in heights of the figure.
        strength: Of the pattern.
        clear: Share of what lies behind that is seen through it.
    """

    ramp: tuple[str, ...]
    pattern: Callable[[Plane, Plane], Plane]
    strength: float
    clear: float = 0.0


def made_of(pixels: Pixels, material: Material, colour: str | None) -> Pixels:
    """The same drawing made of something, in a colour of one's own where there is one."""
    ink = pixels[..., 3] > SOLID
    if not ink.any():
        return pixels
    finish = FINISHES[material]
    light: Plane = (pixels[..., :3] * np.float32(1 / 255)) @ LUMA
    low, high = (float(np.quantile(light[ink], share)) for share in (0.03, 0.97))
    level = np.clip((light - low) / max(high - low, 0.08), 0, 1)
    rows, columns = light.shape
    x = (np.arange(columns, dtype=np.float32) + np.float32(0.5))[None] / np.float32(rows)
    y = (np.arange(rows, dtype=np.float32) + np.float32(0.5))[:, None] / np.float32(rows)
    ramp = _tinted(finish.ramp, colour) if colour else finish.ramp
    tones = np.array([svg.channels(tone) for tone in ramp], np.float32)
    places = np.linspace(0, 1, len(ramp))
    shade = 1 + finish.pattern(x, y) * np.float32(finish.strength)
    result = pixels.copy()
    for channel in range(3):
        result[..., channel] = np.clip(np.interp(level, places, tones[:, channel]) * shade, 0, 255)
    if finish.clear:
        # What is dark in a drawing, outlines and eyes, stays to be seen in glass.
        seen = 1 - np.float32(finish.clear) * ease(0.05, 0.5, level)
        result[..., 3] = pixels[..., 3] * seen
    return result


def _tinted(ramp: tuple[str, ...], colour: str) -> tuple[str, ...]:
    """From a deep shade of the colour to a pale one, in as many steps."""
    steps = [number / (len(ramp) - 1) * 2 - 1 for number in range(len(ramp))]
    return tuple(
        svg.blend(colour, "ffffff" if step > 0 else "100a10", abs(step) * (TINT_LIGHT if step > 0 else TINT_DARK))
        for step in steps
    )


def _grain(x: Plane, y: Plane) -> Plane:
    """Lines along a board that part around knots."""
    bend = np.float32(0.05) * np.sin(y * 7 + 1) + np.float32(0.022) * np.sin(y * 17 + x * 5)
    lines: Plane = np.sin((x + bend) * 62) + np.float32(0.6) * np.sin((x + bend * 2) * 141 + y * 3)
    return lines


def _veins(x: Plane, y: Plane) -> Plane:
    """Dark threads where slow waves pass through zero."""
    wave = np.sin(x * 6 + y * 5 + 1.6 * np.sin(y * 7 + x * 3)) + np.float32(0.5) * np.sin(x * 17 - y * 11)
    veins: Plane = -np.exp(-((wave / np.float32(0.16)) ** 2))
    return veins


def _speckle(x: Plane, y: Plane) -> Plane:
    """Coarse grains of several sizes."""
    fine = np.sin(x * 173 + np.sin(y * 61) * 3) * np.sin(y * 157 + np.sin(x * 71) * 3)
    speckle: Plane = fine + np.float32(0.7) * np.sin(x * 41 + y * 13) * np.sin(y * 37 - x * 19)
    return speckle


def _courses(x: Plane, y: Plane) -> Plane:
    """Bricks in bond: light mortar around, every brick of its own shade."""
    row = np.floor(y * COURSES)
    across = x * np.float32(COURSES / BRICK_LONG) + (row % 2) * np.float32(0.5)
    brick = np.floor(across)
    inside = np.minimum(np.abs(across - brick - 0.5) * BRICK_LONG, 0.5 * BRICK_LONG)
    gap = np.maximum(ease(0.42, 0.48, np.abs(y * COURSES - row - 0.5)), ease(1.12, 1.18, inside))
    shades = np.sin(row * 12.9 + brick * 78.2)
    result: Plane = gap * np.float32(2.6) + (1 - gap) * shades * np.float32(0.5)
    return result


def _folds(x: Plane, y: Plane) -> Plane:
    """Facets with hard creases, as paper has."""
    facets = np.sign(np.sin(x * 9 + y * 6)) + np.sign(np.sin(x * 5 - y * 11 + 1))
    result: Plane = facets.astype(np.float32)
    return result


def _gleam(x: Plane, y: Plane) -> Plane:
    """Broad bands of reflected light."""
    bands: Plane = np.sin((x * 3 + y * 5) * 3.1) + np.float32(0.5) * np.sin((x * 3 + y * 5) * 9.7)
    return bands


def _hide(x: Plane, y: Plane) -> Plane:
    """The fine wrinkles of leather."""
    wrinkles: Plane = np.sin(x * 90 + 2 * np.sin(y * 47)) * np.sin(y * 83 + 2 * np.sin(x * 53))
    return wrinkles


FINISHES: Mapping[Material, Finish] = {
    "brick": Finish(("4a1c14", "8f3d2a", "b4553c", "cf7a58"), _courses, 0.24),
    "china": Finish(("6f7d96", "d3dae4", "f3f5f8", "ffffff"), _gleam, 0.02),
    "clay": Finish(("5a2412", "a6522f", "cf7a4c", "e8a27a"), _speckle, 0.03),
    "glass": Finish(("2c5866", "86b9c4", "cfe9ee", "ffffff"), _gleam, 0.10, clear=0.45),
    "ice": Finish(("3f7fae", "92c6e4", "d3edf9", "ffffff"), _veins, 0.12, clear=0.22),
    "iron": Finish(("15181d", "4a525c", "8d97a2", "e6ecf2"), _gleam, 0.16),
    "leather": Finish(("2a130a", "6a351c", "8f5230", "b87b50"), _hide, 0.08),
    "marble": Finish(("8d8a88", "d2cfcb", "efedea", "ffffff"), _veins, 0.30),
    "paper": Finish(("a99c86", "e2d8c4", "f4eee0", "fffdf6"), _folds, 0.05),
    "stone": Finish(("3a3b3d", "77787a", "9fa09e", "c8c7c2"), _speckle, 0.10),
    "wood": Finish(("3b200f", "7d4a24", "b07a45", "d6a76d"), _grain, 0.10),
}
