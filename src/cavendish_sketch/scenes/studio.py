"""A product picture: things on a stage of paper and plaster, under one large soft light from the upper left."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Planes, Report, ease
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.scenes import indoor, solids
from cavendish_sketch.scenes.indoor import Actor, darker, lighter

FILM = Film(bloom=0.16, vignette=0.16, grain=0.7, contrast=1.03)
WING_START, WING_STEP = 950.0, 820.0  # points from the middle to the first arch beside it, and to the next
TALL = 2200.0  # points of height from which the upper part of a page needs something of its own
DARK_TIMES = frozenset({"neon", "night"})
PASTELS = ("f2c4b3", "b9d3c2", "b8d0e8", "cbbfe6", "f3d79b", "efbfcc", "e6dccd")
NIGHT_WALLS = ("23284a", "2b2140", "16303c", "33202f")
ROW_MAX = 4


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours of a stage.

    Attributes:
        wall: Of the backdrop.
        stage: Of the plinth.
        accent, second: Of the things beside it.
        dark: The room is dark.
    """

    wall: str
    stage: str
    accent: str
    second: str
    dark: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a figure stands, how high it may be and how wide."""

    x: float
    y: float
    height: float
    width: float
    turn: float = 0.0
    anchor: str = "ground"


@dataclass(slots=True, eq=False)
class Stage:
    """A composition while it is built: backdrop planes that take the shadows, solids, and spots for the figures.

    Attributes:
        x: The middle of the composition.
        base: Where it stands on the floor.
        room: Points of width and height that it may fill.
        over: What is laid over the figures.
    """

    sheet: Sheet
    planes: Planes
    tones: Tones
    dice: Dice
    count: int
    x: float
    base: float
    room: tuple[float, float]
    under: solids.Set = field(default_factory=solids.Set)
    over: solids.Set = field(default_factory=solids.Set)
    spots: list[Spot] = field(default_factory=list)
    mirror: bool = False

    def shade(self, x: float, y: float, across: float, down: float, strength: float) -> None:
        """A shadow on the backdrop."""
        indoor.pool(self.planes, self.sheet, x, y, across, down, darker(self.tones.wall, 0.85), strength, hard=1.15)


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    actors = indoor.cast(brief.subjects)
    tones = _tones(brief, actors, dice)
    sheet.film = FILM
    stage = _empty(sheet, tones, dice, len(actors))
    report(0.3)
    compose = dice.pick([made for made, most in COMPOSITIONS if len(actors) <= most])
    compose(stage)
    _wings(stage)
    _mobile(stage)
    sheet.backdrop(stage.planes)
    sheet.draw(stage.under.body, defs=stage.under.definitions)
    report(0.6)
    _place(stage, actors, indoor.room_light(indoor.palette_of(brief), rim=lighter(tones.accent, 0.4)))
    sheet.draw(stage.over.body, defs=stage.over.definitions, glow=0.35 if tones.dark else 0.0)
    report(1)


def _tones(brief: Brief, actors: list[Actor], dice: Dice) -> Tones:
    subject = actors[0].tone if actors else "d98c6a"
    dark = brief.time in DARK_TIMES
    wall = brief.colours[0] if brief.colours else _wall(subject, dice, dark=dark)
    if brief.colours and indoor.luma(wall) > 0.12:
        wall = lighter(wall, 0.30)
    hue, saturation, light = indoor.hsl(wall)
    own, vivid, _ = indoor.hsl(subject)
    accent_hue = own if vivid > indoor.GREY else hue + 0.5
    accent = indoor.of_hsl(accent_hue, 0.55, 0.52 if dark else 0.64)
    second = (
        brief.colours[1] if len(brief.colours) > 1 else indoor.of_hsl(hue + dice.pick((0.08, -0.08, 0.5)), 0.45, 0.62)
    )
    stage = indoor.of_hsl(hue, saturation * 0.75, min(light + 0.07, 0.93) if light > 0.3 else light + 0.10)
    return Tones(wall, stage, accent, second, dark)


def _wall(subject: str, dice: Dice, *, dark: bool) -> str:
    """A colour that a thing stands out from: its own hue made pale, the opposite one, or a pastel."""
    hue, saturation, light = indoor.hsl(subject)
    if dark:
        return dice.pick(NIGHT_WALLS)
    if saturation < indoor.GREY:
        wall = dice.pick(PASTELS[:-1])
        return darker(wall, 0.10) if light > 0.8 else wall
    pale = indoor.of_hsl(hue, 0.58, 0.83), indoor.of_hsl(hue + 0.5, 0.42, 0.80), indoor.of_hsl(hue + 0.42, 0.45, 0.80)
    return dice.pick((*pale, dice.pick(PASTELS)))


def _empty(sheet: Sheet, tones: Tones, dice: Dice, count: int) -> Stage:
    """Backdrop and floor in one sweep of paper."""
    width, height = sheet.width, sheet.height
    base = height * 0.5 + 352 if height < 1.2 * width else height * 0.5 + min(height * 0.16, 352 + height * 0.02)
    horizon = base - 150
    x, y = indoor.places(sheet)
    reach = 1000 + 0.25 * max(width - 1000, 0)
    away = np.sqrt(((x - width * 0.44) / (reach * 0.95)) ** 2 + ((y - (horizon - 360)) / 1050) ** 2)
    bright, deep = lighter(tones.wall, 0.38 if not tones.dark else 0.20), darker(tones.wall, 0.42)
    planes = indoor.graded(away.astype(np.float32), ((0.0, bright), (0.45, tones.wall), (1.05, deep)))
    _sweep(planes, y, horizon, tones)
    _cast_light(sheet, planes, dice, horizon, tones)
    return Stage(sheet, planes, tones, dice, count, width / 2, base, (min(width, 1720), min(height, 1500)))


def _sweep(planes: Planes, y: Planes, horizon: float, tones: Tones) -> None:
    """The floor is lighter than the wall, with a soft bend between; towards the viewer it darkens."""
    floor = ease(horizon - 46, horizon + 60, y)[None]
    near = ease(horizon + 130, horizon + 420, y)[None]
    planes += (indoor.vector(lighter(tones.wall, 0.42 if not tones.dark else 0.16)) - planes) * floor * 0.42
    planes += (indoor.vector(darker(tones.wall, 0.25)) - planes) * near * 0.34
    bend = (ease(horizon - 120, horizon - 14, y) * (1 - ease(horizon - 14, horizon + 50, y)))[None]
    planes += (indoor.vector(darker(tones.wall, 0.55)) - planes) * bend * 0.16


def _cast_light(sheet: Sheet, planes: Planes, dice: Dice, horizon: float, tones: Tones) -> None:
    """What stands outside the picture throws shadows on the wall: leaves, or the bars of a window; or nothing."""
    kind = dice.pick(("leaves", "leaves", "window", "none"))
    if kind == "none" or tones.dark:
        return
    fade = 1 - ease(horizon - 260, horizon - 20, indoor.places(sheet)[1])
    if kind == "leaves":
        left = dice.whole(0, 1)
        body = "".join(_frond(sheet, dice, left=bool(left), number=number) for number in range(5))
        shade = indoor.silhouette(sheet, body, shrink=4, blur=7)[3] * fade
        planes += (indoor.vector(darker(tones.wall, 0.6)) - planes) * (shade * np.float32(0.26))
        return
    light = indoor.silhouette(sheet, _panes(sheet, dice), shrink=4, blur=8)[3] * fade
    planes += (indoor.vector(lighter(tones.wall, 0.75)) - planes) * (light * np.float32(0.50))


def _frond(sheet: Sheet, dice: Dice, *, left: bool, number: int) -> str:
    """A palm leaf from outside of the upper corner."""
    x, y = (-60.0 if left else sheet.width + 60), max(sheet.height * 0.5 - 560, -20) + 90 * number
    turn = (-8 + 21 * number + dice.between(-7, 7)) * (1 if left else -1)
    long = dice.between(560, 800)
    leaves = []
    for step in range(22):
        at, reach = step / 21, 150 * math.sin(math.pi * min(step / 21 + 0.12, 1) ** 0.8) + 24
        for side in (-1, 1):
            leaves.append(
                svg.ellipse(
                    long * (0.12 + 0.88 * at) + reach * 0.34,
                    side * reach * 0.36,
                    reach * 0.52,
                    10,
                    "000000",
                    turn=side * 38,
                )
            )
    stem = svg.path(f"M0,0 L{long:.0f},0", stroke="000000", width=7)
    return svg.group(stem + "".join(leaves), x=x, y=y, turn=turn if left else 180 + turn)


def _panes(sheet: Sheet, dice: Dice) -> str:
    """Sunlight through a window, slanting."""
    x, y = sheet.width / 2 + dice.between(-520, 120), sheet.height / 2 - 470
    slant = dice.between(0.18, 0.34)
    body = ""
    for row in range(3):
        for column in range(2):
            left, top = column * 262, row * 236
            corners = ((left, top), (left + 236, top), (left + 236, top + 212), (left, top + 212))
            body += svg.polygon(
                [(x + across + slant * down, y + down - across * 0.10) for across, down in corners], "ffffff"
            )
    return body


def _plinth(stage: Stage) -> None:
    """One to three round plinths before an arch."""
    _arch(stage, stage.x, stage.base, main=True)
    _podium(stage, stage.x, stage.base, main=True)
    _beside(stage, 470)


def _wings(stage: Stage) -> None:
    """On a long page, more arches to either side of the middle."""
    room = stage.sheet.width / 2 - WING_START
    for number in range(int(room // WING_STEP) + 1 if room > 0 else 0):
        for side in (-1, 1):
            x = stage.x + side * (WING_START + 250 + number * WING_STEP)
            _arch(stage, x, stage.base - 12, main=False)
            _podium(stage, x, stage.base - 12, main=False)


def _mobile(stage: Stage) -> None:
    """On a tall page, balls that hang from above."""
    if stage.sheet.height < TALL:
        return
    below = stage.base - 1000
    for number in range(5):
        x = stage.x + (number - 2) * 175 + stage.dice.between(-40, 40)
        y = below * stage.dice.between(0.18, 0.92)
        tone = (stage.tones.accent, stage.tones.second, lighter(stage.tones.wall, 0.5))[number % 3]
        size = stage.dice.between(40, 96)
        stage.under.add(svg.path(f"M{x:.1f},0 V{y:.1f}", stroke=darker(stage.tones.wall, 0.3), width=2.5))
        solids.sphere(stage.under, x, y, size, tone)


def _arch(stage: Stage, x: float, base: float, *, main: bool) -> None:
    size = 1.0 if main else 0.66
    width = 760 * size
    high = (
        min(720.0 * size, stage.base - 20)
        if stage.sheet.height < 1300
        else min(1000 + (stage.sheet.height - 1300) * 0.25, stage.base * 0.6) * size
    )
    stage.shade(x + 26, base - 128, width * 0.52, 34, 0.30)
    solids.niche(stage.under, x, base - 128, width, high, stage.tones.wall, 46 * size)


def _podium(stage: Stage, x: float, base: float, *, main: bool) -> None:
    tones, dice = stage.tones, stage.dice
    size = 1.0 if main else 0.6
    count = stage.count if main else 0
    radius, high = 352 * size, 66 * size
    stage.shade(x + 74 * size, base + 10, radius * 1.24, 62 * size, 0.55)
    stage.shade(x + 10, base + 6, radius * 1.04, 34 * size, 0.45)
    solids.cylinder(stage.under, x, base - high, radius, high, tones.stage)
    top, upper = base - high, radius * 0.80
    if count <= 2:
        stage.under.add(_contact(stage, x + 16 * size, top + 2, upper * 1.1))
        solids.cylinder(stage.under, x, top - 48 * size, upper, 48 * size, lighter(tones.stage, 0.12))
        top -= 48 * size
    if not main or not count:
        _ornament(stage, x, top, 250 * size)
        return
    tall = 500.0 if stage.sheet.height < 1300 else 600.0
    if count == 1:
        stage.spots.append(Spot(x, top + 14, tall * 0.93, 620, turn=dice.between(-3, 3)))
    elif count == 2:
        stage.spots += [Spot(x - 148, top + 6, tall * 0.74, 310), Spot(x + 142, top + 30, tall * 0.66, 290)]
    else:
        stage.spots.append(Spot(x, top - 2, tall * 0.84, 330))
        stage.spots += [Spot(x + side * 222, top + 26, tall * 0.56, 240) for side in (-1, 1)]


def _contact(stage: Stage, x: float, y: float, radius: float) -> str:
    """A soft shadow on a plinth, under what stands on it."""
    shadow = darker(stage.tones.wall, 0.9)
    fill = stage.under.radial(((0, shadow, 0.5), (0.7, shadow, 0.38), (1, shadow, 0.0)))
    return svg.ellipse(x, y, radius, radius * solids.TILT * 1.1, fill)


def _ornament(stage: Stage, x: float, y: float, size: float) -> None:
    """What stands on a stage that has no subject: a ball, or a ball upon a cone's stump."""
    tones = stage.tones
    stage.under.add(_contact(stage, x + size * 0.12, y, size * 0.7))
    if stage.dice.whole(0, 1):
        solids.cone(stage.under, x - size * 0.28, y + 6, size * 0.34, size * 0.95, tones.second)
    solids.sphere(stage.under, x + size * 0.08, y - size * 0.42, size * 0.45, tones.accent)


