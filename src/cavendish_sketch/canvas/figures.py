"""Drawings as lit clay figures: a flat drawing is inflated, and light falls on its form.

The form is the blurred outline, raised further where the drawing is light. Its slopes give diffuse light, a highlight
and a rim against the sun. It is worked out small and enlarged; the drawing's own lines stay sharp at any size.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cavendish_sketch import props
from cavendish_sketch.canvas import art, figure_facts, materials, placing, raster, svg
from cavendish_sketch.canvas.field import Plane, blurred, ease, resized
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.raster import Box, Pixels
from cavendish_sketch.canvas.sheet import Patch, Sheet, Vectors
from cavendish_sketch.language.brief import Material, Subject
from cavendish_sketch.props import bodies, people
from cavendish_sketch.props.drawing import Drawing

FORM_PIXELS = 420  # the longer side at which a form is worked out
FORM_PIXELS_MIN = 24
FORM_MARGIN = 24  # pixels around it: the blur of the outline needs room
PROBE_PIXELS = 96  # enough to find where a drawing's ink lies
SOLID = 200  # alpha
HEADS = figure_facts.FACE_ONLY - figure_facts.BODILESS
ART_SIDE = 128.0
# Heights of the form: blur radius as a share of the width, weight. From fine relief to a round body.
OUTLINE_RELIEF = ((0.012, 0.30), (0.04, 0.80), (0.09, 1.10))
TONE_RELIEF = ((0.010, 0.14), (0.03, 0.10))
STEEPNESS = 0.16
LIGHT_HEIGHT = 0.62
AMBIENT, DIFFUSE = 0.60, 0.52
HIGHLIGHT, SHARPNESS = 0.32, 38
RIM = 0.9
SHADOW = "08060f"
STAMP_SHADOW = 0.5
GREY_SHARE = 0.25  # of a drawing's ink: with less than this in colour, the thing has none
LUMA = np.array([0.30, 0.59, 0.11], np.float32).reshape(3, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How light falls on a figure, as planes over its box.

    Attributes:
        shade: Factor on the colour.
        highlight: White light added, 0 to 1.
        rim: Share of the light from behind.
    """

    shade: Plane
    highlight: Plane
    rim: Plane


@dataclass(frozen=True, slots=True)
class Light:
    """What falls on a figure.

    Attributes:
        direction: Towards the light, x to the right and y down.
        ambient: Factors of red, green and blue.
        rim: Hex colour of the light from behind, None for none.
        depth: 0 leaves the drawing flat, 1 is full clay.
    """

    direction: tuple[float, float] = (-0.55, -0.75)
    ambient: tuple[float, float, float] = (1.0, 1.0, 1.0)
    rim: str | None = None
    depth: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawing in its place on the page; a layer of a sheet."""

    drawing: Drawing
    box: Box
    light: Light
    form: Form
    colour: str | None = None
    flip: bool = False
    opacity: float = 1.0
    material: Material | None = None

    def patch(self, scale: float) -> Patch:
        left, top, width, height = self.box
        columns, rows = max(round(width * scale), 1), max(round(height * scale), 1)
        pixels = _drawn(self.drawing, columns, rows, self.colour, flip=self.flip, material=self.material)
        lit = _lit(pixels, self.form, self.light)
        if self.opacity < 1:
            lit[..., 3] = lit[..., 3] * self.opacity
        return Patch(lit, round(top * scale), round(left * scale))


def drawing_of(subject: Subject) -> Drawing | None:
    """A subject's drawing, with its guests; None where the art is not there."""
    host = _alone(subject)
    guests = [(guest, shape) for guest in subject.guests if (shape := _alone(guest)) is not None]
    return host if host is None or not guests else placing.joined(subject, host, guests)


def _alone(subject: Subject) -> Drawing | None:
    """Cut to its ink and with a body."""
    if subject.prop == "person":
        return people.person(subject.colour, subject.word)
    if subject.prop is not None:
        return props.drawing(subject.prop, subject.colour)
    if subject.drawing is None:
        return None
    drawing = art_drawing(subject.drawing)
    return _bodied(drawing, subject.drawing) if drawing is not None and subject.drawing in HEADS else drawing


