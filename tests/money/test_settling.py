"""How a generation ends, whoever acts and however late: once, and paid for what was delivered."""

from __future__ import annotations

import dataclasses
import datetime

import checks
import pytest
from money_helpers import Lab, violations

from cavendish.models import Quality
from cavendish.stores import jobs

pytestmark = pytest.mark.anyio

NOW = datetime.timedelta(0)


async def test_an_old_claim_cannot_end_what_a_newer_one_makes(lab: Lab) -> None:
    await checks.an_old_claim_cannot_end_what_a_newer_one_makes(lab)


async def test_a_late_success_is_not_paid(lab: Lab) -> None:
    await checks.a_late_success_is_not_paid(lab)


async def test_only_the_database_tells_the_time(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    await checks.only_the_database_tells_the_time(lab, monkeypatch)


async def test_the_first_claim_that_delivers_is_paid_even_an_old_one(lab: Lab) -> None:
    """Its picture is good, and the newer try is spared."""
    caller = await lab.caller(credits=100)
    old = await lab.claimed(caller)
    new = await lab.claim(old.generation.id)
    assert new is not None

    assert await lab.complete(old)
    assert not await lab.complete(new)
    assert not await lab.fail(new)
    assert await lab.balance(caller) == (96, 0)
    assert await violations(lab.db) == []


async def test_a_claim_that_never_was_cannot_complete(lab: Lab) -> None:
    claim = await lab.claimed(await lab.caller(credits=100))

    for fence in (0, -1, 2, 1000):
        assert not await lab.complete(dataclasses.replace(claim, fence=fence))
    assert await lab.state(claim.generation.id) == "generating"


@pytest.mark.parametrize(
    ("asked", "charge", "left"), [("1K", 4, 96), ("2K", 8, 92), ("4K", 16, 84), ("4K", 8, 92), ("4K", 4, 96)]
)
async def test_a_smaller_picture_returns_the_rest_of_its_hold(lab: Lab, asked: str, charge: int, left: int) -> None:
    caller = await lab.caller(credits=100)
    claim = await lab.claimed(caller, quality=Quality(asked))

    assert await lab.complete(claim, charge=charge)

    assert await lab.balance(caller) == (left, 0)
    assert await violations(lab.db) == []


async def test_nothing_moves_a_finished_generation(lab: Lab) -> None:
    caller = await lab.caller(credits=100)
    completed, failed = await lab.claimed(caller), await lab.claimed(caller)
    assert await lab.complete(completed)
    assert await lab.fail(failed)

    for claim, state in ((completed, "completed"), (failed, "failed")):
        await lab.overdue(claim)
        assert await lab.claim(claim.generation.id) is None
        assert not await lab.complete(claim)
        assert not await lab.fail(claim)
        assert not await lab.move(claim)
        assert not await lab.expire(claim.generation.id)
        assert not await lab.cancel(claim.generation.id, stopping=["script", "backup"])
        assert await lab.state(claim.generation.id) == state
    assert await violations(lab.db) == []


async def test_what_waits_is_cancelled_for_nothing_and_once(lab: Lab) -> None:
    caller = await lab.caller(credits=100)
    waiting = (await lab.submit(caller)).generation_id

    assert await lab.cancel(waiting)
    assert not await lab.cancel(waiting)

    assert await lab.entries(waiting) == ["hold", "release"]
    assert await lab.balance(caller) == (100, 0)
    assert await lab.claim(waiting) is None
    assert await violations(lab.db) == []


async def test_what_is_made_is_cancelled_only_where_its_engine_stops_unbilled(lab: Lab) -> None:
    caller = await lab.caller(credits=100)
    claim = await lab.claimed(caller)

    assert not await lab.cancel(claim.generation.id)
    assert not await lab.cancel(claim.generation.id, stopping=["backup"])
    assert await lab.cancel(claim.generation.id, stopping=["backup", "script"])

    assert not await lab.complete(claim)
    assert await lab.balance(caller) == (100, 0)
    assert await violations(lab.db) == []


async def test_what_waits_for_its_next_try_is_cancelled_where_every_claim_has_ended(lab: Lab) -> None:
    """Given back, or its lease run out: then a claim before it may have ordered, and the next one fetches that."""
    caller = await lab.caller(credits=100)
    moved, given_back, taken_over = [await lab.claimed(caller) for _ in range(3)]
    assert await lab.move(moved)
    async with lab.db.connection() as connection:
        await jobs.give_back(connection, [(given_back.generation.id, given_back.fence)], delay=NOW)
    newer = await lab.claim(taken_over.generation.id)
    assert newer is not None and await lab.move(newer)

    cancelled = [await lab.cancel(claim.generation.id) for claim in (moved, given_back, taken_over)]

    assert cancelled == [True, False, False]
    assert await lab.complete(taken_over), "the older claim still delivers"
    assert await violations(lab.db) == []


async def test_nothing_expires_before_its_deadline(lab: Lab) -> None:
    claim = await lab.claimed(await lab.caller(credits=100))

    assert not await lab.expire(claim.generation.id)
    assert await lab.state(claim.generation.id) == "generating"
