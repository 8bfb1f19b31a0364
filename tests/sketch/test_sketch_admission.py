"""Pictures are drawn at once only as far as their megapixels have room, in order of arrival."""

from __future__ import annotations

import asyncio

import pytest

from cavendish.models import RATIOS, Quality, pixels
from cavendish_sketch.admission import Admission

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


MEGA = 1_000_000


class Drawing:
    """One picture that is drawn until it is told to end."""

    def __init__(self, admission: Admission, megapixels: float) -> None:
        self.inside = False
        self._end = asyncio.Event()
        self.task = asyncio.create_task(self._draw(admission, megapixels))

    async def _draw(self, admission: Admission, megapixels: float) -> None:
        async with admission.room(int(megapixels * MEGA)):
            self.inside = True
            await self._end.wait()
        self.inside = False

    async def finish(self) -> None:
        self._end.set()
        await self.task
        await settled()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def drawings(admission: Admission, *megapixels: float) -> list[Drawing]:
    made = [Drawing(admission, size) for size in megapixels]
    await settled()
    return made


async def test_as_many_are_drawn_as_have_room() -> None:
    first, second, third = await drawings(Admission(36), 17, 17, 17)

    assert (first.inside, second.inside, third.inside) == (True, True, False)
    await first.finish()
    assert third.inside
    await second.finish()
    await third.finish()


async def test_a_large_picture_is_not_overtaken_by_small_ones() -> None:
    running, large, small = await drawings(Admission(20), 10, 17, 1)

    assert (large.inside, small.inside) == (False, False)
    await running.finish()
    assert (large.inside, small.inside) == (True, True)
    await large.finish()
    await small.finish()


async def test_a_picture_above_the_maximum_is_drawn_alone() -> None:
    alone, small = await drawings(Admission(4), 17, 1)

    assert (alone.inside, small.inside) == (True, False)
    await alone.finish()
    assert small.inside
    await small.finish()


async def test_one_that_gives_up_waiting_leaves_its_place_to_the_next() -> None:
    running, given_up, next_ = await drawings(Admission(17), 10, 17, 1)

    given_up.task.cancel()
    await settled()

    assert given_up.task.cancelled()
    assert next_.inside
    await running.finish()
    await next_.finish()


async def test_one_that_gives_up_as_it_is_let_in_takes_no_room() -> None:
    admission = Admission(17)
    async with admission.room(17 * MEGA):
        (given_up,) = await drawings(admission, 17)
    given_up.task.cancel()  # it is let in and does not know yet
    await settled()

    (after,) = await drawings(admission, 17)
    assert after.inside
    await after.finish()


async def test_room_comes_back_when_drawing_fails() -> None:
    admission = Admission(17)
    with pytest.raises(RuntimeError):
        async with admission.room(17 * MEGA):
            raise RuntimeError("the child died")

    (after,) = await drawings(admission, 17)
    assert after.inside
    await after.finish()


async def test_two_that_give_up_together_leave_without_trouble() -> None:
    admission = Admission(17)
    running, large, small = await drawings(admission, 10, 17, 1)

    large.task.cancel()
    small.task.cancel()
    await settled()

    assert large.task.cancelled() and small.task.cancelled()
    await running.finish()
    (after,) = await drawings(admission, 17)
    assert after.inside
    await after.finish()


@pytest.mark.parametrize("most", [10, 16, 18, 36])
async def test_any_mixture_of_sizes_leaves_the_whole_room(most: int) -> None:
    admission = Admission(most)
    sizes = [pixels(ratio, quality) for ratio in RATIOS for quality in Quality]

    async def draw(size: tuple[int, int]) -> None:
        async with admission.room(size[0] * size[1]):
            await asyncio.sleep(0)

    async with asyncio.timeout(10):
        await asyncio.gather(*map(draw, sizes * 3))
        (after,) = await drawings(admission, most)
        assert after.inside
        await after.finish()
