"""The sky: its colours, sun or moon, clouds, and what shines at night.

Everything soft is worked out at half the draft's size and enlarged; stars and discs are set at its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, resized
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.language.brief import Time, Weather
from cavendish_sketch.nature import clouds, heavens
from cavendish_sketch.nature.clouds import View

HALF = 2  # draft pixels in a pixel of the soft part
OVERLAP = 0.015  # of the page: how far the sky goes on below the horizon
FOCUS = 0.53  # of the focal length: one unit of elevation
LENS = 0.95  # focal length of a square page, as a share of its height
SUN_SIDES = ((0.20, 0.36), (0.64, 0.80))  # near a third, left or right
GREY = frozenset({PALETTES["overcast"].sky, PALETTES["storm"].sky})
MOON_NIGHT = 0.9  # `night` from which the disc is the moon
STARRY = 0.5  # `night` from which stars are seen
DISC = 0.040  # radius of the sun, in shares of the shorter side
LOW_DISC, FULL_MOON = 0.062, 0.085  # a low sun looks larger
LOW = 0.2  # height under which it counts as low


@dataclass(frozen=True, slots=True, eq=False)
class Sun:
    """Sun or moon.

    Attributes:
        x, y: Shares of the page's width and height.
        radius: Of the disc, as a share of the shorter side.
        strength: Of its light, 0 to 1.
        colour: Six hex digits.
        moon: It is the moon.
    """

    x: float
    y: float
    radius: float
    strength: float
    colour: str
    moon: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """Display planes of the whole page, and what gives light; None behind a closed cover of cloud."""

    planes: Planes
    sun: Sun | None


def paint(
    grid: Grid, palette: Palette, dice: Dice, *, horizon: float, weather: frozenset[Weather], traits: frozenset[str]
) -> Sky:
    """A sky down to `horizon`, a share of the page's height; below it, its mirror image.

    Args:
        traits: `moon` makes the moon large, `sun_left` and `sun_right` choose its side.
    """
    sun = _sun(palette, dice, horizon, weather, traits)
    rows = min(int(np.ceil((horizon + OVERLAP) * grid.rows)) + 2, grid.rows)
    view = _view(grid, rows, horizon, sun)
    planes = _gradient(palette, view.up, horizon * grid.rows / unit(grid), view.x.shape[1])
    _halo(planes, view, palette, sun)
    if palette.sky == PALETTES["night"].sky:
        heavens.milky_way(planes, view, dice)
    if "aurora" in weather:
        heavens.aurora(planes, view, dice)
    cover = _clouds(planes, view, palette, dice, weather)
    if "rainbow" in traits:
        heavens.rainbow(planes, view)
    planes, cover = _enlarged(planes, grid.columns, rows), resized(cover, grid.columns, rows)
    _set(planes, cover, palette, dice, sun, grid, weather)
    return Sky(_mirrored(planes, grid.rows, horizon), sun)


def shown(time: Time, weather: frozenset[Weather]) -> set[Weather]:
    """What of a weather the sky itself shows: a cover of cloud hides whether it is clear above."""
    found: set[Weather] = set(weather & {"aurora", "lightning", "stars"})
    if _is_closed(PALETTES[time], weather) or {"aurora", "stars"} & weather:
        return found
    if "clear" in weather:
        return {*found, "clear"}
    return found | (weather & {"clouds"} if PALETTES[time].night < MOON_NIGHT else set[Weather]())


def shows_moon(time: Time, weather: frozenset[Weather]) -> bool:
    """By night, or where its light breaks through: by day there is the sun."""
    palette = PALETTES[time]
    return palette.night >= MOON_NIGHT or palette.sky in GREY or bool({"rain", "lightning"} & weather)


def _is_closed(palette: Palette, weather: frozenset[Weather]) -> bool:
    return palette.sky in GREY or bool({"lightning", "rain", "snow"} & weather)


def focal(grid: Grid) -> float:
    """Draft pixels of the camera's focal length: sky and land share one camera, wider for a banner or a tower."""
    ratio = grid.columns / grid.rows
    return float(LENS * grid.rows * np.sqrt(min(ratio, 1) * max(ratio / 2, 1)))


def unit(grid: Grid) -> float:
    """Draft pixels in one unit of elevation."""
    return FOCUS * focal(grid)


def colour(digits: str) -> Planes:
    """A hex colour as display planes (3, 1, 1)."""
    return np.array(svg.channels(digits), np.float32).reshape(3, 1, 1) / np.float32(255)


def _sun(
    palette: Palette, dice: Dice, horizon: float, weather: frozenset[Weather], traits: frozenset[str]
) -> Sun | None:
    left = dice.between(0, 1) < 0.5
    left = (left or "sun_left" in traits) and "sun_right" not in traits
    x = dice.between(*SUN_SIDES[0 if left else 1])
    moon = palette.night >= MOON_NIGHT
    hidden = palette.sky in GREY or bool({"rain", "lightning"} & weather)
    if "moon" not in traits and (hidden or (moon and bool({"aurora", "stars"} & weather))):
        return None
    y = horizon * (1 - palette.height * (0.95 if palette.height > LOW else 1.0))
    radius = FULL_MOON if moon and "moon" in traits else LOW_DISC if palette.height < LOW else DISC
    return Sun(x, y, radius, 0.35 if moon else 1 - 0.45 * palette.night, palette.sun, moon)


