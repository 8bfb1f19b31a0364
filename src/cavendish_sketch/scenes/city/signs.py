"""Light over a street: boards with invented letters, screens on walls, bridges between towers, holograms in the air."""

from __future__ import annotations

import math

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.svg import Point
from cavendish_sketch.scenes.city.layout import NEON, WARM_LIGHTS, Block, Ink, Look
from cavendish_sketch.scenes.city.view import Face, View, closed, opened, stroke, tube

BOARD_END, SCREEN_END = 15.0, 16.0
BOARD = 0.20  # how far a board stands out over the street
BOARD_POINTS_MAX = 84.0
# Strokes that letters are made of, in a square from 0 to 1. None of them is a letter of a script.
STROKES = (
    ((0.1, 0.15), (0.9, 0.15)),
    ((0.1, 0.5), (0.9, 0.5)),
    ((0.1, 0.88), (0.9, 0.88)),
    ((0.2, 0.1), (0.2, 0.9)),
    ((0.5, 0.05), (0.5, 0.95)),
    ((0.8, 0.1), (0.8, 0.9)),
    ((0.2, 0.55), (0.75, 0.92)),
    ((0.75, 0.1), (0.25, 0.5)),
    ((0.15, 0.3), (0.5, 0.15), (0.85, 0.3)),
    ((0.25, 0.7), (0.25, 0.88), (0.75, 0.88), (0.75, 0.7), (0.25, 0.7)),
)


def board(ink: Ink, view: View, look: Look, block: Block, dice: Dice) -> None:
    """A tall board that stands out from a wall, over the street."""
    tone, letters = dice.pick(NEON), dice.whole(3, 6)
    out = min(BOARD * dice.between(0.8, 1.5), BOARD_POINTS_MAX * block.near / view.focal)
    tall = out * letters * 1.08
    high = min(block.height * dice.between(0.55, 0.95), view.eye + block.near * view.y / view.focal * 0.8)
    low = high - tall
    strokes = [dice.shuffled(STROKES)[: dice.whole(3, 4)] for _ in range(letters)]
    if low < 0.15 or block.near > BOARD_END:
        return
    wall = block.inner * block.side
    ends = sorted((wall, wall - out * block.side))
    face = Face(view, (ends[0], ends[1]), (block.near + 0.05, block.near + 0.05), (low, high))
    if not face.seen() or face.width() < 3:
        return
    width = face.width() * 0.075
    seen = 1 - look.air.share(block.near) * 0.8
    ink.add(svg.path(closed(face.outline()), svg.blend(tone, "07041a", 0.80), 0.92))
    ink.add(tube(closed(face.outline()), tone, width * 0.6, seen))
    data = "".join(_letter(face, number, letters, parts) for number, parts in enumerate(strokes))
    ink.add(tube(data, tone, width, seen))


def _letter(face: Face, number: int, letters: int, strokes: list[tuple[Point, ...]]) -> str:
    low = 1 - (number + 0.9) / letters
    tall = 0.8 / letters
    return "".join(opened(face.point(0.2 + 0.6 * u, low + tall * (1 - v)) for u, v in places) for places in strokes)


def screen(ink: Ink, look: Look, face: Face, dice: Dice) -> None:
    """A bright picture on a wall: a gradient with a simple shape."""
    first, second = dice.shuffled(NEON)[:2]
    left, low = dice.between(0.1, 0.3), dice.between(0.45, 0.66)
    right, high = left + dice.between(0.45, 0.6), low + dice.between(0.14, 0.26)
    kind, turns = dice.pick(("sun", "wave", "bars", "rings")), dice.between(0, 6)
    if face.z[0] > SCREEN_END or face.width() < 26 or not face.seen():
        return
    seen = 0.92 * (1 - look.air.share(face.z[0]))
    part = face.part(left, right, low, high)
    corners = part.outline()
    fill = ink.gradient(((0, svg.blend(first, "ffffff", 0.15)), (1, svg.blend(second, "120830", 0.25))))
    ink.add(svg.path(closed(corners), fill, seen), _picture(part, kind, second, turns, seen))
    ink.add(tube(closed(corners), svg.blend(first, "ffffff", 0.4), 1.0, seen * 0.8))


def _picture(face: Face, kind: str, tone: str, turns: float, seen: float) -> str:
    pale = svg.blend(tone, "ffffff", 0.7)
    if kind == "wave":
        lines = []
        for row in range(5):
            places = ((u / 12, 0.18 + row * 0.15 + 0.10 * math.sin(u * 0.9 + turns + row)) for u in range(13))
            lines.append(opened(face.point(*place) for place in places))
        return stroke("".join(lines), pale, max(face.height() * 0.02, 0.8), seen * 0.8)
    if kind == "bars":
        bars = ((u / 9, 0.15 + 0.7 * abs(math.sin(u * 1.9 + turns))) for u in range(1, 9))
        return svg.path("".join(_bar(face, u, v) for u, v in bars), pale, seen * 0.8)
    rings = (0.36,) if kind == "sun" else (0.40, 0.28, 0.16)
    shapes = [closed(_round(face, 0.5, 0.5, radius)) for radius in rings]
    if kind == "sun":
        return svg.path(shapes[0], pale, seen * 0.85)
    return stroke("".join(shapes), pale, max(face.height() * 0.025, 0.8), seen * 0.9)


def _bar(face: Face, u: float, v: float) -> str:
    return closed(
        [face.point(u - 0.03, 0.1), face.point(u + 0.03, 0.1), face.point(u + 0.03, v), face.point(u - 0.03, v)]
    )


