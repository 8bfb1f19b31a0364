"""What a search gives a generation, and what every search service promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cavendish.errors import CavendishError
from cavendish.models import Grounding

NOT_SET_UP = "googleSearch was not used: this engine does not search the web, and no search service is set up here."
NO_ANSWER = "googleSearch was not used: the search service did not answer."
NOTHING_FOUND = "googleSearch was not used: the search found nothing for this prompt."


@dataclass(frozen=True, slots=True)
class Facts:
    """`prompt` is the caller's own, with facts behind it where some were found."""

    prompt: str
    grounding: Grounding | None = None
    warnings: tuple[str, ...] = ()


class Searcher(Protocol):
    """From a prompt to facts. Safe to use concurrently."""

    async def __call__(self, prompt: str) -> Facts:
        """Never raises: without facts the picture is made all the same, and the warnings say so."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that a service found, in the service's own words: markup, length and address are not judged yet."""

    title: str
    url: str
    text: str


class SearchFailed(CavendishError):
    """This service gave no answer that can be used. The message is for logs: no query, no key, no address.

    Attributes:
        fix: What the operator can do; empty where nothing is known.
    """

    def __init__(self, reason: str, *, fix: str = "") -> None:
        self.fix = fix
        super().__init__(reason)


class SearchService(Protocol):
    """One search service. Safe to use concurrently."""

    name: str

    def query(self, prompt: str) -> str:
        """What this service is asked for a prompt; may be empty."""
        ...

    async def find(self, query: str) -> list[FoundPage]:
        """Pages for the query, the best first; the caller bounds the time.

        Raises:
            SearchFailed: no usable answer.
        """
        ...

    async def close(self) -> None: ...


class _NoSearch:
    async def __call__(self, prompt: str) -> Facts:
        return Facts(prompt, warnings=(NOT_SET_UP,))

    async def close(self) -> None:
        return None


def no_search() -> Searcher:
    """Finds nothing, and says that nothing is set up."""
    return _NoSearch()
