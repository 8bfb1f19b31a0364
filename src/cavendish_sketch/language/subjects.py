"""From what was found in a prompt to the subjects of the picture: how many of what, in which colour."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from cavendish_sketch.canvas import art, figure_facts
from cavendish_sketch.language import languages, meanings
from cavendish_sketch.language.brief import Kind, Material, Prop, Subject
from cavendish_sketch.language.findings import Finding
from cavendish_sketch.language.tables import attribute_words, grammar
from cavendish_sketch.language.wordlists import each

SUBJECTS_MAX = 8
PLURAL = 3  # "cats"
PLURAL_PLANTS = 5  # "flowers"
SHOALS = frozenset(("!koi",))  # seldom alone
TRAFFIC = frozenset(("!flying_car",))  # never alone where a language has no plural
PART_REACH = 6  # words between a house and its window
REACH = 3  # words that may stand between a number or a colour and its noun
FLYERS = each("1f409 1f98b 1f41d 1f987 1f9da 1f426-200d-1f525 1f984 1f9a4")
BIRDS = 35  # Unicode's subgroup


@dataclass(slots=True)
class _Sentence:
    """Where the walk through a prompt is: what waits for its noun."""

    language: str
    subjects: list[Subject]
    used: dict[int, int]  # places of nouns, and which subjects they are
    wholes: list[str]
    doubtful: set[str]
    natural: set[int]
    colour: str | None = None
    colour_at: int = -9
    is_taken: bool = False  # by a noun that is not known
    material: Material | None = None
    material_at: int = -9
    count: int | None = None
    count_at: int = -9
    noun_at: int = -9
    part_at: int = -9


def gather(found: Sequence[Finding], language: str) -> tuple[list[Subject], list[str], set[int], dict[int, int]]:
    """The subjects, the colours of the whole, the places of the colours that their things have anyway, and of nouns."""
    walk = _Sentence(language, [], {}, [], set(), set())
    for at, finding in enumerate(found):
        if finding.role == "colour" and finding.colour:
            _take_colour(walk, found, at, finding.colour)
        elif finding.role == "material":
            _take_material(walk, at, finding)
        elif finding.role == "count":
            _take_count(walk, found, at, finding.count or 1)
        elif finding.role == "whole":
            _give_to_whole(walk)
        elif finding.role == "part":
            walk.colour = None
        elif finding.role == "unknown":
            walk.is_taken = True
        elif finding.figure is not None:
            _take_subject(walk, found, at, finding.figure)
        elif finding.meaning.tags:
            walk.count = None if walk.count == 1 else walk.count  # "a pond with fish": the pond is one
            walk.material = None
            _tint_place(walk, at, finding.meaning.tags)
    _give_to_whole(walk)
    # "A lamp with a green shade": what is green is not the picture.
    wholes = [colour for colour in walk.wholes if not (walk.subjects and colour in walk.doubtful)]
    return walk.subjects, list(dict.fromkeys(wholes)), walk.natural, walk.used


def _take_colour(walk: _Sentence, found: Sequence[Finding], at: int, colour: str) -> None:
    """Before a noun a colour waits for it; in Romance languages it comes after."""
    after_noun = walk.language in grammar.COLOUR_AFTER_NOUN and at > 0 and found[at - 1].figure is not None
    is_its = found[at].behind or (after_noun and at - 1 in walk.used)
    if is_its and walk.subjects and walk.subjects[-1].colour is None:
        walk.subjects[-1] = _painted(walk, walk.subjects[-1], colour, at)
        return
    _give_to_whole(walk)
    walk.colour, walk.colour_at, walk.is_taken = colour, at, False


def _take_material(walk: _Sentence, at: int, finding: Finding) -> None:
    """Of the thing before, or of the one that comes."""
    if finding.behind:
        if walk.subjects and walk.subjects[-1].material is None:
            walk.subjects[-1] = dataclasses.replace(walk.subjects[-1], material=finding.material)
        return
    if walk.colour is not None and at - walk.colour_at <= REACH:
        walk.colour_at = at  # "a white marble statue of a horse"
    walk.material, walk.material_at = walk.material or finding.material, at


def _take_count(walk: _Sentence, found: Sequence[Finding], at: int, count: int) -> None:
    """A number waits for its noun; in Japanese and Korean it may come after it."""
    noun = next((place for place in range(at - 1, max(-1, at - REACH), -1) if found[place].figure), None)
    is_last = not any(later.figure for later in found[at + 1 : at + REACH])
    if (
        walk.language in grammar.NUMBER_AFTER_NOUN
        and noun is not None
        and noun in walk.used
        and is_last
        and walk.subjects
    ):
        walk.subjects[-1] = dataclasses.replace(walk.subjects[-1], count=count)
        return
    if walk.count_at == at - 1 and walk.count is not None:
        count = min(languages.COUNT_MAX, max(count, walk.count))  # "three pairs"
    walk.count, walk.count_at = count, at


def _give_to_whole(walk: _Sentence) -> None:
    """A colour that met no noun is the picture's."""
    if walk.colour is not None:
        walk.wholes.append(walk.colour)
        if walk.is_taken:
            walk.doubtful.add(walk.colour)
    walk.colour = None


