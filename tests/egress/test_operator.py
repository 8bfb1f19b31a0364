"""The operator door: any address, no redirects, nothing from the environment, bounded answers."""

from __future__ import annotations

import asyncio

import pytest
from egress_helpers import Host, Lab, answering, redirect, response

from cavendish.egress import clients

pytestmark = pytest.mark.anyio


async def test_an_address_of_the_operators_own_is_reached(lab: Lab) -> None:
    async with clients.operator(base_url=f"http://127.0.0.1:{lab.canary.port}", timeout_seconds=2) as client:
        answer = await client.get("/v1/models", headers={"x-goog-api-key": "secret"})

    assert answer.status_code == 200
    assert b"x-goog-api-key: secret\r\n" in lab.canary.received


async def test_a_redirect_is_an_answer_not_an_order(lab: Lab) -> None:
    host = await lab.host("10.0.0.1", redirect(f"http://127.0.0.1:{lab.canary.port}/"))

    async with clients.operator(timeout_seconds=2) as client:
        answer = await client.get(f"http://127.0.0.1:{host.port}/")

    assert answer.status_code == 302
    assert lab.canary.connections == 0


async def test_proxies_and_passwords_of_the_environment_are_not_used(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{lab.canary.port}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{lab.canary.port}")
    host = await lab.host("10.0.0.1", answering(response()))

    async with clients.operator(timeout_seconds=2) as client:
        await client.get(f"http://127.0.0.1:{host.port}/")

    assert host.connections == 1
    assert lab.canary.connections == 0


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
async def test_an_answer_has_a_largest_size(lab: Lab, size: int, fits: bool) -> None:
    host = await lab.host("10.0.0.1", answering(response(body=b"x" * size)))

    async with clients.operator(timeout_seconds=2, answer_bytes_max=1000) as client:
        if fits:
            assert len((await client.get(f"http://127.0.0.1:{host.port}/")).content) == size
        else:
            with pytest.raises(clients.OperatorTooLarge, match="more than 1000 bytes"):
                await client.get(f"http://127.0.0.1:{host.port}/")


async def test_silence_ends(lab: Lab) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    host = await lab.host("10.0.0.1", silent)

    async with clients.operator(timeout_seconds=0.2) as client:
        with pytest.raises(clients.OperatorError) as timed_out:
            await client.get(f"http://127.0.0.1:{host.port}/")

    assert not isinstance(timed_out.value, clients.OPERATOR_NOT_SENT)


async def test_a_refused_connection_is_known_to_have_sent_nothing() -> None:
    gone = Host(answering(b""))
    await gone.open()
    await gone.close()

    async with clients.operator(timeout_seconds=2) as client:
        with pytest.raises(clients.OPERATOR_NOT_SENT):
            await client.post(f"http://127.0.0.1:{gone.port}/", json={})


@pytest.mark.parametrize("headers", [{"X-Key": "a\nb"}, {"X-Key": "a\x00"}])
async def test_a_header_that_cannot_be_written_is_known_to_have_sent_nothing(lab: Lab, headers: dict[str, str]) -> None:
    host = await lab.host("10.0.0.1", answering(b""))

    async with clients.operator(timeout_seconds=2, headers=headers) as client:
        with pytest.raises(clients.OPERATOR_NOT_SENT):
            await client.post(f"http://127.0.0.1:{host.port}/", json={})


async def test_no_more_connections_than_allowed(lab: Lab) -> None:
    together, most = 0, 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal together, most
        together += 1
        most = max(most, together)
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.02)
        together -= 1
        writer.write(response(connection="close"))

    host = await lab.host("10.0.0.1", count)

    async with clients.operator(timeout_seconds=2, connections_max=2) as client:
        await asyncio.gather(*(client.get(f"http://127.0.0.1:{host.port}/") for _ in range(8)))

    assert most <= 2
