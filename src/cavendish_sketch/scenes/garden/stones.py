"""Stones: boulders at the water, flat ones to step on, as vectors with a lit and a shady side."""

from __future__ import annotations

import math

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.scenes.garden.light import Light

STONE, MOSS, SNOW = "8d908a", "6f8f3f", "f2f6fc"
TONES = ("8d908a", "7c8084", "9a948a")
CORNERS = 11


def defs(light: Light, *, snowy: bool = False) -> str:
    """The gradients that stones refer to."""
    left = light.side < 0
    x1, x2 = (0.1, 0.9) if left else (0.9, 0.1)
    found = ""
    for number, tone in enumerate(TONES):
        stops = (
            (0, light.bright(svg.blend(tone, "ffffff", 0.35))),
            (0.45, light.on(tone)),
            (1, light.dark(svg.blend(tone, "10141c", 0.35))),
        )
        found += svg.linear_gradient(f"stone{number}", stops, x1=x1, y1=0, x2=x2, y2=1)
    moss = SNOW if snowy else MOSS
    tops = (
        (0, light.bright(svg.blend(moss, "e8e890", 0.0 if snowy else 0.30))),
        (1, light.dark(moss) if not snowy else light.on("c2d0e4")),
    )
    found += svg.linear_gradient("moss", tops, x1=x1, y1=0, x2=x2, y2=1)
    wet = light.dark("30363c")
    return found + svg.radial_gradient("wet", ((0, wet, 0.75), (0.6, wet, 0.45), (1, wet, 0.0)))


def stone(x: float, y: float, wide: float, tall: float, dice: Dice, *, mossy: float = 0.6) -> str:
    """A boulder that stands in water or moss at (x, y): half as wide as `wide` to both sides, `tall` high."""
    points = _lump(x, y, wide / 2, tall, dice)
    fill = f"url(#stone{dice.whole(0, len(TONES) - 1)})"
    body = svg.path(_smooth(points), fill)
    crease = dice.between(-0.25, 0.25)
    top = f"M{x + wide * crease:.1f},{y - tall * 0.82:.1f}"
    line = f"{top}q{wide * 0.10:.1f},{tall * 0.3:.1f} {wide * -0.02:.1f},{tall * 0.62:.1f}"
    thick = max(wide * 0.014, 0.5)
    body += f'<path d="{line}" fill="none" stroke="#1c2028" stroke-opacity="0.28" stroke-width="{thick:.2f}"/>'
    if dice.between(0, 1) < mossy:
        cap = [(px, py) for px, py in points if py < y - tall * 0.50]
        if len(cap) >= 3:
            drop = tall * dice.between(0.10, 0.26)
            lower = [(px * 0.94 + x * 0.06, py + drop + dice.between(0, 0.10) * tall) for px, py in reversed(cap)]
            body += svg.path(_smooth(cap + lower), "url(#moss)", 0.94)
    return body


def _lump(x: float, y: float, half: float, tall: float, dice: Dice) -> list[svg.Point]:
    points = []
    for number in range(CORNERS):
        angle = math.pi * (1 + number / (CORNERS - 1))
        out = dice.between(0.84, 1.06)
        squared = 0.78 + 0.22 * abs(math.cos(2 * angle))
        points.append((x + math.cos(angle) * half * out, y + math.sin(angle) * tall * out * (1.05 - 0.15 * squared)))
    return [(x - half * 0.98, y + tall * 0.06), *points, (x + half * 0.98, y + tall * 0.06)]


def _smooth(points: list[svg.Point]) -> str:
    """A closed line that is round at every corner."""
    count = len(points)
    middles = [
        ((points[i][0] + points[(i + 1) % count][0]) / 2, (points[i][1] + points[(i + 1) % count][1]) / 2)
        for i in range(count)
    ]
    path = f"M{middles[-1][0]:.1f},{middles[-1][1]:.1f}"
    for (cx, cy), (ex, ey) in zip(points, middles, strict=True):
        path += f"Q{cx:.1f},{cy:.1f} {ex:.1f},{ey:.1f}"
    return path + "z"


def wet(x: float, y: float, wide: float, tall: float) -> str:
    """The dark that a stone in the water throws below itself."""
    return svg.ellipse(x, y, wide, tall, "url(#wet)")


def step(x: float, y: float, wide: float, dice: Dice, *, flat: float = 0.36) -> str:
    """A flat stone to walk on, its top seen at a slant."""
    half, tall, thick = wide / 2, wide / 2 * flat, wide * 0.085
    top = []
    for number in range(12):
        angle = math.tau * number / 12
        out = dice.between(0.90, 1.07)
        top.append((x + math.cos(angle) * half * out, y + math.sin(angle) * tall * out))
    side = [(px, py + thick) for px, py in top]
    fill = dice.whole(0, len(TONES) - 1)
    body = wet(x, y + thick * 2.0, half * 1.16, tall * 1.35)
    body += svg.path(_smooth(side), "2a2e34", 0.85) + svg.path(_smooth(top), f"url(#stone{fill})")
    inner = [(x + (px - x) * 0.80, y + (py - y) * 0.74 - thick * 0.12) for px, py in top]
    return body + svg.path(_smooth(inner), "ffffff", 0.10)
