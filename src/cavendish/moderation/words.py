"""Text as the deny list reads it: folded, so that case, accents and unseen characters make no difference, and cut into
words, or into single characters where a script puts no spaces between words."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

# Marks that a word may be written with or without: combining accents, Hebrew points, Arabic vowel signs. Others, such
# as the vowels of Indian scripts or the voicing marks of kana, make another word and stay.
_ACCENTS = re.compile(r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670]")
# Letters of their own for Unicode, though readers take them for the plain ones.
_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe"})
# Beside format and control characters, what shows nothing: Hangul fillers, variation selectors.
_UNSEEN = re.compile(r"[\u115f\u1160\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_UNSEEN_CATEGORIES = ("Cf", "Cc")
# Thai and Lao, Burmese, Khmer, kana, Han; and Hangul, where particles stick to the word.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    r"\U00020000-\U0003ffff]"
)

# What a character is to the words around it: a mark belongs to what it follows, an "alone" is a word of its own.
_Kind = Literal["letter", "alone", "mark", "gap"]


def folded(text: str) -> str:
    """Without case, accents, compatibility forms and unseen characters; each white space is one space."""
    seen = _UNSEEN.sub("", "".join(character for character in text if _is_seen(character)))
    plain = _decomposed(_decomposed(seen).casefold())
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", plain).translate(_LETTERS))
    return " ".join(_UNSEEN.sub("", plain).split())


def without_accents(text: str) -> str:
    """Nothing else is changed: for a regular expression, whose signs must stay what they are."""
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def split(text: str) -> list[str]:
    """The words of a folded text; each character of a script without spaces, and each symbol, is one."""
    found: list[str] = []
    before: _Kind = "gap"
    for character in text:
        kind = _kind(character)
        if kind == "mark":
            if before != "gap":
                found[-1] += character
            continue  # a letter behind it goes on with the word
        if kind == before == "letter":
            found[-1] += character
        elif kind != "gap":
            found.append(character)
        before = kind
    return found


def runs_of_letters(found: list[str]) -> list[str]:
    """What is spelled with separators: `b o m b` and `b-o-m-b` are the run `bomb`."""
    runs: list[str] = []
    in_run = False
    for word in found:
        is_letter = len(word) == 1 and word.isalpha() and not _UNSPACED.match(word)
        if is_letter and in_run:
            runs[-1] += word
        elif is_letter:
            runs.append(word)
        in_run = is_letter
    return runs


def _kind(character: str) -> _Kind:
    category = unicodedata.category(character)
    if category[0] == "M":
        return "mark"
    if category == "So" or _UNSPACED.match(character):
        return "alone"
    return "letter" if category[0] in "LN" else "gap"


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _UNSEEN_CATEGORIES


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)
