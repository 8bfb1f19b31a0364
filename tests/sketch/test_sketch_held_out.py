"""Prompts as people type them, in no table of ours and chosen before anything was mended for them.

What is said of each is drawn: without a word that was understood the small picture is another to the eye, without those
that were ignored it is the same in every pixel.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from claims import entries, told, without
from steady import differs, thumbnail

from cavendish_sketch.canvas.field import Plane
from cavendish_sketch.language import prompts
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.scenes import shown

HELD_OUT = (
    "a wooden rocking horse in a nursery",
    "golden retriever puppy on a beach towel",
    "a red brick schoolhouse on a hill in autumn",
    "christmas tree in a cozy cabin",
    "a marble bust of a lion in a museum",
    "birthday cake with pink candles on a glass stand",
    "a black cat in a cardboard box",
    "a crow on a scarecrow above a cornfield at dusk",
    "stone lighthouse on a cliff during a storm",
    "a paper boat on a pond",
    "halloween pumpkin on a porch at night",
    "steel teapot and two porcelain cups on an oak table",
    "hot air balloon above a frozen lake",
    "wedding dress in a shop window",
    "a leather armchair beside a fireplace",
    "easter basket with blue eggs in the grass",
    "an owl on a rooftop under a full moon",
    "a bronze statue of a horse in a park",
    "a penguin in a yellow raincoat on an iceberg",
    "a teddy bear in a toy car",
)
# What they are really about: understood, or the law above would hold for an engine that ignores everything.
CORES = {
    "a wooden rocking horse in a nursery": {"wooden", "horse"},
    "a black cat in a cardboard box": {"black cat", "in", "box"},
    "christmas tree in a cozy cabin": {"christmas tree"},
    "a paper boat on a pond": {"paper", "boat", "pond"},
    "steel teapot and two porcelain cups on an oak table": {"steel", "teapot", "two", "porcelain", "cups", "oak"},
    "a leather armchair beside a fireplace": {"leather", "armchair", "fireplace"},
    "an owl on a rooftop under a full moon": {"owl", "on", "rooftop", "full moon"},
    "a teddy bear in a toy car": {"in", "car"},
}


@functools.lru_cache(maxsize=256)
def drawn(brief: Brief) -> Plane:
    return thumbnail(brief)


def picture(prompt: str) -> Plane:
    return drawn(shown.of(prompts.read(prompt)))


@pytest.mark.parametrize("prompt", HELD_OUT)
def test_what_is_said_of_a_prompt_that_nobody_tuned_for_is_seen(prompt: str, built: None) -> None:
    said, whole = told(prompt), picture(prompt)

    unseen = [words for words in entries(said.understood) if not differs(picture(without(prompt, words, said)), whole)]
    seen = [word for word in said.ignored if not np.array_equal(picture(without(prompt, [word], said)), whole)]

    assert said.understood
    assert (unseen, seen) == ([], [])


@pytest.mark.parametrize("prompt", CORES)
def test_what_a_prompt_is_about_is_understood(prompt: str, built: None) -> None:
    assert CORES[prompt] <= {word for entry in entries(told(prompt).understood) for word in entry}
