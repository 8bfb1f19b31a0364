"""The drawings of the art and their names, read from what `tools/build_sketch_art.py` made.

Both files are optional: where one is missing or broken, there are no drawings and no words, and the engine draws its
scenes without them. A file is several xz streams in one; only the parts that are needed are unpacked.
"""

from __future__ import annotations

import functools
import json
import lzma
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data"
PARTS_REMEMBERED = 24  # 0.2 MB each, unpacked
PART_BYTES_MAX = 8 * 2**20  # of one part, unpacked; they have 0.2 MB


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a drawing, or of a person, who has words but no drawing.

    Attributes:
        group: Unicode's group of it: 1 people, 3 animals and plants, 4 food, 5 places, 6 activities, 7 things.
        subgroup: Unicode's finer group.
        drawn: There is a drawing.
    """

    group: int
    subgroup: int
    drawn: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The words of a language.

    Attributes:
        labels: The name of each entry.
        codes: What a name or keyword stands for: entries with this very name first, then those that carry it.
    """

    labels: Mapping[str, str]
    codes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Pack:
    """A file of several streams: its bytes, its index, and where each part begins."""

    data: bytes
    index: Mapping[str, Any]
    starts: tuple[int, ...]

    def part(self, number: int) -> bytes:
        start, length = self.starts[number], self.index["bytes"][number]
        return lzma.LZMADecompressor().decompress(self.data[start : start + length], PART_BYTES_MAX)


NOTHING = Names(types.MappingProxyType({}), types.MappingProxyType({}))


def installed() -> bool:
    """The files are there; whoever only asks reads none of them."""
    return all((FOLDER / name).is_file() for name in ("art.xz", "words.xz"))


def available() -> bool:
    """There are drawings and words for them."""
    return _places() is not None and bool(entries())


def drawing(code: str) -> str | None:
    """The body of an SVG with the view box `0 0 128 128`; None where there is no such drawing.

    The identifiers in it are those of the source: two drawings do not go into one document.
    """
    place = (_places() or {}).get(code)
    return None if place is None else _drawings(place).get(code)


def words(language: str) -> Names:
    """The names of drawings in a language by its two letters; nothing for a language that is not there."""
    return _words(language) or NOTHING


@functools.lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Everything that has words, by code."""
    pack = _pack("words.xz")
    if pack is None:
        return {}
    return {code: Entry(place[0], place[1], bool(place[2])) for code, place in pack.index["entries"].items()}


@functools.lru_cache(maxsize=1)
def _places() -> Mapping[str, int] | None:
    """Which part of the art holds which drawing."""
    pack = _pack("art.xz")
    if pack is None:
        return None
    return {code: number for number, codes in enumerate(pack.index["parts"]) for code in codes.split()}


@functools.lru_cache(maxsize=PARTS_REMEMBERED)
def _drawings(part: int) -> Mapping[str, str]:
    pack = _pack("art.xz")
    try:
        found: Mapping[str, str] = json.loads(pack.part(part)) if pack else {}
    except (lzma.LZMAError, EOFError, ValueError):
        return {}
    return found


@functools.lru_cache(maxsize=4)
def _words(language: str) -> Names | None:
    pack = _pack("words.xz")
    if pack is None or language not in pack.index["languages"]:
        return None
    try:
        text = pack.part(pack.index["languages"].index(language)).decode()
    except (lzma.LZMAError, EOFError, ValueError):
        return None
    return _names([line.split("\t") for line in text.split("\n")])


def _names(lines: list[list[str]]) -> Names:
    codes: dict[str, tuple[str, ...]] = {}
    for code, label, *_ in lines:
        codes[label] = (*codes.get(label, ()), code)
    for code, _, *keywords in lines:
        for keyword in keywords:
            known = codes.get(keyword, ())
            if code not in known:
                codes[keyword] = (*known, code)
    return Names({code: label for code, label, *_ in lines}, codes)


@functools.lru_cache(maxsize=2)
def _pack(name: str) -> _Pack | None:
    try:
        data = (FOLDER / name).read_bytes()
        reader = lzma.LZMADecompressor()
        index = json.loads(reader.decompress(data, PART_BYTES_MAX))
        starts = [len(data) - len(reader.unused_data)]
        for length in index["bytes"]:
            starts.append(starts[-1] + length)
    except (OSError, lzma.LZMAError, EOFError, ValueError, KeyError, TypeError):
        return None
    # A file that was cut short, or is still being written, counts as not there.
    return _Pack(data, index, tuple(starts)) if starts[-1] == len(data) else None
