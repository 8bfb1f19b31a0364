"""A face or a thing close up, before a painted background out of focus.

An animal shows its face, on shoulders of its own colour; whatever has no face stands before the lens as a whole. A
person is a doll, cut off at the chest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Plane, Planes, Report
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Weather
from cavendish_sketch.props import people
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes import indoor
from cavendish_sketch.scenes.indoor import Actor, codes, darker, lighter

FILM = Film(bloom=0.26, vignette=0.34, grain=0.8, contrast=1.04)
DISCS = 52
FRONT = 16  # leaves, petals or flakes before the lens
BEFORE_LENS: tuple[Weather, ...] = ("snow", "petals", "leaves", "rain")  # the first of these that is named
GROUP_MAX = 5  # more would be a crowd, not a portrait

# A face in the art for an animal that has one only in full figure.
FACES = {
    "1f408": "1f431",
    "1f415": "1f436",
    "1f405": "1f42f",
    "1f40e": "1f434",
    "1f404": "1f42e",
    "1f402": "1f42e",
    "1f416": "1f437",
    "1f407": "1f430",
    "1f401": "1f42d",
    "1f412": "1f435",
    "1f409": "1f432",
}
COATS = {
    "1f43c": "2e2e33",
    "1f43a": "8d93a3",
    "1f42e": "efe9e2",
    "1f436": "f1e2c8",
    "1f981": "d99a3a",
}  # of a body, where a face misleads
HEADS = codes(
    "1f98a 1f431 1f436 1f43b 1f43b-200d-2744 1f43c 1f428 1f42f 1f981 1f42e 1f437 1f438 1f435 1f430 1f42d "
    "1f439 1f434 1f984 1f43a 1f99d 1f432"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A place out of focus.

    Attributes:
        tones: From the top of the picture to the bottom.
        discs: Colours of the lights.
        shapes: What stands there, a key of `SHAPES`.
        shade: Colour of these shapes.
        front: What is before the lens: `leaves`, `snow`, `petals`, `drops` or None.
        sky: Share of the sky's own colours in the upper tones.
    """

    tones: tuple[str, str, str, str]
    discs: tuple[str, ...]
    shapes: str
    shade: str
    front: str | None
    sky: float = 0.3


SETTINGS: dict[str, Setting] = {
    "forest": Setting(
        ("3f5f2e", "7d9440", "c29a3f", "4a4a22"), ("ffe9a0", "d8e27a", "f6c25a", "9fc05a"), "trunks", "2c3a20", "leaves"
    ),
    "autumn": Setting(
        ("6b3f24", "b9702c", "dd9a3c", "5a3018"), ("ffd37a", "ff9d4a", "f7c45a", "e0703a"), "trunks", "40261a", "leaves"
    ),
    "snow": Setting(
        ("7f9fc4", "b3cbe4", "e4eef6", "cfdcea"), ("ffffff", "e2f0ff", "cfe2fa"), "pines", "5f7f9c", "snow", 0.4
    ),
    "city": Setting(
        ("26305a", "4a3f74", "8a5a78", "2c2440"),
        ("ffc46a", "ff7a6a", "6ad0ff", "ffe7b0", "c58aff"),
        "towers",
        "1c2040",
        None,
        0.5,
    ),
    "sea": Setting(
        ("7fc0e4", "a9d8ec", "4f9fc0", "e6d3a4"), ("ffffff", "fff3c8", "bfeaf6"), "waves", "3f8fb4", None, 0.6
    ),
    "meadow": Setting(
        ("9ccbe6", "cfe3b8", "8fbb57", "55853a"),
        ("fff6c0", "ffd0de", "ffffff", "e8f2a0"),
        "hills",
        "6f9f4c",
        "petals",
        0.5,
    ),
    "mountains": Setting(
        ("86b2dc", "b8cfe0", "8fa58a", "5a7450"), ("ffffff", "e8f2ff", "fff0c0"), "ridges", "6c86a8", None, 0.5
    ),
    "desert": Setting(
        ("8fc0dc", "f0d2a0", "dba468", "b07a44"), ("fff0c8", "ffdca0", "ffffff"), "hills", "c88f58", None, 0.5
    ),
}
GROUNDS = {
    "alps": "mountains",
    "beach": "sea",
    "canyon": "desert",
    "dunes": "desert",
    "islands": "sea",
    "meadow": "meadow",
    "sea": "sea",
    "snow": "snow",
}
TRAITS = {
    "forest": "forest",
    "lake": "sea",
    "waves": "sea",
    "mountains": "mountains",
    "futuristic": "city",
    "neon": "city",
    "flying_cars": "city",
    "village": "city",
}


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    palette = indoor.palette_of(brief)
    actors = indoor.cast(brief.subjects)[:GROUP_MAX]
    setting = _setting(brief, actors, dice)
    sheet.film = FILM
    sheet.backdrop(_background(sheet, setting, palette, dice))
    report(0.4)
    light = indoor.room_light(palette, share=0.7)
    aside = min(max(sheet.width - 1500, 0) * 0.16, 420) * dice.pick((-1, 0, 1))
    for number, actor in reversed(list(enumerate(actors))):
        x, size = _place(sheet, number, len(actors))
        _sit(sheet, actor, x + aside, size, light, dice, scarf=setting is SETTINGS["snow"])
    report(0.8)
    _before_lens(
        sheet, brief, setting, dice, dim=0.45 * palette.night, spread=(0.0, 300.0, 600.0, 680.0)[min(len(actors), 3)]
    )
    report(1)


