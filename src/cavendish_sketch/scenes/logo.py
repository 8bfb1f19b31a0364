"""A mark in one or two flat colours: a subject's silhouette, a monogram or a figure of circles, and a word below it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import lettering, raster, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Plane, Report, ease
from cavendish_sketch.canvas.lettering import Type
from cavendish_sketch.canvas.raster import Box, Pixels
from cavendish_sketch.canvas.sheet import Patch, Sheet
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes import indoor
from cavendish_sketch.scenes.indoor import Actor, darker, lighter
from cavendish_sketch.scenes.solids import shape, stars

FILM = Film(bloom=0.0, vignette=0.0, grain=0.0, contrast=1.0)
PROBE = 72  # pixels at which a drawing's tones are sorted
DARK, BRIGHT = (0.50, 0.80), (0.48, 0.76)  # where to part: of the middle tone, and of the way from it to white
BLACK, LIFT = 0.28, (0.14, 0.30)  # a middle tone that is nearly black, and how far above it the openings begin
BRIGHT_SHARES = 0.04, 0.50  # of the ink: less is a speck, more is the body itself
SOFT = 0.035  # of the brightness scale: how sharply tones part
WIDE = 1.9  # of a page, from which the word stands beside the mark
LETTERS_MAX = 2  # of a monogram

SHIELD = "M0,-100 Q50,-80 86,-82 V0 C86,55 40,86 0,106 C-40,86 -86,55 -86,0 V-82 Q-50,-80 0,-100Z"  # of a radius of 100
PETAL = "M0,0 C50,-35 40,-85 0,-100 C-40,-85 -50,-35 0,0Z"

# Paper, ink and accent.
THEMES = (
    ("f7f1e7", "2b3a42", "c8643c"),
    ("f4f4ef", "1d3b3a", "d9924a"),
    ("13202f", "f3ecdf", "e2a55a"),
    ("fbf7f2", "3a2530", "c4506a"),
    ("eef1ee", "22402f", "7fa35a"),
    ("1f1b2e", "f4efe8", "8fb8de"),
    ("fdf6e3", "26324f", "e0a02f"),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a logo."""

    paper: str
    ink: str
    accent: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a drawing's brightness is parted into dark, middle and bright.

    Attributes:
        inverted: The drawing is mostly dark: the dark parts are the body, the others are left open.
    """

    dark: float
    bright: float | None
    inverted: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawing as a stencil; a layer of a sheet. The body in one colour, what is bright in another, dark left open."""

    drawing: Drawing
    box: Box
    body: str
    second: str
    cut: Cut

    def patch(self, scale: float) -> Patch:
        left, top, width, height = self.box
        columns, rows = max(round(width * scale), 1), max(round(height * scale), 1)
        pixels = raster.render(self.drawing.body, self.drawing.box, columns, rows, defs=self.drawing.defs)
        level, alpha = _brightness(pixels), pixels[..., 3] * np.float32(1 / 255)
        solid = ease(self.cut.dark - SOFT, self.cut.dark + SOFT, level)
        if self.cut.inverted:
            solid = 1 - solid
        result = np.empty((rows, columns, 4), np.uint8)
        result[..., :3] = svg.channels(self.body)
        if self.cut.bright is not None:
            amount = ease(self.cut.bright - SOFT, self.cut.bright + SOFT, level)[..., None]
            tones = (np.array(svg.channels(colour), np.float32) for colour in (self.body, self.second))
            body, second = tones
            result[..., :3] = body + (second - body) * amount
        result[..., 3] = alpha * solid * 255
        return Patch(result, round(top * scale), round(left * scale))


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    actors = indoor.cast(brief.subjects)
    text = brief.text if brief.text and lettering.settable(brief.text) else None
    theme = _theme(brief, actors, dice)
    sheet.film = FILM
    sheet.backdrop(np.broadcast_to(indoor.vector(theme.paper), (3, sheet.grid.rows, sheet.grid.columns)))
    report(0.3)
    actor = actors[0] if actors else None
    place = _place(sheet, text)
    frame = dice.pick(FRAMES if actor or text else FRAMES[:1])
    _mark(sheet, theme, frame, actor, text, place, dice)
    report(0.7)
    if text:
        _word(sheet, theme, text, place, dice)
    report(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mark and the word stand, in points; `beside` where the word is to the right of the mark."""

    x: float
    y: float
    size: float
    word: Box
    beside: bool


def _theme(brief: Brief, actors: list[Actor], dice: Dice) -> Theme:
    paper, ink, accent = dice.pick(THEMES)
    if brief.colours:
        accent = brief.colours[0]
        paper = brief.colours[1] if len(brief.colours) > 1 else lighter(accent, 0.90)
        ink = darker(accent, 0.75) if indoor.luma(paper) > 0.5 else lighter(accent, 0.85)
    elif actors:
        hue, saturation, _ = indoor.hsl(actors[0].tone)
        if saturation > indoor.GREY:
            accent = indoor.of_hsl(hue, min(max(saturation, 0.45), 0.72), 0.50 if indoor.luma(paper) > 0.5 else 0.62)
    return Theme(paper, ink, accent)


def _place(sheet: Sheet, text: str | None) -> Place:
    width, height = sheet.width, sheet.height
    x, y = width / 2, height / 2
    if not text:
        return Place(x, y, 640, (0, 0, 0, 0), False)
    if width / height > WIDE:
        size, room = 560.0, min(width * 0.9 - 700, 2600.0)
        # The widest a word of this length becomes, so that mark and word are centred together.
        word = min(room, 105.0 * max(len(text), 3) + 120)
        left = x - (size + 110 + word) / 2
        return Place(left + size / 2, y, size, (left + size + 110 + word / 2, y, word, 240), True)
    size = 430.0 if height < 1300 else 540.0
    high = 108.0 if len(text) < 14 else 180.0
    top = y - (size + 120 + high) / 2
    return Place(x, top + size / 2, size, (x, top + size + 116 + high / 2, min(width * 0.80, 1300), high), False)


def _mark(
    sheet: Sheet, theme: Theme, frame: Frame, actor: Actor | None, text: str | None, place: Place, dice: Dice
) -> None:
    """The frame, and in it a silhouette, letters, or a figure of circles."""
    body, filled, share = frame(place.x, place.y, place.size / 2, theme)
    if actor is None and text is None:
        sheet.draw(_rosette(place.x, place.y, place.size / 2, theme, dice))
        return
    sheet.draw(body)
    inner = theme.paper if filled else theme.ink
    if actor is None:
        assert text is not None
        _monogram(sheet, text, place, inner, share)
        return
    second = lighter(theme.accent, 0.55) if filled and indoor.luma(theme.paper) > 0.5 else theme.accent
    if filled and indoor.luma(theme.paper) <= 0.5:
        second = darker(theme.ink, 0.2)
    high = place.size * share / max(1.0, actor.wide * 0.92)
    wide = high * actor.wide
    box: Box = place.x - wide / 2, place.y - high / 2, wide, high
    sheet.lay(Mark(actor.drawing, box, inner, second, _cut(actor.drawing)))


def _monogram(sheet: Sheet, text: str, place: Place, colour: str, share: float) -> None:
    words = [word for word in text.split() if word[0].isalnum()] or [text]
    letters = "".join(word[0] for word in words[:LETTERS_MAX]).upper()
    type_ = Type("serif", "bold", colour, -0.02)
    high = place.size * share * (0.62 if len(letters) > 1 else 0.72)
    lettering.write(sheet, letters, place.x, place.y, place.size * share, high, type_=type_, lines_max=1)


def _word(sheet: Sheet, theme: Theme, text: str, place: Place, dice: Dice) -> None:
    """The quoted text under or beside the mark, in one of a few settings, with a rule."""
    x, y, width, height = place.word
    style = dice.pick(
        (
            Type("serif", "semibold", theme.ink, 0.01),
            Type("sans", "bold", theme.ink, -0.005),
            Type("sans", "semibold", theme.ink, 0.16, capitals=True),
            Type("serif", "regular", theme.ink, 0.12, capitals=True),
        )
    )
    high = height * (0.72 if style.capitals else 1.0)
    written = lettering.write(sheet, text, x, y, width, high, type_=style, lines_max=2)
    if written.box is None:
        return
    left, top, wide, deep = written.box
    if place.beside:
        bar = place.x + place.size / 2 + 55
        sheet.draw(svg.rectangle(bar - 2, place.y - 130, 4, 260, theme.accent))
        return
    half, below = min(max(wide * 0.16, 60), 150), top + deep + 62
    rule = svg.rectangle(x - half, below, half * 2, 4, theme.accent)
    if dice.whole(0, 1):
        gap = svg.circle(x, below + 2, 22, theme.paper) + svg.polygon(stars(x, below + 2, 14, 4, 0.42), theme.accent)
        rule += gap
    sheet.draw(rule)


def _cut(drawing: Drawing) -> Cut:
    """Part a drawing's tones so that its body is whole and its features stay open."""
    pixels = raster.render(drawing.body, drawing.box, PROBE, PROBE, defs=drawing.defs)
    ink = _brightness(pixels)[pixels[..., 3] > 160]
    if not len(ink):
        return Cut(-1.0, None, False)
    middle = float(np.median(ink))
    if middle < BLACK:
        # Mostly black: what is lighter becomes the openings.
        return Cut(_valley(ink, middle + LIFT[0], middle + LIFT[1]), None, True)
    bright = _valley(ink, *(middle + (1 - middle) * share for share in BRIGHT))
    share = float((ink > bright).mean())
    kept = BRIGHT_SHARES[0] < share < BRIGHT_SHARES[1]
    return Cut(_valley(ink, middle * DARK[0], middle * DARK[1]), bright if kept else None, False)


def _valley(ink: Plane, low: float, high: float) -> float:
    """The brightness between two that the fewest pixels have: nothing there is cut half through."""
    levels = np.linspace(low, high, 13)
    crowded = [int((np.abs(ink - level) < 1.5 * SOFT).sum()) for level in levels]
    middle = len(levels) // 2
    return float(levels[min(range(len(levels)), key=lambda step: (crowded[step], abs(step - middle)))])


def _brightness(pixels: Pixels) -> Plane:
    weights = np.array([0.30, 0.59, 0.11], np.float32) / np.float32(255)
    level: Plane = pixels[..., :3].astype(np.float32) @ weights
    return level


# A frame is a body of SVG about a middle with a radius; whether it is filled; and the share of it that a mark fills.
Frame = Callable[[float, float, float, Theme], tuple[str, bool, float]]


def _plain(x: float, y: float, radius: float, theme: Theme) -> tuple[str, bool, float]:
    return "", False, 0.96


def _badge(x: float, y: float, radius: float, theme: Theme) -> tuple[str, bool, float]:
    return _ring(x, y, radius, theme.accent, 7) + svg.circle(x, y, radius * 0.91, theme.accent), True, 0.58


def _ring(x: float, y: float, radius: float, colour: str, width: float) -> str:
    place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
    return f'<circle {place} fill="none" stroke="#{colour}" stroke-width="{width}"/>'


def _seal(x: float, y: float, radius: float, theme: Theme) -> tuple[str, bool, float]:
    """A scalloped seal with a fine ring."""
    scallops = "".join(
        svg.circle(x + radius * 0.90 * math.cos(angle), y + radius * 0.90 * math.sin(angle), radius * 0.125, theme.ink)
        for angle in (math.tau * step / 26 for step in range(26))
    )
    return (
        scallops + svg.circle(x, y, radius * 0.93, theme.ink) + _ring(x, y, radius * 0.82, theme.accent, 5),
        True,
        0.56,
    )


def _shield(x: float, y: float, radius: float, theme: Theme) -> tuple[str, bool, float]:
    line = svg.group(svg.path(SHIELD, stroke=theme.paper, width=2.6), x=x, y=y, scale=radius * 0.0090)
    return shape(x, y, radius, SHIELD, theme.accent) + line, True, 0.54


def _tile(x: float, y: float, radius: float, theme: Theme) -> tuple[str, bool, float]:
    """A rounded square, as of an app."""
    size = radius * 1.84
    return svg.rectangle(x - size / 2, y - size / 2, size, size, theme.accent, rounding=size * 0.24), True, 0.62


def _hexagon(x: float, y: float, radius: float, theme: Theme) -> tuple[str, bool, float]:
    corners = [
        (x + radius * math.sin(math.tau * step / 6), y - radius * math.cos(math.tau * step / 6)) for step in range(6)
    ]
    data = "M" + " L".join(f"{across:.1f},{down:.1f}" for across, down in corners) + "Z"
    return svg.path(data, theme.ink, stroke=theme.ink, width=26), True, 0.58


FRAMES: tuple[Frame, ...] = (_plain, _badge, _badge, _shield, _tile, _seal, _hexagon)


def _rosette(x: float, y: float, radius: float, theme: Theme, dice: Dice) -> str:
    """A figure of petals for a logo of nothing in particular."""
    count, turn = dice.pick((3, 5, 6, 8)), dice.between(0, 60)
    body = ""
    for step in range(count):
        petal = shape(0, 0, radius, PETAL, theme.accent if step % 2 else theme.ink, 0.92)
        body += svg.group(petal, x=x, y=y, turn=turn + 360 / count * step)
    return body + svg.circle(x, y, radius * 0.16, theme.paper)
