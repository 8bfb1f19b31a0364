"""Under water in linear light: the depth's colours, the surface from below, shafts of light, and a lit sandy floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import colour
from cavendish_sketch.canvas.canvas import FAR, Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, bell, ease, mix, resized
from cavendish_sketch.nature.planet_ground import EYE, TILE, View, repeated, texture

COARSE = 2  # pixels of the picture in one of a shaft
BEAM_STEPS = 2048
BEAM_SPREAD = 1.35  # widest slope of a shaft, across for each step down
NET_KNOTS = 16  # meshes of the net of light on one tile
NET_REPEATS = 0.55  # tiles in a unit of sand
RIPPLES = 30.0  # radians in a unit of sand
SURFACE_SHARE = 0.20  # of the picture's height, from which the surface is seen
FOG = 0.22  # of the sand in a unit of distance


@dataclass(frozen=True, slots=True)
class Water:
    """Colours under water, six hex digits.

    Attributes:
        ramp: From just below the surface to the deep.
        beam: Of shafts and caustics.
        sand: Of the floor in white light.
        clear: Strength of daylight, 0 in the deep sea to 1.
    """

    ramp: tuple[str, ...]
    beam: str
    sand: str
    clear: float


WATERS = {
    "reef": Water(("d8fff4", "74e6e2", "22b4cc", "1186b4", "0b5c92", "083c6c"), "d2fff4", "f0dcae", 1.0),
    "lagoon": Water(("e4fff0", "86f0da", "2fc8c0", "1698a8", "0c6a88", "084662"), "e6ffe0", "f6e6bc", 1.0),
    "open": Water(("b4f0f6", "55c6e4", "1f92cc", "1268ac", "0b4688", "072a5c"), "c8f6ff", "d8cca8", 0.9),
    "warm": Water(("ffe2b0", "f6b98c", "b790a2", "5a72a6", "2a4a88", "152c5c"), "ffdfa4", "d8b48c", 0.9),
    "deep": Water(("0f4468", "0a3358", "072444", "041631", "020b1d", "010510"), "7fd8ff", "4c5a66", 0.16),
}


def column(canvas: Canvas, water: Water, sun_x: float, dice: Dice) -> None:
    """Fill the canvas: brightest below the sun, darker with depth and to the sides."""
    grid = canvas.grid
    down = grid.y / grid.height
    aside = np.abs(grid.x - sun_x) / max(grid.width, 1.1)
    swell = grid.clouds(dice, 0.6, 3)
    place = 0.04 + 0.98 * down**0.82 + 0.22 * aside * (1 - 0.5 * down) + 0.018 * swell
    canvas.light[:] = colour.Ramp(water.ramp).at(place)
    away = np.sqrt((grid.x - sun_x) ** 2 + (grid.y + 0.04) ** 2)
    canvas.glow(np.exp(away * -4.6) * (0.75 * water.clear), colour.vector(water.beam))


def surface(canvas: Canvas, water: Water, sun_x: float, dice: Dice) -> None:
    """Waves from below, in perspective: a net of light that closes towards the distance."""
    grid = canvas.grid
    reach = min(SURFACE_SHARE * grid.height, 0.24)
    window = slice(0, max(int(reach * grid.unit), 2)), slice(None)
    away = 0.10 / np.maximum(reach - grid.y[window[0]], 0.8 / grid.unit)
    across = (grid.x - sun_x) * away
    net = _net(dice)
    light = repeated(net, across * (0.9 * TILE), away * (1.5 * TILE)) * 0.7
    light += repeated(net, across * (2.1 * TILE), away * (3.3 * TILE)) * ease(2.2, 0.6, away) * 0.5
    seen = np.exp(away * -0.42) * ease(0.0, 0.55, 1 - grid.y[window[0]] / reach)
    near_sun = 0.35 + 1.0 * np.exp(np.abs(grid.x - sun_x) * -1.9)
    canvas.glow(light * seen * near_sun * water.clear, colour.vector(water.beam), window=window)


def _net(dice: Dice) -> Plane:
    """Bright meshes, as light bent by waves draws them."""
    first, second = (texture(dice, NET_KNOTS) for _ in range(2))
    mesh = np.exp(np.abs(first) * -5.0) + np.exp(np.abs(second) * -5.0)
    net: Plane = (mesh * mesh * 0.42).astype(np.float32)
    return net


def shafts(grid: Grid, water: Water, sun_x: float, dice: Dice) -> Plane:
    """How much light hangs in the water, 0 to 1: beams that fan out from the sun and fade with depth."""
    small = Grid.of(max(grid.columns // COARSE, 2), max(grid.rows // COARSE, 2))
    above = 0.30 * max(small.short, 0.5)
    slope = (small.x - np.float32(sun_x)) / (small.y + np.float32(above))
    index = np.clip((slope / (2 * BEAM_SPREAD) + 0.5) * BEAM_STEPS, 0, BEAM_STEPS - 1).astype(np.int32)
    table = _beams(dice)
    fade = np.exp(small.y * np.float32(-1.55)) * ease(0.0, 0.10, small.y + 0.03)
    aside = np.exp(-(slope * slope) * np.float32(0.9))
    drift = np.clip(1 + 0.25 * small.noise(dice, 0.35), 0.3, 1.6)
    light: Plane = table[index] * fade * aside * drift * np.float32(water.clear)
    return np.clip(resized(light, grid.columns, grid.rows), 0, 1)


def _beams(dice: Dice) -> Plane:
    """Brightness by slope: broad beams with fine ones in them."""
    line = Grid.of(BEAM_STEPS, 1)
    width = line.width
    total: Plane = np.zeros(BEAM_STEPS, np.float32)
    for parts, gain in ((14, 0.8), (34, 0.55), (90, 0.30)):
        total += line.curve(dice, width / parts) * gain
    table: Plane = ease(-0.25, 1.5, total).astype(np.float32)
    return table


def floor(canvas: Canvas, water: Water, view: View, sun_x: float, dice: Dice) -> None:
    """Sand with ripples and moving light, lost in the water with distance."""
    grid = canvas.grid
    lit, shade = _sand(view, sun_x, grid.unit, dice)
    net = _net(dice)
    light = repeated(net, view.across * (NET_REPEATS * TILE), view.depth * (NET_REPEATS * TILE))
    light += 0.5 * repeated(
        net, view.across * (1.3 * NET_REPEATS * TILE) + 91, view.depth * (1.3 * NET_REPEATS * TILE) + 37
    )
    far = EYE * grid.unit / view.depth**2 / (NET_REPEATS * NET_KNOTS)
    light *= np.clip(far * 0.5 - 0.1, 0, 1) * np.exp(view.depth * -0.30)
    sand = colour.vector(water.sand) * _through(water)
    spread = 0.55 + 0.45 * np.exp(np.abs(grid.x - sun_x) * -0.9)
    tone = sand * ((0.30 + 0.70 * water.clear) * spread * np.clip(0.95 + 0.42 * lit + 0.10 * shade, 0.1, 1.6))
    tone = tone + colour.vector(water.beam) * _through(water) * (light * (0.85 * water.clear) * spread)
    behind = canvas.light[:, *view.window]
    veil = 1 - np.exp(view.depth * -FOG)
    canvas.light[:, *view.window] = mix(tone, behind[:, :1] * 0.75 + behind * 0.25, veil)
    canvas.edge[view.window] = FAR


def _through(water: Water) -> Planes:
    """What is left of white light at the floor: water takes the red first."""
    tint = colour.vector(water.ramp[2])
    left: Planes = mix(np.ones((3, 1, 1), np.float32), tint / tint.max(), 0.34)
    return left


def _sand(view: View, sun_x: float, unit: float, dice: Dice) -> tuple[Plane, Plane]:
    """Sunlit slopes of ripples, and broad light and dark."""
    broad, fine = texture(dice, NET_KNOTS), texture(dice, 32)
    warp = repeated(broad, view.across * (0.35 * TILE), view.depth * (0.35 * TILE))
    grain = repeated(fine, view.across * (2.2 * TILE), view.depth * (2.2 * TILE))
    wave = np.sin(view.depth * RIPPLES + view.across * 5.0 + warp * 3.4)
    seen = np.clip(EYE * unit / view.depth**2 / RIPPLES * 1.6 - 0.35, 0, 1)
    calm = 0.6 + 0.4 * np.tanh(warp * 1.2)
    return (wave + 0.35 * wave * wave) * seen * calm * 0.75 + grain * (0.30 * seen), warp


def hills(canvas: Canvas, water: Water, view: View, dice: Dice) -> None:
    """Rocks far off, to the sides: hardly darker than the water before them."""
    grid = canvas.grid
    for number, dark in enumerate((0.20, 0.36)):
        rough = sum(
            grid.curve(dice, size) * gain for size, gain in ((0.45, 0.40), (0.14, 0.26), (0.05, 0.13), (0.02, 0.06))
        )
        aside = np.abs(grid.x[0] / grid.width - 0.5 + 0.06 * (number * 2 - 1)) * 2
        rise = (0.15 + 0.42 * aside**2.0) * min(view.horizon, 0.75) * (1.0 - 0.22 * number)
        top = view.horizon - rise * np.clip(0.75 + 0.55 * rough, 0.15, 1.7) + 0.015
        soft = 0.010 - 0.005 * number
        inside = ease(-soft, soft, grid.y - top) * ease(view.horizon + 0.10, view.horizon - 0.02, grid.y)
        face = 1 + 0.22 * grid.clouds(dice, 0.07, 4, gain=0.6)
        canvas.shade(np.clip(inside * dark * face * ease(0.5, 0.02, top - grid.y + 0.25), 0, 0.85))


def plankton(canvas: Canvas, dice: Dice, tones: tuple[str, ...]) -> None:
    """Living light of the deep sea: clouds of sparks in streams."""
    grid = canvas.grid
    stream = grid.clouds(dice, 0.5, 4)
    canvas.glow(bell(stream, 0.35) * 0.014, colour.vector(tones[0]))
    canvas.glow(bell(stream - 0.9, 0.5) * 0.014, colour.vector(tones[1]))
    for _ in range(900):
        x, y = dice.between(0, grid.width), dice.between(0, grid.height)
        near = stream[min(int(y * grid.unit), grid.rows - 1), min(int(x * grid.unit), grid.columns - 1)]
        size = dice.between(0, 1)
        strength = dice.between(0.2, 0.9)
        tone = dice.pick(tones)
        if abs(near) < 0.30 + 0.7 * size**5:
            canvas.spark(x, y, 0.0007 + 0.0030 * size**7, colour.vector(tone) * (strength * 1.3))
