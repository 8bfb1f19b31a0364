"""The sketch engine reads a prompt: the frozen table, the guards against misreading, and what it says about itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from claims import told
from prompt_table import NOUNS, TABLE, Row

from cavendish_sketch.canvas import art, figure_facts
from cavendish_sketch.edit import words
from cavendish_sketch.language import meanings, prompts, subjects
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.language.tables import figure_words, tag_words

ROWS = [row for rows in TABLE.values() for row in rows]
NOUNS_DRAWN_MIN = 0.86
PEOPLE_GROUP = 1


def _figure(subject: Subject) -> str:
    count = f"*{subject.count}" if subject.count > 1 else ""
    colour = f"#{subject.colour}" if subject.colour else ""
    return f"{subject.drawing or f'!{subject.prop}'}{count}{colour}"


def _as_row(brief: Brief, prompt: str) -> Row:
    return Row(
        prompt,
        brief.scene,
        " ".join(map(_figure, brief.subjects)),
        brief.ground if brief.scene == "landscape" else None,
        brief.time,
        " ".join(sorted(brief.weather)),
        " ".join(sorted(brief.traits)),
        brief.style,
        brief.text,
        " ".join(brief.colours),
    )


def _drawings(prompt: str) -> set[str | None]:
    return {subject.drawing for subject in prompts.read(prompt).subjects}


# The table


@pytest.mark.parametrize("row", [row for row in ROWS if row.needs_art], ids=lambda row: row.prompt[:40])
def test_a_prompt_of_the_table_is_understood(row: Row, built: None, all_languages: None) -> None:
    assert _as_row(prompts.read(row.prompt), row.prompt) == row


@pytest.mark.parametrize("row", [row for row in ROWS if not row.needs_art], ids=lambda row: row.prompt[:40])
def test_a_prompt_of_the_table_without_drawings_is_understood_whether_the_art_is_built_or_not(
    row: Row, all_languages: None
) -> None:
    assert _as_row(prompts.read(row.prompt), row.prompt) == row


def test_without_the_art_the_same_prompts_are_understood(nothing_built: None) -> None:
    rows = [row for row in ROWS if not row.needs_art]

    assert [_as_row(prompts.read(row.prompt), row.prompt) for row in rows] == rows


def test_without_the_art_no_prompt_asks_for_a_drawing(nothing_built: None) -> None:
    assert not art.available()
    assert [row.prompt for row in ROWS for subject in prompts.read(row.prompt).subjects if subject.drawing] == []


def test_the_table_has_300_prompts_in_12_languages_and_60_in_other_languages_than_english() -> None:
    foreign = {language: rows for language, rows in TABLE.items() if language not in ("en", "odd")}

    assert len({row.prompt for row in ROWS}) == len(ROWS) >= 300
    assert len([language for language, rows in foreign.items() if len(rows) >= 5]) >= 12
    assert sum(map(len, foreign.values())) >= 60


def test_86_of_100_common_nouns_are_drawn(built: None, all_languages: None) -> None:
    missed = [noun for noun in NOUNS if not _is_drawn(noun.replace("_", " "))]

    assert len(set(NOUNS)) == len(NOUNS) >= 290
    assert 1 - len(missed) / len(NOUNS) >= NOUNS_DRAWN_MIN, missed


def _is_drawn(noun: str) -> bool:
    """As a figure, or as the scene itself."""
    brief = prompts.read(f"a {noun}")
    return not told(f"a {noun}").ignored and (bool(brief.subjects) or brief.scene != "abstract")


# Misreadings


def test_a_style_is_no_thing(built: None) -> None:
    brief = prompts.read("an oil painting of a fox")

    assert (brief.style, _drawings("an oil painting of a fox")) == ("oil", {"1f98a"})


@pytest.mark.parametrize("prompt", ["steam", "steam over a valley", "vapeur", "de la vapeur sur un lac"])
def test_steam_is_no_locomotive(prompt: str, built: None) -> None:
    assert _drawings(prompt) == set()


def test_a_steam_train_is_one(built: None) -> None:
    assert _drawings("a steam train") == {"1f682"}


def test_the_french_article_is_no_newspaper(built: None) -> None:
    assert _drawings("une maison dans la neige") == {"1f3e0"}


@pytest.mark.parametrize("prompt", ["a tall poster", "a poster on a wall", "a comic", "a sign"])
def test_a_thing_is_no_style(prompt: str) -> None:
    assert prompts.read(prompt).style is None


@pytest.mark.parametrize(
    ("prompt", "style"), [("poster style mountains", "poster"), ("a comic book style city", "cartoon")]
)
def test_a_style_by_its_full_name_is_one(prompt: str, style: str) -> None:
    assert prompts.read(prompt).style == style


@pytest.mark.parametrize(
    "word", ["reading", "cooking", "wedding", "camping", "frying", "stuffed", "country", "where", "job", "building"]
)
def test_a_verb_or_a_loose_keyword_stands_for_no_drawing(word: str, built: None) -> None:
    assert _drawings(f"{word} in the morning") == set()


def test_a_keyword_of_many_drawings_is_a_topic_and_no_thing(built: None) -> None:
    carried = art.words("fr").codes["animal"]

    assert len(carried) > meanings.CARRIERS_MAX
    assert _drawings("cet animal est un animal") == set()


@pytest.mark.parametrize("prompt", ["un animal", "une mer calme", "ein japanischer Wald"])
def test_a_keyword_that_tells_a_quality_is_no_thing(prompt: str, built: None) -> None:
    assert _drawings(prompt) == set()


def test_a_keyword_of_few_drawings_is_a_thing(built: None) -> None:
    assert 0 < len(art.words("fr").codes["chien"]) <= meanings.CARRIERS_MAX
    assert _drawings("le chien dans la neige") <= {"1f415", "1f436"} and _drawings("le chien dans la neige")


def test_what_is_said_not_to_be_there_is_not_there(built: None) -> None:
    assert _drawings("a cat but no dog in a garden") == {"1f408"}


def test_black_and_white_is_a_look_of_a_photo_and_the_coat_of_a_cat(built: None) -> None:
    assert prompts.read("black and white photo of a cat").style == "monochrome"
    assert prompts.read("a black and white cat").style is None


def test_a_camera_is_how_a_picture_is_taken_unless_it_is_a_thing(built: None) -> None:
    assert _drawings("camera angle from below, a castle") == {None}
    assert _drawings("a camera on a wooden table") == {"1f4f7"}


def test_a_ratio_a_lens_and_a_year_count_nothing(built: None) -> None:
    said = ("a cat, 16:9", "a cat, 85mm, f/1.8", "a cat --ar 16:9", "2050 cat", "4k cat")

    assert [prompts.read(prompt).subjects[0].count for prompt in said] == [1] * len(said)


# People

PEOPLE_PROMPTS = [
    "portrait of a woman", "an old man with a beard", "a fisherman", "a policewoman", "a king and a queen", "an astronaut",
    "children in a garden", "a businessman", "a firefighter", "a scientist", "eine Frau am Fenster", "ein Arzt", "una mujer",
    "un bombero", "une femme", "un pompier", "una donna", "um homem", "een meisje", "kobieta", "женщина", "пожарный",
    "жінка", "en kvinna", "女の子", "宇航员", "여자", "एक लड़की", "👩", "👩‍🌾", "👨🏽‍🚀",
]  # fmt: skip


@pytest.mark.parametrize("prompt", PEOPLE_PROMPTS)
def test_a_person_is_a_figure_of_our_own_and_never_a_face(prompt: str, built: None) -> None:
    people = [subject for subject in prompts.read(prompt).subjects if subject.kind == "person"]

    assert people
    assert {(subject.prop, subject.drawing) for subject in people} == {("person", None)}
    assert all(subject.word for subject in people)


def test_the_art_has_no_faces_of_people(built: None) -> None:
    persons = [
        code
        for code, entry in art.entries().items()
        if entry.group == PEOPLE_GROUP and entry.subgroup in (23, 24, 25, 30)
    ]
    smiles = ["1f600", "1f642", "1f60a", "263a", "1f385", "1f9d9"]

    assert len(persons) > 100
    assert [code for code in (*persons, *smiles) if art.drawing(code) is not None] == []


@pytest.mark.parametrize("prompt", ["a smiling face", "😀", "emoji of a smile", "a happy face"])
def test_a_face_by_itself_is_not_drawn(prompt: str, built: None) -> None:
    assert prompts.read(prompt).subjects == ()


@pytest.mark.parametrize("prompt", ["a snowman", "a talisman", "a Roman vase", "an ottoman"])
def test_not_everything_that_ends_like_a_man_is_a_person(prompt: str, built: None) -> None:
    assert "person" not in {subject.kind for subject in prompts.read(prompt).subjects}


def test_shoes_of_men_are_shoes(built: None) -> None:
    assert {subject.drawing for subject in prompts.read("men's shoes").subjects} == {"1f45f"}


# Counts and colours


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("a cat", 1), ("cats", 3), ("two cats", 2), ("a pair of cats", 2), ("several cats", 4), ("many cats", 7),
        ("twelve cats", 12), ("13 cats", 12), ("500 cats", 12), ("dos gatos", 2), ("drei Katzen", 3), ("quatre chats", 4),
        ("пять кошек", 5), ("三匹の猫", 3), ("猫が三匹", 3), ("两只猫", 2), ("고양이 두 마리", 2), ("दो बिल्लियाँ", 2),
    ],
)  # fmt: skip
def test_numbers_count(prompt: str, count: int, built: None) -> None:
    assert [subject.count for subject in prompts.read(prompt).subjects] == [count]


def test_a_colour_belongs_to_its_noun(built: None) -> None:
    found = {subject.word: subject.colour for subject in prompts.read("a red umbrella and a blue car").subjects}

    assert found == {"umbrella": "d7263d", "car": None} or found == {"umbrella": "d7263d", "car": "1f6feb"}


def test_a_colour_after_its_noun_belongs_to_it_in_french(built: None) -> None:
    assert [subject.colour for subject in prompts.read("une voiture bleue et un parapluie rouge").subjects] == [
        "1f6feb",
        "d7263d",
    ]


def test_the_colour_that_a_thing_has_anyway_paints_nothing(built: None) -> None:
    assert [subject.colour for subject in prompts.read("a red fox, a green frog and a pink flamingo").subjects] == [
        None
    ] * 3


def test_a_colour_of_the_background_is_the_picture_s(built: None) -> None:
    brief = prompts.read("a white sneaker on a pink background")

    assert brief.colours == prompts.read("on a pink background a sneaker").colours == ("f48fb1",)
    assert [subject.colour for subject in brief.subjects] == ["f7f6f2"]


@pytest.mark.parametrize(
    ("prompt", "colours"),
    [
        ("a lamp on a desk with a green shade", ()),  # an unknown thing has it
        ("a red shiny car", ()),
        ("a yellow submarine", ("f6c90e",)),  # nothing else is there to be seen
        ("a lamp on a desk, all in green", ("2f9e44",)),
    ],
)
def test_a_colour_belongs_to_its_noun_even_where_that_is_not_known(
    prompt: str, colours: tuple[str, ...], built: None
) -> None:
    assert prompts.read(prompt).colours == colours


@pytest.mark.parametrize(
    ("prompt", "scene", "colours"),
    [
        ("abstract composition in coral, mint and plum", "abstract", ("ff7f6a", "98dcb8", "8e4585")),
        ("abstract art, orange and lemon shapes", "abstract", ("f47b20", "f6c90e")),
        ("an abstract painting of the sea in turquoise and white", "abstract", ("17a2a2", "f7f6f2")),
        ("abstract flowers in pink and gold", "abstract", ("f48fb1", "d4a537")),
        ("composición abstracta en rojo y azul, olas", "abstract", ("d7263d", "1f6feb")),
        ("an abstract cat in red", "portrait", ("d7263d",)),  # a cat that is no cat would be nothing
        ("abstract waves", "landscape", ()),
    ],
)
def test_abstract_with_colours_is_a_composition_in_those_colours(
    prompt: str, scene: str, colours: tuple[str, ...], built: None
) -> None:
    brief = prompts.read(prompt)

    assert (brief.scene, brief.colours) == (scene, colours)


def test_a_colour_of_eyes_paints_nothing(built: None) -> None:
    brief = prompts.read("a cat with blue eyes")

    assert ([subject.colour for subject in brief.subjects], brief.colours) == ([None], ())


# What belongs to a noun


def _made(prompt: str) -> list[tuple[str, str | None, str | None]]:
    return [(subject.word, subject.material, subject.colour) for subject in prompts.read(prompt).subjects]


@pytest.mark.parametrize(
    ("prompt", "made"),
    [
        ("a wooden chair", [("chair", "wood", None)]),
        ("a glass bottle on a stone", [("bottle", "glass", None), ("stone", None, None)]),
        ("a brick house", [("house", "brick", None)]),
        ("a stone bridge", [("bridge", "stone", None)]),
        ("a red brick castle", [("castle", "brick", "d7263d")]),
        ("a robot made of copper", [("robot", None, "b87333")]),
        ("an elephant carved from wood", [("elephant", "wood", None)]),
        ("a marble statue of a horse", [("horse", "marble", None)]),
        ("a lion statue", [("lion", "stone", None)]),
        ("a statue", [("statue", None, None)]),
        ("a glass of wine", [("glass of wine", None, None)]),
        ("stones and bricks", [("stones", None, None), ("bricks", None, None)]),
        ("a brick gazebo", []),  # of bricks, and nothing that is known
        ("a cake on a glass pedestal", [("cake", None, None)]),
        ("un caballo de madera", [("caballo", "wood", None)]),
        ("un cheval en bois rouge", [("cheval", "wood", None)]),
        ("ein hölzernes Pferd", [("pferd", "wood", None)]),
        ("деревянная лошадь", [("лошадь", "wood", None)]),
    ],
)
def test_a_material_belongs_to_its_noun(
    prompt: str, made: list[tuple[str, str | None, str | None]], built: None
) -> None:
    assert _made(prompt) == made


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a castle with a lit window at night", ["castle"]),
        ("a house with a red door and two windows", ["house"]),
        ("eine Burg mit einem Fenster", ["burg"]),
        ("a cat and a window", ["cat", "window"]),
        ("a castle, a window", ["castle", "window"]),
    ],
)
def test_a_window_of_a_house_hangs_in_no_air(prompt: str, words: list[str], built: None) -> None:
    assert [subject.word for subject in prompts.read(prompt).subjects] == words


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a birthday cake", ["cake"]),
        ("a christmas red hat", ["hat"]),
        ("a wedding dress", ["dress"]),
        ("easter eggs", ["eggs"]),
        ("a halloween costume", []),
        ("a valentine's card", ["card"]),
        ("un regalo de cumpleaños", ["regalo"]),
        ("tarjeta de navidad con un gato", ["tarjeta", "gato"]),
        ("navidad", ["navidad"]),
    ],
)
def test_an_occasion_beside_a_noun_is_no_thing(prompt: str, words: list[str], built: None) -> None:
    assert [subject.word for subject in prompts.read(prompt).subjects] == words


@pytest.mark.parametrize(
    ("prompt", "surface"),
    [
        ("sushi on a wooden table", "wood"),
        ("a cup on a marble counter", "marble"),
        ("bread on a table", None),
        ("tea on an oak table", "wood"),
        ("a pie on a steel table", None),
    ],
)
def test_a_table_is_of_what_is_said(prompt: str, surface: str | None, built: None) -> None:
    assert prompts.read(prompt).surface == surface


# Text


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ('a logo "Bean & Gone"', "Bean & Gone"), ("a logo “Bean”", "Bean"), ("ロゴ「さくら珈琲」", "さくら珈琲"),
        ("logo «Кафе»", "Кафе"), ("Logo „Käse“", "Käse"), ("a logo for a bakery called Sunrise Bread", "Sunrise Bread"),
        ("a cat's dog's bird", None), ('""', None), ('logo "' + "x" * 200 + '"', "x" * prompts.QUOTED_CHARACTERS_MAX),
    ],
)  # fmt: skip
def test_quoted_text_is_set(prompt: str, text: str | None) -> None:
    assert prompts.read(prompt).text == text


def test_quoted_words_name_nothing(built: None) -> None:
    assert _drawings('a logo with a fox and "Dog ServedApp"') == {"1f98a"}


# Bounds


def test_no_more_subjects_than_a_picture_holds(built: None) -> None:
    brief = prompts.read("cat dog fox bear lion tiger wolf horse cow pig sheep goat")

    assert len(brief.subjects) == subjects.SUBJECTS_MAX


def test_the_same_prompt_gives_the_same_brief_in_every_process(built: None) -> None:
    undecided = "sunset, night, dawn, dusk; kitchen, garden, city, table, pond; oil painting, watercolor, pixel art"
    code = _printing([undecided, *(row.prompt for row in ROWS[:40])])
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            timeout=60,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    ]

    assert runs[0] == runs[1] == runs[2] != b""


def _printing(prompts: list[str]) -> str:
    return f"""
