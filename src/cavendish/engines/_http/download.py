"""Fetching a picture that another API says is at a URL: its word is not trusted further than a caller's."""

from __future__ import annotations

import asyncio
import urllib.parse
from dataclasses import replace

import structlog

from cavendish.egress import clients, urls
from cavendish.egress.failures import FetchFailed, UrlRefused
from cavendish.egress.limits import MEBIBYTE, ForeignLimits
from cavendish.engines._http import client
from cavendish.engines.base import EngineBusy, EngineTimeout
from cavendish.imaging import sniff
from cavendish.settings import parsers
from cavendish.settings.engine import Options

log = structlog.get_logger("cavendish.results")

TRIES_MAX = 4  # the picture is paid for: a host that stumbles is asked again
_WAIT_SECONDS = 1.0  # before the second try; doubled for each further one
# A 4K PNG has up to 50 MB without any compression. Inputs are smaller, so their limits do not fit.
_LIMITS = replace(ForeignLimits(), body_bytes_max=64 * MEBIBYTE, wire_bytes_max=66 * MEBIBYTE, total_seconds=120.0)


class Results:
    """Fetches from the API's own host by the operator's client, from any other by the foreign one."""

    def __init__(self, answered_by: client.EngineClient, base_url: str, options: Options) -> None:
        networks = parsers.networks(options.get("CAVENDISH_INPUT_ALLOW_NETWORKS", ""))
        self._client = answered_by
        self._origin = _origin(base_url)
        # Any bytes at all: a page in place of the picture is another miss of a paid one, and asked for again.
        self._foreign = clients.foreign(wanted=bool, allow_networks=networks, limits=_LIMITS)

    async def fetch(self, url: str, *, seconds: float) -> bytes:
        """The whole picture behind the URL.

        Raises:
            EngineTimeout: it cannot be had, or is none. It is paid for, so nobody may order it a second time.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._patiently(url)
        except (TimeoutError, _Missed) as exc:
            log.warning("paid picture not fetched", reason=str(exc) or "no time is left")
            raise EngineTimeout("the picture could not be fetched from the image engine", sent=True) from exc

    async def _patiently(self, url: str) -> bytes:
        for number in range(1, TRIES_MAX + 1):
            try:
                return await self._once(url)
            except _Missed as exc:
                if number == TRIES_MAX or not exc.again:
                    raise
                await asyncio.sleep(_WAIT_SECONDS * 2 ** (number - 1))
        raise AssertionError("the last try returns or raises")

    async def _once(self, url: str) -> bytes:
        data = await (self._own(url) if _origin(url) == self._origin else self._elsewhere(url))
        if sniff.whole(data) is None:
            raise _Missed("no whole picture")
        return data

    async def _own(self, url: str) -> bytes:
        try:
            answer = await self._client.call("GET", url, seconds=_LIMITS.total_seconds)
        except (EngineBusy, EngineTimeout) as exc:
            raise _Missed(str(exc)) from exc
        if answer.status != 200:
            raise _Missed(f"status {answer.status}", again=_stumbles(answer.status))
        return answer.body

    async def _elsewhere(self, url: str) -> bytes:
        try:
            return await self._foreign.fetch(urls.parse(url))
        except UrlRefused as exc:
            raise _Missed(f"refused: {exc}", again=False) from exc
        except FetchFailed as exc:
            again = not exc.refused or (exc.status is not None and _stumbles(exc.status))
            raise _Missed(exc.reason, again=again) from exc


class _Missed(Exception):
    """One try at a picture failed. `again`: another may not. The message is for logs."""

    def __init__(self, message: str, *, again: bool = True) -> None:
        super().__init__(message)
        self.again = again


def _stumbles(status: int) -> bool:
    """A host that may do better the next time; 404: not yet on every node of a store."""
    return status in (404, 408, 425, 429) or status >= 500


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:  # no address at all; either client refuses it
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port