def named_setting(brief: Brief) -> str | None:
    """The place that the words name, a key of `SETTINGS`."""
    if "snow" in brief.weather:
        return "snow"
    named = [TRAITS[trait] for trait in sorted(brief.traits) if trait in TRAITS]
    return named[0] if named else GROUNDS.get(brief.ground)


def is_painted(brief: Brief) -> bool:
    """Before a painter's canvas: nothing else is told by a place, the hour or the first figure."""
    at_home = brief.subjects and brief.subjects[0].kind in ("animal", "plant", "sea") and not brief.colours
    return named_setting(brief) is None and brief.time not in ("neon", "night") and not at_home


def _setting(brief: Brief, actors: list[Actor], dice: Dice) -> Setting:
    named = named_setting(brief)
    if is_painted(brief):
        return _painted(brief, actors, dice)
    if named is not None:
        name = named
    elif brief.time in ("neon", "night"):
        name = "city"
    else:
        name = "sea" if brief.subjects[0].kind == "sea" else dice.pick(("forest", "meadow"))
    if name == "forest" and ("leaves" in brief.weather or brief.time in ("golden", "sunset")):
        name = "autumn"
    return SETTINGS[name]


def _painted(brief: Brief, actors: list[Actor], dice: Dice) -> Setting:
    """A painter's canvas: soft tones opposite to the subject, or those that were asked for."""
    own = actors[0].tone if actors else "c07a4a"
    hue, saturation, _ = indoor.hsl(own)
    colour = brief.colours[0] if brief.colours else indoor.of_hsl(hue + dice.pick((0.42, 0.5, 0.58)), 0.36, 0.46)
    living = bool(actors) and actors[0].subject.kind == "person"
    if (saturation < indoor.GREY or living) and not brief.colours:
        colour = dice.pick(("4a6f8a", "8a5a4a", "5a7a5f", "7a5a86"))
    tones = darker(colour, 0.55), colour, lighter(colour, 0.22), darker(colour, 0.62)
    discs = lighter(colour, 0.5), lighter(colour, 0.3), lighter(own, 0.45), "fff2d6"
    return Setting(tones, discs, "none", colour, None, 0.12)


