"""Clouds: sheets seen in perspective, and heaps that stand over the horizon, lit from the sun's side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, ease, mix
from cavendish_sketch.canvas.tiles import Tile

HAZE_REACH = 0.22  # elevation below which clouds drown in the haze
FLATNESS = 0.16  # of the sky over the horizon: keeps far clouds from becoming lines
SHADOW_TEXELS = 9.0  # how far towards the sun a cloud is asked whether it shades itself


@dataclass(frozen=True, slots=True)
class View:
    """The sky's pixels.

    Attributes:
        x: From the middle of the page, shape (1, columns); 1 is about as much as 29 degrees.
        up: Over the horizon, shape (rows, 1), in the same measure.
        sun: The sun's place in these measures.
    """

    x: Plane
    up: Plane
    sun: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layer of cloud at one height.

    Attributes:
        cover: Share of the sky that it hides, about.
        soft: How wide its edges are.
        size: Texels of the tile in one unit of distance: less makes larger clouds.
        wide: How many times longer than deep its shapes are.
        wisp: How far finer noise tears its edges, in texels.
        depth: How different its lit and its dark side are.
        opacity: At its thickest.
        high: Lies only over this elevation.
    """

    cover: float
    soft: float = 1.2
    size: float = 62.0
    wide: float = 1.0
    wisp: float = 30.0
    depth: float = 0.55
    opacity: float = 0.95
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Heaps:
    """Rows of cumulus. `rows` are (elevation of the base, size); `cover` from 0 to 1."""

    rows: tuple[tuple[float, float], ...] = ((0.08, 0.15), (0.26, 0.27), (0.60, 0.48))
    cover: float = 0.5


@dataclass(frozen=True, slots=True)
class Weather:
    """What hangs in a sky, from high to low."""

    sheets: tuple[Sheet, ...] = ()
    heaps: Heaps | None = None


CIRRUS = Sheet(0.30, soft=1.9, size=30, wide=5.0, wisp=20, depth=0.25, opacity=0.62, high=0.12)
FLEECE = Sheet(0.48, soft=1.3, size=58, wisp=34, depth=0.6)
BROKEN = Sheet(0.58, soft=1.25, size=46, wisp=34, depth=0.75)
VEIL = Sheet(0.97, soft=3.4, size=30, wide=1.6, wisp=26, depth=0.42)
THUNDER = Sheet(0.93, soft=2.2, size=30, wide=1.3, wisp=22, depth=1.0)
SCUD = Sheet(0.46, soft=1.3, size=52, wide=1.8, wisp=40, depth=0.7, opacity=0.8)
NIGHTLY = Sheet(0.26, soft=1.5, size=46, wide=1.7, wisp=30, depth=0.6, opacity=0.75)

CLEAR = Weather((Sheet(0.16, soft=2.0, size=28, wide=6.0, wisp=20, depth=0.2, opacity=0.4, high=0.15),))
FAIR = Weather((CIRRUS,), Heaps())
CLOUDY = Weather((CIRRUS, FLEECE), Heaps(cover=0.85))
GLOWING = Weather((CIRRUS, FLEECE))
SCATTERED = Weather((FLEECE,), Heaps(rows=((0.07, 0.16), (0.20, 0.22)), cover=0.42))
HEAVY = Weather((CIRRUS, BROKEN))
OVERCAST = Weather((VEIL, SCUD))
STORM = Weather((THUNDER, SCUD))
NIGHT = Weather((NIGHTLY,))


def lay(planes: Planes, weather: Weather, view: View, dice: Dice, *, lit: Planes, dark: Planes, haze: Planes) -> Plane:
    """Lay clouds over a sky in place; tells how much of the sky each pixel lost.

    Args:
        lit, dark: Colours (3, 1, 1) of a cloud's bright and dark side.
        haze: What far clouds fade to, (3, rows, 1).
    """
    shapes, wisps = Tile(tiles.fractal(dice, 2.3)), Tile(tiles.fractal(dice, 1.5))
    cover = np.zeros((len(view.up), view.x.shape[1]), np.float32)
    for sheet in weather.sheets:
        amount, light = _sheet(sheet, view, dice, shapes, wisps)
        _blend(planes, amount, light, lit, dark, haze, cover)
    if weather.heaps:
        puffs = Tile(_billows(dice))
        for base, size in weather.heaps.rows:
            amount, light = _heap(base, size, weather.heaps.cover, view, dice, puffs, shapes)
            _blend(planes, amount, light, lit, dark, haze, cover)
    return cover


def _blend(planes: Planes, amount: Plane, light: Plane, lit: Planes, dark: Planes, haze: Planes, cover: Plane) -> None:
    colour = mix(dark, lit, light)
    colour += (haze - colour) * np.float32(0.22)
    planes += (colour - planes) * amount
    cover += (1 - cover) * amount


