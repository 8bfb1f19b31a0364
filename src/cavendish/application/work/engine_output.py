"""What an engine says beside its picture, as it can be stored and shown: no word of it is worth a paid picture.

The limits hold for all engines, and for what they were told by others.
"""

from __future__ import annotations

import dataclasses
import re

from cavendish.engines.base import EngineResult
from cavendish.models import SEED_MAX, Grounding, Notes, Source

SENTENCE_CHARACTERS_MAX = 500
MODEL_CHARACTERS_MAX = 100
WARNINGS_MAX = 20
QUERIES_MAX = 20
QUERY_CHARACTERS_MAX = 300
SOURCES_MAX = 50
TITLE_CHARACTERS_MAX = 300
URL_CHARACTERS_MAX = 2000
RENDERED_CHARACTERS_MAX = 100_000
WORDS_MAX = 1000
WORD_CHARACTERS_MAX = 100

# Control characters, line ends and halves of a character. PostgreSQL stores neither NUL nor halves.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def cleaned(result: EngineResult) -> EngineResult:
    """The same picture; what is said about it on single lines and in bounds."""
    seed = result.seed
    return dataclasses.replace(
        result,
        model=line(result.model, characters_max=MODEL_CHARACTERS_MAX),
        seed=seed if seed is not None and 0 <= seed <= SEED_MAX else None,
        warnings=_lines(result.warnings[:WARNINGS_MAX], characters_max=SENTENCE_CHARACTERS_MAX),
        grounding=_grounding(result.grounding) if result.grounding is not None else None,
        notes=_notes(result.notes) if result.notes is not None else None,
    )


def line(text: str, *, characters_max: int = SENTENCE_CHARACTERS_MAX) -> str:
    """The beginning of the text, on one line."""
    return " ".join(_UNSEEN.sub(" ", text).split())[:characters_max]


def _grounding(found: Grounding) -> Grounding:
    rendered = found.rendered_content
    whole = rendered is not None and len(rendered) <= RENDERED_CHARACTERS_MAX and not _UNSTORABLE.search(rendered)
    return Grounding(
        queries=_lines(found.queries[:QUERIES_MAX], characters_max=QUERY_CHARACTERS_MAX),
        sources=tuple(
            Source(line(source.title, characters_max=TITLE_CHARACTERS_MAX), source.url)
            for source in found.sources[:SOURCES_MAX]
            if source.url == line(source.url, characters_max=URL_CHARACTERS_MAX)  # a part of an address leads nowhere
        ),
        rendered_content=rendered if whole else None,  # to be shown unmodified or not at all
    )


def _notes(found: Notes) -> Notes:
    return Notes(_words(found.understood), _words(found.ignored))


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    return _lines(words[:WORDS_MAX], characters_max=WORD_CHARACTERS_MAX)


def _lines(texts: tuple[str, ...], *, characters_max: int) -> tuple[str, ...]:
    """Those that say something."""
    return tuple(shown for text in texts if (shown := line(text, characters_max=characters_max)))