def _background(sheet: Sheet, setting: Setting, palette: Palette, dice: Dice) -> Planes:
    x, y = indoor.places(sheet)
    down = np.broadcast_to(y / np.float32(sheet.height), (sheet.grid.rows, sheet.grid.columns))
    down = down + sheet.grid.clouds(dice, 0.5, 2) * np.float32(0.05)
    sky = [palette.sky[round(step * (len(palette.sky) - 1))][1] for step in (0.15, 0.6, 0.95)]
    top, upper, lower, bottom = setting.tones
    share = setting.sky + 0.25 * palette.night
    stops = (
        (0.0, svg.blend(top, sky[0], share)),
        (0.34, svg.blend(upper, sky[1], share)),
        (0.62, svg.blend(lower, sky[2], share * 0.6)),
        (1.0, bottom),
    )
    planes = indoor.graded(down, stops)
    _shapes(sheet, planes, setting, palette, dice)
    _strokes(sheet, planes, dice)
    # The light of the hour, and the glow of sun or lamps behind the head.
    planes *= np.array(palette.ambient, np.float32).reshape(3, 1, 1) * np.float32(1 - 0.34 * palette.night)
    indoor.pool(planes, sheet, sheet.width * dice.between(0.3, 0.7), sheet.height * 0.36, 620, 460, palette.lit, 0.34)
    _discs(sheet, planes, setting, palette, dice)
    return planes


def _strokes(sheet: Sheet, planes: Planes, dice: Dice) -> None:
    """Broad soft dabs of light and shade, as a painter breaks a plain background up."""
    for size, strength in ((0.30, 0.05), (0.11, 0.028)):
        planes *= 1 + sheet.grid.clouds(dice, size, 1, wide=1.3) * np.float32(strength)


def _shapes(sheet: Sheet, planes: Planes, setting: Setting, palette: Palette, dice: Dice) -> None:
    body = (
        SHAPES[setting.shapes](sheet, dice, svg.blend(setting.shade, palette.far, 0.2))
        if setting.shapes in SHAPES
        else ""
    )
    if body:
        indoor.laid(planes, indoor.silhouette(sheet, body, shrink=8, blur=17), 0.8)


def _trunks(sheet: Sheet, dice: Dice, shade: str) -> str:
    body = ""
    for number in range(round(sheet.width / 150) + 2):
        x, thick = number * 150 + dice.between(-60, 60), dice.between(18, 74)
        lean = dice.between(-30, 30)
        corners = (
            (x, -20),
            (x + thick, -20),
            (x + thick * 1.25 + lean, sheet.height),
            (x - thick * 0.2 + lean, sheet.height),
        )
        body += svg.polygon(corners, lighter(shade, dice.between(0, 0.3)), 0.75)
    return body


def _pines(sheet: Sheet, dice: Dice, shade: str) -> str:
    body, foot = "", sheet.height * 0.74
    for number in range(round(sheet.width / 105) + 2):
        x, high = number * 105 + dice.between(-50, 50), dice.between(330, 760)
        tone = lighter(shade, dice.between(0.1, 0.6))
        for tier in range(3):
            top, wide = foot - high + tier * high * 0.24, high * (0.12 + 0.07 * tier)
            body += svg.polygon(((x, top), (x + wide, top + high * 0.46), (x - wide, top + high * 0.46)), tone)
    return body + svg.rectangle(0, foot - 60, sheet.width, sheet.height, "eef4fa", 0.9)


def _towers(sheet: Sheet, dice: Dice, shade: str) -> str:
    body, x, foot = "", -40.0, sheet.height * 0.8
    while x < sheet.width:
        wide, high = dice.between(90, 210), dice.between(260, 720)
        body += svg.rectangle(x, foot - high, wide, high + sheet.height, lighter(shade, dice.between(0, 0.22)))
        x += wide + dice.between(0, 60)
    return body


def _waves(sheet: Sheet, dice: Dice, shade: str) -> str:
    level, shore = sheet.height * 0.46, sheet.height * 0.78
    body = svg.rectangle(0, level, sheet.width, shore - level, shade, 0.9)
    for number in range(9):
        y = level + (shore - level) * (number + 0.5) / 9
        body += svg.ellipse(dice.between(0, sheet.width), y, dice.between(160, 420), 4 + number * 1.4, "ffffff", 0.5)
    return body