def _sheet(sheet: Sheet, view: View, dice: Dice, shapes: Tile, wisps: Tile) -> tuple[Plane, Plane]:
    """How much cloud and how much light on it, per pixel."""
    far = 1 / (np.maximum(view.up, 0.0) + np.float32(FLATNESS))
    u = view.x * far * np.float32(sheet.size / sheet.wide) + dice.between(0, tiles.SIDE)
    v = far * np.float32(sheet.size * 1.6) + dice.between(0, tiles.SIDE)
    torn = wisps.at(u * np.float32(0.7), v * np.float32(0.7))
    u = u + torn * np.float32(sheet.wisp * 0.25)
    v = v + torn * np.float32(sheet.wisp * 0.15)
    thickness = shapes.at(u, v)
    thickness += torn * np.float32(0.20)
    shaded = _towards_sun(view, u, v, far, shapes)
    shaded += torn * np.float32(0.20)
    edge = np.float32(1.6 - 3.2 * sheet.cover)
    amount = ease(float(edge), float(edge) + sheet.soft, thickness)
    amount *= ease(0, HAZE_REACH, view.up) * np.float32(0.8) + np.float32(0.2)
    amount *= np.float32(sheet.opacity)
    if sheet.high:
        amount *= ease(sheet.high, sheet.high + 0.35, view.up)
    return amount, _light(thickness - shaded, thickness - edge, sheet.depth, view)


def _towards_sun(view: View, u: Plane, v: Plane, far: Plane, shapes: Tile) -> Plane:
    """Thickness a little nearer to the sun: where it is more, the cloud lies in shade."""
    across = np.clip((view.sun[0] - view.x) * np.float32(2.2), -1, 1) * np.float32(SHADOW_TEXELS * 0.8)
    down = np.where(view.up > view.sun[1], 1.0, -0.35).astype(np.float32) * np.float32(SHADOW_TEXELS)
    return shapes.at(u + across, v + down)


def _light(facing: Plane, thick: Plane, depth: float, view: View) -> Plane:
    light = facing * np.float32(depth * 0.9) + np.float32(0.62)
    light -= np.clip(thick - np.float32(0.9), 0, 2) * np.float32(depth * 0.28)  # thick cloud lets no light through
    away = (view.x - view.sun[0]) ** 2 + (view.up - view.sun[1]) ** 2
    light += np.exp(away * np.float32(-5.0)) * np.float32(0.35)
    clipped: Plane = np.clip(light, 0, 1.1)
    return clipped


def _billows(dice: Dice) -> Plane:
    """Round lumps of several sizes, as the heads of cumulus: folded noise, bulging up."""
    lumps = np.zeros((tiles.SIDE, tiles.SIDE), np.float32)
    for waves, weight in ((4, 1.0), (9, 0.62), (19, 0.36), (41, 0.20), (85, 0.10)):
        lumps += (np.abs(tiles.band(dice, waves)) - np.float32(0.8)) * np.float32(weight)
    return lumps


def _heap(
    base: float, size: float, cover: float, view: View, dice: Dice, puffs: Tile, shapes: Tile
) -> tuple[Plane, Plane]:
    """One row of cumulus: flat below, round above, in groups with gaps between."""
    u = view.x * np.float32(190 / size * 0.42) + dice.between(0, tiles.SIDE)
    v = view.up * np.float32(-190 / size * 0.5) + dice.between(0, tiles.SIDE)
    groups = shapes.at(u * np.float32(0.30), np.full((1, 1), dice.between(0, tiles.SIDE), np.float32))
    top = np.clip(groups * np.float32(1.0) + np.float32(cover * 2.0 - 1.10), -2.0, 1.25)
    height = (view.up - np.float32(base)) * np.float32(1 / size)
    amount, thickness = _heaped(height, top, u, v, puffs)
    step = np.clip((view.sun[0] - view.x) * 3, -1, 1) * np.float32(9)
    _, nearer = _heaped(height + np.float32(0.13), top, u + step, v - np.float32(8), puffs)
    light = np.float32(0.40) + (thickness - nearer) * np.float32(0.55) + np.clip(height, 0, 1.2) * np.float32(0.42)
    away = (view.x - view.sun[0]) ** 2 + (view.up - view.sun[1]) ** 2
    light += np.exp(away * np.float32(-6.0)) * np.float32(0.25)
    return amount * np.float32(0.96), np.clip(light, 0.02, 1.1)


def _heaped(height: Plane, top: Plane, u: Plane, v: Plane, puffs: Tile) -> tuple[Plane, Plane]:
    lumps = puffs.at(u, v)
    thickness = (top - height) * np.float32(1.25) + lumps * np.float32(0.48)
    amount = ease(-0.05, 0.42, thickness)
    amount *= ease(-0.10, 0.10, height + lumps * np.float32(0.06))
    return amount, thickness
