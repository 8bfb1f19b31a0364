"""Height maps: the shape of each kind of land as a periodic tile, heights about 0 to 1.

A map is coarse: what is smaller than its texels comes from one shared tile of fine detail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import tiles
from cavendish_sketch.canvas.field import Dice, Plane, ease
from cavendish_sketch.canvas.tiles import SIDE, Tile
from cavendish_sketch.language.brief import Ground

SHADOW_STEPS = (1, 2, 3, 5, 8, 12, 18, 27, 40)  # texels towards the sun
Shape = Callable[[Dice], Plane]


@dataclass(frozen=True, slots=True)
class Relief:
    """How a map becomes land. Lengths in world units: about the height of the camera's tripod times two.

    Attributes:
        shape: Makes the map.
        texels: Of the map in one unit.
        height: Of the map's 1.
        rough: Of the fine detail.
        camera: Height of the eye.
        rise: The land grows from `low` times its height at the first distance to `high` times at the second.
        far: Where the land ends.
        gullies: How much detail grows with height: rock is rougher than meadow.
        peak: How far the highest crest should stand over the horizon, as a slope; None where any view will do.
    """

    shape: Shape
    texels: float
    height: float
    rough: float
    camera: float
    rise: tuple[float, float, float, float]
    far: float
    gullies: float = 0.0
    peak: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """A map with its slopes and shadows, all in world units."""

    height: Tile
    across: Tile
    away: Tile
    sunlit: Tile
    detail: Tile
    detail_across: Tile
    detail_away: Tile
    grain: Tile


def maps(relief: Relief, dice: Dice, towards_sun: tuple[float, float, float]) -> Maps:
    """A land's map, with the slopes and the shadows that the sun casts on it."""
    heights = relief.shape(dice) * np.float32(relief.height)
    away, across = _slopes(heights, relief.texels)
    detail = tiles.fractal(dice, 2.0, low=7)
    detail_away, detail_across = _slopes(detail, 1)
    sunlit = _sunlit(heights, relief.texels, towards_sun)
    grain = tiles.fractal(dice, 1.0, low=24)
    planes = heights, across, away, sunlit, detail, detail_across, detail_away, grain
    return Maps(*(Tile(plane) for plane in planes))


def _slopes(plane: Plane, texels: float) -> tuple[Plane, Plane]:
    """Rise per world unit, away and across; the tile wraps."""
    half = np.float32(texels / 2)
    return (
        (np.roll(plane, -1, 0) - np.roll(plane, 1, 0)) * half,
        (np.roll(plane, -1, 1) - np.roll(plane, 1, 1)) * half,
    )


def _sunlit(heights: Plane, texels: float, towards_sun: tuple[float, float, float]) -> Plane:
    """1 where the sun is seen, 0 in cast shadow, soft between."""
    east, up, north = towards_sun
    level = max(float(np.hypot(east, north)), 1e-3)
    lit = np.ones_like(heights)
    for step in SHADOW_STEPS:
        shift = -round(north / level * step), -round(east / level * step)
        over = np.roll(heights, shift, (0, 1)) - heights - np.float32(up / level * step / texels)
        np.minimum(lit, 1 - over * np.float32(texels / (1.0 + 0.25 * step)), out=lit)
    np.clip(lit, 0, 1, out=lit)
    soft = lit + np.roll(lit, 1, 0) + np.roll(lit, -1, 0) + np.roll(lit, 1, 1) + np.roll(lit, -1, 1)
    return soft * np.float32(0.2)


def _alps(dice: Dice) -> Plane:
    """Ridges that weather has cut: fine waves count little where the land is already steep."""
    wave = tiles.band(dice, 3.6)
    total, across, away = (np.zeros((SIDE, SIDE), np.float32) for _ in range(3))
    weight = 1.0
    for octave in range(6):
        layer = _finer(wave, octave, dice)
        # A crest is rounded over a few texels: a sharper one would be drawn as a row of teeth.
        ridge = np.float32(1.1) - np.sqrt(layer * layer + np.float32(0.004 * 4**octave)) if octave < 4 else layer
        total += ridge * np.float32(weight) / (1 + (across * across + away * away) * np.float32(0.9))
        slope_away, slope_across = _slopes(ridge * np.float32(weight), 24)
        across, away = across + slope_across, away + slope_away
        weight *= 0.48 if octave < 4 else 0.30
    mass = tiles.fractal(dice, 3.6)
    heights = _spread(total, 0.4, 99.7) * np.float32(0.85) + _spread(mass, 1, 99) * np.float32(0.60) - np.float32(0.38)
    return _smoothed(np.clip(heights, 0.02, 2) ** np.float32(1.2))


def _smoothed(plane: Plane) -> Plane:
    """Each texel with a little of its neighbours."""
    wide = plane * np.float32(0.5) + (np.roll(plane, 1, 0) + np.roll(plane, -1, 0)) * np.float32(0.25)
    smooth: Plane = wide * np.float32(0.5) + (np.roll(wide, 1, 1) + np.roll(wide, -1, 1)) * np.float32(0.25)
    return smooth


