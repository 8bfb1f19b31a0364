"""Workers: limits that hold, jobs that are never lost, stops that give back, and no polling in between."""

from __future__ import annotations

import asyncio
import datetime
import time
import uuid
from typing import Any

import asyncpg
import pytest
from worker_helpers import Recorder, drawing, open_ones, states, submit_many, until, worker

from cavendish.application.work import process, settle
from cavendish.engines.base import EngineRequest
from cavendish.errors import DatabaseUnavailable
from cavendish.processes import worker as worker_main
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2", "lease_seconds": "1"}


ENDED = datetime.timedelta(seconds=-60)  # a lease of somebody who died a while ago
ENDING = datetime.timedelta(seconds=0.5)


async def test_an_engines_limit_holds_over_two_workers_and_is_used(app: App) -> None:
    account = await app.account(credits=1000)
    engine = Recorder(concurrency=3, draw=drawing(0.03))
    async with worker(app, engine), worker(app, engine):
        ids = await submit_many(app, account, 40)
        await until(lambda: engine.calls.total() == 40 and not engine.running, seconds=30)
        await app.ended(account, ids[-1])

    assert engine.running_max == 3
    assert max(engine.calls.values()) == 1


@pytest.mark.parametrize(
    "options", [{"concurrency": "1", "wake_seconds": "0.2"}, {"concurrency": "5", "wake_seconds": "0.2"}]
)
async def test_a_worker_makes_no_more_at_once_than_it_was_told(app: App) -> None:
    account = await app.account(credits=1000)
    engine = Recorder(draw=drawing(0.05))
    async with worker(app, engine):
        await submit_many(app, account, 15)
        await until(lambda: engine.calls.total() == 15 and not engine.running, seconds=20)

    assert engine.running_max == app.settings.concurrency


async def test_a_full_engine_does_not_hold_up_another(app: App) -> None:
    account = await app.account(credits=1000)
    full, free = Recorder(concurrency=1, draw=drawing(30)), Recorder(name="instant")
    async with worker(app, full, free):
        await submit_many(app, account, 10)
        await until(lambda: full.running)
        answer = await app.ended(account, await app.submit(account, path="/api/nano-banana-pro"), seconds=5)

    assert answer["status"] == "completed"


async def test_a_killed_workers_jobs_are_taken_over_after_the_lease(app: App) -> None:
    account = await app.account(credits=100)
    ids = await submit_many(app, account, 3)
    for generation_id in ids:
        await claim_one(app.services.db, generation_id, lease=ENDING)
    async with worker(app, Recorder()):
        for generation_id in ids:
            assert (await app.ended(account, generation_id, seconds=8))["status"] == "completed"
            assert await app.entries(generation_id) == ["hold", "capture"]


async def test_seats_that_died_with_their_worker_do_not_block_a_limited_engine(app: App) -> None:
    account = await app.account(credits=100)
    first = await app.submit(account)
    await claim_one(app.services.db, first, lease=ENDING)
    second = await app.submit(account)
    engine = Recorder(concurrency=1)
    async with worker(app, engine):
        for generation_id in (first, second):
            assert (await app.ended(account, generation_id, seconds=8))["status"] == "completed"


