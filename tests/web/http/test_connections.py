"""How many may be connected, who makes room for others, and for how long: on real sockets, by a clock of the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from cavendish import settings as configuration
from cavendish.settings import Settings
from cavendish.web.http import crowd
from harness.listening import SECONDS, Client, Listening, listening

pytestmark = pytest.mark.anyio

MAX = 16


class Held:
    """An application whose answer to /hold waits until the test lets it go; it answers everything else at once."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.holding = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/hold":
            self.holding += 1
            await self.go.wait()
            self.holding -= 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


def settings(folder: Path, **flags: str) -> Settings:
    return configuration.load({"data": str(folder), "connections_max": str(MAX), **flags}, environment={})


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
async def house(tmp_path: Path, held: Held) -> AsyncIterator[Listening]:
    async with listening(settings(tmp_path, connections_per_address_max=str(MAX)), held) as found:
        yield found


async def busy(house: Listening, held: Held, count: int, address: str = "127.0.0.1") -> list[Client]:
    """So many clients whose requests are under way."""
    clients, before = [await house.client(address) for _ in range(count)], held.holding
    for client in clients:
        await client.send(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(SECONDS):
        while held.holding < before + count:
            await asyncio.sleep(0.002)
    return clients


async def test_one_connection_too_many_is_refused_and_the_next_is_taken_when_one_ended(
    house: Listening, held: Held
) -> None:
    clients = await busy(house, held, MAX)

    refused = await house.client("127.0.0.2")
    status, head = await refused.answer()

    assert status == 503
    assert b"retry-after: 1\r\n" in head and b"connection: close\r\n" in head
    assert await refused.is_closed()
    held.go.set()
    assert [(await client.answer())[0] for client in clients] == [200] * MAX
    await clients[0].close()
    await house.until(MAX - 1)
    assert await (await house.client("127.0.0.2")).get() == 200


async def idle(house: Listening, count: int, address: str = "127.0.0.1") -> list[Client]:
    """So many clients that were answered once, the first of them longest ago."""
    clients = [await house.client(address) for _ in range(count)]
    for client in clients:
        assert await client.get() == 200
    return clients


async def closed(clients: list[Client]) -> list[bool]:
    return list(await asyncio.gather(*[client.is_closed() for client in clients]))


async def test_an_idle_connection_makes_room_and_the_longest_idle_one_goes(house: Listening) -> None:
    clients = await idle(house, MAX)
    assert await clients[0].get() == 200  # now the second has been idle for longest

    newcomer = await house.client("127.0.0.2")

    assert await newcomer.get() == 200
    assert await closed(clients) == [False, True] + [False] * (MAX - 2)
    assert [await client.get() for client in (clients[0], *clients[2:])] == [200] * (MAX - 1)


async def test_a_connection_on_which_nothing_was_sent_makes_room(house: Listening) -> None:
    silent = [await house.client() for _ in range(MAX)]

    assert [await (await house.client()).get() for _ in range(3)] == [200] * 3
    assert await closed(silent[:3]) == [True] * 3


async def test_many_newcomers_at_once_let_go_no_more_than_they_need(house: Listening) -> None:
    clients = await idle(house, MAX)

    newcomers = await asyncio.gather(*[house.client(f"127.0.0.{2 + n}") for n in range(5)])

    assert await asyncio.gather(*[newcomer.get() for newcomer in newcomers]) == [200] * 5
    assert sum(await closed(clients)) == 5


async def test_a_request_that_came_with_an_answered_one_is_not_idle(house: Listening, held: Held) -> None:
    """Two in one packet: the answer to the first is no reason to close before the second has its own."""
    both = [await house.client() for _ in range(MAX)]
    for client in both:
        await client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await client.answer())[0] == 200

    assert (await (await house.client()).answer())[0] == 503
    house.reap(after_seconds=3600)
    held.go.set()
    assert [(await client.answer())[0] for client in both] == [200] * MAX


