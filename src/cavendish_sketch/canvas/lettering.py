"""Words set in a picture with Pillow's FreeType, from two open typefaces that come as packages (both SIL OFL 1.1).

For scenes: `write` and `sign` lay a layer on a sheet, in points, sharp at any size; the basic layout engine gives the
same letters on every host, and pairs of letters are brought together by their shapes, since it does not read the fonts'
own kerning. For pictures that are edited: `check` and `caption`.
"""

from __future__ import annotations

import functools
import importlib.resources
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Plane, Planes, bell
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Patch, Sheet

Face = Literal["sans", "serif"]
Weight = Literal["light", "regular", "semibold", "bold"]

PACKAGES: dict[Face, tuple[str, str]] = {
    "sans": ("font_hanken_grotesk", "HankenGrotesk"),
    "serif": ("font_source_serif_pro", "SourceSerifPro"),
}
CUTS: dict[tuple[Face, Weight], str] = {
    ("sans", "light"): "Light",
    ("sans", "regular"): "Regular",
    ("sans", "semibold"): "SemiBold",
    ("sans", "bold"): "Bold",
    ("serif", "light"): "Light",
    ("serif", "regular"): "Regular",
    ("serif", "semibold"): "Semibold",
    ("serif", "bold"): "Bold",
}
CHARACTERS_MAX = 120  # a quoted text is a title, not a page
WRITE_LINES_MAX = 4
MISSING_SHARE_MAX = 0.34  # a text that has lost more of its letters is not worth setting
NOWHERE = "\U0010ffff"  # no character: shows the glyph for a missing one
EM = 256  # pixels at which letters are measured
KERN_SHARE, KERN_MAX = 0.7, 0.11  # how far two letters move towards the gap of two upright ones; the most, in em
LINE_STEP = 1.16  # em
PIXELS_LEAST = 3.0  # smaller letters are dust

SIGN_WIDTH, SIGN_HEIGHT = 0.74, 0.08
SIGN_HEIGHT_MIN, SIGN_HEIGHT_MAX = 56.0, 130.0
SIGN_WIDTH_MAX = 2400.0
SIGN_VEIL = 0.42
SIGN_DARK = 0.56  # brightness below which letters are light

# Captions.


@dataclass(frozen=True, slots=True)
class Type:
    """How letters look.

    Attributes:
        spacing: Between letters, as a share of their size.
        capitals: The text is set in capitals.
    """

    face: Face = "sans"
    weight: Weight = "semibold"
    colour: str = "ffffff"
    spacing: float = 0.0
    capitals: bool = False
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a text.

    Attributes:
        box: What the letters fill, in points; None where nothing was set.
        size: Of the letters, in points.
        missing: Letters that no typeface has; they were left out.
    """

    box: Box | None
    size: float = 0.0
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Letters in their places: each with its left edge from the line's own, in em."""

    letters: tuple[tuple[str, float], ...]
    width: float


@dataclass(frozen=True, slots=True)
class Lettering:
    """Lines of text; a layer of a sheet. Lines are centred on `middle`, the first baseline lies at `baseline`."""

    lines: tuple[Line, ...]
    type: Type
    size: float
    middle: float
    baseline: float

    @property
    def box(self) -> Box:
        width = max(line.width for line in self.lines) * self.size
        height = ((len(self.lines) - 1) * LINE_STEP + 1.35) * self.size
        return self.middle - width / 2 - self.size * 0.2, self.baseline - self.size, width + self.size * 0.4, height

    def patch(self, scale: float) -> Patch:
        left, top, width, height = self.box
        image = Image.new("L", (max(round(width * scale), 1), max(round(height * scale), 1)))
        pen, font = ImageDraw.Draw(image), _cut(self.type.face, self.type.weight, self.size * scale)
        for number, line in enumerate(self.lines):
            x = (self.middle - line.width * self.size / 2 - left) * scale
            y = (self.baseline + number * LINE_STEP * self.size - top) * scale
            for letter, place in line.letters:
                pen.text((x + place * self.size * scale, y), letter, fill=255, font=font, anchor="ls")
        pixels = np.empty((image.height, image.width, 4), np.uint8)
        pixels[..., :3] = svg.channels(self.type.colour)
        pixels[..., 3] = np.asarray(image) * np.float32(self.type.opacity)
        return _within(Patch(pixels, round(top * scale), round(left * scale)))


def available() -> bool:
    """The typefaces are installed."""
    return all(_path(face, "regular") for face in PACKAGES)


def covers(text: str) -> bool:
    """One of the typefaces has every letter of a text."""
    return any(not _lacking(text, face) for face in PACKAGES)


def settable(text: str) -> bool:
    """Enough of a text can be set for `write` and `sign` to set it."""
    return bool(_settable(text, Type())[1])


def missing(text: str) -> str:
    """The letters that `write` and `sign` would leave out, each once, in their order."""
    text = _tidy(text)
    return _lacking(text, _face_for(text, "sans"))


