"""What the indoor scenes share: the cast of a picture, colours that suit it, soft light and things out of focus."""

from __future__ import annotations

import colorsys
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cavendish_sketch.canvas import figures, raster, svg
from cavendish_sketch.canvas.field import Plane, Planes, bell, blurred, mix, resized
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.raster import Box, Pixels
from cavendish_sketch.canvas.sheet import Patch, Sheet
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.props.drawing import Drawing

CAST_MAX = 12
SWATCH_PIXELS = 40  # enough to tell a drawing's colour
GREY = 0.16  # saturation below which a thing has no colour of its own
MIRROR, MIRROR_DEPTH = 0.40, 0.42  # of a glossy floor: its strength, and how much of a figure it shows
ROOM_SHARE = 0.45  # of the light outdoors that reaches things in a lit room


@dataclass(frozen=True, slots=True)
class Actor:
    """One figure to be placed.

    Attributes:
        drawing: Its shape.
        colour: What it is dyed with, None for its own colours.
        tone: The colour that the eye sees.
        wide: Width over height.
    """

    subject: Subject
    drawing: Drawing
    colour: str | None
    tone: str

    @property
    def wide(self) -> float:
        return self.drawing.box[2] / self.drawing.box[3]

    def put(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        height: float,
        light: Light,
        *,
        anchor: str = "ground",
        flip: bool = False,
        turn: float = 0.0,
        shadow: float = 0.45,
        width_max: float | None = None,
    ) -> Box:
        """Lay the figure and tell its box."""
        own = self.subject
        subject = dataclasses.replace(own, prop=None, colour=self.colour)
        # A prop is drawn in its colour already; a drawing of the art is dyed when it is laid.
        thing = self.drawing if own.prop or self.colour is None else subject
        box = figures.put(
            sheet,
            thing,
            x,
            y,
            height,
            light=light,
            anchor=anchor,
            flip=flip,
            turn=turn,
            shadow=shadow,
            width_max=width_max,
            material=own.material,
        )
        return box or (x, y, 0.0, 0.0)


def cast(subjects: Sequence[Subject]) -> list[Actor]:
    """Every figure that can be drawn, one by one: the first of each subject comes before the second of any."""
    known = [actor for subject in subjects if (actor := _actor(subject)) is not None]
    rounds = range(max((actor.subject.count for actor in known), default=0))
    return [actor for number in rounds for actor in known if number < actor.subject.count][:CAST_MAX]


def _actor(subject: Subject) -> Actor | None:
    drawing = figures.drawing_of(subject)
    if drawing is None:
        return None
    colour = None if subject.prop else subject.colour
    return Actor(subject, drawing, colour, subject.colour or tone_of(drawing))


def tone_of(drawing: Drawing) -> str:
    """The colour of a drawing that the eye remembers: what is colourful counts more than grey."""
    pixels = figures.pixels_of(drawing, SWATCH_PIXELS, SWATCH_PIXELS)
    seen = pixels[pixels[..., 3] > 128][:, :3].astype(np.float32) / 255
    if not len(seen):
        return "b0a090"
    brightest, darkest = seen.max(1), seen.min(1)
    weight = ((brightest - darkest) + np.float32(0.03)) ** 2
    chosen = seen[weight >= np.quantile(weight, 0.6)]
    return to_hex(np.median(chosen, 0))


def to_hex(tone: Sequence[float] | Plane) -> str:
    """Six hex digits of red, green and blue from 0 to 1."""
    return "".join(f"{round(min(max(float(part), 0), 1) * 255):02x}" for part in tone)


