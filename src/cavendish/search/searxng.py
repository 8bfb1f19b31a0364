"""SearXNG: the operator's own metasearch, without a key. Its JSON must be switched on."""

from __future__ import annotations

from typing import Any

import structlog

from cavendish.search import clean, client
from cavendish.search.base import FoundPage, SearchFailed
from cavendish.search.client import SearchClient
from cavendish.search.facts import FINDINGS_MAX

log = structlog.get_logger("cavendish.search")

_PARAMETERS = {
    "format": "json",
    "categories": "general",
    "language": "auto",  # the query's own, where SearXNG recognises it; else any
    "safesearch": "1",
}
_FIXES = {
    403: "add json to search.formats in SearXNG's settings.yml; without it only html is served",
    429: "let this machine pass SearXNG's limiter (botdetection.ip_lists.pass_ip in limiter.toml)",
}
_NAMES_MAX = 10  # of engines in a log line


class Searxng:
    name = "searxng"

    def __init__(self, base_url: str, *, seconds: float) -> None:
        self._client = SearchClient(base_url, seconds=seconds, headers={}, fixes=_FIXES)

    def query(self, prompt: str) -> str:
        return clean.query(prompt)

    async def find(self, query: str) -> list[FoundPage]:
        body = await self._client.get("/search", {"q": query, **_PARAMETERS})
        if not isinstance(body.get("results"), list):
            raise SearchFailed("the answer has no results")
        findings = _findings(body)
        silent = body.get("unresponsive_engines")
        if not findings and isinstance(silent, list) and silent:
            log.warning("SearXNG found nothing, and engines of it did not answer", engines=_names(silent))
        return findings

    async def close(self) -> None:
        await self._client.close()


def _findings(body: dict[str, Any]) -> list[FoundPage]:
    """Infoboxes first: an encyclopedia's own words. Not `answers`: some tell the asking machine's address."""
    boxes = client.objects(body.get("infoboxes"), count_max=FINDINGS_MAX)
    results = client.objects(body["results"], count_max=FINDINGS_MAX)
    return [_infobox(box) for box in boxes] + [
        FoundPage(*(client.words(result.get(key)) for key in ("title", "url", "content"))) for result in results
    ]


def _infobox(box: dict[str, Any]) -> FoundPage:
    """`id` is the article's address, where it has one."""
    links = [box.get("id"), *(link.get("url") for link in client.objects(box.get("urls"), count_max=FINDINGS_MAX))]
    urls = [link for link in map(client.words, links) if clean.is_web_address(link)]
    return FoundPage(client.words(box.get("infobox")), urls[0] if urls else "", client.words(box.get("content")))


def _names(silent: list[Any]) -> list[str]:
    """`[[name, reason], …]`, of which a log needs the names."""
    firsts = (entry[0] if isinstance(entry, list) and entry else entry for entry in silent[:_NAMES_MAX])
    return [clean.cut(clean.plain(client.words(first)), characters_max=60) for first in firsts]
