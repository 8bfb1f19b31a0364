"""What nobody waits for: deadlines that pass."""

from __future__ import annotations

import asyncio
import datetime
import time
import uuid

import pytest
from worker_helpers import Recorder, drawing, open_ones, states, submit_many, until, worker

from cavendish.application.work import settle, sweep
from cavendish.stores import generations, workers
from cavendish.stores import jobs as queue_jobs
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2"}


async def test_a_generation_that_waits_past_its_deadline_is_refunded(app: App) -> None:
    account = await app.account(credits=10)
    generation_id = await app.submit(account)

    await app.shift_clock("9 minutes 50 seconds")
    await app.sweep()
    assert (await app.row(generation_id))["state"] == "pending", "not before its time"
    await app.shift_clock("10 minutes 1 second")
    await app.sweep()

    answer = (await app.check(account, generation_id)).json()
    assert (answer["status"], answer["errorCode"], answer["success"]) == ("failed", "EXPIRED", False)
    assert "deadline" in answer["error"]
    assert await app.balance(account) == (10, 0)


async def test_a_job_that_comes_after_the_deadline_calls_no_engine(app: App) -> None:
    account = await app.account(credits=10)
    generation_id = await app.submit(account)
    await app.shift_clock("11 minutes")
    engine = Recorder()
    async with worker(app, engine):
        answer = await app.ended(account, generation_id)

    assert answer["errorCode"] == "EXPIRED"
    assert engine.calls.total() == 0
    assert await app.entries(generation_id) == ["hold", "release"]


async def test_a_generation_that_is_made_past_its_deadline_is_refunded_and_the_late_picture_goes(app: App) -> None:
    account = await app.account(credits=10)
    ready = asyncio.Event()

    async def draw(_: object) -> None:
        await ready.wait()

    engine = Recorder(draw=draw)
    async with worker(app, engine) as one:
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        await app.shift_clock("11 minutes")
        await app.sweep()
        answer = (await app.check(account, generation_id)).json()
        ready.set()
        await until(lambda: not one.runner.running)

    assert (answer["status"], answer["errorCode"]) == ("failed", "EXPIRED")
    assert await app.entries(generation_id) == ["hold", "release"]
    assert not list((app.settings.storage_root / "generations").rglob("*.png")), "a late picture is deleted"


@pytest.mark.parametrize("options", [{"deadline_seconds": "0.6", "wake_seconds": "0.2"}])
async def test_the_worker_itself_ends_what_takes_too_long(app: App) -> None:
    """Without any sweep: the engine is told to stop and its seat is free."""
    account = await app.account(credits=10)
    engine = Recorder(draw=drawing(30))
    async with worker(app, engine):
        began = time.monotonic()
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        answer = await app.ended(account, generation_id)
        took = time.monotonic() - began
        await until(lambda: not engine.running)

    assert (answer["status"], answer["errorCode"]) == ("failed", "EXPIRED")
    assert took < 5
    assert await app.balance(account) == (10, 0)


async def test_an_engines_own_timeout_is_no_deadline(app: App) -> None:
    account = await app.account(credits=10)

    async def draw(_: object) -> None:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)

    async with worker(app, Recorder(draw=draw)):
        answer = await app.ended(account, await app.submit(account))

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "deadline" not in answer["error"]


async def test_two_that_sweep_at_once_do_each_thing_once(app: App) -> None:
    account = await app.account(credits=1000)
    overdue = await submit_many(app, account, 10)
    await app.shift_clock("11 minutes")
    await submit_many(app, account, 10)

    await asyncio.gather(*(sweep.once(app.services) for _ in range(6)))
    await app.sweep()

    assert await states(app) == {"failed": 10, "pending": 10}
    assert await open_ones(app) == [("waiting", "script")] * 10
    for generation_id in overdue:
        assert await app.entries(generation_id) == ["hold", "release"]
    assert await app.balance(account) == (1000 - 40, 40)


async def test_one_that_sweeps_keeps_the_others_out(app: App) -> None:
    async with app.services.db.transaction() as first, app.services.db.transaction() as second:
        assert await queue_jobs.sweep_turn(first)
        assert not await queue_jobs.sweep_turn(second)
    async with app.services.db.transaction() as again:
        assert await queue_jobs.sweep_turn(again)


async def test_a_backlog_of_overdue_ones_is_worked_off_part_by_part(app: App, monkeypatch) -> None:
    monkeypatch.setattr(sweep, "_AT_ONCE", 4)
    account = await app.account(credits=1000)
    await submit_many(app, account, 10)
    await app.shift_clock("11 minutes")

    counts = []
    for _ in range(3):
        await app.sweep()
        counts.append((await states(app))["failed"])

    assert counts == [4, 8, 10]
    assert await app.balance(account) == (1000, 0)


