"""The search of a worker: the services that are set up, one after the other, in one short time."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import AsyncIterator, Sequence

import structlog

from cavendish import clock
from cavendish.search import facts
from cavendish.search.brave import Brave
from cavendish.search.client import SearchFailed, SearchService
from cavendish.search.facts import Facts, FoundPage, Searcher
from cavendish.search.searxng import Searxng
from cavendish.settings import Settings

log = structlog.get_logger("cavendish.search")

# Of the time that is left, for a service with another one behind it: one that hangs leaves the other its turn.
_SHARE = 0.6


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Searcher]:
    """What looks up facts while the block runs. SearXNG is asked first where both are set up, Brave if that gave none.

    Where nothing is set up there is no HTTP client, and every search says so.
    """
    services = _set_up(settings)
    if not services:
        yield facts.no_search()
        return
    search = Lookup(services, seconds=settings.search_seconds, characters_max=settings.search_characters)
    try:
        yield search
    finally:
        await search.close()


class Lookup:
    """Asks services in order until one knows something. Never raises, and logs neither prompt nor query.

    Args:
        seconds: For all services together; then the picture is made without facts.
        characters_max: Of what is added to a prompt.
    """

    def __init__(self, services: Sequence[SearchService], *, seconds: float, characters_max: int) -> None:
        self._services = services
        self._seconds = seconds
        self._characters_max = characters_max

    async def __call__(self, prompt: str) -> Facts:
        try:
            return await self._search(prompt)
        except Exception as exc:
            # A bug here must not cost a picture. Its message is not logged: it may quote the query.
            log.error("search broke", error=type(exc).__name__, where=_where(exc))
            return Facts(prompt, warnings=(facts.NO_ANSWER,))

    async def close(self) -> None:
        for service in self._services:
            await service.close()

    async def _search(self, prompt: str) -> Facts:
        watch, warning = clock.Stopwatch(), facts.NO_ANSWER
        for service in self._services:
            query = service.query(prompt)
            left = self._seconds - watch.seconds
            try:
                findings = await _ask(service, query, left if service is self._services[-1] else left * _SHARE)
            except SearchFailed as exc:
                log.warning("search failed", service=service.name, reason=str(exc), fix=exc.fix or None)
                continue
            found = facts.added(prompt, query, findings, characters_max=self._characters_max)
            if found is not None:
                return found
            warning = facts.NOTHING_FOUND
        return Facts(prompt, warnings=(warning,))


async def _ask(service: SearchService, query: str, seconds: float) -> list[FoundPage]:
    """Findings for the query in this time; none where there is nothing to ask. Raises SearchFailed."""
    if not query:
        return []
    try:
        async with asyncio.timeout(seconds):
            return await service.find(query)
    except TimeoutError as exc:
        raise SearchFailed(f"no whole answer in {seconds:.1f} seconds") from exc


def _set_up(settings: Settings) -> list[SearchService]:
    services: list[SearchService] = []
    seconds = settings.search_seconds
    if settings.search_url:
        services.append(Searxng(settings.search_url, seconds=seconds))
    if settings.brave_api_key:
        services.append(Brave(settings.brave_url, api_key=settings.brave_api_key, seconds=seconds))
    return services


def _where(exc: Exception) -> str:
    """File and line of the error, without its text."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
