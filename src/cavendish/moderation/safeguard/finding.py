"""Which terms of the safeguards' lists stand in a prompt, and where. Decides nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cavendish.moderation.safeguard import reading
from cavendish.moderation.safeguard.lexicon import Entry, Lexicon, Part
from cavendish.moderation.safeguard.reading import Place

NOWHERE = -9  # of what is spelled out letter by letter, and has no neighbours
# Of these a word tells the language that a prompt is in; what stands around them is too short for that.
_TELLING = ("minor", "explicit", "nude", "suggestive", "anatomy", "exposing", "clothes", "person", "undressing")
_NEGATED_WITHIN = 3  # words: "no violence or nudity"
_KATAKANA = re.compile(r"[\u30a0-\u30ff]+")
_GLUED_AGE = re.compile(r"(\d{1,2})(\D{1,20})")
_CHINESE_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_MAJORITY = 18


class Hit(NamedTuple):
    """A term at its place: `start` is its first word, `end` the place behind its last."""

    kind: str
    start: int
    end: int
    language: str
    here: bool


def hits(prompt: str, lexicon: Lexicon) -> list[Hit]:
    """What stands in the prompt, less what only reads like it."""
    places = reading.places(prompt)
    found = _not_passed([*_terms(places, lexicon), *_spelled(places, lexicon)])
    return _beside_their_own(_not_denied([*found, *_ages(places, found, lexicon)]))


def _terms(places: list[Place], lexicon: Lexicon) -> Iterator[Hit]:
    for start, (place, following) in enumerate(itertools.zip_longest(places, places[1:], fillvalue=())):
        for word in place:
            for entry in lexicon.beginning(word, following):
                end = start + len(entry.parts)
                if _stands(entry.parts, places, start) and _whole(entry, places, start, end):
                    yield Hit(entry.kind, start, end, entry.language, entry.here)


def _stands(parts: tuple[Part, ...], places: list[Place], start: int) -> bool:
    """Whether the term's further words follow."""
    if len(parts) == 1:
        return True
    if start + len(parts) > len(places):
        return False
    return all(_fits(part, places[start + offset]) for offset, part in enumerate(parts) if offset)


def _fits(part: Part, place: Place) -> bool:
    word, is_stem = part
    return any(one.startswith(word) for one in place) if is_stem else word in place


def _whole(entry: Entry, places: list[Place], start: int, end: int) -> bool:
    """A word in katakana ends where they end: yellow is none of what its letters hold."""
    if not all(_KATAKANA.fullmatch(word) for word, _ in entry.parts):
        return True
    around = (places[start - 1][0] if start else "", places[end][0] if end < len(places) else "")
    return not any(_KATAKANA.match(word) for word in around)


def _spelled(places: list[Place], lexicon: Lexicon) -> Iterator[Hit]:
    for run in reading.spelled(places):
        for length in lexicon.spelled_lengths:
            for start in range(len(run) - length + 1):
                for entry in lexicon.spelled.get(run[start : start + length], ()):
                    yield Hit(entry.kind, NOWHERE, NOWHERE, entry.language, False)


def _ages(places: list[Place], found: Sequence[Hit], lexicon: Lexicon) -> Iterator[Hit]:
    """Ages under 18, each of which is a minor."""
    years, aged = {hit.start for hit in found if hit.kind == "years"}, _ends(found, "aged")
    spans = (*_in_digits(places, years, aged, lexicon), *_in_words(found, years, aged), *_in_chinese(places, years))
    return (Hit("minor", start, end, "", False) for start, end in spans)


def _ends(found: Sequence[Hit], kind: str) -> set[int]:
    return {hit.end for hit in found if hit.kind == kind}


def _in_digits(places: list[Place], years: set[int], aged: set[int], lexicon: Lexicon) -> Iterator[tuple[int, int]]:
    for start, place in enumerate(places):
        number = _number(place[0])
        told = start + 1 in years or start in aged
        if (told and number is not None and number < _MAJORITY) or _is_age(place[0], lexicon):
            yield start, start + 1


def _in_words(found: Sequence[Hit], years: set[int], aged: set[int]) -> Iterator[tuple[int, int]]:
    """But not the five of `twenty five`."""
    tens = _ends(found, "tens")
    for hit in found:
        if hit.kind == "young" and hit.start not in tens and (hit.end in years or hit.start in aged):
            yield hit.start, hit.end


def _in_chinese(places: list[Place], years: set[int]) -> Iterator[tuple[int, int]]:
    return ((start - 1, start) for start in years if 0 < _chinese(places, start) < _MAJORITY)


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) <= 3 else None


def _is_age(word: str, lexicon: Lexicon) -> bool:
    """Of one piece with its unit: `12yo`."""
    found = _GLUED_AGE.fullmatch(word)
    if found is None or int(found[1]) >= _MAJORITY:
        return False
    return any(entry.kind == "years" and len(entry.parts) == 1 for entry in lexicon.beginning(found[2]))


def _chinese(places: list[Place], end: int) -> int:
    """The number in Chinese digits that ends before this place; 0: there is none."""
    start = end
    while start and end - start < 4 and (places[start - 1][0] in _CHINESE_DIGITS or places[start - 1][0] == "十"):
        start -= 1
    text = "".join(place[0] for place in places[start:end])
    tens, ten, units = text.rpartition("十")
    if not text or len(tens) > 1 or len(units) > 1:
        return 0
    return (_CHINESE_DIGITS.get(tens, 1) * 10 if ten else 0) + _CHINESE_DIGITS.get(units, 0)


def _not_passed(found: list[Hit]) -> list[Hit]:
    """Without what a term of `pass` covers."""
    covered = {place for hit in found if hit.kind == "pass" for place in range(hit.start, hit.end)}
    return [hit for hit in found if hit.kind != "pass" and covered.isdisjoint(range(hit.start, hit.end))]


def _not_denied(found: list[Hit]) -> list[Hit]:
    """Without what the prompt says that the picture shall not have."""
    denials = {
        place + 1 for hit in found if hit.kind == "not" for place in range(hit.end - 1, hit.end + _NEGATED_WITHIN - 1)
    }
    denied = {hit.start for hit in found if hit.kind == "negatable" and hit.start in denials}
    return [hit for hit in found if hit.start not in denied]


def _beside_their_own(found: list[Hit]) -> list[Hit]:
    """Without what counts only beside other words of its language, where there are none."""
    spoken = {hit.language for hit in found if not hit.here and hit.kind in _TELLING}
    return [hit for hit in found if not hit.here or hit.language in spoken]
