"""Cancelled is free and is not made; what is not cancelled is made and charged. Nothing between."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from collections import Counter
from pathlib import Path

import httpx2
import pytest
from worker_helpers import Recorder, drawing, submit_many, until, worker

from cavendish.application.generations import cancel as cancelling
from cavendish.engines import base
from cavendish.engines.base import Capabilities, EngineRequest
from cavendish.errors import RateLimitExceeded, TooLateToCancel
from cavendish.models import Caller, RateLimit
from cavendish.stores import jobs, workers
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

STOPS = Capabilities(stops_unbilled=True)
BILLS = Capabilities()
ASKS = Capabilities(stops_if_asked=True)


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2"}


async def cancel(app: App, account: Account, generation_id: str) -> httpx2.Response:
    return await app.client.post(f"/api/v1/generations/{generation_id}/cancel", headers=account.headers)


async def told(app: App, **engines: Capabilities) -> None:
    """A worker that lives says this of its engines."""
    async with app.services.db.connection() as connection:
        await workers.seen(connection, uuid.uuid4(), "a-host", os.getpid(), {}, engines)
    app.services.known_engines.forget()


def stored(app: App) -> list[Path]:
    return [path for path in app.settings.storage_root.rglob("*.png") if path.is_file()]


def is_cancelled(body: dict[str, object]) -> None:
    assert (body["status"], body["errorCode"], body["progress"]) == ("failed", "CANCELLED", 0)
    assert body["creditsCharged"] == 0 and "were returned" in str(body["error"])
    assert "creditsHeld" not in body and "imageUrl" not in body


async def test_what_waits_is_cancelled_and_refunded_at_once_and_never_made(app: App) -> None:
    account, engine = await app.account(credits=100), Recorder()
    [cancelled, wanted] = await submit_many(app, account, 2)

    body = expect.success(await cancel(app, account, cancelled))

    is_cancelled(body)
    assert await app.balance(account) == (96, 4)
    async with worker(app, engine):
        assert (await app.ended(account, wanted))["status"] == "completed"
    assert engine.started == ["many 1"]
    assert await app.entries(cancelled) == ["hold", "release"]


async def test_a_thousand_that_a_worker_takes_meanwhile_are_each_cancelled_and_free_or_made_and_charged(
    app: App,
) -> None:
    """The worker begins at one end; cancellations come from everywhere, at its side of the queue too."""
    account, engine, count = await app.account(credits=4000), Recorder(), 1000
    caller = Caller(account.id, account.name, account.key_id, RateLimit(1_000_000, 3600))
    ids = await submit_many(app, account, count)
    turn, late = asyncio.Semaphore(16), Counter[bool]()
    order = sorted(range(count), key=lambda number: number + random.Random(number).randint(0, 40))

    async def one(generation_id: str) -> bool:
        async with turn:
            try:
                await cancelling.cancel(app.services, caller, generation_id)
            except TooLateToCancel:
                late[True] += 1
                return False
            late[False] += 1
            return True

    async with worker(app, engine):
        await until(lambda: engine.started, seconds=20)
        cancelled = dict(zip(order, await asyncio.gather(*(one(ids[number]) for number in order)), strict=True))
        made = [number for number in range(count) if not cancelled[number]]
        await until(lambda: _open(app), seconds=60)

    assert len(made) >= 10 and count - len(made) >= 10, "neither was always first"
    assert engine.calls == Counter(f"many {number}" for number in made)
    ended = await app.services.db.fetch("""
        SELECT g.id, state, error_code, credits_charged, array_agg(l.kind ORDER BY l.id) AS kinds
        FROM cavendish.generations g JOIN cavendish.ledger l ON l.generation_id = g.id GROUP BY g.id""")
    found = {row["id"].hex: tuple(row)[1:] for row in ended}
    for number, generation_id in enumerate(ids):
        if cancelled[number]:
            assert found[generation_id] == ("failed", "CANCELLED", None, ["hold", "release"])
        else:
            assert found[generation_id] == ("completed", None, 4, ["hold", "capture"])
    assert await app.balance(account) == (4000 - 4 * len(made), 0)


async def _open(app: App) -> bool:
    return await app.services.db.fetchval("SELECT count(*) = 0 FROM cavendish.generations WHERE finished_at IS NULL")


@pytest.mark.parametrize("options", [{"lease_seconds": "60", "wake_seconds": "60"}])  # no beat comes between
async def test_what_is_made_by_an_engine_that_stops_unbilled_is_stopped_when_the_worker_hears_of_it(app: App) -> None:
    account, engine = await app.account(credits=100), Recorder(capabilities=STOPS, draw=drawing(600))
    await told(app, script=STOPS)
    async with worker(app, engine) as one:
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: engine.running)

        is_cancelled(expect.success(await cancel(app, account, generation_id)))

        assert await app.balance(account) == (100, 0)
        await until(lambda: not engine.running)
        await until(lambda: not one.runner.running)
    assert engine.calls.total() == 1
    assert await app.entries(generation_id) == ["hold", "release"]


@pytest.mark.parametrize("options", [{"lease_seconds": "0.6", "concurrency": "1"}])
async def test_a_worker_that_does_not_hear_of_it_stops_at_its_next_beat(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        pass

    monkeypatch.setattr(jobs, "stop_workers", silent)

    async def draw(request: EngineRequest) -> None:
        if request.prompt == "many 0":
            await asyncio.sleep(600)

    account, engine = await app.account(credits=100), Recorder(capabilities=STOPS, draw=draw)
    await told(app, script=STOPS)
    async with worker(app, engine):
        first, second = await submit_many(app, account, 2)
        await until(lambda: engine.running)

        expect.success(await cancel(app, account, first))

        assert (await app.ended(account, second))["status"] == "completed", "the seat is free again"
    assert await app.balance(account) == (96, 0)


@pytest.mark.parametrize(
    "known", [{}, {"script": BILLS}, {"script": STOPS, "of another worker": BILLS}], ids=["unknown", "bills", "either"]
)
async def test_what_an_engine_may_be_paid_for_is_made_and_charged(app: App, known: dict[str, Capabilities]) -> None:
    """Also where one of two workers says that it stops: which of them has it is not known."""
    account, go = await app.account(credits=100), asyncio.Event()

    async def draw(_: EngineRequest) -> None:
        await go.wait()

    for can in known.values():
        await told(app, script=can)
    engine = Recorder(draw=draw)
    async with worker(app, engine):
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: engine.running)

        expect.refusal(await cancel(app, account, generation_id), TooLateToCancel, "its picture comes")
        go.set()

        assert (await app.ended(account, generation_id))["status"] == "completed"
    assert await app.balance(account) == (96, 0)


async def test_a_picture_that_is_stored_while_it_is_cancelled_is_no_ones_and_goes(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, put = await app.account(credits=100), app.services.storage.put
    cancelled, writes = asyncio.Event(), []

    async def write(name: str, data: bytes) -> None:
        await cancelled.wait()
        await put(name, data)

    async def late(name: str, data: bytes) -> None:
        writes.append(asyncio.create_task(write(name, data)))
        await asyncio.shield(writes[0])  # as a thread, which writes on when nobody waits for it any more

    monkeypatch.setattr(type(app.services.storage), "put", lambda _, name, data: late(name, data))
    await told(app, script=STOPS)
    async with worker(app, Recorder(capabilities=STOPS)) as one:
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: writes)
        expect.success(await cancel(app, account, generation_id))
        await app.services.stops.close()  # the notice was sent
        cancelled.set()
        await until(lambda: not one.runner.running)
        await writes[0]

    assert stored(app) == []
    assert (await app.row(generation_id))["error_code"] == "CANCELLED"
    assert await app.balance(account) == (100, 0)


async def test_a_picture_that_was_first_is_paid_and_stays(app: App) -> None:
    account = await app.account(credits=100)
    await told(app, script=STOPS)
    async with worker(app, Recorder(capabilities=STOPS)):
        [generation_id] = await submit_many(app, account, 1)
        await app.ended(account, generation_id)

    expect.refusal(await cancel(app, account, generation_id), TooLateToCancel, "was paid")
    assert len(stored(app)) == 1
    assert await app.entries(generation_id) == ["hold", "capture"]


async def test_what_waits_for_another_try_is_cancelled_and_not_tried_again(app: App) -> None:
    """Of an engine that bills, and has said that it took nothing."""
    account, engine = await app.account(credits=100), Recorder(draw=_busy)
    async with worker(app, engine):
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: _moved(app, generation_id))

        is_cancelled(expect.success(await cancel(app, account, generation_id)))
        await app.shift_clock("2 minutes")
        [next_one] = await submit_many(app, account, 1, prompt="good")

        assert (await app.ended(account, next_one))["status"] == "completed"
    assert engine.calls == {"many 0": 1, "good 0": 1}


async def _busy(request: EngineRequest) -> None:
    if request.prompt.startswith("many"):
        raise base.EngineBusy("not now", retry_after_seconds=60)


async def _moved(app: App, generation_id: str) -> bool:
    row = await app.row(generation_id)
    return row["state"] == "generating" and not row["leased"]


@pytest.mark.parametrize("options", [{"failure_limit": "1/hour"}])
async def test_cancelling_counts_as_no_failure(app: App) -> None:
    account = await app.account(credits=100)

    for _ in range(4):
        expect.success(await cancel(app, account, await app.submit(account)))

    answer = await app.generate(account)
    assert answer.status_code != RateLimitExceeded.status, answer.text


async def test_the_engine_that_is_stopped_is_blamed_for_nothing(app: App) -> None:
    account, engine = await app.account(credits=100), Recorder(capabilities=STOPS, draw=drawing(600))
    await told(app, script=STOPS)
    async with worker(app, engine) as one:
        for _ in range(6):  # one more than open a circuit
            generation_id = await app.submit(account)
            await until(lambda: engine.running)
            expect.success(await cancel(app, account, generation_id))
            await until(lambda: not engine.running)

        assert [circuit.state for circuit in one.context.circuits.values()] == ["closed"]
        assert one.context.tally.failed == {}


async def stopping_when_asked(request: EngineRequest) -> None:
    await request.unwanted.wait()
    raise base.EngineStopped("the other server cancelled it")


@pytest.mark.parametrize("options", [{"lease_seconds": "60", "wake_seconds": "60"}])  # no beat comes between
async def test_what_another_server_stops_is_cancelled_by_the_worker_that_asked_it(app: App) -> None:
    account, engine = await app.account(credits=100), Recorder(capabilities=ASKS, draw=stopping_when_asked)
    await told(app, script=ASKS)
    async with worker(app, engine) as one:
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: engine.running)

        is_cancelled(expect.success(await cancel(app, account, generation_id)))

        assert await app.balance(account) == (100, 0)
        await until(lambda: not one.runner.running)
        assert one.context.circuit("script", "nano-banana-2").state == "closed"
    assert engine.calls.total() == 1
    assert await app.entries(generation_id) == ["hold", "release"]


async def test_what_another_server_does_not_stop_is_made_and_charged(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "ASK_SECONDS", 0.2)
    account, go, heard = await app.account(credits=100), asyncio.Event(), asyncio.Event()

    async def draw(request: EngineRequest) -> None:
        await request.unwanted.wait()
        heard.set()
        await go.wait()

    await told(app, script=ASKS)
    engine = Recorder(capabilities=ASKS, draw=draw)
    async with worker(app, engine):
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: engine.running)

        refused = await cancel(app, account, generation_id)

        expect.refusal(refused, TooLateToCancel, "was asked to stop", "its picture comes")
        await until(heard.is_set)
        go.set()
        assert (await app.ended(account, generation_id))["status"] == "completed"
    assert await app.balance(account) == (96, 0)


async def test_what_waits_for_its_engines_turn_is_cancelled_before_anything_is_sent(app: App) -> None:
    account = await app.account(credits=100)
    engine = Recorder(capabilities=ASKS, rate=RateLimit(1, 60))
    await told(app, script=ASKS)
    async with worker(app, engine) as one:
        first = (await submit_many(app, account, 1))[0]
        assert (await app.ended(account, first))["status"] == "completed"
        [second] = await submit_many(app, account, 1, prompt="second")
        await until(lambda: one.runner.running)

        is_cancelled(expect.success(await cancel(app, account, second)))
        await until(lambda: not one.runner.running)

    assert engine.calls.total() == 1
    assert await app.balance(account) == (96, 0)


async def test_an_engine_that_stops_unasked_has_failed(app: App) -> None:
    async def draw(_: EngineRequest) -> None:
        raise base.EngineStopped("it felt like it")

    account, engine = await app.account(credits=100), Recorder(capabilities=ASKS, draw=draw)
    async with worker(app, engine):
        [generation_id] = await submit_many(app, account, 1)
        ended = await app.ended(account, generation_id)

    assert (ended["status"], ended["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert engine.calls.total() == 2, "as any that breaks, it is tried once more"
    assert await app.balance(account) == (100, 0)


async def test_nobody_is_asked_where_an_engine_cannot(app: App) -> None:
    """Also where one of two workers cannot: which of them has it is not known."""
    account, seen = await app.account(credits=100), list[bool]()
    go = asyncio.Event()

    async def draw(request: EngineRequest) -> None:
        await go.wait()
        seen.append(request.unwanted.is_set())

    await told(app, script=ASKS)
    await told(app, script=BILLS)
    engine = Recorder(capabilities=ASKS, draw=draw)
    async with worker(app, engine):
        [generation_id] = await submit_many(app, account, 1)
        await until(lambda: engine.running)

        expect.refusal(await cancel(app, account, generation_id), TooLateToCancel, "may be paid for")
        go.set()
        assert (await app.ended(account, generation_id))["status"] == "completed"
    assert seen == [False]
