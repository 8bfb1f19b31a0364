"""Whatever our parser accepts, the other parsers read alike, and nothing but its host is looked up and dialled.

Each promise is tried twice over the same mutations: by hypothesis, which searches and shrinks, and by the thousand
from a fixed seed, which is twenty times as fast and proves that enough URLs were accepted to mean something.
"""

from __future__ import annotations

import asyncio
import random
import urllib.parse
import zlib
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any

import httpx2
import pytest
from egress_helpers import Lab
from hypothesis import given, settings
from hypothesis import strategies as st

from cavendish.egress import addresses, urls
from cavendish.egress.failures import FetchFailed, UrlRefused

SEED = 20261123
EXAMPLES = settings(max_examples=400, deadline=None, database=None)

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
HOSTILE = [*"@:/\\?#[]%.。．①２０~_-|^\"'`{}$&;,+*!() \t\r\n\0\x7f\x85\xa0\u3000\u200b\ufeffſKİßé🍌"]
HOSTILE += (
    "// /../ ::1 %2e %00 %40 0x7f 127.0.0.1 2130706433 localhost @127.0.0.1 :80 :0 :080 %25eth0 xn-- http://".split()
)
HOSTILE += ["user:pw@", "[::ffff:7f00:1]"]
HARMLESS = "a Z 0 7 - _ .a a. /b ?c=d #e %20 -- 0x ü".split()


def mutated(pick: Callable[[Sequence[Any]], Any]) -> str:
    """A URL with up to three places overwritten; `pick` makes every choice."""
    url: str = pick(SEEDS)
    for _ in range(pick([1, 1, 2, 3])):
        start = pick(range(len(url) + 1))
        url = url[:start] + pick(pick([HOSTILE, HARMLESS, HARMLESS])) + url[start + pick([0, 0, 1, 2]) :]
    return url


@st.composite
def mutated_urls(draw: st.DrawFn) -> str:
    return mutated(lambda choices: draw(st.sampled_from(choices)))


def seeded_urls(count: int) -> Iterator[str]:
    source = random.Random(SEED)
    return (mutated(source.choice) for _ in range(count))


def parsers_agree(url: str) -> bool:
    """Whether the URL was accepted; if so, every parser must have read the same."""
    try:
        ours = urls.parse(url)
    except UrlRefused:
        return False
    theirs, stdlib = httpx2.URL(url), urllib.parse.urlsplit(url)
    default = {"http": 80, "https": 443}[ours.scheme]

    assert ours.host == theirs.raw_host.decode() == stdlib.hostname
    assert ours.scheme == theirs.scheme == stdlib.scheme
    assert ours.port == (theirs.port or default) == (stdlib.port or default)
    assert not theirs.userinfo
    assert stdlib.username is None
    assert ours.target.isascii()
    return True


@EXAMPLES
@given(mutated_urls())
def test_what_is_accepted_has_one_host_for_every_parser(url: str) -> None:
    parsers_agree(url)


def test_five_thousand_mutations_have_one_host_for_every_parser() -> None:
    accepted = sum(parsers_agree(url) for url in seeded_urls(5000))

    assert accepted > 500


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


async def dialled_as_judged(url: str) -> bool:
    """Whether the URL led to a dial; if so, it must be the first address of its host, with all of them public."""
    lab = NamesEverywhere()
    with pytest.raises((UrlRefused, FetchFailed)):
        await lab.fetcher().fetch(urls.parse(url))
    if not lab.dials:
        return False
    host = urllib.parse.urlsplit(url).hostname or ""
    known = answers_of(host) if lab.lookups else [host]

    assert lab.lookups in ([], [host])
    assert all(addresses.is_public(ip_address(answer)) for answer in known)
    assert [address for address, _ in lab.dials] == known[:1]
    assert all(port in (80, 443) for _, port in lab.dials)
    return True


@EXAMPLES
@given(mutated_urls())
def test_what_is_dialled_is_what_was_judged(url: str) -> None:
    asyncio.run(dialled_as_judged(url))


@pytest.mark.anyio
async def test_two_thousand_mutations_are_dialled_as_judged() -> None:
    dialled = [await dialled_as_judged(url) for url in seeded_urls(2000)]

    assert sum(dialled) > 100
