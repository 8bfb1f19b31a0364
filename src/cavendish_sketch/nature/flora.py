"""Trees, shrubs, grass and flowers as SVG in page points, to be planted on spots of the land.

A plant far away is one path, one near is a few: thousands of them stay a light document. Colours fade into the haze.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.nature.terrain import Spot

Kind = Literal["birch", "broadleaf", "bush", "cactus", "cherry", "flower", "grass", "house", "palm", "pine"]

SMALL, LARGE = 16.0, 70.0  # points: below, a plant is a blot; above, it has leaves
HEIGHT_MIN = 2.5  # points; smaller plants are left out
HAZE_GAIN, HAZE_START = 2.1, 0.13
NIGHT_SHARE = 0.62


@dataclass(frozen=True, slots=True)
class Species:
    """Height in world units, from least to most, and the hex colours one is picked from."""

    low: float
    high: float
    tones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tint:
    """One plant's colours: body, its sunny and its shady side, and wood."""

    body: str
    sunny: str
    shady: str
    wood: str
    snow: str
    sun: float  # -1 for light from the left, 1 from the right


Draw = Callable[[float, float, float, Tint, Dice], str]  # x, y of its foot, height

SPECIES: dict[Kind, Species] = {
    "pine": Species(0.055, 0.135, ("34563a", "3f6440", "2c4a34", "4a6c40", "38604a", "557444")),
    "broadleaf": Species(0.075, 0.130, ("4f7f34", "5f8f3c", "44702f", "6c9a44", "587f38")),
    "bush": Species(0.025, 0.05, ("5a8238", "4a7232", "6e8f44")),
    "birch": Species(0.09, 0.14, ("8aa84a", "7a9c44", "9ab455")),
    "cherry": Species(0.09, 0.13, ("f3b3cb", "eea0bf", "f8c9da", "f0a9c6")),
    "palm": Species(0.16, 0.26, ("4f7f3a", "5c8a40", "447038")),
    "cactus": Species(0.05, 0.12, ("5c7f4a", "4f7444", "688a52")),
    "grass": Species(0.012, 0.03, ("7d9a48", "6b8a3e", "8fa854", "5d7a38")),
    "flower": Species(0.012, 0.024, ("fdf4ec", "ffd24f", "f27f9b", "b78be2", "ff9a5c", "8fb4f0")),
    "house": Species(0.05, 0.075, ("f3e6d0", "ecd9bd", "f6efe2", "e6cfae", "e2c6b0")),
}
AUTUMN = ("c8702c", "d99a34", "b5482c", "e0b24a", "a85a2a", "c98a36")
ROOFS = ("b5533a", "a34a36", "c0673f", "8f4a3c", "7d5a4a")
STEMS = "54803a"
SNOW = "f4f8ff"
TRUNK, BIRCH_TRUNK = "4e3a2c", "e8e4da"
WINDOW, LIT_WINDOW = "5a6a78", "ffd98a"


def plant(
    spots: Sequence[Spot],
    kind: Kind,
    palette: Palette,
    dice: Dice,
    *,
    haze: str | None = None,
    far: float = 14.0,
    light: tuple[float, float, float] | None = None,
    tones: Sequence[str] = (),
    size: float = 1.0,
    sun: float = -1.0,
    snowy: bool = False,
) -> list[str]:
    """One chunk of SVG per plant, from far to near.

    Args:
        haze: Colour of the distance; the palette's where none is given.
        far: World units at which the haze has taken almost everything.
        light: Factors for red, green and blue; the palette's where none are given.
        tones: Colours in place of the species' own.
        size: Factor on its height.
        sun: -1 for light from the left, 1 from the right.
        snowy: Snow lies on it.
    """
    species = SPECIES[kind]
    draw = _SNOWY.get(kind, _DRAW[kind]) if snowy else _DRAW[kind]
    air = haze or palette.far
    chunks = []
    for spot in sorted(spots, key=lambda spot: -spot.away):
        height = dice.between(species.low, species.high) * size * spot.scale
        tone = dice.pick(tones or species.tones)
        veil = min(1 - math.exp(-max(spot.away - far * HAZE_START, 0) / far * HAZE_GAIN), 0.9)
        dye = tuple(factor**0.4 for factor in light) if light and kind == "flower" else light  # petals shine
        snow = _in_light(SNOW, palette, light)
        tint = _tint(_in_light(tone, palette, dye), snow, palette, air, veil, sun, dice.between(-0.08, 0.08))
        if height >= HEIGHT_MIN:
            chunks.append(draw(spot.x, spot.y, height, tint, dice))
    return chunks