def _beside(stage: Stage, apart: float) -> None:
    """Small solids on the floor to the left and right, as far as the page reaches."""
    half = min(stage.sheet.width / 2, 1100.0)
    if half < apart + 40:
        stage.dice.whole(0, 1)
        return
    kinds = stage.dice.shuffled(("ball", "tower", "cone", "disc"))
    for number, side in enumerate((-1, 1)):
        x = stage.x + side * (apart + (half - apart) * stage.dice.between(0.25, 0.55))
        y = stage.base + stage.dice.between(-46, 40)
        _solid(stage, kinds[number], x, y, stage.dice.between(70, 120))
        _solid(stage, "ball", x + side * stage.dice.between(-110, -90), y + 60, stage.dice.between(26, 44))


def _solid(stage: Stage, kind: str, x: float, y: float, size: float) -> None:
    tones = stage.tones
    stage.shade(x + size * 0.45, y + 2, size * 1.25, size * 0.28, 0.50)
    if kind == "ball":
        solids.sphere(stage.under, x, y - size * 0.9, size, stage.dice.pick((tones.accent, tones.second)))
    elif kind == "tower":
        solids.cylinder(stage.under, x, y - size * 1.9, size * 0.8, size * 1.9, tones.stage)
        stage.under.add(_contact(stage, x + 8, y - size * 1.9, size * 0.62))
        solids.sphere(stage.under, x, y - size * 2.42, size * 0.52, tones.accent)
    elif kind == "cone":
        solids.cone(stage.under, x, y, size * 0.8, size * 2.1, tones.second)
    else:
        solids.cylinder(stage.under, x, y - size * 0.35, size * 1.1, size * 0.35, tones.second)
        stage.under.add(_contact(stage, x + 8, y - size * 0.35, size * 0.7))
        solids.sphere(stage.under, x, y - size * 0.95, size * 0.6, tones.accent)


