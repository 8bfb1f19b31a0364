"""What a scene shows of a brief: no more than it draws, and no less."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest
from prompt_table import TABLE

from cavendish_sketch import stage
from cavendish_sketch.canvas.field import Dice, Planes
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import prompts
from cavendish_sketch.language.brief import Brief, Scene, Subject, Weather
from cavendish_sketch.scenes import shown

pytestmark = pytest.mark.usefixtures("all_languages")
PROMPTS = [row.prompt for rows in TABLE.values() for row in rows]
SIZE = 128, 72
CROWD = prompts.read(
    "two people, three dogs, four castles, a red car, twelve balloons, ten boats, an apple and a rose"
).subjects
TRAITS = frozenset(
    "autumn bamboo cherry cliff deep fireflies fuji japanese lake lilies moon mountains river snowy spring steam sun "
    "village volcano waterfall waves".split()
)


def drawn(brief: Brief) -> Planes:
    """By the scene alone."""
    sheet = Sheet.of(*SIZE)
    stage.SCENES[brief.scene](sheet, brief, Dice(b"1"), lambda share: None)
    return sheet.draft


def loaded(scene: Scene, weather: frozenset[Weather], subjects: tuple[Subject, ...]) -> Brief:
    """A brief of much that the scene does not show."""
    design = prompts.read("abstract silk in teal at night, snow, aurora").design
    said = ("ringed", "ice", "walking")
    colours = ("17a2a2", "d6249f", "d4a537")
    return Brief(scene, design, "dusk", "hills", subjects, weather, TRAITS, colours=colours, said=said)


@pytest.mark.parametrize("scene", get_args(Scene))
def test_what_a_scene_does_not_show_changes_no_pixel(scene: Scene) -> None:
    brief = loaded(scene, frozenset(("clouds", "stars", "leaves", "petals", "rain")), CROWD)
    plain = shown.of(brief)

    assert plain != brief
    assert np.array_equal(drawn(plain), drawn(brief))


@pytest.mark.parametrize("scene", get_args(Scene))
def test_what_is_shown_is_all_that_is_drawn(scene: Scene) -> None:
    """The stage hands on no more: a scene that looks at something new has to say so."""
    brief = loaded(scene, frozenset(("clear", "snow")), ())
    sheet, _ = stage.staged(brief, Dice(b"1"), *SIZE, lambda share: None)

    assert np.array_equal(sheet.draft, drawn(shown.of(brief)))


def test_what_is_shown_is_told_in_one_form() -> None:
    found = [shown.of(prompts.read(prompt)) for prompt in PROMPTS]

    assert [brief for brief in found if shown.of(brief) != brief] == []


@pytest.mark.parametrize(
    ("prompt", "same"),
    [
        ("a futuristic city with neon lights", "a city with neon lights"),
        ("clouds over a hill in the rain", "a hill in the rain"),
        ("a river in a green valley", "a lake in a green valley"),
        ("a dog and a dog", "a dog"),
        ("a fox and a bear in a logo", "a fox in a logo"),
        ("a ringed planet and a black hole near saturn", "a black hole near saturn"),
    ],
)
def test_what_comes_to_the_same_picture_is_the_same(prompt: str, same: str) -> None:
    assert shown.of(prompts.read(prompt)) == shown.of(prompts.read(same))


def test_a_title_takes_the_colours_of_the_hour() -> None:
    night, day = (
        dataclasses.replace(prompts.read(f'a logo at {hour} "x"'), scene="pond") for hour in ("night", "noon")
    )

    assert shown.of(night) != shown.of(day)
