"""The near bank: mossy corners with boulders, a stone lantern, irises, and the bough that frames the picture."""

from __future__ import annotations

import math

import numpy as np

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.scatter import Places, Sprites
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.props import japanese
from cavendish_sketch.scenes.garden import background, plants, stones
from cavendish_sketch.scenes.garden.layout import Plan, Season
from cavendish_sketch.scenes.garden.light import Light

GRASS = {"cherry": "6a9040", "maple": "8f8a3c", "green": "5f9038"}
BOUGHS_EVERY = 0.62  # of the width: on a tall page more of them hang into the sky
AZALEA: dict[Season, tuple[str, str, str]] = {
    "cherry": ("9c2f6a", "e0669a", "ffb6d0"),
    "maple": ("7a3a14", "cf7a24", "f6c04a"),
    "green": ("2c5526", "5d9238", "b2d264"),
}
IRIS = ("5a4ab8", "7a62d8", "a890f0")


class Corner:
    """A bank in one lower corner: its outline against the water, from the side of the page to its lower edge."""

    def __init__(self, plan: Plan, dice: Dice, *, right: bool, wide: float, tall: float) -> None:
        self.right = right
        depth = plan.height - plan.shore
        self.wide, self.tall = wide * plan.stage, tall * depth
        self.width, self.height = plan.width, plan.height
        self._waves = [(dice.between(0, math.tau), dice.between(0.010, 0.030)) for _ in range(3)]

    def at(self, part: float) -> svg.Point:
        """A place on the rim: 0 at the side of the page, 1 at its lower edge."""
        angle = part * math.pi / 2
        wave = sum(size * math.sin(phase + part * (5 + 4 * n)) for n, (phase, size) in enumerate(self._waves))
        inwards = self.wide * (math.sin(angle) ** 0.85 + wave)
        x = self.width - inwards if self.right else inwards
        return x, self.height - self.tall * (math.cos(angle) ** 0.75 + wave * 0.5)

    def inside(self, part: float, depth: float) -> svg.Point:
        """A place on the bank, `depth` from 0 on the rim to 1 in the corner of the page."""
        x, y = self.at(part)
        corner = self.width if self.right else 0.0
        return x + (corner - x) * depth, y + (self.height - y) * depth

    def outline(self) -> list[svg.Point]:
        corner = self.width + 10 if self.right else -10.0
        rim = [self.at(number / 40) for number in range(41)]
        return [(corner, rim[0][1]), *rim, (rim[-1][0], self.height + 10), (corner, self.height + 10)]


def corners(sheet: Sheet, plan: Plan, light: Light, dice: Dice, *, roomy: bool) -> tuple[Corner, Corner]:
    """Both near corners, the lantern's first. `roomy` leaves the other one space for a figure."""
    main = Corner(plan, dice, right=not plan.flip, wide=0.31, tall=0.66)
    other = Corner(plan, dice, right=plan.flip, wide=0.46 if roomy else 0.20, tall=0.46 if roomy else 0.36)
    for corner in (other, main):
        _ground(sheet, plan, light, dice, corner)
    return main, other


def _ground(sheet: Sheet, plan: Plan, light: Light, dice: Dice, corner: Corner) -> None:
    grass = "e8eef6" if plan.snowy else GRASS[plan.season]
    lit, deep = (
        light.bright(svg.blend(grass, "e4e080", 0.0 if plan.snowy else 0.25)),
        light.dark(svg.blend(grass, "1a3018", 0.3)),
    )
    rim = [(x, y + 0.010 * plan.size) for x, y in corner.outline()]
    defs = svg.linear_gradient("bank", ((0, lit), (0.40, light.on(grass)), (1, deep))) + stones.defs(
        light, snowy=plan.snowy
    )
    wet = "".join(stones.wet(*corner.at(number / 14), 0.07 * plan.size, 0.018 * plan.size) for number in range(15))
    body = wet + svg.polygon(rim, light.dark("3a3428")) + svg.polygon(corner.outline(), "url(#bank)")
    sprite, places, ground = _tufts(plan, light, dice, corner, grass)
    left = plan.width - corner.wide * 1.3 - 0.1 * plan.size if corner.right else 0.0
    top = plan.height - corner.tall * 1.25 - 0.05 * plan.size
    box = left, top, corner.wide * 1.3 + 0.1 * plan.size, plan.height - top
    plants.strewn(sheet, sprite, places, ground, under=body, defs=defs, box=box)
    sheet.draw(_rocks(plan, dice, corner), defs=defs)


