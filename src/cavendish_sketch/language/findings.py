"""What each word of a prompt is in its sentence: a thing, a place, a colour, a number, grammar, or unknown."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cavendish_sketch.language import languages, meanings, writing
from cavendish_sketch.language.meanings import Meaning
from cavendish_sketch.language.tables import colour_words, grammar
from cavendish_sketch.language.writing import Token

# Words about the taking of the picture that are things after an article: "a camera on a table".
AFTER_ARTICLE = {"camera": "1f4f7"}
UNKNOWN_LETTERS_MIN = 3
ABSTRACT = "scene:abstract"

Role = Literal["colour", "count", "meaning", "part", "stop", "unknown", "whole"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one word, or some words in a row, are.

    Attributes:
        tokens: The words.
        role: What they do in the sentence.
        meaning: Their tags and figure.
        colour: Six hex digits.
        count: How many of what follows.
    """

    tokens: tuple[Token, ...]
    role: Role
    meaning: Meaning = dataclasses.field(default_factory=Meaning)
    colour: str | None = None
    count: int | None = None

    @property
    def written(self) -> str:
        return " ".join(token.written for token in self.tokens)

    @property
    def span(self) -> tuple[int, int]:
        """Where it begins and ends in the plain text."""
        return self.tokens[0].start, self.tokens[-1].end

    @property
    def figure(self) -> str | None:
        return self.meaning.figure


def find(tokens: Sequence[Token], language: str) -> list[Finding]:
    """What each word is, the longest phrases first."""
    split = [part for token in tokens for part in _split(token, language)]
    found, at = list[Finding](), 0
    while at < len(split):
        ahead = split[at : at + meanings.PHRASE_WORDS_MAX]
        finding = _phrase(ahead, language) or _single(ahead, language)
        found.append(finding)
        at += len(finding.tokens)
    resolved = [_resolved(found, place, language) for place in range(len(found))]
    if any(ABSTRACT in finding.meaning.tags for finding in resolved):
        return [_as_colour(finding) for finding in resolved]
    return resolved


def _as_colour(finding: Finding) -> Finding:
    """Where nothing is to be recognised, "coral, mint and plum" are colours."""
    return dataclasses.replace(finding, role="colour", meaning=Meaning()) if finding.colour else finding


def _split(token: Token, language: str) -> list[Token]:
    return meanings.split_spaceless(token, language) if writing.is_spaceless(token.folded) else [token]


def _phrase(ahead: Sequence[Token], language: str) -> Finding | None:
    for length in range(len(ahead), 1, -1):
        meaning = meanings.phrase(ahead[:length], language)
        if meaning is not None:
            return Finding(tuple(ahead[:length]), "meaning", meaning)
    return None


def _single(ahead: Sequence[Token], language: str) -> Finding:
    token = ahead[0]
    one, word = (token,), token.folded
    group = grammar.GROUPS.get(word) if len(ahead) > 2 and ahead[1].folded in grammar.OF else None
    number = group or languages.number(word, language)
    if number is not None:
        meaning = meanings.phrase(one, language) if group else None
        return Finding(one, "count", meaning or Meaning(), count=number)
    if word in colour_words.PARTS or word in colour_words.WHOLES:  # "background" says nothing by itself
        return Finding(one, "part" if word in colour_words.PARTS else "whole")
    if languages.is_stop(word, language) or word in grammar.COUNTERS:
        return Finding(one, "stop")
    return _content(token, language)


def _content(token: Token, language: str) -> Finding:
    colour = meanings.colour(token, language)
    meaning = meanings.phrase((token,), language)
    if colour and (meaning is None or token.folded.removesuffix("s") not in colour_words.COLOUR_OR_THING):
        return Finding((token,), "colour", Meaning(), colour)
    if meaning is None:
        return Finding((token,), _unknown(token))
    return Finding((token,), "meaning", meaning, colour)


def _unknown(token: Token) -> Role:
    """Grammar, or a word that names something."""
    word = token.folded
    if writing.is_spaceless(word):
        is_grammar = writing.KANA.match(word) or re.match("[\u0e00-\u0e7f]", word)
        return "stop" if is_grammar or len(word) < 2 else "unknown"
    if word.startswith(writing.EMOJI_MARK):
        return "unknown"
    return "unknown" if len(word) >= (UNKNOWN_LETTERS_MIN if word.isascii() else 2) and not word.isdigit() else "stop"


def _resolved(found: Sequence[Finding], at: int, language: str) -> Finding:
    """Decide what only the words around tell."""
    finding = found[at]
    after = found[at + 1] if at + 1 < len(found) else None
    before = found[at - 1] if at else None
    if finding.role == "meaning" and finding.colour:
        beside = after is not None and (after.figure is not None or after.role == "whole")
        is_thing = finding.meaning.plural or (before is not None and before.tokens[0].folded in grammar.ARTICLES)
        if beside or (finding.tokens[0].folded == "orange" and not is_thing):
            return dataclasses.replace(finding, role="colour", meaning=Meaning())
    if finding.role == "stop" and before is not None and before.tokens[0].folded in grammar.ARTICLES:
        meaning = AFTER_ARTICLE.get(finding.tokens[0].folded)
        return dataclasses.replace(finding, role="meaning", meaning=Meaning((), meaning)) if meaning else finding
    if before is not None and before.tokens[0].folded in grammar.NEGATIONS.get(language, ()):
        return dataclasses.replace(finding, role="stop", meaning=Meaning())  # "but no dog"
    if finding.figure == "!person" and after is not None and after.tokens[0].folded == "s":
        return dataclasses.replace(finding, role="stop", meaning=Meaning())  # "men's shoes"
    if "style:monochrome" in finding.meaning.tags and after is not None and after.figure is not None:
        return dataclasses.replace(finding, role="part", meaning=Meaning())  # "a black and white cat"
    return finding