@pytest.mark.parametrize("options", [{"claims_max": "3", "wake_seconds": "0.2", "lease_seconds": "1"}])
async def test_a_generation_that_kills_its_workers_is_given_up_and_refunded(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    for _ in range(3):
        assert await claim_one(app.services.db, generation_id, lease=ENDED) is not None
    engine = Recorder()
    async with worker(app, engine):
        answer = await app.ended(account, generation_id, seconds=8)

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "interrupted too often" in answer["error"]
    assert engine.calls.total() == 0
    assert await app.balance(account) == (100, 0)


async def test_running_generations_go_back_at_a_stop_and_another_worker_ends_them(app: App) -> None:
    account = await app.account(credits=100)
    slow = Recorder(draw=drawing(60))
    async with worker(app, slow) as first:
        ids = await submit_many(app, account, 4)
        await until(lambda: slow.running == 4)
        began = time.monotonic()
        await first.stop(drain_seconds=0.3)
        took = time.monotonic() - began
        assert first.task.done()

    assert took < 0.3 + 3
    assert slow.running == 0
    assert await states(app) == {"generating": 4}, "a state never goes backwards"
    assert await open_ones(app) == [("waiting", "script")] * 4
    async with worker(app, Recorder()):
        for generation_id in ids:
            assert (await app.ended(account, generation_id, seconds=8))["status"] == "completed"
    assert await app.balance(account) == (100 - 16, 0)


async def test_what_ends_within_the_drain_is_not_given_back(app: App) -> None:
    account = await app.account(credits=100)
    engine = Recorder(draw=drawing(0.5))
    async with worker(app, engine) as first:
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        await first.stop(drain_seconds=5)

    assert (await app.row(generation_id))["state"] == "completed"
    assert (await app.row(generation_id))["fence"] == 1
    assert await open_ones(app) == []


async def test_a_stop_at_any_moment_loses_no_job(app: App) -> None:
    """Jobs that were taken in the very moment of the stop go back too."""
    account = await app.account(credits=1000)
    ids = await submit_many(app, account, 40)
    engine = Recorder(draw=drawing(0.01))
    for milliseconds in (0, 50, 90, 130, 180):
        async with worker(app, engine) as one:
            await asyncio.sleep(milliseconds / 1000)
            await one.stop(drain_seconds=0.02)
            assert one.task.done()
        assert {kind for kind, _ in await open_ones(app)} <= {"waiting"}, f"stopped after {milliseconds} ms"
    async with worker(app, engine):
        await until(lambda: _ended(app, len(ids)), seconds=20)
    assert await app.balance(account) == (1000 - 4 * len(ids), 0)


async def test_a_lost_wake_up_costs_no_more_than_the_workers_own_look(app: App, monkeypatch) -> None:
    monkeypatch.setattr(app.services.wake, "add", lambda _: None)
    account = await app.account(credits=100)
    engine = Recorder()
    async with worker(app, engine):
        await asyncio.sleep(0.5)
        began = time.monotonic()
        await app.submit(account)
        await until(lambda: engine.started)

    assert time.monotonic() - began < app.settings.wake_seconds + 2


@pytest.mark.parametrize("options", [{"wake_seconds": "30"}])
async def test_a_wake_up_starts_a_job_at_once(app: App) -> None:
    account = await app.account(credits=100)
    engine = Recorder()
    async with worker(app, engine):
        await asyncio.sleep(0.5)
        for number in range(3):
            began = time.monotonic()
            await app.submit(account)
            await until(lambda number=number: engine.calls.total() > number)
            assert time.monotonic() - began < 3


@pytest.mark.parametrize("options", [{"wake_seconds": "30"}])
async def test_a_freed_seat_wakes_the_next_job_of_a_limited_engine(app: App) -> None:
    account = await app.account(credits=100)
    engine = Recorder(concurrency=1, draw=drawing(0.2))
    async with worker(app, engine):
        await submit_many(app, account, 4)
        await until(lambda: engine.calls.total() == 4, seconds=5)


@pytest.mark.parametrize("options", [{"wake_seconds": "2"}])
async def test_an_idle_worker_hardly_asks_the_database(app: App) -> None:
    """All of a worker: queue, sweep, heartbeat of its own row; counted by the database."""
    async with worker_main.worker_context(app.services) as context, worker_main.working(app.services, context):
        await asyncio.sleep(1)
        # The database counts its own housekeeping too, and what ended before a window now and then inside it.
        windows = [await _transactions_per_second(app, seconds=1.5) for _ in range(3)]

    assert min(windows) < 12, windows


@pytest.mark.parametrize("options", [{"wake_seconds": "2"}])
async def test_a_worker_whose_engine_is_full_does_not_spin(app: App) -> None:
    account = await app.account(credits=1000)
    async with worker(app, Recorder(concurrency=1, draw=drawing(30))):
        await submit_many(app, account, 50)
        await asyncio.sleep(1)
        per_second = await _transactions_per_second(app, seconds=1.5)

    # Ten looks a second of a few statements each, and whatever the machine's other half adds; a spin makes thousands.
    assert per_second < 200


async def test_after_an_outage_new_ones_start_while_old_ones_still_run(app: App) -> None:
    account = await app.account(credits=100)

    async def draw(request: EngineRequest) -> None:
        if request.prompt == "long":
            await asyncio.sleep(3)

    engine = Recorder(draw=draw)
    _let_connections_break()
    async with worker(app, engine):
        long = await app.submit(account, prompt="long")
        await until(lambda: engine.running)
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            await _cut(app)
            await asyncio.sleep(0.005)
        short = await _submitted(app, account, "short")
        assert (await app.ended(account, short, seconds=10))["status"] == "completed"
        assert engine.running == 1, "the long one was not waited for"
        assert (await app.ended(account, long, seconds=10))["status"] == "completed"

    assert engine.calls == {"long": 1, "short": 1}
    assert await app.entries(long) == ["hold", "capture"]


async def _cut(app: App) -> None:
    """End every connection of the service to this database but the one that says so."""
    connection = await asyncpg.connect(app.services.db.dsn)
    try:
        await connection.fetch("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name LIKE 'cavendish%' AND datname = current_database()""")
    finally:
        await connection.close()


async def _submitted(app: App, account: Account, prompt: str) -> str:
    """A pool whose connections were just cut may refuse once."""
    while (answer := await app.generate(account, prompt=prompt)).status_code == 503:
        await asyncio.sleep(0.05)
    return str(answer.json()["generationId"])


def _let_connections_break() -> None:
    """A connection that is killed while it is being made breaks in the driver's callback, where nobody awaits it."""
    loop = asyncio.get_running_loop()
    otherwise = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), ConnectionError) and otherwise is not None:
            otherwise(loop, context)

    loop.set_exception_handler(handle)


