"""Whatever our parser accepts, the other parsers read alike, and nothing but its host is looked up and dialled."""

from __future__ import annotations

import asyncio
import urllib.parse
import zlib
from ipaddress import ip_address

import httpx2
import pytest
from egress_lab import LIMITS, Lab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cavendish.egress import addresses, urls
from cavendish.egress.failures import FetchFailed, UrlRefused

SEEDS = [
    "http://host.test/a.png",
    "https://sub.host.test:443/a/b.png?x=1&y=%20#f",
    "http://93.184.216.34/a",
    "http://127.0.0.1:80/",
    "http://[2606:4700::1111]:80/a?b",
    "http://[::1]/",
    "http://xn--hst-sna.test/",
    "http://a_b.test/",
]
FRAGMENTS = [
    *"@:/\\?#[]%.。．①２०~_-|^\"'`{}$&;,+*!() \t\r\n\0\x7f\x85\xa0\u3000\u200b\ufeffſKİßé🍌",
    "//",
    "/../",
    "::1",
]  # noqa: RUF001
FRAGMENTS += [
    "%2e",
    "%00",
    "%40",
    "0x7f",
    "127.0.0.1",
    "2130706433",
    "localhost",
    "@127.0.0.1",
    ":80",
    ":0",
    ":080",
    "%25eth0",
]
FRAGMENTS += ["xn--", "http://", "user:pw@", "[::ffff:7f00:1]"]
HARMLESS = ["a", "Z", "0", "7", "-", "_", ".a", "a.", "/b", "?c=d", "#e", "%20", "--", "0x", "ü"]


@st.composite
def mutated_urls(draw: st.DrawFn) -> str:
    url = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        start = draw(st.integers(0, len(url)))
        end = start + draw(st.sampled_from([0, 0, 1, 2]))
        url = (
            url[:start]
            + draw(st.sampled_from(FRAGMENTS) | st.sampled_from(HARMLESS) | st.sampled_from(HARMLESS))
            + url[end:]
        )
    return url


EXAMPLES = settings(max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def test_what_is_accepted_has_one_host_for_every_parser() -> None:
    accepted = 0

    @EXAMPLES
    @given(mutated_urls())
    def agree(url: str) -> None:
        nonlocal accepted
        try:
            ours = urls.parse(url)
        except UrlRefused:
            return
        accepted += 1
        theirs, stdlib = httpx2.URL(url), urllib.parse.urlsplit(url)
        assert ours.host == theirs.raw_host.decode() == stdlib.hostname
        assert ours.scheme == theirs.scheme == stdlib.scheme
        default = {"http": 80, "https": 443}[ours.scheme]
        assert ours.port == (theirs.port or default) == (stdlib.port or default)
        assert not theirs.userinfo
        assert not stdlib.username
        assert ours.target.isascii()

    agree()

    assert accepted > 200  # else the mutations prove nothing


def answers_of(host: str) -> list[str]:
    """One or two addresses for every name, some public, some not, the same on every call."""
    choices = ["93.184.216.34", "8.8.8.8", "2606:4700::1", "64:ff9b::808:808", "127.0.0.1", "::ffff:7f00:1"]
    number = zlib.crc32(host.encode())
    return [choices[number % 6], choices[number // 6 % 6]][: 1 + number // 36 % 2]


class NamesEverywhere(Lab):
    """Every name exists; nothing answers."""

    async def resolve(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        return answers_of(host)

    async def connect_tcp(self, host: str, port: int, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        self.dials.append((host, port))
        raise OSError("nobody is there")


def test_what_is_dialled_is_what_was_judged() -> None:
    dialled = 0

    async def fetch(url: str) -> NamesEverywhere:
        lab = NamesEverywhere()
        with pytest.raises(FetchFailed):
            await lab.fetcher(limits=LIMITS).fetch(url)
        return lab

    with asyncio.Runner() as runner:

        @settings(EXAMPLES, max_examples=1000)
        @given(mutated_urls())
        def follow(url: str) -> None:
            nonlocal dialled
            lab = runner.run(fetch(url))
            if not lab.dials:
                return
            dialled += 1
            host = urllib.parse.urlsplit(url).hostname or ""
            known = answers_of(lab.lookups[0]) if lab.lookups else [host]
            assert lab.lookups in ([], [host])
            assert all(addresses.is_public(ip_address(answer)) for answer in known)
            assert [address for address, _ in lab.dials] == known[:1]
            assert all(port in (80, 443) for _, port in lab.dials)

        follow()

    assert dialled > 40
