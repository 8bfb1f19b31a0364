"""Edit mode: fit one picture to a size or arrange several, then change them as the instruction says."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from cavendish.engines.sketch import edit_words, styles, words
from cavendish.engines.sketch.field import Dice
from cavendish.engines.sketch.png import Rows
from cavendish.imaging.child_main import Refused

Size = tuple[int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom

FORMATS = ("PNG", "JPEG")
PAPER = (246, 244, 239)
GUTTER = 0.014  # of the shorter side
# A picture whose shape differs more than this from the asked one is shown whole over a blurred copy of itself.
CROP_MAX = 1.45
BACKDROP_BLUR, BACKDROP_SHADE = 0.035, 0.72
CELL_SHAPES = (0.55, 1.9)  # width to height of a collage cell at most extreme

_OPERATORS = words.index({name: operator.words for name, operator in edit_words.OPERATORS.items()})
_LAYOUTS = words.index(edit_words.LAYOUTS)
_THINGS = words.index({"thing": edit_words.THINGS})
_PHRASES = re.compile(r"\b(" + "|".join(sorted(map(re.escape, edit_words.PHRASES), key=len, reverse=True)) + r")\b")
_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Plan:
    """What an instruction asks for and this engine can do.

    Attributes:
        operators: Keys of `edit_words.OPERATORS`, in the order in which they run.
        layout: `crop` or `extend` where the instruction says so.
        followed: Labels of everything understood, for the caller.
    """

    operators: tuple[str, ...]
    layout: str | None
    followed: tuple[str, ...]


def plan(instruction: str, *, pictures: int) -> Plan:
    """Read an instruction.

    Raises:
        Refused: no word is understood; an unchanged picture would be no edit.
    """
    text = words.fold(instruction).replace("-", " ")
    text = _PHRASES.sub(lambda match: edit_words.PHRASES[match[0]], text)
    tokens = _TOKEN.findall(text)
    operators = _in_order(list(dict.fromkeys(key for _, key in _OPERATORS.calls(tokens, text))))
    layouts = list(dict.fromkeys(key for _, key in _LAYOUTS.calls(tokens, text)))
    if pictures == 1:
        layouts = [name for name in layouts if name != "collage"]
    if _THINGS.calls(tokens, text):
        operators = [name for name in operators if edit_words.OPERATORS[name].stage in ("style", "finish")]
    if not operators and not layouts:
        raise Refused(_what_is_possible())
    chosen = next((name for name in layouts if name in ("crop", "extend")), None)
    labels = (*(edit_words.OPERATORS[name].label for name in operators), *layouts)
    return Plan(tuple(operators), chosen, labels)


def warnings(plan: Plan) -> list[str]:
    return [f"Of the instruction, the sketch engine followed: {', '.join(plan.followed)}."]


def carry_out(plan: Plan, blobs: Sequence[bytes], size: Size, chance: bytes, report: Callable[[float], None]) -> Rows:
    """The edited picture as pixels."""
    dice = Dice(chance)
    if len(blobs) == 1:
        image = _fitted(_opened(blobs[0], size), size, plan.layout)
    else:
        image = _collage(blobs, size, lambda part: report(0.4 * part))
    report(0.4)
    for step, name in enumerate(plan.operators):
        image = styles.OPERATORS[name](image, dice)
        report(0.4 + 0.6 * (step + 1) / len(plan.operators))
    return np.asarray(image)


def _in_order(names: list[str]) -> list[str]:
    """By stage; of the styles only the first one named: a watercolour of a pencil drawing is neither."""
    stages = {name: edit_words.OPERATORS[name].stage for name in names}
    first_style = next((name for name in names if stages[name] == "style"), None)
    kept = [name for name in names if stages[name] != "style" or name == first_style]
    return sorted(kept, key=lambda name: edit_words.STAGES.index(stages[name]))


def _what_is_possible() -> str:
    labels = ", ".join(operator.label for operator in edit_words.OPERATORS.values())
    return (
        "The built-in sketch engine cannot do this edit. It can apply these looks: "
        f"{labels}; and these layouts: {edit_words.LAYOUT_LABELS}. Name one of them, or use another engine."
    )


def _opened(blob: bytes, size: Size) -> Image.Image:
    """RGB on white, at most as large as needed."""
    file = Image.open(io.BytesIO(blob), formats=FORMATS)
    file.draft("RGB", size)
    if not file.has_transparency_data:
        return file.convert("RGB")
    paper, picture = Image.new("RGB", file.size, "white"), file.convert("RGBA")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _fitted(image: Image.Image, size: Size, layout: str | None) -> Image.Image:
    stretch = (image.width / image.height) / (size[0] / size[1])
    if layout == "crop" or (layout is None and max(stretch, 1 / stretch) <= CROP_MAX):
        return _covering(image, size)
    return _whole(image, size)


def _covering(image: Image.Image, size: Size) -> Image.Image:
    # A little above the middle: heads and horizons are there.
    return ImageOps.fit(image, size, Image.Resampling.BICUBIC, centering=(0.5, 0.45))


def _whole(image: Image.Image, size: Size) -> Image.Image:
    """The whole picture over a blurred and darkened one that fills the rest."""
    small = _covering(image, (max(16, size[0] // 8), max(16, size[1] // 8)))
    small = small.filter(ImageFilter.GaussianBlur(BACKDROP_BLUR * math.sqrt(small.width * small.height)))
    backdrop = small.point(lambda value: value * BACKDROP_SHADE).resize(size, Image.Resampling.BICUBIC)
    picture = ImageOps.contain(image, size, Image.Resampling.BICUBIC)
    backdrop.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return backdrop


def _collage(blobs: Sequence[bytes], size: Size, report: Callable[[float], None]) -> Image.Image:
    """Pictures in full rows, in the order given, with even gutters."""
    gutter = max(2, round(min(size) * GUTTER))
    shapes = [_shape(blob) for blob in blobs]
    sheet = Image.new("RGB", size, PAPER)
    for number, (blob, box) in enumerate(zip(blobs, boxes(shapes, size, gutter), strict=True)):
        cell = box[2] - box[0], box[3] - box[1]
        sheet.paste(_covering(_opened(blob, cell), cell), box[:2])
        report((number + 1) / len(blobs))
    return sheet


def _shape(blob: bytes) -> float:
    image = Image.open(io.BytesIO(blob), formats=FORMATS)
    return min(max(image.width / image.height, CELL_SHAPES[0]), CELL_SHAPES[1])


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
