"""Under water: light from above, a reef on rippled sand, schools in the distance, and whoever swims there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from cavendish_sketch.canvas import colour, figures, svg
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Plane, Report
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import wordlists
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.nature import sea_light
from cavendish_sketch.nature.planet_ground import View
from cavendish_sketch.nature.sea_light import WATERS, Water
from cavendish_sketch.props import reef
from cavendish_sketch.props.drawing import Drawing

FIGURES_MAX = 12
TRIES = 30  # places looked at for each figure
BUBBLES, SNOW, SCHOOL = 46, 110, 44
FLOOR_POINTS = (210, 400)  # height of the floor: the least, the most
CLUMP_EVERY = 400  # points of width to a clump of the reef
SHAFT_BEFORE = 0.34  # of the shafts that lie before the figures
DEEP_WORDS = (
    "deep",
    "abyss",
    "bioluminescent",
    "bioluminescence",
    "glowing",
    "night",
    "dark",
    "midnight",
    "tiefsee",
    "abisso",
)
WARM_TIMES = ("sunset", "golden", "dawn")
# How large a drawing is next to others.
SIZES = {
    "1f433": 1.45, "1f40b": 1.45, "1f988": 1.15, "1f42c": 1.05, "1f9ad": 0.9, "1f422": 0.80, "1f419": 0.85,
    "1f991": 0.8, "1fabc": 0.85, "1f41f": 0.60, "1f420": 0.60, "1f421": 0.56, "1f980": 0.42, "1f99e": 0.46,
    "1f990": 0.36, "1f41a": 0.36, "1f9aa": 0.30, "1f40c": 0.28, "1f6a2": 1.1,
}  # fmt: skip
WRECK, DIVER = "1f6a2", "1f93f"
SETTLED = frozenset({"1f980", "1f99e", "1f990", "1f41a", "1f9aa", "1f40c", "2693", WRECK})
GLOWING = frozenset({"1fabc"})
REEF_DRAWINGS = frozenset({"1fab8", "1fae7", "1f30a"})  # coral, bubbles and waves: the scene has its own
FACE_FORWARD = frozenset({"1f419", "1f991", "1fabc", "1f980"})
FLOOR_KINDS = frozenset({"object", "building", "vehicle", "plant", "food"})


@dataclass(frozen=True, slots=True)
class Dive:
    """What the picture shows.

    Attributes:
        water: Colours and clearness.
        deep: The deep sea: no daylight, living things glow.
        sun: Where the light comes from, points from the left.
        horizon: Where the floor is lost in the water, points from the top.
        light: What falls on figures.
    """

    water: Water
    deep: bool
    sun: float
    horizon: float
    light: Light


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole scene."""
    sheet.film = Film(bloom=0.32, vignette=0.24, contrast=1.05)
    dive = _dive(sheet, brief, dice)
    beams = _water(sheet, dive, dice)
    report(0.35)
    _school(sheet, dive, dice)
    if dive.deep:
        _lanterns(sheet, dive, dice)
    _reef(sheet, dive, dice, far=True)
    report(0.5)
    _figures(sheet, dive, brief, dice)
    report(0.75)
    _reef(sheet, dive, dice, far=False)
    report(0.9)
    if not dive.deep:
        sheet.soft(beams * SHAFT_BEFORE, svg.blend(dive.water.beam, dive.water.ramp[1], 0.6))
    body, defs = _drifting(sheet, dive, dice)
    sheet.draw(body, defs=defs, glow=0.25 if dive.deep else 0.0)
    report(1.0)


def _dive(sheet: Sheet, brief: Brief, dice: Dice) -> Dive:
    deep = is_deep(brief)
    water = _water_of(brief, deep, dice)
    floor = min(max(sheet.height * 0.28, FLOOR_POINTS[0]), FLOOR_POINTS[1])
    sun = sheet.width * (0.5 + dice.pick((-1, 1)) * dice.between(0.10, 0.22))
    return Dive(water, deep, sun, sheet.height - floor, _light(water, deep))


