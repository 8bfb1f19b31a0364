"""Memory for input images: below its maximum, in order, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import random

import pytest

from cavendish.inputs.memory import Memory

pytestmark = pytest.mark.anyio


async def waits(taking: asyncio.Task[None]) -> bool:
    await asyncio.sleep(0)
    return not taking.done()


async def test_who_finds_no_room_waits_for_the_end_of_another() -> None:
    memory = Memory(10)
    with memory.share() as second:
        with memory.share() as third:
            await second.take(6)
            taking = asyncio.create_task(third.take(6))
            assert await waits(taking)
            second.replace(6, 3)
            await taking
            assert memory.used == 9
    assert memory.used == 0


async def test_the_oldest_takes_more_than_there_is_and_the_next_becomes_the_oldest() -> None:
    memory = Memory(10)
    with memory.share() as youngest_in_the_end:
        await youngest_in_the_end.take(50)
    first, second = memory.share(), memory.share()
    one, two = first.__enter__(), second.__enter__()
    await one.take(8)
    await two.take(2)
    taking = asyncio.create_task(two.take(8))
    assert await waits(taking)
    await asyncio.wait_for(one.take(8), 1)
    assert memory.used == 18

    first.__exit__(None, None, None)

    await asyncio.wait_for(taking, 1)
    second.__exit__(None, None, None)
    assert memory.used == 0


async def test_a_small_one_does_not_overtake_a_large_one() -> None:
    memory = Memory(10)
    with memory.share() as first, memory.share() as large, memory.share() as small:
        await first.take(5)
        taking = asyncio.create_task(large.take(6))
        overtaking = asyncio.create_task(small.take(1))

        assert await waits(taking) and await waits(overtaking)

        first.replace(5, 1)
        await asyncio.gather(taking, overtaking)


@pytest.mark.parametrize("let_in", [False, True])
async def test_who_gives_up_leaves_nothing_behind(let_in: bool) -> None:
    memory = Memory(10)
    with memory.share() as first:
        await first.take(10)
        with memory.share() as second, memory.share() as third:
            taking, next_taking = asyncio.create_task(second.take(8)), asyncio.create_task(third.take(2))
            assert await waits(taking)
            if let_in:
                first.replace(10, 0)
            taking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await taking
            first.replace(0 if let_in else 10, 8)
            await asyncio.wait_for(next_taking, 1)
    assert memory.used == 0


async def test_many_that_take_bit_by_bit_all_end_and_pass_the_maximum_by_one_at_most() -> None:
    memory, chance = Memory(100), random.Random(5)
    most = 0

    async def generation() -> None:
        nonlocal most
        with memory.share() as share:
            for _ in range(4):
                await share.take(chance.randint(1, 25))
                most = max(most, memory.used)
                await asyncio.sleep(chance.random() / 1000)

    await asyncio.wait_for(asyncio.gather(*(generation() for _ in range(100))), 20)

    assert 100 <= most <= 200
    assert memory.used == 0
