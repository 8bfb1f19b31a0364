"""Standing on another world: its sky, its mountains, and ground with stones and craters in perspective."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import colour, svg
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Plane, Window, bell, ease, mix, resized

TILE = 256  # side of the repeating texture that the ground is made of
TILE_KNOTS = 32
# Repeats of the texture per unit of ground, and how steep that octave is.
OCTAVES = ((0.08, 0.22), (0.20, 0.28), (0.46, 0.28), (1.1, 0.24), (2.5, 0.20), (5.9, 0.16))
CRATERS = 34
STONES = 60
EYE = 0.20  # height of the eye over the ground, in units


@dataclass(frozen=True, slots=True)
class Land:
    """A world to stand on. Hex colours.

    Attributes:
        ground: Dark to light.
        sky: From the top to the horizon.
        sun: Of the light.
        air: How much the distance is veiled by the horizon's colour, 0 to 1.
        craters: How many of `CRATERS` there are, 0 to 1.
    """

    ground: tuple[str, ...]
    sky: tuple[str, ...]
    sun: str
    air: float
    craters: float


LANDS = {
    "mars": Land(
        ("2c0f08", "6b2a15", "a94d27", "d07c48", "eab98a"),
        ("7a4a34", "b9764c", "dba472", "f2cfa2"),
        "fff0dc",
        0.85,
        0.3,
    ),
    "moon": Land(
        ("0a0a0c", "3a393b", "74726f", "a8a49d", "dedad2"), ("000003", "010106", "03030c", "06060f"), "ffffff", 0.0, 1.0
    ),
    "strange": Land(
        ("140a26", "3a1d52", "6d3a74", "a8628a", "e0a4a4"), ("0a0826", "2a1c5c", "7a4690", "f0a08c"), "ffe2c8", 0.7, 0.5
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Where the ground lies on the picture, in units.

    Attributes:
        horizon: From the top.
        window: The pixels of the ground.
        across, depth: Units on the ground, for each of its pixels.
    """

    horizon: float
    window: Window
    across: Plane
    depth: Plane

    @classmethod
    def of(cls, canvas: Canvas, horizon: float) -> View:
        grid = canvas.grid
        window = slice(min(int(horizon * grid.unit), grid.rows - 2), grid.rows), slice(None)
        depth = EYE / np.maximum(grid.y[window[0]] - horizon, 0.6 / grid.unit)
        return cls(horizon, window, (grid.x - grid.width / 2) * depth, depth)


def sky(canvas: Canvas, land: Land, horizon: float, sun: tuple[float, float], dice: Dice) -> None:
    """From the zenith to the horizon, with a small far sun; places in units."""
    grid = canvas.grid
    down = np.clip(grid.y / horizon, 0, 1)
    thin = grid.clouds(dice, 0.5, 5, wide=3, tall=0.5)
    canvas.light[:] = colour.Ramp(land.sky).at(down**1.3 + 0.05 * thin * land.air)
    away = np.sqrt((grid.x - sun[0]) ** 2 + (grid.y - sun[1]) ** 2)
    glow = land.air * (0.22 * np.exp(away * -5) + 0.5 * np.exp(away * -22))
    canvas.glow(glow + 3.0 * ease(0.020, 0.014, away), colour.vector(land.sun))


def mountains(canvas: Canvas, land: Land, view: View, sun_x: float, dice: Dice) -> None:
    """Ranges one behind the other, paler with distance."""
    grid = canvas.grid
    ramp, haze = colour.Ramp(land.ground), colour.vector(land.sky[-1])
    for number, far in enumerate((1.0, 0.62, 0.30)):
        rough = sum(
            grid.curve(dice, size) * gain for size, gain in ((0.5, 0.5), (0.16, 0.24), (0.05, 0.09), (0.02, 0.03))
        )
        top = view.horizon + 0.006 * number - np.abs(rough) * (0.055 + 0.05 * far) - 0.004
        slope = np.gradient(top) * grid.unit
        window = grid.window(grid.width / 2, view.horizon - 0.1, grid.width, 0.16 + 0.006 * number)
        assert window is not None
        inside = ((grid.y[window[0]] - top) * grid.unit / np.sqrt(1 + slope * slope)).astype(np.float32)
        face = grid.part(window).clouds(dice, 0.05, 5, gain=0.6, tall=0.7)
        lit = np.clip(0.5 + slope * (0.5 if sun_x > grid.width / 2 else -0.5) + 0.16 * face, 0.05, 1)
        tone = ramp.at(0.15 + 0.55 * lit) * (0.35 + 0.75 * lit)
        canvas.lay(inside, mix(tone, haze, land.air * (0.25 + 0.6 * far)), window=window)


def ground(canvas: Canvas, land: Land, view: View, sun_x: float, dice: Dice) -> None:
    """The plain in front, lit from the side of the sun."""
    grid = canvas.grid
    side = 1.0 if sun_x > grid.width / 2 else -1.0
    height, lit = _relief(view, dice, side, grid.unit)
    _craters(view, land, lit, height, dice, side)
    near = np.clip(1 - view.depth / 3.0, 0, 1)
    tone = colour.Ramp(land.ground).at(0.56 + 0.06 * height + 0.14 * lit)
    light = tone * np.clip(0.74 + 0.60 * lit, 0.10, 1.40) * (0.75 + 0.25 * near)
    veil = land.air * (1 - np.exp(view.depth * -0.22)) * 0.85
    canvas.light[:, *view.window] = mix(light, colour.vector(land.sky[-1]), veil)
    canvas.edge[view.window] = -1000.0


