"""Which ratio and quality to order for a picture of an exact size, and whether its shape can be had.

An engine draws in fixed ratios and qualities; the worker's finishing step makes the exact size of that.
"""

from __future__ import annotations

import math

from cavendish.errors import InvalidInput, shown
from cavendish.models import PublicModel, Quality, pixels

# For documents: both sides from 64 to 4,096 can be made of some ratio, whatever they are; so can those larger ones that
# a ratio has.
_SIDE = "(6[4-9]|[7-9][0-9]|[1-9][0-9]{2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-6])"
PATTERN = f"^{_SIDE}x{_SIDE}$"
SIDE_MIN = 64  # pixels: icons are smaller, and nobody orders them here
CROP_MAX = 0.03  # of a side: what is cut away without asking, for most sizes that clients know are off by less
# How much a picture may be enlarged: 1536x1024, which OpenAI's clients order as one of three, is 1.22 times our 3:2 at
# 1K, and nobody sees that; from there on the next quality is drawn.
ENLARGED_MAX = 1.25


def parsed(value: str, name: str) -> tuple[int, int]:
    """Width and height in pixels of `1536x1024`.

    Raises:
        InvalidInput: it is written otherwise, or smaller than anything here.
    """
    width, cross, height = value.partition("x")
    digits = all(part.isascii() and part.isdigit() and len(part) <= 5 for part in (width, height))
    if not (cross and digits) or min(int(width), int(height)) < SIDE_MIN:
        raise InvalidInput(
            f"{name} {shown(value)} is not valid: use WIDTHxHEIGHT in pixels, as 1536x1024, both at least {SIDE_MIN}"
        )
    return int(width), int(height)


def ratio(width: int, height: int, model: PublicModel) -> str:
    """The model's ratio that is nearest in shape."""
    return min(model.aspect_ratios, key=lambda one: abs(math.log(width / height / _shape(one))))


def quality(width: int, height: int, ratio: str, model: PublicModel, name: str, *, padded: bool) -> Quality:
    """The smallest quality from which the size can be made without a loss that is seen.

    Raises:
        InvalidInput: it is larger than the largest.
    """
    qualities = sorted(model.image_qualities, key=lambda one: one.scale)
    for one in qualities:
        if is_enough(width, height, ratio, one, padded=padded):
            return one
    most = "x".join(map(str, pixels(ratio, qualities[-1])))
    raise InvalidInput(f"{name} {width}x{height} is too large: pictures of this shape have at most {most} pixels")


def is_enough(width: int, height: int, ratio: str, quality: Quality, *, padded: bool) -> bool:
    """Whether a picture of this ratio and quality makes the size, enlarged as little as is allowed.

    Args:
        padded: One of another shape is shown whole within the size; else it covers it.
    """
    drawn_width, drawn_height = pixels(ratio, quality)
    scales = width / drawn_width, height / drawn_height
    whole = padded and not fits(width, height, ratio)
    return (min(scales) if whole else max(scales)) <= ENLARGED_MAX


def fits(width: int, height: int, ratio: str) -> bool:
    """Whether no more than `CROP_MAX` of a side must go for a picture of this ratio to have the size's shape."""
    return off(width / height, _shape(ratio)) <= CROP_MAX


def nearest(width: int, height: int, ratio: str) -> str:
    """The size of the ratio's shape that is as wide."""
    return f"{width}x{round(width / _shape(ratio))}"


def off(one: float, other: float) -> float:
    """The share of a side by which two shapes, widths to heights, differ."""
    return 1 - min(one, other) / max(one, other)


def _shape(ratio: str) -> float:
    """Width to height of what is drawn, which is not quite what the ratio says."""
    width, height = pixels(ratio, Quality.ONE_K)
    return width / height
