"""A picture in layers: a backdrop, then vectors, figures and soft layers in painter's order.

Everything is laid at once at 1K size, the draft, so that a later layer can mirror or veil what lies below. A larger
quality enlarges only what is soft; vectors and figures are drawn anew at its own size.

Lengths are in points: the page's shorter side has 1,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from cavendish_sketch.canvas import develop, raster, svg
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.develop import STRIP_ROWS, Film, Negative
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, bell, blurred, resized
from cavendish_sketch.canvas.png import Rows
from cavendish_sketch.canvas.raster import Box, Pixels

POINTS = 1000  # on the shorter side
MARGIN_POINTS = 3.0  # around what a vector layer covers: its soft rim
GLOW_STEP = 8  # draft pixels in one of the glow map
GLOW_HIDDEN = 0.95  # of the light behind a covering layer
GLOW = ((0.010, 0.55), (0.045, 0.60))  # radius as a share of the root of the area, strength
BLOOM_START = 0.70


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Pixels and where their first row and column lie, at one size of the picture."""

    pixels: Pixels
    top: int
    left: int


class Layer(Protocol):
    """What can be drawn at any size. `box` is all that it covers, in points."""

    @property
    def box(self) -> Box: ...

    def patch(self, scale: float) -> Patch:
        """Its pixels at `scale` pixels per point."""
        ...


@dataclass(slots=True)
class Vectors:
    """Neighbouring bodies of SVG, drawn as one document."""

    box: Box
    bodies: list[str]
    defs: list[str]

    def patch(self, scale: float) -> Patch:
        left, top, width, height = self.box
        first, start = max(int(top * scale), 0), max(int(left * scale), 0)
        rows, columns = round(height * scale), round(width * scale)
        window = start / scale, first / scale, columns / scale, rows / scale
        pixels = raster.render("".join(self.bodies), window, columns, rows, defs="".join(self.defs))
        return Patch(pixels, first, start)


@dataclass(frozen=True, slots=True, eq=False)
class Soft:
    """A colour in amounts from 0 to 1, at draft size."""

    amount: Plane
    colour: Planes


