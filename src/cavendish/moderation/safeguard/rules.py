"""What the safeguards refuse, as rules over the words that were found.

Two classes. Minors: a child, and beside it anything sexual. Intimate: a real person's nudity, which is asked for by
tools of undressing, by nudity with a name beside it, and by nudity in an edit of a picture that the caller sent.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Literal

from cavendish.moderation.safeguard import finding, reading
from cavendish.moderation.safeguard.finding import Hit
from cavendish.moderation.safeguard.lexicon import Lexicon

Class = Literal["minors", "intimate"]
REASONS: dict[Class, str] = {"minors": "SEXUALISED_MINOR", "intimate": "INTIMATE_PICTURE_OF_A_PERSON"}

_SEXUAL = ("explicit", "nude", "suggestive")
_BARE = ("explicit", "nude", "exposing")
_NEAR = 2  # words between a nude and the statue that it is
# Two names that begin with capitals, a nobiliary particle between them or none.
_NAME = re.compile(
    r"(?<![\w'’])([A-ZÀ-ÖØ-Þ][\w'’]{1,30})[ \t]{1,3}(?:[A-Z]\.[ \t])?(?:(?:van|von|de|da|di|del|der|al|el|Mc)[ \t])?"
    r"(?=([A-ZÀ-ÖØ-Þ][\w'’]{1,30}))"
)
_BEFORE_CHARACTERS, _AFTER_CHARACTERS = 40, 20  # around a name, where it may be an artist's


class _Found:
    """The hits of one prompt, by kind."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._by_kind: dict[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            self._by_kind[hit.kind].append(hit)

    def of(self, *kinds: str) -> list[Hit]:
        return [hit for kind in kinds for hit in self._by_kind.get(kind, ())]

    def any(self, *kinds: str) -> bool:
        return any(self._by_kind.get(kind) for kind in kinds)


def refused(prompt: str, lexicon: Lexicon, classes: Collection[Class], *, editing: bool) -> Class | None:
    """The class of what the prompt asks for and may not have; None: it may pass.

    Args:
        editing: A picture of the caller's comes with it.
    """
    found = _Found(finding.hits(prompt, lexicon))
    if "minors" in classes and _sexualises_minors(found):
        return "minors"
    if "intimate" in classes and (
        found.any("strip") or (_undresses(found) if editing else _bares_somebody(found, prompt, lexicon))
    ):
        return "intimate"
    return None


def _sexualises_minors(found: _Found) -> bool:
    sexual = found.of(*_SEXUAL)
    if not found.any("diagram") or found.any("photo"):  # as textbooks draw it, anatomy may be a child's
        sexual += found.of("anatomy")
    minors = {(hit.language, hit.here) for hit in found.of("minor")}
    others = {(hit.language, hit.here) for hit in sexual}
    return any(
        language == another or not (here or also_here) for language, here in minors for another, also_here in others
    )


# --- somebody's picture is edited


def _undresses(found: _Found) -> bool:
    if found.any("explicit", "undressing") or (found.any("exposing") and found.any("her")):
        return True
    return not _are_art(found.of("nude"), found) or _takes_clothes_off(found)


def _are_art(nudes: Sequence[Hit], found: _Found) -> bool:
    """Each is a statue or a painting already: nobody is spoken of, and nothing is to become something else."""
    near = {place for art in found.of("art") for place in range(art.start - _NEAR - 1, art.end + _NEAR + 1)}
    spoken_of = found.any("her", "turn", "person")
    return not nudes or (not spoken_of and all(nude.start in near or nude.end in near for nude in nudes))


def _takes_clothes_off(found: _Found) -> bool:
    """`remove`, then clothes, or the other way round, and nothing between them that is removed instead."""
    between = {place for hit in found.of("filler", "her") for place in range(hit.start, hit.end)}
    parts = {hit.start for hit in found.of("part")}
    ends, starts = {hit.end for hit in found.of("undress")}, {hit.start for hit in found.of("undress")}
    return any(
        _reaches(clothes.start, ends, between, -1) or _reaches(clothes.end, starts, between, 1)
        for clothes in found.of("clothes")
        if clothes.end not in parts  # the wrinkles of her dress are
    )


def _reaches(place: int, wanted: set[int], between: set[int], step: int) -> bool:
    """Whether one of the wanted places is reached from here over nothing but small words."""
    while place not in wanted and (place - 1 if step < 0 else place) in between:
        place += step
    return place in wanted


# --- somebody is named


def _bares_somebody(found: _Found, prompt: str, lexicon: Lexicon) -> bool:
    return found.any(*_BARE) and (found.any("person") or _names_somebody(prompt, lexicon) or _is_named_small(found))


def _names_somebody(prompt: str, lexicon: Lexicon) -> bool:
    """A given name with a family name behind it, both with capitals, that is no artist's."""
    given, artists = lexicon.single.get("given", frozenset()), lexicon.single.get("artist-name", frozenset())
    taken = set().union(*(lexicon.single.get(kind, frozenset()) for kind in ("nude", "explicit", "art", "suggestive")))
    for name in _NAME.finditer(prompt):
        first, last = reading.plain(name[1]), reading.plain(name[2])
        if first in given and last not in artists | taken and not _is_artist(prompt, name, lexicon):
            return True
    return False


def _is_artist(prompt: str, name: re.Match[str], lexicon: Lexicon) -> bool:
    before = finding.hits(prompt[max(0, name.start() - _BEFORE_CHARACTERS) : name.start()], lexicon)
    behind = finding.hits(prompt[name.end(2) : name.end(2) + _AFTER_CHARACTERS], lexicon)
    last = max((hit.end for hit in before), default=0)
    return any(hit.kind == "artist" and hit.end == last for hit in before) or any(
        hit.kind == "artist-after" and hit.start == 0 for hit in behind
    )


def _is_named_small(found: _Found) -> bool:
    """`emma smith nude`, as it is written in haste: a given name, one word more, then the nudity."""
    starts = {hit.start for hit in found.of("nude", "explicit")}
    known = {hit.start for hit in found.of("minor", "art", "suggestive", "clothes", "artist", "her", "not", "filler")}
    return any(hit.end + 1 in starts and hit.end not in known | starts for hit in found.of("given"))
