"""A city seen across water: towers in layers with lit windows, and their mirror image."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Plane, Report
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.canvas.svg import Point
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.nature import skies
from cavendish_sketch.scenes.city import people, signs, street, traffic, weather
from cavendish_sketch.scenes.city.layout import COOL_LIGHTS, NEON, WARM_LIGHTS, Ink, Look
from cavendish_sketch.scenes.city.view import View, air_of, closed, stroke, tube

HORIZON = 0.64
LOW_SUN = 0.35
WALLS_DAY = ("8aa6bd", "c3ced6", "6f8ca6", "b9a898", "d5c7b4", "93a3ab")
WALLS_NIGHT = ("2b2a63", "1b3560", "3a2358", "22224f", "14324c", "432a5a")
VILLAGE = ("e8c9a0", "d98f6f", "f1e6d2", "b7c9c4", "e0b35f", "c9705a")
ROOFS = ("a5503c", "8a4638", "6d5a55", "94613f")
STORMY = frozenset({"rain", "lightning"})
WINDOWS_MAX = 26, 60  # of one tower, across and up


@dataclass(frozen=True, slots=True)
class Layer:
    """A row of towers. Lengths in points.

    Attributes:
        haze: Share of the air's colour.
        width, height: Least and most.
        gap: Most between two, as a share of the width.
        pitch: Of the windows, across and up; None where none are seen.
        lift: Of its feet over the waterline.
    """

    haze: float
    width: tuple[float, float]
    height: tuple[float, float]
    gap: float
    pitch: tuple[float, float] | None
    lift: float


TOWERS = (
    Layer(0.80, (26, 60), (90, 300), 0.2, None, 6),
    Layer(0.58, (34, 74), (70, 400), 0.5, (6.5, 8.5), 3),
    Layer(0.30, (46, 92), (60, 430), 0.7, (8, 10.5), 0),
    Layer(0.06, (44, 110), (36, 215), 0.5, (9.5, 12), 0),
)
HOUSES = (
    Layer(0.62, (80, 130), (50, 98), 0.5, None, 52),
    Layer(0.34, (74, 130), (62, 120), 0.25, (19, 26), 16),
    Layer(0.06, (80, 140), (56, 118), 0.12, (20, 28), 0),
)


@dataclass(frozen=True, slots=True)
class Tower:
    """One building in front view: its left edge, its foot, and its size, in points."""

    x: float
    foot: float
    width: float
    height: float
    wall: str
    haze: float

    @property
    def top(self) -> float:
        return self.foot - self.height


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """The whole picture: sky, city, water, traffic, subjects, weather."""
    palette = PALETTES[brief.time]
    horizon = sheet.height * HORIZON
    painted = skies.paint(sheet.grid, palette, dice, horizon=HORIZON, weather=brief.weather, traits=brief.traits)
    sheet.backdrop(painted.planes)
    sun = (painted.sun.x * sheet.width, painted.sun.y * sheet.height) if painted.sun else None
    view = View(sheet.width, sheet.height, sheet.width / 2, horizon, 900, 1, 1e6, 1, 1)
    look = _look(brief, palette, view, sun)
    report(0.2)
    _city(sheet, view, look, brief, dice)
    report(0.5)
    _water(sheet, view, look, brief, sun, dice)
    report(0.7)
    _alive(sheet, view, look, brief, dice)
    _weather(sheet, view, look, brief, dice)
    sheet.film = Film(bloom=0.22 + 0.16 * palette.night, vignette=0.2 + 0.1 * palette.night, contrast=1.08)
    report(1)


def _look(brief: Brief, palette: Palette, view: View, sun: Point | None) -> Look:
    dark = min(palette.night * 1.5, 1)
    if "village" in brief.traits:
        walls = tuple(svg.blend(tone, palette.near, 0.05 + 0.62 * palette.night) for tone in VILLAGE)
    else:
        pairs = zip(WALLS_DAY, WALLS_NIGHT, strict=True)
        walls = tuple(
            svg.blend(svg.blend(day, night, dark), palette.near, 0.12 + 0.2 * palette.night) for day, night in pairs
        )
    thick = bool(brief.weather & {"rain", "snow", "fog", "lightning"})
    air = air_of(palette, sun, horizon=view.y, thick=thick, short=min(view.width, view.height))
    neon = "neon" in brief.traits or brief.time == "neon"
    sunlit = 0.0 if sun is None else 0.8
    bright = 0 if sun is None else 1 if sun[0] > view.x else -1
    return Look(palette, air, walls, 0.06 + 0.36 * palette.night, neon, "snow" in brief.weather, sunlit, bright)


def _city(sheet: Sheet, view: View, look: Look, brief: Brief, dice: Dice) -> None:
    ink = Ink()
    water = svg.blend(look.palette.water, look.palette.near, 0.2)
    ink.add(
        svg.rectangle(
            0,
            view.y,
            view.width,
            view.height - view.y,
            ink.gradient(
                ((0, look.air.before((view.x, view.y))), (0.5, water), (1, svg.blend(water, look.palette.near, 0.5)))
            ),
        )
    )
    village, future = "village" in brief.traits, "futuristic" in brief.traits
    centre = dice.between(0.34, 0.66) * view.width
    if village:
        _hills(ink, view, look, dice)
    for layer in HOUSES if village else TOWERS:
        for tower in _row(view, look, layer, centre, dice):
            if village:
                _house(ink, look, layer, tower, dice)
            else:
                _tower(ink, look, layer, tower, dice, future=future)
    _shore(ink, view, look, dice)
    body, defs = ink.text()
    sheet.draw(body, defs=defs, glow=0.10 + 0.32 * look.palette.night)


def _hills(ink: Ink, view: View, look: Look, dice: Dice) -> None:
    """Two soft ridges behind a small town."""
    for haze, high in ((0.72, 190), (0.5, 110)):
        shift, step = dice.between(0, 6), 40
        ridge = [
            (x, view.y - high * (0.62 + 0.26 * math.sin(x / 310 + shift) + 0.14 * math.sin(x / 127 + shift * 2)))
            for x in range(0, int(view.width) + step, step)
        ]
        green = svg.blend("dfe8f2" if look.snow else look.palette.ground, look.palette.near, 0.3 * look.palette.night)
        top, low = (svg.blend(green, look.air.before((view.x, view.y - place)), haze) for place in (high, 0))
        fill = ink.gradient(((0, top), (1, svg.blend(low, look.palette.far, 0.25))))
        ink.add(svg.path(closed([*ridge, (view.width, view.y), (0, view.y)]), fill))


def _row(view: View, look: Look, layer: Layer, centre: float, dice: Dice) -> list[Tower]:
    """Towers from left to right; the highest stand about the city's centre."""
    found, x = [], -dice.between(0, 60)
    rise = min(max(view.y / 640, 1), 2.6)
    reach = max(min(view.width * 0.30, 900), 260)
    while x < view.width:
        width = dice.between(*layer.width)
        away = (x + width / 2 - centre) / reach
        share = 0.25 + 0.75 * math.exp(-away * away)
        low, high = layer.height
        height = (low + (high - low) * dice.between(0, 1) ** 1.7 * share) * (1 if high < 150 else rise)
        found.append(Tower(x, view.y - layer.lift, width, height, dice.pick(look.walls), layer.haze))
        x += width * (1 + max(dice.between(-0.15, layer.gap), 0))
    return dice.shuffled(found)