def is_deep(brief: Brief) -> bool:
    """By its words, or dark by the hour."""
    said = f" {wordlists.fold(' '.join((*brief.said, *brief.traits)))} "
    return brief.time in ("night", "dusk", "neon") or any(f" {word} " in said for word in DEEP_WORDS)


def _water_of(brief: Brief, deep: bool, dice: Dice) -> Water:
    name = "deep" if deep else "warm" if brief.time in WARM_TIMES else dice.pick(("reef", "reef", "lagoon", "open"))
    base = WATERS[name]
    if not brief.colours:
        return base
    tint = tuple(reversed(brief.design.ramp))
    ramp = tuple(svg.blend(own, tone, 0.62) for own, tone in zip(base.ramp, tint, strict=False))
    if deep:
        ramp = tuple(svg.blend(tone, base.ramp[number], 0.70) for number, tone in enumerate(ramp))
    return Water(ramp, svg.blend(base.beam, tint[0], 0.3), base.sand, base.clear)


def _light(water: Water, deep: bool) -> Light:
    red, green, blue = svg.channels(svg.blend("ffffff", water.ramp[1], 0.34 if not deep else 0.0))
    if deep:
        return Light(direction=(-0.3, -0.8), ambient=(0.42, 0.56, 0.82), rim="4fd8ff")
    return Light(direction=(-0.25, -0.95), ambient=(red / 255, 1.02 * green / 255, 1.04 * blue / 255), rim=water.beam)


def _water(sheet: Sheet, dive: Dive, dice: Dice) -> Plane:
    """The water, the far rocks and the floor; how much light hangs in it."""
    grid = sheet.grid
    step = sheet.scale / grid.unit
    canvas = Canvas.of(grid)
    sun = dive.sun * step
    sea_light.column(canvas, dive.water, sun, dice)
    beams = sea_light.shafts(grid, dive.water, sun, dice)
    if not dive.deep:
        sea_light.surface(canvas, dive.water, sun, dice)
    view = View.of(canvas, dive.horizon * step)
    sea_light.hills(canvas, dive.water, view, dice)
    canvas.glow(beams * 0.34, colour.vector(svg.blend(dive.water.beam, dive.water.ramp[1], 0.55)))
    sea_light.floor(canvas, dive.water, view, sun, dice)
    if dive.deep:
        sea_light.plankton(canvas, dice, reef.GLOWING)
    sheet.expose(canvas)
    return beams


def _at_depth(dive: Dive, sheet: Sheet, y: float) -> str:
    """The water's own colour at a height, six hex digits."""
    place = min(max(y / sheet.height, 0), 1) * (len(dive.water.ramp) - 1)
    first = min(int(place), len(dive.water.ramp) - 2)
    return svg.blend(dive.water.ramp[first], dive.water.ramp[first + 1], place - first)


def _school(sheet: Sheet, dive: Dive, dice: Dice) -> None:
    """Two schools of small fish far off: silhouettes in the colour of the distance."""
    body = ""
    for number in range(2 + int(sheet.width > 3000)):
        x = sheet.width * (0.18 + 0.64 * ((number * 0.618 + dice.between(0.1, 0.4)) % 1))
        y = dive.horizon * dice.between(0.30, 0.70)
        left = dice.between(0, 1) < 0.5
        tone = svg.blend(_at_depth(dive, sheet, y), dive.water.ramp[-1], 0.55 + 0.2 * number)
        size = dice.between(13, 19) + 5 * number
        for _ in range(SCHOOL):
            away = abs(dice.normal())
            angle = dice.between(0, 2 * math.pi)
            place = x + away * 125 * math.cos(angle), y + away * 42 * math.sin(angle)
            part = svg.path(reef.fish(size * dice.between(0.7, 1.2), left=left), tone, dice.between(0.55, 0.9))
            body += svg.group(part, x=place[0], y=place[1], turn=dice.between(-9, 9))
    sheet.draw(body)


