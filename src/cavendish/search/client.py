"""How a search service is asked: one GET, one bounded JSON answer, and a reason for the log where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cavendish.egress.json_client import CallFailed, JsonClient, NotJson, StatusRefused
from cavendish.search.base import SearchFailed

ANSWER_BYTES_MAX = 2 * 1024 * 1024  # SearXNG's largest are a tenth of it; reading as much takes 10 ms


class SearchClient:
    """The service behind a base URL. `fixes` says for a status what the operator can do about it."""

    def __init__(self, base_url: str, *, seconds: float, headers: Mapping[str, str], fixes: Mapping[int, str]) -> None:
        self._client = JsonClient(
            base_url,
            seconds=seconds,
            connect_seconds=seconds,
            headers={"Accept": "application/json", **headers},
            answer_bytes_max=ANSWER_BYTES_MAX,
        )
        self._fixes = fixes

    async def get(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that is the answer.

        Raises:
            SearchFailed: any other answer, or none.
        """
        try:
            return await self._client.object("GET", path, parameters=parameters)
        except StatusRefused as exc:
            raise SearchFailed(str(exc), fix=self._fix(exc)) from exc
        except NotJson as exc:
            raise SearchFailed(f"the answer is {exc}") from exc
        except CallFailed as exc:
            raise SearchFailed(f"no answer: {exc}") from exc

    async def close(self) -> None:
        await self._client.close()

    def _fix(self, refused: StatusRefused) -> str:
        if refused.is_redirect:
            return "set the address that it redirects to: none is followed"
        return self._fixes.get(refused.status, "")


def words(value: object) -> str:
    """The value if it is text, else nothing: an answer may hold anything anywhere."""
    return value if isinstance(value, str) else ""


def objects(value: object, *, count_max: int) -> list[dict[str, Any]]:
    """The objects among the first entries of a list; none where it is no list."""
    entries = value[:count_max] if isinstance(value, list) else []
    return [entry for entry in entries if isinstance(entry, dict)]
