"""What falls or hangs before a city: rain, snow and fog."""

from __future__ import annotations

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, ease
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.scenes.city.view import stroke

# Length in points, width, opacity, drops on a square page.
RAIN = ((70.0, 1.5, 0.24, 170), (38.0, 0.9, 0.22, 300))
SLANT = 0.16
# Diameter in points, opacity, flakes on a square page.
SNOW = ((12.0, 0.75, 45), (6.5, 0.85, 130), (3.2, 0.8, 320))
FLAKES_MAX = 1200  # of a kind, on any page


def rain(sheet: Sheet, tone: str, dice: Dice) -> None:
    """Slanting streaks near and far."""
    body = ""
    for long, width, opacity, count in RAIN:
        places = dice.uniforms(_many(sheet, count), 3).tolist()
        data = "".join(_drop(sheet, x, y, long * (0.6 + 0.8 * z)) for x, y, z in places)
        body += stroke(data, tone, width, opacity)
    sheet.draw(body)


def _drop(sheet: Sheet, x: float, y: float, long: float) -> str:
    return f"M{x * sheet.width * 1.1:.1f},{y * sheet.height - long:.1f}l{-SLANT * long:.1f},{long:.1f}"


def ripples(sheet: Sheet, top: float, tone: str, dice: Dice) -> None:
    """Rings where drops meet a wet street."""
    body = ""
    for x, y, z in dice.uniforms(min(int(90 * sheet.width / 1000), 300), 3).tolist():
        down = top + (sheet.height - top) * (0.12 + 0.88 * y**0.7)
        reach = 3 + 17 * (down - top) / max(sheet.height - top, 1) * (0.4 + z)
        body += (
            f'<ellipse cx="{x * sheet.width:.1f}" cy="{down:.1f}" rx="{reach:.1f}" ry="{reach * 0.28:.1f}" fill="none"'
            f' stroke="#{tone}" stroke-width="1" stroke-opacity="{0.5 - 0.35 * z:.2f}"/>'
        )
    sheet.draw(body)


def snow(sheet: Sheet, dice: Dice) -> None:
    """Flakes near and far."""
    body = ""
    for size, opacity, count in SNOW:
        places = dice.uniforms(_many(sheet, count), 3).tolist()
        data = "".join(
            f"M{x * sheet.width:.1f},{y * sheet.height:.1f}h{0.1 + z * size * 0.3:.1f}" for x, y, z in places
        )
        body += svg.group(svg.path(data, stroke="ffffff", width=size), opacity=opacity)
    sheet.draw(body)


def fog(sheet: Sheet, y: float, tone: str, strength: float, dice: Dice) -> None:
    """Banks of fog, thickest at the height `y`."""
    grid = sheet.grid
    down = (np.arange(grid.rows, dtype=np.float32)[:, None] - y * sheet.scale) / (500 * sheet.scale)
    banks = 0.75 + 0.25 * ease(-1.2, 1.2, grid.clouds(dice, 0.3, 2, wide=2.5))
    amount = banks * np.exp(-down * down) * np.float32(strength) + np.float32(strength * 0.25)
    sheet.soft(np.clip(amount, 0, 0.92), tone)


def _many(sheet: Sheet, count: int) -> int:
    return min(int(count * sheet.width * sheet.height / 1e6), FLAKES_MAX)
