"""Child side: the visible mark `AI` in a corner of a finished picture, as whoever publishes it may owe its viewers.

The rules: white capitals on a dark plate in the lower right corner. The letters are at least 5 % of the shorter side
high, and at least 16 pixels. Between them and their plate the contrast is at least 4.5:1 (WCAG 2.2, 1.4.3), whatever
lies below: the plate lets too little of it through to matter. All of it is inside a margin. A picture that is too small
for that has smaller margins, and under 32 pixels a smaller mark. The letters are shapes of their own: no font is
needed, and none is looked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw

from cavendish.imaging import decode

LETTERS = "AI"
HEIGHT_SHARE, HEIGHT_MIN = 0.05, 16  # of the shorter side, and in pixels
_MARGIN_SHARE, _MARGIN_MIN = 0.025, 4  # of the shorter side, and in pixels
_PAD_SHARE = 0.42  # of the letters' height, above and below them; a little more at their sides
_SIDE_PAD = 1.2
_ROUND = 0.28  # of the plate's height
_INK, _PLATE, _PLATE_OPACITY = 255, 18, 212  # of 255: over white that is 50, and 12.6:1
_FINE = 4  # times as large is what is drawn, so that edges are smooth

# In units of the letters' height, the first from its lower left; a capital A with its counter cut out, and an I.
_A = ((0.0, 1.0), (0.355, 0.0), (0.565, 0.0), (0.92, 1.0), (0.715, 1.0), (0.634, 0.77), (0.286, 0.77), (0.205, 1.0))
_COUNTER = ((0.341, 0.612), (0.579, 0.612), (0.46, 0.265))
_I = ((1.05, 0.0), (1.245, 0.0), (1.245, 1.0), (1.05, 1.0))
_WIDTH = 1.245


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the mark stands, in pixels of the picture: the plate, and in it the letters."""

    left: int
    top: int
    width: int
    height: int
    letters_left: int
    letters_top: int
    letters_height: int


def drawn(image: Image.Image) -> Image.Image:
    """The picture with the mark on it, in 8 bits a channel, and nothing else changed."""
    sheet = _paintable(image)
    layout = placed(*sheet.size)
    box = (layout.left, layout.top, layout.left + layout.width, layout.top + layout.height)
    plate, letters = _masks(layout)
    below = sheet.crop(box).convert("RGBA")
    below.alpha_composite(_ink(_PLATE, plate.point(lambda value: value * _PLATE_OPACITY // 255)))
    below.alpha_composite(_ink(_INK, letters))
    sheet.paste(below.convert(sheet.mode), box)
    return sheet


def placed(width: int, height: int) -> Layout:
    """Where the mark stands in a picture of this size."""
    shorter = min(width, height)
    letters = max(HEIGHT_MIN, math.ceil(HEIGHT_SHARE * shorter))
    letters = min(letters, max(1, shorter // 2)) if shorter < 2 * HEIGHT_MIN else letters
    pad = round(_PAD_SHARE * letters)
    side = round(_SIDE_PAD * pad)
    plate = min(round(_WIDTH * letters) + 2 * side, width), min(letters + 2 * pad, height)
    margin = max(_MARGIN_MIN, round(_MARGIN_SHARE * shorter))
    left = max(0, width - plate[0] - min(margin, (width - plate[0]) // 2))
    top = max(0, height - plate[1] - min(margin, (height - plate[1]) // 2))
    return Layout(
        left,
        top,
        *plate,
        letters_left=max(0, (plate[0] - round(_WIDTH * letters)) // 2),
        letters_top=(plate[1] - letters) // 2,
        letters_height=letters,
    )


def _paintable(image: Image.Image) -> Image.Image:
    """A copy in a mode that has white and black in it, and transparency where the picture has some."""
    plain = decode.without_depth(image)
    if plain.has_transparency_data:
        return plain.copy() if plain.mode in ("RGBA", "LA") else plain.convert("RGBA")
    return plain.copy() if plain.mode in ("RGB", "L") else plain.convert("L" if plain.mode == "1" else "RGB")


def _masks(layout: Layout) -> tuple[Image.Image, Image.Image]:
    """The plate's shape and the letters'."""
    size = layout.width * _FINE, layout.height * _FINE
    plate, letters = Image.new("L", size, 0), Image.new("L", size, 0)
    last = size[0] - 1, size[1] - 1
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, *last), radius=_ROUND * size[1], fill=255)
    pen = ImageDraw.Draw(letters)
    for shape, value in ((_A, 255), (_COUNTER, 0), (_I, 255)):
        pen.polygon([_point(layout, *point) for point in shape], fill=value)
    return plate.reduce(_FINE), letters.reduce(_FINE)


def _point(layout: Layout, x: float, y: float) -> tuple[float, float]:
    """Of a letter's shape on the enlarged plate. Its last row and column of pixels is the one before the edge."""
    height = layout.letters_height * _FINE
    return layout.letters_left * _FINE + x * (height - 1), layout.letters_top * _FINE + y * (height - 1)


def _ink(value: int, mask: Image.Image) -> Image.Image:
    grey = Image.new("L", mask.size, value)
    return Image.merge("RGBA", (grey, grey, grey, mask))