# Colours that places have by themselves.
OF_PLACES: dict[str, str] = {
    "green": "meadow hills forest garden pond bamboo lilies",
    "blue": "sea lake sky day beach islands river underwater night waves",
    "white": "snow snowy alps clouds beach cherry studio",
    "pink": "cherry petals sunset neon dawn",
    "gold": "dunes golden autumn meadow",
    "red": "canyon autumn sunset",
    "orange": "autumn sunset dunes canyon golden leaves",
    "yellow": "autumn dunes leaves",
    "black": "night space",
}


def _tint_place(walk: _Sentence, at: int, tags: Sequence[str]) -> None:
    """A colour before a place: "green hills" are so by themselves, "purple mountains" colour the picture."""
    if walk.colour is None or at - walk.colour_at > REACH:
        return
    own = OF_PLACES.get(meanings.colour_name(walk.colour), "").split()
    if any(tag.partition(":")[2] in own for tag in tags):
        walk.natural.add(walk.colour_at)
        walk.colour = None
    _give_to_whole(walk)


def _take_subject(walk: _Sentence, found: Sequence[Finding], at: int, figure: str) -> None:
    if _is_part(walk, found, at, figure):
        walk.colour = walk.material = walk.count = None
        walk.part_at = at
        return
    subject = _subject(found[at], figure)
    if subject is None:
        return
    if at - walk.count_at <= REACH and walk.count is not None:
        subject = dataclasses.replace(subject, count=walk.count)
    if at - walk.colour_at <= REACH and walk.colour is not None:
        subject = _painted(walk, subject, walk.colour, walk.colour_at)
        walk.colour = None
    if at - walk.material_at <= REACH and walk.material is not None:
        subject = dataclasses.replace(subject, material=walk.material)
    walk.count = walk.material = None
    _give_to_whole(walk)
    index = _add(walk.subjects, subject)
    if index is not None:
        walk.used[at] = index
        walk.noun_at = at


def _is_part(walk: _Sentence, found: Sequence[Finding], at: int, figure: str) -> bool:
    """The lit window of "a castle with a lit window" does not hang in the air."""
    if figure not in attribute_words.PARTS_OF_HOUSES or not walk.subjects or walk.noun_at < 0:
        return False
    if walk.subjects[-1].kind not in ("building", "vehicle"):
        return False
    if at - walk.part_at <= PART_REACH:  # "with a door and two windows"
        return True
    between = {finding.tokens[0].folded for finding in found[walk.noun_at + 1 : at]}
    return bool(between & attribute_words.WITH) and at - walk.noun_at <= PART_REACH


def _add(subjects: list[Subject], subject: Subject) -> int | None:
    """Which subject it is: a thing named twice is there once; more than a picture holds are left out."""
    for place, other in enumerate(subjects):
        if (other.drawing, other.prop) == (subject.drawing, subject.prop) and other.kind != "person":
            best = max(other.count, subject.count)
            colour, material = other.colour or subject.colour, other.material or subject.material
            subjects[place] = dataclasses.replace(other, count=best, colour=colour, material=material)
            return place
    if len(subjects) == SUBJECTS_MAX:
        return None
    subjects.append(subject)
    return len(subjects) - 1


def _subject(finding: Finding, figure: str) -> Subject | None:
    """A subject without number and colour; None for a drawing that is not there."""
    kind = kind_of(figure)
    count = (PLURAL_PLANTS if kind == "plant" else PLURAL) if _is_many(finding, figure) else 1
    if finding.tokens[0].folded in grammar.COUPLES:
        count = 2
    if figure.startswith("!"):
        return Subject(finding.written, kind, prop=cast(Prop, figure[1:]), count=count)
    if figure not in art.entries() or not art.available():
        return None
    return Subject(finding.written, kind, drawing=figure, count=count)


def _is_many(finding: Finding, figure: str) -> bool:
    unmarked = figure in TRAFFIC and not finding.tokens[0].folded.isascii()
    return finding.meaning.plural or figure in SHOALS or unmarked


def _painted(walk: _Sentence, subject: Subject, colour: str, at: int) -> Subject:
    """With a colour, unless it is the one that the thing has anyway."""
    figure = subject.drawing or f"!{subject.prop}"
    if figure in figure_facts.NATURAL.get(meanings.colour_name(colour), "").split():
        walk.natural.add(at)
        return subject
    return dataclasses.replace(subject, colour=colour)


def kind_of(figure: str) -> Kind:
    """Where a figure stands: on land, in the water, in the sky, on a table."""
    if figure in figure_facts.KIND_OF:
        return figure_facts.KIND_OF[figure]
    entry = art.entries().get(figure)
    return "object" if entry is None else figure_facts.KINDS.get(entry.subgroup, "object")


def lifted(subject: Subject) -> Subject:
    """A flyer that flies stands in the sky."""
    entry = art.entries().get(subject.drawing or "")
    flies = subject.drawing in FLYERS or (entry is not None and entry.subgroup == BIRDS)
    return dataclasses.replace(subject, kind="sky") if flies else subject


def faced(subject: Subject) -> Subject:
    """For a portrait the drawing of the face, where there is one."""
    face = figure_facts.FACES.get(subject.drawing or "")
    return dataclasses.replace(subject, drawing=face) if face else subject


def has_face(subject: Subject) -> bool:
    return subject.drawing in figure_facts.FACES or subject.drawing in figure_facts.FACE_ONLY
