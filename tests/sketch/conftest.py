"""With the art, and as where it could not be fetched."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cavendish_sketch.canvas import art
from cavendish_sketch.language import meanings

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3  # of glibc's mallopt
# What is freed is kept for the next picture, as by the children that draw; they hear of it by their environment.
if hasattr(ctypes.CDLL(None), "mallopt"):
    for option, mebibytes in ((TRIM_THRESHOLD, 256), (TOP_PAD, 16), (MMAP_THRESHOLD, 32)):
        ctypes.CDLL(None).mallopt(option, mebibytes * 2**20)

NO_ART = (
    "the drawings and words of the art are not built, so this was NOT tested: run `make art` where npm packages can be "
    "fetched"
)


@pytest.fixture
def built() -> None:
    if not art.available():
        pytest.skip(NO_ART)


_words = functools.cache(art.words)


@pytest.fixture
def all_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an odd prompt is written in is found by asking all languages: here each is read once."""
    monkeypatch.setattr(art, "words", _words)


@pytest.fixture
def forget_art() -> Callable[[], None]:
    """Call it where the art has changed: what was read of it is kept in a process."""
    remembered_by_art = (art.entries, art._places, art._drawings, art._words, art._pack)

    def forget() -> None:
        for remembered in (*remembered_by_art, meanings._heads, meanings._word, meanings._named_beginnings):
            remembered.cache_clear()

    return forget


@pytest.fixture
def nothing_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, forget_art: Callable[[], None]) -> Iterator[None]:
    """As where the art could not be fetched."""
    monkeypatch.setattr(art, "FOLDER", tmp_path)
    forget_art()
    yield
    monkeypatch.undo()
    forget_art()
