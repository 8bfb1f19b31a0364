"""A prompt as the safeguards read it: word by word, and each word in every way in which it may be meant.

`n4k3d`, `n@ked`, `naaaked`, `n*ked` and a word with letters of another alphabet that look alike are read as what they
stand for, beside what they are. Each reading is made from one word alone, and there are few of each: the time grows
with the length of the prompt and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cavendish.moderation import words

Place = tuple[str, ...]  # one word's readings, the plain one first

READINGS_MAX = 12  # of one word
_LETTERS_MAX = 60  # of a word that is read in more than one way: longer ones are none
_JOINED_MAX = 40  # letters of what is joined: `na-ked`

# One letter of Arabic is written in several ways.
_SAME_LETTERS = str.maketrans("أإآٱىة", "ااااي" + "ه", "\u0640")  # and what only stretches a word
# Letters as flags and in squares: nothing else folds them.
_EMBLEMS = {
    first + offset: chr(ord("a") + offset) for first in (0x1F1E6, 0x1F130, 0x1F150, 0x1F170) for offset in range(26)
}
_MASK = "ʘ"  # stands for a letter that was starred out: a letter to `words.split`, and in no term
_STARS = re.compile(r"(?<=[^\W\d_])\*{1,9}(?=[^\W\d_])")
_SIGN = re.compile(r"(?<=[^\W_])[@$!|€](?=[^\W_])|(?<!\S)[@$](?=[^\W\d_])")
_SIGNS = {"@": "a", "$": "s", "!": "i", "|": "l", "€": "e"}
_DIGITS = str.maketrans("0345789", "oeastbg")
LEET = str.maketrans("01345789", "oieastbg")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_KATAKANA_GAP = re.compile(r"(?<=[\u30a0-\u30ff]) (?=[\u30a0-\u30ff])")
_JOINED = re.compile(r"[^\W_]{1,20}(?:[._\-~·/+][^\W_]{1,20}){1,9}")
_TO_LATIN = str.maketrans("аеіоруххсѕјһԁԛԝкмтвнαεικνορτυχωγ", "aeiopyxxcsjhdqwkmtbhaeikvoptuxwy")
_TO_CYRILLIC = str.maketrans("aeopyxckmtbh", "аеорухскмтвн")
_CYRILLIC, _ARABIC = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[\u0621-\u064a]")
# And, the, with, for, like: written at the front of the word behind.
_CLITICS = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل", "ف")
_STEM_MIN = 3  # letters that have to stay behind a clitic


def plain(text: str) -> str:
    """Without what makes no difference; terms are folded the same."""
    return words.folded(text.translate(_EMBLEMS)).translate(_SAME_LETTERS)


def places(prompt: str) -> list[Place]:
    """The words of a prompt in their order; behind a gap, those that are written with signs between their letters."""
    text = _SIGN.sub(lambda found: _SIGNS[found[0]], _STARS.sub(_MASK, plain(prompt)))
    text = _KATAKANA_GAP.sub(f" {_MASK} ", text)  # where one word ends is seen there by the space alone
    joined = [word for found in _JOINED.findall(text) if len(word := "".join(words.split(found))) <= _JOINED_MAX]
    found = [_readings(word) for word in words.split(text)]
    return [*found, *(place for word in joined for place in (("",), _readings(word)))] if joined else found


def spelled(found: list[Place]) -> list[str]:
    """What single letters spell, one after the other: `n u d e`."""
    return words.runs_of_letters([place[0].translate(LEET) if len(place[0]) == 1 else place[0] for place in found])


def _readings(word: str) -> Place:
    if len(word) == 1 or len(word) > _LETTERS_MAX or (word.isascii() and word.isalpha() and not _RUN.search(word)):
        return (word,)
    readings = {word: None}
    for step in _STEPS:
        for one in tuple(readings):
            readings.update(dict.fromkeys(step(one)))
    return tuple(readings)[:READINGS_MAX]


def _unmasked(word: str) -> Iterator[str]:
    if _MASK in word:
        yield from (word.replace(_MASK, letter) for letter in "aeiou")


def _in_one_alphabet(word: str) -> Iterator[str]:
    if word.isascii():
        return
    latin = word.translate(_TO_LATIN)
    if latin.isascii():
        yield latin
    elif _CYRILLIC.search(word):
        yield word.translate(_TO_CYRILLIC)


def _without_digits(word: str) -> Iterator[str]:
    if not word.isalpha() and any(map(str.isalpha, word)):
        letters = word.translate(_DIGITS)
        yield from dict.fromkeys((letters.replace("1", "i"), letters.replace("1", "l")))


def _without_runs(word: str) -> Iterator[str]:
    if _RUN.search(word):
        yield _RUN.sub(r"\1", word)
        yield _RUN.sub(r"\1\1", word)


def _without_clitics(word: str) -> Iterator[str]:
    if _ARABIC.match(word):
        yield from (
            word[len(clitic) :]
            for clitic in _CLITICS
            if word.startswith(clitic) and len(word) - len(clitic) >= _STEM_MIN
        )


_STEPS: tuple[Callable[[str], Iterator[str]], ...] = (
    _unmasked, _in_one_alphabet, _without_digits, _without_runs, _without_clitics,
)  # fmt: skip
