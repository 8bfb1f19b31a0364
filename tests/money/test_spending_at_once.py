"""Many spends at one instant: exactly what the balance pays for, and one generation per Idempotency-Key."""

from __future__ import annotations

import asyncio

import checks
import pytest
from money_helpers import EXAMPLES, WIDE, Lab, violations

from cavendish.application.generations.submit import Submitted
from cavendish.errors import IdempotencyKeyReused, InsufficientCredits, RateLimitExceeded
from cavendish.models import Quality, RateLimit
from cavendish.stores import ledger
from harness.inprocess import App

pytestmark = pytest.mark.anyio

SPENDS = 10_000 if EXAMPLES else 1000
SAME_KEY = 1000 if EXAMPLES else 200
PRICE = 4


@pytest.mark.fuzz
async def test_of_many_spends_at_once_exactly_those_are_accepted_that_the_balance_pays_for(lab: Lab) -> None:
    await checks.spends_exactly_what_there_is(lab, spends=SPENDS)


@pytest.mark.fuzz
async def test_of_many_spends_over_http_exactly_those_are_accepted_that_the_balance_pays_for(app: App) -> None:
    account = await app.account(credits=100 * PRICE)
    turn = asyncio.Semaphore(200)

    async def one() -> int:
        async with turn:
            return (await app.generate(account)).status_code

    statuses = await asyncio.gather(*(one() for _ in range(SPENDS)))

    assert {status: statuses.count(status) for status in set(statuses)} == {200: 100, 402: SPENDS - 100}
    assert await app.balance(account) == (0, 100 * PRICE)
    assert await violations(app.services.db) == []


async def test_spends_of_several_prices_and_keys_at_once_never_overspend_and_waste_nothing(lab: Lab) -> None:
    caller = await lab.caller(credits=250)
    wanted = [Quality.ONE_K, Quality.TWO_K, Quality.FOUR_K] * 40

    found = await asyncio.gather(
        *(
            lab.try_submit(caller, quality=quality, key=f"key-{number}" if number % 3 else None)
            for number, quality in enumerate(wanted)
        )
    )

    balance, held = await lab.balance(caller)
    accepted = [one for one in found if isinstance(one, Submitted)]
    assert {type(one) for one in found} == {Submitted, InsufficientCredits}
    assert held == sum(one.price for one in accepted)
    assert balance == 250 - held
    assert balance < PRICE, "something affordable was refused"
    assert await violations(lab.db) == []


async def test_many_accounts_at_once_each_get_exactly_their_own(lab: Lab) -> None:
    callers = [await lab.caller(credits=PRICE * number) for number in range(8)]

    found = await asyncio.gather(*(lab.try_submit(caller) for _ in range(10) for caller in callers))

    by_account = [sum(isinstance(one, Submitted) for one in found[number::8]) for number in range(8)]
    assert by_account == list(range(8))
    assert await violations(lab.db) == []


async def test_a_limit_lets_through_exactly_its_count_and_costs_nothing_beyond(lab: Lab) -> None:
    caller = await lab.caller(credits=1000, limit=RateLimit(30, 3600))

    found = await asyncio.gather(
        *(lab.try_submit(caller, key=f"k{number}" if number % 2 else None) for number in range(90))
    )

    assert sum(isinstance(one, Submitted) for one in found) == 30
    assert sum(isinstance(one, RateLimitExceeded) for one in found) == 60
    assert await lab.balance(caller) == (1000 - 30 * PRICE, 30 * PRICE)


@pytest.mark.fuzz
async def test_many_submissions_with_one_idempotency_key_at_once_are_one_generation(lab: Lab) -> None:
    await checks.one_key_is_one_generation(lab, submissions=SAME_KEY)


async def test_one_key_with_different_bodies_at_once_is_one_generation_and_refusals(lab: Lab) -> None:
    caller = await lab.caller(credits=1000)

    found = await asyncio.gather(
        *(lab.try_submit(caller, key="one", prompt=f"body {number % 4}") for number in range(80))
    )

    accepted = [one for one in found if isinstance(one, Submitted)]
    assert len({one.generation_id for one in accepted}) == 1
    assert len(accepted) == 20
    assert sum(isinstance(one, IdempotencyKeyReused) for one in found) == 60
    assert await lab.balance(caller) == (1000 - PRICE, PRICE)


async def test_one_key_of_several_accounts_is_one_generation_each(lab: Lab) -> None:
    callers = [await lab.caller(credits=100) for _ in range(5)]

    found = await asyncio.gather(*(lab.submit(caller, key="shared word") for caller in callers * 10))

    assert len({one.generation_id for one in found}) == 5
    assert [await lab.count(caller) for caller in callers] == [1] * 5


async def test_a_key_whose_request_was_refused_for_credits_is_free_for_another_try(lab: Lab) -> None:
    caller = await lab.caller(credits=0)
    refused = await asyncio.gather(*(lab.try_submit(caller, key="later") for _ in range(10)))
    assert {type(one) for one in refused} == {InsufficientCredits}

    async with lab.db.connection() as connection:
        await ledger.grant(connection, caller.account_id, PRICE, reason="paid")
    found = await lab.submit(caller, key="later")

    assert not found.replayed
    assert (await lab.submit(caller, key="later")).replayed
    assert await lab.balance(caller) == (0, PRICE)


async def test_a_key_is_kept_as_long_as_its_generation_even_a_failed_one(lab: Lab) -> None:
    caller = await lab.caller(credits=100)
    first = await lab.submit(caller, key="kept")
    claim = await lab.claim(first.generation_id)
    assert claim is not None
    await lab.fail(claim)

    again = await lab.submit(caller, key="kept")

    assert (again.replayed, again.generation_id, again.task_id) == (True, first.generation_id, first.task_id)
    assert await lab.balance(caller) == (100, 0)


async def test_grants_and_spends_at_once_keep_every_credit(lab: Lab) -> None:
    caller = await lab.caller(credits=0, limit=WIDE)

    async def grant() -> None:
        async with lab.db.connection() as connection:
            await ledger.grant(connection, caller.account_id, 3, reason="one by one")

    found = await asyncio.gather(*(grant() if number % 2 else lab.try_submit(caller) for number in range(200)))

    accepted = sum(isinstance(one, Submitted) for one in found)
    assert await lab.balance(caller) == (300 - PRICE * accepted, PRICE * accepted)
    assert await violations(lab.db) == []
