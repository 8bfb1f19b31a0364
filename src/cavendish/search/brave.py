"""Brave's search API, with a key: the endpoint that gives extracted text, as it is made for models."""

from __future__ import annotations

from typing import Any

from cavendish.search import clean, client
from cavendish.search.base import FoundPage, SearchFailed
from cavendish.search.client import SearchClient
from cavendish.search.facts import FINDINGS_MAX

WORDS_MAX = 40  # Brave takes a few more; its limit has moved before

_PARAMETERS = {
    "count": "10",
    "maximum_number_of_urls": "5",
    "maximum_number_of_tokens": "1024",  # the smallest that it takes, and far more than is used
    "context_threshold_mode": "balanced",
}
_KEY = "check CAVENDISH_BRAVE_API_KEY and its plan"
_FIXES = {401: _KEY, 402: _KEY, 403: _KEY, 422: _KEY, 429: "Brave's rate or monthly limit is reached"}


class Brave:
    name = "brave"

    def __init__(self, base_url: str, *, api_key: str, seconds: float) -> None:
        self._client = SearchClient(base_url, seconds=seconds, headers={"X-Subscription-Token": api_key}, fixes=_FIXES)

    def query(self, prompt: str) -> str:
        return clean.query(prompt, words_max=WORDS_MAX)

    async def find(self, query: str) -> list[FoundPage]:
        body = await self._client.get("/res/v1/llm/context", {"q": query, **_PARAMETERS})
        grounding = body.get("grounding")
        if not isinstance(grounding, dict):
            raise SearchFailed("the answer has no grounding")
        pages = client.objects(grounding.get("generic"), count_max=FINDINGS_MAX)
        return [
            FoundPage(client.words(page.get("title")), client.words(page.get("url")), _prose(page.get("snippets")))
            for page in pages
        ]

    async def close(self) -> None:
        await self._client.close()


def _prose(snippets: Any) -> str:
    """A page's first snippet that is text: some are tables and page data, written as JSON."""
    found = snippets[:FINDINGS_MAX] if isinstance(snippets, list) else []
    texts = (client.words(snippet).strip() for snippet in found)
    return next((text for text in texts if text and text[0] not in "{["), "")