def _floating(stage: Stage) -> None:
    """The subject hangs in the air within two rings, balls around it, its shadow far below."""
    dice, tones = stage.dice, stage.tones
    y = stage.base - 452
    turn, radius = dice.between(-24, -12), 390.0
    if stage.tones.dark:
        stage.under.add(
            svg.circle(stage.x, y, 350, stage.under.radial(((0, tones.accent, 0.4), (1, tones.accent, 0.0))))
        )
    else:
        disc = stage.under.gradient(((0, lighter(tones.wall, 0.66)), (1, darker(tones.wall, 0.08))), x2=0.8)
        stage.under.add(svg.circle(stage.x, y - 10, 345, disc))
    stage.shade(stage.x + 40, stage.base + 10, 330, 52, 0.52)
    stage.shade(stage.x + 30, stage.base + 10, 160, 24, 0.30)
    for tilt, thick, tone, lean in ((0.30, 26, tones.accent, turn), (0.22, 15, tones.second, -turn * 0.8)):
        size = radius * (1.0 if thick > 20 else 1.14)
        solids.ring(stage.under, stage.x, y + 96, size, thick, tilt, lean, tone, front=False)
        solids.ring(stage.over, stage.x, y + 96, size, thick, tilt, lean, tone, front=True)
    _balls(stage, y)
    if stage.count == 2:
        stage.spots += [
            Spot(stage.x - 130, y - 30, 330, 300, -6, "middle"),
            Spot(stage.x + 150, y + 40, 300, 270, 7, "middle"),
        ]
    elif stage.count:
        stage.spots.append(Spot(stage.x, y, 470, 560, dice.between(-9, 9), "middle"))
    else:
        solids.sphere(stage.under, stage.x, y, 190, tones.accent)