@functools.lru_cache(maxsize=16)
def _bodied(face: Drawing, code: str) -> Drawing:
    """A face with a body in its most common colour."""
    pixels = raster.render(face.body, face.box, PROBE_PIXELS, PROBE_PIXELS, defs=face.defs)
    solid = pixels[pixels[..., 3] > SOLID][:, :3]
    red, green, blue = (int(value) for value in np.median(solid, axis=0))
    return trimmed(bodies.sitting(face, code, f"{red:02x}{green:02x}{blue:02x}"))


@functools.lru_cache(maxsize=64)
def art_drawing(code: str) -> Drawing | None:
    """A drawing of the art, cut to its ink."""
    body = art.drawing(code)
    return None if body is None else trimmed(Drawing(body, "", (0, 0, ART_SIDE, ART_SIDE)))


def trimmed(drawing: Drawing) -> Drawing:
    """The same drawing in the smallest box that holds its ink."""
    left, top, width, height = drawing.box
    columns = max(round(PROBE_PIXELS * min(width / height, 1)), 8)
    rows = max(round(PROBE_PIXELS * min(height / width, 1)), 8)
    found = raster.bounds(raster.render(drawing.body, drawing.box, columns, rows, defs=drawing.defs)[..., 3])
    if found is None:
        return drawing
    first, last, start, end = found
    across, down = width / columns, height / rows
    box = left + start * across, top + first * down, (end - start) * across, (last - first) * down
    return Drawing(drawing.body, drawing.defs, box)


def put(
    sheet: Sheet,
    subject: Subject | Drawing,
    x: float,
    y: float,
    height: float,
    *,
    palette: Palette | None = None,
    light: Light | None = None,
    anchor: str = "ground",
    flip: bool = False,
    turn: float = 0.0,
    shadow: float = 0.45,
    width_max: float | None = None,
    opacity: float = 1.0,
    material: Material | None = None,
) -> Box | None:
    """Lay one figure on a sheet and tell the box that it fills, in points; None where there is no drawing.

    Args:
        x, y: Where its bottom centre stands (`ground`), or its middle (`middle`).
        height: Of its ink, as turned.
        palette: Gives the ambient light and the rim, unless `light` says all.
        turn: Degrees, clockwise.
        shadow: Strength of the shadow on the ground; only for a figure that stands.
        width_max: A wider figure is made smaller.
        material: What it is made of; a subject knows by itself.
    """
    drawing = subject if isinstance(subject, Drawing) else drawing_of(subject)
    if drawing is None:
        return None
    if turn and not drawing.layers:
        drawing = _turned(drawing, turn)
    height, width = _sized(drawing, height, width_max)
    top = y - height if anchor == "ground" else y - height / 2
    box: Box = x - width / 2, top, width, height
    colour = None if isinstance(subject, Drawing) or subject.prop is not None else subject.colour
    if anchor == "ground" and shadow:
        body, defs = _shadow(box, shadow)
        sheet.draw(body, defs=defs)
    light = light or _light_of(palette or PALETTES["day"])
    form = modelled(drawing, box[3] * sheet.scale, light, flip=flip)
    material = material or (None if isinstance(subject, Drawing) else subject.material)
    sheet.lay(Figure(drawing, box, light, form, colour, flip, opacity, material))
    return box


def stamp(
    image: Image.Image, subject: Subject, *, x: float, y: float, height: float, ambient: tuple[float, float, float]
) -> Image.Image | None:
    """A copy of a picture with a figure standing in it; None where there is no drawing of the subject.

    `x`, `y` and `height` are shares of the picture's width, height and shorter side.
    """
    drawing = drawing_of(subject)
    if drawing is None:
        return None
    short = min(image.size)
    size, width = _sized(drawing, height * short, image.width * 0.6)
    light = Light(ambient=ambient)
    form = modelled(drawing, size, light)
    box: Box = x * image.width - width / 2, y * image.height - size, width, size
    colour = None if subject.prop else subject.colour
    result = image.copy()
    for layer in (_shadow_on(box), Figure(drawing, box, light, form, colour, material=subject.material)):
        patch = layer.patch(1)
        pixels = Image.fromarray(patch.pixels, "RGBA")
        result.paste(pixels, (patch.left, patch.top), pixels)
    return result


