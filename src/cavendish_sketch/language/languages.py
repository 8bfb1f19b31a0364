"""Languages: which one a prompt is in, its small words, its numbers, and what a word may be an inflection of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cavendish_sketch.language import writing
from cavendish_sketch.language.tables import grammar

COUNT_MAX = 12

SCRIPTS: tuple[tuple[str, str], ...] = (
    ("ja", r"[\u3040-\u30ff]"),
    ("ko", r"[\uac00-\ud7af]"),
    ("zh", r"[\u4e00-\u9fff]"),
    ("hi", r"[\u0900-\u097f]"),
    ("th", r"[\u0e00-\u0e7f]"),
    ("uk", r"[іїєґ]"),
    ("ru", r"[\u0400-\u04ff]"),
)
SCRIPT_SHARE = 0.2  # of the letters: "a 猫 in a garden" stays English
REST_MIN = 3  # letters that have to stay


def by_script(text: str) -> str | None:
    """The language that the letters alone tell."""
    letters = [letter for letter in text if letter.isalpha()]
    for language, script in SCRIPTS:
        if len(re.findall(script, text)) > SCRIPT_SHARE * len(letters) * (0.1 if language in ("ja", "uk") else 1):
            return language
    return None


def by_stop_words(folded: Iterable[str]) -> list[str]:
    """The languages most of whose small words are there; none where there are none."""
    there = list(folded)
    scores = {language: sum(word in small for word in there) for language, small in STOP_WORDS.items()}
    best = max(scores.values())
    return [language for language, score in scores.items() if score == best] if best else []


def forms(word: str, language: str) -> Iterator[str]:
    """A word, then what it may be an inflection of, the likeliest first."""
    yield word
    if word in grammar.IRREGULAR:
        yield grammar.IRREGULAR[word]
    if language == "ko":
        yield from (word[:end] for end in range(len(word) - 1, 0, -1) if _is_ending(word, end))
    if language == "en" and word in grammar.NO_PLURAL:
        return
    for ending, instead in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= REST_MIN - (language == "hi"):
            yield word[: -len(ending)] + instead


def _is_ending(word: str, end: int) -> bool:
    """A Korean word of one syllable is known only before a particle; "비" is rain, "비누" is soap."""
    return end >= 2 or word[end:] in grammar.PARTICLES


def is_plural(word: str, form: str, language: str) -> bool:
    """The word is its form in the plural, as far as the ending tells; a listed plural is its own form."""
    if word in grammar.NO_PLURAL:
        return False
    if word in grammar.IRREGULAR or word in grammar.PLURALS:
        return True
    if word == form:
        has_s = language in ("en", "es", "fr", "pt") or (language == "de" and " " in word)
        return has_s and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word.endswith(grammar.PLURAL_MARKS.get(language, ("\0",)))


STOP_WORDS = {language: frozenset(listed.split()) for language, listed in grammar.STOP.items()}
_PADDING = frozenset(writing.fold(grammar.PADDING).split())
_NUMBERS = {word: number for number, listed in grammar.NUMBERS.items() for word in listed.split()}
_ENDINGS = {
    language: [(ending, instead) for ending, _, instead in (item.partition(">") for item in listed.split())]
    for language, listed in grammar.ENDINGS.items()
}


def is_stop(folded: str, language: str) -> bool:
    """A word that says nothing about what is to be seen."""
    return folded in STOP_WORDS.get(language, ()) or folded in _PADDING


def number(folded: str, language: str) -> int | None:
    """How many a number word or a figure means, 1 to 12."""
    if folded.isascii() and folded.isdigit():
        # A year or a size in pixels is no count.
        return min(int(folded), COUNT_MAX) or None if len(folded) < 4 else None
    return _NUMBERS.get(f"{folded}@{language}") or _NUMBERS.get(folded)
