"""Unfinished pictures of one that is being drawn: the sheet as it is at that moment, small, without the film's finish.

Few are asked for and no scene knows how many steps it takes. So they are spread over the work by what is done of it,
and a step that nobody would see is passed over.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from cavendish.engines.base import PREVIEW_BYTES_MAX, PREVIEW_SIDE_MAX
from cavendish_sketch.canvas import marks
from cavendish_sketch.canvas.field import Planes, resized

QUALITIES = (80, 50)  # of the JPEG, the first that fits: the second is for a page full of noise
SEEN_LEVELS = 0.35  # a mean difference below this, in levels of 255, cannot be seen


class Previews:
    """At most `count` of them, each shown as it is taken."""

    def __init__(self, count: int, show: Callable[[bytes], None]) -> None:
        self._count = count
        self._show = show
        self._taken = 0
        self._last = np.zeros((1, 1, 1), np.int16)  # an empty page is nothing to show

    def look(self, part: float, picture: Callable[[], Image.Image]) -> None:
        """Take one where it is time: `part` of the drawing is done, and `picture` gives what is there, small."""
        if self._taken >= self._count or part < (self._taken + 0.5) / self._count:
            return
        image = picture()
        pixels = np.asarray(image).astype(np.int16)
        if float(np.abs(pixels - self._last).mean()) < SEEN_LEVELS:
            return
        self._taken, self._last = self._taken + 1, pixels
        self._show(_file(image))


def of_draft(draft: Planes) -> Image.Image:
    """Display planes, small enough."""
    columns, rows = _within(draft.shape[2], draft.shape[1])
    small = np.stack([resized(plane, columns, rows) for plane in draft], axis=-1)
    return Image.fromarray((np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8))


def of_image(image: Image.Image) -> Image.Image:
    """The same of a photograph that is being changed."""
    return image.convert("RGB").resize(_within(*image.size), Image.Resampling.BOX, reducing_gap=2)


def _within(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, PREVIEW_SIDE_MAX / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _file(image: Image.Image) -> bytes:
    """It says of itself what the finished one says."""
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, xmp=marks.XMP.encode())
        if file.tell() <= PREVIEW_BYTES_MAX:
            break
    return file.getvalue()