def hsl(colour: str) -> tuple[float, float, float]:
    """Hue, saturation and lightness from 0 to 1."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in svg.channels(colour)))
    return hue, saturation, light


def of_hsl(hue: float, saturation: float, light: float) -> str:
    """Six hex digits."""
    return to_hex(colorsys.hls_to_rgb(hue % 1, min(max(light, 0), 1), min(max(saturation, 0), 1)))


def lighter(colour: str, amount: float) -> str:
    return svg.blend(colour, "ffffff", amount)


def darker(colour: str, amount: float) -> str:
    """Towards a deep, slightly violet shade of itself, as shadows are, never to plain grey."""
    hue, saturation, light = hsl(colour)
    return svg.blend(colour, of_hsl(hue + 0.02, min(saturation * 1.15 + 0.04, 1), light * 0.22), amount)


def luma(colour: str) -> float:
    red, green, blue = svg.channels(colour)
    return (red * 0.30 + green * 0.59 + blue * 0.11) / 255


def codes(text: str) -> frozenset[str]:
    """Codes of drawings from a line of them."""
    return frozenset(text.split())


def palette_of(brief: Brief) -> Palette:
    return PALETTES[brief.time]


def room_light(palette: Palette, *, rim: str | None = None, share: float = ROOM_SHARE) -> Light:
    """The light on things in a room: lamps even out most of the time of day."""
    red, green, blue = (mix(1.0, part, share) for part in palette.ambient)
    return Light(ambient=(red, green, blue), rim=rim or palette.sun)


def places(sheet: Sheet) -> tuple[Plane, Plane]:
    """The points of the draft's pixels: x (1, columns) and y (rows, 1)."""
    scale = np.float32(1 / sheet.scale)
    x = (np.arange(sheet.grid.columns, dtype=np.float32) + np.float32(0.5)) * scale
    y = (np.arange(sheet.grid.rows, dtype=np.float32) + np.float32(0.5)) * scale
    return x[None, :], y[:, None]


def vector(colour: str) -> Planes:
    """A colour as a column that a plane can be multiplied by."""
    return (np.array(svg.channels(colour), np.float32) / np.float32(255)).reshape(3, 1, 1)


def graded(amount: Plane, stops: Sequence[tuple[float, str]]) -> Planes:
    """Display planes from a plane of places in a gradient."""
    at = np.array([place for place, _ in stops], np.float32)
    tones = np.array([svg.channels(colour) for _, colour in stops], np.float32) / 255
    return np.stack([np.interp(amount, at, tones[:, channel]).astype(np.float32) for channel in range(3)])


def enlarged(planes: Planes, sheet: Sheet) -> Planes:
    """Soft planes worked out small, at the draft's size."""
    return np.stack([resized(plane, sheet.grid.columns, sheet.grid.rows) for plane in planes])


def pool(
    planes: Planes,
    sheet: Sheet,
    x: float,
    y: float,
    across: float,
    down: float,
    colour: str,
    strength: float,
    *,
    hard: float = 1.0,
) -> None:
    """Mix a soft ellipse into planes of the draft's size: a shadow, or a patch of light. `hard` above 1 fills it."""
    reach_x, reach_y = across * 2.2, down * 2.2
    scale, rows, columns = sheet.scale, *planes.shape[1:]
    top, bottom = max(int((y - reach_y) * scale), 0), min(int((y + reach_y) * scale) + 1, rows)
    left, right = max(int((x - reach_x) * scale), 0), min(int((x + reach_x) * scale) + 1, columns)
    if top >= bottom or left >= right:
        return
    xs = ((np.arange(left, right, dtype=np.float32) + 0.5) / scale - x) / across
    ys = ((np.arange(top, bottom, dtype=np.float32) + 0.5) / scale - y) / down
    away = np.sqrt(xs[None] ** 2 + ys[:, None] ** 2).astype(np.float32)
    amount = np.clip(bell(away, 0.9) * np.float32(hard), 0, 1) * np.float32(strength)
    view = planes[:, top:bottom, left:right]
    view += (vector(colour) - view) * amount


