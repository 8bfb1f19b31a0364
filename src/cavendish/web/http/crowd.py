"""Who is connected: a bound for all and one for each address. Whoever waits for nothing makes room for a newcomer."""

from __future__ import annotations

import heapq
import ipaddress
from typing import Protocol

import structlog

from cavendish import clock

log = structlog.get_logger("cavendish.web")

# Of its connections the longest idle ones go together: a look at all of them for each newcomer would be a cost.
_SHARE_LET_GO = 1 / 64
_CROWDED_SHARE = 3 / 4
_TOLD_SECONDS = 60.0  # between two lines about refusals: there may be thousands


class Connection(Protocol):
    """What is counted. `since`: from when it is as it is. `is_idle`: no request under way, and none begun."""

    client: tuple[str, int] | None
    since: float

    @property
    def is_idle(self) -> bool: ...

    def let_go(self) -> None: ...


class Crowd:
    """The connections of one process.

    Args:
        most: Of all together.
        most_of_one: Of one address, so that no single client can have them all; 0: three quarters of all.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one or most * 3 // 4
        self._count = 0
        self._here: dict[str | None, set[Connection]] = {}
        self._told_at = -_TOLD_SECONDS

    @property
    def is_crowded(self) -> bool:
        """Whether idle connections should not be kept for long."""
        return self._count >= self._most * _CROWDED_SHARE

    def has_room_for(self, newcomer: Connection) -> bool:
        """Take it in, and let idle ones go where that is needed; False: all are busy, and it was not taken in."""
        address = place(newcomer.client)
        neighbours = self._here.get(address, set())
        if address is not None and len(neighbours) >= self._most_of_one and not self._make_room(neighbours):
            return self._refused(address, self._most_of_one)
        if self._count >= self._most and not self._make_room(set[Connection]().union(*self._here.values())):
            return self._refused(None, self._most)
        self._here.setdefault(address, set()).add(newcomer)
        self._count += 1
        return True

    def left(self, connection: Connection) -> None:
        """It has ended; one that was never taken in, or was let go, is not counted."""
        neighbours = self._here.get(address := place(connection.client), set())
        if connection in neighbours:
            neighbours.remove(connection)
            self._count -= 1
            if not neighbours:
                del self._here[address]

    def _refused(self, address: str | None, most: int) -> bool:
        if clock.monotonic() - self._told_at >= _TOLD_SECONDS:
            self._told_at = clock.monotonic()
            log.warning("connections refused", address=address or "all", connections_max=most)
        return False

    def _make_room(self, connections: set[Connection]) -> bool:
        """Let the longest idle ones of these go."""
        number = max(1, int(len(connections) * _SHARE_LET_GO))
        idle = [connection for connection in connections if connection.is_idle]
        longest = heapq.nsmallest(number, idle, key=lambda connection: connection.since)
        for connection in longest:
            self.left(connection)
            connection.let_go()
        return bool(longest)


def place(client: tuple[str, int] | None) -> str | None:
    """What counts as one address; None for a socket that has none.

    Of IPv6 the first 64 bits: whoever has one such address has all that begin with them.
    """
    if client is None:
        return None
    host = client[0].partition("%")[0]
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host)
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address.packed[:8] + bytes(8), 64)))
