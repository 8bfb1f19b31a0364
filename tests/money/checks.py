"""The promises that `test_planted.py` proves to be checked: each is used by a test of the service as it is, and again
on one with a planted bug, where it must fail."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator

import pytest
from money_helpers import Lab, violations

from cavendish.application.generations.submit import Submitted
from cavendish.application.generations.submit_batch import Batcher
from cavendish.application.work import sweep
from cavendish.db.pool import Connection, Database
from cavendish.errors import ApiError, DatabaseUnavailable, InsufficientCredits

PRICE = 4
AFFORDABLE = 100


class LosesAnswers(Database):
    """The same pool; of the uses of a connection numbered in `lost` the work is committed and the answer not heard."""

    def __init__(self, db: Database, lost: set[int]) -> None:
        self.__dict__.update(db.__dict__)
        self.lost = lost
        self.used = 0

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        self.used += 1
        number = self.used
        async with super().connection() as connection:
            yield connection
        if number in self.lost:
            raise DatabaseUnavailable("the answer was lost")


def losing(lab: Lab, lost: set[int]) -> Lab:
    db = LosesAnswers(lab.db, lost)
    return Lab(dataclasses.replace(lab.services, db=db, batcher=Batcher(db)))


def processes(lab: Lab, count: int) -> list[Lab]:
    """The service as several processes have it: what one gathers, another does not know of."""
    return [Lab(dataclasses.replace(lab.services, batcher=Batcher(lab.db))) for _ in range(count)]


async def spends_exactly_what_there_is(lab: Lab, *, spends: int) -> None:
    """Of so many spends at once, from four processes, exactly those are accepted that the balance pays for."""
    caller, turn = await lab.caller(credits=AFFORDABLE * PRICE), asyncio.Semaphore(400)
    labs = processes(lab, 4)

    async def one(number: int) -> Submitted | ApiError:
        async with turn:
            return await labs[number % 4].try_submit(caller)

    found = await asyncio.gather(*(one(number) for number in range(spends)))

    kinds = [type(one) for one in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        Submitted: AFFORDABLE,
        InsufficientCredits: spends - AFFORDABLE,
    }
    assert await lab.balance(caller) == (0, AFFORDABLE * PRICE)
    assert await lab.count(caller) == AFFORDABLE
    assert await violations(lab.db) == []


async def one_key_is_one_generation(lab: Lab, *, submissions: int) -> None:
    """However many submissions with one Idempotency-Key come at one instant."""
    caller = await lab.caller(credits=1000)

    found = await asyncio.gather(*(lab.submit(caller, key="the same") for _ in range(submissions)))

    assert len({(one.generation_id, one.task_id) for one in found}) == 1
    assert sum(not one.replayed for one in found) == 1
    assert await lab.count(caller) == 1
    assert await lab.balance(caller) == (1000 - PRICE, PRICE)
    assert await violations(lab.db) == []


async def an_old_claim_cannot_end_what_a_newer_one_makes(lab: Lab) -> None:
    """A worker that was frozen past its lease wakes up and gives up; the newer one delivers and is paid."""
    caller = await lab.caller(credits=100)
    old = await lab.claimed(caller)
    new = await lab.claim(old.generation.id)
    assert new is not None

    assert not await lab.fail(old), "an old claim refunded what a newer one makes"
    assert not await lab.move(old)
    assert await lab.balance(caller) == (96, 4)
    assert await lab.complete(new)
    assert not await lab.complete(old)
    assert await lab.entries(old.generation.id) == ["hold", "capture"]
    assert await lab.balance(caller) == (96, 0)
    assert await violations(lab.db) == []


async def a_late_success_is_not_paid(lab: Lab) -> None:
    """The deadline passed and the credits went back; the engine answers after all."""
    caller = await lab.caller(credits=100)
    claim, other = await lab.claimed(caller), await lab.claimed(caller)
    await lab.overdue(claim)

    assert await lab.expire(claim.generation.id)
    assert await lab.balance(caller) == (96, 4)
    assert not await lab.complete(claim), "a late success was captured after the refund"
    assert not await lab.expire(claim.generation.id)
    assert await lab.entries(claim.generation.id) == ["hold", "release"]
    assert await lab.complete(other)
    assert await lab.balance(caller) == (96, 0)
    assert await violations(lab.db) == []


async def a_settlement_whose_answer_is_lost_happens_once(lab: Lab) -> None:
    """The worker asks again, for it cannot know; another generation's hold keeps the account's sums from noticing."""
    caller = await lab.caller(credits=100)
    claim, _ = await lab.claimed(caller), await lab.claimed(caller)

    with pytest.raises(DatabaseUnavailable):
        await losing(lab, {1}).complete(claim)
    await lab.complete(claim)

    assert await lab.entries(claim.generation.id) == ["hold", "capture"]
    assert await lab.balance(caller) == (92, 4)
    assert await violations(lab.db) == []


async def only_the_database_tells_the_time(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose clock is an hour ahead expires nothing and thinks no deadline shorter."""
    caller = await lab.caller(credits=100)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600)

    claim = await lab.claimed(caller)
    await sweep.once(lab.services)

    assert 590 < claim.seconds_left <= 600
    assert await lab.state(claim.generation.id) == "generating"
    assert await lab.balance(caller) == (96, 4)