def silhouette(sheet: Sheet, body: str, *, shrink: int, blur: float, defs: str = "") -> Planes:
    """SVG of the page rendered `shrink` times smaller than the draft and blurred by points: four planes, the last
    one alpha, at the draft's size; the colours are premultiplied."""
    columns, rows = max(sheet.grid.columns // shrink, 8), max(sheet.grid.rows // shrink, 8)
    radius = max(blur * sheet.scale / shrink, 0.4)
    small = np.stack([blurred(plane, radius) for plane in _premultiplied(sheet, body, columns, rows, defs)])
    return enlarged(small, sheet)


def laid(planes: Planes, over: Planes, strength: float = 1.0) -> None:
    """Lay four premultiplied planes over three."""
    planes *= 1 - over[3] * np.float32(strength)
    planes += over[:3] * np.float32(strength)


@dataclass(frozen=True, slots=True, eq=False)
class Blurred:
    """Things in front that are out of focus; a layer of a sheet. `small` is RGBA, premultiplied, of the whole page."""

    small: Planes
    width: float
    height: float

    @property
    def box(self) -> Box:
        return 0.0, 0.0, self.width, self.height

    def patch(self, scale: float) -> Patch:
        columns, rows = round(self.width * scale), round(self.height * scale)
        alpha = np.maximum(self.small[3], 1e-4)
        tones = np.clip(self.small[:3] / alpha, 0, 1)
        straight = np.moveaxis(np.concatenate([tones, self.small[3:]]), 0, -1)
        image = Image.fromarray((np.clip(straight, 0, 1) * 255).astype(np.uint8), "RGBA")
        return Patch(np.asarray(image.resize((columns, rows), Image.Resampling.BILINEAR)), 0, 0)


def in_front(sheet: Sheet, groups: Sequence[tuple[Sequence[str], float]]) -> None:
    """Lay bodies of SVG over everything, each group out of focus by its own number of points."""
    groups = [(bodies, blur) for bodies, blur in groups if bodies]
    if not groups:
        return
    step = max(int(min(blur for _, blur in groups) * sheet.scale / 1.5), 1)
    columns, rows = max(sheet.grid.columns // step, 8), max(sheet.grid.rows // step, 8)
    small = np.zeros((4, rows, columns), np.float32)
    for bodies, blur in groups:
        over = _premultiplied(sheet, "".join(bodies), columns, rows)
        radius = max(blur * sheet.scale / step, 0.4)
        over = np.stack([blurred(plane, radius) for plane in over])
        small *= 1 - over[3]
        small += over
    sheet.lay(Blurred(small, sheet.width, sheet.height))


def _premultiplied(sheet: Sheet, body: str, columns: int, rows: int, defs: str = "") -> Planes:
    """SVG of the page as red, green and blue times alpha, and alpha."""
    pixels = raster.render(body, (0, 0, sheet.width, sheet.height), columns, rows, defs=defs)
    planes = np.moveaxis(pixels, -1, 0) * np.float32(1 / 255)
    planes[:3] *= planes[3]
    return planes


@dataclass(frozen=True, slots=True, eq=False)
class Reflection:
    """A figure upside down on a glossy floor, fading with the distance; a layer of a sheet. Pixels of draft size."""

    pixels: Pixels
    box: Box

    def patch(self, scale: float) -> Patch:
        left, top, width, height = self.box
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        image = Image.fromarray(self.pixels, "RGBA").resize(size, Image.Resampling.BILINEAR)
        return Patch(np.asarray(image), round(top * scale), round(left * scale))


def reflect(sheet: Sheet, actor: Actor, x: float, y: float, height: float, light: Light) -> None:
    """Lay the reflection of a figure that stands on (x, y); lay the figure after it."""
    width, deep = height * actor.wide, height * MIRROR_DEPTH
    form = figures.modelled(actor.drawing, height * sheet.scale, light)
    box, material = (x - width / 2, y - height, width, height), actor.subject.material
    figure = figures.Figure(actor.drawing, box, light, form, actor.colour, material=material)
    pixels = figure.patch(sheet.scale / 2).pixels[::-1].copy()
    rows = max(round(len(pixels) * MIRROR_DEPTH), 1)
    fade = np.linspace(MIRROR, 0, rows, dtype=np.float32)[:, None]
    pixels = pixels[:rows]
    pixels[..., 3] = pixels[..., 3] * fade
    sheet.lay(Reflection(pixels, (x - width / 2, y - height * 0.015, width, deep)))
