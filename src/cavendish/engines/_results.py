"""Fetching a picture that another API says is at a URL: its word is not trusted further than a caller's."""

from __future__ import annotations

import asyncio
import urllib.parse
from dataclasses import replace

from cavendish import settings
from cavendish.egress import doors
from cavendish.egress.failures import FetchFailed
from cavendish.egress.limits import MEBIBYTE, ForeignLimits
from cavendish.engines import _peer
from cavendish.engines.base import EngineBusy, EngineFault, EngineTimeout
from cavendish.engines.options import Options
from cavendish.imaging import sniff

TRIES_MAX = 4  # the picture is paid for: a host that stumbles is asked again
_WAIT_SECONDS = 1.0  # before the second try; doubled for each further one
# A 4K PNG has up to 50 MB without any compression. Inputs are smaller, so their limits do not fit.
_LIMITS = replace(ForeignLimits(), body_bytes_max=64 * MEBIBYTE, wire_bytes_max=66 * MEBIBYTE, total_seconds=120.0)


class Results:
    """Fetches from the API's own host through the operator's door, from any other through the foreign one."""

    def __init__(self, peer: _peer.Peer, base_url: str, options: Options) -> None:
        networks = settings.parse_networks(options.get("CAVENDISH_INPUT_ALLOW_NETWORKS", ""))
        self._peer = peer
        self._origin = _origin(base_url)
        self._foreign = doors.foreign(allow_networks=networks, limits=_LIMITS)

    async def fetch(self, url: str, *, seconds: float) -> bytes:
        """The whole picture behind the URL.

        Raises:
            EngineFault: it cannot be fetched, or is none.
        """
        try:
            async with asyncio.timeout(seconds):
                data = await self._patiently(url)
        except TimeoutError as exc:
            raise EngineFault("the picture could not be fetched from the image engine in time") from exc
        if sniff.sniff(data) is None or not sniff.looks_complete(data):
            raise EngineFault("the image engine's URL gave no whole picture")
        return data

    async def _patiently(self, url: str) -> bytes:
        for number in range(TRIES_MAX):
            try:
                return await self._once(url)
            except (EngineBusy, EngineTimeout, FetchFailed) as exc:
                if number + 1 == TRIES_MAX or "refused" in getattr(exc, "reason", ""):
                    raise EngineFault("the picture could not be fetched from the image engine") from exc
                await asyncio.sleep(_WAIT_SECONDS * 2**number)
        raise AssertionError("the last try returns or raises")

    async def _once(self, url: str) -> bytes:
        if _origin(url) != self._origin:
            return (await self._foreign.fetch(url)).data
        answer = await self._peer.call("GET", url, seconds=_LIMITS.total_seconds)
        if answer.status in (404, 408, 429) or answer.status >= 500:  # 404: not yet on every node of a store
            raise EngineBusy(f"status {answer.status}")
        if answer.status != 200:
            raise EngineFault("the picture could not be fetched from the image engine")
        return answer.body


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urllib.parse.urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, (parts.hostname or "").lower(), port
