"""From the pages of a search to a longer prompt, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cavendish.models import Grounding, Source
from cavendish.search import clean
from cavendish.search.base import Facts, FoundPage

FINDINGS_MAX = 20  # looked at, the best first: what a service puts on its first two pages
SNIPPETS_MAX = 5  # used; more would only be more of the same
_SHARES = 3  # no snippet takes more than this part of the room, so that at least three pages speak
_SNIPPET_CHARACTERS_MIN = 12  # shorter says nothing
_TITLE_CHARACTERS_MAX = 300
_OPENING = "Facts:"


def added(prompt: str, query: str, findings: Sequence[FoundPage], *, characters_max: int) -> Facts | None:
    """The prompt, untouched, and behind it one paragraph of plain text from the findings; None where none is usable.

    Args:
        characters_max: Of the whole paragraph. The prompt comes first because encoders of many models cut the end.
    """
    paragraph = _OPENING
    sources: list[Source] = []
    for snippet, source in _usable(findings, characters_max=characters_max // _SHARES):
        room = characters_max - len(paragraph) - 1
        if room < _SNIPPET_CHARACTERS_MIN or len(sources) == SNIPPETS_MAX:
            break
        paragraph += f" {clean.sentence(snippet, characters_max=room)}"
        sources.append(source)
    if not sources:
        return None
    return Facts(f"{prompt}\n\n{paragraph}", Grounding(queries=(query,), sources=tuple(sources)))


def _usable(findings: Sequence[FoundPage], *, characters_max: int) -> Iterator[tuple[str, Source]]:
    """Snippets that say something, each once, with the page that can be named for it."""
    seen: set[str] = set()
    for finding in findings[:FINDINGS_MAX]:
        snippet = clean.sentence(clean.plain(finding.text), characters_max=characters_max)
        if len(snippet) < _SNIPPET_CHARACTERS_MIN or not {snippet, finding.url}.isdisjoint(seen):
            continue
        if not clean.is_web_address(finding.url):
            continue
        seen |= {snippet, finding.url}
        title = clean.cut(clean.plain(finding.title), characters_max=_TITLE_CHARACTERS_MAX)
        yield snippet, Source(title=title, url=finding.url)