def _relief(view: View, dice: Dice, side: float, unit: float) -> tuple[Plane, Plane]:
    """Height and sunlit slopes; each octave fades where it would be finer than a pixel."""
    shape = np.broadcast_shapes(view.across.shape, view.depth.shape)
    height, lit = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for repeats, steep in OCTAVES:
        tile = texture(dice, TILE_KNOTS)
        slope = (np.roll(tile, 1, 1) - np.roll(tile, -1, 1)) * (2.2 * -side) + (tile - np.roll(tile, 1, 0)) * 0.9
        seen = EYE * unit / view.depth**2 / (repeats * TILE_KNOTS)
        amount = np.clip((seen - 0.8) * 0.7, 0, 1) * steep
        places = view.across * np.float32(repeats * TILE), view.depth * np.float32(repeats * TILE)
        height += repeated(tile, *places) * (amount * 1.6)
        lit += repeated(slope, *places) * amount
    return height, lit * np.float32(0.75)


def texture(dice: Dice, knots_across: int) -> Plane:
    """Smooth noise on a tile that continues into itself; `knots_across` divides `TILE * 8`."""
    knots = np.pad(dice.normals(knots_across, knots_across), 4, "wrap")
    side = TILE * (knots_across + 8) // knots_across
    margin = (side - TILE) // 2
    return np.ascontiguousarray(resized(knots, side, side)[margin : margin + TILE, margin : margin + TILE])


def repeated(tile: Plane, across: Plane, depth: Plane) -> Plane:
    """Bilinear samples of a texture without end."""
    left, top = np.floor(across), np.floor(depth)
    x, y = across - left, depth - top
    column, row = left.astype(np.int32) % TILE, top.astype(np.int32) % TILE
    beside, below = (column + 1) % TILE, (row + 1) % TILE
    row, below = row * TILE, below * TILE
    flat = tile.ravel()
    upper = flat[row + column] * (1 - x) + flat[row + beside] * x
    lower = flat[below + column] * (1 - x) + flat[below + beside] * x
    samples: Plane = upper + (lower - upper) * y
    return samples


def _craters(view: View, land: Land, lit: Plane, height: Plane, dice: Dice, side: float) -> None:
    for number in range(CRATERS):
        depth = 0.7 + 4.5 * dice.between(0, 1) ** 1.3
        across = dice.between(-0.8, 0.8) * depth
        size = (0.14 + 0.55 * dice.between(0, 1) ** 2) * (0.45 + 0.22 * depth)
        if number < CRATERS * land.craters:
            _crater(view, lit, height, (across, depth), size, side)


def _crater(view: View, lit: Plane, height: Plane, at: tuple[float, float], size: float, side: float) -> None:
    rows = np.nonzero(np.abs(view.depth[:, 0] - at[1]) < size * 1.7)[0]
    if not len(rows):
        return
    span = slice(int(rows[0]), int(rows[-1]) + 1)
    u = (view.across[span] - at[0]) * (1 / size)
    v = (view.depth[span] - at[1]) * (1 / size)
    away = np.sqrt(u * u + v * v)
    wall = bell(away - 0.78, 0.22) - 0.75 * bell(away - 1.15, 0.18)
    lit[span] += wall * (u * -side + 0.35 * v) / np.maximum(away, 0.1) * 1.1
    height[span] -= bell(away, 0.75) * 1.2


def stones(land: Land, width: float, height: float, horizon: float, side: float, dice: Dice) -> tuple[str, str]:
    """Boulders with a lit and a dark side and a long shadow, far ones first; in points."""
    tones = [svg.blend(land.ground[1], land.ground[2], 0.3), land.ground[3], svg.blend(land.ground[0], "000000", 0.3)]
    defs = svg.linear_gradient(
        "stone", ((0, tones[1]), (0.45, tones[0]), (1, tones[2])), x1=side > 0, x2=side <= 0, y2=1
    )
    places = sorted(
        (dice.between(0, 1) ** 2.2, dice.between(-0.02, 1.02), dice.between(0.5, 1.3)) for _ in range(STONES)
    )
    body = ""
    for near, x, share in places:
        y = horizon + (height - horizon) * (0.03 + 0.97 * near)
        body += _stone(x * width, y, (3 + 46 * near**1.5) * share, tones, side, dice)
    return body, defs


def _stone(x: float, y: float, size: float, tones: list[str], side: float, dice: Dice) -> str:
    points = []
    for step in range(9):
        angle = math.pi * (1 + step / 8)
        reach = size * dice.between(0.8, 1.15)
        points.append((x + reach * math.cos(angle), y + reach * 0.72 * math.sin(angle)))
    lower = [(x + size * 0.7, y + size * 0.16), (x - size * 0.7, y + size * 0.16)]
    shadow = svg.ellipse(x - side * size * 1.0, y + size * 0.08, size * 1.7, size * 0.20, tones[2], 0.55)
    lit = [(x + side * size * 0.1, y - size * 0.62), points[7 if side > 0 else 1], (x + side * size * 0.75, y)]
    return (
        shadow
        + svg.polygon(points + lower, "url(#stone)")
        + svg.polygon([*lit, (x + side * size * 0.2, y - size * 0.1)], tones[1], 0.4)
    )