def _balls(stage: Stage, y: float) -> None:
    """Small balls in the air around the middle; a long page has more of them."""
    half, deep = stage.sheet.width / 2, stage.sheet.height
    count = 7 + round(max(stage.sheet.width, deep) / 500)
    for number in range(count):
        x = stage.x + (half - 60) * (((number * 0.618) % 1) * 2 - 1)
        at = stage.dice.between(0.06, 0.94) * min(deep, 9000) * 0.72
        if (abs(x - stage.x) < 470 and abs(at - y) < 440) or at > stage.base - 60:
            continue
        size = stage.dice.between(14, 62)
        tone = stage.dice.pick((stage.tones.accent, stage.tones.second, lighter(stage.tones.wall, 0.5)))
        solids.sphere(stage.under, x, at, size, tone)


def _steps(stage: Stage) -> None:
    """Wide steps: the rows of a group stand one above the other, a single subject on the highest."""
    rows = _rows(stage.count)
    tones = stage.tones
    wide = min(stage.sheet.width * 0.92, 1260.0 if stage.count > 3 else 1000.0)
    rise = 84.0 if len(rows) < 3 else 120.0
    tops = [stage.base - rise * (number + 1) for number in range(max(len(rows), 2))][::-1]
    stage.shade(stage.x + 90, stage.base + 14, wide * 0.60, 62, 0.55)
    if stage.count <= 3:
        _sun(stage, tops[0] - 220)
    for number, top in enumerate(tops):
        span = wide * (1 - 0.15 * (len(tops) - 1 - number))
        solids.block(stage.under, stage.x, top, span, stage.base - top, 52, lighter(tones.stage, 0.05 * number))
    _beside(stage, wide / 2 + 60)
    if not stage.count:
        _ornament(stage, stage.x, tops[0] - 20, 330)
    tall = min(tops[0] - 90, 600.0) if stage.count <= 3 else 250
    for row, count in enumerate(rows):
        span = wide * (1 - 0.15 * (len(tops) - 1 - row)) * 0.88
        for place in range(count):
            x = stage.x + span * ((place + 0.5) / count - 0.5)
            stage.spots.append(Spot(x, tops[row] - 16, tall, span / count * 0.92))