@dataclass(slots=True, eq=False)
class Sheet:
    """The picture being made.

    Attributes:
        grid: The draft's pixels.
        draft: Display planes (3, rows, columns), sRGB from 0 to 1: everything laid so far.
        film: How the finished picture is developed; a scene may set its own.
    """

    grid: Grid
    draft: Planes
    film: Film = field(default_factory=Film)
    _base: Negative | None = None
    _layers: list[Layer | Soft] = field(default_factory=list)
    _glow: Planes = field(init=False)
    _bloom: bool = True
    _spaces: int = 0

    def __post_init__(self) -> None:
        rows, columns = -(-self.grid.rows // GLOW_STEP), -(-self.grid.columns // GLOW_STEP)
        self._glow = np.zeros((3, rows, columns), np.float32)

    @classmethod
    def of(cls, width: int, height: int) -> Sheet:
        """An empty page for a picture of this size at 1K."""
        return cls(Grid.of(width, height), np.zeros((3, height, width), np.float32))

    @property
    def scale(self) -> float:
        """Draft pixels in a point."""
        return min(self.grid.rows, self.grid.columns) / POINTS

    @property
    def width(self) -> float:
        """Points."""
        return self.grid.columns / self.scale

    @property
    def height(self) -> float:
        """Points."""
        return self.grid.rows / self.scale

    def backdrop(self, planes: Planes) -> None:
        """Lay display planes of the draft's size over everything so far."""
        self.draft = np.ascontiguousarray(np.clip(planes, 0, 1), np.float32)
        self._base, self._bloom = develop.plain(self.grid, self.draft.copy()), True
        self._layers.clear()
        self._glow[:] = 0

    def expose(self, canvas: Canvas) -> None:
        """Lay a composition in linear light; it blooms and sparkles by itself."""
        self._base, self._bloom = develop.fix(canvas), False
        self._layers.clear()
        self._glow[:] = 0
        self.draft = self._base.planes.copy()
        develop.add_sparks(self.draft, self._base, 0, self.grid.rows, 1)

    def draw(self, body: str, *, defs: str = "", glow: float = 0.0, opacity: float = 1.0) -> None:
        """Lay SVG elements. `glow` is how much light their colours give off; what they cover hides light behind it."""
        if not body:
            return
        self._spaces += 1
        body, defs = (svg.namespaced(text, f"n{self._spaces}-") for text in (body, defs))
        if opacity < 1:
            body = svg.group(body, opacity=opacity)
        page: Box = 0, 0, self.width, self.height
        pixels = raster.render(body, page, self.grid.columns, self.grid.rows, defs=defs)
        found = raster.bounds(pixels[..., 3])
        if found is None:
            return
        top, bottom, left, right = found
        _cover(self.draft, Patch(pixels[top:bottom, left:right], top, left), 0)
        self._hide_glow(pixels[..., 3], 0, 0)
        self._keep(Vectors(self._framed(top, bottom, left, right), [body], [defs]))
        if glow:
            rows, columns = self._glow.shape[1:]
            shining = raster.render(body, page, columns, rows, defs=defs)
            self._glow += _planes(shining) * (shining[..., 3] * np.float32(glow / 255))

    def lay(self, layer: Layer) -> None:
        """Lay a figure, or anything else that draws itself at any size."""
        patch = layer.patch(self.scale)
        _cover(self.draft, patch, 0)
        self._hide_glow(patch.pixels[..., 3], patch.top, patch.left)
        self._layers.append(layer)

    def soft(self, amount: Plane, colour: str | Planes) -> None:
        """Lay a veil, a shade or a mirror: `colour` is one colour or display planes, `amount` how much of it."""
        if isinstance(colour, str):
            planes = np.array(svg.channels(colour), np.float32).reshape(3, 1, 1) / 255
        else:
            planes = np.clip(colour, 0, 1).astype(np.float32)
        amount = np.clip(np.broadcast_to(amount, self.draft.shape[1:]), 0, 1).astype(np.float32)
        self.draft += (planes - self.draft) * amount
        self._glow *= 1 - resized(amount, self._glow.shape[2], self._glow.shape[1]) * GLOW_HIDDEN
        self._layers.append(Soft(amount, planes))

    def light(self, x: float, y: float, radius: float, colour: str, strength: float) -> None:
        """Let a place shine, without a shape."""
        step = self.scale / GLOW_STEP
        rows, columns = np.arange(self._glow.shape[1])[:, None], np.arange(self._glow.shape[2])[None]
        away = np.hypot(rows - y * step, columns - x * step)
        tone = np.array(svg.channels(colour), np.float32).reshape(3, 1, 1) / 255
        self._glow += tone * (bell(away, max(radius * step, 0.7)) * strength).astype(np.float32)

    def strips(self, quality: int, dice: Dice) -> Iterator[Rows]:
        """The finished picture at `quality` times 1K size, from top to bottom."""
        finish = develop.Finish(self.grid, self._shine(), self.film, quality, dice)
        printed = _Printed(self._layers, self.scale * quality)
        for start in range(0, self.grid.rows, STRIP_ROWS):
            stop = min(start + STRIP_ROWS, self.grid.rows)
            if quality == 1 or self._base is None:
                planes = self.draft[:, start:stop].copy()
            else:
                planes = develop.enlarged(self._base, start, stop, quality)
                printed.onto(planes, start, stop, quality)
            yield finish.strip(planes, start, stop)

    def _keep(self, layer: Vectors) -> None:
        last = self._layers[-1] if self._layers else None
        if not isinstance(last, Vectors) or not _worth_joining(last.box, layer.box):
            self._layers.append(layer)
            return
        last.bodies += layer.bodies
        last.defs += layer.defs
        last.box = _union(last.box, layer.box)

    def _framed(self, top: int, bottom: int, left: int, right: int) -> Box:
        x, y = max(left / self.scale - MARGIN_POINTS, 0), max(top / self.scale - MARGIN_POINTS, 0)
        end_x = min(right / self.scale + MARGIN_POINTS, self.width)
        end_y = min(bottom / self.scale + MARGIN_POINTS, self.height)
        return x, y, end_x - x, end_y - y

    def _hide_glow(self, alpha: Plane, top: int, left: int) -> None:
        """Light from behind does not pass what covers it."""
        first, start = -(-top // GLOW_STEP), -(-left // GLOW_STEP)
        seen = alpha[first * GLOW_STEP - top :: GLOW_STEP, start * GLOW_STEP - left :: GLOW_STEP]
        view = self._glow[:, first : first + seen.shape[0], start : start + seen.shape[1]]
        view *= 1 - seen[: view.shape[1], : view.shape[2]] * np.float32(GLOW_HIDDEN / 255)

    def _shine(self) -> Planes:
        """The light that spreads, at the size of the glow map."""
        rows, columns = self._glow.shape[1:]
        glow = self._glow
        if self._bloom:
            small = np.stack([resized(plane, columns, rows) for plane in self.draft])
            bright = np.clip((small.max(0) - BLOOM_START) / (1 - BLOOM_START), 0, 1)
            glow = glow + small * (bright * self.film.bloom)
        area = float(np.sqrt(rows * columns))
        spread = np.zeros_like(glow)
        for share, gain in GLOW:
            spread += np.stack([blurred(plane, share * area) for plane in glow]) * np.float32(gain)
        return np.clip(spread, 0, 1)


class _Printed:
    """The layers at one size, each drawn when the first strip needs it and dropped after the last."""

    def __init__(self, layers: list[Layer | Soft], scale: float) -> None:
        self._layers, self._scale = layers, scale
        self._patches: dict[int, Patch] = {}

    def onto(self, planes: Planes, start: int, stop: int, quality: int) -> None:
        for number, layer in enumerate(self._layers):
            if isinstance(layer, Soft):
                _veil(planes, layer, start, stop, quality)
            else:
                self._stamp(planes, number, layer, start * quality, stop * quality)

    def _stamp(self, planes: Planes, number: int, layer: Layer, first: int, last: int) -> None:
        _, top, _, height = layer.box
        if last <= top * self._scale - 2 or first >= (top + height) * self._scale + 2:
            self._patches.pop(number, None)
            return
        if number not in self._patches:
            self._patches[number] = layer.patch(self._scale)
        _cover(planes, self._patches[number], first)


def _cover(planes: Planes, patch: Patch, first: int) -> None:
    """Lay the part of a patch that falls into these planes, whose first row is row `first` of the picture."""
    top, left = patch.top - first, patch.left
    rows, columns = patch.pixels.shape[:2]
    cut_top, cut_left = max(-top, 0), max(-left, 0)
    seen = patch.pixels[cut_top : max(planes.shape[1] - top, cut_top), cut_left : max(planes.shape[2] - left, cut_left)]
    if not seen.size:
        return
    y, x = top + cut_top, left + cut_left
    view = planes[:, y : y + seen.shape[0], x : x + seen.shape[1]]
    alpha = seen[..., 3] * np.float32(1 / 255)
    for channel, plane in enumerate(view):
        tone = seen[..., channel] * np.float32(1 / 255)
        tone -= plane
        tone *= alpha
        plane += tone


def _veil(planes: Planes, layer: Soft, start: int, stop: int, quality: int) -> None:
    if not layer.amount[start:stop].any():
        return
    amount = develop.enlarged_plane(layer.amount, start, stop, quality)
    for plane, colour in zip(planes, layer.colour, strict=True):
        tone = colour if colour.size == 1 else develop.enlarged_plane(colour, start, stop, quality)
        plane += (tone - plane) * amount


def _planes(pixels: Pixels) -> Planes:
    planes: Planes = np.moveaxis(pixels[..., :3], -1, 0) * np.float32(1 / 255)
    return planes


def _union(first: Box, second: Box) -> Box:
    left, top = min(first[0], second[0]), min(first[1], second[1])
    right = max(first[0] + first[2], second[0] + second[2])
    bottom = max(first[1] + first[3], second[1] + second[3])
    return left, top, right - left, bottom - top


def _worth_joining(first: Box, second: Box) -> bool:
    """One larger document costs less than two, unless most of it would be empty."""
    joined = _union(first, second)
    return joined[2] * joined[3] <= 1.3 * (first[2] * first[3] + second[2] * second[3])
