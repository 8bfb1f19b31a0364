"""What dials for the foreign client: what was judged is what is dialled.

A check before the HTTP client resolves the name again can be fooled by a second answer (DNS rebinding). This sits
where the client would dial, so that there is one look-up, and the literal it gave is the one that is dialled.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore2

from cavendish.egress import addresses
from cavendish.egress.addresses import Address, Network
from cavendish.egress.failures import Refused
from cavendish.egress.limits import ForeignLimits
from cavendish.egress.meter import Meter, MeteredStream

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Every look-up a worker can have under way (16 generations, 4 images each), so that none waits for another's dead
# name server. Not the loop's own threads: storage works in those.
LOOKUPS_MAX = 64


class SystemResolver:
    """Resolves as the machine does: /etc/hosts, then its name servers."""

    def __init__(self) -> None:
        self._threads = concurrent.futures.ThreadPoolExecutor(LOOKUPS_MAX, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Every address of the host. Raises OSError where there is none."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _getaddrinfo, host, port)
        return list(dict.fromkeys(found))


def _getaddrinfo(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Guard(httpcore2.AsyncNetworkBackend):
    """Resolves once, refuses where any answer is forbidden, dials the judged literal and compares the peer.

    Args:
        address: The host as an address, None where it is a name to look up.
        network: What dials a literal; httpcore2's own but in tests.

    Attributes:
        public: A host was dialled that has public addresses only: what it says may be told. False before, and where
            only the operator's own networks let it through.
    """

    def __init__(
        self,
        *,
        address: Address | None,
        resolve: Resolve,
        network: httpcore2.AsyncNetworkBackend,
        allow_networks: Sequence[Network],
        limits: ForeignLimits,
        meter: Meter,
    ) -> None:
        self._address = address
        self._resolve = resolve
        self._network = network
        self._allow_networks = allow_networks
        self._limits = limits
        self._meter = meter
        self.public = False

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> MeteredStream:
        """Look up, judge and dial within `connect_seconds`.

        Raises:
            Refused: an address of the host may not be dialled, or another answered.
            OSError, httpcore2.ConnectError, httpcore2.ConnectTimeout: it cannot be reached.
        """
        async with asyncio.timeout(self._limits.connect_seconds):
            found = await self._look_up(host, port)
            self._judge(host, port, found)
            stream = await self._dial_any(found[: self._limits.addresses_tried_max], port)
        self.public = all(addresses.is_public(address) for address in found)
        return MeteredStream(stream, self._meter)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise Refused("unix sockets are closed to callers' URLs")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _look_up(self, host: str, port: int) -> list[Address]:
        if self._address is not None:
            return [self._address]
        found = await self._resolve(host, port)
        if not found:
            raise httpcore2.ConnectError(f"{host} has no address")
        return [ipaddress.ip_address(text) for text in found]

    def _judge(self, host: str, port: int, found: Sequence[Address]) -> None:
        # One forbidden answer refuses all: a mixed answer is how a rebinding name looks.
        for address in found:
            if reason := addresses.refusal(address, port, self._allow_networks):
                raise Refused(f"{host} is {address}, which {reason}")

    async def _dial_any(self, found: Sequence[Address], port: int) -> httpcore2.AsyncNetworkStream:
        share_seconds = self._limits.connect_seconds / len(found)
        for address in found[:-1]:
            try:
                return await self._dial(address, port, share_seconds)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._dial(found[-1], port, share_seconds)

    async def _dial(self, address: Address, port: int, seconds: float) -> httpcore2.AsyncNetworkStream:
        stream = await self._network.connect_tcp(str(address), port, timeout=seconds)
        peer = stream.get_extra_info("server_addr")
        if peer is None or (ipaddress.ip_address(peer[0]), peer[1]) != (address, port):
            await stream.aclose()
            raise Refused(f"dialled {address}, but another peer answered")
        return stream