def _sun(stage: Stage, y: float) -> None:
    """A large disc on the wall behind the subject."""
    tones = stage.tones
    disc = stage.under.gradient(((0, lighter(tones.second, 0.30)), (1, tones.second)), x2=0.6)
    stage.under.add(svg.circle(stage.x, y, 290, disc, 0.9))


def _rows(count: int) -> list[int]:
    """How many stand in each row, the back row first."""
    lines = 1 if count <= ROW_MAX else 2 if count <= 8 else 3
    return [count * (line + 1) // lines - count * line // lines for line in range(lines)]


def _cyclorama(stage: Stage) -> None:
    """Nothing but the sweep of paper, a glossy floor and the light."""
    rows = _rows(stage.count)
    wide = min(stage.sheet.width * 0.9, 1500.0)
    stage.mirror = True
    for row, count in enumerate(rows):
        tall = (min(600, stage.base - 190) if stage.count == 1 else 420 if stage.count <= ROW_MAX else 300) * (
            0.86 + 0.14 * (row + 1) / len(rows)
        )
        y = stage.base - 20 - 150 * (len(rows) - 1 - row)
        step = min(wide / (count + 0.5), 470.0)
        aside = step * 0.25 * (1 if row % 2 else -1) if len(rows) > 1 else 0.0
        for place in range(count):
            spot = Spot(
                stage.x + aside + step * (place - (count - 1) / 2), y, tall, step * (0.94 if count > 1 else 1.6)
            )
            stage.spots.append(spot)
            stage.shade(spot.x + tall * 0.22, y + 4, min(tall, spot.width) * 0.62, tall * 0.075, 0.42)
    if not stage.count:
        _podium(stage, stage.x, stage.base, main=True)
    if stage.count <= ROW_MAX:
        _beside(stage, min(wide / 2, 250.0 * max(stage.count, 2)))


COMPOSITIONS: tuple[tuple[Callable[[Stage], None], int], ...] = (
    (_plinth, 3),
    (_plinth, 3),
    (_floating, 2),
    (_steps, 12),
    (_cyclorama, 12),
)


def _place(stage: Stage, actors: list[Actor], light: Light) -> None:
    """Put the figures on their spots, those at the back first."""
    for actor, spot in zip(actors, stage.spots, strict=False):
        high = min(spot.height, spot.width / actor.wide)
        if stage.mirror and spot.y > stage.base - 100:
            indoor.reflect(stage.sheet, actor, spot.x, spot.y, high, light)
        actor.put(stage.sheet, spot.x, spot.y, high, light, anchor=spot.anchor, turn=spot.turn, shadow=0.5)
