"""Chance that stands still: the same numbers for the same thing, whatever else is drawn before it.

The engine draws all of a picture from one stream of random numbers, so that one thing less moves all that follows. To
see what a word does by itself, each place in the code that asks for chance gets a stream of its own here.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TypeVar

import numpy as np
from PIL import Image

from cavendish_sketch import stage
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.edit import styles
from cavendish_sketch.language.brief import Brief

T = TypeVar("T")
Place = tuple[str | int, ...]  # each call's name and line
SIZE = 112, 63
SEEN = 10  # levels of 255 by which a pixel differs to the eye
SEEN_PIXELS = 4


class SteadyDice(Dice):
    """A stream for each place of the engine's code that asks."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        self._seed, self._streams = seed, dict[Place, Dice]()

    def between(self, low: float, high: float) -> float:
        return self._here().between(low, high)

    def normal(self) -> float:
        return self._here().normal()

    def whole(self, low: int, high: int) -> int:
        return self._here().whole(low, high)

    def pick(self, choices: Sequence[T]) -> T:
        return self._here().pick(choices)

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        return self._here().shuffled(choices)

    def normals(self, *shape: int) -> Plane:
        return self._here().normals(*shape)

    def uniforms(self, *shape: int) -> Plane:
        return self._here().uniforms(*shape)

    def _here(self) -> Dice:
        place = _place(sys._getframe(2))
        stream = self._streams.get(place)
        if stream is None:
            name = " ".join(f"{call}:{line}" for call, line in zip(place[::2], place[1::2], strict=True))
            stream = self._streams[place] = Dice(hashlib.sha256(self._seed + name.encode()).digest())
        return stream


def _place(frame: FrameType | None) -> Place:
    """The calls that lead to a place, up to the stage."""
    found: list[str | int] = []
    while frame is not None and frame.f_code is not stage.staged.__code__:
        found += frame.f_code.co_qualname, frame.f_lineno
        frame = frame.f_back
    return tuple(found)


def thumbnail(brief: Brief, seed: bytes = b"1") -> Plane:
    """A small picture, finished as a large one is."""
    sheet, _ = stage.staged(brief, SteadyDice(seed), *SIZE, lambda share: None)
    picture = np.concatenate(list(sheet.strips(1, SteadyDice(seed))))
    if brief.style is not None:
        picture = np.asarray(styles.OPERATORS[brief.style](Image.fromarray(picture), SteadyDice(seed)))
    return picture.astype(np.int16)


def differs(first: Plane, second: Plane) -> bool:
    """To the eye: more than a few pixels by more than a few levels."""
    return int((np.abs(first - second).max(-1) > SEEN).sum()) >= SEEN_PIXELS