def _tone(look: Look, tower: Tower, colour: str, y: float) -> str:
    return svg.blend(colour, look.air.before((tower.x + tower.width / 2, y)), tower.haze)


def _tower(ink: Ink, look: Look, layer: Layer, tower: Tower, dice: Dice, *, future: bool) -> None:
    """A body of one to three steps, a crown, windows, edges of light."""
    steps = [tower]
    for _ in range(dice.whole(0, 2) if tower.height > 110 else 0):
        last = steps[-1]
        inset = last.width * dice.between(0.08, 0.2)
        steps.append(
            replace(
                last,
                x=last.x + inset,
                width=last.width - 2 * inset,
                foot=last.top + 1,
                height=last.height * dice.between(0.18, 0.4),
            )
        )
    for step in steps[::-1]:
        ink.add(svg.rectangle(step.x, step.top, step.width, step.foot - step.top, _wall(ink, look, step)))
        if layer.pitch:
            _windows(ink, look, layer.pitch, step, dice)
    _crown(ink, look, steps[-1], dice, future=future)
    if look.neon and layer.pitch and dice.between(0, 1) < 0.5:
        _neon(ink, steps[-1], dice)
    if look.snow:
        for step in steps:
            ink.add(svg.rectangle(step.x - 1, step.top - 2, step.width + 2, 5, _tone(look, step, "f4f7fb", step.top)))


