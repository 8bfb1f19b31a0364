"""Which addresses are public: 0 wrongly allowed, and not by Python's own tables."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavendish.egress import addresses

REFUSED = {
    "this network": "0.0.0.0",
    "this network, last": "0.255.255.255",
    "private 10": "10.0.0.1",
    "private 10, last": "10.255.255.255",
    "carrier-grade NAT": "100.64.0.1",
    "carrier-grade NAT, last": "100.127.255.255",
    "Alibaba metadata": "100.100.100.200",
    "loopback": "127.0.0.1",
    "loopback, last": "127.255.255.254",
    "Azure host": "168.63.129.16",
    "link-local": "169.254.0.1",
    "cloud metadata": "169.254.169.254",
    "ECS metadata": "169.254.170.2",
    "private 172": "172.16.0.1",
    "private 172, last": "172.31.255.255",
    "protocol assignments": "192.0.0.1",
    "dummy": "192.0.0.8",
    "PCP anycast": "192.0.0.9",
    "NAT64 discovery": "192.0.0.170",
    "Oracle metadata": "192.0.0.192",
    "documentation 1": "192.0.2.1",
    "AS112 v4": "192.31.196.1",
    "AMT": "192.52.193.1",
    "6to4 relay": "192.88.99.1",
    "private 192": "192.168.0.1",
    "AS112 direct": "192.175.48.1",
    "benchmarks": "198.18.0.1",
    "benchmarks, last": "198.19.255.255",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "multicast": "224.0.0.1",
    "multicast, last": "239.255.255.255",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 unspecified": "::",
    "v6 loopback": "::1",
    "v6 compatible loopback": "::7f00:1",
    "v6 compatible public": "::808:808",
    "v6 mapped loopback": "::ffff:7f00:1",
    "v6 mapped private": "::ffff:a00:1",
    "v6 mapped public": "::ffff:808:808",
    "v6 translated": "::ffff:0:7f00:1",
    "NAT64 loopback": "64:ff9b::7f00:1",
    "NAT64 metadata": "64:ff9b::a9fe:a9fe",
    "NAT64 private": "64:ff9b::a00:1",
    "NAT64 local prefix": "64:ff9b:1::808:808",
    "NAT64 outside the prefix": "64:ff9b::1:808:808",
    "discard": "100::1",
    "dummy prefix": "100:0:0:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "port control anycast": "2001:1::1",
    "benchmarks v6": "2001:2::1",
    "AMT v6": "2001:3::1",
    "AS112 v6": "2001:4:112::1",
    "ORCHID": "2001:10::1",
    "ORCHIDv2": "2001:20::1",
    "drone identifiers": "2001:30::1",
    "documentation v6": "2001:db8::1",
    "6to4 loopback": "2002:7f00:1::",
    "6to4 metadata": "2002:a9fe:a9fe::",
    "6to4 public": "2002:808:808::1",
    "AS112 direct v6": "2620:4f:8000::1",
    "documentation v6, new": "3fff::1",
    "ISATAP private": "2606:4700::5efe:a00:1",
    "ISATAP global bit": "2606:4700::200:5efe:a00:1",
    "unallocated": "4000::1",
    "segment routing": "5f00::1",
    "unique local": "fc00::1",
    "AWS metadata v6": "fd00:ec2::254",
    "Google metadata v6": "fd20:ce::254",
    "link-local v6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "public with a zone": "2606:4700::1111%eth0",
    "site-local": "fec0::1",
    "multicast v6": "ff02::1",
}

ALLOWED = {
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "64:ff9b::808:808",
}


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED.keys())
def test_special_addresses_are_not_public(address: str) -> None:
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize("address", sorted(ALLOWED))
def test_ordinary_addresses_are_public(address: str) -> None:
    assert addresses.is_public(ip_address(address))


def test_the_table_is_as_long_as_the_one_it_was_measured_with() -> None:
    assert len(set(REFUSED.values())) >= 51


def test_pythons_own_tables_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (IPv4Address, IPv6Address):
        for name in ("is_private", "is_global", "is_reserved", "is_multicast", "is_loopback", "is_link_local"):
            monkeypatch.setattr(kind, name, property(lambda self: pytest.fail("asked ipaddress")))

    assert addresses.is_public(ip_address("8.8.8.8"))
    assert not addresses.is_public(ip_address("fe80::1"))


@given(st.integers(0, 2**32 - 1))
def test_an_embedded_ipv4_is_never_more_than_itself(number: int) -> None:
    inner = IPv4Address(number)

    assert addresses.is_public(IPv6Address((0x64FF9B << 96) | number)) == addresses.is_public(inner)
    for prefix in (0, 0xFFFF << 32, 0xFFFF << 48, (0x2606_4700 << 96) | (0x5EFE << 32)):
        assert not addresses.is_public(IPv6Address(prefix | number))
    assert not addresses.is_public(IPv6Address((0x2002 << 112) | (number << 80)))
    assert not addresses.is_public(IPv6Address((0x2001_0000 << 96) | (number ^ 0xFFFF_FFFF)))


@given(st.integers(0, 2**32 - 1))
def test_never_laxer_than_python_where_python_is_right(number: int) -> None:
    address = ipaddress.IPv4Address(number)

    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_private:
        assert not addresses.is_public(address)


def test_public_addresses_are_open_on_two_ports() -> None:
    address = ip_address("8.8.8.8")

    assert addresses.refusal(address, 80, ()) is None
    assert addresses.refusal(address, 443, ()) is None
    assert "8080" in (addresses.refusal(address, 8080, ()) or "")


def test_an_allowed_network_is_open_on_any_port_and_only_itself() -> None:
    allowed = (ip_network("10.1.0.0/16"),)

    assert addresses.refusal(ip_address("10.1.2.3"), 9000, allowed) is None
    assert addresses.refusal(ip_address("10.2.2.3"), 80, allowed)
    assert addresses.refusal(ip_address("::ffff:10.1.2.3"), 80, allowed)
    assert addresses.refusal(ip_address("8.8.8.8"), 9000, allowed)