async def test_one_address_may_have_so_many_and_others_get_in(tmp_path: Path, held: Held) -> None:
    async with listening(settings(tmp_path, connections_per_address_max="3"), held) as house:
        await busy(house, held, 3)

        refused = await house.client()
        other = await house.client("127.0.0.2")

        assert (await refused.answer())[0] == 503 and await refused.is_closed()
        assert await other.get() == 200
        held.go.set()


async def test_the_log_says_once_who_was_refused(tmp_path: Path, held: Held) -> None:
    """An operator whose own proxy it is must see it; a flood must not fill the log."""
    async with listening(settings(tmp_path, connections_per_address_max="3"), held) as house:
        await busy(house, held, 3)
        with capture_logs() as lines:
            for _ in range(3):
                assert (await (await house.client()).answer())[0] == 503
        held.go.set()

    (line,) = lines
    assert (line["event"], line["address"], line["connections_max"]) == ("connections refused", "127.0.0.1", 3)


async def test_who_has_all_places_of_an_address_gives_up_idle_ones_of_its_own(tmp_path: Path, held: Held) -> None:
    async with listening(settings(tmp_path, connections_per_address_max="3"), held) as house:
        others = await idle(house, 1, "127.0.0.2")
        own = await idle(house, 3)

        assert await (await house.client()).get() == 200

        assert await closed(own) == [True, False, False]
        assert await others[0].get() == 200


async def test_a_place_is_free_again_when_its_client_left_in_the_middle(tmp_path: Path, held: Held) -> None:
    async with listening(settings(tmp_path, connections_per_address_max="3"), held) as house:
        for _ in range(2):
            for client in await busy(house, held, 3):
                await client.close()
            await house.until(0)

        assert await (await house.client()).get() == 200
        held.go.set()


async def test_one_address_leaves_a_quarter_of_all_places_by_itself(tmp_path: Path, held: Held) -> None:
    async with listening(settings(tmp_path), held) as house:
        await busy(house, held, MAX * 3 // 4)

        refused, others = await house.client(), [await house.client("127.0.0.2") for _ in range(MAX // 4)]

        assert (await refused.answer())[0] == 503
        assert [await other.get() for other in others] == [200] * (MAX // 4)
        held.go.set()


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::1", 9), "2001:db8:1:2::/64"),
        (("2001:db8:1:3::1", 9), "2001:db8:1:3::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (None, None),
    ],
)
def test_an_address_is_one_machine_or_one_network_of_64_bits(
    client: tuple[str, int] | None, counted: str | None
) -> None:
    assert crowd.place(client) == counted


async def test_in_quiet_times_an_idle_connection_is_kept_for_its_whole_time(house: Listening) -> None:
    (client,) = await idle(house, 1)

    house.reap(after_seconds=74)

    assert await client.get() == 200


async def test_where_it_is_crowded_an_idle_connection_is_closed_after_fifteen_seconds(
    house: Listening, held: Held
) -> None:
    clients, working = await idle(house, 8), await busy(house, held, 4)

    house.reap(after_seconds=14)
    assert [await client.get() for client in clients] == [200] * 8
    house.reap(after_seconds=16)

    assert await closed(clients) == [True] * 8
    held.go.set()
    assert [(await client.answer())[0] for client in working] == [200] * 4


async def test_the_time_of_an_idle_connection_begins_with_the_end_of_its_answer(house: Listening, held: Held) -> None:
    working = await busy(house, held, 12)
    for one in house.server.server_state.connections:
        one.since -= 1000  # what they waited for took long
    held.go.set()
    assert [(await client.answer())[0] for client in working] == [200] * 12

    house.reap(after_seconds=14)

    assert [await client.get() for client in working] == [200] * 12


async def test_a_connection_whose_refused_body_came_after_the_answer_is_not_kept_for_ever(house: Listening) -> None:
    client = await house.client()
    await client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
    assert (await client.answer())[0] == 200
    await client.send(b"late")
    async with asyncio.timeout(SECONDS):
        while not all(one.is_idle for one in house.server.server_state.connections):
            await asyncio.sleep(0.002)

    house.reap(after_seconds=76)

    assert await client.is_closed()
