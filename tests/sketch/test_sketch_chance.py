"""Chance comes from what is drawn and the seed: a word that is ignored changes no byte of a picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from claims import told
from PIL import Image
from prompt_table import TABLE

from cavendish_sketch import chance, paint
from cavendish_sketch.language import prompts
from cavendish_sketch.scenes import shown

SEED, RATIO = 7, "16:9"


def of(prompt: str, *, seed: int = SEED, ratio: str = RATIO) -> bytes:
    return chance.of_picture(shown.of(prompts.read(prompt)), seed=seed, ratio=ratio)


def drawn(prompt: str) -> bytes:
    arguments = {"prompt": prompt, "seed": SEED, "ratio": "1:1", "quality": "1K"}
    _, (data,) = paint.draw(arguments, [], lambda percent: None)
    return data


def altered(instruction: str) -> bytes:
    arguments = {"prompt": instruction, "seed": SEED, "ratio": "1:1", "quality": "1K"}
    ramp = np.linspace(0, 255, 120 * 120 * 3).reshape(120, 120, 3).astype(np.uint8)
    photograph = io.BytesIO()
    Image.fromarray(ramp).save(photograph, "PNG")
    _, (data,) = paint.alter(arguments, [photograph.getvalue()], lambda percent: None)
    return data


def test_a_word_that_is_ignored_changes_no_byte() -> None:
    prompt, rest = "abstract serendipitous waves in teal", "abstract waves in teal"

    assert told(prompt).ignored == ("serendipitous",)
    assert drawn(prompt) == drawn(rest)


def test_a_word_that_an_edit_ignores_changes_no_byte() -> None:
    assert altered("make it look like a serendipitous film with grain") == altered("make it look like film with grain")


def test_what_is_drawn_the_seed_and_the_ratio_are_other_chance() -> None:
    found = [of("a fox"), of("a fox", seed=8), of("a fox", ratio="1:1"), of("a red house"), of('a fox "Ada"')]

    assert len(set(found)) == len(found)


def test_two_pictures_never_share_their_chance() -> None:
    briefs = {shown.of(prompts.read(row.prompt)) for row in TABLE["en"]}

    assert len({chance.of_picture(brief, seed=SEED, ratio=RATIO) for brief in briefs}) == len(briefs)


@pytest.mark.parametrize("words", ["a fox in the snow", "the fox in snow, please", "a FOX in the  snow"])
def test_words_that_come_to_the_same_are_the_same_chance(words: str, built: None) -> None:
    assert of(words) == of("fox in snow")
