"""What is said to be in, on or above another thing is drawn there; where it cannot be, nothing is said of it."""

from __future__ import annotations

import colorsys
import dataclasses
from typing import get_args

import numpy as np
import pytest
from claims import told
from steady import SIZE, thumbnail

from cavendish_sketch import stage
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.canvas.raster import bounds
from cavendish_sketch.language import prompts
from cavendish_sketch.language.brief import Place, Scene
from cavendish_sketch.scenes import shown
from cavendish_sketch.scenes.shown import together

PURPLE, RED = 0.73, 0.0  # hues
HUE_REACH = 0.06
Span = tuple[int, int, int, int]  # first and last-plus-one row and column


def places(prompt: str) -> list[tuple[str, Place | None]]:
    return [(subject.word, subject.place) for subject in prompts.read(prompt).subjects]


def colour_at(picture: Plane, hue: float) -> Span:
    """Where a small picture has a strong colour."""
    there = np.zeros(picture.shape[:2])
    for row, column in np.ndindex(there.shape):
        found, saturation, value = colorsys.rgb_to_hsv(*(picture[row, column] / 255))
        near = min(abs(found - hue), 1 - abs(found - hue)) < HUE_REACH
        there[row, column] = 255 * (near and saturation > 0.35 and value > 0.25)
    found_at = bounds(there)
    assert found_at is not None
    return found_at


def seen(prompt: str) -> tuple[Span, Span]:
    """Where the purple guest and the red host are."""
    picture = thumbnail(shown.of(prompts.read(prompt)))
    assert picture.shape[:2] == SIZE[::-1]
    return colour_at(picture, PURPLE), colour_at(picture, RED)


def middle(span: Span) -> float:
    return (span[2] + span[3]) / 2


# In the picture


@pytest.mark.parametrize("prompt", ["a purple cat in a red bucket", "a purple frog in a red car"])
def test_what_is_in_a_thing_is_seen_within_it(prompt: str, built: None) -> None:
    guest, host = seen(prompt)

    assert host[2] <= middle(guest) <= host[3]
    assert guest[1] < host[1]  # what is below the edge is hidden
    assert guest[1] > host[0]


@pytest.mark.parametrize("prompt", ["a purple cat on a red car", "a purple owl on a red bus"])
def test_what_is_on_a_thing_stands_on_top_of_it(prompt: str, built: None) -> None:
    guest, host = seen(prompt)

    assert host[2] <= middle(guest) <= host[3]
    assert guest[0] < host[0]
    assert abs(guest[1] - host[0]) <= 0.35 * (host[1] - host[0])


@pytest.mark.parametrize("prompt", ["a purple cat above a red car", "a purple bird over a red car"])
def test_what_is_above_a_thing_floats_over_it(prompt: str, built: None) -> None:
    guest, host = seen(prompt)

    assert host[2] <= middle(guest) <= host[3]
    assert guest[1] <= host[0]


def test_without_such_a_word_they_are_side_by_side(built: None) -> None:
    guest, host = seen("a purple cat and a red car")

    assert not host[2] <= middle(guest) <= host[3]


def test_what_is_above_the_land_is_in_the_air(built: None) -> None:
    above, by = (
        colour_at(thumbnail(shown.of(prompts.read(f"a purple cat {word} a lake"))), PURPLE) for word in ("above", "by")
    )

    assert above[1] < by[0] + (by[1] - by[0]) / 2
    assert above[1] < SIZE[1] / 2


def test_each_keeps_its_colour(built: None) -> None:
    brief = shown.of(prompts.read("a purple cat in a red bucket"))
    (bucket,) = brief.subjects

    assert (bucket.colour, [(guest.drawing, guest.colour) for guest in bucket.guests]) == (
        "d7263d",
        [("1f408", "7c3aed")],
    )


# What words say


@pytest.mark.parametrize(
    ("prompt", "placed"),
    [
        ("a cat in a boat", [("cat", Place("in", "26f5")), ("boat", None)]),
        ("a cat and a dog in a boat", [("cat", Place("in", "26f5")), ("dog", Place("in", "26f5")), ("boat", None)]),
        ("a cat sitting on the old wooden chair", [("cat", Place("on", "1fa91")), ("chair", None)]),
        ("a bird on a roof", [("bird", Place("on", "1f3e0")), ("roof", None)]),
        ("a bird on the roof of a castle", [("bird", Place("on", "!castle")), ("castle", None)]),
        ("an astronaut riding a horse", [("astronaut", Place("on", "1f40e")), ("horse", None)]),
        ("a balloon above a lake", [("balloon", Place("above"))]),
        ("a cat with a hat in a boat", [("cat", Place("in", "26f5")), ("hat", None), ("boat", None)]),
        ("a cat in a garden on a chair", [("cat", Place("on", "1fa91")), ("chair", None)]),
        ("a cat in a hurry and a dog on a chair", [("cat", None), ("dog", Place("on", "1fa91")), ("chair", None)]),
        ("a cat, in a boat", [("cat", None), ("boat", None)]),
        ("a cat in the sun near a boat", [("cat", None), ("boat", None)]),
        ("un gato en un barco", [("gato", Place("at", "26f5")), ("barco", None)]),
        ("un chat dans un panier", [("chat", Place("in", "1f9fa")), ("panier", None)]),
        ("eine Katze auf einem Stuhl", [("katze", Place("on", "1fa91")), ("stuhl", None)]),
    ],
)
def test_a_word_of_place_belongs_to_the_things_around_it(
    prompt: str, placed: list[tuple[str, Place | None]], built: None
) -> None:
    assert places(prompt) == placed


@pytest.mark.parametrize(
    ("prompt", "word", "counts"),
    [
        ("a cat in a boat", "in", True),
        ("a bird on a roof", "on", True),
        ("a whale above a city", "above", True),
        ("a balloon above a lake", "above", False),  # in the air anyway
        ("a cat in a house", "in", False),  # nobody sees into a house
        ("a cat in a hat", "in", False),
        ("a cat on a dress", "on", False),
        ("a portrait of a cat in a basket", "in", False),  # a face, and a basket
        ("a logo of a cat in a cup", "in", False),
        ("a cat in the snow", "in", False),
    ],
)
def test_a_word_of_place_is_understood_where_it_is_drawn_and_never_ignored(
    prompt: str, word: str, counts: bool, built: None
) -> None:
    said = told(prompt)

    assert (word in said.understood) is counts
    assert word not in said.ignored


@pytest.mark.parametrize("scene", get_args(Scene))
def test_a_scene_that_cannot_show_a_place_does_not_hear_of_it(scene: Scene, built: None) -> None:
    brief = dataclasses.replace(prompts.read("a cat in a basket, a dog above a lake"), scene=scene)
    plain = dataclasses.replace(
        brief, subjects=tuple(dataclasses.replace(subject, place=None) for subject in brief.subjects)
    )
    is_joined = any(subject.guests for subject in shown.of(brief).subjects)

    assert is_joined is (scene in together.JOINING)
    assert all(subject.place is None for subject in shown.of(brief).subjects)
    if scene not in together.JOINING | together.LIFTING:
        assert shown.of(brief) == shown.of(plain)


def test_people_in_a_boat_are_people_too(built: None) -> None:
    _, warnings = stage.staged(prompts.read("a woman in a boat"), Dice(b"1"), 64, 36, lambda share: None)

    assert stage.PEOPLE in warnings
