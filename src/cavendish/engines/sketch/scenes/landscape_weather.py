"""What falls or drifts before a landscape: rain, snow, petals, leaves and fog."""

from __future__ import annotations

import math

import numpy as np

from cavendish.engines.sketch import svg
from cavendish.engines.sketch.brief import Brief
from cavendish.engines.sketch.field import Dice
from cavendish.engines.sketch.palettes import Palette
from cavendish.engines.sketch.sheet import Sheet

AREA = 1_792_000  # square points of a 16:9 page, for which the counts are meant
DROPS, FLAKES, PETALS, LEAVES = 460, 460, 110, 80
PETAL_TONES = ("ffd7e6", "ffb7d2", "fff0f6")
LEAF_TONES = ("d9772c", "e0a437", "b8472b", "c98a36")
FOG_BANKS = ((0.02, 0.10, 0.42), (0.16, 0.14, 0.34), (0.42, 0.20, 0.26))  # below the horizon, height, strength


def fall(sheet: Sheet, brief: Brief, horizon: float, palette: Palette, dice: Dice) -> None:
    """Everything the weather asks for, from far to near."""
    if "fog" in brief.weather:
        _fog(sheet, horizon, palette, dice)
    if "rain" in brief.weather:
        _rain(sheet, palette, dice)
    if "snow" in brief.weather:
        _snow(sheet, dice)
    if "petals" in brief.weather:
        _drift(sheet, dice, PETALS, PETAL_TONES, _petal)
    if "leaves" in brief.weather:
        _drift(sheet, dice, LEAVES, LEAF_TONES, _leaf)


def _many(sheet: Sheet, count: int) -> int:
    return round(count * math.sqrt(sheet.width * sheet.height / AREA))


def _fog(sheet: Sheet, horizon: float, palette: Palette, dice: Dice) -> None:
    """Banks of mist with torn edges; thinner towards the viewer."""
    grid = sheet.grid
    tone = svg.blend(palette.far, palette.lit, 0.45)
    for place, tall, strength in FOG_BANKS:
        middle = grid.height * (horizon + (1 - horizon) * place)
        wander = grid.curve(dice, 0.5) * np.float32(0.35)
        off = (grid.y - middle) / np.float32(grid.height * tall) + wander
        torn = np.float32(0.75) + grid.clouds(dice, 0.30, 3, wide=3.0) * np.float32(0.22)
        sheet.soft(np.exp(-off * off) * np.clip(torn, 0.2, 1) * np.float32(strength), tone)


def _rain(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    fine: list[str] = []
    near: list[str] = []
    slant = dice.between(0.12, 0.26) * dice.pick((-1, 1))
    for number in range(_many(sheet, DROPS)):
        x, y = dice.between(-0.1, 1.1) * sheet.width, dice.between(-0.05, 1) * sheet.height
        long = dice.between(14, 34) if number % 6 else dice.between(40, 70)
        (fine if number % 6 else near).append(f"M{x:.0f},{y:.0f}l{long * slant:.1f},{long:.1f}")
    tone = svg.blend("e8f0f8", palette.lit, 0.3)
    sheet.draw(svg.path("".join(fine), stroke=tone, width=1.0), opacity=0.34)
    sheet.draw(svg.path("".join(near), stroke=tone, width=1.8), opacity=0.30)


def _snow(sheet: Sheet, dice: Dice) -> None:
    flakes = []
    for _ in range(_many(sheet, FLAKES)):
        size = 1.0 + 5.5 * dice.between(0, 1) ** 6
        x, y = dice.between(0, sheet.width), dice.between(0, sheet.height)
        flakes.append(svg.circle(x, y, size, "ffffff", dice.between(0.4, 0.9)))
    sheet.draw("".join(flakes))


def _drift(sheet: Sheet, dice: Dice, count: int, tones: tuple[str, ...], shape: str) -> None:
    pieces = []
    for _ in range(_many(sheet, count)):
        size = 0.35 + 1.0 * dice.between(0, 1) ** 3
        x, y = dice.between(0, sheet.width), dice.between(0, sheet.height)
        body = svg.path(shape, dice.pick(tones), dice.between(0.7, 0.95))
        flat = dice.between(0.45, 1.0)
        turn = f'<g transform="scale(1 {flat:.2f})">{body}</g>'
        pieces.append(svg.group(turn, x=x, y=y, scale=size, turn=dice.between(0, 360)))
    sheet.draw("".join(pieces))


_petal = "M0,-9C6,-9 9,-2 6,5C4,9 1,8 0,10C-1,8 -4,9 -6,5C-9,-2 -6,-9 0,-9z"
_leaf = "M0,-14C7,-9 10,-1 6,8L1,12L0.6,18L-0.6,18L-1,12L-6,8C-10,-1 -7,-9 0,-14z"
