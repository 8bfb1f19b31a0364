"""Fireworks in the upper sky, with their glow."""

from __future__ import annotations

import math

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.sheet import Sheet

TONES = ("ffcf5c", "ff6f91", "7fd8ff", "c89bff", "9dffb0", "fff3d0")
BURSTS = (3, 6)
RAYS = (26, 44)
SKY = 0.40  # of the page's height, from its top
DROOP = 0.16  # how far the ends of the rays have fallen, as a share of the radius


def launch(sheet: Sheet, dice: Dice) -> None:
    """A handful of bursts of several sizes; the tips of their rays still burn."""
    count = dice.whole(*BURSTS)
    for number in range(count):
        x = sheet.width * (number + dice.between(0.2, 0.8)) / count
        y = sheet.height * SKY * dice.between(0.25, 0.95)
        _burst(sheet, x, y, min(sheet.width, sheet.height) * dice.between(0.10, 0.24), dice)


def _burst(sheet: Sheet, x: float, y: float, radius: float, dice: Dice) -> None:
    tone, second = dice.pick(TONES), dice.pick(TONES)
    rays, tips = [], []
    count = dice.whole(*RAYS)
    for number in range(count):
        angle = 2 * math.pi * number / count + dice.between(-0.04, 0.04)
        reach = radius * dice.between(0.82, 1.05)
        across, down = math.cos(angle) * reach, math.sin(angle) * reach + radius * DROOP
        rays.append(
            f"M{x + across * 0.16:.1f},{y + down * 0.12:.1f}Q{x + across * 0.6:.1f},{y + down * 0.5:.1f} "
            f"{x + across:.1f},{y + down:.1f}"
        )
        tips.append(svg.circle(x + across, y + down, dice.between(1.6, 3.4), second))
    width = max(radius * 0.010, 1.2)
    sheet.draw(svg.path("".join(rays), stroke=tone, width=width) + "".join(tips), glow=0.9)
    sheet.light(x, y, radius * 0.9, tone, 0.16)
