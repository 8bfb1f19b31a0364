"""Thousands of small things as one layer: blossoms, leaves, petals, grass.

A thing is drawn once per colour and size, and set down at every place. As elements of SVG the same picture takes ten
times as long.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cavendish_sketch.canvas import raster, svg
from cavendish_sketch.canvas.field import Plane
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Patch

SPRITE_PIXELS_MIN = 3
OPAQUE = 255
LOOSE_REACH = 1.5  # radii: rounding to pixels never cuts a sprite
STAMPS_REMEMBERED = 2  # sets of sprites: neighbouring layers often share one


@dataclass(frozen=True, slots=True)
class Sprites:
    """Small drawings, each within 1 of its own (0, 0), and the radii in points at which they are set down."""

    bodies: tuple[str, ...]
    sizes: tuple[float, ...]
    flat: float = 1.0  # height as a share of the width
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)  # factors on red, green and blue


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where sprites go, in painter's order: points, and the numbers of body and size."""

    x: Plane
    y: Plane
    body: Plane
    size: Plane

    @classmethod
    def none(cls) -> Places:
        nothing = np.zeros(0, np.float32)
        return cls(nothing, nothing, nothing.astype(int), nothing.astype(int))


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """Sprites set down, with vectors (wood) between those behind and those before; a layer of a sheet.

    Attributes:
        box: Left, top, width and height in points; what lies outside is cut off.
        ground: Hex colour that the sprites' rims blend with.
    """

    box: Box
    sprites: Sprites
    before: Places
    behind: Places
    ground: str
    middle: str = ""
    defs: str = ""

    def patch(self, scale: float) -> Patch:
        left, top, width, height = self.box
        first, start = round(top * scale), round(left * scale)
        columns, rows = max(round(width * scale), 1), max(round(height * scale), 1)
        image = Image.new("RGBA", (columns, rows), (*svg.channels(self.ground), 0))
        stamps = _stamps(self.sprites, scale)
        _set_down(image, self.behind, stamps, scale, start, first)
        if self.middle:
            window = start / scale, first / scale, columns / scale, rows / scale
            image.alpha_composite(Image.fromarray(raster.render(self.middle, window, columns, rows, defs=self.defs)))
        _set_down(image, self.before, stamps, scale, start, first)
        return Patch(np.asarray(image), first, start)


def loose(sprites: Sprites, places: Places, ground: str) -> Iterator[Scatter]:
    """A layer for every single sprite: few of them all over a page cost no page of pixels."""
    for number in range(len(places.x)):
        one = slice(number, number + 1)
        reach = sprites.sizes[int(places.size[number])] * LOOSE_REACH
        left, top = float(places.x[number]) - reach, float(places.y[number]) - reach
        box = left, top, 2 * reach, 2 * reach
        single = Places(places.x[one], places.y[one], places.body[one], places.size[one])
        yield Scatter(box, sprites, single, Places.none(), ground)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A sprite at one size: opaque ink and its mask. Laid through the mask, ink covers what is there."""

    ink: Image.Image
    mask: Image.Image


@functools.lru_cache(maxsize=STAMPS_REMEMBERED)
def _stamps(sprites: Sprites, scale: float) -> tuple[tuple[_Stamp, ...], ...]:
    """Every body at every size. They are drawn once, at the largest size, and made smaller."""
    count = len(sprites.bodies)
    row = "".join(svg.group(body, x=1 + 2 * number, y=1) for number, body in enumerate(sprites.bodies))
    wide, tall = _pixels(sprites, max(sprites.sizes), scale)
    pixels = raster.render(row, (0, 0, 2 * count, 2), wide * count, tall)
    if sprites.light != (1.0, 1.0, 1.0):
        pixels = (pixels * np.array([*sprites.light, 1.0], np.float32)).clip(0, 255).astype(np.uint8)
    drawn = Image.fromarray(pixels)
    return tuple(_cut(drawn, count, *_pixels(sprites, radius, scale)) for radius in sprites.sizes)


def _pixels(sprites: Sprites, radius: float, scale: float) -> tuple[int, int]:
    wide = max(round(2 * radius * scale), SPRITE_PIXELS_MIN)
    return wide, max(round(wide * sprites.flat), 2)


def _cut(drawn: Image.Image, count: int, wide: int, tall: int) -> tuple[_Stamp, ...]:
    row = drawn if drawn.size == (wide * count, tall) else drawn.resize((wide * count, tall), Image.Resampling.BOX)
    mask = row.getchannel("A")
    ink = row.copy()
    ink.putalpha(OPAQUE)
    boxes = [(number * wide, 0, (number + 1) * wide, tall) for number in range(count)]
    return tuple(_Stamp(ink.crop(box), mask.crop(box)) for box in boxes)


def _set_down(
    image: Image.Image, places: Places, stamps: Sequence[Sequence[_Stamp]], scale: float, start: int, first: int
) -> None:
    if not len(places.x):
        return
    columns = np.round(places.x * scale - start).astype(int).tolist()
    rows = np.round(places.y * scale - first).astype(int).tolist()
    # The checks of `Image.paste` take five times as long as the pasting of a sprite; its core clips by itself.
    canvas = image.im
    cores = [[(stamp.ink.im, stamp.mask.im, *stamp.mask.size) for stamp in size] for size in stamps]
    for column, row, body, size in zip(columns, rows, places.body.tolist(), places.size.tolist(), strict=True):
        ink, mask, wide, tall = cores[size][body]
        left, top = column - wide // 2, row - tall // 2
        canvas.paste(ink, (left, top, left + wide, top + tall), mask)