def _reef(sheet: Sheet, dive: Dive, dice: Dice, *, far: bool) -> None:
    """Clumps of coral: pale small ones at the back, large ones in the corners in front."""
    floor = sheet.height - dive.horizon
    count = max(round(sheet.width / CLUMP_EVERY), 1) if far else max(round(sheet.width / 1000), 2)
    places = []
    for number in range(count):
        if far:
            near = (number * 0.618 + dice.between(0, 0.3)) % 1
            part = (number + dice.between(0.15, 0.85)) / count
            places.append(
                (near, part, dive.horizon + floor * (0.08 + 0.40 * near), 80 + 110 * near, 0.52 - 0.30 * near)
            )
        else:
            part = 0.5 + (number / (count - 1) - 0.5) * (1 - 20 / sheet.width)
            size = min(dice.between(270, 350), sheet.width * 0.34)
            places.append((1.0, part, sheet.height + dice.between(10, 45), size, 0.0))
    if not far:
        _kelp(sheet, dive, dice)
    for _, part, y, size, veil in sorted(places):
        _clump(sheet, dive, dice, part * sheet.width, y, size, veil)


def _clump(sheet: Sheet, dive: Dive, dice: Dice, x: float, y: float, size: float, veil: float) -> None:
    water = _at_depth(dive, sheet, dive.horizon)
    tones = tuple(svg.blend(tone, water, veil) for tone in reef.CORALS)
    rock = tuple(svg.blend(svg.blend(tone, dive.water.ramp[3], 0.25), water, veil) for tone in reef.ROCK)
    drawing = reef.clump(dice, width=size * dice.between(1.5, 2.0), height=size, tones=tones, rock=rock)
    figures.put(sheet, drawing, x, y, size, light=dive.light, shadow=0)
    if veil:
        _bury(sheet, x, y, drawing.box[2] / drawing.box[3] * size)
    if dive.deep:
        for _ in range(3):
            sheet.light(
                x + dice.between(-0.5, 0.5) * size,
                y - dice.between(0.2, 0.7) * size,
                size * 0.17,
                dice.pick(reef.GLOWING),
                0.6,
            )


def _bury(sheet: Sheet, x: float, y: float, width: float) -> None:
    """Sand heaped against the foot of a thing, in the colour that it has there."""
    row = min(max(int((y + 14) * sheet.scale), 0), sheet.grid.rows - 1)
    column = min(max(int(x * sheet.scale), 0), sheet.grid.columns - 1)
    reach = max(int(width * 0.5 * sheet.scale), 1)
    sand = sheet.draft[:, row, max(column - reach, 0) : column + reach].mean(1)
    tone = "".join(f"{round(float(channel) * 255):02x}" for channel in sand)
    defs = svg.radial_gradient("h", ((0, tone, 1.0), (0.45, tone, 0.85), (1, tone, 0.0)))
    body = "".join(
        svg.ellipse(x + width * shift, y + 2, width * 0.27, max(width * 0.055, 7), "url(#h)")
        for shift in (-0.40, -0.12, 0.14, 0.40)
    )
    sheet.draw(body, defs=defs)


def _lanterns(sheet: Sheet, dive: Dive, dice: Dice) -> None:
    """Living lights of the deep sea, far off."""
    body = ""
    for _ in range(6 + int(sheet.width / 900)):
        x, y = dice.between(0.05, 0.95) * sheet.width, dice.between(0.08, 0.92) * dive.horizon
        far = dice.between(0.35, 1.25)
        drawn = reef.lantern(dice, dice.pick(reef.GLOWING))
        body += svg.group(drawn, x=x, y=y, scale=far, turn=dice.between(-25, 25), opacity=0.35 + 0.45 * far)
    sheet.draw(body, glow=1.6)


def _kelp(sheet: Sheet, dive: Dive, dice: Dice) -> None:
    side = dice.pick((0.09, 0.91))
    for number, tone in enumerate(("6f8f2e", "4f7f3a")[: 1 + int(sheet.width > 1200)]):
        height = min(dice.between(430, 620), sheet.height * 0.62) * (1 - 0.25 * number)
        drawing = reef.kelp(dice, height=height, tone=svg.blend(tone, dive.water.ramp[3], 0.25))
        x = sheet.width * (side if number == 0 else 1 - side)
        figures.put(sheet, drawing, x, sheet.height + 12, height, light=dive.light, shadow=0)


