"""Waiting for a database that is away: tried again for so long, and not a step longer."""

from __future__ import annotations

import asyncio

import pytest

from cavendish.db.patience import away_after, patiently
from cavendish.errors import DatabaseUnavailable

pytestmark = pytest.mark.anyio


class Stumbling:
    """A step that fails so many times first."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.tries = 0
        self._failures = failures
        self._error = error or DatabaseUnavailable("away")

    async def __call__(self) -> int:
        self.tries += 1
        if self.tries <= self._failures:
            raise self._error
        return self.tries


async def test_a_step_is_tried_again_while_the_database_is_away() -> None:
    step = Stumbling(failures=3)

    assert await patiently(step, seconds=5, pause_seconds=0.001) == 4


async def test_patience_ends() -> None:
    step = Stumbling(failures=1_000_000)

    async with asyncio.timeout(5):
        with pytest.raises(DatabaseUnavailable):
            await patiently(step, seconds=0.05, pause_seconds=0.01)

    assert 2 <= step.tries <= 7


async def test_without_patience_there_is_one_try() -> None:
    step = Stumbling(failures=1)

    with pytest.raises(DatabaseUnavailable):
        await patiently(step, seconds=0)

    assert step.tries == 1


async def test_what_is_wrong_is_not_tried_again() -> None:
    step = Stumbling(failures=1, error=ValueError("wrong"))

    with pytest.raises(ValueError, match="wrong"):
        await patiently(step, seconds=5)

    assert step.tries == 1


async def test_an_answer_that_does_not_come_counts_as_away() -> None:
    with pytest.raises(DatabaseUnavailable):
        async with away_after(0.01):
            await asyncio.sleep(5)
