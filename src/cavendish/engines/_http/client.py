"""How engines speak to an API that makes pictures: one call, one answer, and what a failed call may have cost."""

from __future__ import annotations

import datetime
import email.utils
from collections.abc import Mapping
from typing import Any, Unpack

from cavendish.egress import json_client
from cavendish.egress.json_client import JsonClient, Sent
from cavendish.egress.limits import MEBIBYTE
from cavendish.engines.base import EngineBusy, EngineFault, EngineTimeout

RETRY_AFTER_SECONDS_MAX = 600.0  # no generation lives longer
_ANSWER_BYTES_MAX = 128 * MEBIBYTE  # three 4K PNGs in base64
# Open ones cost nothing until they are used; an engine without a limit of its own rarely has more.
_CONNECTIONS_MIN = 64


class Answer(json_client.Answer):
    """A whole answer, with the engine's error for what is no JSON."""

    __slots__ = ()

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            EngineFault: it is none.
        """
        try:
            return super().json()
        except json_client.NotJson as exc:
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


class EngineClient:
    """One API behind a base URL from the settings. Safe to use concurrently.

    Args:
        concurrency: Calls at once, as the engine's own limit says: none of them waits for a connection.
    """

    def __init__(self, base_url: str, *, headers: Mapping[str, str], concurrency: int | None) -> None:
        # Silence is normal here: the picture comes in one piece at the end. The whole call has its own limit.
        self._client = JsonClient(
            base_url,
            seconds=600.0,
            headers=headers,
            connections_max=max(_CONNECTIONS_MIN, concurrency or 0),
            answer_bytes_max=_ANSWER_BYTES_MAX,
            decompresses=True,
        )

    async def close(self) -> None:
        await self._client.close()

    async def call(self, method: str, path: str, *, seconds: float, **sent: Unpack[Sent]) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises:
            EngineBusy: nothing was sent: refused, not found, not trusted, no free connection.
            EngineTimeout: something was sent and no whole answer came in `seconds`; it may have been billed.
        """
        try:
            found = await self._client.call(method, path, seconds=seconds, **sent)
        except json_client.NotSent as exc:
            raise EngineBusy("the image engine cannot be reached") from exc
        except json_client.Unanswered as exc:
            raise EngineTimeout("the image engine did not answer in time", sent=True) from exc
        return Answer(found.status, found.headers, found.body, found.compressed)


def _moment(text: str) -> datetime.datetime:
    return email.utils.parsedate_to_datetime(text).astimezone(datetime.UTC)
