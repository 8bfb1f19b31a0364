"""Facts from a web search for engines that do not search themselves. One module per search service."""

from __future__ import annotations

from cavendish.search import base
from cavendish.search.base import Searcher, SearchService
from cavendish.search.lookup import Lookup
from cavendish.settings import Settings


def build(settings: Settings) -> Searcher:
    """What looks up facts by these settings, which the caller closes. SearXNG is asked first where both are set up.

    Where nothing is set up there is no HTTP client, and every search says so.
    """
    services = _set_up(settings)
    if not services:
        return base.no_search()
    return Lookup(services, seconds=settings.search_seconds, characters_max=settings.search_characters)


def _set_up(settings: Settings) -> list[SearchService]:
    services: list[SearchService] = []
    seconds = settings.search_seconds
    # Each is loaded only where it is wanted: the HTTP client takes its time.
    if settings.search_url:
        from cavendish.search.searxng import Searxng

        services.append(Searxng(settings.search_url, seconds=seconds))
    if settings.brave_api_key:
        from cavendish.search.brave import Brave

        services.append(Brave(settings.brave_url, api_key=settings.brave_api_key, seconds=seconds))
    return services
