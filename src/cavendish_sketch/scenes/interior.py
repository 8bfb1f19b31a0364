"""A cosy room seen straight on: wall, floor boards, a window with the sky of the hour, a sofa, books and a lamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Planes, Report, bell, ease
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Subject, Time
from cavendish_sketch.scenes import furniture, indoor
from cavendish_sketch.scenes.indoor import Actor, codes, darker, lighter
from cavendish_sketch.scenes.solids import Set

FILM = Film(bloom=0.24, vignette=0.28, grain=0.7, contrast=1.04)
NIGHT = 0.5  # of a palette, from which the lamp is lit
PRINTS_MAX = 14
CLOUDED: tuple[Time, ...] = ("overcast", "storm")
BOARD = 118.0  # points, at the foot of the wall

# Furniture that the room has already: a brief that names it gets no second one.
OWN = codes("1f6cb 1fa9f 1f4a1 1f5bc")
NOT_BROUGHT = OWN | codes("1f6aa")  # nor does a door stand on the rug
SOFA = "1f6cb"
PLANTS = codes("1fab4 1f331 1f335")
FURNITURE = codes("1fa91 1f4ba 1f6cf 1f6c1 1f6bd 1f6bf 1fa9e 1f4fa 1f6d2")  # stands on the floor, and is large


@dataclass(frozen=True, slots=True)
class Style:
    """The colours of a room by day; the night takes them down."""

    wall: str
    floor: str
    sofa: str
    accent: str
    second: str


STYLES = (
    Style("dfe5da", "c79a68", "4f8a86", "e0a441", "d9735a"),
    Style("efd9c7", "b98050", "3f6f92", "e8b04a", "c2573f"),
    Style("d9dfe8", "a97c54", "c9785a", "f0c25a", "5f8fb0"),
    Style("e9dcc3", "8f6040", "7a8f5a", "d98a4a", "b8503f"),
    Style("ddd3e4", "b88a62", "8a6aa8", "f0b45a", "5f9a8a"),
)


@dataclass(frozen=True, slots=True)
class Room:
    """Where things are, in points.

    Attributes:
        floor: The foot of the wall.
        middle: The middle of the composition.
        window: Left, top, width and height.
        dark: The lamp is lit.
        lamp: Where its light comes from.
    """

    sheet: Sheet
    style: Style
    palette: Palette
    floor: float
    middle: float
    window: tuple[float, float, float, float]
    dark: bool
    lamp: tuple[float, float]
    wide: bool

    def dim(self, colour: str) -> str:
        """A colour as the hour's light shows it."""
        factors = [0.45 + 0.55 * part for part in self.palette.ambient]
        if self.dark:
            # Lamplight: warm, with a little of the night in it.
            factors = [warm * (0.8 + 0.2 * part) for warm, part in zip((0.70, 0.60, 0.57), factors, strict=True)]
        parts = zip(svg.channels(colour), factors, strict=True)
        return "".join(f"{min(round(part * factor), 255):02x}" for part, factor in parts)


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    sheet.film = FILM
    actors = indoor.cast([subject for subject in brief.subjects if subject.drawing not in NOT_BROUGHT])
    room = _room(sheet, brief, dice)
    sheet.backdrop(_shell(room, dice))
    report(0.35)
    _wall(room, dice)
    _lamp(room)
    report(0.55)
    _furnish(room, dice, next((subject for subject in brief.subjects if subject.drawing == SOFA), None))
    report(0.75)
    _seat(room, actors, dice)
    _lamplight(room)
    report(1)


def _room(sheet: Sheet, brief: Brief, dice: Dice) -> Room:
    palette, style = indoor.palette_of(brief), dice.pick(STYLES)
    if brief.colours:
        style = Style(
            lighter(brief.colours[0], 0.35),
            style.floor,
            brief.colours[-1] if len(brief.colours) > 1 else style.sofa,
            style.accent,
            style.second,
        )
    height, middle = sheet.height, sheet.width / 2
    wide = sheet.width > 1250
    floor = height * 0.5 + 190 if height < 1300 else height * 0.68
    high = min(max(floor - 330, 300), 760 + max(height - 1300, 0) * 0.25)
    across = min(max(sheet.width * 0.24, 300), 460)
    x = middle + 150 if wide else middle - across / 2 + 120
    window = (x, max(floor - 190 - high, 70.0), across, high)
    return Room(
        sheet,
        style,
        palette,
        floor,
        middle,
        window,
        palette.night > NIGHT,
        (middle - (430 if wide else 330), floor - 390),
        wide,
    )


