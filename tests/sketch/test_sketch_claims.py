"""What the engine says it understood is seen: a small picture with the word, and one without it.

`test_sketch_notes` compares what the scenes say they show, for the whole prompt table; this draws, and so proves that
what they say is drawn. Some words of each scene for every commit, all of the table with `make fuzz`.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Iterator
from typing import get_args

import pytest
from claims import entries, without
from prompt_table import TABLE
from steady import differs, thumbnail

from cavendish_sketch import notes
from cavendish_sketch.canvas import art
from cavendish_sketch.canvas.field import Plane
from cavendish_sketch.language import prompts
from cavendish_sketch.language.brief import Brief, Scene
from cavendish_sketch.language.prompts import Reading
from cavendish_sketch.scenes import shown

pytestmark = pytest.mark.usefixtures("all_languages")
EXAMPLES = int(os.environ.get("CAVENDISH_TEST_EXAMPLES", "4"))  # words of each scene
ROWS = [row for rows in TABLE.values() for row in rows if art.available() or not row.needs_art]


@functools.lru_cache(maxsize=256)
def drawn(brief: Brief) -> Plane:
    return thumbnail(brief)


def picture(prompt: str) -> Plane:
    return drawn(shown.of(prompts.read(prompt)))


def claims(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """A prompt of the scene, the prompt without a word that was understood, and the word: new kinds of words first."""
    found = dict[str, list[tuple[str, str, str]]]()
    for row in ROWS:
        if row.scene == scene:
            reading = prompts.reading(row.prompt)
            said = notes.of(reading)
            for words in entries(said.understood):
                claim = row.prompt, without(row.prompt, words, said), ", ".join(words)
                found.setdefault(_kind(reading, words[0]), []).append(claim)
    for number in range(max(map(len, found.values()), default=0)):
        yield from (kind[number] for kind in found.values() if number < len(kind))


def _kind(reading: Reading, word: str) -> str:
    """A colour, a number, a thing of a kind, or what a tag says."""
    finding = next(finding for finding in reading.found if finding.written == word)
    return " ".join((finding.role, *finding.meaning.tags[:1], "figure" if finding.figure else ""))


@pytest.mark.fuzz
@pytest.mark.parametrize("scene", get_args(Scene))
def test_what_is_said_to_be_understood_is_seen(scene: Scene) -> None:
    chosen = list(claims(scene))[:EXAMPLES]

    assert chosen
    assert [(prompt, word) for prompt, rest, word in chosen if not differs(picture(prompt), picture(rest))] == []


ATTRIBUTES = (
    ("a stone elephant and a wooden robot", "an elephant and a robot"),
    ("a cat in a bucket", "a cat and a bucket"),
    ("a dog above a lake", "a dog by a lake"),
)


@pytest.mark.parametrize("scene", get_args(Scene))
@pytest.mark.parametrize(("prompt", "plain"), ATTRIBUTES, ids=lambda prompt: prompt)
def test_a_material_or_a_place_that_a_scene_keeps_is_seen_in_it(
    prompt: str, plain: str, scene: Scene, built: None
) -> None:
    first, second = (shown.of(dataclasses.replace(prompts.read(words), scene=scene)) for words in (prompt, plain))

    assert first == second or differs(drawn(first), drawn(second))
