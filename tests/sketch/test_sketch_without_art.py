"""Without its drawings the engine draws scenes, says to its operator what is missing, and to callers nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import cavendish_sketch
from cavendish.engines import base
from cavendish.settings.engine import Options
from cavendish_sketch import paint
from cavendish_sketch.canvas import art
from cavendish_sketch.language import meanings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty place for the drawings."""
    of_words = (meanings._heads, meanings._word, meanings._named_beginnings)
    caches = (art.entries, art._places, art._drawings, art._words, art._pack, *of_words)
    monkeypatch.setattr(art, "FOLDER", tmp_path)
    for cache in caches:
        cache.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def test_its_operator_is_told_what_to_do(folder: Path) -> None:
    engine = cavendish_sketch.build(Options("sketch", {}))

    [told] = base.shortcomings(engine)
    for name in ("art.xz", "words.xz"):
        assert base.shortcomings(engine) != ()
        (folder / name).touch()

    assert "'make art'" in told and "install the package again" in told
    assert base.shortcomings(engine) == ()


def test_no_caller_is_told_what_only_the_operator_can_do(folder: Path) -> None:
    arguments = {"prompt": "A red fox in an autumn forest", "seed": 7, "ratio": "1:8", "quality": "1K"}

    answer, _ = paint.OPERATIONS["draw"](arguments, [], lambda percent: None)

    assert not art.available()
    assert "red fox" not in answer["notes"]["understood"], "what is missing is seen there"
    assert answer["warnings"] == []


def test_an_engine_that_lacks_nothing_says_nothing() -> None:
    class Plain:
        name = "plain"

    assert base.shortcomings(Plain()) == ()  # type: ignore[arg-type]
