"""Progress: real where the engine tells it, estimated where it does not, and never going back."""

from __future__ import annotations

import asyncio

import pytest
from worker_helpers import Recorder, drawing, until, worker

from cavendish.application.work.progress import Board
from cavendish.engines import base
from cavendish.engines.base import EngineRequest
from cavendish.errors import DatabaseUnavailable
from cavendish.models import Quality
from cavendish.stores import generations
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2", "progress_seconds": "0.02"}


async def _watched(app: App, account: Account, generation_id: str) -> list[tuple[str, int]]:
    """Every state and percentage that polls show until the end."""
    seen: list[tuple[str, int]] = []
    async with asyncio.timeout(20):
        while True:
            answer = (await app.check(account, generation_id)).json()
            now = (answer["status"], answer["progress"])
            if not seen or seen[-1] != now:
                seen.append(now)
            if now[0] in ("completed", "failed"):
                return seen
            await asyncio.sleep(0.005)


async def test_an_engines_steps_are_shown(app: App) -> None:
    account = await app.account()
    await app.start_worker()

    seen = await _watched(app, account, await app.submit(account, prompt="sleep=0.8 steps=8"))

    percentages = [percent for _, percent in seen]
    assert percentages == sorted(percentages)
    assert len({percent for percent in percentages if 0 < percent < 100}) >= 3
    assert seen[-1] == ("completed", 100)
    order = [state for number, (state, _) in enumerate(seen) if number == 0 or seen[number - 1][0] != state]
    assert order in (["pending", "generating", "completed"], ["generating", "completed"])


async def test_progress_does_not_go_back_when_another_try_begins_from_zero(app: App) -> None:
    account = await app.account()

    async def draw(request: EngineRequest) -> None:
        for percent in (10, 70) if engine.calls.total() == 1 else (0, 20, 90):
            request.progress(percent)
            await asyncio.sleep(0.15)
        if engine.calls.total() == 1:
            raise base.EngineFault("once")

    engine = Recorder(draw=draw)
    async with worker(app, engine):
        seen = await _watched(app, account, await app.submit(account))

    percentages = [percent for _, percent in seen]
    assert percentages == sorted(percentages)
    assert {70, 90} <= set(percentages)
    assert "pending" not in [state for state, _ in seen[1:]]


async def test_an_older_claim_writes_no_progress(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    row = await app.row(generation_id)
    for _ in range(2):
        await claim_one(app.services.db, row["id"])
    board = Board(app.services)

    await board._write([(row["id"], 1, 50)])
    assert (await app.row(generation_id))["progress"] == 0
    await board._write([(row["id"], 2, 40)])
    await board._write([(row["id"], 2, 30)])
    assert (await app.row(generation_id))["progress"] == 40


async def test_what_an_engine_reports_beyond_the_scale_is_cut(app: App) -> None:
    account = await app.account()

    async def draw(request: EngineRequest) -> None:
        for percent in (-5, 250):
            request.progress(percent)
            await asyncio.sleep(0.1)

    async with worker(app, Recorder(draw=draw)):
        seen = await _watched(app, account, await app.submit(account))

    assert {percent for state, percent in seen if state == "generating"} <= {0, 99}
    assert seen[-1] == ("completed", 100)


async def test_an_engine_that_tells_nothing_is_estimated_and_stops_at_95(app: App, monkeypatch) -> None:
    monkeypatch.setenv("CAVENDISH_SCRIPT_PROGRESS", "0")
    monkeypatch.setattr("cavendish.application.work.progress._TYPICAL_SECONDS", dict.fromkeys(Quality, 0.4))
    account = await app.account()
    await app.start_worker()

    seen = await _watched(app, account, await app.submit(account, prompt="sleep=1.2"))

    percentages = [percent for _, percent in seen]
    assert percentages == sorted(percentages)
    assert max(percent for state, percent in seen if state != "completed") == 95
    assert len(set(percentages)) > 4
    assert seen[-1] == ("completed", 100)


async def test_estimates_follow_what_the_engine_really_took(app: App) -> None:
    board = Board(app.services)
    for _ in range(40):
        board.learn("gemini", Quality.TWO_K, 2.0)
    told: list[int] = []

    task = asyncio.create_task(board.estimate("gemini", Quality.TWO_K, told.append))
    await asyncio.sleep(0.5)
    task.cancel()

    assert 15 <= max(told) <= 45, "about a quarter of two seconds"


async def test_a_failed_generation_shows_zero(app: App) -> None:
    account = await app.account()
    await app.start_worker()

    seen = await _watched(app, account, await app.submit(account, prompt="sleep=0.3 steps=3 rejected"))

    assert seen[-1] == ("failed", 0)
    before = [percent for state, percent in seen if state != "failed"]
    assert before == sorted(before)


async def test_progress_that_cannot_be_written_is_made_up_later(app: App, monkeypatch) -> None:
    account, real, tries = await app.account(), generations.write_progress, []

    async def write(*arguments) -> object:
        tries.append(1)
        if len(tries) < 3:
            raise DatabaseUnavailable("away")
        return await real(*arguments)

    monkeypatch.setattr(generations, "write_progress", write)

    async def draw(request: EngineRequest) -> None:
        for percent in (10, 20, 30, 40, 50):
            request.progress(percent)
            await asyncio.sleep(0.1)

    async with worker(app, Recorder(draw=draw)):
        seen = await _watched(app, account, await app.submit(account))

    assert max(percent for state, percent in seen if state == "generating") >= 40


async def test_finished_generations_are_forgotten_by_the_board(app: App) -> None:
    account = await app.account()
    engine = Recorder(draw=drawing(0.05))
    async with worker(app, engine) as one:
        await app.ended(account, await app.submit(account))
        await until(lambda: not one.runner.running)
        assert one.context.board._marks == {}