def _hills(sheet: Sheet, dice: Dice, shade: str) -> str:
    body = ""
    for number in range(4):
        y, tone = sheet.height * (0.52 + 0.13 * number), darker(lighter(shade, 0.35), 0.14 * number)
        for x in range(-200, round(sheet.width) + 500, 620):
            body += svg.ellipse(x + dice.between(-150, 150), y + 260, 520, 300, tone)
    return body


def _ridges(sheet: Sheet, dice: Dice, shade: str) -> str:
    body, foot = "", sheet.height * 0.72
    for number in range(round(sheet.width / 300) + 2):
        x, high = number * 300 + dice.between(-90, 90), dice.between(300, 560)
        tone = lighter(shade, dice.between(0.1, 0.4))
        body += svg.polygon(((x, foot - high), (x + high * 0.8, foot + 60), (x - high * 0.8, foot + 60)), tone)
        body += svg.polygon(
            ((x, foot - high), (x + high * 0.2, foot - high * 0.72), (x - high * 0.2, foot - high * 0.72)), "f4f8fc"
        )
    return body + _hills(sheet, dice, "6f8a58")


SHAPES = {
    "trunks": _trunks,
    "pines": _pines,
    "towers": _towers,
    "waves": _waves,
    "hills": _hills,
    "ridges": _ridges,
}


def _discs(sheet: Sheet, planes: Planes, setting: Setting, palette: Palette, dice: Dice) -> None:
    """Lights out of focus: most of them small, in the upper part; at night they are lamps."""
    count = DISCS + round(10 * (max(sheet.width, sheet.height) / 1000 - 1))
    for number in range(count):
        near = (number / count) ** 2.2
        x, y = dice.between(-0.03, 1.03) * sheet.width, abs(dice.normal()) * 0.30 * sheet.height + 30
        radius = 12 + 84 * near * dice.between(0.5, 1)
        strength = (0.13 + 0.17 * palette.night) * (1.15 - near) * dice.between(0.4, 1.4)
        _disc(sheet, planes, x, y, radius, dice.pick(setting.discs), strength)


def _disc(sheet: Sheet, planes: Planes, x: float, y: float, radius: float, colour: str, strength: float) -> None:
    scale = sheet.scale
    rows = slice(max(int((y - radius - 4) * scale), 0), max(int((y + radius + 5) * scale), 0))
    columns = slice(max(int((x - radius - 4) * scale), 0), max(int((x + radius + 5) * scale), 0))
    view = planes[:, rows, columns]
    if not view.size:
        return
    down = ((np.arange(view.shape[1], dtype=np.float32) + rows.start + 0.5) / scale - y)[:, None]
    across = ((np.arange(view.shape[2], dtype=np.float32) + columns.start + 0.5) / scale - x)[None]
    away: Plane = np.sqrt(down * down + across * across).astype(np.float32)
    # A lens gathers a little more light towards the rim of a disc.
    amount = np.clip((radius - away) * np.float32(0.22) + 0.5, 0, 1) * (0.78 + 0.34 * (away / radius) ** 3)
    view += (indoor.vector(colour) - view) * (amount * np.float32(strength)).astype(np.float32)


def _place(sheet: Sheet, number: int, count: int) -> tuple[float, float]:
    """The middle and the size of a head: the first in the middle and largest, the others behind to the sides."""
    size = min(620.0 if sheet.height < 1200 else 780.0, 0.86 * sheet.width)
    if count == 1:
        return sheet.width / 2, size
    if count == 2:
        step = min(sheet.width * 0.235, 400)
        return sheet.width / 2 + (step if number else -step), min(size * 0.86, sheet.width * 0.46)
    rank = (number + 1) // 2
    step = min(sheet.width * 0.92 / count, 360)
    return sheet.width / 2 + step * rank * (-1 if number % 2 else 1), min(size * (0.86 - 0.10 * rank), step * 1.55)


