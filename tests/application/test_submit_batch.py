"""Which submissions are written together, and that none of an account overtakes an earlier one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from cavendish.application.generations import submit_batch
from cavendish.application.generations.submit_batch import Batcher, Outcome, Request
from cavendish.models import RateLimit
from cavendish.stores.rate_limits import Budget, Quota

pytestmark = pytest.mark.anyio

BUDGETS = (Budget("key", RateLimit(1000, 3600)),)
ELSEWHERE = 9  # accounts from here on only keep the writers busy


class Scribe:
    """A database that notes what is written together, and writes only when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        monkeypatch.setattr(submit_batch, "write", self._write)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        yield None

    async def _write(self, _: object, requests: Sequence[Request]) -> list[Outcome]:
        own = [request.values["id"] for request in requests if request.account_id < ELSEWHERE]
        if own:
            self.batches.append(own)
        await self.open.wait()
        return [Outcome(within_limit=True, created=True, balance=0, quota=Quota(BUDGETS[0], 0.0)) for _ in requests]


def asked(name: str, *, account: int = 1, key: str = "key", price: int = 4, engine: str = "script") -> Request:
    return Request(account, key, price, engine, BUDGETS, {"id": name})


@pytest.fixture
def scribe(monkeypatch: pytest.MonkeyPatch) -> Scribe:
    return Scribe(monkeypatch)


async def written(scribe: Scribe, *requests: Request) -> list[list[str]]:
    """The batches of these, which all wait before the first of them can be written."""
    batcher = Batcher(scribe)  # type: ignore[arg-type]
    busy = [asked("other", account=ELSEWHERE + number) for number in range(submit_batch._PARALLEL)]
    tasks = [asyncio.create_task(batcher.take(request)) for request in (*busy, *requests)]
    await asyncio.sleep(0)
    scribe.open.set()
    async with asyncio.timeout(10):
        await asyncio.gather(*tasks)
    return scribe.batches


async def test_submissions_of_one_account_that_ask_alike_are_written_together(scribe: Scribe) -> None:
    assert await written(scribe, asked("a"), asked("b"), asked("c")) == [["a", "b", "c"]]


async def test_accounts_share_a_batch(scribe: Scribe) -> None:
    assert await written(scribe, asked("a"), asked("b", account=2, price=8)) == [["a", "b"]]


@pytest.mark.parametrize("other", [{"price": 8}, {"engine": "backup"}, {"key": "another"}])
async def test_a_later_submission_of_an_account_never_overtakes_an_earlier_one(
    scribe: Scribe, other: dict[str, Any]
) -> None:
    """`c` would fit beside `a`, but `b` was before it."""
    found = await written(scribe, asked("a"), asked("b", **other), asked("c"), asked("d", account=2))

    assert found == [["a", "d"], ["b"], ["c"]]


async def test_an_account_that_is_being_written_waits_and_keeps_its_order(scribe: Scribe) -> None:
    batcher = Batcher(scribe)  # type: ignore[arg-type]
    tasks = [
        asyncio.create_task(batcher.take(asked(name, price=price))) for name, price in (("a", 4), ("b", 8), ("c", 4))
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert scribe.batches == [["a"]], "the second writer is free, and this account is not"
    scribe.open.set()
    await asyncio.gather(*tasks)
    assert scribe.batches == [["a"], ["b"], ["c"]]
