"""A prompt with some of its words taken out, as anybody would do it: in its text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from cavendish_sketch import notes
from cavendish_sketch.language import prompts, writing

BETWEEN = r"[\s\-'’_]+"


def told(prompt: str) -> notes.Notes:
    return notes.of(prompts.reading(prompt))


def entries(said: Iterable[str]) -> list[list[str]]:
    """Each entry's words: those that say the same stand together."""
    return [entry.split(notes.TOGETHER) for entry in said]


def without(prompt: str, words: Sequence[str], said: notes.Notes) -> str:
    """The prompt without these words, wherever they are not a part of a longer entry."""
    known = {word for entry in entries((*said.understood, *said.ignored)) for word in entry}
    longest_first = sorted({*known, *words}, key=len, reverse=True)
    pattern = re.compile("|".join(map(_pattern, longest_first)) or "$^", re.IGNORECASE)
    gone = {_same(word) for word in words}
    return pattern.sub(lambda match: "" if _same(match[0]) in gone else match[0], _folded(prompt))


def _folded(prompt: str) -> str:
    """In one form of every letter; capitals stay, for quoted text is set as it is."""
    return unicodedata.normalize("NFKC", prompt)


def _pattern(word: str) -> str:
    body = BETWEEN.join(map(re.escape, word.split())).replace("ss", "(?:ss|ß)")
    return body if writing.is_spaceless(word) else rf"(?<![^\W\d_]){body}(?![^\W_])"  # "1girl"


def _same(text: str) -> str:
    return re.sub(BETWEEN, " ", writing.plain(text))
