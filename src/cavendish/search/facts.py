"""What a search gives a generation: a longer prompt, where it came from, and what the caller should know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from cavendish.models import Grounding, Source
from cavendish.search import clean

NOT_SET_UP = "googleSearch was not used: this engine does not search the web, and no search service is set up here."
NO_ANSWER = "googleSearch was not used: the search service did not answer."
NOTHING_FOUND = "googleSearch was not used: the search found nothing for this prompt."

FINDINGS_MAX = 20  # looked at, the best first: what a service puts on its first two pages
SNIPPETS_MAX = 5  # used; more would only be more of the same
_SHARES = 3  # no snippet takes more than this part of the room, so that at least three pages speak
_SNIPPET_CHARACTERS_MIN = 12  # shorter says nothing
_TITLE_CHARACTERS_MAX = 300
_OPENING = "Facts:"


@dataclass(frozen=True, slots=True)
class Facts:
    """`prompt` is the caller's own, with facts behind it where some were found."""

    prompt: str
    grounding: Grounding | None = None
    warnings: tuple[str, ...] = ()


Searcher = Callable[[str], Awaitable[Facts]]
"""From a prompt to facts. Never raises: without facts the picture is made all the same, and the warnings say so."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that a service found, in the service's own words: markup, length and address are not judged yet."""

    title: str
    url: str
    text: str


def no_search() -> Searcher:
    async def search(prompt: str) -> Facts:
        return Facts(prompt, warnings=(NOT_SET_UP,))

    return search


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
