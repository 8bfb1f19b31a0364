"""The weather before a landscape: mist that lies on its ground, then what falls and drifts in front of everything."""

from __future__ import annotations

import dataclasses

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.nature import front

FOG_BANKS = ((0.02, 0.10, 0.42), (0.16, 0.14, 0.34), (0.42, 0.20, 0.26))  # below the horizon, height, strength


def fall(sheet: Sheet, brief: Brief, horizon: float, palette: Palette, dice: Dice) -> None:
    """Everything the weather asks for, from far to near."""
    if "fog" in brief.weather:
        _fog(sheet, horizon, palette, dice)
    front.fall(sheet, dataclasses.replace(brief, weather=brief.weather - {"fog"}), palette, dice)


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