def _shell(room: Room, dice: Dice) -> Planes:
    """Wall, sky in the window, floor boards in perspective, and the light over all of it."""
    sheet = room.sheet
    x, y = indoor.places(sheet)
    wall = room.style.wall
    tall = np.broadcast_to(y, (sheet.grid.rows, sheet.grid.columns))
    planes = indoor.graded(tall, ((room.floor - 800, darker(wall, 0.16)), (room.floor, lighter(wall, 0.10))))
    first = min(max(int(room.floor * sheet.scale), 1), sheet.grid.rows - 1)
    planes[:, first:] = _boards(room, x, y[first:], dice)
    _light(room, planes, x, y)
    _sky(room, planes, dice)
    _shadows(room, planes)
    return planes


def _boards(room: Room, x: Planes, y: Planes, dice: Dice) -> Planes:
    vanishing = room.floor - 420
    deep = (room.floor - vanishing) / (y - vanishing)
    across = (x - room.middle) * deep
    place = across / np.float32(BOARD) + np.float32(40.5)
    board = np.floor(place).astype(np.int32)
    inside = np.abs(place - board - np.float32(0.5))
    shades = dice.uniforms(256) * np.float32(0.16) + np.float32(0.92)
    ends = (deep * np.float32(2.6) + dice.uniforms(256)[board % 256] * np.float32(1.0)) % np.float32(1.0)
    tone = shades[(board + np.floor(deep * np.float32(2.6)).astype(np.int32) * 7) % 256]
    tone = tone * (1 - ease(0.475, 0.497, inside) * np.float32(0.34)) * (1 - ease(0.988, 0.998, ends) * np.float32(0.3))
    grain = room.sheet.grid.part((slice(room.sheet.grid.rows - y.shape[0], None), slice(None)))
    tone = tone * (1 + grain.clouds(dice, 0.05, 2, wide=2.0, tall=0.5) * np.float32(0.018))
    planes: Planes = indoor.vector(room.style.floor) * tone
    return planes


def _light(room: Room, planes: Planes, x: Planes, y: Planes) -> None:
    """By day the light comes from the window and lies on the floor; at night from the lamp."""
    ambient = np.array(room.palette.ambient, np.float32).reshape(3, 1, 1)
    if room.dark:
        lamp_x, lamp_y = room.lamp
        away = np.sqrt(((x - lamp_x) / 620) ** 2 + ((y - lamp_y) / 560) ** 2).astype(np.float32)
        warm = np.array((1.12, 0.92, 0.66), np.float32).reshape(3, 1, 1) * bell(away, 1.0)
        cosy = np.array((0.50, 0.44, 0.46), np.float32).reshape(3, 1, 1) * (ambient * np.float32(0.6) + np.float32(0.4))
        planes *= cosy + warm * np.float32(0.72)
        return
    left, top, wide, high = room.window
    away = np.sqrt(((x - left - wide / 2) / 1000) ** 2 + ((y - top - high / 2) / 800) ** 2).astype(np.float32)
    planes *= (np.float32(0.50) + np.float32(0.5) * ambient) * (np.float32(0.80) + np.float32(0.27) * bell(away, 1.0))
    # Two panes of light on the floor, slanting to the left.
    slant = x - (left - (y - room.floor) * np.float32(1.1))
    stretch = np.float32(1) + (y - room.floor) * np.float32(0.0014)
    place = (slant / (np.float32(wide) * stretch)).astype(np.float32)
    panes = ease(0.0, 0.03, place) * ease(1.0, 0.97, place) * ease(0.015, 0.04, np.abs(place - np.float32(0.5)))
    on_floor = ease(room.floor + 40, room.floor + 60, y) * ease(room.floor + 320, room.floor + 290, y)
    planes += planes * (panes * on_floor) * indoor.vector(room.palette.lit) * np.float32(0.42)