def modelled(drawing: Drawing, rows: float, light: Light, *, flip: bool = False) -> Form:
    """The form of a drawing that will have about `rows` pixels in the draft, lit from one side."""
    _, _, width, height = drawing.box
    longer = min(max(rows * max(width / height, 1) * 1.5, FORM_PIXELS_MIN), FORM_PIXELS)
    share = longer / max(width, height)
    pixels = _drawn(drawing, max(round(width * share), 4), max(round(height * share), 4), None, flip=flip)
    return _form(pixels, light)


def _sized(drawing: Drawing, height: float, width_max: float | None) -> tuple[float, float]:
    width = height * drawing.box[2] / drawing.box[3]
    if width_max is None or width <= width_max:
        return height, width
    return height * width_max / width, width_max


def _turned(drawing: Drawing, degrees: float) -> Drawing:
    left, top, width, height = drawing.box
    x, y = left + width / 2, top + height / 2
    body = f'<g transform="rotate({degrees:.2f} {x:.2f} {y:.2f})">{drawing.body}</g>'
    angle = math.radians(degrees)
    across = abs(width * math.cos(angle)) + abs(height * math.sin(angle))
    down = abs(width * math.sin(angle)) + abs(height * math.cos(angle))
    return Drawing(body, drawing.defs, (x - across / 2, y - down / 2, across, down))


def _light_of(palette: Palette) -> Light:
    return Light(ambient=palette.ambient, rim=palette.sun)


def _drawn(
    drawing: Drawing, columns: int, rows: int, colour: str | None, *, flip: bool, material: Material | None = None
) -> Pixels:
    pixels = pixels_of(drawing, columns, rows)
    if flip:
        pixels = pixels[:, ::-1]
    if drawing.layers:  # each has a colour and a material of its own
        return pixels
    if material:
        return materials.made_of(pixels, material, colour)
    return _dyed(pixels, colour) if colour else pixels


def pixels_of(drawing: Drawing, columns: int, rows: int) -> Pixels:
    """What a drawing looks like without light."""
    if not drawing.layers:
        return raster.render(drawing.body, drawing.box, columns, rows, defs=drawing.defs)
    page = Image.new("RGBA", (columns, rows))
    left, top, width, height = drawing.box
    across, down = columns / width, rows / height
    for layer in drawing.layers:
        x, y = round((layer.box[0] - left) * across), round((layer.box[1] - top) * down)
        wide, high = max(round(layer.box[2] * across), 1), max(round(layer.box[3] * down), 1)
        pixels = _drawn(layer.drawing, wide, high, layer.colour, flip=False, material=layer.material).copy()
        first, last = (round(share * high) for share in layer.rows)
        pixels[:first, :, 3], pixels[last:, :, 3] = 0, 0
        page.alpha_composite(Image.fromarray(pixels, "RGBA"), (max(x, 0), max(y, 0)), (max(-x, 0), max(-y, 0)))
    return np.asarray(page)


def _dyed(pixels: Pixels, colour: str) -> Pixels:
    """The same drawing in another colour: what is colourful takes it, light and dark stay.

    A thing that has no colour takes it all over, but for what is much darker than the rest of it, such as eyes.
    """
    tone: Plane = pixels[..., :3] * np.float32(1 / 255)
    brightest, darkest = tone.max(-1), tone.min(-1)
    colourful = (brightest - darkest) / (brightest + 1e-3)
    light: Plane = tone @ LUMA.ravel()
    ink = pixels[..., 3] > 128
    chosen = ink & (colourful > 0.4)
    is_grey = float(chosen.sum()) < GREY_SHARE * float(ink.sum())
    if is_grey:
        chosen = ink
    middle = max(float(np.median(light[chosen]) if is_grey else light[chosen].mean()) if chosen.any() else 0.5, 0.05)
    ratio: Plane = np.expand_dims(light / middle, -1)
    amount = ease(0.35, 0.65, ratio) if is_grey else ease(0.25, 0.55, colourful)[..., None]
    dye = np.array(svg.channels(colour), np.float32) / 255
    shaded = np.where(ratio < 1, dye * ratio, dye + (1 - dye) * np.clip((ratio - 1) * 0.8, 0, 1))
    result = pixels.copy()
    result[..., :3] = np.clip((tone + (shaded - tone) * amount) * 255, 0, 255)
    return result