def _sit(sheet: Sheet, actor: Actor, x: float, size: float, light: Light, dice: Dice, *, scarf: bool) -> None:
    """One figure with its foot at the lower edge; on a tall page it sits higher, and its body reaches down."""
    foot = sheet.height
    face = FACES.get(actor.subject.drawing or "", actor.subject.drawing or "")
    if actor.subject.kind == "person" and actor.subject.prop:
        _bust(sheet, actor, x, foot, size, light)
    elif face in HEADS and (head := figures.art_drawing(face)):
        _animal(sheet, actor, face, head, x, size, light, dice, scarf=scarf)
    else:
        _thing(sheet, actor, x, foot, size, light, dice)


def _animal(
    sheet: Sheet,
    actor: Actor,
    face: str,
    head: Drawing,
    x: float,
    size: float,
    light: Light,
    dice: Dice,
    *,
    scarf: bool,
) -> None:
    high = min(size, size * 1.12 * head.box[3] / head.box[2])
    wide = high * head.box[2] / head.box[3]
    chin = sheet.height - (190 if sheet.height < 1200 else sheet.height * 0.27) * size / 620
    tone = actor.subject.colour or COATS.get(face) or indoor.tone_of(head)
    body = shoulders(tone, belly=face not in ("1f438", "1f432"))
    body_high = sheet.height - chin + size * 0.42
    material = actor.subject.material
    figures.put(sheet, body, x, sheet.height + size * 0.1, body_high, light=light, shadow=0, material=material)
    _chin_shadow(sheet, x + wide * 0.03, chin + high * 0.015, wide * 0.34, high * 0.12)
    if scarf:
        figures.put(
            sheet,
            _scarf(dice.pick(("d9534a", "e0a03f", "3f8a94"))),
            x,
            chin + size * 0.24,
            size * 0.40,
            light=light,
            shadow=0,
        )
    shown = Actor(replace(actor.subject, drawing=face), head, actor.subject.colour, tone)
    shown.put(sheet, x, chin - high * 0.44, high, light, anchor="middle", turn=dice.between(-7, 7), shadow=0)


def _chin_shadow(sheet: Sheet, x: float, y: float, across: float, down: float) -> None:
    """The head's shadow on the chest."""
    stops = ((0, "140a10", 0.55), (0.5, "140a10", 0.32), (1, "140a10", 0.0))
    sheet.draw(svg.ellipse(x, y, across, down, "url(#s)"), defs=svg.radial_gradient("s", stops))


def shoulders(tone: str, *, belly: bool) -> Drawing:
    """A sitting animal's chest and shoulders, 520 wide, with a lighter bib."""
    deep, pale = svg.blend(tone, "000000", 0.10), svg.blend(tone, "fff6ea", 0.62)
    body = svg.path("M4,420 C2,240 70,74 196,26 C232,10 288,10 324,26 C450,74 518,240 516,420Z", deep)
    arms = "M92,420 C84,320 104,220 136,172 M428,420 C436,320 416,220 384,172"
    body += svg.path(arms, stroke=svg.blend(tone, "000000", 0.26), width=7)
    if belly:
        body += svg.path(
            "M186,62 C200,36 320,36 334,62 C370,160 358,300 336,420 L184,420 C162,300 150,160 186,62Z", pale
        )
    return Drawing(body, "", (0, 0, 520, 400))


def _scarf(colour: str) -> Drawing:
    pale = svg.blend(colour, "ffffff", 0.35)
    body = svg.path("M20,40 Q150,110 280,40 Q300,80 276,112 Q150,172 24,112 Q0,80 20,40Z", colour)
    body += svg.path("M196,110 L250,104 L268,236 L206,240Z", svg.blend(colour, "000000", 0.08))
    stripes = "M60,62 L52,122 M110,82 L106,142 M160,88 L160,150 M214,78 L220,140 M206,170 L258,166 M204,204 L264,200"
    return Drawing(body + svg.path(stripes, stroke=pale, width=11), "", (0, 30, 300, 214))


