"""What shines in a sky: sun, moon, stars, the milky way, aurora, rainbow and lightning. All paint in place."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from cavendish_sketch.canvas import tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, blurred, ease
from cavendish_sketch.canvas.tiles import Tile
from cavendish_sketch.nature.clouds import View

STARS = 1500  # on a page; most are too faint to be counted
BRIGHT_STARS = 26  # have a halo
STAR_TINTS = ((1.0, 1.0, 1.0), (0.80, 0.88, 1.0), (1.0, 0.88, 0.76))
AURORA = (((0.86, 0.34, 0.86), 0.44, 0.55), ((0.25, 0.80, 1.0), 0.24, 0.60), ((0.22, 1.0, 0.62), 0.00, 0.95))
RAINBOW = (
    (0.86, 0.20, 0.22),
    (0.95, 0.55, 0.16),
    (0.96, 0.90, 0.30),
    (0.28, 0.74, 0.36),
    (0.24, 0.44, 0.88),
    (0.5, 0.25, 0.75),
)
CRATERS = 26
SEAS = 6


@dataclass(frozen=True, slots=True)
class Disc:
    """Middle and radius in draft pixels."""

    x: float
    y: float
    radius: float


def sun(planes: Planes, cover: Plane, disc: Disc, tone: Planes) -> None:
    """A white-hot disc with a soft rim; thick cloud dims it."""
    away, window = _around(planes, disc, 4.0)
    if away is None:
        return
    view = planes[:, *window]
    clear = 1 - cover[window] * np.float32(0.45)
    halo = np.exp((away / disc.radius - 1).clip(0) * np.float32(-1.5)) * np.float32(0.75) * clear
    halo *= ease(4.0, 2.2, away / disc.radius)
    view += (tone - view) * halo
    body = ease(disc.radius * 1.06, disc.radius * 0.94, away) * clear
    view += (tone * np.float32(0.4) + np.float32(0.6) - view) * body


def moon(planes: Planes, cover: Plane, dice: Dice, disc: Disc, tone: Planes) -> None:
    """A full moon with seas and craters, darker to its rim."""
    away, window = _around(planes, disc, 1.2)
    if away is None:
        return
    rows, columns = window
    x = (np.arange(columns.start, columns.stop, dtype=np.float32)[None] + 0.5 - disc.x) / disc.radius
    y = (np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5 - disc.y) / disc.radius
    shade = _moonscape(x, y, dice)
    rim = np.sqrt(np.clip(1 - (x * x + y * y), 0, 1))
    body = tone * (shade * (np.float32(0.72) + np.float32(0.28) * rim))
    amount = ease(disc.radius + 0.9, disc.radius - 0.9, away) * (1 - cover[window] * np.float32(0.55))
    view = planes[:, *window]
    view += (body - view) * amount


def _moonscape(x: Plane, y: Plane, dice: Dice) -> Plane:
    shade = np.ones(np.broadcast_shapes(x.shape, y.shape), np.float32)
    for number in range(SEAS + CRATERS):
        angle, out = dice.between(0, math.tau), math.sqrt(dice.between(0, 1)) * 0.85
        size = dice.between(0.16, 0.34) if number < SEAS else dice.between(0.025, 0.11)
        away = np.sqrt((x - math.cos(angle) * out) ** 2 + (y - math.sin(angle) * out) ** 2) / np.float32(size)
        if number < SEAS:
            shade -= np.exp(-(away**3)) * np.float32(0.13)
            continue
        shade -= ease(1.0, 0.6, away) * np.float32(0.07)
        shade += np.exp(-(((away - 1.05) / 0.2) ** 2)) * np.float32(0.05)
    return np.clip(shade, 0.55, 1.05)


def stars(planes: Planes, cover: Plane, dice: Dice, strength: float, lamp: tuple[float, float] | None) -> None:
    """Points of light of many magnitudes; fewer towards the horizon, none behind cloud or near the moon."""
    rows, columns = cover.shape
    place = dice.uniforms(STARS, 4)
    x, y = place[:, 0] * (columns - 3) + 1, place[:, 1] * (rows - 3) + 1
    light = (place[:, 2] ** 7 * 0.95 + 0.10) * strength * (1 - (y / rows) ** 3)
    light = light * np.clip(1 - 1.6 * cover[y.astype(int), x.astype(int)], 0, 1)
    if lamp:
        away = np.hypot(x - lamp[0] * columns, y - lamp[1] * rows)
        light = light * ease(0.02, 0.16, away / math.sqrt(rows * columns))
    tint = np.array(STAR_TINTS, np.float32)[(place[:, 3] * 4).astype(int).clip(0, 3) % 3]
    _splat(planes, x, y, light[:, None] * tint)
    for index in np.argsort(-light, kind="stable")[:BRIGHT_STARS]:
        _sparkle(planes, float(x[index]), float(y[index]), float(light[index]), tint[index])


def _splat(planes: Planes, x: Plane, y: Plane, light: Plane) -> None:
    """Each light shared among the four pixels around its place."""
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, down = x - left, y - top
    for step_x, step_y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        share = (right if step_x else 1 - right) * (down if step_y else 1 - down)
        for channel in range(3):
            np.add.at(planes[channel], (top + step_y, left + step_x), light[:, channel] * share)
    np.clip(planes, 0, 1, out=planes)


def _sparkle(planes: Planes, x: float, y: float, light: float, tint: Plane) -> None:
    reach = 7
    rows = slice(max(int(y) - reach, 0), int(y) + reach + 1)
    columns = slice(max(int(x) - reach, 0), int(x) + reach + 1)
    view = planes[:, rows, columns]
    down = np.arange(rows.start, rows.start + view.shape[1], dtype=np.float32)[:, None] - np.float32(y)
    across = np.arange(columns.start, columns.start + view.shape[2], dtype=np.float32)[None] - np.float32(x)
    squared = across * across + down * down
    glow = np.exp(squared * np.float32(-0.9)) * np.float32(0.9) + np.exp(squared * np.float32(-0.10)) * np.float32(0.20)
    view += (1 - view) * (glow * np.float32(min(light, 1))) * tint.reshape(3, 1, 1)


def milky_way(planes: Planes, view: View, dice: Dice) -> None:
    """A faint band across the sky, with dark lanes in it."""
    slope, middle = dice.between(0.35, 0.75) * dice.pick((-1, 1)), dice.between(0.25, 0.5)
    mist = Tile(tiles.fractal(dice, 2.0))
    u, v = view.x * 150 + dice.between(0, 512), view.up * 150 + dice.between(0, 512)
    clumps = mist.at(u, v)
    off = (view.up - np.float32(middle) - view.x * np.float32(slope)) / np.float32(math.hypot(1, slope))
    off = off + clumps * np.float32(0.035)
    light = np.exp(-((off / np.float32(0.22)) ** 2)) * (np.float32(0.55) + np.float32(0.30) * clumps)
    lane = np.exp(-(((off - np.float32(0.02)) / np.float32(0.05)) ** 2)) * ease(-0.6, 1.0, mist.at(u * 2, v * 2))
    light = np.clip(light - lane * np.float32(0.55), 0, 1) * ease(0.0, 0.45, view.up) * np.float32(0.17)
    core = np.exp(-((off / np.float32(0.10)) ** 2)) * light
    planes += light * np.array([0.78, 0.82, 1.0], np.float32).reshape(3, 1, 1)
    planes += core * np.array([0.55, 0.38, 0.30], np.float32).reshape(3, 1, 1)


def aurora(planes: Planes, view: View, dice: Dice) -> None:
    """Curtains of light: sharp at their lower edge, fading upwards in rays."""
    columns = view.x.shape[1]
    top = float(view.up.max())
    for tone, rise, strength in AURORA:
        folds, rays, veil = (
            tiles.line(dice, 2.9, columns),
            tiles.line(dice, 1.0, columns),
            tiles.line(dice, 2.2, columns),
        )
        foot = np.float32(top) * (np.float32(0.22 + rise * 0.5) + np.float32(0.34) * folds)
        reach = np.float32(top) * (np.float32(0.22) + np.float32(0.50) * rays * veil)
        over = (view.up - foot[None]) / reach[None]
        light = np.where(over > 0, np.exp(np.minimum(-over * np.float32(1.9), 0)), np.exp(np.minimum(over * 9, 0)))
        light = (
            light * (np.float32(0.10) + np.float32(0.9) * (veil * (np.float32(0.45) + np.float32(0.55) * rays)))[None]
        )
        planes += (
            (np.float32(1.05) - planes)
            * light.astype(np.float32)
            * np.float32(strength)
            * np.array(tone, np.float32).reshape(3, 1, 1)
        )
    np.clip(planes, 0, 1, out=planes)


def rainbow(planes: Planes, view: View) -> None:
    """A bow opposite the sun, faint at its feet."""
    radius = 1.05
    away = np.sqrt((view.x + view.sun[0] * np.float32(0.6)) ** 2 + (view.up + np.float32(0.25)) ** 2)
    place = (np.float32(radius) - away) / np.float32(0.11)
    inside = (place > 0) & (place < 1)
    strength = np.where(inside, np.sin(np.clip(place, 0, 1) * np.float32(math.pi)), 0) * np.float32(0.34)
    stops = np.linspace(0, 1, len(RAINBOW))
    for plane, tones in zip(planes, np.array(RAINBOW, np.float32).T, strict=True):
        plane += (np.interp(place, stops, tones).astype(np.float32) - plane) * strength
        plane += np.where(away < radius, np.float32(0.02), 0)


def lightning(planes: Planes, dice: Dice) -> None:
    """One branched bolt and the light that it throws into the clouds."""
    rows, columns = planes.shape[1:]
    mask = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(mask)
    x = columns * (dice.between(0.55, 0.82) if dice.between(0, 1) < 0.5 else dice.between(0.18, 0.45))
    _bolt(draw, dice, x, rows * 0.06, rows * 0.99, min(rows, columns) * 0.0045, 2)
    bolt = np.asarray(mask, np.float32) * np.float32(1 / 255)
    unit = math.sqrt(rows * columns)
    glow = blurred(bolt, unit * 0.006) * np.float32(1.6) + blurred(bolt, unit * 0.035) * np.float32(2.6)
    away = ((np.arange(columns)[None] - x) / (unit * 0.45)) ** 2 + (np.arange(rows)[:, None] / (rows * 0.6)) ** 2
    flash = np.exp(-away).astype(np.float32) * np.float32(0.28)
    tone = np.array([0.80, 0.82, 1.0], np.float32).reshape(3, 1, 1)
    planes += planes * flash * tone * np.float32(1.5)
    planes += (tone - planes) * np.clip(glow, 0, 0.85)
    planes += (1 - planes) * np.clip(blurred(bolt, 0.7) * np.float32(1.25), 0, 1)
    np.clip(planes, 0, 1, out=planes)


def _bolt(draw: ImageDraw.ImageDraw, dice: Dice, x: float, y: float, end: float, width: float, branches: int) -> None:
    step = (end - y) / 26
    points = [(x, y)]
    drift = dice.between(-0.25, 0.25)
    while y < end:
        x, y = x + step * (dice.between(-0.75, 0.75) + drift), y + step * dice.between(0.6, 1.3)
        points.append((x, y))
        if branches and dice.between(0, 1) < 0.13:
            _bolt(draw, dice, x, y, y + (end - y) * dice.between(0.25, 0.55), width * 0.55, branches - 1)
    draw.line(points, fill=255, width=max(round(width), 1), joint="curve")


def _around(planes: Planes, disc: Disc, radii: float) -> tuple[Plane | None, tuple[slice, slice]]:
    """Distance to the middle in a window of some radii; None where that lies outside."""
    rows = slice(max(int(disc.y - disc.radius * radii), 0), min(int(disc.y + disc.radius * radii) + 1, planes.shape[1]))
    columns = slice(
        max(int(disc.x - disc.radius * radii), 0), min(int(disc.x + disc.radius * radii) + 1, planes.shape[2])
    )
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return None, (rows, columns)
    down = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5 - disc.y
    across = np.arange(columns.start, columns.stop, dtype=np.float32)[None] + 0.5 - disc.x
    return np.hypot(across, down).astype(np.float32), (rows, columns)