def _tufts(plan: Plan, light: Light, dice: Dice, corner: Corner, grass: str) -> tuple[Sprites, Places, str]:
    """Moss and short grass, lighter towards the water, where it is higher."""
    count = round(620 * corner.wide * corner.tall / (0.31 * 1.9 * 0.29 * plan.size**2))
    count = min(max(count, 60), 900) // (3 if plan.snowy else 1)
    part, depth = dice.uniforms(count), dice.uniforms(count) ** np.float32(0.8)
    spots = np.array([corner.inside(*pair) for pair in zip(part.tolist(), depth.tolist(), strict=True)], np.float32)
    patches = np.sin(spots[:, 0] * 0.021) + np.sin(spots[:, 1] * 0.033 + spots[:, 0] * 0.012)
    tone = (3.1 - depth * 2.6 + patches * 0.7 + dice.normals(count) * 0.6).round().clip(0, 5)
    steps = ((grass, -0.30), (grass, -0.15), (grass, 0.0), (grass, 0.14), (grass, 0.28), (grass, 0.42))
    pale, dusk = ("ffffff", "d2dcea") if plan.snowy else ("dfe27a", "16301c")
    reach = 0.7 if plan.snowy else 1.2
    tones = tuple(light.on(svg.blend(base, pale if share > 0 else dusk, abs(share) * reach)) for base, share in steps)
    order = np.argsort(spots[:, 1], kind="stable")
    leaf: plants.Leaf = "snow" if plan.snowy else "grass"
    sprite = plants.sprites(leaf, tones, (0.040 if plan.snowy else 0.0125) * plan.size)
    return sprite, plants.places(spots[order, 0], spots[order, 1], tone[order], dice), tones[2]


def _rocks(plan: Plan, dice: Dice, corner: Corner) -> str:
    """Boulders along the rim, large ones in groups."""
    found = []
    for number in range(13):
        part = (number + dice.between(0.1, 0.9)) / 13
        x, y = corner.at(part)
        big = 1.0 if number % 4 == 1 else 0.45
        wide = plan.size * (0.06 + 0.10 * part) * big * dice.between(0.8, 1.2)
        found.append(
            (
                y,
                stones.wet(x, y + wide * 0.10, wide * 0.62, wide * 0.20)
                + stones.stone(x, y + wide * 0.12, wide, wide * dice.between(0.42, 0.62), dice),
            )
        )
    return "".join(body for _, body in sorted(found))


def lantern(sheet: Sheet, plan: Plan, light: Light, corner: Corner) -> None:
    """The large stone lantern on the main bank."""
    x, y = corner.inside(0.36, 0.42)
    tall = min(0.34 * plan.size, 0.75 * (plan.height - plan.shore))
    drawing = japanese.lantern_in(japanese.STONE, lit=light.glows, snowy=plan.snowy)
    figures.put(sheet, drawing, x, y, tall, light=background.clay(light), flip=light.side > 0, shadow=0.40)
    if light.glows:
        sheet.light(x, y - tall * 0.645, tall * 0.20, "ffb347", 0.75 * light.night)
        sheet.light(x, y - tall * 0.645, tall * 0.7, "ff9a3c", 0.20 * light.night)


def flowers(sheet: Sheet, plan: Plan, light: Light, dice: Dice, main: Corner, other: Corner) -> None:
    """Irises at the water, and bushes of azalea behind the lantern."""
    if plan.snowy:
        return
    x, y = main.inside(0.16, 0.55)
    blooming(sheet, light, dice, x, y, 0.085 * plan.size, AZALEA[plan.season])
    body = "".join(
        _iris(
            *corner.inside(part + dice.between(-0.03, 0.03), 0.10 + dice.between(0, 0.12)),
            plan.size * dice.between(0.065, 0.105),
            light,
            dice,
        )
        for corner, start in ((other, 0.55), (main, 0.70))
        for part in (start, start + 0.05, start + 0.10, start + 0.16, start + 0.2)
    )
    sheet.draw(body)


