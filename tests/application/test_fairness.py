"""Start-time fair queueing: whoever waits for little does not wait behind whoever wants much."""

from __future__ import annotations

import asyncio

import pytest
from worker_helpers import Recorder, drawing, submit_many, until, worker

from cavendish.engines.base import EngineFault
from cavendish.models import Quality
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"concurrency": "2", "wake_seconds": "0.2"}


async def _tags(app: App, account: Account) -> list[int]:
    """The account's virtual tags in thousandths of a credit, in the order of their submission."""
    query = "SELECT virtual_tag FROM cavendish.generations WHERE account_id = $1 ORDER BY virtual_tag"
    return [row[0] for row in await app.services.db.fetch(query, account.id)]


async def _weigh(app: App, account: Account, weight: int) -> None:
    await app.services.db.fetch("UPDATE cavendish.accounts SET weight = $2 WHERE id = $1", account.id, weight)


async def test_three_hundred_waiting_jobs_of_one_account_do_not_hold_up_anothers_one(app: App) -> None:
    greedy, modest = await app.account(credits=10_000), await app.account(credits=10)
    engine = Recorder(draw=drawing(0.005))
    async with worker(app, engine):
        await submit_many(app, greedy, 300, "greedy")
        await until(lambda: len(engine.started) > 5)
        before = len(engine.started)
        generation_id = await app.submit(modest, prompt="modest")
        answer = await app.ended(modest, generation_id)
        overtaken_by = engine.started.index("modest") - before

    assert answer["status"] == "completed"
    assert overtaken_by < 20, "it waited for a batch under way, not for the queue"
    assert len(engine.started) < 300


async def test_two_busy_accounts_take_turns(app: App) -> None:
    one, other = await app.account(credits=1000), await app.account(credits=1000)
    await submit_many(app, one, 24, "one")
    await submit_many(app, other, 24, "other")
    engine = Recorder()
    async with worker(app, engine):
        await until(lambda: len(engine.started) == 48, seconds=20)

    first_half = [prompt.split()[0] for prompt in engine.started[:24]]
    assert 8 <= first_half.count("other") <= 16, "though all of it came after"


async def test_an_account_of_three_times_the_weight_gets_three_times_the_share(app: App) -> None:
    heavy, light = await app.account(credits=1000), await app.account(credits=1000)
    await _weigh(app, heavy, 3)
    await submit_many(app, light, 30, "light")
    await submit_many(app, heavy, 30, "heavy")
    engine = Recorder()
    async with worker(app, engine):
        await until(lambda: len(engine.started) >= 32, seconds=20)

    share = [prompt.split()[0] for prompt in engine.started[:32]].count("heavy")
    assert 20 <= share <= 28


async def test_tags_grow_by_what_is_asked_for_and_shrink_with_the_weight(app: App) -> None:
    plain, heavy, heaviest = await app.account(), await app.account(), await app.account()
    await _weigh(app, heavy, 3)
    await _weigh(app, heaviest, 1000)
    for account in (plain, heavy, heaviest):
        await submit_many(app, account, 1)
        await submit_many(app, account, 1, quality=Quality.FOUR_K)

    assert await _tags(app, plain) == [4000, 20000]
    assert await _tags(app, heavy) == [1333, 6666]
    assert await _tags(app, heaviest) == [4, 20]


async def test_a_batch_gets_the_tags_that_one_after_the_other_would(app: App) -> None:
    account = await app.account()

    await submit_many(app, account, 5)

    assert await _tags(app, account) == [4000, 8000, 12000, 16000, 20000]


async def test_whoever_was_away_gets_no_credit_for_it(app: App) -> None:
    """A lane that lags behind starts where the engine is: no burst for having been idle."""
    busy, idle = await app.account(), await app.account()
    await submit_many(app, busy, 10)
    engine = Recorder()
    async with worker(app, engine):
        await until(lambda: len(engine.started) == 10)
    at = await app.services.db.fetchval("SELECT virtual_time FROM cavendish.engines WHERE name = 'script'")
    await submit_many(app, idle, 2)

    assert at == 40000
    assert await _tags(app, idle) == [44000, 48000]


async def test_whoever_has_been_here_before_and_was_away_gets_no_credit_for_it_either(app: App) -> None:
    """Its lane stands where it was left, far behind: to go on from there would be priority saved up by being idle."""
    busy, idle = await app.account(), await app.account()
    await submit_many(app, idle, 1)
    await submit_many(app, busy, 10)
    engine = Recorder()
    async with worker(app, engine):
        await until(lambda: len(engine.started) == 11)

    await submit_many(app, busy, 1)
    await submit_many(app, idle, 2)

    assert await _tags(app, busy) == [*range(4000, 44000, 4000), 44000]
    assert await _tags(app, idle) == [4000, 44000, 48000], "it stands beside the busy one, not before it"


async def test_a_claim_that_comes_late_does_not_set_the_engine_back(app: App) -> None:
    """Else whoever comes after it would start before all that wait."""
    account, newcomer = await app.account(), await app.account()
    first, _, third = await submit_many(app, account, 3)
    for generation_id in (third, first):
        await claim_one(app.services.db, generation_id)

    assert await app.services.db.fetchval("SELECT virtual_time FROM cavendish.engines WHERE name = 'script'") == 12000
    await submit_many(app, newcomer, 1)
    assert await _tags(app, newcomer) == [16000]


async def test_each_engine_has_lanes_of_its_own(app: App) -> None:
    account = await app.account()
    await submit_many(app, account, 3)
    await app.submit(account, path="/api/nano-banana-pro")

    rows = await app.services.db.fetch("SELECT engine, virtual_finish FROM cavendish.lanes ORDER BY engine")
    assert [tuple(row) for row in rows] == [("instant", 4000), ("script", 12000)]


async def test_tags_beyond_the_size_of_an_integer_still_work(app: App) -> None:
    """Virtual time only grows: after 2**31 of it the queue of an integer priority would refuse every submission."""
    await app.services.db.fetch("UPDATE cavendish.engines SET virtual_time = 2::bigint ^ 40")
    one, other = await app.account(), await app.account()
    await submit_many(app, one, 20, "one")
    engine = Recorder(draw=drawing(0.01))
    async with worker(app, engine):
        await until(lambda: engine.started)
        generation_id = await app.submit(other, prompt="other")
        assert (await app.ended(other, generation_id))["status"] == "completed"
        assert engine.started.index("other") < 15

    assert await app.services.db.fetchval("SELECT virtual_time FROM cavendish.engines WHERE name = 'script'") > 2**40


async def test_the_largest_prices_and_smallest_weights_fit(app: App) -> None:
    million = 1_000_000
    account = await app.account(credits=million)

    tag = million * 1000
    years_of_the_dearest = (2**63 - 1) // tag // (86400 * 365)
    assert years_of_the_dearest > 200, "one picture of the highest price each second"
    await app.services.db.fetch("UPDATE cavendish.engines SET virtual_time = 9200000000000000000 WHERE name = 'script'")
    assert len(await submit_many(app, account, 1)) == 1


async def test_a_retry_goes_to_the_front_for_it_waited_already(app: App) -> None:
    account = await app.account(credits=10_000)
    failed = asyncio.Event()

    async def draw(request) -> None:
        if request.prompt == "unlucky" and not failed.is_set():
            failed.set()
            raise EngineFault("once")
        await asyncio.sleep(0.01)

    engine = Recorder(draw=draw)
    async with worker(app, engine):
        generation_id = await app.submit(account, prompt="unlucky")
        await submit_many(app, account, 100)
        assert (await app.ended(account, generation_id))["status"] == "completed"
        assert len(engine.started) < 60