def _view(grid: Grid, rows: int, horizon: float, sun: Sun | None) -> View:
    scale = unit(grid)
    across = (np.arange(-(-grid.columns // HALF), dtype=np.float32) + 0.5) * HALF
    down = (np.arange(-(-rows // HALF), dtype=np.float32) + 0.5) * HALF
    x, y = (sun.x, sun.y) if sun else (0.5, -0.2)
    place = (x - 0.5) * grid.columns / scale, (horizon - y) * grid.rows / scale
    up = (horizon * grid.rows - down) / scale
    return View(((across - grid.columns / 2) / scale)[None], up[:, None].astype(np.float32), place)


def _gradient(palette: Palette, up: Plane, top: float, columns: int) -> Planes:
    """The palette's colours from the zenith down, their corners rounded so that no edge shows."""
    place = 1 - np.clip(up[:, 0] / top, 0, 1)
    stops = [stop for stop, _ in palette.sky]
    tones = np.concatenate([colour(digits)[:, :, 0] for _, digits in palette.sky], 1)
    fine = np.linspace(0, 1, 256)
    weights = np.hanning(47)
    rows = []
    for channel in tones:
        padded = np.pad(np.interp(fine, stops, channel), 23, "reflect", reflect_type="odd")
        rows.append(np.interp(place, fine, np.convolve(padded, weights / weights.sum(), "valid")))
    planes = np.clip(np.stack(rows), 0, 1).astype(np.float32)[:, :, None]
    return np.repeat(planes, columns, 2)


def _halo(planes: Planes, view: View, palette: Palette, sun: Sun | None) -> None:
    """Light around the sun, and a warm breath along the horizon under it."""
    if sun is None:
        return
    across, over = view.x - view.sun[0], view.up - view.sun[1]
    away = np.sqrt(across * across + over * over * np.float32(1.3))
    wide, narrow = (0.26, 0.30) if sun.moon else (0.62 * sun.strength, 0.60 * sun.strength)
    glow = np.exp(away * np.float32(-2.4)) * np.float32(wide) + np.exp(away * np.float32(-8.0)) * np.float32(narrow)
    if not sun.moon:
        glow += np.exp(across * across * np.float32(-0.9) - np.abs(view.up) * np.float32(6.0)) * np.float32(0.22)
    np.clip(glow, 0, 0.96, out=glow)
    planes += (colour(sun.colour) - planes) * glow


def _clouds(planes: Planes, view: View, palette: Palette, dice: Dice, weather: frozenset[Weather]) -> Plane:
    haze = planes.mean(2, keepdims=True)
    lit, dark = colour(palette.lit), colour(palette.dark)
    return clouds.lay(planes, _kind(palette, weather), view, dice, lit=lit, dark=dark, haze=haze)


def _kind(palette: Palette, weather: frozenset[Weather]) -> clouds.Weather:
    if palette.sky == PALETTES["storm"].sky or "lightning" in weather:
        return clouds.STORM
    if palette.sky in GREY or "rain" in weather or "snow" in weather:
        return clouds.OVERCAST
    if "clear" in weather or "aurora" in weather or "stars" in weather:
        return clouds.CLEAR
    if palette.night >= MOON_NIGHT:
        return clouds.NIGHT
    fair = palette.height > LOW and palette.night < 0.03
    if "clouds" in weather:
        return clouds.CLOUDY if fair else clouds.HEAVY
    return clouds.FAIR if fair else clouds.GLOWING


def _set(
    planes: Planes, cover: Plane, palette: Palette, dice: Dice, sun: Sun | None, grid: Grid, weather: frozenset[Weather]
) -> None:
    """Stars, the disc and lightning, at the draft's own size."""
    if palette.night >= STARRY or "stars" in weather:
        strength = palette.night * 1.6 if "stars" in weather else palette.night
        heavens.stars(planes, cover, dice, strength, (sun.x, sun.y) if sun else None)
    if sun is not None and sun.moon:
        heavens.moon(planes, cover, dice, _disc(grid, sun), colour(sun.colour))
    elif sun is not None:
        heavens.sun(planes, cover, _disc(grid, sun), colour(sun.colour))
    if "lightning" in weather:
        heavens.lightning(planes, dice)


def _disc(grid: Grid, sun: Sun) -> heavens.Disc:
    return heavens.Disc(sun.x * grid.columns, sun.y * grid.rows, sun.radius * min(grid.rows, grid.columns))


def _enlarged(planes: Planes, columns: int, rows: int) -> Planes:
    return np.stack([np.clip(resized(plane, columns, rows), 0, 1) for plane in planes])


def _mirrored(planes: Planes, rows: int, horizon: float) -> Planes:
    """The page filled downwards: what lies under the horizon mirrors what is above, so that no gap is ever black."""
    have = planes.shape[1]
    below = np.arange(have, rows)
    source = np.clip((2 * horizon * rows - below).astype(np.intp), 0, have - 1)
    page: Planes = np.clip(np.concatenate([planes, planes[:, source]], 1), 0, 1)
    return page