def write(
    sheet: Sheet,
    text: str,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    type_: Type | None = None,
    lines_max: int = WRITE_LINES_MAX,
) -> Written:
    """Set a text as large as it fits into a box around (x, y), in the number of lines that makes it largest."""
    type_, words, lacking = _settable(text, type_ or Type())
    if not words:
        return Written(None, missing=lacking)
    lines, size = _fitted(words, type_, width, height, lines_max)
    if size * sheet.scale < PIXELS_LEAST:
        return Written(None, missing=lacking)
    capital = _capital(type_.face, type_.weight)
    deep = (len(lines) - 1) * LINE_STEP + capital
    sheet.lay(Lettering(lines, type_, size, x, y + (capital - deep / 2) * size))
    across = max(line.width for line in lines) * size
    return Written((x - across / 2, y - deep * size / 2, across, deep * size), size, lacking)


def sign(sheet: Sheet, text: str, palette: Palette) -> Written:
    """Set a text as the title of a finished scene, near the bottom or the top, wherever it is calmer."""
    high = min(max(sheet.height * SIGN_HEIGHT, SIGN_HEIGHT_MIN), SIGN_HEIGHT_MAX)
    wide = min(sheet.width * SIGN_WIDTH, SIGN_WIDTH_MAX)
    edge = high * 0.5 + min(sheet.height * 0.06, 90)
    _, words, lacking = _settable(text, Type())
    if not words:
        return Written(None, missing=lacking)
    y = min((sheet.height - edge, edge), key=lambda place: _unrest(sheet, place, high, wide))
    dark = float(_strip(sheet, y, high, wide).mean()) < SIGN_DARK
    _veil(sheet, y, high, wide, dark=dark)
    light, deep = svg.blend("fffaf0", palette.sun, 0.3), svg.blend(palette.near, "101014", 0.5)
    type_ = Type("serif", "semibold", light if dark else deep, 0.035)
    if dark:
        # A faint shade under light letters keeps them legible over whatever they stand on.
        under = replace(type_, colour="000000", opacity=0.35)
        write(sheet, text, sheet.width / 2 + 1.5, y + 3, wide, high, type_=under, lines_max=2)
    return write(sheet, text, sheet.width / 2, y, wide, high, type_=type_, lines_max=2)


def _settable(text: str, type_: Type) -> tuple[Type, list[str], str]:
    """The type with a face that has the letters, the words that can be set, and what was left out."""
    text = _tidy(text)
    type_ = replace(type_, face=_face_for(text, type_.face))
    lacking = _lacking(text, type_.face)
    letters = [letter for letter in text if not letter.isspace()]
    lost = sum(letter in lacking for letter in letters)
    if not letters or lost > MISSING_SHARE_MAX * len(letters):
        return type_, [], lacking
    kept = "".join(letter for letter in text if letter not in lacking)
    capitals = type_.capitals and not _lacking(kept.upper(), type_.face)
    return type_, (kept.upper() if capitals else kept).split(), lacking


