"""What a search gives a generation: a longer prompt, where it came from, and what the caller should know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cavendish.models import Grounding

NOT_SET_UP = "googleSearch was not used: this engine does not search the web, and no search service is set up here."


@dataclass(frozen=True, slots=True)
class Facts:
    """`prompt` is the caller's own, with facts behind it where some were found."""

    prompt: str
    grounding: Grounding | None = None
    warnings: tuple[str, ...] = ()


Searcher = Callable[[str], Awaitable[Facts]]
"""From a prompt to facts. Never raises: without facts the picture is made all the same, and the warnings say so."""


def no_search() -> Searcher:
    async def search(prompt: str) -> Facts:
        return Facts(prompt, warnings=(NOT_SET_UP,))

    return search