def _figures(sheet: Sheet, dive: Dive, brief: Brief, dice: Dice) -> None:
    """Swimmers at several depths, those of the floor on the sand; small far ones first."""
    named = [submerged(subject) for subject in brief.subjects if subject.drawing not in REEF_DRAWINGS]
    things = [subject for subject in named for _ in range(subject.count)][:FIGURES_MAX]
    swimmers = [subject for subject in things if not _settles(subject)]
    base = _base(len(swimmers), sheet)
    taken: list[Box] = []
    planned = []
    for number, subject in enumerate(swimmers):
        near = 1.0 if number == 0 else dice.between(0.45, 0.95)
        height = base * _size_of(subject) * (0.35 + 0.65 * near)
        x, y = _free(sheet, dive, taken, height, dice, hero=number == 0)
        taken.append((x - height * 0.7, y - height * 0.5, height * 1.4, height))
        planned.append((near, number, x, y, height))
    for near, number, x, y, height in sorted(planned):
        _swim(sheet, dive, swimmers[number], (x, y, height), near, dice)
    _settle(sheet, dive, [subject for subject in things if _settles(subject)], dice)


def submerged(subject: Subject) -> Subject:
    """A whale does not blow down here."""
    return replace(subject, drawing="1f40b") if subject.drawing == "1f433" else subject


def _settles(subject: Subject) -> bool:
    if subject.drawing in SETTLED:
        return True
    return subject.kind in FLOOR_KINDS and subject.drawing not in SIZES


def _size_of(subject: Subject) -> float:
    if _is_person(subject):
        return 0.62
    return SIZES.get(subject.drawing or "", 0.8)


def _is_person(subject: Subject) -> bool:
    return subject.kind == "person" or subject.prop == "person" or subject.drawing == DIVER


def _base(count: int, sheet: Sheet) -> float:
    size = 430 if count == 1 else 350 if count <= 3 else 270 if count <= 6 else 215
    return min(size, sheet.height * 0.42)


def _free(sheet: Sheet, dive: Dive, taken: list[Box], size: float, dice: Dice, *, hero: bool) -> tuple[float, float]:
    """The emptiest of some places in open water; the first swims in the light, off the middle."""
    low, high = 90 + size * 0.45, max(dive.horizon + 40 - size * 0.35, 91 + size * 0.45)
    if hero:
        side = -1 if dive.sun > sheet.width / 2 else 1
        return sheet.width / 2 + side * min(0.10 * sheet.width, 260), min(max(dive.horizon * 0.60, low), high)
    best, room = (sheet.width / 2, (low + high) / 2), -math.inf
    margin = min(size * 0.75, sheet.width * 0.3)
    for _ in range(TRIES):
        x, y = dice.between(margin, sheet.width - margin), dice.between(low, high)
        free = min((_gap(box, x, y) for box in taken), default=0.0)
        free = min(free, 1.5 * size)
        if free > room:
            best, room = (x, y), free
    return best


def _gap(box: Box, x: float, y: float) -> float:
    away = math.hypot(x - box[0] - box[2] / 2, y - box[1] - box[3] / 2)
    return away - max(box[2], box[3]) / 2


def _swim(
    sheet: Sheet, dive: Dive, subject: Subject, place: tuple[float, float, float], near: float, dice: Dice
) -> None:
    x, y, height = place
    drawing = subject.drawing or ""
    flip = dice.between(0, 1) < 0.35
    turn = 0.0 if drawing in FACE_FORWARD else dice.between(-9, 9)
    shape: Subject | Drawing = reef.diver(subject.colour) if _is_person(subject) else subject
    if drawing in GLOWING or dive.deep:
        tone = subject.colour or ("7fe8ff" if drawing in GLOWING else dice.pick(reef.GLOWING))
        sheet.light(x, y, height * 0.55, tone, 1.2 if dive.deep else 0.4)
    light = Light(direction=dive.light.direction, rim="d8ffff") if drawing in GLOWING else dive.light
    box = figures.put(
        sheet,
        shape,
        x,
        y,
        height,
        light=light,
        anchor="middle",
        flip=flip,
        turn=turn,
        width_max=min(height * 1.9, sheet.width * 0.86),
        opacity=0.62 + 0.38 * min(near / 0.9, 1),
    )
    if _is_person(subject) and box is not None:
        mouth = box[0] + box[2] * (0.9 if flip else 0.1)
        body, defs = _stream(mouth, box[1] + box[3] * 0.35, dice)
        sheet.draw(body, defs=defs)