async def test_a_lease_that_lapsed_under_its_own_worker_does_not_call_the_engine_again(app: App) -> None:
    """As after an outage that was longer than the lease."""
    account = await app.account(credits=100)
    engine = Recorder(draw=drawing(0.6))
    async with worker(app, engine):
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        await app.services.db.fetch("UPDATE cavendish.generations SET ready_at = '-infinity'")
        app.services.wake.add(uuid.UUID(hex=generation_id))
        assert (await app.ended(account, generation_id))["status"] == "completed"

    assert engine.calls.total() == 1
    assert (await app.row(generation_id))["fence"] == 1


async def test_a_picture_whose_settlement_was_not_heard_is_kept_and_paid_once(app: App, monkeypatch) -> None:
    account, real, heard = await app.account(credits=100), settle.complete, []

    async def complete(*arguments, **options) -> bool:
        first = await real(*arguments, **options)
        heard.append(first)
        if len(heard) < 3:
            raise DatabaseUnavailable("the answer was lost")
        return first

    monkeypatch.setattr(settle, "complete", complete)
    monkeypatch.setattr(process, "_SETTLE_RETRY_SECONDS", 0.01)
    engine = Recorder()
    async with worker(app, engine) as one:
        answer = await app.ended(account, await app.submit(account))
        await until(lambda: one.context.tally.completed)

    assert heard == [True, False, False]
    assert engine.calls.total() == 1
    assert (await app.client.get(answer["imageUrl"])).status_code == 200
    assert await app.entries(answer["generationId"]) == ["hold", "capture"]


async def test_the_loser_of_two_claims_removes_its_picture(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    gates = [asyncio.Event(), asyncio.Event()]

    async def draw(_: EngineRequest) -> None:
        await gates[engine.calls.total() - 1].wait()

    engine = Recorder(draw=draw)
    async with worker(app, engine) as one:
        await until(lambda: engine.running == 1)
        claim = await claim_one(app.services.db, generation_id)
        assert claim is not None
        zombie = asyncio.create_task(process.run(one.context, claim))
        await until(lambda: engine.running == 2)
        gates[0].set()
        answer = await app.ended(account, generation_id)
        gates[1].set()
        await zombie

    files = [path.name for path in (app.settings.storage_root / "generations").rglob("*.png")]
    assert files == [answer["imageUrl"].rsplit("/", 1)[1]]
    assert await app.entries(generation_id) == ["hold", "capture"]


async def _ended(app: App, count: int) -> bool:
    return (await states(app))["completed"] == count


async def _transactions_per_second(app: App, *, seconds: float) -> float:
    before, began = await _transactions(app), time.monotonic()
    await asyncio.sleep(seconds)
    return (await _transactions(app) - before) / (time.monotonic() - began)


async def _transactions(app: App) -> int:
    return await app.services.db.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")


async def test_a_loop_of_a_worker_that_breaks_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    async def breaking() -> None:
        raise ValueError("a bug")

    async with worker_main._beside(breaking()):
        await asyncio.sleep(0.01)

    assert "a worker's loop broke" in capsys.readouterr().out