def _wall(ink: Ink, look: Look, tower: Tower) -> str:
    """The front, and the side towards or away from the sun."""
    lit = svg.blend(tower.wall, look.warm, 0.34 * look.sunlit)
    front = svg.blend(tower.wall, look.palette.near, 0.18)
    side = 0.24
    y = tower.foot - tower.height * 0.6
    tones = _tone(look, tower, front, y), _tone(look, tower, lit, y)
    if look.bright < 0:
        return ink.gradient(((0, tones[1]), (side, tones[1]), (side + 0.01, tones[0]), (1, tones[0])), across=True)
    return ink.gradient(((0, tones[0]), (1 - side, tones[0]), (1 - side + 0.01, tones[1]), (1, tones[1])), across=True)


def _windows(ink: Ink, look: Look, pitch: tuple[float, float], tower: Tower, dice: Dice) -> None:
    across = int(min(tower.width / pitch[0], WINDOWS_MAX[0]))
    up = int(min(tower.height / pitch[1], WINDOWS_MAX[1]))
    chance, kind = dice.uniforms(max(up, 1), max(across, 1)), dice.between(0, 1)
    tones = WARM_LIGHTS if dice.between(0, 1) < 0.68 else COOL_LIGHTS
    if across < 2 or up < 2:
        return
    opening = (0.22, 0.74, 0.28, 0.74) if kind < 0.6 else (0.05, 0.95, 0.35, 0.7)
    dark = _tone(look, tower, svg.blend(tower.wall, look.palette.near, 0.45), tower.top)
    ink.add(svg.path(_panes(tower, chance >= look.lit, opening), dark, 0.55))
    for number, light in enumerate(tones):
        chosen = (chance < look.lit) & ((chance * 997).astype(int) % len(tones) == number)
        data = _panes(tower, chosen, opening)
        if data:
            ink.add(svg.path(data, svg.blend(light, look.air.before((tower.x, tower.top)), tower.haze * 0.55)))


def _panes(tower: Tower, chosen: Plane, opening: tuple[float, float, float, float]) -> str:
    rows, columns = np.nonzero(chosen)
    up, across = chosen.shape
    wide, tall = tower.width / across, tower.height / up
    left, right, high, low = opening
    lefts, tops = tower.x + (columns + left) * wide, tower.top + (rows + high) * tall
    size = f"h{(right - left) * wide:.1f}v{(low - high) * tall:.1f}h-{(right - left) * wide:.1f}z"
    return "".join(f"M{x:.1f},{y:.1f}{size}" for x, y in zip(lefts.tolist(), tops.tolist(), strict=True))


def _crown(ink: Ink, look: Look, tower: Tower, dice: Dice, *, future: bool) -> None:
    """What ends a tower: a mast, a slope, a dome, a needle, or nothing."""
    kind = dice.pick(
        ("flat", "mast", "mast", "slope", "dome", "needle") if future else ("flat", "flat", "mast", "slope", "spire")
    )
    tall = tower.width * dice.between(0.5, 1.0)
    left, right, middle, top = tower.x, tower.x + tower.width, tower.x + tower.width / 2, tower.top + 0.5
    tone = _tone(look, tower, svg.blend(tower.wall, look.palette.near, 0.25), top)
    if kind == "slope":
        ink.add(svg.polygon([(left, top), (right, top), (dice.pick((left, right)), top - tall * 0.7)], tone))
    elif kind == "dome":
        reach = tower.width / 2
        ink.add(svg.path(f"M{left:.1f},{top:.1f}A{reach:.1f},{reach * 0.8:.1f} 0 0 1 {right:.1f},{top:.1f}z", tone))
    elif kind in ("needle", "spire") and tower.height > 120:
        points = [
            (left, top),
            (right, top),
            (middle + tower.width * 0.1, top - tall),
            (middle, top - tall * 2.1),
            (middle - tower.width * 0.1, top - tall),
        ]
        ink.add(svg.polygon(points, tone))
    elif kind == "mast" and tower.height > 80:
        ink.add(svg.rectangle(middle - 1, top - tall * 1.2, 2, tall * 1.2, tone))
        ink.add(svg.circle(middle, top - tall * 1.2, 2.6, "ff5148", 1 - tower.haze * 0.6))


