"""What the engine says of a prompt: the words that made a difference, and those that made none.

Nothing is claimed that was not tried: a word is taken out, the rest is read again, and what the scene shows of it is
compared. Two readings that show the same are the same picture, so what is said here holds for every pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cavendish_sketch.language.brief import Brief
from cavendish_sketch.language.findings import Role
from cavendish_sketch.language.prompts import Reading
from cavendish_sketch.scenes import shown
from cavendish_sketch.scenes.shown import anyway

UNDERSTOOD_MAX = 24
IGNORED_MAX = 12
WORD_CHARACTERS_MAX = 40  # of one entry in a report; longer ones are no words
TRIED_MAX = 36  # words of a prompt
READ_MAX = 20_000  # words read in all that trying: some seven thousand take a second
TOGETHER = ", "  # between words that say the same
NO_WORD = " xqzx "
NAMING: frozenset[Role] = frozenset({"unknown", "meaning", "colour", "part", "count", "material", "relation"})


@dataclass(frozen=True, slots=True)
class Notes:
    """Words of a prompt, in its order.

    Attributes:
        understood: The picture is another without it. Words that say the same, so that it is another only without all
            of them, are one entry.
        ignored: It asks for something, and the picture is the same without it.
    """

    understood: tuple[str, ...]
    ignored: tuple[str, ...]


def of(reading: Reading) -> Notes:
    """What each word of a prompt did. What says only what the picture has anyway is in neither list."""
    trial = _Trial(reading, shown.of(reading.brief))
    alone = [word for word in trial.words if trial.counts([word])]
    quiet = [word for word in trial.words if word not in alone]
    groups = [[word] for word in alone if trial.means(word)]
    while group := trial.together(quiet):
        groups.append(group)
        quiet = [word for word in quiet if word not in group]
    order = {word: number for number, word in enumerate(trial.words)}
    groups.sort(key=lambda group: order[group[0]])
    return Notes(
        tuple(TOGETHER.join(map(_short, group)) for group in groups)[:UNDERSTOOD_MAX],
        tuple(_short(word) for word in quiet if trial.is_missed(word))[:IGNORED_MAX],
    )


class _Trial:
    """A prompt whose words are taken out and put back."""

    def __init__(self, reading: Reading, picture: Brief) -> None:
        self._reading, self._picture = reading, picture
        self._places: dict[str, list[int]] = {}
        for place, finding in enumerate(reading.found):
            if finding.role in NAMING or finding.role == "whole":
                self._places.setdefault(finding.written, []).append(place)
        most = min(TRIED_MAX, READ_MAX // max(len(reading.found), 1))
        self.words = list(self._places)[:most]

    def counts(self, words: Sequence[str], *, instead: str = "") -> bool:
        """The picture is another without these words."""
        places = [place for word in words for place in self._places[word]]
        return shown.of(self._reading.without(places, instead=instead)) != self._picture

    def means(self, word: str) -> bool:
        """It is not only that its neighbours mean something else without it: "polar grumpy bear", "blue eyes"."""
        is_known = any(self._reading.found[place].role not in ("unknown", "part") for place in self._places[word])
        return is_known or self.counts([word], instead=NO_WORD)

    def together(self, words: Sequence[str]) -> list[str]:
        """The fewest of some words without all of which the picture is another; none where all may go."""
        if len(words) < 2 or not self.counts(words):
            return []
        kept = list(words)
        for word in words:
            rest = [other for other in kept if other != word]
            if self.counts(rest):
                kept = rest
        return kept

    def is_missed(self, word: str) -> bool:
        """It asks for something that the picture does not have."""
        return not any(self._is_there(place) for place in self._places[word])

    def _is_there(self, place: int) -> bool:
        finding = self._reading.found[place]
        if finding.role in ("relation", "whole") or (finding.role == "count" and finding.count == 1):
            return True
        return place in self._reading.natural or anyway.has(self._picture, finding)


def _short(word: str) -> str:
    return word[:WORD_CHARACTERS_MAX]
