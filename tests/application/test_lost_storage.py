"""A storage that goes away at run time delays pictures and loses none; nothing is paid for that could not be kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from structlog.testing import capture_logs
from worker_helpers import Recorder, Worker, drawing, open_ones, states, submit_many, until, worker

from cavendish.application import storage_watch
from cavendish.application.work import attempt, keeping, settle
from cavendish.engines.base import EngineRequest
from harness.inprocess import App
from harness.lost_storage import LosableRoot, each_way

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2", "lease_seconds": "1"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "_STORAGE_SECONDS", 0.2)
    monkeypatch.setattr(keeping, "_STORAGE_SECONDS", 0.2)
    monkeypatch.setattr(storage_watch, "_LOOK_SECONDS", 0.02)


def _counted(app: App, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often a picture was to be stored, so far."""
    tries, put = 0, app.services.storage.put

    async def counted(name: str, data: bytes) -> None:
        nonlocal tries
        tries += 1
        await put(name, data)

    monkeypatch.setattr(app.services.storage, "put", counted)
    return lambda: tries


@contextlib.asynccontextmanager
async def watched(app: App, *engines: Recorder) -> AsyncIterator[Worker]:
    """A worker that watches its storage, as a process of its own does."""
    async with worker(app, *engines) as started:
        watching = asyncio.create_task(app.services.storage_watch.run(started.runner.take))
        try:
            yield started
        finally:
            watching.cancel()


@each_way
async def test_pictures_ordered_while_it_is_away_come_when_it_is_back(losable: LosableRoot, app: App) -> None:
    """Nobody has noticed before the first of them is tried."""
    account, engine = await app.account(credits=100), Recorder()
    async with worker(app, engine):
        with losable.lost():
            ids = await submit_many(app, account, 5)
            await until(lambda: _tried(app))

            assert set(await states(app)) == {"generating"}
            assert losable.beside() == [], "written where the storage is not"
            assert engine.calls.total() == 0, "paid for, with nowhere to keep it"
        answers = [await app.ended(account, generation_id) for generation_id in ids]

    for answer in answers:
        assert answer["status"] == "completed"
        assert (await app.client.get(answer["imageUrl"])).status_code == 200
    assert engine.calls.total() == 5
    assert await app.balance(account) == (80, 0)


async def test_a_picture_that_was_drawn_is_kept_until_it_can_be_stored(
    losable: LosableRoot, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def draw(_: EngineRequest) -> None:
        losable.lose()

    account, engine = await app.account(credits=100), Recorder(draw=draw)
    tries = _counted(app, monkeypatch)
    async with worker(app, engine):
        generation_id = await app.submit(account)
        await until(lambda: tries() > 3)
        assert set(await states(app)) == {"generating"}
        losable.find()
        answer = await app.ended(account, generation_id)

    assert (answer["status"], engine.calls.total()) == ("completed", 1)
    assert (await app.client.get(answer["imageUrl"])).status_code == 200
    assert await app.entries(generation_id) == ["hold", "capture"]


@pytest.mark.parametrize(
    "options", [{"wake_seconds": "0.2", "deadline_seconds": "1.5", "routes": "nano-banana-2=script"}]
)
async def test_one_that_is_away_past_the_deadline_costs_nobody_credits(losable: LosableRoot, app: App) -> None:
    account, engine = await app.account(credits=100), Recorder()
    with losable.lost():
        async with worker(app, engine):
            answer = await app.ended(account, await app.submit(account))

    assert answer["status"] == "failed"
    assert "Nothing was charged" in answer["error"] or answer["errorCode"] == "EXPIRED"
    assert engine.calls.total() == 0
    assert await app.balance(account) == (100, 0)


async def test_an_input_that_cannot_be_read_now_is_no_fault_of_its_callers(losable: LosableRoot, app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()
    stored = (await app.ended(account, await app.submit(account)))["imageUrl"]
    with losable.lost():
        edit = await app.submit(account, mode="edit", inputImageUrls=[stored])
        await until(lambda: _claimed(app, edit, times=app.settings.attempts_max + 2))
    answer = await app.ended(account, edit)
    await app.stop_worker()

    assert answer["status"] == "completed"


async def test_a_worker_without_its_storage_takes_no_work_and_leaves_it_to_others(
    losable: LosableRoot, app: App
) -> None:
    account, engine = await app.account(credits=100), Recorder()
    async with watched(app, engine) as lone:
        with losable.lost():
            await until(lambda: not lone.runner.taking)
            ids = await submit_many(app, account, 5)
            assert await states(app) == {"pending": 5}
            assert await open_ones(app) == [("waiting", "script")] * 5
        for generation_id in ids:
            assert (await app.ended(account, generation_id))["status"] == "completed"


async def test_what_runs_when_the_storage_goes_away_is_not_given_to_another_worker(
    losable: LosableRoot, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be paid for twice: the lease, of one second, is kept alive meanwhile."""
    account, mine, other = await app.account(credits=100), Recorder(draw=drawing(1)), Recorder()
    tries = _counted(app, monkeypatch)
    async with watched(app, mine) as lone:
        generation_id = await app.submit(account)
        await until(lambda: mine.running)
        with losable.lost():
            await until(lambda: not lone.runner.taking)
            async with worker(app, other):
                await until(lambda: tries() > 8)
        answer = await app.ended(account, generation_id)

    assert (answer["status"], mine.calls.total(), other.calls.total()) == ("completed", 1, 0)
    assert (await app.row(generation_id))["fence"] == 1


async def test_a_worker_at_rest_can_be_stopped(losable: LosableRoot, app: App) -> None:
    async with watched(app, Recorder()) as lone:
        with losable.lost():
            await until(lambda: not lone.runner.taking)
            await lone.stop()

            assert lone.task.done()


async def test_a_late_picture_that_cannot_be_deleted_now_is_left_to_the_sweep(
    losable: LosableRoot, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, settled = await app.account(credits=100), asyncio.Event()

    async def another_was_first(*_: object, **__: object) -> bool:
        losable.lose()
        settled.set()
        return False

    monkeypatch.setattr(settle, "complete", another_was_first)
    with capture_logs() as lines:
        async with worker(app, Recorder()) as one:
            generation_id = await app.submit(account)
            await settled.wait()
            await until(lambda: not one.runner.running)
    losable.find()

    assert [line["event"] for line in lines if line["log_level"] in ("warning", "error")] == []
    assert (await app.row(generation_id))["state"] == "generating", "whoever was first has settled it"


async def _claimed(app: App, generation_id: str, *, times: int) -> bool:
    """Whether it was tried so often, and is still to be made."""
    row = await app.row(generation_id)
    assert row["state"] in ("pending", "generating"), row["error"]
    return bool(row["fence"] >= times)


async def _tried(app: App) -> bool:
    """Whether each is settled, or was claimed and waits for another try."""
    waiting: bool = await app.services.db.fetchval("""
        SELECT bool_and(finished_at IS NOT NULL OR (fence > 0 AND NOT leased AND ready_at > '-infinity'))
        FROM cavendish.generations""")
    return waiting
