"""A street in a city, seen down its middle: of a city to come, or of one with brick, shops and trees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Grid, Report
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.canvas.svg import Point
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.nature import skies
from cavendish_sketch.scenes.city import houses, people, signs, street, towers, traffic, weather
from cavendish_sketch.scenes.city.layout import Block, Ink, Look, blocks, hidden_behind
from cavendish_sketch.scenes.city.view import View, air_of

SKY_WIDE = 1.3  # the sky is painted wider than the page: its sun is then moved over the street
LOW_SUN = 0.35  # height up to which the sun stands in the street and sends its rays through it
NIGHT_WALLS = ("3a2d78", "1d3f70", "4a2560", "232459", "123a55", "5a2a5c")
DAY_WALLS = ("7d9db8", "b3c4d0", "5f819e", "9fb1bd", "6d8c99", "c4cacd")
BRICKS = ("a4553f", "d9c19b", "b5765a", "e9dcc6", "a39b90", "c98f5a", "8d4a3c", "9db0ba")
PLASTERS = ("f4e2bd", "e8a97c", "e6cfa6", "f0c478", "b9d0c8", "dc8468", "f6ecd2", "a9c4a6", "e7b3a4")
END = 15.0  # z where the street comes out of the houses: beyond, the sun has room
BRIDGES_MAX = 3
Bridge = tuple[float, float]  # z and height
STORMY = frozenset({"rain", "lightning"})
THICK = frozenset({"rain", "snow", "fog", "lightning"})


@dataclass(frozen=True, slots=True)
class City:
    """What kind of city it is.

    Attributes:
        future: Towers in place of houses.
        neon: Signs shine.
        village: Small houses with pitched roofs.
        flying: Cars are in the air.
        wet: How much the street mirrors, 0 to 1.
    """

    future: bool
    neon: bool
    village: bool
    flying: bool
    wet: float


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """The whole picture: sky, street and houses, light, traffic, subjects, weather."""
    palette, city = PALETTES[brief.time], kind_of(brief)
    view = _view(sheet, city, dice)
    sun = _sky(sheet, view, brief, palette, dice)
    report(0.15)
    look = _look(brief, city, palette, view, sun)
    bridges = _built(sheet, view, look, city, dice)
    report(0.5)
    _lit(sheet, view, look, city, brief, sun, dice)
    report(0.65)
    _alive(sheet, view, look, city, bridges, dice)
    people.place(sheet, view, palette, brief, dice, cars=not city.future, flying=city.flying)
    report(0.9)
    _weather(sheet, view, look, brief, dice)
    sheet.film = _film(palette)
    report(1)


def kind_of(brief: Brief) -> City:
    neon = "neon" in brief.traits or brief.time == "neon"
    future = "futuristic" in brief.traits or (neon and "village" not in brief.traits)
    flying = "flying_cars" in brief.traits or any(subject.prop == "flying_car" for subject in brief.subjects)
    return City(
        future,
        neon and "village" not in brief.traits,
        "village" in brief.traits,
        flying,
        _wetness(brief, future=future),
    )


def _wetness(brief: Brief, *, future: bool) -> float:
    """How much the street mirrors: streets of the future always shine a little."""
    dark = PALETTES[brief.time].night > 0.3
    if brief.weather & STORMY or brief.time == "storm":
        return 1.0
    if "snow" in brief.weather:
        return 0.15
    if future:
        return 0.9 if dark else 0.4
    return 0.22 if dark else 0.0


def _view(sheet: Sheet, city: City, dice: Dice) -> View:
    """A tall page looks up, a wide one looks along the cross street as well."""
    tall = sheet.height / sheet.width
    y = sheet.height * min(0.60 + 0.06 * max(tall - 0.6, 0), 0.85)
    x = sheet.width * (0.5 + dice.between(0.02, 0.07) * dice.pick((-1, 1)))
    focal = 900.0 if tall < 1 else 780.0
    if city.future:
        return View(sheet.width, sheet.height, x, y, focal, 0.95, 1.1, 1.4, END)
    return View(sheet.width, sheet.height, x, y, focal, 0.48, 1.0, 1.25 if tall < 1 else 1.5, END)


def _sky(sheet: Sheet, view: View, brief: Brief, palette: Palette, dice: Dice) -> Point | None:
    """A sky whose sun stands over the end of the street."""
    grid = sheet.grid
    wide = Grid.of(int(grid.columns * SKY_WIDE), grid.rows)
    painted = skies.paint(wide, palette, dice, horizon=view.y / view.height, weather=brief.weather, traits=brief.traits)
    x = (painted.sun.x if painted.sun else 0.5) * wide.columns
    columns = np.arange(grid.columns) + int(x - view.x * sheet.scale)
    # What is missing at one end mirrors the sky beside it; there the houses stand.
    columns = (wide.columns - 1) - np.abs((wide.columns - 1) - np.abs(columns))
    sheet.backdrop(painted.planes[:, :, columns])
    return (view.x, painted.sun.y * view.height) if painted.sun else None


def _look(brief: Brief, city: City, palette: Palette, view: View, sun: Point | None) -> Look:
    dark = min(palette.night * 1.6, 1)
    if city.future:
        pairs = zip(DAY_WALLS, NIGHT_WALLS, strict=True)
        walls = tuple(
            svg.blend(svg.blend(day, night, dark), palette.near, 0.05 + 0.2 * palette.night) for day, night in pairs
        )
    else:
        tones = PLASTERS if city.village else BRICKS
        walls = tuple(svg.blend(tone, palette.near, 0.03 + 0.5 * palette.night) for tone in tones)
    thick = bool(brief.weather & THICK) or brief.time == "storm"
    air = air_of(palette, sun, horizon=view.y, thick=thick, short=min(view.width, view.height))
    lit = 0.10 + 0.30 * palette.night if city.future else 0.04 + 0.42 * palette.night
    sunlit = 0.0 if sun is None else 0.9 if palette.height < LOW_SUN else 0.4
    bright = 0 if sun is None or palette.height < LOW_SUN else -1 if sun[0] > view.x else 1
    return Look(palette, air, walls, lit, city.neon, "snow" in brief.weather, sunlit, bright)


def _built(sheet: Sheet, view: View, look: Look, city: City, dice: Dice) -> list[Bridge]:
    ink, bridges = Ink(), []
    street.ground(ink, view, look, *_paving(look, city))
    if not city.future:
        street.shadow(ink, view, look)
    if not city.village:
        _landmarks(ink, view, look, city, dice)
    if city.future:
        bridges = _towers(ink, view, look, dice)
    else:
        _houses(ink, view, look, city, dice)
    body, defs = ink.text()
    sheet.draw(body, defs=defs, glow=0.12 + 0.28 * look.palette.night)
    return bridges


def _paving(look: Look, city: City) -> tuple[str, str]:
    """Colours of the roadway and the pavements."""
    night = look.palette.night
    road, pavement = ("a3917c", "b9ab98") if city.village else ("6a6d74", "b3ada3")
    dark = min(0.25 + night, 0.92) if city.wet < 0.5 else min(0.5 + night * 0.6, 0.92)
    if look.snow:
        road, pavement, dark = "c9d3df", "edf2f8", 0.5 * night
    return svg.blend(road, look.palette.near, dark), svg.blend(pavement, look.palette.near, dark)


def _landmarks(ink: Ink, view: View, look: Look, city: City, dice: Dice) -> None:
    form = towers.NEEDLE if city.future else towers.STEPS
    for number in range(5 if city.future else 3):
        z = 30.0 - 3 * number
        x = (-1, 1)[number % 2] * z * dice.between(0.10, 0.14 + 0.06 * number)
        towers.landmark(
            ink,
            view,
            look,
            (x, z),
            z * dice.between(0.30, 0.55) * (view.rise if city.future else min(view.rise, 1.3)),
            form,
            dice,
        )


def _towers(ink: Ink, view: View, look: Look, dice: Dice) -> list[Bridge]:
    """Towers on both sides; tells where bridges cross the street between them."""
    bridges: list[Bridge] = []
    slots = blocks(view, dice, lambda z, row, dice: _tower_height(view, z, row, dice), deep=1.5, wide=1.35)
    shapes = {block: towers.shape_of(block, dice) for slot in slots for block in slot}
    hidden = hidden_behind(view, slots, lambda block: towers.solid(block, shapes[block]))
    for slot, ink.hidden in zip(slots, hidden, strict=True):
        for block in slot:
            towers.tower(ink, view, look, block, shapes[block], dice)
            if block.row == 0:
                towers.shops(ink, look, block.flank(view), dice)
            _signs(ink, view, look, block, dice)
        z, wanted, lift = slot[0].near - 0.1, dice.between(0, 1) < 0.6, dice.between(0.17, 0.32)
        if wanted and 3.5 < z < 12 and len(bridges) < BRIDGES_MAX:
            bridges.append((z, view.eye + z * lift))
    return bridges


def _signs(ink: Ink, view: View, look: Look, block: Block, dice: Dice) -> None:
    wanted = dice.between(0, 1)
    if not look.neon:
        return
    if block.row:
        signs.screen(ink, look, block.front(view), dice)
        return
    if block.near < 2:
        signs.screen(ink, look, block.front(view), dice)
    if wanted < 0.7:
        signs.screen(ink, look, block.flank(view), dice)
    if wanted > 0.3:
        signs.board(ink, view, look, block, dice)


def _tower_height(view: View, z: float, row: int, dice: Dice) -> float:
    luck = dice.between(0, 1)
    base = 1.0 + 0.9 * dice.between(0, 1) + 1.1 * min(row, 3) + (2.6 if row else 2.0) * luck**3
    return base * (1 + 0.5 * math.exp(-(((z - 10) / 6) ** 2))) * view.rise


def _houses(ink: Ink, view: View, look: Look, city: City, dice: Dice) -> None:
    deep, wide = (0.8, 0.85) if city.village else (1.1, 1.05)
    slots = blocks(view, dice, lambda _, row, dice: _house_height(view, city, row, dice), deep=deep, wide=wide)
    hidden = hidden_behind(view, slots, lambda block: block.height)
    for number, (slot, ink.hidden) in enumerate(zip(slots, hidden, strict=True)):
        for block in slot:
            if block.row > 1 and not city.village and slot[0].near > 2.2:
                towers.box(
                    ink,
                    view,
                    look,
                    block,
                    svg.blend(DAY_WALLS[block.row % 6], look.palette.near, 0.3 + 0.5 * look.palette.night),
                    dice,
                )
            else:
                houses.house(ink, view, look, block, dice, pitched=city.village or dice.between(0, 1) < 0.3)
        z = slot[0].near
        if z < 18:
            for side in (-1, 1):
                houses.tree(ink, view, look, side, z + deep * 0.75, dice)
                houses.lamp(ink, view, look, side, z + deep * 0.2)
        if number % 3 == 1 and 2.2 < z < 12:
            houses.garland(ink, view, look, z, dice)


def _house_height(view: View, city: City, row: int, dice: Dice) -> float:
    if city.village:
        return (0.34 + 0.30 * dice.whole(1, 2)) * min(view.rise, 2)
    return houses.SHOP + houses.FLOOR * dice.whole(2, 5) + (0.8 * row if row > 1 else 0) * dice.between(0.6, 1.4)


def _lit(sheet: Sheet, view: View, look: Look, city: City, brief: Brief, sun: Point | None, dice: Dice) -> None:
    """Rays of a low sun, haze along the street, and what the wet ground mirrors."""
    low = look.palette.height < LOW_SUN and look.palette.night < 0.9
    amounts = [street.haze(sheet, view, 0.16 if low else 0.12)]
    if sun is not None and low:
        amounts.append(street.rays(sheet, sun, 0.36))
    street.shine(sheet, look.palette, *amounts)
    if "fog" in brief.weather:
        weather.fog(sheet, view.y, svg.blend(look.palette.far, look.palette.lit, 0.3), 0.58, dice)
    if city.wet:
        street.mirror(sheet, view, dice, wet=city.wet, tint=look.palette.water)


def _alive(sheet: Sheet, view: View, look: Look, city: City, bridges: list[Bridge], dice: Dice) -> None:
    """Bridges, marks on the road, lights in the air: all that a mirror turned over wall by wall would bend."""
    ink = Ink()
    for z, height in bridges:
        signs.bridge(ink, view, look, z, height, dice)
    street.marks(ink, view, look, glowing=city.neon)
    if not city.future:
        street.crossing(ink, view, look)
    else:
        traffic.street_cars(ink, view, look, dice)
    if city.future and city.neon:
        x = view.x + dice.pick((-0.17, 0.17)) * min(view.width, 1600)
        signs.hologram(ink, x, view.y * dice.between(0.34, 0.46), 270, dice)
    if city.flying:
        traffic.lanes(ink, view, look, dice)
        for number, flight in enumerate(traffic.flights(view, look, dice, len(traffic.FLIGHTS))):
            traffic.fly(ink, flight, look, number)
    body, defs = ink.text()
    sheet.draw(body, defs=defs, glow=0.2 + 0.6 * look.palette.night)


def _weather(sheet: Sheet, view: View, look: Look, brief: Brief, dice: Dice) -> None:
    tone = svg.blend(look.palette.sky[-1][1], "ffffff", 0.5)
    if brief.weather & STORMY or brief.time == "storm":
        weather.ripples(sheet, view.y, tone, dice)
        weather.rain(sheet, tone, dice)
    if "snow" in brief.weather:
        weather.snow(sheet, dice)


def _film(palette: Palette) -> Film:
    return Film(bloom=0.22 + 0.16 * palette.night, vignette=0.20 + 0.14 * palette.night, contrast=1.12)
