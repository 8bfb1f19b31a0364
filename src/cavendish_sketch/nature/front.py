"""What falls or drifts before the eye, for every scene: rain, snow, petals, leaves, fog banks, fireflies.

Things of one size and tone share one path: a thousand drops are six elements. Far ones are small and sharp, a few near
ones large and out of focus.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane, bell, ease
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.canvas.svg import Point
from cavendish_sketch.language.brief import Brief

PAGE = 1.792e6  # square points of a 16:9 page, for which the counts are meant
SLANT = (-0.30, 0.30)  # of rain, across for each step down
# Share of the drops, length in points, width, opacity: from far to near.
RAIN = ((520, 26, 0.8, 0.30), (260, 46, 1.3, 0.36), (90, 84, 2.2, 0.30), (22, 150, 4.2, 0.16))
RAIN_MIST = 0.20
# Count, diameter in points, opacity: from far to near.
SNOW = ((520, 2.0, 0.70), (300, 3.4, 0.80), (150, 5.2, 0.85), (60, 8.0, 0.85))
SNOW_NEAR, SNOW_MIST = 26, 0.10
PETALS, PETALS_NEAR = 96, 10
PETAL_TONES = ("ffd9e6", "ffc2d6", "f9a8c4", "fff0f5")
LEAVES, LEAVES_NEAR = 60, 7
LEAF_TONES = ("d9772b", "c4452a", "e8a838", "a8552a", "8f6b2e")
FIREFLIES, FIREFLY_NIGHT = 44, 0.4  # how many, and `night` above which they glow
FOG_LEAST, FOG_MOST = 0.15, 0.72  # of banks before their height counts; of anything
# Outlines around (0, 0) in units of their length: a start, then cubic curves.
Curve = tuple[Point, Point, Point]
PETAL: tuple[Point, tuple[Curve, ...]] = (
    (-0.5, 0.0),
    (
        ((-0.40, -0.26), (0.10, -0.42), (0.44, -0.20)),
        ((0.50, -0.14), (0.42, -0.04), (0.40, 0.0)),
        ((0.50, 0.06), (0.52, 0.14), (0.42, 0.24)),
        ((0.05, 0.38), (-0.40, 0.20), (-0.5, 0.0)),
    ),
)
PETAL_FOLD: tuple[Point, tuple[Curve, ...]] = (
    (-0.5, 0.0),
    (((-0.2, -0.04), (0.2, -0.05), (0.40, 0.0)), *PETAL[1][2:]),
)
LEAF: tuple[Point, tuple[Curve, ...]] = (
    (-0.5, 0.0),
    (
        ((-0.40, -0.10), (-0.34, -0.30), (-0.12, -0.27)),
        ((-0.06, -0.36), (0.14, -0.34), (0.20, -0.22)),
        ((0.34, -0.20), (0.42, -0.08), (0.56, 0.0)),
        ((0.42, 0.08), (0.34, 0.20), (0.20, 0.22)),
        ((0.14, 0.34), (-0.06, 0.36), (-0.12, 0.27)),
        ((-0.34, 0.30), (-0.40, 0.10), (-0.5, 0.0)),
    ),
)
LEAF_FOLD: tuple[Point, tuple[Curve, ...]] = (
    (-0.5, 0.0),
    (((-0.2, 0.02), (0.2, 0.02), (0.56, 0.0)), *LEAF[1][3:]),
)
VEIN: tuple[Point, tuple[Curve, ...]] = ((-0.64, 0.03), (((-0.3, -0.02), (0.1, 0.02), (0.50, 0.0)),))


def fall(sheet: Sheet, brief: Brief, palette: Palette, dice: Dice) -> None:
    """Lay what the weather of the brief lets fall before the whole picture; nothing in clear weather."""
    if "fog" in brief.weather:
        fog(sheet, palette, dice)
    if "rain" in brief.weather:
        rain(sheet, palette, dice)
    if "snow" in brief.weather:
        snow(sheet, palette, dice)
    if "petals" in brief.weather:
        petals(sheet, palette, dice)
    if "leaves" in brief.weather:
        leaves(sheet, palette, dice)
    if "fireflies" in brief.traits and palette.night > FIREFLY_NIGHT:
        fireflies(sheet, dice)


def rain(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    """Streaks at one slant, and mist where they are too many to be told apart."""
    down = np.linspace(0, 1, sheet.grid.rows, dtype=np.float32)[:, None]
    banks = sheet.grid.clouds(dice, 0.35, 3, wide=2.5, tall=0.8)
    sheet.soft(RAIN_MIST * (0.45 + 0.55 * down) * np.clip(1 + 0.35 * banks, 0.2, 1.6), _mist(palette))
    slant = dice.between(*SLANT)
    slant += math.copysign(0.06, slant)
    tone = svg.blend(palette.lit, "eaf2fb", 0.6)
    body = ""
    for count, length, width, opacity in RAIN:
        drops = "".join(_drop(sheet, dice, length, slant) for _ in range(_many(sheet, count)))
        body += _strokes(drops, tone, width, opacity)
    sheet.draw(body)


def _drop(sheet: Sheet, dice: Dice, length: float, slant: float) -> str:
    high = length * dice.between(0.6, 1.3)
    x, y = dice.between(-0.05, 1.05) * sheet.width, dice.between(-0.05, 1.0) * sheet.height
    return f"M{x:.0f} {y:.0f}l{high * slant:.1f} {high:.1f}"


def _strokes(data: str, tone: str, width: float, opacity: float) -> str:
    """Lines with round ends; a group with an opacity would cost a layer of its own."""
    look = f'fill="none" stroke="#{tone}" stroke-width="{width}" stroke-opacity="{opacity}" stroke-linecap="round"'
    return f'<path d="{data}" {look}/>'


def snow(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    """Flakes from far to near; the nearest are discs out of focus."""
    rows, columns = sheet.draft.shape[1:]
    sheet.soft(np.full((rows, columns), SNOW_MIST, np.float32), _mist(palette))
    white = svg.blend("ffffff", palette.sky[-1][1], 0.12 + 0.10 * palette.night)
    body = ""
    for count, size, opacity in SNOW:
        flakes = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in _scattered(sheet, dice, _many(sheet, count)))
        body += _strokes(flakes, white, size, opacity)
    defs = svg.radial_gradient("n", ((0, white, 0.62), (0.55, white, 0.40), (1, white, 0.0)))
    for x, y in _scattered(sheet, dice, _many(sheet, SNOW_NEAR)):
        body += svg.circle(x, y, 9 + 20 * dice.between(0, 1) ** 2.5, "url(#n)")
    sheet.draw(body, defs=defs)


def petals(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    """Cherry blossom on the wind."""
    tones = [_in_light(tone, palette) for tone in PETAL_TONES]
    _flutter(sheet, dice, tones, (PETAL, PETAL_FOLD, None), PETALS, PETALS_NEAR, 16.0)


def leaves(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    """Autumn leaves on the wind."""
    tones = [_in_light(tone, palette) for tone in LEAF_TONES]
    _flutter(sheet, dice, tones, (LEAF, LEAF_FOLD, VEIN), LEAVES, LEAVES_NEAR, 27.0)


Outline = tuple[Point, tuple[Curve, ...]]


def _flutter(
    sheet: Sheet,
    dice: Dice,
    tones: Sequence[str],
    outlines: tuple[Outline, Outline, Outline | None],
    count: int,
    near: int,
    size: float,
) -> None:
    """Flat things that tumble: two shades each, one path for each tone; near ones soft at their edges."""
    whole, fold, line = outlines
    body = defs = ""
    for number, tone in enumerate(tones):
        lit, shaded, lines = "", "", ""
        for x, y in _scattered(sheet, dice, max(_many(sheet, count) // len(tones), 2)):
            turned = _Turned.of(dice, x, y, size * (0.55 + 1.15 * dice.between(0, 1) ** 2))
            lit, shaded = lit + turned.path(whole), shaded + turned.path(fold)
            lines += turned.path(line) if line else ""
        body += svg.path(lit, tone) + svg.path(shaded, svg.blend(tone, "3a1030", 0.16), 0.75)
        if lines:
            body += svg.path(lines, stroke=svg.blend(tone, "2a1408", 0.45), width=1.0)
        defs += svg.radial_gradient(f"t{number}", ((0, tone, 0.78), (0.55, tone, 0.60), (1, tone, 0.0)))
    for number, (x, y) in enumerate(_scattered(sheet, dice, _many(sheet, near))):
        turned = _Turned.of(dice, x, y, size * dice.between(2.6, 4.4))
        body += svg.path(turned.path(whole), f"url(#t{number % len(tones)})", 0.85)
    sheet.draw(body, defs=defs)


class _Turned:
    """An outline in space: turned, and seen from the side."""

    def __init__(self, x: float, y: float, across: Point, down: Point) -> None:
        self._x, self._y, self._across, self._down = x, y, across, down

    @classmethod
    def of(cls, dice: Dice, x: float, y: float, size: float) -> _Turned:
        angle, tip = dice.between(0, 2 * math.pi), dice.between(0.35, 1.0) * dice.pick((-1, 1))
        cos, sin = math.cos(angle) * size, math.sin(angle) * size
        return cls(x, y, (cos, sin), (-sin * tip, cos * tip))

    def path(self, outline: Outline) -> str:
        start, curves = outline
        return f"M{self._at(start)}" + "".join("C" + " ".join(self._at(point) for point in curve) for curve in curves)

    def _at(self, point: Point) -> str:
        x = self._x + point[0] * self._across[0] + point[1] * self._down[0]
        return f"{x:.1f} {self._y + point[0] * self._across[1] + point[1] * self._down[1]:.1f}"


def fog(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    """Banks that lie low and let the top of the picture through."""
    sheet.soft(fog_amount(sheet, dice), _mist(palette))


def fog_amount(sheet: Sheet, dice: Dice) -> Plane:
    """How much fog lies before each pixel of the draft, 0 to `FOG_MOST`."""
    grid = sheet.grid
    down = grid.y / grid.height
    banks = grid.clouds(dice, 0.55, 5, gain=0.55, wide=2.8, tall=0.55)
    low = 0.25 + 0.75 * bell(down - 0.72, 0.34)
    amount: Plane = (
        np.clip(np.maximum(0.36 + 0.26 * banks, FOG_LEAST) * low * ease(0.0, 0.30, down + 0.06), 0, 1) * 1.25
    )
    return np.minimum(amount, FOG_MOST)


def fireflies(sheet: Sheet, dice: Dice) -> None:
    """Small lights over the lower half of the picture, each with a halo."""
    defs = svg.radial_gradient(
        "w", ((0, "f6ffb0", 0.95), (0.16, "d8f26a", 0.60), (0.5, "a8d43c", 0.14), (1, "a8d43c", 0.0))
    )
    body = ""
    for x, y in _scattered(sheet, dice, _many(sheet, FIREFLIES), top=0.42):
        size = 7 + 20 * dice.between(0, 1) ** 3
        body += svg.circle(x, y, size, "url(#w)") + svg.circle(x, y, size * 0.13, "fffff0")
    sheet.draw(body, defs=defs, glow=0.9)


def _mist(palette: Palette) -> str:
    return svg.blend(palette.far, palette.lit, 0.62)


def _in_light(tone: str, palette: Palette) -> str:
    """A colour of its own as it looks by this light."""
    mixed = (channel * min(factor, 1.0) for channel, factor in zip(svg.channels(tone), palette.ambient, strict=True))
    return "".join(f"{round(channel):02x}" for channel in mixed)


def _many(sheet: Sheet, count: int) -> int:
    """As dense on every shape of page."""
    return max(round(count * sheet.width * sheet.height / PAGE), 1)


def _scattered(sheet: Sheet, dice: Dice, count: int, *, top: float = -0.02) -> list[Point]:
    """Places all over the page, from a share of its height down; a jittered grid leaves no bare spots."""
    across = max(round(math.sqrt(count * sheet.width / sheet.height)), 1)
    down = max(-(-count // across), 1)
    places = []
    for number in dice.shuffled(range(across * down))[:count]:
        column, row = number % across, number // across
        x = (column + dice.between(-0.2, 1.2)) / across * sheet.width
        y = top + (row + dice.between(-0.2, 1.2)) / down * (1.02 - top)
        places.append((x, y * sheet.height))
    return places
