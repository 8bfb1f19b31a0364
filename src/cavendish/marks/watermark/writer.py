"""Writes a mark into pixels: as much as the picture hides, and a little where it hides nothing.

The change is worked out on a plane of half a million samples, whatever the picture's size, and enlarged: a 4K picture
costs little more than to be read and written once, and what is enlarged so far survives being made small again.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from cavendish.marks.watermark import carriers, planes
from cavendish.marks.watermark.carriers import Floats
from cavendish.marks.watermark.planes import Pixels

Steps = npt.NDArray[np.int16]

# All in steps of brightness, of 255.
FLAT = 0.6  # root mean square of the change where nothing hides it: a step up or down here and there
HIDDEN = 1.0  # the same where the activity is one; it grows by HIDING_POWER of the activity
HIDING_POWER = 0.6  # under 1: busy places hide more than they need, and the whole picture pays for them in decibels
STRONGEST = 5.0
CHANGE_MAX = 1.9  # over the whole picture: 42.5 dB, before rounding

_SAMPLES = 2  # of the change, a unit: the shortest wave has six and more
_NEAR = 2  # units: what hides a change is as near as this


def written(pixels: Pixels, payload: int, key: bytes) -> Pixels:
    """A copy that carries the payload; transparency stays, and so do pixels that are fully transparent."""
    change = _change(pixels, carriers.of(key).tile(payload, carriers.TILE * _SAMPLES))
    return _added(pixels, change)


def _change(pixels: Pixels, tile: Floats) -> Floats:
    height, width = (
        math.ceil(units * _SAMPLES) for units in reversed(planes.unit_size(pixels.shape[1], pixels.shape[0]))
    )
    strength = Image.fromarray(_strength(planes.brightness(pixels, 1))).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    repeated = np.tile(tile, (-(-height // tile.shape[0]), -(-width // tile.shape[1])))
    change: Floats = repeated[:height, :width] * np.asarray(strength)
    size = math.sqrt(float(np.mean(change * change)))
    return change * np.float32(min(1.0, CHANGE_MAX / size))


def _strength(brightness: Floats) -> Floats:
    """The root mean square of the change that each place gets.

    The least activity around it counts: an edge hides nothing in the flat sky beside it.
    """
    detail = np.abs(brightness - planes.box_mean(brightness, _NEAR))
    activity = planes.least(planes.box_mean(np.sqrt(detail), 1) ** 2, _NEAR)
    return planes.box_mean(np.clip(HIDDEN * activity**HIDING_POWER, FLAT, STRONGEST), _NEAR)


def _added(pixels: Pixels, change: Floats) -> Pixels:
    height, width = pixels.shape[:2]
    plane = Image.fromarray(change)
    across, down = (units * _SAMPLES for units in planes.unit_size(width, height))
    marked = np.empty_like(pixels)
    rows = planes.strip_rows(width)
    for start in range(0, height, rows):
        strip = pixels[start : start + rows]
        stop = start + len(strip)
        box = (0.0, start * down / height, across, stop * down / height)
        enlarged = np.asarray(plane.resize((width, len(strip)), Image.Resampling.BILINEAR, box=box))
        steps = np.rint(enlarged).astype(np.int16)
        marked[start:stop] = _stepped(strip, steps)
    return marked


def _stepped(strip: Pixels, steps: Steps) -> Pixels:
    if strip.ndim == 3 and strip.shape[2] == 4:
        shown = np.where(strip[..., 3] == 0, np.int16(0), steps)
        return np.dstack([_stepped(strip[..., :3], shown), strip[..., 3]])
    if strip.ndim == 3:
        steps = steps[..., None]
    marked = strip + steps
    np.clip(marked, 0, 255, out=marked)
    return marked.astype(np.uint8)