def _bust(sheet: Sheet, actor: Actor, x: float, foot: float, size: float, light: Light) -> None:
    """A doll from behind down to its waist, looking out: close up, a face without features would be eerie."""
    visor = people.look_of(actor.subject.word).hat == "helmet"
    seen = people.person(actor.subject.colour, actor.subject.word, back=not visor)
    left, top, wide, _ = seen.box
    high = 318 - top
    cut = Drawing(seen.body, seen.defs, (left, top, wide, high))
    tall = size * 1.24 if sheet.height < 1200 else min(size * 1.5, sheet.height * 0.62)
    material = actor.subject.material
    figures.put(sheet, cut, x, foot + 6, tall, light=light, shadow=0, width_max=size * 1.1, material=material)


def _thing(sheet: Sheet, actor: Actor, x: float, foot: float, size: float, light: Light, dice: Dice) -> None:
    """On something soft that is out of focus: a table, moss, sand."""
    ground = foot - (120 if sheet.height < 1200 else sheet.height * 0.22)
    high = min(size * 1.12, size * 1.2 / actor.wide)
    actor.put(sheet, x, ground, high, light, shadow=0.6, turn=dice.between(-3, 3) if actor.wide > 0.6 else 0)


def _before_lens(sheet: Sheet, brief: Brief, setting: Setting, dice: Dice, *, dim: float, spread: float) -> None:
    """Leaves, petals or snow between the lens and the subject, most of them near the edges."""
    kind = next((kind for kind in BEFORE_LENS if kind in brief.weather), setting.front)
    if kind is None:
        return
    count = FRONT + round(6 * (max(sheet.width, sheet.height) / 1000 - 1))
    groups = []
    for blur, share in ((3.0, 0.55), (14.0, 0.45)):
        number = round(count * share * (3 if kind in ("snow", "rain") else 1))
        pieces = [_piece(sheet, kind, dice, dim=dim, spread=spread, near=blur > 6) for _ in range(number)]
        groups.append((pieces, blur))
    indoor.in_front(sheet, groups)


def _piece(sheet: Sheet, kind: str, dice: Dice, *, dim: float, spread: float, near: bool) -> str:
    x, y = dice.between(0, sheet.width), dice.between(0, sheet.height)
    if kind in ("leaves", "petals") and abs(x - sheet.width / 2) < spread:
        # Nothing flies before a face: to the side of it, or out of the picture.
        x += math.copysign(2 * spread, x - sheet.width / 2)
    size = dice.between(70, 130) if near else dice.between(26, 60)
    turn = dice.between(0, 360)
    if kind == "snow":
        return svg.circle(x, y, size * (0.26 if near else 0.16), "ffffff", 0.95 - dim)
    if kind == "rain":
        return svg.path(f"M{x:.0f},{y:.0f} l-14,{size * 1.6:.0f}", stroke="dceaf6", width=2.5)
    tone = svg.blend(dice.pick(LEAVES if kind == "leaves" else PETALS), "101020", dim)
    return svg.group(_leaf(tone) if kind == "leaves" else _petal(tone), x=x, y=y, scale=size / 100, turn=turn)


LEAVES = ("e0862f", "c9531f", "e9b040", "a8571f", "8f9a35")
PETALS = ("ffd3e0", "ffffff", "f8b6c8", "fff0b8")


def _leaf(tone: str) -> str:
    shape = svg.path("M0,-60 C34,-40 46,0 26,34 C18,48 8,56 0,60 C-8,56 -18,48 -26,34 C-46,0 -34,-40 0,-60Z", tone)
    return shape + svg.path(
        "M0,-56 V82 M0,-20 L22,-34 M0,8 L28,-8 M0,-20 L-22,-34 M0,8 L-28,-8", stroke=darker(tone, 0.3), width=4
    )


def _petal(tone: str) -> str:
    return svg.path("M0,-40 C26,-44 44,-8 30,22 C18,46 -18,46 -30,22 C-44,-8 -26,-44 0,-40Z", tone)