def _finer(wave: Plane, octave: int, dice: Dice) -> Plane:
    """The same periodic noise at half the size for each octave, turned and moved so that nothing lines up."""
    turned = (wave, wave.T, wave[::-1], wave.T[:, ::-1])[octave % 4]
    place = np.arange(SIDE) * 2**octave
    rows, columns = (place + dice.whole(0, SIDE - 1)) % SIDE, (place + dice.whole(0, SIDE - 1)) % SIDE
    finer: Plane = turned[np.ix_(rows, columns)]
    return finer


def _spread(plane: Plane, low: float, high: float) -> Plane:
    """Values brought to 0 to 1 between two percentiles."""
    first, last = np.percentile(plane[::4, ::4], (low, high))
    return (plane - np.float32(first)) * np.float32(1 / (last - first))


def _dunes(dice: Dice) -> Plane:
    """Waves of sand: a long slope up the wind, a sharp crest, a steep face in its lee."""
    away, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) * np.float32(1 / SIDE)
    bend, size = tiles.fractal(dice, 4.4), tiles.unit(tiles.fractal(dice, 4.2))
    heights = size * np.float32(0.34)
    lee = dice.pick((-1, 1))
    for count, slant, weight in ((4, 3, 1.0), (9, -5, 0.16)):
        place = (across * (count * lee) + away * slant + bend * np.float32(0.10 * count)) % 1
        climb, fall = place * np.float32(1 / 0.70), (1 - place) * np.float32(1 / 0.30)
        dune = np.where(place < 0.70, climb * climb * (np.float32(1.6) - climb * np.float32(0.6)), fall**1.25)
        heights += dune * (np.float32(0.10) + np.float32(0.90) * size) * np.float32(0.62 * weight)
    return _smoothed(heights)


def _canyon(dice: Dice) -> Plane:
    """Mesas and buttes: cliffs between flat steps, with scree at their feet."""
    shape = tiles.fractal(dice, 3.0)
    climb = np.clip((shape - np.float32(0.25)) * np.float32(2.3), 0, 1) * 3
    steps = np.floor(climb) + ease(0.55, 1.0, climb % 1)
    scree = ease(-0.6, 0.35, shape) * np.float32(0.10)
    return _smoothed(steps * np.float32(0.30) + scree + tiles.fractal(dice, 2.6) * np.float32(0.010))


def _hills(dice: Dice) -> Plane:
    return tiles.unit(tiles.fractal(dice, 3.5)) + tiles.fractal(dice, 2.6, low=5) * np.float32(0.03)


def _plain(dice: Dice) -> Plane:
    return tiles.unit(tiles.fractal(dice, 3.8)) + tiles.fractal(dice, 2.8, low=6) * np.float32(0.05)


def _islands(dice: Dice) -> Plane:
    ridges = 1 - np.abs(tiles.fractal(dice, 3.0)) * np.float32(0.9)
    heights = ridges * np.float32(0.35) + tiles.unit(tiles.fractal(dice, 3.2)) * np.float32(0.95) - np.float32(0.66)
    return np.clip(heights, -0.2, 2) * np.float32(1.3)


def _swell(dice: Dice) -> Plane:
    """Crossing trains of waves, sharper on top than in their troughs."""
    away, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) * np.float32(2 * np.pi / SIDE)
    bend = tiles.fractal(dice, 3.6)
    heights = np.zeros((SIDE, SIDE), np.float32)
    for count, slant, weight in ((6, 1, 0.46), (9, -2, 0.26), (14, 4, 0.15), (22, -7, 0.09), (35, 10, 0.06)):
        phase = away * count + across * slant + bend * np.float32(1.5) + dice.between(0, 6.28)
        heights += (1 - np.abs(np.sin(phase * np.float32(0.5))) * 2) * np.float32(weight)
    return heights + tiles.fractal(dice, 2.2, low=12) * np.float32(0.05)


def _shore(dice: Dice) -> Plane:
    """Sand with the marks of wind and feet."""
    return tiles.fractal(dice, 3.2, low=3) * np.float32(0.5)


RELIEFS: dict[Ground, Relief] = {
    "alps": Relief(_alps, 32, 1.90, 0.0040, 0.50, (1.3, 6.0, 0.14, 1.25), 14, gullies=1.4, peak=0.34),
    "snow": Relief(_hills, 34, 1.40, 0.0005, 0.84, (0.8, 8.0, 0.55, 1.45), 26, peak=0.12),
    "hills": Relief(_hills, 34, 1.25, 0.0012, 0.92, (0.8, 8.0, 0.55, 1.40), 26, peak=0.11),
    "meadow": Relief(_plain, 30, 0.42, 0.0016, 0.46, (1.0, 14.0, 0.35, 3.2), 30, peak=0.06),
    "dunes": Relief(_dunes, 36, 1.20, 0.0003, 0.90, (0.4, 4.0, 0.66, 1.15), 24, peak=0.12),
    "canyon": Relief(_canyon, 34, 1.25, 0.0016, 0.50, (1.8, 5.0, 0.10, 1.05), 22, gullies=0.4, peak=0.20),
    "islands": Relief(_islands, 34, 0.95, 0.0050, 0.46, (2.0, 5.5, 0.10, 1.40), 20, gullies=0.8, peak=0.15),
    "sea": Relief(_swell, 44, 0.060, 0.0006, 0.46, (0.0, 1.0, 1.0, 1.0), 40),
    "beach": Relief(_shore, 40, 0.034, 0.0008, 0.44, (0.0, 1.0, 1.0, 1.0), 30),
}