def _form(pixels: Pixels, light: Light) -> Form:
    alpha = np.pad(pixels[..., 3] * np.float32(1 / 255), FORM_MARGIN)
    size = pixels.shape[1]
    tone = np.moveaxis(pixels[..., :3], -1, 0) * np.float32(1 / 255)
    lightness = np.pad((tone * LUMA).sum(0), FORM_MARGIN, mode="edge") * alpha
    relief = _raised(alpha, OUTLINE_RELIEF, size) + _raised(lightness, TONE_RELIEF, size)
    inner = slice(FORM_MARGIN, -FORM_MARGIN), slice(FORM_MARGIN, -FORM_MARGIN)
    relief = relief * np.float32(size * STEEPNESS)
    down, across = np.gradient(relief, axis=0)[inner], np.gradient(relief, axis=1)[inner]
    up = 1 / np.sqrt(1 + across * across + down * down)
    return _shaded(-across * up, -down * up, up, light)


def _raised(plane: Plane, relief: tuple[tuple[float, float], ...], size: int) -> Plane:
    heights = [blurred(plane, max(share * size, 0.4)) * np.float32(weight) for share, weight in relief]
    return functools.reduce(np.add, heights)


def _shaded(x: Plane, y: Plane, up: Plane, light: Light) -> Form:
    towards = np.array([*light.direction, LIGHT_HEIGHT], np.float32)
    towards /= np.float32(np.sqrt((towards**2).sum()))
    half = towards + np.array([0, 0, 1], np.float32)
    half /= np.float32(np.sqrt((half**2).sum()))
    diffuse = x * towards[0] + y * towards[1] + up * towards[2]
    shine = np.clip(x * half[0] + y * half[1] + up * half[2], 0, 1) ** SHARPNESS
    rim = np.clip(1 - up, 0, 1) * np.clip(-x * towards[0] - 0.2 * y + 0.2, 0, 1)
    depth = np.float32(light.depth)
    shade = 1 - depth + depth * (AMBIENT + DIFFUSE * diffuse)
    return Form(shade.astype(np.float32), (shine * HIGHLIGHT * depth).astype(np.float32), rim.astype(np.float32))


def _lit(pixels: Pixels, form: Form, light: Light) -> Pixels:
    rows, columns = pixels.shape[:2]
    shade, highlight = (resized(plane, columns, rows) for plane in (form.shade, form.highlight))
    rim = resized(form.rim, columns, rows) * np.float32(RIM) if light.rim else None
    edge = svg.channels(light.rim) if light.rim else (0, 0, 0)
    result = np.empty((rows, columns, 4), np.uint8)
    for channel in range(3):
        tone: Plane = pixels[..., channel] * shade
        tone += highlight * 255
        tone *= np.float32(light.ambient[channel])
        if rim is not None:
            tone += rim * np.float32(edge[channel])
        np.clip(tone, 0, 255, out=tone)
        result[..., channel] = tone
    result[..., 3] = pixels[..., 3]
    return result


def _shadow_on(box: Box) -> Vectors:
    body, defs = _shadow(box, STAMP_SHADOW)
    left, top, width, height = box
    return Vectors((left - width, top + height * 0.6, width * 3, height), [body], [defs])


def _shadow(box: Box, strength: float) -> tuple[str, str]:
    """Body and gradients: a wide soft pool, and a narrow dark one where the figure touches the ground."""
    left, top, width, height = box
    x, y = left + width / 2, top + height
    deep = min(height, width) * 0.12
    defs = svg.radial_gradient("s", ((0, SHADOW, strength), (0.45, SHADOW, strength * 0.5), (1, SHADOW, 0.0)))
    pool = svg.ellipse(x + width * 0.05, y - deep * 0.10, width * 0.66, deep, "url(#s)")
    return pool + svg.ellipse(x, y - deep * 0.05, width * 0.46, deep * 0.5, "url(#s)"), defs
