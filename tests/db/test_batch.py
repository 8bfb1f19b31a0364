"""The batch loader: keys that wait together are read together, and no waiter suffers for another."""

from __future__ import annotations

import asyncio

import pytest

from cavendish.db.batch import Batch

pytestmark = pytest.mark.anyio


class Source:
    """Answers each key with its double; `gate` holds reads back."""

    def __init__(self) -> None:
        self.reads: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: BaseException | None = None
        self.running = self.running_max = 0

    async def read(self, keys: list[int]) -> dict[int, int]:
        self.reads.append(keys)
        self.running += 1
        self.running_max = max(self.running, self.running_max)
        try:
            await self.gate.wait()
            if self.error is not None:
                raise self.error
            return {key: 2 * key for key in keys if key >= 0}
        finally:
            self.running -= 1


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_all_that_ask_in_one_turn_share_one_read() -> None:
    source = Source()
    batch = Batch(source.read)

    assert await asyncio.gather(*(batch.load(key) for key in (1, 2, 3, 2, 1))) == [2, 4, 6, 4, 2]
    assert source.reads == [[1, 2, 3]]


async def test_a_key_without_a_value_is_none() -> None:
    assert await Batch(Source().read).load(-1) is None


async def test_while_reads_are_under_way_further_keys_gather() -> None:
    source = Source()
    source.gate.clear()
    batch = Batch(source.read, parallel=2)
    loads = []
    for key in range(10):
        loads.append(asyncio.create_task(batch.load(key)))
        await _turns()
    source.gate.set()

    assert await asyncio.gather(*loads) == [2 * key for key in range(10)]
    assert [len(keys) for keys in source.reads] == [1, 1, 8]
    assert source.running_max == 2


async def test_a_read_is_never_older_than_the_question() -> None:
    """A key that is asked for while it is being read is read again."""
    source = Source()
    source.gate.clear()
    batch = Batch(source.read)
    first = asyncio.create_task(batch.load(1))
    await _turns()
    second = asyncio.create_task(batch.load(1))
    await _turns()
    source.gate.set()
    await asyncio.gather(first, second)

    assert source.reads == [[1], [1]]


async def test_a_batch_has_a_largest_size_and_forgets_nobody() -> None:
    source = Source()
    batch = Batch(source.read, size_max=10)

    assert await asyncio.gather(*(batch.load(key) for key in range(95))) == [2 * key for key in range(95)]
    assert max(map(len, source.reads)) == 10
    assert source.running_max <= 2


async def test_an_error_reaches_everybody_who_waited_and_nobody_after() -> None:
    source = Source()
    source.error = ConnectionError("away")
    batch = Batch(source.read)

    found = await asyncio.gather(*(batch.load(key) for key in (1, 2, 1)), return_exceptions=True)
    source.error = None

    assert [type(one) for one in found] == [ConnectionError] * 3
    assert await batch.load(1) == 2


async def test_one_waiter_that_leaves_does_not_take_the_others_along() -> None:
    source = Source()
    source.gate.clear()
    batch = Batch(source.read)
    leaver, stayer = asyncio.create_task(batch.load(1)), asyncio.create_task(batch.load(1))
    await _turns()
    leaver.cancel()
    await _turns()
    source.gate.set()

    assert await stayer == 2
    assert leaver.cancelled()


async def test_an_error_that_nobody_waits_for_is_not_complained_about() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    source = Source()
    source.gate.clear()
    source.error = ConnectionError("away")
    batch = Batch(source.read)
    waiter = asyncio.create_task(batch.load(1))
    await _turns()
    waiter.cancel()
    await _turns()
    source.gate.set()
    await _turns(20)
    asyncio.get_running_loop().set_exception_handler(None)

    assert complaints == []


async def test_a_cancelled_read_fails_its_waiters_instead_of_leaving_them() -> None:
    source = Source()
    source.error = asyncio.CancelledError()
    batch = Batch(source.read)

    async with asyncio.timeout(2):
        with pytest.raises(RuntimeError, match="cancelled"):
            await batch.load(1)
    source.error = None
    assert await batch.load(1) == 2