def _tidy(text: str) -> str:
    """One line of composed letters, not too long."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return text if len(text) <= CHARACTERS_MAX else text[: CHARACTERS_MAX - 1].rstrip() + "…"


def _face_for(text: str, wish: Face) -> Face:
    """The face wished for, unless the other has more of the letters."""
    return min(PACKAGES, key=lambda face: (len(_lacking(text, face)), face != wish))


def _lacking(text: str, face: Face) -> str:
    unique = dict.fromkeys(letter for letter in text if not letter.isspace())
    return "".join(letter for letter in unique if not _has(face, letter))


@functools.lru_cache(maxsize=1024)
def _has(face: Face, letter: str) -> bool:
    if _path(face, "regular") is None:
        return False
    font = _cut(face, "regular", 32)
    return bytes(font.getmask(letter)) != bytes(font.getmask(NOWHERE))


@functools.lru_cache(maxsize=len(CUTS))
def _path(face: Face, weight: Weight) -> str | None:
    package, family = PACKAGES[face]
    try:
        place = importlib.resources.files(package) / "files" / f"{family}-{CUTS[face, weight]}.otf"
    except ModuleNotFoundError:
        return None
    return str(place) if place.is_file() else None


@functools.lru_cache(maxsize=16)
def _cut(face: Face, weight: Weight, size: float) -> ImageFont.FreeTypeFont:
    path = _path(face, weight)
    assert path is not None, "only letters that a face has are ever set"
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=len(CUTS))
def _capital(face: Face, weight: Weight) -> float:
    """The height of a capital letter, in em."""
    box = _cut(face, weight, EM).getbbox("H", anchor="ls")
    return float(box[3] - box[1]) / EM


def _fitted(
    words: Sequence[str], type_: Type, width: float, height: float, lines_max: int
) -> tuple[tuple[Line, ...], float]:
    found: list[tuple[float, tuple[Line, ...]]] = []
    capital = _capital(type_.face, type_.weight)
    for count in range(1, min(lines_max, len(words)) + 1):
        lines = tuple(_line(text, type_) for text in _broken(words, count))
        across = max(max(line.width for line in lines), 0.1)
        found.append((min(width / across, height / ((count - 1) * LINE_STEP + capital)), lines))
    size, lines = max(found, key=lambda pair: pair[0])
    return lines, size


def _broken(words: Sequence[str], count: int) -> list[str]:
    """Words in lines of about the same length."""
    total, start = sum(map(len, words)) + len(words), 0
    lines: list[str] = []
    for number in range(count):
        left = count - number - 1
        stop, length = start + 1, len(words[start])
        while stop < len(words) - left and length + 1 + len(words[stop]) / 2 <= total / count:
            length += 1 + len(words[stop])
            stop += 1
        stop = len(words) if left == 0 else stop
        lines.append(" ".join(words[start:stop]))
        start = stop
    return lines


def _line(text: str, type_: Type) -> Line:
    x = 0.0
    letters: list[tuple[str, float]] = []
    for number, letter in enumerate(text):
        if number:
            x += type_.spacing - _kern(type_.face, type_.weight, text[number - 1], letter)
        letters.append((letter, x))
        x += _cut(type_.face, type_.weight, EM).getlength(letter) / EM
    return Line(tuple(letters), x)


@functools.lru_cache(maxsize=2048)
def _kern(face: Face, weight: Weight, first: str, second: str) -> float:
    """How far two letters can move together, in em: the gap between their outlines against that of two upright ones."""
    if not (first.isalpha() and second.isalpha()):
        return 0.0
    wider = _gap(face, weight, first, second) - _gap(face, weight, "H", "H")
    return min(max(wider, 0.0) * KERN_SHARE, KERN_MAX)


def _gap(face: Face, weight: Weight, first: str, second: str) -> float:
    """Where two letters come closest, row by row, in em."""
    return float((_sides(face, weight, first)[1] + _sides(face, weight, second)[0]).min())


@functools.lru_cache(maxsize=512)
def _sides(face: Face, weight: Weight, letter: str) -> tuple[Plane, Plane]:
    """For each row, the room before the ink and after it, in em. Neighbouring rows count too: ink must not touch."""
    size = EM // 4
    font = _cut(face, weight, size)
    wide = font.getlength(letter)
    image = Image.new("L", (size * 3, size * 2))
    ImageDraw.Draw(image).text((size, size), letter, fill=255, font=font, anchor="ls")
    drawn = np.asarray(image) > 96
    reach = size // 32
    ink: Plane = np.max([np.roll(drawn, step, 0) for step in range(-reach, reach + 1)], axis=0)
    empty = ~ink.any(1)
    before = np.where(empty, 3 * size, ink.argmax(1)) - size
    after = np.where(empty, 3 * size, ink[:, ::-1].argmax(1)) - (2 * size - wide)
    return before / size, after / size


def _strip(sheet: Sheet, y: float, high: float, wide: float) -> Plane:
    """Brightness where a title would stand."""
    red, green, blue = _place(sheet, y, high, wide)
    tone: Plane = red * 0.30 + green * 0.59 + blue * 0.11
    return tone


def _place(sheet: Sheet, y: float, high: float, wide: float) -> Planes:
    """The draft where a title would stand."""
    top, bottom = (int((y + step * high * 0.6) * sheet.scale) for step in (-1, 1))
    left, right = (int((sheet.width + step * wide) / 2 * sheet.scale) for step in (-1, 1))
    return sheet.draft[:, max(top, 0) : max(bottom, 1), max(left, 0) : right]


def _unrest(sheet: Sheet, y: float, high: float, wide: float) -> float:
    return float(_strip(sheet, y, high, wide).std())


def _veil(sheet: Sheet, y: float, high: float, wide: float, *, dark: bool) -> None:
    """A band of the place's own colour, darker under light letters and lighter under dark ones."""
    red, green, blue = (round(float(part) * 255) for part in _place(sheet, y, high, wide).mean((1, 2)))
    colour = svg.blend(f"{red:02x}{green:02x}{blue:02x}", "000000" if dark else "ffffff", 0.5)
    rows = (np.arange(sheet.grid.rows, dtype=np.float32)[:, None] + 0.5) / np.float32(sheet.scale)
    amount = bell(rows - np.float32(y), high * 1.1) * np.float32(SIGN_VEIL)
    amount[amount < 0.01] = 0
    sheet.soft(amount, colour)


def _within(patch: Patch) -> Patch:
    """The part of a patch that is not above or left of the page."""
    top, left = max(-patch.top, 0), max(-patch.left, 0)
    return Patch(patch.pixels[top:, left:], patch.top + top, patch.left + left)