from cavendish_sketch.language import prompts
for prompt in {prompts!r}:
    brief = prompts.read(prompt)
    print(sorted(brief.weather), sorted(brief.traits), brief.scene, brief.time, brief.style, brief.subjects)
"""


@pytest.mark.parametrize(
    "prompt",
    [
        "fox " * 5000,
        "ab " * 6666,
        "猫" * 20_000,
        "(" * 20_000,
        '"' * 20_000,
        "'a " * 6666,
        "é̂" * 9000,
        "«" * 20_000,
        "„" * 20_000,
        "«" + " " * 19_999,
    ],
)
def test_a_prompt_of_any_length_ends(prompt: str) -> None:
    assert prompts.read(prompt).scene


# The tables


def test_every_style_is_an_operator() -> None:
    assert {key.removeprefix("style:") for key in tag_words.STYLES} <= set(words.OPERATORS)


def test_every_word_leads_to_a_figure_that_there_is(built: None) -> None:
    keys = {*figure_words.ALL, *figure_facts.INSTEAD.values(), *figure_facts.FACES.values(), *figure_facts.FACE_ONLY}

    assert {key for key in keys if not key.startswith("!") and art.drawing(key) is None} == set()


def test_the_art_that_is_cut_short_counts_as_not_there(
    built: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, forget_art: Callable[[], None]
) -> None:
    for name in ("art.xz", "words.xz"):
        (tmp_path / name).write_bytes((art.FOLDER / name).read_bytes()[:-10])
    monkeypatch.setattr(art, "FOLDER", tmp_path)
    forget_art()
    found = (art.available(), art.drawing("1f98a"), dict(art.words("en").codes))
    monkeypatch.undo()
    forget_art()

    assert found == (False, None, {})


def test_only_what_is_needed_of_the_art_is_unpacked(built: None, forget_art: Callable[[], None]) -> None:
    forget_art()
    art.drawing("1f98a")
    art.words("en")

    assert art._drawings.cache_info().currsize == 1
    assert art._words.cache_info().currsize == 1
