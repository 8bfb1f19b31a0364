"""The safeguards: what this service refuses to make whoever runs it, unless that is switched off on purpose.

They judge words alone, before any engine is called, and come with lists of words of their own: docs/moderation.md says
what they find and what they cannot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import structlog

from cavendish.errors import ConfigurationError
from cavendish.moderation import word_file
from cavendish.moderation.base import Block, Question
from cavendish.moderation.safeguard import lexicon, rules
from cavendish.moderation.safeguard.rules import Class

log = structlog.get_logger("cavendish.moderation")


@dataclass(frozen=True, slots=True)
class State:
    """What stands in front of the engines, for whoever asks the operator.

    Attributes:
        on, off: Classes of what is refused, and of what is not because the operator said so.
        terms: Words and phrases of all lists.
        file: The operator's own list; empty: none.
    """

    on: tuple[Class, ...]
    off: tuple[Class, ...]
    terms: int
    file: str


class Safeguard:
    """Judges prompts by our lists and the operator's as it stands now; while it cannot be read, as it was before."""

    name = "safeguard"
    judges_pictures = False

    def __init__(self, classes: Collection[str], path: Path | None) -> None:
        self._classes = frozenset(one for one in rules.REASONS if one in classes)
        self._path = path
        self._version = word_file.version(path) if path else None
        self._lexicon = lexicon.with_operators(path)

    @property
    def state(self) -> State:
        on = tuple(one for one in rules.REASONS if one in self._classes)
        off = tuple(one for one in rules.REASONS if one not in self._classes)
        return State(on, off, self._lexicon.size, str(self._path or ""))

    async def judge(self, question: Question) -> Block | None:
        if question.stage == "after":
            return None  # the words were judged before, and it cannot see
        # In a thread: a long prompt takes a tenth of a second, which the event loop does not have.
        found = await asyncio.to_thread(self._refused, question.prompt, bool(question.images))
        return None if found is None else Block("prompt", rules.REASONS[found])

    async def close(self) -> None:
        return None

    def _refused(self, prompt: str, editing: bool) -> Class | None:
        if self._path and (version := word_file.version(self._path)) != self._version:
            self._version = version
            self._read_again()
        return rules.refused(prompt, self._lexicon, self._classes, editing=editing)

    def _read_again(self) -> None:
        try:
            self._lexicon = lexicon.with_operators(self._path)
        except ConfigurationError as exc:
            log.error("words of the safeguards not read again; those before hold", error=str(exc))
        else:
            log.info("words of the safeguards read again")
