"""From SVG to pixels, by librsvg inside libvips. Only text that this package made is ever rendered."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

os.environ.setdefault("VIPS_CONCURRENCY", "1")  # one thread per drawing child: the pool has a child per processor
os.environ.setdefault("VIPS_WARNING", "1")

import pyvips

from cavendish_sketch.canvas.field import Plane

pyvips.cache_set_max(0)  # no picture is drawn twice; a cache would only hold memory

Pixels = npt.NDArray[np.uint8]  # (rows, columns, 4): red, green, blue, alpha, not premultiplied
Box = tuple[float, float, float, float]  # left, top, width, height in points

HEADER = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
COVERED = 8  # alpha above which a pixel counts as drawn


def render(body: str, box: Box, columns: int, rows: int, *, defs: str = "") -> Pixels:
    """What lies in a box of the page, at a size in pixels."""
    view = " ".join(f"{value:.4f}" for value in box)
    text = (
        f'{HEADER} width="{columns}" height="{rows}" viewBox="{view}" preserveAspectRatio="none">'
        f"<defs>{defs}</defs>{body}</svg>"
    )
    image: Any = pyvips.Image.svgload_buffer(text.encode(), unlimited=True)
    pixels: Pixels = np.asarray(image.numpy())
    return pixels[:rows, :columns]


def bounds(alpha: Plane) -> tuple[int, int, int, int] | None:
    """First and last-plus-one row and column that are covered; None where nothing is."""
    covered = alpha > COVERED
    rows, columns = np.nonzero(covered.any(1))[0], np.nonzero(covered.any(0))[0]
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
