"""Several search services as one, asked one after the other in one short time."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence

import structlog

from cavendish import clock
from cavendish.search import base, facts
from cavendish.search.base import Facts, FoundPage, SearchFailed, SearchService

log = structlog.get_logger("cavendish.search")

# Of the time that is left, for a service with another one behind it: one that hangs leaves the other its turn.
_SHARE = 0.6


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
            return Facts(prompt, warnings=(base.NO_ANSWER,))

    async def close(self) -> None:
        for service in self._services:
            await service.close()

    async def _search(self, prompt: str) -> Facts:
        watch, warning = clock.Stopwatch(), base.NO_ANSWER
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
            warning = base.NOTHING_FOUND
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


def _where(exc: Exception) -> str:
    """File and line of the error, without its text."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
