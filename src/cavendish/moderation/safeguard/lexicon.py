"""The safeguards' words: how a list is written, and how it is looked up.

A line is `KIND: TERM, TERM, …`, and `#` begins a comment. A term is one or more words; `*` at a word's end takes any
ending. Case, accents and width make no difference. A kind with `-here` behind it counts only beside other words of the
same file: `kind` is a child in German, and something else in English. What the kinds do is in `rules.py`.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar, get_args

from cavendish.errors import ConfigurationError
from cavendish.moderation import word_file, words
from cavendish.moderation.safeguard import reading

Kind = Literal[
    "minor", "explicit", "nude", "suggestive", "anatomy", "diagram", "photo", "exposing", "strip", "undressing",
    "undress", "clothes", "filler", "part", "her", "turn", "art", "person", "given", "artist", "artist-after",
    "artist-name", "not", "negatable", "years", "aged", "young", "tens", "pass",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
# What an operator's file may hold: the rest needs its place in our rules.
OPERATORS_KINDS = ("minor", "explicit", "nude", "suggestive", "person", "strip", "pass")
SETTING = "CAVENDISH_SAFEGUARD_WORDS"
WORDS_MAX = 24  # of one term: so many places are looked at from each
LETTERS_MIN = 4  # of a term that is found where it is spelled out: three are too often initials
_HERE = "-here"
_FOLDER = resources.files("cavendish.moderation.safeguard") / "lists"
# Spelled out, these are looked for; the others only say what stands around them.
_SPELLED = ("minor", "explicit", "nude", "strip")

Key = TypeVar("Key", bound=Hashable)
Part = tuple[str, bool]  # a word, and whether any ending may follow


@dataclass(frozen=True, slots=True)
class Entry:
    """A term. `here`: it counts only beside others of its language."""

    kind: str
    parts: tuple[Part, ...]
    language: str
    here: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All terms, under their first word, under their first two, or under the letters that they begin with."""

    exact: Mapping[str, tuple[Entry, ...]]
    pairs: Mapping[tuple[str, str], tuple[Entry, ...]]
    stems: Mapping[str, tuple[Entry, ...]]
    stem_lengths: tuple[int, ...]
    spelled: Mapping[str, tuple[Entry, ...]]
    spelled_lengths: tuple[int, ...]
    single: Mapping[str, frozenset[str]]  # terms of one exact word, by kind
    size: int

    def beginning(self, word: str, following: Iterable[str] = ()) -> Iterator[Entry]:
        """The terms whose first word this may be, with one of those behind it."""
        yield from self.exact.get(word, ())
        for second in following:
            yield from self.pairs.get((word, second), ())
        for length in self.stem_lengths:
            if length > len(word):
                return
            yield from self.stems.get(word[:length], ())


def with_operators(path: Path | None) -> Lexicon:
    """Our terms and those of an operator's file.

    Raises:
        ConfigurationError: it cannot be read; the message names the file and the line.
    """
    return _ours() if path is None else _built((*_our_entries(), *_of_operator(path)))


@functools.cache
def _ours() -> Lexicon:
    return _built(_our_entries())


@functools.cache
def _our_entries() -> tuple[Entry, ...]:
    found: list[Entry] = []
    for file in sorted(_FOLDER.iterdir(), key=lambda file: file.name):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if line and not line.startswith("#"):
                try:
                    found.extend(_entries(line, KINDS, file.name.removesuffix(".txt")))
                except ValueError as exc:
                    raise AssertionError(f"{file.name}, line {number}: {exc}") from exc
    return tuple(found)


def _of_operator(path: Path) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for number, line in word_file.lines(path, SETTING):
        try:
            found.extend(_entries(line, OPERATORS_KINDS, ""))
        except ValueError as exc:
            raise ConfigurationError(f"{path}, line {number}: {exc}") from exc
    return tuple(found)


def _built(entries: Iterable[Entry]) -> Lexicon:
    kept = tuple(dict.fromkeys(entries))
    stems = _by(kept, lambda entry: entry.parts[0][0] if entry.parts[0][1] else None)
    spelled = _by(kept, _letters)
    return Lexicon(
        exact=_by(kept, lambda entry: None if entry.parts[0][1] or _pair(entry) else entry.parts[0][0]),
        pairs=_by(kept, _pair),
        stems=stems,
        stem_lengths=tuple(sorted({len(word) for word in stems})),
        spelled=spelled,
        spelled_lengths=tuple(sorted({len(word) for word in spelled})),
        single={kind: _single(those) for kind, those in _by(kept, lambda entry: entry.kind).items()},
        size=len(kept),
    )


def _by(entries: Iterable[Entry], place: Callable[[Entry], Key | None]) -> dict[Key, tuple[Entry, ...]]:
    """The entries under their place in a table; those that have none are not in it."""
    found: dict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        if (key := place(entry)) is not None:
            found[key].append(entry)
    return {key: tuple(those) for key, those in found.items()}


def _pair(entry: Entry) -> tuple[str, str] | None:
    first, *further = entry.parts
    return (first[0], further[0][0]) if further and not first[1] and not further[0][1] else None


def _letters(entry: Entry) -> str | None:
    """As it is where it is spelled out; None: nobody looks for it there."""
    letters = "".join(word for word, _ in entry.parts)
    looked_for = entry.kind in _SPELLED and not entry.here
    return letters if looked_for and len(letters) >= LETTERS_MIN and letters.isalpha() else None


def _single(entries: Iterable[Entry]) -> frozenset[str]:
    return frozenset(entry.parts[0][0] for entry in entries if len(entry.parts) == 1 and not entry.parts[0][1])


def _entries(line: str, kinds: Iterable[str], language: str) -> Iterator[Entry]:
    kind, colon, terms = line.partition(":")
    here, kind = kind.strip().endswith(_HERE), kind.strip().removesuffix(_HERE)
    if not colon or kind not in kinds or (here and not language):
        raise ValueError(f"write KIND: TERM, TERM; the kinds are {', '.join(kinds)}")
    for term in filter(str.strip, terms.split(",")):
        yield Entry(kind, _parts(term), language, here)


def _parts(term: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for piece in term.split():
        found = words.split(reading.plain(piece))
        parts.extend((word, False) for word in found)
        if parts and found and piece.endswith("*"):
            parts[-1] = (parts[-1][0], True)
    if not parts:
        raise ValueError("there is no letter, digit or symbol in one of the terms")
    if len(parts) > WORDS_MAX:
        raise ValueError(f"a term has at most {WORDS_MAX} words, and {term.strip()[:40]!r} has more")
    return tuple(parts)
