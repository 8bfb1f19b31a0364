"""A caption in the engine's own typeface: Hanken Grotesk, from the package `font-hanken-grotesk` (SIL OFL 1.1)."""

from __future__ import annotations

import functools
import importlib.resources
import io
import unicodedata

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from cavendish.children.main import Refused
from cavendish_sketch.canvas.field import Plane, ease
from cavendish_sketch.edit import media

FONT = "HankenGrotesk-Bold.otf"
SIZES = (0.105, 0.030)  # of the shorter side: the largest and the smallest
WIDTH = 0.88  # of the picture, at most
ROOM = 0.30  # of the picture's height that a caption takes at most
LINES_MAX = 3
LINE_HEIGHT = 1.16  # of the size
MARGIN = 0.55  # of the size, between the text and the picture's edge
SHADE = 0.66  # how dark the picture becomes behind the words
WHITE, SHADOW = (255, 253, 248), (8, 9, 14)
MISSING = "\uffff"  # a character that no font has
SCRIPTS = {
    "CJK": "Chinese or Japanese characters",
    "HIRAGANA": "Japanese characters",
    "KATAKANA": "Japanese characters",
    "HANGUL": "Korean characters",
    "CYRILLIC": "Cyrillic letters",
    "GREEK": "Greek letters",
    "ARABIC": "Arabic letters",
    "HEBREW": "Hebrew letters",
    "THAI": "Thai letters",
    "DEVANAGARI": "Devanagari letters",
    "BENGALI": "Bengali letters",
    "TAMIL": "Tamil letters",
    "GEORGIAN": "Georgian letters",
    "ARMENIAN": "Armenian letters",
}


def check(text: str) -> None:
    """Whether every character can be set.

    Raises:
        Refused: the typeface lacks some; the message names their script.
    """
    missing = _missing(text)
    if missing is not None:
        raise Refused(
            f"The caption has {missing}, which the sketch engine's typeface lacks. Nothing was changed. "
            "It sets Latin letters, digits and common signs."
        )


def caption(image: Image.Image, text: str, *, top: bool) -> Image.Image:
    """The picture with a text along one edge, as large as fits, on a shade that fades out into the picture."""
    font, lines = _fitting(text, image.size)
    size = font.size
    height = LINE_HEIGHT * size * len(lines)
    first = MARGIN * size if top else image.height - MARGIN * size - height
    shaded = _shaded(image, height + 2 * MARGIN * size, top=top)
    mask = Image.new("L", image.size)
    pen = ImageDraw.Draw(mask)
    for number, line in enumerate(lines):
        y = first + LINE_HEIGHT * size * (number + 0.5)
        pen.text((image.width / 2, y), line, fill=255, font=font, anchor="mm")
    return _set(shaded, mask, (int(first) - int(size), int(first + height + size)), size)


def _set(image: Image.Image, mask: Image.Image, rows: tuple[int, int], size: float) -> Image.Image:
    """White letters over a soft shadow; only the rows around them are touched."""
    start, stop = max(0, rows[0]), min(image.height, rows[1])
    box = 0, start, image.width, stop
    letters = mask.crop(box)
    soft = letters.filter(ImageFilter.GaussianBlur(size * 0.07)).point(lambda value: min(255, value * 1.1))
    part = image.crop(box)
    part.paste(SHADOW, (0, round(size * 0.04)), soft)
    part.paste(WHITE, (0, 0), letters)
    image.paste(part, box[:2])
    return image


def _shaded(image: Image.Image, height: float, *, top: bool) -> Image.Image:
    place = (np.arange(image.height, dtype=np.float32) + 0.5) / np.float32(max(height, 1))
    place = place if top else place[::-1]
    fall: Plane = SHADE * ease(1.75, 0.55, place)
    result = image.copy()
    result.paste(
        SHADOW,
        (0, 0, *image.size),
        media.grey_picture(np.repeat(fall[:, None], 8, 1), (8, image.height)).resize(image.size),
    )
    return result


def _fitting(text: str, size: tuple[int, int]) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters with which the text fits in one line or a few."""
    smallest, room = SIZES[1] * min(size), (WIDTH * size[0], ROOM * size[1])
    points = SIZES[0] * min(size)
    while True:
        font = _font(max(4, round(points)))
        lines = _wrapped(text, font, room[0])
        fits = len(lines) <= LINES_MAX and LINE_HEIGHT * points * len(lines) + MARGIN * points <= room[1]
        if (fits and max(font.getlength(line) for line in lines) <= room[0]) or points <= min(smallest, 4):
            return font, _balanced(lines, text, font)
        points *= 0.93


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(lines: list[str], text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """As many lines, but none much shorter than the others: a single word in the last line looks lost."""
    if len(lines) < 2:
        return lines
    width = font.getlength(text) / len(lines)
    longest = max(font.getlength(line) for line in lines)
    while width < longest:
        tried = _wrapped(text, font, width)
        if len(tried) <= len(lines):
            return tried
        width *= 1.04
    return lines


def _missing(text: str) -> str | None:
    font = _font(32)
    empty = bytes(font.getmask(MISSING))
    for letter in text:
        if not letter.isspace() and bytes(font.getmask(letter)) == empty:
            return _script(letter)
    return None


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    if unicodedata.category(letter) in ("So", "Sk", "Cf", "Cn", "Mn", "Me"):
        return "emoji or other signs"
    return SCRIPTS.get(name.split(" ")[0], "letters of a script")


def _font(points: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_file()), points)


@functools.lru_cache(maxsize=1)
def _file() -> bytes:
    return (importlib.resources.files("font_hanken_grotesk") / "files" / FONT).read_bytes()