def _sky(room: Room, planes: Planes, dice: Dice) -> None:
    """What is seen through the window: the hour's sky with sun or moon, and hills, or a town's lights at night."""
    sheet = room.sheet
    left, top, wide, high = room.window
    rows = slice(max(int(top * sheet.scale), 0), int((top + high) * sheet.scale))
    columns = slice(max(int(left * sheet.scale), 0), int((left + wide) * sheet.scale))
    view = planes[:, rows, columns]
    if not view.size:
        return
    down = np.linspace(0, 1, view.shape[1], dtype=np.float32)[:, None]
    view[:] = indoor.graded(np.broadcast_to(down, view.shape[1:]), room.palette.sky)
    grid = sheet.grid.part((rows, columns))
    clouds = ease(0.2, 1.6, grid.clouds(dice, 0.07, 3, wide=2.2)) * np.float32(0.5 if not room.dark else 0.15)
    view += (indoor.vector(room.palette.lit) - view) * clouds


def _shadows(room: Room, planes: Planes) -> None:
    sheet, floor = room.sheet, room.floor
    x, y = indoor.places(sheet)
    corner = bell(np.abs(y - np.float32(floor)), 30.0) * np.float32(0.16)
    planes *= 1 - corner
    middle = room.middle - (120 if room.wide else 0)
    indoor.pool(planes, sheet, middle + 30, floor + 84, 400, 60, "140a08", 0.55, hard=1.2)
    if sheet.height > 1300:
        planes *= 1 - ease(floor - 900, 0, y) * np.float32(0.10)


def _wall(room: Room, dice: Dice) -> None:
    """Everything flat: view, window, curtains, pictures, shelf, skirting board and rug."""
    sheet, style, set_ = room.sheet, room.style, Set()
    _view(room, set_, dice)
    x, top, wide, high = room.window
    furniture.window(set_, x, top, wide, high, room.dim("f6f0e6"))
    furniture.curtains(set_, x, top, wide, room.floor - 24, room.dim(style.second))
    board = room.dim(lighter(style.wall, 0.45))
    set_.add(
        svg.rectangle(
            0, room.floor - 22, sheet.width, 22, set_.gradient(((0, lighter(board, 0.3)), (1, darker(board, 0.12))))
        )
    )
    _shelves(room, set_, dice)
    _pictures(room, set_, dice)
    rug_y = room.floor + 176
    furniture.rug(
        set_, room.middle - 60, rug_y, min(sheet.width * 0.46, 600), 92, room.dim(style.second), room.dim("f2e3c4")
    )
    set_.add(furniture.lamp_stand(room.lamp[0], room.floor + 62, room.lamp[1] + 60))
    sheet.draw(set_.body, defs=set_.definitions)


