"""The safeguards' words: what they refuse in every language and disguise, what they let pass, and what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moderation_helpers import written
from safeguard_prompts import DISGUISED, EDITS, INTIMATE, MINORS, PASSING, PASSING_EDITS

from cavendish.errors import ConfigurationError
from cavendish.moderation.safeguard import finding, lexicon, reading, rules

# The service's main languages; the rest has the words asked for most.
LANGUAGES = frozenset("en de fr es it pt nl pl tr ru uk zh ja ko ar hi sv more".split())
BOTH = ("minors", "intimate")
OURS = lexicon.with_operators(None)


def refused(prompt: str, *, editing: bool = False, words: lexicon.Lexicon = OURS, classes: Any = BOTH) -> str | None:
    return rules.refused(prompt, words, classes, editing=editing)


# --- what is refused, and what is not


@pytest.mark.parametrize("editing", [False, True], ids=["drawn", "edited"])
@pytest.mark.parametrize("language", MINORS)
def test_a_child_and_something_sexual_is_refused(language: str, editing: bool) -> None:
    assert [prompt for prompt in MINORS[language] if refused(prompt, editing=editing) != "minors"] == []


@pytest.mark.parametrize("language", INTIMATE)
def test_somebody_real_is_not_undressed_by_words_alone(language: str) -> None:
    assert [prompt for prompt in INTIMATE[language] if refused(prompt) != "intimate"] == []


@pytest.mark.parametrize("language", EDITS)
def test_nobody_is_undressed_in_a_picture_that_was_sent(language: str) -> None:
    assert [prompt for prompt in EDITS[language] if refused(prompt, editing=True) != "intimate"] == []


@pytest.mark.parametrize("prompt", DISGUISED, ids=range(len(DISGUISED)))
def test_spelling_hides_nothing(prompt: str) -> None:
    assert refused(prompt) == "minors"


@pytest.mark.parametrize("language", PASSING)
def test_medicine_art_family_and_school_pass(language: str) -> None:
    assert [prompt for prompt in PASSING[language] if refused(prompt)] == []


def test_ordinary_edits_pass() -> None:
    assert [prompt for prompt in PASSING_EDITS if refused(prompt, editing=True)] == []


def test_the_tables_are_as_long_as_they_are_said_to_be() -> None:
    assert set(MINORS) == set(INTIMATE) == set(EDITS) == set(PASSING) == LANGUAGES
    assert sum(map(len, PASSING.values())) + len(PASSING_EDITS) >= 250
    assert min(map(len, MINORS.values())) >= 3


@pytest.mark.parametrize(("age", "is_minor"), [("17", True), ("18", False), ("117", False), ("0", True)])
def test_minors_are_those_under_eighteen(age: str, is_minor: bool) -> None:
    written = (
        f"{age} years old, nude",
        f"{age}yo nude",
        f"aged {age}, nude",
        f"{age}岁，裸体",
        f"nackt, {age} Jahre alt",
    )

    assert [bool(refused(prompt)) for prompt in written] == [is_minor] * len(written)


def test_each_class_is_refused_by_itself() -> None:
    assert (refused("a naked child", classes=("intimate",)), refused("undress her", classes=("minors",))) == (
        None,
        None,
    )
    assert refused("undress the child", classes=("minors",)) is None
    assert refused("a naked child", classes=("minors",)) == "minors"


# --- the lists


def as_written(entry: lexicon.Entry) -> str:
    parts = [word for word, _ in entry.parts]
    return "".join(part if "\u30a0" <= part <= "\u30ff" else f" {part} " for part in parts)


def test_each_term_of_our_lists_is_found_where_it_stands() -> None:
    tables = OURS.exact, OURS.pairs, OURS.stems
    entries = {entry for table in tables for found in table.values() for entry in found}
    lost = [
        entry
        for entry in entries
        if all(
            (hit.kind, hit.language) != (entry.kind, entry.language)
            for hit in finding._terms(reading.places(as_written(entry)), OURS)
        )
    ]

    assert len(entries) == OURS.size > 4000
    assert lost == []


def test_a_term_is_no_single_letter_that_anything_holds() -> None:
    """One character says something in a script without spaces alone."""
    loose = ("minor", "explicit", "nude", "suggestive", "strip", "undressing", "exposing", "person")
    short = [
        entry
        for found in (*OURS.exact.values(), *OURS.stems.values())
        for entry in found
        if entry.kind in loose and len(entry.parts) == 1 and len(entry.parts[0][0]) < (3 if entry.parts[0][1] else 2)
    ]

    assert {entry.parts[0][0] for entry in short if not entry.here} <= {"裸", "🔞"}


@pytest.mark.parametrize(
    "unit",
    ["小", "a ", "remove her ", "n4k3d! ", "a.b.", "ن", "nude by Emma Watson ", "no ", "a*b", "aaa1 ", "her the all ", "한 살 ",
     "十", "a1", "ａ", "裸", "n u ", "12 ", "twelve ", "la nuda "],
)  # fmt: skip
def test_the_work_grows_with_the_prompt_and_with_nothing_else(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    stands = finding._stands

    def counted(*arguments: Any) -> bool:
        nonlocal looks
        looks += 1
        return stands(*arguments)

    monkeypatch.setattr(finding, "_stands", counted)

    def work(characters: int) -> int:
        nonlocal looks
        looks = 0
        refused((unit * characters)[:characters])
        return looks

    few, many = work(5_000), work(20_000)

    assert many <= 4.2 * few + 200
    assert many <= 30 * 20_000


# --- an operator's own words


def test_an_operator_adds_words_and_lets_others_pass(tmp_path: Path) -> None:
    file = written(
        tmp_path / "words.txt",
        "# ours",
        "person: Zyx Qwerty, zed",
        "minor: sprout*",
        "strip: bare-o-matic",
        "pass: nude reef",
    )
    own = lexicon.with_operators(file)

    assert refused("zyx qwerty nude", words=own) == refused("Bare-O-Matic", words=own) == "intimate"
    assert refused("nude sprouts", words=own) == "minors"
    assert refused("kids at the nude reef", words=own) is None
    assert [refused(prompt) for prompt in ("zyx qwerty nude", "nude sprouts")] == [None, None]
    assert refused("a naked child", words=own) == "minors"
    assert own.size == OURS.size + 5


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sprout", "line 2: write KIND: TERM"),
        ("years: old", "line 2: write KIND: TERM, TERM; the kinds are minor"),
        ("minor-here: kind", "line 2: write KIND: TERM"),
        ("minor: ---", "line 2: there is no letter"),
        ("minor: " + "a " * 30, "line 2: a term has at most 24 words"),
        ("minor: " + "a" * 300, "line 2: more than 200 characters"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    file = written(tmp_path / "words.txt", "# ours", line)

    with pytest.raises(ConfigurationError, match=words):
        lexicon.with_operators(file)


def test_a_file_that_is_not_there_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="CAVENDISH_SAFEGUARD_WORDS: .* cannot be read"):
        lexicon.with_operators(tmp_path / "nothing")
