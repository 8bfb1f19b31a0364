"""How engines speak to an API that makes pictures: one call, one answer, and what a failed call may have cost."""

from __future__ import annotations

import asyncio
import datetime
import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cavendish.egress import clients
from cavendish.engines.base import EngineBusy, EngineFault, EngineTimeout

RETRY_AFTER_SECONDS_MAX = 600.0  # no generation lives longer
_CONNECTIONS_MIN = (
    64  # open ones cost nothing until they are used; an engine without a limit of its own rarely has more
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            EngineFault: it is none.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as exc:
            raise EngineFault("the image engine answered with something that is no JSON") from exc

    @property
    def retry_after_seconds(self) -> float | None:
        """The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date by the answer's own; None where it says
        nothing usable."""
        text = self.headers.get("retry-after", "").strip()
        if text.isdecimal() and text.isascii():
            return min(float(text[:9]), RETRY_AFTER_SECONDS_MAX)
        try:
            wait = _moment(text) - _moment(self.headers.get("date", ""))
        except (TypeError, ValueError):
            return None
        return min(max(wait.total_seconds(), 0.0), RETRY_AFTER_SECONDS_MAX)


def _moment(text: str) -> datetime.datetime:
    return email.utils.parsedate_to_datetime(text).astimezone(datetime.UTC)


class Peer:
    """One API behind a base URL from the settings. Safe to use concurrently.

    Args:
        concurrency: Calls at once, as the engine's own limit says: none of them waits for a connection.
    """

    def __init__(self, base_url: str, *, headers: Mapping[str, str], concurrency: int | None) -> None:
        # Silence is normal here: the picture comes in one piece at the end. The whole call has its own limit. Pictures
        # hardly compress, and what does would make the bound on an answer's bytes none.
        self._client = clients.operator(
            timeout_seconds=600.0,
            base_url=base_url,
            headers={"Accept-Encoding": "identity", **headers},
            connections_max=max(_CONNECTIONS_MIN, concurrency or 0),
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        seconds: float,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises:
            EngineBusy: nothing was sent: refused, not found, not trusted, no free connection.
            EngineTimeout: something was sent and no whole answer came in `seconds`; it may have been billed.
        """
        content = {"content": orjson.dumps(json)} if json is not None else {"data": form, "files": files}
        sent = {"Content-Type": "application/json", **(headers or {})} if json is not None else dict(headers or {})
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.request(method, path, headers=sent, **content)
        except clients.OPERATOR_NOT_SENT as exc:
            raise EngineBusy("the image engine cannot be reached") from exc
        except (TimeoutError, clients.OperatorError) as exc:
            raise EngineTimeout("the image engine did not answer in time", sent=True) from exc
        return Answer(response.status_code, response.headers, response.content)
