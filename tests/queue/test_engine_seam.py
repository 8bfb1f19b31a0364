"""What the worker gives an engine, and what it keeps for it: its rate over all workers, its pauses, its publishing."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png
from queue_lab import Recorder, submit_many, until, worker

from cavendish.application import circuit
from cavendish.application.circuit import Circuit
from cavendish.engines import base
from cavendish.engines.base import EngineRequest, EngineResult
from cavendish.errors import DatabaseUnavailable, InputImageFailed
from cavendish.models import Grounding, InputImage, RateLimit, Source
from cavendish.queue import jobs
from harness.inprocess import App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2"}


async def test_a_rate_holds_over_two_workers_and_is_used(app: App) -> None:
    times: list[float] = []

    async def draw(_: EngineRequest) -> None:
        times.append(time.monotonic())

    account = await app.account(credits=1000)
    rate = RateLimit(20, 1)
    async with worker(app, Recorder(rate=rate, draw=draw)), worker(app, Recorder(rate=rate, draw=draw)):
        await submit_many(app, account, 30)
        await until(lambda: len(times) == 30, seconds=15)

    seconds = max(times) - min(times)
    assert 29 / 20 - 0.1 <= seconds < 29 / 20 * 2
    gaps = [b - a for a, b in zip(sorted(times), sorted(times)[1:], strict=False)]
    assert sorted(gaps)[len(gaps) // 2] == pytest.approx(0.05, abs=0.03)


async def test_a_rate_that_leaves_no_time_is_no_endless_wait(app: App) -> None:
    account = await app.account(credits=1000)
    engine, backup = Recorder(rate=RateLimit(1, 3600)), Recorder(name="backup")
    async with worker(app, engine, backup):
        answers = [await app.ended(account, await app.submit(account, prompt=f"number {n}")) for n in range(2)]

    assert [answer["engine"] for answer in answers] == ["script", "backup"]
    assert engine.calls.total() == 1


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
    assert started.shop.circuits["script"].state == "closed"


async def test_an_input_that_cannot_be_fetched_costs_a_paused_engine_no_trial(app: App) -> None:
    class Refusing:
        async def collect(self, urls: object) -> tuple[InputImage, ...]:
            raise InputImageFailed("inputImageUrls[0] could not be read")

    account = await app.account(credits=100)
    async with worker(app, Recorder()) as started:
        paused: Any = _broken()
        paused._open_until = 0.0
        started.shop.circuits["script"] = paused
        started.shop.inputs = Refusing()  # type: ignore[assignment]
        url = "http://127.0.0.1/a.png"
        answer = await app.ended(account, await app.submit(account, mode="edit", inputImageUrls=[url]))

        assert answer["errorCode"] == "INPUT_IMAGE_FAILED"
        assert paused.wait_seconds == 0.0, "the next call may try"


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

    async def collect(self, urls: object) -> tuple[InputImage, ...]:
        return (InputImage(png(5, 4), "image/png", 5, 4),)


async def test_a_published_input_is_served_at_an_unguessable_address_and_swept_later(app: App) -> None:
    account = await app.account(credits=100)
    engine = Publishing()
    async with worker(app, engine) as started:
        started.shop.inputs = Given()  # type: ignore[assignment]
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
    async with worker(app, Searching(grounds=True)):
        generation_id = await app.submit(account, googleSearch=True)
        answer = await app.ended(account, generation_id)
    native = (await app.client.get(f"/api/v1/generations/{generation_id}", headers=account.headers)).json()

    expected = {
        "queries": ["q"], "sources": [{"title": "T", "url": "https://a.example/"}],
        "renderedContent": "<b>&amp; as it is</b>",
    }  # fmt: skip
    assert answer["grounding"] == native["grounding"] == expected
    assert "warnings" not in answer


def _broken() -> Circuit:
    found = Circuit()
    for _ in range(circuit.FAILURES):
        found.note(base.EngineBusy("x"))
    return found


async def test_a_spared_engine_is_not_called_and_the_next_one_draws(app: App) -> None:
    engine, backup = Recorder(), Recorder(name="backup")
    account = await app.account(credits=100)
    async with worker(app, engine, backup) as started:
        started.shop.circuits["script"] = _broken()
        answer = await app.ended(account, await app.submit(account))

    assert (answer["engine"], engine.calls.total()) == ("backup", 0)
    assert answer["warnings"] == ["The engine script could not make this picture; backup made it."]


async def test_without_another_engine_a_generation_waits_for_the_pause_and_loses_no_try(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit, "OPEN_SECONDS", 0.8)
    engine = Recorder(name="instant")
    account = await app.account(credits=100)
    async with worker(app, engine) as started:
        started.shop.circuits["instant"] = _broken()
        began = time.monotonic()
        generation_id = await app.submit(account, path="/api/nano-banana-pro")
        answer = await app.ended(account, generation_id)

    assert answer["status"] == "completed"
    assert 0.6 < time.monotonic() - began < 6
    assert (await app.row(generation_id))["attempts"] == 0
    assert started.shop.circuits["instant"].state == "closed"


async def test_an_engine_that_only_its_operator_can_mend_is_not_waited_for(app: App) -> None:
    account = await app.account(credits=100)
    async with worker(app, Recorder(name="instant")) as started:
        paused = _broken()
        paused.unavailable = True
        started.shop.circuits["instant"] = paused
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
        paused: Any = Circuit(lambda: time.monotonic())
        for _ in range(circuit.FAILURES):
            paused.note(base.EngineBusy("x"))
        paused._open_until = 0.0
        started.shop.circuits["instant"] = paused
        await app.submit(account, path="/api/nano-banana-pro")
        await until(lambda: paused._trial_until > 0)
        await started.stop()

        assert paused.enter() == 0.0