async def test_a_workers_clock_has_no_say(app: App, monkeypatch) -> None:
    now = time.time
    account = await app.account(credits=10)
    engine = Recorder()
    for skew in (3600, -86400):
        monkeypatch.setattr(time, "time", lambda skew=skew: now() + skew)
        generation_id = await app.submit(account)
        await app.sweep()
        async with worker(app, engine):
            assert (await app.ended(account, generation_id))["status"] == "completed"
    assert await app.balance(account) == (2, 0)


# --- a clock that jumps ahead and comes back


async def _submit_ahead(app: App, account: Account, jump: str = "1 day") -> str:
    await app.shift_clock(jump)
    generation_id = await app.submit(account)
    await app.shift_clock("0")
    return generation_id


async def test_what_was_submitted_while_the_clock_was_ahead_has_its_deadline_from_now(app: App) -> None:
    account = await app.account(credits=10)
    generation_id = await _submit_ahead(app, account)
    claim = await claim_one(app.services.db, generation_id)
    assert claim is not None and claim.seconds_left <= 600, "no engine is given a day for it"
    await app.sweep()

    await app.shift_clock("9 minutes 50 seconds")
    await app.sweep()
    assert (await app.row(generation_id))["state"] == "generating"
    await app.shift_clock("10 minutes 10 seconds")
    await app.sweep()

    assert (await app.check(account, generation_id)).json()["errorCode"] == "EXPIRED"
    assert await app.balance(account) == (10, 0)


async def test_a_second_jump_gives_time_anew_and_takes_none(app: App) -> None:
    account = await app.account(credits=10)
    generation_id = await _submit_ahead(app, account, "2 days")
    await app.sweep()
    await app.shift_clock("1 day")
    await app.shift_clock("0")

    await app.sweep()

    assert (await app.row(generation_id))["state"] == "pending"


@pytest.mark.parametrize(
    ("leased", "ahead"),
    [("false", "1 day"), ("true", "1 day"), ("true", "2 minutes")],
    ids=["to wait", "to a dead worker", "to a dead worker, by less than a deadline"],
)
@pytest.mark.parametrize("limit", [None, 1])
async def test_what_was_left_to_a_time_ahead_is_made_now(app: App, leased: str, ahead: str, limit: int | None) -> None:
    """Its delay or its dead worker's lease was written by the clock that was ahead; and so was the seat it took."""
    account = await app.account(credits=10)
    generation_id = await app.submit(account)
    await claim_one(app.services.db, generation_id)
    await app.services.db.fetch(f"""
        UPDATE cavendish.generations SET ready_at = cavendish.cavendish_now() + interval '{ahead}', leased = {leased},
            touched_at = cavendish.cavendish_now() + interval '{ahead}'""")

    async with worker(app, Recorder(concurrency=limit)):
        assert (await app.ended(account, generation_id))["status"] == "completed"


@pytest.mark.parametrize("how", ["moved", "given back"])
async def test_a_delay_is_no_longer_than_it_was_meant_whatever_the_clock_does(app: App, how: str) -> None:
    """Put off for a moment by a clock that was two minutes ahead, which is less than a deadline."""
    account = await app.account(credits=10)
    generation_id = await app.submit(account)
    await app.shift_clock("2 minutes")
    claim = await claim_one(app.services.db, generation_id)
    delay = datetime.timedelta(seconds=1)
    if how == "moved":
        assert await settle.move(app.services, claim, engine="script", delay=delay)
    else:
        async with app.services.db.connection() as connection:
            await queue_jobs.give_back(connection, [(claim.generation.id, claim.fence)], delay=delay)
    await app.shift_clock("0")

    async with worker(app, Recorder()):
        assert (await app.ended(account, generation_id))["status"] == "completed"


async def test_a_worker_that_was_seen_in_the_future_is_not_alive_for_that(app: App) -> None:
    await app.shift_clock("1 day")
    async with app.services.db.connection() as connection:
        await workers.seen(connection, uuid.uuid4(), "host", 1, {}, {})
        assert await workers.count_alive(connection) == 1
    await app.shift_clock("0")

    async with app.services.db.connection() as connection:
        assert await workers.count_alive(connection) == 0


async def test_overdue_ones_come_oldest_first(app: App) -> None:
    account = await app.account(credits=100)
    first = await app.submit(account)
    await app.shift_clock("1 minute")
    second = await app.submit(account)
    await app.shift_clock("20 minutes")

    async with app.services.db.connection() as connection:
        found = await generations.overdue(connection, count=10)

    assert [one.hex for one in found] == [first, second]


async def test_a_claim_knows_how_long_it_has(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    await app.shift_clock("4 minutes")

    claim = await claim_one(app.services.db, generation_id)

    assert claim is not None and 355 < claim.given_seconds <= 360