def _view(room: Room, set_: Set, dice: Dice) -> None:
    """Sun or moon, and the land outside."""
    x, top, wide, high = room.window
    palette = room.palette
    foot, sun_x = top + high, x + wide * dice.pick((0.24, 0.74))
    if room.palette not in (PALETTES[time] for time in CLOUDED):
        set_.add(svg.circle(sun_x, top + high * (0.85 - min(palette.height + 0.1, 0.62)), 34, palette.sun, 0.95))
    if room.dark:
        place = x
        while place < x + wide - 30:
            across, tall = min(dice.between(34, 70), x + wide - place), high * dice.between(0.12, 0.42)
            set_.add(svg.rectangle(place, foot - tall, across, tall, darker(palette.far, 0.5)))
            for number in range(int(tall // 26) * 2):
                if dice.whole(0, 2):
                    spot = place + 9 + (number % 2) * across * 0.45, foot - tall + 10 + (number // 2) * 26
                    set_.add(svg.rectangle(*spot, 9, 12, "ffd98a", 0.9))
            place += across + 4
        return
    for level, tone in ((0.30, palette.far), (0.18, palette.ground), (0.09, darker(palette.ground, 0.3))):
        rise, bend = high * level, high * 0.12 * dice.between(0.4, 1)
        line = f"M{x:.1f},{foot:.1f} v{-rise:.1f} q{wide * 0.25:.1f},{-bend:.1f} {wide * 0.5:.1f},0 "
        set_.add(svg.path(f"{line}t{wide * 0.5:.1f},0 V{foot:.1f}Z", tone))


def _shelves(room: Room, set_: Set, dice: Dice) -> None:
    """A bookcase at the left end of the wall, and more of them along a very long one."""
    wood, high = room.dim("9a6a42"), min(640.0, room.floor - 60)
    half = room.sheet.width / 2
    lefts = [room.middle - min(half - 50, 880)] if room.sheet.width > 1500 else []
    lefts += [
        room.middle + side * (1150 + number * 900) - 140
        for side in (-1, 1)
        for number in range(int(max(half - 1250, 0) // 900) + (half > 1350))
    ]
    for left in lefts:
        furniture.bookshelf(set_, left, room.floor - high + 16, 280, high, wood, dice)


def _pictures(room: Room, set_: Set, dice: Dice) -> None:
    """Two prints over the sofa, a column of them in a narrow room, and more along a very long wall."""
    style = room.style
    groups = (
        (style.sofa, style.accent, style.second),
        ("e8d3b0", style.second, style.sofa),
        ("dfe6e2", "f0c25a", "5f8a5a"),
    )
    tones = [(room.dim(sky), room.dim(sun), room.dim(land)) for sky, sun, land in groups]
    if room.wide:
        spots = [(room.middle - 330 + 222 * number, max(room.floor - 610, 60) + 12 * number) for number in range(2)]
    else:
        count = 1 + int(max(room.floor - 1000, 0) // 330)
        spots = [
            (room.middle - 420, max(room.floor - 650 - 330 * number, 40)) for number in range(min(count, PRINTS_MAX))
        ]
    for number, (x, y) in enumerate(spots):
        size = 150 + 34 * (number % 2)
        furniture.picture(set_, x, y, size, size * 1.22, tones[number % 3], (number + dice.whole(0, 2)) % 3)
    for number in range(int(max(room.sheet.width / 2 - 1450, 0) // 900) + (room.sheet.width > 2900)):
        for side in (-1, 1):
            x = room.middle + side * (1150 + 450 + number * 900)
            furniture.picture(set_, x - 110, room.floor - 600, 220, 270, tones[number % 3], number % 3)


def _lamp(room: Room) -> None:
    set_ = Set()
    x, y = room.lamp
    body = furniture.lamp_shade(set_, x, y - 52, lit=room.dark)
    room.sheet.draw(body, defs=set_.definitions, glow=0.4 if room.dark else 0.0)
    if room.dark:
        room.sheet.light(x, y + 20, 190, "ffb45a", 0.5)


def _figure_light(room: Room) -> Light:
    if not room.dark:
        return indoor.room_light(room.palette, share=0.6)
    return Light(direction=(-0.5, -0.6), ambient=(0.84, 0.72, 0.64), rim="ffc47a")


def _furnish(room: Room, dice: Dice, asked: Subject | None) -> None:
    """The sofa, in the colour and of what was asked, and plants at the ends of the room."""
    style, light, floor = room.style, _figure_light(room), room.floor
    middle = room.middle - (120 if room.wide else 0)
    colour, material = (asked.colour, asked.material) if asked else (None, None)
    sofa = furniture.sofa(colour or style.sofa, (style.accent, style.second))
    width = min(760.0, room.sheet.width * 0.80)
    high = width * 270 / 620
    figures.put(room.sheet, sofa, middle, floor + 92, high, light=light, shadow=0.3, material=material)
    plant = furniture.plant("d9825a" if style.sofa != "c9785a" else "5f8fa0", dice)
    right = min(room.middle + (700 if room.wide else 420), room.sheet.width - 90)
    figures.put(room.sheet, plant, right, floor + 90, 430 if room.wide else 330, light=light)
    for number in range(int(max(room.sheet.width / 2 - 1300, 0) // 900) + (room.sheet.width > 2600)):
        for side in (-1, 1):
            chair = furniture.armchair(dice.pick((style.accent, style.second, style.sofa)))
            figures.put(room.sheet, chair, room.middle + side * (1600 + number * 900), floor + 96, 300, light=light)


def _seat(room: Room, actors: Sequence[Actor], dice: Dice) -> None:
    """Living things take the sofa, then the rug; food and small things a low table; large things the floor."""
    light, floor = _figure_light(room), room.floor
    middle = room.middle - (120 if room.wide else 0)
    alive = [actor for actor in actors if actor.subject.kind in ("animal", "person", "sea")]
    things = [actor for actor in actors if actor not in alive and actor.subject.drawing not in PLANTS]
    width = min(760.0, room.sheet.width * 0.80)
    seats = [(0.0, 250.0)] if len(alive) == 1 else [(-0.17, 225.0), (0.17, 225.0), (0.0, 215.0)]
    for actor, (share, size) in zip(alive[:3], seats, strict=False):
        size *= 1.25 if actor.subject.kind == "person" else 1.0
        high = min(size, size * 1.15 / actor.wide)
        actor.put(
            room.sheet, middle + share * width + (20 if len(alive) == 1 else 0), floor - 4, high, light, shadow=0.5
        )
    _on_rug(room, alive[3:], light, middle)
    _on_table(room, things, light, dice)
    for number, actor in enumerate([actor for actor in actors if actor.subject.drawing in PLANTS][:4]):
        x = room.window[0] + room.window[2] * (0.25 + 0.25 * number)
        actor.put(room.sheet, x, room.window[1] + room.window[3] + 18, 120, light, shadow=0.3)


def _on_rug(room: Room, actors: Sequence[Actor], light: Light, middle: float) -> None:
    step = min(room.sheet.width * 0.9 / max(len(actors), 1), 230)
    for number, actor in enumerate(actors):
        high = min(190.0, step * 0.95 / actor.wide)
        x = middle + step * (number - (len(actors) - 1) / 2)
        actor.put(room.sheet, x, room.floor + 236 + 14 * (number % 2), high, light, shadow=0.5)


def _on_table(room: Room, actors: Sequence[Actor], light: Light, dice: Dice) -> None:
    """Up to three small things stand on a low table; what is left stands on the rug."""
    large = [actor for actor in actors if _stands_on_floor(actor)]
    small = [actor for actor in actors if actor not in large]
    x, foot = min(room.middle + 330, room.sheet.width - 190), room.floor + 262
    if small:
        figures.put(room.sheet, furniture.table("a8744a"), x, foot, 138, light=light, shadow=0.5)
        step = 270 / min(len(small), 3)
        for number, actor in enumerate(small[:3]):
            high = min(190.0 if len(small) == 1 else 140.0, step * 0.92 / actor.wide)
            actor.put(
                room.sheet, x + step * (number - (min(len(small), 3) - 1) / 2), foot - 106, high, light, shadow=0.4
            )
    rest = [*large, *small[3:]]
    step = min(room.sheet.width * 0.55 / max(len(rest), 1), 340)
    for number, actor in enumerate(rest):
        is_tall = actor.subject.drawing in FURNITURE or actor.subject.guests
        high = min(320.0 if is_tall else 210.0, min(step, 340 if is_tall else 260) * 0.95 / actor.wide)
        actor.put(
            room.sheet, max(room.middle - 420, 130) + step * number, foot + 16 * (number % 2), high, light, shadow=0.5
        )


def _stands_on_floor(actor: Actor) -> bool:
    """Furniture and what is larger, and what somebody sits in or on."""
    subject = actor.subject
    is_seat = any(guest.kind in ("animal", "person") for guest in subject.guests)
    return subject.kind in ("vehicle", "building") or subject.drawing in FURNITURE or is_seat


def _lamplight(room: Room) -> None:
    """Warm haze from the lamp over what stands near it."""
    if not room.dark:
        return
    x, y = indoor.places(room.sheet)
    away = np.sqrt(((x - room.lamp[0]) / 420) ** 2 + ((y - room.lamp[1]) / 380) ** 2).astype(np.float32)
    amount = bell(away, 0.8) * np.float32(0.20)
    amount[amount < 0.01] = 0
    room.sheet.soft(amount, "ffc47a")