def _round(face: Face, u: float, v: float, radius: float) -> list[Point]:
    """A circle on a wall: `radius` in shares of the shorter side."""
    wide, tall = face.width(), face.height()
    across, up = radius * min(tall / wide, 1), radius * min(wide / tall, 1)
    angles = (turn * math.tau / 28 for turn in range(28))
    return [face.point(u + across * math.cos(angle), v + up * math.sin(angle)) for angle in angles]


def bridge(ink: Ink, view: View, look: Look, z: float, height: float, dice: Dice) -> None:
    """A glass tube across the street, with people's light in it."""
    half, tall, deep = view.half + 0.15, dice.between(0.11, 0.17), 0.28
    front = Face(view, (-half, half), (z, z), (height, height + tall))
    tone = dice.pick(NEON) if look.neon else look.palette.sun
    middle = front.point(0.5, 0.5)
    wall = look.air.over(svg.blend(look.walls[0], "000000", 0.35), z, middle)
    under = view.shape([(-half, height, z), (half, height, z), (half, height, z + deep), (-half, height, z + deep)])
    ink.add(svg.polygon(under, svg.blend(wall, "000000", 0.35)), svg.path(closed(front.outline()), wall))
    light = look.air.over(WARM_LIGHTS[0], z * 0.5, middle)
    panes = 16
    lit = [number for number in range(panes) if dice.between(0, 1) < 0.75]
    data = "".join(
        closed(
            [
                front.point((n + 0.08) / panes, 0.34),
                front.point((n + 0.92) / panes, 0.34),
                front.point((n + 0.92) / panes, 0.80),
                front.point((n + 0.08) / panes, 0.80),
            ]
        )
        for n in lit
    )
    ink.add(svg.path(data, light, 0.55 + 0.35 * min(look.lit * 2, 1)))
    width = max(view.size(0.014, z), 0.8)
    seen = 1 - look.air.share(z)
    ink.add(tube(opened([front.point(0, 0.06), front.point(1, 0.06)]), tone, width, seen))


FISH = (
    "M-96,0C-60,-44 10,-46 62,-14C76,-30 96,-44 118,-42C106,-22 104,-10 108,2C104,16 108,28 120,44"
    "C98,44 78,30 64,16C14,44 -58,38 -96,0Z"
)
FISH_LINES = (
    "M-58,-27C-44,-8 -44,12 -58,24 M-20,-37C-4,-30 8,-52 24,-30 M-16,33C-6,40 8,56 18,27 M-30,-8C-6,-18 22,-18 48,-6"
    " M-30,8C-6,16 22,14 48,6 M76,-16L104,-34 M76,14L106,34 M80,0L104,0"
)
HOLOGRAMS = ("fish", "planet", "flower")


def hologram(ink: Ink, x: float, y: float, size: float, dice: Dice) -> None:
    """A figure of light over the street: `size` points across, with its beam and scan lines."""
    tone, other = dice.shuffled(("19e3ff", "ff5ab8", "8f7bff", "4dffd2"))[:2]
    kind = dice.pick(HOLOGRAMS)
    figure = {"fish": _fish, "planet": _planet, "flower": _flower}[kind]
    scale = size / 220
    body = figure(ink, tone, other)
    ink.add(svg.group(body, x=x, y=y, scale=scale, flip=x > 0 and dice.between(0, 1) < 0.5))


def _fish(ink: Ink, tone: str, other: str) -> str:
    fill = ink.gradient(((0, tone, 0.50), (0.55, other, 0.26), (1, tone, 0.12)))
    return (
        svg.path(FISH, fill)
        + stroke(FISH, tone, 3.2, 0.9)
        + stroke(FISH_LINES, svg.blend(tone, "ffffff", 0.5), 2.0, 0.8)
        + svg.circle(-70, -7, 5, "ffffff", 0.95)
        + _scans(tone, 100, 44)
    )


def _planet(ink: Ink, tone: str, other: str) -> str:
    fill = ink.radial(((0, other, 0.55), (0.7, tone, 0.30), (1, tone, 0.55)))
    rings = "".join(
        f'<ellipse rx="{reach}" ry="{reach * 0.26:.0f}" fill="none" stroke="#{colour}" stroke-width="{width}"'
        f' stroke-opacity="0.85" transform="rotate(-16)"/>'
        for reach, colour, width in ((104, tone, 4), (88, other, 2))
    )
    return svg.circle(0, 0, 58, fill) + rings + _scans(tone, 56, 56)


def _flower(ink: Ink, tone: str, other: str) -> str:
    fill = ink.gradient(((0, tone, 0.62), (1, other, 0.14)))
    petal = "M0,40C-34,8 -30,-44 0,-74C30,-44 34,8 0,40Z"
    turns = (-78, -52, -26, 0, 26, 52, 78)
    petals = "".join(
        f'<g transform="translate(0 30) rotate({turn}) translate(0 -34)">{svg.path(petal, fill)}'
        f"{stroke(petal, tone, 2.2, 0.85)}</g>"
        for turn in turns
    )
    return petals + svg.ellipse(0, 34, 70, 9, tone, 0.35) + _scans(tone, 80, 62)


def _scans(tone: str, wide: float, tall: float) -> str:
    rows = range(-int(tall), int(tall), 7)
    data = "".join(f"M{-_chord(row, wide, tall):.0f},{row}H{_chord(row, wide, tall):.0f}" for row in rows)
    return stroke(data, tone, 1.4, 0.30)


def _chord(row: float, wide: float, tall: float) -> float:
    return wide * math.sqrt(max(1 - (row / tall) ** 2, 0))