def blooming(
    sheet: Sheet,
    light: Light,
    dice: Dice,
    x: float,
    y: float,
    radius: float,
    colours: tuple[str, str, str],
    *,
    leaf: plants.Leaf = "blossom",
) -> None:
    """A clipped bush, full of flowers; `y` is its foot."""
    count = 420
    angle, out = dice.uniforms(count) * np.float32(math.tau), np.sqrt(dice.uniforms(count))
    px, py = x + np.cos(angle) * out * radius * 1.35, y - radius * 0.55 + np.sin(angle) * out * radius * 0.72
    lit = 0.5 + 0.42 * (-np.sin(angle) * out) + 0.2 * light.side * np.cos(angle) * out
    tones = light.ramp(colours)
    tone = (lit + dice.normals(count) * 0.10) * len(tones)
    order = np.argsort(-out, kind="stable")
    sprite = plants.sprites(leaf, tones, radius * 0.13)
    chosen = plants.places(px[order], py[order], tone[order].clip(0, len(tones) - 1), dice)
    plants.strewn(sheet, sprite, chosen, tones[3])


def _iris(x: float, y: float, tall: float, light: Light, dice: Dice) -> str:
    """Sword-shaped leaves and one flower."""
    leaves = ""
    for number in range(5):
        lean, long = (number - 2) * 0.13 * tall + dice.between(-0.05, 0.05) * tall, tall * dice.between(0.7, 1.0)
        half = tall * 0.028
        leaves += (
            f"M{x - half:.1f},{y:.1f}Q{x + lean * 0.3 - half:.1f},{y - long * 0.6:.1f} {x + lean:.1f},{y - long:.1f}"
            f"Q{x + lean * 0.3 + half * 2:.1f},{y - long * 0.5:.1f} {x + half:.1f},{y:.1f}z"
        )
    top_x, top_y, size = x + dice.between(-0.06, 0.06) * tall, y - tall * 1.02, tall * 0.17
    deep, middle, pale = (light.on(tone) for tone in IRIS)
    stem = svg.path(f"M{x:.1f},{y:.1f}L{top_x:.1f},{top_y:.1f}", stroke=light.on("5c8a44"), width=tall * 0.022)
    flower = "".join(
        svg.ellipse(top_x + side * size * 0.62, top_y + size * 0.42, size * 0.62, size * 0.36, middle, turn=side * 42)
        for side in (-1, 1)
    )
    flower += svg.ellipse(top_x, top_y + size * 0.62, size * 0.36, size * 0.66, deep)
    flower += svg.ellipse(top_x, top_y - size * 0.35, size * 0.34, size * 0.60, pale)
    flower += svg.ellipse(top_x, top_y + size * 0.42, size * 0.10, size * 0.26, light.bright("ffd84a"))
    return svg.path(leaves, light.on("4f8044")) + stem + flower


def bough(sheet: Sheet, plan: Plan, light: Light, dice: Dice) -> None:
    """Blossom that hangs into the upper corner away from the large tree."""
    species = {"cherry": "cherry", "maple": "maple", "green": "broadleaf"}[plan.season]
    x = plan.width + 20 if plan.flip else -20.0
    length = min(0.62 * plan.size, 0.44 * plan.width + 60)
    angle = 0.30
    plants.bough(
        sheet,
        light,
        dice,
        x,
        plan.height * 0.015,
        length,
        math.pi - angle if plan.flip else angle,
        species=species,
        snowy=plan.snowy,
    )
    x, side = plan.width - x, -1
    y = plan.height * 0.015 + BOUGHS_EVERY * plan.width
    while y < plan.shore - 0.75 * plan.size:
        way = angle if side > 0 else math.pi - angle
        plants.bough(
            sheet,
            light,
            dice,
            x,
            y,
            length * 0.8,
            math.pi - way if plan.flip else way,
            species=species,
            snowy=plan.snowy,
        )
        x, y, side = plan.width - x, y + BOUGHS_EVERY * plan.width * dice.between(0.8, 1.2), -side