def _neon(ink: Ink, tower: Tower, dice: Dice) -> None:
    tone, seen = dice.pick(NEON), 1 - tower.haze * 0.7
    left, right = tower.x + 1, tower.x + tower.width - 1
    if dice.between(0, 1) < 0.5:
        ink.add(tube(f"M{left:.1f},{tower.foot:.1f}V{tower.top:.1f}H{right:.1f}", tone, 2.0, seen))
        return
    wide, high = tower.width * 0.5, min(tower.height * 0.5, 120)
    x, y = left + tower.width * 0.22, tower.top + tower.height * 0.12
    fill = ink.gradient(((0, svg.blend(tone, "ffffff", 0.3)), (1, svg.blend(dice.pick(NEON), "140830", 0.3))))
    ink.add(svg.rectangle(x, y, wide, high, fill, 0.95 * seen, rounding=2))
    rows = "".join(f"M{x + wide * 0.2:.1f},{y + high * share:.1f}h{wide * 0.6:.1f}" for share in (0.25, 0.4, 0.55, 0.7))
    ink.add(stroke(rows, "ffffff", 2.2, 0.8 * seen))


def _house(ink: Ink, look: Look, layer: Layer, tower: Tower, dice: Dice) -> None:
    """A house with a pitched roof; now and then a church."""
    church = tower.haze < 0.5 and dice.between(0, 1) < 0.06
    if church:
        tower = replace(tower, height=tower.height * 2.2, width=tower.width * 0.5)
    tall = tower.width * (1.3 if church else dice.between(0.34, 0.55))
    left, right, top = tower.x, tower.x + tower.width, tower.top
    roof = _tone(
        look,
        tower,
        "f3f6fb" if look.snow else svg.blend(dice.pick(ROOFS), look.palette.near, 0.6 * look.palette.night),
        top,
    )
    ink.add(svg.rectangle(left, top, tower.width, tower.height, _wall(ink, look, tower)))
    if layer.pitch:
        _windows(ink, replace(look, lit=min(look.lit * 1.5, 0.8)), layer.pitch, tower, dice)
    gable = dice.between(0, 1) < 0.5 or church
    peak = (
        [((left + right) / 2, top - tall)]
        if gable
        else [(right - tower.width * 0.1, top - tall * 0.8), (left + tower.width * 0.1, top - tall * 0.8)]
    )
    ink.add(svg.path(closed([(left - 3, top + 1), (right + 3, top + 1), *peak]), roof))
    if not church:
        ink.add(
            svg.rectangle(
                left + tower.width * 0.7,
                top - tall * 0.85,
                tower.width * 0.1,
                tall * 0.5,
                svg.blend(roof, look.palette.near, 0.4),
            )
        )


def _shore(ink: Ink, view: View, look: Look, dice: Dice) -> None:
    """A quay with lamps and trees between the city and the water."""
    stone = svg.blend(svg.blend(look.palette.ground, look.palette.near, 0.5), look.palette.far, 0.15)
    green = svg.blend(
        svg.blend("d9e3ee" if look.snow else "3f6b3a", look.palette.near, 0.25 + 0.5 * look.palette.night),
        look.palette.far,
        0.12,
    )
    x = -20.0
    while x < view.width:
        size = dice.between(7, 16)
        if dice.between(0, 1) < 0.62:
            ink.add(
                svg.ellipse(
                    x, view.y - size * 0.7, size, size * 0.85, svg.blend(green, "000000", dice.between(0, 0.25))
                )
            )
        x += size * dice.between(0.8, 2.2)
    ink.add(svg.rectangle(0, view.y - 5, view.width, 7, stone))
    if look.palette.night > 0.3:
        lamps = "".join(f"M{spot:.0f},{view.y - 9:.0f}h0.1" for spot in range(12, int(view.width), 34))
        ink.add(svg.path(lamps, stroke="ffd98a", width=4))