def _stream(x: float, y: float, dice: Dice) -> tuple[str, str]:
    """Breath on its way up."""
    body = ""
    for step in range(13):
        body += svg.circle(
            x + dice.between(-16, 16) * (1 + step * 0.12),
            y - step * 21 - dice.between(0, 14),
            dice.between(3, 10),
            "url(#b)",
        )
    return body, _bubble_paint()


def _bubble_paint() -> str:
    return svg.radial_gradient(
        "b", ((0, "ffffff", 0.04), (0.72, "e8ffff", 0.10), (0.93, "ffffff", 0.55), (1, "ffffff", 0.10)), x=0.46, y=0.56
    )


def _settle(sheet: Sheet, dive: Dive, things: list[Subject], dice: Dice) -> None:
    """On the sand, in rows; a ship lies on its side."""
    floor = sheet.height - dive.horizon
    base = 330 if len(things) <= 2 else 250
    rows = []
    for number, subject in enumerate(things):
        near = 0.62 if number == 0 else dice.between(0.25, 0.75)
        rows.append((near, number, sheet.width * (0.16 + 0.68 * ((number * 0.618 + 0.46) % 1)), subject))
    for near, _, x, subject in sorted(rows, key=lambda row: row[:2]):
        size = SIZES.get(subject.drawing or "", 0.62) * base * (0.55 + 0.6 * near)
        y = dive.horizon + floor * near
        if subject.drawing == WRECK:
            _wreck(sheet, dive, subject, x, y, size)
            continue
        flip = dice.between(0, 1) < 0.5
        figures.put(sheet, subject, x, y, size, light=dive.light, flip=flip, width_max=sheet.width * 0.7)


def _wreck(sheet: Sheet, dive: Dive, subject: Subject, x: float, y: float, size: float) -> None:
    """A ship on its side, the lowest part of it in the sand, paled by the water."""
    drawing = figures.drawing_of(subject)
    if drawing is None:
        return
    left, top, width, height = drawing.box
    leaning = f'<g transform="rotate(-14 {left + width / 2:.1f} {top + height / 2:.1f})">{drawing.body}</g>'
    sunk = Drawing(leaning, drawing.defs, (left - width * 0.1, top - height * 0.1, width * 1.2, height * 1.02))
    light = Light(dive.light.direction, ambient=(0.62, 0.80, 0.84), rim=dive.light.rim)
    box = figures.put(sheet, sunk, x, y, size, light=light, shadow=0, width_max=sheet.width * 0.7, opacity=0.92)
    if box is not None:
        _bury(sheet, x, y, box[2] * 0.9)


def _drifting(sheet: Sheet, dive: Dive, dice: Dice) -> tuple[str, str]:
    """Bubbles in columns and single, and specks that drift: sharp ones far off, large faint ones before the eye."""
    defs = _bubble_paint() + svg.radial_gradient("f", ((0, "ffffff", 0.30), (1, "ffffff", 0.0)))
    body = ""
    columns = [dice.between(0.05, 0.95) * sheet.width for _ in range(3 + int(sheet.width / 2000))]
    for _ in range(BUBBLES):
        near = dice.between(0, 1) ** 4
        y = dice.between(0, 1) * sheet.height
        x = dice.pick(columns) + dice.normal() * 26 + 16 * math.sin(y / 60)
        body += svg.circle(x, y, 2.5 + 11 * near, "url(#b)")
    specks = dive.water.beam
    for _ in range(SNOW):
        x, y = dice.between(0, sheet.width), dice.between(0, sheet.height)
        near = dice.between(0, 1) ** 5
        if near > 0.45:
            body += svg.circle(x, y, 9 * near, "url(#f)")
        else:
            body += svg.circle(x, y, 0.7 + 1.6 * near, specks, dice.between(0.12, 0.45))
    return body, defs
