"""Words, phrases and regular expressions that no prompt may hold, from a file of the operator."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from cavendish.errors import ConfigurationError
from cavendish.moderation import patterns, word_file, words
from cavendish.moderation.base import Block, Question

log = structlog.get_logger("cavendish.moderation")

REASON = "DENY_LIST"
_SETTING = "CAVENDISH_MODERATION_DENYLIST"
PATTERN_COST_MAX = 20_000  # of all regexes together: about a second, for a prompt made for all of them
SPELLED_LETTERS_MIN = 4  # `b o m b` is denied with bomb; three single letters are too often initials

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """One reading of the file. `phrases` stand under their first word, `spelled` are those of one word of letters."""

    phrases: Mapping[str, frozenset[Phrase]]
    lengths: Mapping[str, tuple[int, ...]]
    spelled: frozenset[str]
    spelled_lengths: tuple[int, ...]
    patterns: tuple[re.Pattern[str], ...]

    def deny(self, prompt: str) -> bool:
        """Whether any line of the file stands in the prompt."""
        text = words.folded(prompt)
        found = words.split(text)
        return (
            any(self._begins(found, place) for place in range(len(found)))
            or any(map(self._spells, words.runs_of_letters(found)))
            or any(pattern.search(text) for pattern in self.patterns)
        )

    def _begins(self, found: list[str], place: int) -> bool:
        first = found[place]
        return first in self.lengths and any(
            tuple(found[place : place + length]) in self.phrases[first] for length in self.lengths[first]
        )

    def _spells(self, run: str) -> bool:
        return any(
            run[place : place + length] in self.spelled
            for length in self.spelled_lengths
            for place in range(len(run) - length + 1)
        )


class DenyList:
    """Judges prompts by the file as it stands now; while it cannot be read, by what it said before."""

    name = "denylist"
    judges_pictures = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version = word_file.version(path)
        self._rules = read(path)

    async def judge(self, question: Question) -> Block | None:
        if question.stage == "after":
            return None  # the prompt was judged before
        # In a thread: a long prompt and a long list take a tenth of a second, which the event loop does not have.
        denied = await asyncio.to_thread(self._deny, question.prompt)
        return Block("prompt", REASON) if denied else None

    async def close(self) -> None:
        return None

    def _deny(self, prompt: str) -> bool:
        version = word_file.version(self._path)
        if version != self._version:
            self._version = version
            self._read_again()
        return self._rules.deny(prompt)

    def _read_again(self) -> None:
        try:
            self._rules = read(self._path)
        except ConfigurationError as exc:
            log.error("deny list not read again; the one before holds", error=str(exc))
        else:
            log.info("deny list read again")


def build(path: str) -> DenyList:
    """The judge by this file.

    Raises:
        ConfigurationError: it cannot be read; the message names the file and the line.
    """
    return DenyList(Path(path))


def read(path: Path) -> Rules:
    """The rules of a file: a word or phrase per line, `/…/` for a regex, `#` for a comment.

    Raises:
        ConfigurationError: see `build`.
    """
    phrases: dict[str, set[Phrase]] = defaultdict(set)
    found: list[re.Pattern[str]] = []
    cost = 0
    for number, line in word_file.lines(path, _SETTING):
        try:
            if line.startswith("/"):
                pattern, its_cost = patterns.compiled(_between_slashes(line))
                found.append(pattern)
                cost += its_cost
            else:
                phrase = _phrase(line)
                phrases[phrase[0]].add(phrase)
            if cost > PATTERN_COST_MAX:
                raise ValueError("up to here the regexes together can be tried in too many ways; take fewer")
        except ValueError as exc:
            raise ConfigurationError(f"{path}, line {number}: {exc}") from exc
    return _rules(phrases, found)


def _rules(phrases: Mapping[str, set[Phrase]], found: list[re.Pattern[str]]) -> Rules:
    single = {first for first, those in phrases.items() if (first,) in those}
    spelled = frozenset(word for word in single if len(word) >= SPELLED_LETTERS_MIN and word.isalpha())
    return Rules(
        phrases={first: frozenset(those) for first, those in phrases.items()},
        lengths={first: tuple(sorted({len(phrase) for phrase in those})) for first, those in phrases.items()},
        spelled=spelled,
        spelled_lengths=tuple(sorted({len(word) for word in spelled})),
        patterns=tuple(found),
    )


def _phrase(line: str) -> Phrase:
    phrase = tuple(words.split(words.folded(line)))
    if not phrase:
        raise ValueError("there is no letter, digit or symbol in it")
    return phrase


def _between_slashes(line: str) -> str:
    if len(line) < 3 or not line.endswith("/"):
        raise ValueError("a regex stands between two slashes; a word does not begin with one")
    return line[1:-1]
