"""Words as the tables hold them: lists as one string, letters folded, and an index that finds them in a text."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LETTERS_REMEMBERED = 8192
STEM_CHARACTERS_MAX = 12
TEXT_CHARACTERS_MAX = 20_000  # a prompt's own limit; folding can make eighteen characters of one
SCRIPTS_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def each(listed: str) -> frozenset[str]:
    """The words of a list in one string, which is shorter to read than a hundred quoted words."""
    return frozenset(listed.split())


def fold(text: str) -> str:
    """Lower case, without the accents of Latin letters; other scripts keep their marks, which are letters there."""
    return "".join(map(_plain, unicodedata.normalize("NFKC", text).casefold()[:TEXT_CHARACTERS_MAX]))


@functools.lru_cache(maxsize=LETTERS_REMEMBERED)
def _plain(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if base.isascii() else letter


@dataclass(frozen=True, slots=True)
class Index:
    """Which keys a word calls."""

    whole: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, tuple[str, ...]]
    inside: Mapping[str, tuple[str, ...]]

    def calls(self, tokens: Iterable[str], text: str) -> list[tuple[str, str]]:
        """Every word found with each key it calls, in the order of the prompt, as often as it is there."""
        found = [(token, key) for token in tokens for key in self._of(token)]
        places = sorted((text.find(word), word) for word in self.inside if word in text)
        return found + [(word, key) for _, word in places for key in self.inside[word]]

    def _of(self, token: str) -> tuple[str, ...]:
        for form in (token, token.removesuffix("s"), token.removesuffix("es")):
            if form in self.whole:
                return self.whole[form]
        stems = (token[:length] for length in range(min(len(token), STEM_CHARACTERS_MAX), 2, -1))
        return next((self.stems[stem] for stem in stems if stem in self.stems), ())


def index(table: Mapping[str, str]) -> Index:
    """An index from a table of keys and their words."""
    whole: dict[str, tuple[str, ...]] = {}
    stems: dict[str, tuple[str, ...]] = {}
    inside: dict[str, tuple[str, ...]] = {}
    for key, words in table.items():
        for word in dict.fromkeys(words.split()):
            target = inside if SCRIPTS_WITHOUT_SPACES.search(word) else stems if word.endswith("*") else whole
            name = word.removesuffix("*")
            target[name] = (*target.get(name, ()), key)
    return Index(whole, stems, inside)
