"""Which allowed value a caller most likely meant by one that is not: other APIs write the same wish in other words."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence

from cavendish.models import Quality

Nearest = Callable[[str, Sequence[str]], str | None]

_CHARACTERS_MAX = 40  # what is longer is no ratio and no quality
# Any two numbers with something between them: `2:1`, `1920x1080`, `landscape_16_9`.
_TWO_NUMBERS = re.compile(r"(?<![\d.])(\d{1,5}(?:\.\d{1,3})?)[^\d.]+(\d{1,5}(?:\.\d{1,3})?)(?![\d.])")
_THOUSANDS = re.compile(r"(\d{1,2}(?:\.\d)?) ?k")
_LINES = re.compile(r"(\d{3,4})p")
_PIXELS = re.compile(r"\d{3,5}")
# The longer side of what televisions and cameras call so.
_NAMED = {"sd": 720, "hd": 1280, "fhd": 1920, "fullhd": 1920, "qhd": 2560, "uhd": 3840}


def ratio(value: str, allowed: Sequence[str]) -> str | None:
    """The nearest shape: as much wider or higher, in proportion, as can be had. None where no shape is meant."""
    found = _TWO_NUMBERS.search(value[:_CHARACTERS_MAX])
    width, height = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if not width or not height:
        return None  # not by spelling: `1:` is no nearer to 1:8 than to 1:1
    return min(allowed, key=lambda one: _distance(width / height, _shape(one)))


def quality(value: str, allowed: Sequence[str]) -> str | None:
    """The nearest size, by the longer side of what is meant. None where no size is meant."""
    side = _side(value[:_CHARACTERS_MAX].lower())
    if not side:
        return None
    return min(allowed, key=lambda one: _distance(side, Quality(one).scale * 1024))


def spelling(value: str, allowed: Sequence[str]) -> str | None:
    """The one that is written nearly so; None where none is."""
    written = {one.lower(): one for one in allowed}
    close = difflib.get_close_matches(value[:_CHARACTERS_MAX].strip().lower(), written, n=1)
    return written[close[0]] if close else None


def _shape(written: str) -> float:
    width, _, height = written.partition(":")
    return int(width) / int(height)


def _side(text: str) -> float | None:
    """Pixels of the longer side."""
    if found := _THOUSANDS.search(text):
        return float(found[1]) * 1024
    if found := _LINES.search(text):
        return int(found[1]) * 16 / 9
    if numbers := _PIXELS.findall(text):
        return float(max(map(int, numbers)))
    return _NAMED.get(re.sub(r"[ _-]", "", text))


def _distance(one: float, other: float) -> float:
    """In proportion: twice as much is as far away as half as much."""
    return abs(math.log(one / other))
