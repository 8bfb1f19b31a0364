"""One look-up, every answer judged, the judged literal dialled, the peer compared."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import pytest
from egress_helpers import FORBIDDEN, LIMITS, PNG, PUBLIC, PUBLIC_V6, Lab, answering, response

from cavendish.egress import urls
from cavendish.egress.clients import foreign
from cavendish.egress.failures import FetchFailed, Refused, UrlRefused
from cavendish.egress.guard import Guard, SystemResolver
from cavendish.egress.meter import Meter

pytestmark = pytest.mark.anyio


async def refused(lab: Lab, url: str) -> str:
    """The reason of a fetch that had to fail without a knock at the canary."""
    with pytest.raises((UrlRefused, FetchFailed)) as failed:
        await lab.fetcher().fetch(urls.parse(url))

    assert lab.canary.connections == 0
    return failed.value.reason


async def test_a_public_host_is_fetched_at_the_address_that_was_judged(lab: Lab) -> None:
    host = await lab.host(PUBLIC, answering(response()))
    lab.names["host.test"] = [[PUBLIC]]

    fetched = await lab.fetcher().fetch(urls.parse("http://host.test/a.png?b=1"))

    assert fetched == PNG
    assert lab.dials == [(PUBLIC, 80)]
    assert host.received.startswith(b"GET /a.png?b=1 HTTP/1.1\r\nHost: host.test\r\n")


@pytest.mark.parametrize("address", FORBIDDEN)
async def test_a_name_that_leads_to_a_forbidden_address_is_never_dialled(lab: Lab, address: str) -> None:
    lab.names["host.test"] = [[address]]

    assert "is not a public address" in await refused(lab, "http://host.test/")
    assert lab.dials == []


@pytest.mark.parametrize("address", FORBIDDEN)
async def test_a_literal_forbidden_address_is_never_dialled(lab: Lab, address: str) -> None:
    await refused(lab, f"http://[{address}]/" if ":" in address else f"http://{address}/")

    assert lab.dials == []
    assert lab.lookups == []


@pytest.mark.parametrize("answers", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, PUBLIC_V6, "::1"]])
async def test_one_forbidden_answer_among_public_ones_refuses_all(lab: Lab, answers: list[str]) -> None:
    await lab.host(PUBLIC, answering(response()))
    lab.names["host.test"] = [answers]

    assert "is not a public address" in await refused(lab, "http://host.test/")
    assert lab.dials == []


async def test_a_rebinding_name_is_looked_up_once(lab: Lab) -> None:
    await lab.host(PUBLIC, answering(response()))
    lab.names["host.test"] = [[PUBLIC], ["127.0.0.1"]]

    assert await lab.fetcher().fetch(urls.parse("http://host.test/")) == PNG
    assert lab.lookups == ["host.test"]
    assert lab.dials == [(PUBLIC, 80)]
    assert lab.canary.connections == 0


async def test_a_rebinding_name_is_refused_when_it_is_met_again(lab: Lab) -> None:
    await lab.host(PUBLIC, answering(response()))
    lab.names["host.test"] = [["127.0.0.1"], [PUBLIC]]

    assert "127.0.0.1" in await refused(lab, "http://host.test/")


@pytest.mark.parametrize("peer", [("10.0.0.1", 80), (PUBLIC, 8080), (PUBLIC_V6, 80)])
async def test_a_peer_other_than_the_dialled_one_gets_no_byte(lab: Lab, peer: tuple[str, int]) -> None:
    host = await lab.host(PUBLIC, answering(response()))
    lab.names["host.test"] = [[PUBLIC]]
    lab.peer = peer

    assert "another peer answered" in await refused(lab, "http://host.test/")
    await asyncio.sleep(0.05)
    assert host.received == b""


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 8080])
async def test_a_public_host_is_reached_on_two_ports_only(lab: Lab, port: int) -> None:
    lab.names["host.test"] = [[PUBLIC]]

    assert "ports 80 and 443" in await refused(lab, f"http://host.test:{port}/")
    assert "ports 80 and 443" in await refused(lab, f"http://{PUBLIC}:{port}/")


async def test_the_next_address_is_tried_where_one_is_dead(lab: Lab) -> None:
    await lab.host(PUBLIC, answering(response()))
    lab.names["host.test"] = [[PUBLIC_V6, PUBLIC]]
    lab.dead = {PUBLIC_V6}

    assert await lab.fetcher().fetch(urls.parse("http://host.test/")) == PNG
    assert lab.dials == [(PUBLIC_V6, 80), (PUBLIC, 80)]


async def test_a_name_with_very_many_addresses_is_given_up_after_four(lab: Lab) -> None:
    many = [f"93.184.216.{number}" for number in range(1, 51)]
    lab.names["host.test"] = [many]
    lab.dead = set(many)

    assert await refused(lab, "http://host.test/") == "unreachable: ConnectError"
    assert len(lab.dials) == LIMITS.addresses_tried_max == 4


@pytest.mark.parametrize("answers", [[[]], []])
async def test_a_name_without_an_address_is_unreachable(lab: Lab, answers: list[list[str]]) -> None:
    lab.names["host.test"] = answers

    assert (await refused(lab, "http://host.test/")).startswith("unreachable")


async def test_a_resolver_that_never_answers_is_given_up(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(lab, "resolve", never)

    assert await refused(lab, "http://host.test/") == "unreachable: TimeoutError"


async def test_tls_asks_for_the_name_though_the_literal_is_dialled(lab: Lab) -> None:
    host = await lab.host(PUBLIC, answering(response()), port=443)
    lab.names["host.test"] = [[PUBLIC]]

    assert await lab.fetcher().fetch(urls.parse("https://host.test/")) == PNG
    assert lab.dials == [(PUBLIC, 443)]
    assert lab.tls_names == ["host.test"]
    assert b"Host: host.test\r\n" in host.received


async def test_an_ipv6_literal_is_bracketed_in_the_host_header_only(lab: Lab) -> None:
    host = await lab.host(PUBLIC_V6, answering(response()), port=443)

    await lab.fetcher().fetch(urls.parse(f"http://[{PUBLIC_V6}]:443/"))

    assert lab.dials == [(PUBLIC_V6, 443)]
    assert f"Host: [{PUBLIC_V6}]:443\r\n".encode() in host.received


async def test_unix_sockets_are_closed(lab: Lab) -> None:
    guard = Guard(address=None, resolve=lab.resolve, network=lab, allow_networks=(), limits=LIMITS, meter=Meter(LIMITS))

    with pytest.raises(Refused):
        await guard.connect_unix_socket("/var/run/docker.sock")


class TestWithTheRealNetwork:
    """The machine's own resolver, real sockets, the real door."""

    async def test_localhost_is_refused(self, lab: Lab) -> None:
        fetcher = foreign(wanted=bool, allow_networks=())

        for url in ("http://localhost/", "https://localhost/", "http://127.0.0.1/", "http://[::1]/"):
            with pytest.raises(FetchFailed) as failed:
                await fetcher.fetch(urls.parse(url))
            assert "is not a public address" in failed.value.reason

    async def test_an_allowed_network_is_reached_on_any_port(self, lab: Lab) -> None:
        fetcher = foreign(wanted=bool, allow_networks=(ip_network("127.0.0.0/8"),))

        fetched = await fetcher.fetch(urls.parse(f"http://127.0.0.1:{lab.canary.port}/a.png"))

        assert fetched == PNG
        assert lab.canary.connections == 1

    async def test_an_allowed_name_is_reached_on_any_port(self, lab: Lab) -> None:
        fetcher = foreign(wanted=bool, allow_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))

        assert await fetcher.fetch(urls.parse(f"http://localhost:{lab.canary.port}/")) == PNG

    async def test_only_the_allowed_network_is_reached(self, lab: Lab) -> None:
        fetcher = foreign(wanted=bool, allow_networks=(ip_network("127.0.0.2/32"),))

        with pytest.raises(FetchFailed):
            await fetcher.fetch(urls.parse(f"http://127.0.0.1:{lab.canary.port}/"))

        assert lab.canary.connections == 0

    async def test_proxies_of_the_environment_are_not_asked(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{lab.canary.port}")

        with pytest.raises(FetchFailed):
            await foreign(wanted=bool, allow_networks=()).fetch(urls.parse("http://host.invalid/"))

        assert lab.canary.connections == 0

    async def test_nobody_listening_is_unreachable(self, lab: Lab) -> None:
        await lab.canary.close()
        fetcher = foreign(wanted=bool, allow_networks=(ip_network("127.0.0.0/8"),))

        with pytest.raises(FetchFailed) as failed:
            await fetcher.fetch(urls.parse(f"http://127.0.0.1:{lab.canary.port}/"))

        assert failed.value.reason == "unreachable: ConnectError"

    async def test_the_system_resolver_gives_each_address_once(self) -> None:
        found = await SystemResolver()("localhost", 80)

        assert set(found) <= {"127.0.0.1", "::1"}
        assert len(found) == len(set(found))
