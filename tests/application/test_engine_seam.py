"""What the worker gives an engine, and what it keeps for it: its rate over all workers, its pauses, its publishing."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import itertools
import math
import statistics
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png
from worker_helpers import Recorder, submit_many, until, worker

from cavendish.application.work import attempt, breaker, keeping, settle
from cavendish.application.work.circuit_breaker import Circuit
from cavendish.engines import base
from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.errors import DatabaseUnavailable, InputImageFailed
from cavendish.models import Grounding, InputImage, Notes, RateLimit, Source
from cavendish.storage.base import StorageError
from cavendish.stores import jobs
from harness.claims import claim_one
from harness.inprocess import App

pytestmark = pytest.mark.anyio

BUSY = base.EngineBusy("x")
PRO = "/api/nano-banana-pro"
ONE_ENGINE = {"wake_seconds": "0.1", "routes": "nano-banana-2=script;nano-banana-pro=script"}


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2"}


async def test_a_rate_holds_over_two_workers_and_is_used(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = jobs.reserve_call
    turns: list[float] = []  # on the database's clock, so that a busy machine cannot bend them
    due: list[float] = []
    drawn: list[float] = []

    async def noted(connection: Any, engine: str, *, interval: datetime.timedelta, longest: object) -> float:
        async with connection.transaction():  # keeps the row, so that the turn read is its own
            wait = await reserve(connection, engine, interval=interval, longest=longest)
            free_at = await connection.fetchval("SELECT free_at FROM cavendish.engines WHERE name = $1", engine)
        turns.append((free_at - interval).timestamp())
        due.append(time.monotonic() + wait)
        return wait

    async def draw(_: EngineRequest) -> None:
        drawn.append(time.monotonic())

    monkeypatch.setattr(jobs, "reserve_call", noted)
    account = await app.account(credits=1000)
    rate = RateLimit(20, 1)
    async with worker(app, Recorder(rate=rate, draw=draw)), worker(app, Recorder(rate=rate, draw=draw)):
        await submit_many(app, account, 30)
        await until(lambda: len(drawn) == 30, seconds=30)

    assert all(called >= turn - 0.005 for called, turn in zip(sorted(drawn), sorted(due), strict=True))
    gaps = [b - a for a, b in itertools.pairwise(sorted(turns))]
    assert min(gaps) == pytest.approx(0.05, abs=0.001)  # holds
    assert statistics.median(gaps) == pytest.approx(0.05, abs=0.001)  # and is used


async def test_a_rate_that_leaves_no_time_is_no_endless_wait(app: App) -> None:
    account = await app.account(credits=1000)
    engine, backup = Recorder(rate=RateLimit(1, 3600)), Recorder(name="backup")
    async with worker(app, engine, backup):
        answers = [await app.ended(account, await app.submit(account, prompt=f"number {n}")) for n in range(2)]

    assert [answer["engine"] for answer in answers] == ["script", "backup"]
    assert engine.calls.total() == 1


async def _turn(app: App, interval: datetime.timedelta) -> float:
    async with app.services.db.connection() as connection:
        longest = datetime.timedelta(seconds=app.settings.deadline_seconds)
        return await jobs.reserve_call(connection, "script", interval=interval, longest=longest)


async def test_a_clock_that_jumped_and_came_back_leaves_an_engine_its_rate(app: App) -> None:
    second = datetime.timedelta(seconds=1)
    await app.shift_clock("1 day")
    assert await _turn(app, second) == 0
    await app.shift_clock("0")

    waits = [await _turn(app, second) for _ in range(3)]
    assert waits[0] == 0
    assert all(number - 1 < wait <= number for number, wait in enumerate(waits[1:], start=1))


async def test_a_place_in_the_line_that_nobody_can_wait_for_is_not_taken(app: App) -> None:
    """Else those who are sent away make the line longer for whoever comes after them."""
    hour = datetime.timedelta(hours=1)

    assert [await _turn(app, hour) for _ in range(4)] == [0, math.inf, math.inf, math.inf]

    await app.shift_clock("1 hour 1 second")
    assert await _turn(app, hour) == 0


async def test_a_database_that_is_away_while_waiting_for_the_rate_is_no_failure_of_the_engine(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve, calls = jobs.reserve_call, 0

    async def away_once(*arguments: Any, **options: Any) -> float:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise DatabaseUnavailable("away")
        return await reserve(*arguments, **options)

    monkeypatch.setattr(jobs, "reserve_call", away_once)
    account = await app.account(credits=100)
    async with worker(app, Recorder(rate=RateLimit(100, 1))) as started:
        generation_id = await app.submit(account)
        answer = await app.ended(account, generation_id)

    assert (answer["status"], answer["engine"]) == ("completed", "script")
    assert (await app.row(generation_id))["attempts"] == 0
    assert started.context.circuits["script", "nano-banana-2"].state == "closed"


async def test_an_input_that_cannot_be_fetched_costs_a_paused_engine_no_trial(app: App) -> None:
    class Refusing:
        @contextlib.asynccontextmanager
        async def collected(self, urls: object, *, drawn: int) -> AsyncIterator[tuple[InputImage, ...]]:
            raise InputImageFailed("inputImageUrls[0] could not be read")
            yield ()

    account = await app.account(credits=100)
    async with worker(app, Recorder()) as started:
        paused: Any = _broken()
        paused._shared._open_until = 0.0
        started.context.circuits["script", "nano-banana-2"] = paused
        started.context.inputs = Refusing()  # type: ignore[assignment]
        url = "http://127.0.0.1/a.png"
        answer = await app.ended(account, await app.submit(account, mode="edit", inputImageUrls=[url]))

        assert answer["errorCode"] == "INPUT_IMAGE_FAILED"
        assert paused.wait_seconds(0) == 0.0, "the next call may try"


async def test_a_taken_over_try_has_the_reference_of_the_first_and_a_second_try_another(app: App) -> None:
    references: list[str] = []

    async def draw(request: EngineRequest) -> None:
        references.append(request.reference)
        if len(references) == 1:
            await asyncio.sleep(30)
        if len(references) == 2:
            raise base.EngineFault("once")

    account = await app.account(credits=100)
    async with worker(app, Recorder(draw=draw)) as first:
        generation_id = await app.submit(account)
        await until(lambda: references)
        await first.stop(drain_seconds=0.1)
    async with worker(app, Recorder(draw=draw)):
        answer = await app.ended(account, generation_id)

    assert answer["status"] == "completed"
    assert references[0] == references[1] == f"{generation_id}-script-0"
    assert references[2] == f"{generation_id}-script-1"


class Publishing(Recorder):
    """Puts its input image where an API behind it could fetch it."""

    urls: list[str]

    async def generate(self, request: EngineRequest) -> EngineResult:
        self.urls = [await request.publish(image) for image in request.input_images]
        return await super().generate(request)


class Given:
    """In the place of the collector: the input image of every edit."""

    @contextlib.asynccontextmanager
    async def collected(self, urls: object, *, drawn: int) -> AsyncIterator[tuple[InputImage, ...]]:
        yield (InputImage(png(5, 4), "image/png", 5, 4),)


async def test_a_published_input_is_served_at_an_unguessable_address_and_swept_later(app: App) -> None:
    account = await app.account(credits=100)
    engine = Publishing()
    async with worker(app, engine) as started:
        started.context.inputs = Given()  # type: ignore[assignment]
        url = "http://127.0.0.1/a.png"
        answer = await app.ended(account, await app.submit(account, mode="edit", inputImageUrls=[url]))
    [published] = engine.urls
    served: httpx2.Response = await app.client.get(published)

    assert answer["status"] == "completed"
    assert published.startswith("http://cavendish.test/generations/")
    assert len(published.rpartition("/")[2]) > 32
    assert (served.status_code, served.content) == (200, png(5, 4))
    assert published != answer["imageUrl"]


async def test_what_the_engine_searched_is_answered_as_it_is(app: App) -> None:
    found = Grounding(("q",), (Source("T", "https://a.example/"),), "<b>&amp; as it is</b>")

    class Searching(Recorder):
        async def generate(self, request: EngineRequest) -> EngineResult:
            return dataclasses.replace(await super().generate(request), grounding=found)

    account = await app.account(credits=100)
    async with worker(app, Searching(capabilities=Capabilities(search=True))):
        generation_id = await app.submit(account, googleSearch=True)
        answer = await app.ended(account, generation_id)
    native = (await app.client.get(f"/api/v1/generations/{generation_id}", headers=account.headers)).json()

    expected = {
        "queries": ["q"], "sources": [{"title": "T", "url": "https://a.example/"}],
        "renderedContent": "<b>&amp; as it is</b>",
    }  # fmt: skip
    assert answer["grounding"] == native["grounding"] == expected
    assert "warnings" not in answer


def _broken(error: base.EngineError = BUSY) -> Circuit:
    found = Circuit()
    for _ in range(breaker.FAILURES):
        call = found.enter(0)
        assert call is not None
        found.note(call, error)
    return found


async def test_a_spared_engine_is_not_called_and_the_next_one_draws(app: App) -> None:
    engine, backup = Recorder(), Recorder(name="backup")
    account = await app.account(credits=100)
    async with worker(app, engine, backup) as started:
        started.context.circuits["script", "nano-banana-2"] = _broken()
        answer = await app.ended(account, await app.submit(account))

    assert (answer["engine"], engine.calls.total()) == ("backup", 0)
    assert answer["warnings"] == ["The engine script could not make this picture; backup made it."]


async def test_without_another_engine_a_generation_waits_for_the_pause_and_loses_no_try(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "OPEN_SECONDS", 0.8)
    engine = Recorder(name="instant")
    account = await app.account(credits=100)
    async with worker(app, engine) as started:
        started.context.circuits["instant", "nano-banana-pro"] = _broken()
        began = time.monotonic()
        generation_id = await app.submit(account, path="/api/nano-banana-pro")
        answer = await app.ended(account, generation_id)

    assert answer["status"] == "completed"
    assert 0.6 < time.monotonic() - began < 6
    assert (await app.row(generation_id))["attempts"] == 0
    assert started.context.circuits["instant", "nano-banana-pro"].state == "closed"


async def test_an_engine_that_only_its_operator_can_mend_is_not_waited_for(app: App) -> None:
    account = await app.account(credits=100)
    async with worker(app, Recorder(name="instant")) as started:
        started.context.circuits["instant", "nano-banana-pro"] = _broken(base.EngineUnavailable("x"))
        answer = await app.ended(account, await app.submit(account, path="/api/nano-banana-pro"), seconds=5)

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "not available" in answer["error"]
    assert await app.balance(account) == (100, 0)


async def test_a_worker_that_stops_leaves_no_trial_behind(app: App) -> None:
    hold = asyncio.Event()

    async def draw(_: EngineRequest) -> None:
        await hold.wait()

    account = await app.account(credits=100)
    async with worker(app, Recorder(name="instant", draw=draw)) as started:
        paused: Any = _broken()
        paused._shared._open_until = 0.0
        started.context.circuits["instant", "nano-banana-pro"] = paused
        await app.submit(account, path="/api/nano-banana-pro")
        await until(lambda: paused._shared._trial_until > 0)
        await started.stop()

        assert paused.enter(0) is not None


# What a stumbling database or storage may not cost


def _away(
    monkeypatch: pytest.MonkeyPatch, target: Any, name: str, error: Exception, *, lost: bool, times: int
) -> Callable[[], int]:
    """Let the function fail so many times first; `lost`: it does its work, and its answer is lost. How often, so far."""
    real, count = getattr(target, name), 0

    async def stumbling(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count > times:
            return await real(*arguments, **options)
        if lost:
            await real(*arguments, **options)
        raise error

    monkeypatch.setattr(target, name, stumbling)
    return lambda: count


@pytest.mark.parametrize("lost", [False, True], ids=["away", "answer lost"])
async def test_a_database_that_is_away_after_a_timeout_brings_no_second_call(
    app: App, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    _away(monkeypatch, settle, "fail", DatabaseUnavailable("away"), lost=lost, times=2)

    async def draw(_: EngineRequest) -> None:
        raise base.EngineTimeout("late", sent=True)

    account, engine = await app.account(credits=100), Recorder(draw=draw)
    async with worker(app, engine):
        generation_id = await app.submit(account)
        answer = await app.ended(account, generation_id)
        await until(lambda: _no_jobs(app))

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert engine.calls.total() == 1
    assert await app.entries(generation_id) == ["hold", "release"]


@pytest.mark.parametrize("lost", [False, True], ids=["away", "answer lost"])
async def test_a_database_that_is_away_between_two_tries_costs_none(
    app: App, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    _away(monkeypatch, settle, "move", DatabaseUnavailable("away"), lost=lost, times=1)
    account, engine = await app.account(credits=100), Recorder()

    async def draw(_: EngineRequest) -> None:
        if engine.calls.total() == 1:
            raise base.EngineBusy("later", retry_after_seconds=1.0)

    engine.draw = draw
    async with worker(app, engine):
        generation_id = await app.submit(account)
        answer = await app.ended(account, generation_id)

    row = await app.row(generation_id)
    assert answer["status"] == "completed"
    assert (engine.calls.total(), row["attempts"], row["fence"]) == (2, 1, 2)


async def test_a_storage_that_is_full_for_a_while_costs_no_second_call(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "_STORAGE_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "_STORAGE_SECONDS", 0.05)
    _away(monkeypatch, app.services.storage, "put", StorageError("full"), lost=False, times=3)
    account, engine = await app.account(credits=100), Recorder()
    async with worker(app, engine):
        generation_id = await app.submit(account)
        answer = await app.ended(account, generation_id)

    assert (answer["status"], engine.calls.total()) == ("completed", 1)
    assert await app.entries(generation_id) == ["hold", "capture"]


async def test_a_worker_that_is_gone_while_the_storage_is_full_leaves_the_credits_to_the_sweep(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "_STORAGE_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "_STORAGE_SECONDS", 0.05)
    tried = _away(monkeypatch, app.services.storage, "put", StorageError("full"), lost=False, times=10_000)
    account = await app.account(credits=100)
    async with worker(app, Recorder()):
        generation_id = await app.submit(account)
        await until(lambda: tried() > 2)
    assert await app.balance(account) == (96, 4)

    await app.shift_clock("11 minutes")
    await app.sweep()

    assert await app.balance(account) == (100, 0)
    assert await app.entries(generation_id) == ["hold", "release"]


# Time


@pytest.mark.parametrize("options", [{"wake_seconds": "0.1", "deadline_seconds": "4"}])
async def test_a_wait_is_measured_by_the_time_that_is_left_after_the_call(app: App) -> None:
    async def draw(_: EngineRequest) -> None:
        await asyncio.sleep(2)
        raise base.EngineBusy("later", retry_after_seconds=2.5)

    account, backup = await app.account(credits=100), Recorder(name="backup")
    async with worker(app, Recorder(draw=draw), backup):
        answer = await app.ended(account, await app.submit(account))

    assert (answer["status"], answer.get("engine"), backup.calls.total()) == ("completed", "backup", 1)


@pytest.mark.parametrize("options", [{**ONE_ENGINE, "sweep_seconds": "30"}])
@pytest.mark.parametrize(("seconds", "calls"), [(4.5, 0), (6.5, 1)])
async def test_no_call_is_begun_that_could_hardly_be_delivered(app: App, seconds: float, calls: int) -> None:
    account, engine = await app.account(credits=100), Recorder()
    generation_id = await app.submit(account)
    await app.services.db.fetch(
        "UPDATE cavendish.generations SET deadline_at = cavendish.cavendish_now() + make_interval(secs => $1)", seconds
    )
    async with worker(app, engine):
        answer = await app.ended(account, generation_id, seconds=4)

    assert engine.calls.total() == calls
    assert answer["status"] == ("completed" if calls else "failed")
    assert await app.entries(generation_id) == ["hold", "capture" if calls else "release"]


@pytest.mark.parametrize("options", [{**ONE_ENGINE, "deadline_seconds": "1"}])
@pytest.mark.parametrize("obeys", [True, False], ids=["ends by itself", "is cancelled"])
@pytest.mark.parametrize(("fair_seconds", "state"), [(0.2, "open"), (60.0, "closed")])
async def test_an_engine_that_hangs_is_spared_if_it_had_time_enough(
    app: App, monkeypatch: pytest.MonkeyPatch, obeys: bool, fair_seconds: float, state: str
) -> None:
    monkeypatch.setattr(breaker, "FAILURES", 1)
    monkeypatch.setattr(attempt, "_FAIR_SECONDS", fair_seconds)

    async def draw(request: EngineRequest) -> None:
        await asyncio.sleep(request.timeout_seconds if obeys else 30)
        raise base.EngineTimeout("late", sent=True)

    account = await app.account(credits=100)
    async with worker(app, Recorder(draw=draw)) as started:
        answer = await app.ended(account, await app.submit(account))

        assert answer["errorCode"] == ("GENERATION_FAILED" if obeys else "EXPIRED")
        assert started.context.circuits["script", "nano-banana-2"].state == state


# What is counted against whom


@pytest.mark.parametrize("options", [ONE_ENGINE])
@pytest.mark.parametrize("asked", [True, False])
async def test_what_is_wrong_with_one_model_or_was_never_asked_spares_no_engine_for_others(
    app: App, asked: bool
) -> None:
    async def draw(request: EngineRequest) -> None:
        if request.prompt == "broken":
            raise base.EngineUnavailable("x", asked=asked)

    account = await app.account(credits=1000)
    async with worker(app, Recorder(draw=draw)):
        path = PRO if asked else "/api/nano-banana-2"
        for _ in range(breaker.FAILURES + 1):
            await app.ended(account, await app.submit(account, prompt="broken", path=path))
        answer = await app.ended(account, await app.submit(account))

    assert answer["status"] == "completed"


@pytest.mark.parametrize("options", [ONE_ENGINE])
async def test_one_accounts_prompts_that_break_the_engine_hold_up_nobody_else(app: App) -> None:
    async def draw(request: EngineRequest) -> None:
        if request.prompt.startswith("poison"):
            raise ZeroDivisionError

    poisoner, other = await app.account(credits=1000), await app.account(credits=100)
    async with worker(app, Recorder(draw=draw)) as started:
        for number in range(2 * breaker.FAILURES):
            await app.submit(poisoner, prompt=f"poison {number}")
        circuit = started.context.circuit("script", "nano-banana-2")
        await until(lambda: circuit.wait_seconds(poisoner.id) > 0)
        answer = await app.ended(other, await app.submit(other), seconds=5)

        assert (answer["status"], circuit.state) == ("completed", "closed")


@pytest.mark.parametrize("options", [{**ONE_ENGINE, "claims_max": "3"}])
async def test_waiting_out_a_trial_is_no_interruption(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "OPEN_SECONDS", 0.05)
    account = await app.account(credits=100)

    async def draw(_: EngineRequest) -> None:
        await asyncio.sleep(2.5)

    async with worker(app, Recorder(draw=draw)) as started:
        paused: Any = _broken()
        started.context.circuits["script", "nano-banana-2"] = paused
        ids = await submit_many(app, account, 3)
        answers = [await app.ended(account, generation_id) for generation_id in ids]

    assert [answer["status"] for answer in answers] == ["completed"] * 3
    rows = [await app.row(generation_id) for generation_id in ids]
    assert max(row["fence"] for row in rows) > 4
    assert [row["claims"] for row in rows] == [1, 1, 1]


async def test_a_further_try_does_not_make_up_for_workers_that_died(app: App) -> None:
    account, engine = await app.account(credits=100), Recorder()

    async def draw(_: EngineRequest) -> None:
        if engine.calls.total() == 1:
            raise base.EngineBusy("later", retry_after_seconds=0.0)

    engine.draw = draw
    generation_id = await app.submit(account)
    for _ in range(2):
        await claim_one(app.services.db, generation_id, lease=datetime.timedelta(0))
    async with worker(app, engine):
        await app.ended(account, generation_id)

    row = await app.row(generation_id)
    assert (row["claims"], row["fence"]) == (3, 4)


# An engine's words


async def test_no_word_of_an_engine_costs_the_picture(app: App) -> None:
    said = Grounding(
        ("q\x00", "\ud800", *["q"] * 50),
        (Source("a\x00b", "https://a.test/"), Source("", "https://a.test/\x00"), *[Source("", "x" * 3000)] * 60),
        "<b>\x00</b>",
    )
    notes = Notes(("kite\x00",), ("\ud83d",))

    class Babbling(Recorder):
        async def generate(self, request: EngineRequest) -> EngineResult:
            drawn = await super().generate(request)
            return dataclasses.replace(
                drawn, model="a\x00b" * 99, seed=2**70, warnings=("w\x00.",) * 99, grounding=said, notes=notes
            )

    account = await app.account(credits=100)
    async with worker(app, Babbling()):
        answer = await app.ended(account, await app.submit(account))

    assert answer["status"] == "completed"
    assert answer["grounding"]["sources"] == [{"title": "a b", "url": "https://a.test/"}]
    assert "renderedContent" not in answer["grounding"]
    assert answer["notes"] == {"understood": ["kite"], "ignored": []}
    assert len(answer["warnings"]) <= 20
    assert (answer.get("seed"), len(answer["model"])) == (None, 100)


async def test_an_engines_reason_reaches_the_caller_whatever_signs_it_holds(app: App) -> None:
    async def draw(_: EngineRequest) -> None:
        raise base.EngineRejected("the ratio\x00is \ud800too narrow\n")

    account = await app.account(credits=100)
    async with worker(app, Recorder(draw=draw)):
        answer = await app.ended(account, await app.submit(account))

    assert answer["error"] == "Generation failed: the ratio is too narrow"
    assert await app.balance(account) == (100, 0)


async def _no_jobs(app: App) -> bool:
    return await app.services.db.fetchval("SELECT count(*) = 0 FROM cavendish.generations WHERE finished_at IS NULL")
