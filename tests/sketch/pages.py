"""Pages to draw on: those of 1K, and smaller ones of the same shape.

A scene measures in points and in shares of its page, so that most of what it promises is seen as well on a small one, in
a fraction of the time. Each scene is drawn on whole pages too.
"""

from __future__ import annotations

from cavendish import models
from cavendish_sketch.canvas.sheet import Sheet

WHOLE, HALF, QUARTER = 1, 2, 4  # what the sides of 1K are divided by


def size(ratio: str = "16:9", part: int = HALF) -> tuple[int, int]:
    """Width and height in pixels; every side of 1K can be divided by four."""
    width, height = models.pixels(ratio, models.Quality.ONE_K)
    return width // part, height // part


def page(ratio: str = "16:9", part: int = HALF) -> Sheet:
    return Sheet.of(*size(ratio, part))
