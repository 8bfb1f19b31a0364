"""What the engine says of a prompt is true: a word that counts changes the picture, one that does not leaves it."""

from __future__ import annotations

import itertools
import time

import pytest
from claims import entries, told, without
from prompt_table import TABLE

from cavendish_sketch import notes
from cavendish_sketch.language import prompts
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.scenes import shown

pytestmark = pytest.mark.usefixtures("all_languages")
PROMPTS = [row.prompt for rows in TABLE.values() for row in rows]


def picture(prompt: str) -> Brief:
    return shown.of(prompts.read(prompt))


# The whole table


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt[:40])
def test_without_a_word_that_was_understood_the_picture_is_another(prompt: str) -> None:
    said, whole = told(prompt), picture(prompt)

    assert [words for words in entries(said.understood) if picture(without(prompt, words, said)) == whole] == []


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt[:40])
def test_without_what_was_ignored_the_picture_is_the_same(prompt: str) -> None:
    said, whole = told(prompt), picture(prompt)

    assert [word for word in said.ignored if picture(without(prompt, [word], said)) != whole] == []
    assert picture(without(prompt, said.ignored, said)) == whole


# What is said of words one by one


def test_it_names_the_words_that_had_an_effect_and_those_that_had_none(built: None) -> None:
    said = told("A sleepy red fox under the old bookcase-shaped sky at sunset, Please")

    assert said.understood == ("red fox", "bookcase", "sunset")
    assert said.ignored == ("sleepy", "old", "shaped")


@pytest.mark.parametrize(
    "prompt",
    ["a the of in with and", "un una de la el", "der die das und mit", "a beautiful photo of, please", "4k 8k hd"],
)
def test_small_words_are_not_reported(prompt: str) -> None:
    assert told(prompt) == notes.Notes((), ())


@pytest.mark.parametrize(
    ("prompt", "understood", "ignored"),
    [
        ("a green frog", ("frog",), ()),  # green anyway
        ("three cats", ("cats",), ()),  # as many anyway
        ("a shark underwater", ("shark",), ()),  # at home there
        ("a cat by a lake at noon", ("cat", "lake"), ()),
        ("a sofa in a living room", ("sofa, living room",), ()),  # each brings the room
        ("a snowy winter forest in the snow", ("snowy, winter, snow", "forest"), ()),
        ("a city at sunset at night", ("city", "sunset"), ("at night",)),  # one hour only
        ("a cat with blue eyes", ("cat",), ("blue",)),  # but for the eyes the cat would be blue
        ("a lamp with a green shade", ("lamp",), ("green",)),
        ("a polar grumpy bear", ("bear",), ("polar",)),  # "grumpy" only stands between
        ("a fox and a bear in a logo", ("fox", "logo"), ("bear",)),
        ("a planet, ringed", ("planet",), ("ringed",)),
        ("a harbour in petrichor", ("harbour",), ("petrichor",)),
    ],
)
def test_a_word_is_judged_by_what_the_picture_would_be_without_it(
    prompt: str, understood: tuple[str, ...], ignored: tuple[str, ...], built: None
) -> None:
    assert told(prompt) == notes.Notes(understood, ignored)


def test_what_is_dropped_for_want_of_drawings_is_ignored(nothing_built: None) -> None:
    assert told("a fox in the snow") == notes.Notes(("snow",), ("fox",))


def test_the_reports_are_bounded() -> None:
    nonsense = " ".join(f"{a}{b}q{a}z" for a, b in itertools.product("bcdfghjkl", repeat=2))
    said = told("x" * 500 + " " + nonsense + " " + " ".join(f"{word} {word}" for word in ("castle", "night")))

    assert len(said.ignored) == notes.IGNORED_MAX
    assert len(said.understood) <= notes.UNDERSTOOD_MAX
    assert max(map(len, said.ignored)) <= notes.WORD_CHARACTERS_MAX


@pytest.mark.parametrize("prompt", ["fox cat dog owl " * 1250, "ab cd ef " * 2222, "猫と犬と狐と" * 3333])
def test_a_prompt_of_any_length_is_judged_in_bounded_time(prompt: str) -> None:
    start = time.process_time()
    reading = prompts.reading(prompt)
    read = time.process_time() - start

    notes.of(reading)

    assert time.process_time() - start < 6 * read + 2
