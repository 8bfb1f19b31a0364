"""Which addresses a caller's URL may lead to.

The tables are our own: what `ipaddress` calls private or global differs between Python versions, and is wrong for
Azure's 168.63.129.16, for 6to4 and for NAT64 in all of them. Source: the IANA special-purpose address registries for
IPv4 and IPv6 (as of 2025-10-09), refused even where they say "globally reachable": no picture lives there.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS_PUBLIC = (80, 443)

_SPECIAL_IPV4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network: Linux dials itself
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata is 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host, in no registry
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata is 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

# All of IPv6 that is handed out. Outside lie loopback, link-local, unique local, multicast, and the mapped,
# compatible and translated forms of IPv4.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo (an IPv4 inside), benchmarks, ORCHID, drones
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether the address is an ordinary one of the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(address, _SPECIAL_IPV4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        # The one embedding that is judged, not refused: hosts with IPv6 only reach IPv4 by it (DNS64).
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _GLOBAL_UNICAST and not _within(address, _SPECIAL_IPV6) and not _is_isatap(address)


def refusal(address: Address, port: int, allow_networks: Iterable[Network]) -> str | None:
    """Why a caller's URL may not lead there, as a half-sentence about the address; None where it may.

    Public addresses are open on ports 80 and 443, those in `allow_networks` on any port.
    """
    if _within(address, allow_networks):
        return None
    if not is_public(address):
        return "is not a public address"
    return None if port in PORTS_PUBLIC else f"may be reached on ports 80 and 443, not on {port}"


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    """Interface identifiers 0000:5efe:a.b.c.d and 0200:5efe:a.b.c.d tunnel to that IPv4 under any prefix."""
    return (int(address) >> 32) & 0xFDFF_FFFF == 0x0000_5EFE
