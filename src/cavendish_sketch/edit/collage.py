"""Several pictures in one: rows of cells, or all of them blended."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageOps

from cavendish_sketch.edit import fit
from cavendish_sketch.edit.fit import Size

Box = tuple[int, int, int, int]  # left, top, right, bottom

PAPER = (246, 244, 239)
GUTTER = 0.014  # of the shorter side
CELL_SHAPES = (0.55, 1.9)  # width to height of a collage cell at most extreme
EXPOSURE_FALL = 0.25  # of the whole, by which neighbours in a blend of more than two overlap


def collage(
    open_: Sequence[Callable[[Size], Image.Image]], shapes: Sequence[float], size: Size, report: Callable[[float], None]
) -> Image.Image:
    """Pictures in full rows, in the order given, with even gutters; each cut to its cell around what matters in it.

    Each picture is opened when its turn comes: fourteen open at once would be a gigabyte.
    """
    gutter = max(2, round(min(size) * GUTTER))
    bounded = [min(max(shape, CELL_SHAPES[0]), CELL_SHAPES[1]) for shape in shapes]
    sheet = Image.new("RGB", size, PAPER)
    for number, (picture, box) in enumerate(zip(open_, boxes(bounded, size, gutter), strict=True)):
        cell = box[2] - box[0], box[3] - box[1]
        sheet.paste(fit.covering(picture(cell), cell), box[:2])
        report((number + 1) / len(open_))
    return sheet


def blend(open_: Sequence[Callable[[Size], Image.Image]], size: Size, report: Callable[[float], None]) -> Image.Image:
    """Two pictures as a double exposure, more as neighbours that fade into each other."""
    if len(open_) == 2:
        first, second = (fit.covering(picture(size), size) for picture in open_)
        return _exposed_twice(first, second)
    return _faded((picture(size) for picture in open_), len(open_), size, report)


def _exposed_twice(first: Image.Image, second: Image.Image) -> Image.Image:
    """As on film: the second fills the shadows of the first and stays visible in its lights."""
    both = Image.blend(ImageChops.screen(first, second), Image.blend(first, second, 0.5), 0.62)
    return ImageOps.autocontrast(both, cutoff=0.5, preserve_tone=True)


def _faded(pictures: Iterable[Image.Image], count: int, size: Size, report: Callable[[float], None]) -> Image.Image:
    across = size[0] >= size[1]
    length = size[0] if across else size[1]
    sheet: Image.Image | None = None
    for number, picture in enumerate(pictures):
        share = (1 + 2 * EXPOSURE_FALL) / count
        start = min(max((number - EXPOSURE_FALL) / count, 0), 1 - share)
        begin, extent = round(start * length), round(share * length)
        part = fit.covering(picture, (extent, size[1]) if across else (size[0], extent))
        box = (begin, 0) if across else (0, begin)
        if sheet is None:
            sheet = Image.new("RGB", size, PAPER)
            sheet.paste(part, box)
        else:
            sheet.paste(part, box, _fading(part.size, across, 2 * EXPOSURE_FALL / (1 + 2 * EXPOSURE_FALL)))
        report((number + 1) / count)
    assert sheet is not None
    return sheet


def _fading(size: Size, across: bool, share: float) -> Image.Image:
    """A mask that opens over a share of the way."""
    ramp = np.clip(np.linspace(0, 1 / share, 512), 0, 1)
    levels = ((1 - np.cos(ramp * math.pi)) * 127.5).astype(np.uint8)
    return Image.fromarray(levels[None] if across else levels[:, None]).resize(size, Image.Resampling.BICUBIC)


def boxes(shapes: Sequence[float], size: Size, gutter: int) -> list[Box]:
    """A cell for each picture, given their widths to heights: the number of rows that crops least."""
    layouts = [_rows(shapes, count) for count in range(1, len(shapes) + 1)]
    rows = min(layouts, key=lambda rows: _cost(rows, size, gutter))
    heights = _heights(rows, size, gutter)
    room = size[1] - gutter * (len(rows) + 1)
    placed: list[Box] = []
    done = 0.0
    for number, (row, height) in enumerate(zip(rows, heights, strict=True)):
        top = gutter * (number + 1) + round(room * done / sum(heights))
        done += height
        bottom = gutter * (number + 1) + round(room * done / sum(heights))
        placed += _row_boxes(row, size[0], gutter, top, bottom)
    return placed


def _rows(shapes: Sequence[float], count: int) -> list[list[float]]:
    """Split into at most `count` rows of about equal total shape."""
    rows: list[list[float]] = [[] for _ in range(count)]
    total, passed = sum(shapes), 0.0
    for shape in shapes:
        rows[min(int((passed + shape / 2) / total * count), count - 1)].append(shape)
        passed += shape
    return [row for row in rows if row]


def _heights(rows: list[list[float]], size: Size, gutter: int) -> list[float]:
    """Of each row, were no picture cropped."""
    return [max(size[0] - gutter * (len(row) + 1), 1) / sum(row) for row in rows]


def _cost(rows: list[list[float]], size: Size, gutter: int) -> float:
    heights = _heights(rows, size, gutter)
    crop = abs(math.log(max(size[1] - gutter * (len(rows) + 1), 1) / sum(heights)))
    return crop + 0.35 * math.log(max(heights) / min(heights))


def _row_boxes(row: list[float], width: int, gutter: int, top: int, bottom: int) -> list[Box]:
    room, passed = width - gutter * (len(row) + 1), 0.0
    placed: list[Box] = []
    for number, shape in enumerate(row):
        left = gutter * (number + 1) + round(room * passed / sum(row))
        passed += shape
        placed.append((left, top, gutter * (number + 1) + round(room * passed / sum(row)), bottom))
    return placed