def stature(kind: Kind) -> float:
    """The middle height of a kind, in world units."""
    return (SPECIES[kind].low + SPECIES[kind].high) / 2


def _tint(tone: str, snow: str, palette: Palette, haze: str, veil: float, sun: float, shift: float) -> Tint:
    lit = svg.blend(tone, "ffffff" if shift > 0 else "000000", abs(shift))

    def aired(colour: str) -> str:
        return svg.blend(colour, haze, veil)

    sunny = svg.blend(lit, palette.lit, 0.26 * (1 - 0.5 * palette.night))
    wood = svg.blend(TRUNK, palette.near, NIGHT_SHARE * palette.night)
    return Tint(aired(lit), aired(sunny), aired(svg.blend(lit, palette.near, 0.42)), aired(wood), aired(snow), sun)


def _in_light(tone: str, palette: Palette, light: tuple[float, float, float] | None) -> str:
    factors = light or palette.ambient
    dyed = "".join(f"{min(round(v * f), 255):02x}" for v, f in zip(svg.channels(tone), factors, strict=True))
    return dyed if light else svg.blend(dyed, palette.near, NIGHT_SHARE * palette.night)


def _pine(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    if height < SMALL:
        wide = height * dice.between(0.17, 0.23)
        return (
            f'<path d="M{x:.1f},{y - height:.1f}l{wide:.1f},{height * 0.93:.1f}h{-2 * wide:.1f}z" fill="#{tint.body}"/>'
        )
    tiers = 5 if height < LARGE else 8
    outline, shade = _tiers(x, y, height, tiers, tint.sun, dice)
    trunk = svg.rectangle(x - height * 0.018, y - height * 0.10, height * 0.036, height * 0.10, tint.wood)
    body = tint.body if height < SMALL * 2 else svg.blend(tint.body, tint.sunny, 0.45)
    return f'{trunk}<path d="{outline}" fill="#{body}"/><path d="{shade}" fill="#{tint.shady}" fill-opacity=".75"/>'


def _tiers(x: float, y: float, height: float, tiers: int, sun: float, dice: Dice) -> tuple[str, str]:
    """The outline of a fir, and of its shady half."""
    left: list[tuple[float, float]] = []
    right: list[tuple[float, float]] = []
    for tier in range(1, tiers + 1):
        part = tier / tiers
        foot, reach = y - height * (1 - part * 0.93), height * (0.035 + 0.185 * part**0.9)
        droop = height * 0.022
        for side, points in ((-1, left), (1, right)):
            far = reach * dice.between(0.82, 1.12)
            points.append((x + side * far, foot + droop * dice.between(0.3, 1.2)))
            points.append((x + side * far * 0.52, foot - height * 0.012))
    top = (x, y - height)
    whole = [top, *right, *reversed(left)]
    dark = [top, *(left if sun > 0 else right), (x, y - height * 0.075), (x + sun * height * 0.02, y - height * 0.4)]
    return _path(whole), _path(dark)


def _snowy_pine(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    """A fir whose boughs carry snow."""
    snow = svg.blend(tint.sunny, tint.snow, 0.85)
    if height < SMALL:
        return _pine(x, y, height, tint, dice) + svg.polygon(
            [(x, y - height), (x + height * 0.09, y - height * 0.5), (x - height * 0.07, y - height * 0.42)], snow, 0.8
        )
    caps = []
    for tier in range(1, 6):
        part = tier / 5
        foot, reach = y - height * (1 - part * 0.90), height * (0.03 + 0.17 * part)
        caps.append(
            f"M{x - reach:.1f},{foot:.1f}"
            f"Q{x - reach * 0.3:.1f},{foot - height * 0.13:.1f} {x:.1f},{foot - height * 0.15:.1f}"
            f"Q{x + reach * 0.4:.1f},{foot - height * 0.12:.1f} {x + reach:.1f},{foot:.1f}"
            f"Q{x + reach * 0.4:.1f},{foot - height * 0.055:.1f} {x:.1f},{foot - height * 0.035:.1f}"
            f"Q{x - reach * 0.5:.1f},{foot - height * 0.07:.1f} {x - reach:.1f},{foot:.1f}z"
        )
    return _pine(x, y, height, tint, dice) + f'<path d="{"".join(caps)}" fill="#{snow}" fill-opacity=".92"/>'


def _broadleaf(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    wide = height * dice.between(0.30, 0.40)
    if height < SMALL:
        return svg.ellipse(x, y - height * 0.5, wide, height * 0.48, tint.body) + svg.ellipse(
            x + tint.sun * wide * 0.3, y - height * 0.66, wide * 0.5, height * 0.24, tint.sunny, 0.7
        )
    trunk = svg.rectangle(x - height * 0.035, y - height * 0.35, height * 0.07, height * 0.36, tint.wood)
    return trunk + _crown(x, y - height * 0.60, wide, height * 0.36, tint, dice, 11 if height < LARGE else 24)


def _crown(x: float, y: float, wide: float, tall: float, tint: Tint, dice: Dice, blobs: int) -> str:
    """A crown of many round masses: shade below, body, light on the sunny side; one path for each tone."""
    size = min(wide, tall)
    shady = [_round(x - tint.sun * wide * 0.15, y + tall * 0.20, size * 0.80)]
    body = [_round(x + side * wide * 0.32, y - tall * 0.10 * side * tint.sun, size * 0.70) for side in (-1, 1)]
    sunny = []
    for number in range(blobs):
        angle = math.tau * (number + dice.between(0, 0.9)) / blobs
        out = dice.between(0.45, 0.98)
        px, py = x + math.cos(angle) * wide * out, y + math.sin(angle) * tall * out
        radius = size * dice.between(0.18, 0.40) * (1.15 if blobs < 12 else 0.80)
        low = math.sin(angle) * 0.9 - math.cos(angle) * tint.sun * 0.5
        (shady if low > 0.35 else body).append(_round(px, py, radius))
        if low < 0.1:
            light = dice.between(0.60, 0.95)
            sunny.append(_round(x + (px - x) * light, y + (py - y) * light, radius * dice.between(0.4, 0.7)))
    tones = ((shady, tint.shady, 1), (body, tint.body, 1), (sunny, tint.sunny, 0.7))
    return "".join(
        f'<path d="{"".join(circles)}" fill="#{tone}"' + (f' fill-opacity="{opacity}"/>' if opacity < 1 else "/>")
        for circles, tone, opacity in tones
    )


def _round(x: float, y: float, radius: float) -> str:
    """A circle as a piece of a path."""
    arc = f"a{radius:.1f},{radius:.1f} 0 1 1 "
    return f"M{x - radius:.1f},{y:.1f}{arc}{2 * radius:.1f},0{arc}{-2 * radius:.1f},0"


def _bush(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    return _crown(x, y - height * 0.42, height * 0.75, height * 0.45, tint, dice, 5 if height < SMALL else 11)


def _birch(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    bark = svg.blend(BIRCH_TRUNK, tint.shady, 0.25)
    lean = height * dice.between(-0.05, 0.05)
    trunk = svg.path(
        f"M{x:.1f},{y:.1f}Q{x:.1f},{y - height * 0.5:.1f} {x + lean:.1f},{y - height * 0.9:.1f}",
        stroke=bark,
        width=max(height * 0.032, 0.8),
    )
    crown = _crown(
        x + lean * 0.7, y - height * 0.68, height * 0.17, height * 0.32, tint, dice, 5 if height < SMALL else 12
    )
    marks = "".join(
        f"M{x - height * 0.016:.1f},{y - height * dice.between(0.05, 0.4):.1f}h{height * 0.02:.1f}" for _ in range(4)
    )
    return trunk + svg.path(marks, stroke="3a3632", width=max(height * 0.008, 0.4)) + crown


def _cherry(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    wide = height * dice.between(0.42, 0.52)
    if height < SMALL:
        return _broadleaf(x, y, height, tint, dice)
    boughs = "".join(
        f"M{x:.1f},{y:.1f}Q{x + side * height * 0.04:.1f},{y - height * 0.25:.1f}"
        f" {x + side * wide * 0.6:.1f},{y - height * 0.58:.1f}"
        for side in (-1, -0.3, 0.35, 1)
    )
    wood = svg.path(boughs, stroke=tint.wood, width=height * 0.045)
    return wood + _crown(x, y - height * 0.66, wide, height * 0.30, tint, dice, 12 if height < LARGE else 26)


def _palm(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    lean = height * dice.between(0.06, 0.22) * dice.pick((-1, 1))
    top_x, top_y = x + lean, y - height * 0.74
    thick = height * 0.020
    trunk = svg.path(
        f"M{x - thick * 1.4:.1f},{y:.1f}"
        f"Q{x + lean * 0.1:.1f},{y - height * 0.42:.1f} {top_x - thick * 0.5:.1f},{top_y:.1f}"
        f"h{thick:.1f}Q{x + lean * 0.1 + thick * 2:.1f},{y - height * 0.42:.1f} {x + thick * 1.4:.1f},{y:.1f}z",
        tint.wood,
    )
    pieces = []
    for number in range(11):
        angle = math.pi * (-0.10 + 1.20 * (number + dice.between(-0.3, 0.3)) / 10)
        tone = (tint.shady, tint.body, tint.sunny)[number % 3]
        pieces.append(f'<path d="{_frond(top_x, top_y, angle, height * dice.between(0.30, 0.38))}" fill="#{tone}"/>')
    return trunk + "".join(dice.shuffled(pieces))


def _frond(x: float, y: float, angle: float, length: float) -> str:
    """A leaf that arches up and droops, feathered along its lower side."""
    side, up = math.cos(angle), math.sin(angle)
    bend = (x + side * length * 0.55, y - up * length * 0.62 - length * 0.10)
    tip = (x + side * length, y - up * length * 0.45 + length * 0.30)

    def rib(part: float) -> tuple[float, float]:
        ends = (1 - part) ** 2, 2 * part * (1 - part), part * part
        return (ends[0] * x + ends[1] * bend[0] + ends[2] * tip[0], ends[0] * y + ends[1] * bend[1] + ends[2] * tip[1])

    feathers = []
    for step in range(8, 0, -1):
        px, py = rib(step / 9)
        drop = length * (0.20 - 0.14 * abs(step / 9 - 0.45))
        feathers.append(f"L{px + side * length * 0.07:.1f},{py + drop:.1f}L{px:.1f},{py + length * 0.035:.1f}")
    return f"M{x:.1f},{y:.1f}Q{bend[0]:.1f},{bend[1]:.1f} {tip[0]:.1f},{tip[1]:.1f}{''.join(feathers)}z"


def _cactus(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    width = height * 0.15
    arms = [f"M{x:.1f},{y:.1f}v{-height * 0.93:.1f}"]
    for side in (-1, 1):
        low, reach = height * dice.between(0.30, 0.52), height * dice.between(0.17, 0.23) * side
        elbow = f"q{reach * 0.4:.1f},0 {reach * 0.4:.1f},{-height * 0.08:.1f}"
        arms.append(f"M{x:.1f},{y - low:.1f}h{reach * 0.6:.1f}{elbow}v{-height * dice.between(0.10, 0.26):.1f}")
    shape = "".join(arms)
    light = (
        f'<g transform="translate({tint.sun * width * 0.24:.1f} 0)">'
        + svg.path(shape, stroke=tint.sunny, width=width * 0.30)
        + "</g>"
    )
    return (
        svg.path(shape, stroke=tint.shady, width=width) + svg.path(shape, stroke=tint.body, width=width * 0.72) + light
    )


def _grass(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    blades = []
    for _ in range(5 if height < SMALL else 9):
        root, lean = dice.between(-0.5, 0.5) * height, dice.between(-0.45, 0.45) * height
        tall, half = height * dice.between(0.55, 1.1), max(height * 0.035, 0.35)
        blades.append(
            f"M{x + root - half:.1f},{y:.1f}q{lean * 0.2:.1f},{-tall * 0.6:.1f} {lean + half:.1f},{-tall:.1f}"
            f"q{-lean * 0.7:.1f},{tall * 0.5:.1f} {-lean + half:.1f},{tall:.1f}z"
        )
    return f'<path d="{"".join(blades)}" fill="#{tint.body}"/>'


def _flower(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    lean, radius = height * dice.between(-0.25, 0.25), max(height * 0.15, 0.7)
    top_x, top_y = x + lean, y - height
    stem = svg.path(
        f"M{x:.1f},{y:.1f}q0,{-height * 0.5:.1f} {lean:.1f},{-height:.1f}",
        stroke=svg.blend(STEMS, tint.shady, 0.3),
        width=max(height * 0.05, 0.5),
    )
    if height < SMALL:
        return stem + svg.circle(top_x, top_y, radius * 1.5, tint.body)
    turn = dice.between(0, 1)
    petals = "".join(
        _round(top_x + math.cos(angle) * radius * 1.15, top_y + math.sin(angle) * radius * 0.9, radius)
        for angle in (math.tau * (number + turn) / 5 for number in range(5))
    )
    heart = svg.circle(top_x, top_y, radius * 0.75, svg.blend("f2b52e", tint.shady, 0.15))
    return stem + f'<path d="{petals}" fill="#{tint.sunny}"/>' + heart


def _house(x: float, y: float, height: float, tint: Tint, dice: Dice) -> str:
    """A small house seen at an angle: gable, long wall, roof and windows."""
    wide, deep = height * dice.between(0.55, 0.75), height * dice.between(0.75, 1.15)
    side = dice.pick((-1.0, 1.0))
    eaves, ridge = y - height * 0.52, y - height
    roof = svg.blend(dice.pick(ROOFS), tint.shady, 0.22)
    front, wall = (tint.sunny, tint.body) if side == tint.sun else (tint.body, tint.sunny)
    far_x = x + side * deep
    gable = [(x, y), (x, eaves), (x - side * wide / 2, ridge), (x - side * wide, eaves), (x - side * wide, y)]
    long_ = [(x, y), (x, eaves), (far_x, eaves + height * 0.04), (far_x, y - height * 0.03)]
    slope = [
        (x + side * height * 0.05, eaves + height * 0.05),
        (x - side * wide / 2, ridge - height * 0.02),
        (far_x - side * wide * 0.45, ridge + height * 0.04),
        (far_x + side * height * 0.05, eaves + height * 0.08),
    ]
    glass = LIT_WINDOW if svg.channels(tint.body)[0] < 120 else svg.blend(WINDOW, tint.body, 0.3)
    panes = "".join(
        svg.rectangle(x + side * deep * at - height * 0.05, y - height * 0.38, height * 0.11, height * 0.15, glass)
        for at in (0.28, 0.68)
    )
    door = svg.rectangle(
        x - side * wide / 2 - height * 0.07,
        y - height * 0.30,
        height * 0.14,
        height * 0.30,
        svg.blend(roof, tint.shady, 0.5),
    )
    return svg.polygon(gable, front) + svg.polygon(long_, wall) + svg.polygon(slope, roof) + panes + door


def _path(points: Sequence[tuple[float, float]]) -> str:
    first, *rest = points
    return f"M{first[0]:.1f},{first[1]:.1f}L" + " ".join(f"{x:.1f},{y:.1f}" for x, y in rest) + "z"


_DRAW: dict[Kind, Draw] = {
    "birch": _birch,
    "broadleaf": _broadleaf,
    "bush": _bush,
    "cactus": _cactus,
    "cherry": _cherry,
    "flower": _flower,
    "grass": _grass,
    "house": _house,
    "palm": _palm,
    "pine": _pine,
}
_SNOWY: dict[Kind, Draw] = {"pine": _snowy_pine}
