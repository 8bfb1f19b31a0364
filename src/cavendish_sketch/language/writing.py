"""How a prompt is written: its words, in the order in which they stand, of whatever script.

A word is kept as written and as `fold` leaves it; everything is looked up by the second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from cavendish_sketch.language import wordlists

PROMPT_CHARACTERS_MAX = wordlists.TEXT_CHARACTERS_MAX
LETTERS = r"[^\W_]|[\u0900-\u0963\u0970-\u097f\u0e31-\u0e3a\u0e47-\u0e4e]"  # vowel signs are no letters to `re`
EMOJI_BASE = r"[\u2600-\u27bf\u231a\u231b\u23e9-\u23fa\u2b50\U0001f300-\U0001faff]"
EMOJI = rf"{EMOJI_BASE}\ufe0f?[\U0001f3fb-\U0001f3ff]?(?:\u200d{EMOJI_BASE}\ufe0f?)*"
TOKEN = re.compile(rf"(?:{LETTERS})+|{EMOJI}")
COUNTED = re.compile(r"^(\d{1,2})(?!bit)([^\W\d_]{3,})$")  # "1girl"
EMOJI_MARK = "u+"  # before the code points that stand for an emoji in a folded word
SPACELESS = r"\u3005\u3007\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"
RUN = re.compile(rf"[{SPACELESS}]+|[^{SPACELESS}]+")
KANA = re.compile(r"[\u3040-\u309f]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a prompt.

    Attributes:
        written: As it is there, in lower case.
        folded: What it is looked up by.
        joined: Nothing but spaces, a hyphen or an apostrophe stands between it and the word before.
        start: Where it begins in the plain text.
    """

    written: str
    folded: str
    joined: bool
    start: int = field(default=0, compare=False)

    @property
    def end(self) -> int:
        return self.start + len(self.written)


def plain(text: str) -> str:
    """A text as its words are looked for: lower case, every letter in one form, and no longer than a prompt may be."""
    return unicodedata.normalize("NFKC", text[:PROMPT_CHARACTERS_MAX]).casefold()


def tokens(text: str) -> list[Token]:
    """The words of a plain text; a run of Chinese, Japanese or Thai is one word here."""
    found, end = list[Token](), 0
    for match in TOKEN.finditer(text):
        gap = text[end : match.start()]
        end = match.end()
        if re.match(EMOJI_BASE, match[0]):
            found.append(Token(match[0], EMOJI_MARK + code_points(match[0]), joined=False, start=match.start()))
            continue
        for word, start in _parts(match[0]):
            joined = bool(found) and gap.strip(" \t\n-'’_") == ""
            found.append(Token(word, fold(word), joined, match.start() + start))
            gap = ""
    return found


def _parts(run: str) -> Iterator[tuple[str, int]]:
    """A run of letters by its scripts, and a number by itself; with where each begins."""
    counted = COUNTED.match(run)
    for start, end in (counted.span(1), counted.span(2)) if counted else ((0, len(run)),):
        yield from ((part[0], part.start()) for part in RUN.finditer(run, start, end))


def without(text: str, spans: Collection[tuple[int, int]], *, instead: str = "") -> str:
    """A text with some parts of it taken out, or something else in their places."""
    kept, at = list[str](), 0
    for start, end in sorted(spans):
        kept += text[at:start], instead
        at = max(at, end)
    return "".join((*kept, text[at:]))


def fold(text: str) -> str:
    """As `wordlists.fold`, and without the dots that Russian leaves out as often as not."""
    return wordlists.fold(text).replace("ё", "е")


def code_points(emoji: str) -> str:
    """As `art` names its drawings: without the marks that ask for colour or a tone of skin."""
    marks = {0xFE0F, *range(0x1F3FB, 0x1F400)}
    return "-".join(f"{ord(letter):x}" for letter in emoji if ord(letter) not in marks)


def is_spaceless(text: str) -> bool:
    return bool(re.match(f"[{SPACELESS}]", text))
