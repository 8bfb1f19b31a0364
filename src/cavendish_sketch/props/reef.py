"""What grows and swims on a reef: corals of several kinds, anemones, sponges, kelp, and a diver.

Each coral stands on (0, 0) and is about 100 high. A clump is a rock with corals on it, as one drawing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.props.drawing import Drawing

CORALS = ("ff6f61", "ff9a62", "f9c74f", "c77bea", "ff5f9e", "43cfb0", "8f84f2", "ff8fb1", "e8514a", "a6dd5a")
GLOWING = ("35e0ff", "7a7bff", "b05cff", "3dffc0", "ff5cc8")
ROCK = ("7d7489", "5c5670", "3f3c56")
LIGHT, DARK = "fff3da", "2a1440"


POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}  # that a command of a path takes


def _line(commands: str, *points: tuple[float, float]) -> str:
    """The data of a path: its commands, and the points they take in turn."""
    rest = iter(points)
    return "".join(
        command + " ".join(f"{x:.1f} {y:.1f}" for x, y in itertools.islice(rest, POINTS[command]))
        for command in commands
    )


def branches(dice: Dice, tone: str) -> str:
    """Staghorn: branching fingers, pale at their tips."""
    low, high = svg.blend(tone, DARK, 0.22), svg.blend(tone, LIGHT, 0.45)
    parts: list[str] = []
    tips: list[str] = []

    def grow(x: float, y: float, angle: float, length: float, width: float, left: int) -> None:
        bend = angle + dice.between(-0.22, 0.22)
        end_x, end_y = x + length * math.sin(bend), y - length * math.cos(bend)
        middle = x + length * 0.5 * math.sin(angle), y - length * 0.5 * math.cos(angle)
        line = _line("MQ", (x, y), middle, (end_x, end_y))
        parts.append(svg.path(line, stroke=svg.blend(low, tone, 1 - left / 4), width=width))
        if left == 0:
            tips.append(svg.circle(end_x, end_y, width * 0.52, high))
            return
        for side in (-1, 1):
            grow(end_x, end_y, bend + side * dice.between(0.30, 0.62), length * 0.74, width * 0.78, left - 1)

    for angle in (-0.5, 0.05, 0.55):
        grow(angle * 12, 0, angle * 0.8, 33 * dice.between(0.85, 1.1), 13, 3)
    return "".join(parts + tips)


def fan(dice: Dice, tone: str) -> str:
    """A sea fan: a thin net in one plane."""
    pale, dark = svg.blend(tone, LIGHT, 0.35), svg.blend(tone, DARK, 0.30)
    outline = [(0.0, 0.0)]
    for step in range(15):
        angle = -1.15 + 2.3 * step / 14
        reach = 92 * (1 + 0.10 * math.sin(step * 2.4) + dice.between(-0.05, 0.05))
        outline.append((reach * math.sin(angle) * 0.86, -reach * math.cos(angle) * 1.02 - 6))
    body = svg.polygon(outline, tone, 0.62)
    lines = ""
    for step in range(13):
        angle = -1.05 + 2.1 * step / 12
        end = 88 * math.sin(angle) * 0.84, -88 * math.cos(angle) - 6
        lines += f"M0 0Q{end[0] * 0.30:.1f} {end[1] * 0.62:.1f} {end[0]:.1f} {end[1]:.1f}"
    rings = "".join(
        f"M{-r * 0.72:.1f} {-r * 0.52:.1f}Q0 {-r * 1.32:.1f} {r * 0.72:.1f} {-r * 0.52:.1f}"
        for r in (26, 40, 54, 68, 82)
    )
    body += svg.path(rings, stroke=pale, width=1.6) + svg.path(lines, stroke=pale, width=2.6)
    return body + svg.path("M0 6L0 -26", stroke=dark, width=8)


def brain(dice: Dice, tone: str) -> str:
    """A dome with winding furrows."""
    dark, pale = svg.blend(tone, DARK, 0.35), svg.blend(tone, LIGHT, 0.30)
    body = svg.path("M-56 4C-64 -44 -34 -70 0 -70C36 -70 64 -42 56 4Z", tone)
    furrows = ""
    for row in range(6):
        y = -8 - row * 11
        half = 50 * math.sqrt(max(1 - (row / 6.3) ** 2, 0.05))
        furrows += f"M{-half:.1f} {y}"
        steps = 6
        for step in range(1, steps + 1):
            x = -half + 2 * half * step / steps
            bow = (9 if step % 2 else -9) * dice.between(0.5, 1.2)
            furrows += _line("Q", (x - half / steps, y + bow), (x, y + dice.between(-2, 2)))
    return body + svg.path(furrows, stroke=dark, width=4.2) + svg.path(furrows, stroke=pale, width=1.2)


def tubes(dice: Dice, tone: str) -> str:
    """Sponges: a bundle of pipes, dark inside."""
    body = ""
    pale, dark = svg.blend(tone, LIGHT, 0.30), svg.blend(tone, DARK, 0.62)
    for x, lean in ((-26, -12), (24, 13), (-10, -4), (12, 6), (0, 0)):
        high = dice.between(52, 98)
        wide = dice.between(11, 15)
        top_x = x + lean * 1.3
        shape = _line(
            "MCLC",
            (x - wide * 0.75, 4),
            *((x - wide * 0.8, -high * 0.5), (top_x - wide, -high * 0.7), (top_x - wide, -high)),
            (top_x + wide, -high),
            *((top_x + wide, -high * 0.7), (x + wide * 0.8, -high * 0.5), (x + wide * 0.75, 4)),
        )
        body += svg.path(shape, svg.blend(tone, DARK, dice.between(0, 0.18)))
        body += svg.ellipse(top_x, -high, wide, wide * 0.42, pale) + svg.ellipse(
            top_x, -high, wide * 0.68, wide * 0.26, dark
        )
    return body


def plates(dice: Dice, tone: str) -> str:
    """Table coral: shelves one over the other."""
    dark = svg.blend(tone, DARK, 0.40)
    body = svg.path("M-7 4L-4 -60L6 -60L9 4Z", dark)
    for y, half in ((-24, 50), (-44, 66), (-64, 46)):
        shift = dice.between(-12, 12)
        body += svg.path(f"M{shift - half} {y}Q{shift} {y + 22} {shift + half} {y}Z", dark)
        body += svg.ellipse(shift, y, half, 8, svg.blend(tone, LIGHT, 0.22))
        body += svg.ellipse(shift, y - 1, half * 0.82, 5, svg.blend(tone, LIGHT, 0.42), 0.7)
    return body


def anemone(dice: Dice, tone: str) -> str:
    """Tentacles with pale tips, swaying one way."""
    dark, tip = svg.blend(tone, DARK, 0.35), svg.blend(tone, LIGHT, 0.60)
    body, tips, sway = svg.path("M-34 4C-40 -18 -30 -30 0 -30C30 -30 40 -18 34 4Z", dark), "", dice.between(-14, 14)
    for layer in (0, 1):
        for step in range(13):
            part = step / 12 * 2 - 1
            x, y = part * 30, -22 - 6 * math.cos(part * 1.5)
            end_x = part * 62 + sway + dice.between(-6, 6)
            end_y = y - (46 - 16 * layer) * math.cos(part * 0.9) * dice.between(0.8, 1.1)
            shade = svg.blend(dark, tone, 0.45 + 0.5 * layer)
            body += svg.path(
                f"M{x:.1f} {y:.1f}Q{x + part * 14 - sway * 0.4:.1f} {y - 26:.1f} {end_x:.1f} {end_y:.1f}",
                stroke=shade,
                width=6.4,
            )
            tips += svg.circle(end_x, end_y, 4.2, tip)
    return body + tips


def lettuce(dice: Dice, tone: str) -> str:
    """Leaf coral: ruffled blades."""
    body = ""
    for number, turn in enumerate((-34, 30, -16, 14, 0)):
        shade = svg.blend(tone, DARK, 0.34 - 0.07 * number)
        edge = svg.blend(shade, LIGHT, 0.45)
        high = dice.between(62, 88)
        shape = _line(
            "MCCC",
            (-9, 4),
            *((-44, -high * 0.4), (-38, -high * 0.9), (-18, -high * 0.88)),
            *((-10, -high * 1.1), (8, -high * 1.1), (14, -high * 0.90)),
            *((40, -high * 0.96), (42, -high * 0.4), (9, 4)),
        )
        leaf = svg.path(shape, shade) + svg.path(shape, stroke=edge, width=3)
        body += svg.group(
            leaf
            + svg.path(
                f"M0 0L-3 {-high * 0.8}M2 {-high * 0.2}L18 {-high * 0.7}M-2 {-high * 0.2}L-22 {-high * 0.65}",
                stroke=edge,
                width=1.4,
            ),
            turn=turn,
        )
    return body


def starfish(dice: Dice, tone: str) -> str:
    points = []
    for step in range(10):
        reach = 30 if step % 2 == 0 else 12
        angle = step * math.pi / 5 + 0.2
        points.append(f"{reach * math.sin(angle):.1f} {-14 - reach * 0.62 * math.cos(angle):.1f}")
    body = svg.path("M" + "L".join(points) + "Z", tone, stroke=tone, width=9)
    return body + "".join(svg.circle(0, -14 - 4 * step, 2, svg.blend(tone, LIGHT, 0.6)) for step in range(4))


def urchin(dice: Dice, tone: str) -> str:
    dark = svg.blend(tone, DARK, 0.65)
    spines = "".join(f"M0 -22L{46 * math.sin(a / 9):.1f} {-22 - 44 * math.cos(a / 9):.1f}" for a in range(-16, 17))
    return svg.path(spines, stroke=dark, width=2.4) + svg.circle(0, -20, 22, svg.blend(tone, DARK, 0.5))


KINDS: tuple[Callable[[Dice, str], str], ...] = (branches, fan, brain, tubes, plates, anemone, lettuce)
SMALL: tuple[Callable[[Dice, str], str], ...] = (starfish, urchin, anemone, brain)


def clump(dice: Dice, *, width: float, height: float, tones: Sequence[str], rock: Sequence[str] = ROCK) -> Drawing:
    """A rock with corals on it, the tall ones behind, in a box of this size; it stands on the lower border."""
    count = max(round(width / height * 4.2), 4)
    colours = dice.shuffled(tones)
    body = _boulder(dice, width, height * 0.42, rock[1])
    order = dice.shuffled(KINDS)
    for number in range(count):
        part = (number * 0.618 + 0.2) % 1 * 2 - 1
        rise = height * 0.34 * (1 - part * part)
        share = height / 140 * dice.between(0.75, 1.05) * (1 - 0.40 * abs(part))
        coral = order[number % len(order)](dice, colours[number % len(colours)])
        body += svg.group(coral, x=part * width * 0.40, y=-rise * 0.8, scale=share, flip=dice.between(0, 1) < 0.5)
    body += _boulder(dice, width * 0.94, height * 0.20, rock[0])
    for number in range(count):
        part = (number * 0.618 + 0.55) % 1 * 2 - 1
        coral = dice.pick(SMALL)(dice, colours[(number + 3) % len(colours)])
        body += svg.group(
            coral,
            x=part * width * 0.40,
            y=-height * 0.10 * (1 - part * part),
            scale=height / 270 * dice.between(0.7, 1.1),
        )
    return Drawing(body, "", (-width * 0.56, -height, width * 1.12, height))


def _boulder(dice: Dice, width: float, height: float, tone: str) -> str:
    data = f"M{-width / 2:.1f} 2"
    steps = 7
    for step in range(1, steps + 1):
        part = step / steps * 2 - 1
        middle = (step - 0.5) / steps * 2 - 1
        top = -height * (1 - middle**4) * dice.between(0.9, 1.3) - 6
        data += f"Q{middle * width / 2:.1f} {top:.1f} {part * width / 2:.1f} {-height * (1 - part**4) * 0.86 + 2:.1f}"
    return svg.path(data + "Z", tone)


def kelp(dice: Dice, *, height: float, tone: str, stalks: int = 4) -> Drawing:
    """Long ribbons with leaves on both sides, swaying together."""
    dark, pale = svg.blend(tone, DARK, 0.45), svg.blend(tone, "fff3a0", 0.35)
    body, sway = "", dice.between(-0.5, 0.5)
    for number in range(stalks):
        foot, high = (number - (stalks - 1) / 2) * 46 + dice.between(-12, 12), height * dice.between(0.62, 0.97)
        shade = svg.blend(dark, tone, 0.35 + 0.6 * number / max(stalks - 1, 1))
        body += _stalk(dice, foot, high, sway + dice.between(-0.15, 0.15), shade, pale)
    half = stalks * 23 + height * 0.13 + 75
    return Drawing(body, "", (-half, -height, 2 * half, height))


def _stalk(dice: Dice, foot: float, high: float, sway: float, tone: str, pale: str) -> str:
    phase, leaves, line = dice.between(0, 6), "", ""
    steps = max(int(high / 26), 6)
    for step in range(steps + 1):
        part = step / steps
        x = foot + math.sin(phase + part * 5.5) * 13 * (0.3 + part) + sway * high * 0.16 * part * part
        line += f"{'M' if step == 0 else 'L'}{x:.1f} {-part * high:.1f}"
        if step > 1:
            leaves += _leaf(
                x, -part * high, (1 if step % 2 else -1), dice.between(30, 52) * (1.2 - 0.5 * part), tone, pale
            )
    return svg.path(line, stroke=svg.blend(tone, DARK, 0.2), width=6) + leaves


def _leaf(x: float, y: float, side: int, size: float, tone: str, pale: str) -> str:
    wide = side * size
    data = _line(
        "MCCC",
        (0, 0),
        *((wide * 0.3, -size * 0.55), (wide * 0.9, -size * 0.55), (wide * 1.25, -size * 0.95)),
        *((wide * 1.1, -size * 0.2), (wide * 0.5, size * 0.12), (0, 0)),
    )
    vein = svg.path(
        f"M0 0Q{side * size * 0.6:.1f} {-size * 0.3:.1f} {side * size * 1.1:.1f} {-size * 0.8:.1f}",
        stroke=pale,
        width=1.2,
    )
    return svg.group(svg.path(data, tone) + vein, x=x, y=y)


def lantern(dice: Dice, tone: str) -> str:
    """A jellyfish far off that is all light; its bell is 40 wide, around (0, 0)."""
    pale = svg.blend(tone, "ffffff", 0.45)
    body = svg.path("M-20 2C-22 -26 22 -26 20 2Q14 -4 10 3Q5 -4 0 3Q-5 -4 -10 3Q-14 -4 -20 2Z", tone, 0.62)
    body += svg.path("M-12 -4C-12 -16 12 -16 12 -4Q0 -9 -12 -4Z", pale, 0.8)
    for x in (-12, -5, 3, 11):
        reach, sway = dice.between(26, 52), dice.between(-9, 9)
        body += svg.path(f"M{x} 3q{sway:.1f} {reach * 0.5:.1f} {sway * 0.3:.1f} {reach:.1f}", stroke=tone, width=1.5)
    return body


def fish(length: float, *, left: bool = True) -> str:
    """The path of a small fish seen from the side, its middle at (0, 0); for schools far off."""
    side = 1 if left else -1
    a, b = length * 0.5 * side, length * 0.17
    return (
        f"M{-a:.1f} 0C{-a * 0.5:.1f} {-b * 1.5:.1f} {a * 0.2:.1f} {-b * 1.2:.1f} {a * 0.55:.1f} {-b * 0.25:.1f}"
        f"L{a:.1f} {-b * 1.1:.1f}L{a * 0.86:.1f} 0L{a:.1f} {b * 1.1:.1f}L{a * 0.55:.1f} {b * 0.25:.1f}"
        f"C{a * 0.2:.1f} {b * 1.2:.1f} {-a * 0.5:.1f} {b * 1.5:.1f} {-a:.1f} 0Z"
    )


def diver(colour: str | None) -> Drawing:
    """A diver swimming to the left, with a mask, a bottle of air and fins. `colour` is that of fins and bottle."""
    bright = colour or "ffc23c"
    suit, seam, skin = "2b3a55", "1a2438", "ffcc4d"
    body = svg.path("M150 72L206 92L252 84", stroke=seam, width=26) + svg.path(
        "M150 72L206 92L252 84", stroke=suit, width=22
    )
    body += _fin(254, 84, -8, bright)
    body += svg.group(
        svg.rectangle(-40, -15, 80, 30, bright, rounding=14) + svg.rectangle(-50, -6, 14, 12, "8a93a4", rounding=4),
        x=122,
        y=40,
        turn=10,
    )
    body += svg.path("M84 66L156 74", stroke=seam, width=54) + svg.path("M84 66L156 74", stroke=suit, width=49)
    body += svg.path("M96 47Q112 62 104 88", stroke=bright, width=6, round_=False)
    body += svg.path("M150 82L196 118L240 128", stroke=seam, width=27) + svg.path(
        "M150 82L196 118L240 128", stroke=svg.blend(suit, "ffffff", 0.10), width=23
    )
    body += _fin(242, 128, 12, bright)
    body += svg.path("M92 80L62 108L30 112", stroke=seam, width=22) + svg.path(
        "M92 80L62 108L30 112", stroke=svg.blend(suit, "ffffff", 0.12), width=18
    )
    body += svg.circle(27, 112, 10, skin)
    body += svg.circle(56, 54, 31, seam) + svg.circle(55, 54, 28, suit) + svg.ellipse(47, 57, 20, 22, skin)
    body += svg.rectangle(22, 42, 40, 24, "11182a", rounding=10) + svg.rectangle(25, 45, 34, 18, "7fe0ff", rounding=8)
    body += svg.path("M30 50L40 48", stroke="ffffff", width=3.4) + svg.path("M62 50L84 46", stroke="11182a", width=6)
    body += svg.ellipse(36, 72, 8, 6, "11182a") + svg.path("M38 74Q60 96 96 62T118 44", stroke="11182a", width=5)
    return Drawing(body, "", (12, 14, 300, 138))


def _fin(x: float, y: float, turn: float, tone: str) -> str:
    blade = svg.path("M-4 -9L52 -20Q60 0 52 20L-4 9Z", tone) + svg.path(
        "M6 -4L48 -10M6 0L50 0M6 4L48 10", stroke=svg.blend(tone, DARK, 0.4), width=2
    )
    return svg.group(blade, x=x, y=y, turn=turn)