def _water(sheet: Sheet, view: View, look: Look, brief: Brief, sun: Point | None, dice: Dice) -> None:
    if sun is not None and look.palette.height < LOW_SUN and look.palette.night < 0.9:
        street.shine(sheet, look.palette, street.rays(sheet, sun, 0.30))
    if "fog" in brief.weather:
        weather.fog(sheet, view.y, svg.blend(look.palette.far, look.palette.lit, 0.3), 0.5, dice)
    rough = bool(brief.weather & STORMY) or brief.time == "storm" or "waves" in brief.traits
    street.mirror(sheet, view, dice, wet=0.70 if rough else 0.92, tint=look.palette.water, rough=2.2 if rough else 1.0)


def _alive(sheet: Sheet, view: View, look: Look, brief: Brief, dice: Dice) -> None:
    ink = Ink()
    flying = "flying_cars" in brief.traits or any(subject.prop == "flying_car" for subject in brief.subjects)
    if look.neon and "futuristic" in brief.traits:
        signs.hologram(ink, view.x + dice.pick((-0.2, 0.2)) * min(view.width, 1800), view.y * 0.36, 260, dice)
    if flying:
        for number, flight in enumerate(traffic.flights(view, look, dice, len(traffic.FLIGHTS))):
            traffic.fly(ink, flight, look, number)
    if any(subject.kind in LAND for subject in brief.subjects if subject.prop != "flying_car"):
        _quay(ink, view, look)
    body, defs = ink.text()
    sheet.draw(body, defs=defs, glow=0.2 + 0.5 * look.palette.night)
    afloat = [subject for subject in brief.subjects if subject.kind == "sea"]
    _afloat(sheet, view, look, afloat, dice)
    rest = replace(brief, subjects=tuple(subject for subject in brief.subjects if subject.kind != "sea"))
    people.place(sheet, view, look.palette, rest, dice, cars=False, flying=flying)


LAND = frozenset({"animal", "building", "food", "object", "person", "plant", "vehicle"})


def _quay(ink: Ink, view: View, look: Look) -> None:
    """The near bank, for what cannot stand on water."""
    top = view.height - 0.17 * min(view.height, 1000)
    stone = svg.blend("edf1f6" if look.snow else "a79c8d", look.palette.near, 0.25 + 0.6 * look.palette.night)
    fill = ink.gradient(
        ((0, svg.blend(stone, look.warm, 0.25 * look.sunlit)), (1, svg.blend(stone, look.palette.near, 0.55)))
    )
    ink.add(svg.rectangle(0, top, view.width, view.height - top, fill))
    ink.add(svg.rectangle(0, top, view.width, 5, svg.blend(stone, look.palette.lit, 0.5)))
    joints = "".join(
        f"M{x},{top + 6:.0f}L{view.x + (x - view.x) * 1.5:.0f},{view.height:.0f}" for x in range(0, int(view.width), 90)
    )
    ink.add(stroke(joints, look.palette.near, 1.5, 0.25))


def _afloat(sheet: Sheet, view: View, look: Look, subjects: list[Subject], dice: Dice) -> None:
    each = [subject for subject in subjects for _ in range(subject.count)][: people.PLACED_MAX]
    for number, subject in enumerate(each):
        x = view.width * ((0.3 + 0.381966 * number) % 1 * 0.8 + 0.1)
        y = view.y + (view.height - view.y) * (0.35 + 0.12 * (number % 4))
        figures.put(
            sheet,
            subject,
            x,
            y,
            150 * (0.8 + 0.15 * (number % 4)),
            palette=look.palette,
            shadow=0.25,
            width_max=view.width * 0.5,
        )


def _weather(sheet: Sheet, view: View, look: Look, brief: Brief, dice: Dice) -> None:
    tone = svg.blend(look.palette.sky[-1][1], "ffffff", 0.5)
    if brief.weather & STORMY or brief.time == "storm":
        weather.ripples(sheet, view.y, tone, dice)
        weather.rain(sheet, tone, dice)
    if "snow" in brief.weather:
        weather.snow(sheet, dice)
