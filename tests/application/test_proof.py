"""Nothing is paid that is not the ordered picture in all its pixels: what an engine delivers is decoded first."""

from __future__ import annotations

import pytest
from cavendish_test_engines.script import Script
from worker_helpers import Recorder, scripted, until, worker

from cavendish.application.work import proof
from cavendish.application.work.circuit_breaker import FAILURES
from cavendish.engines.base import EngineRequest, EngineResult
from cavendish.imaging.sniff import ImageHeader
from cavendish.models import InputImage
from harness.inprocess import App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2"}


@pytest.mark.parametrize("bad", ["garbage", "truncated", "noise", "hollow"])
async def test_a_picture_that_is_none_is_asked_for_once_more_and_then_refunded(shared: App, bad: str) -> None:
    account = await shared.account(credits=10)
    async with scripted(shared):
        generation_id = await shared.submit(account, prompt=bad)
        answer = await shared.ended(account, generation_id)

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert "without a picture. Nothing was charged" in answer["error"]
    assert (await shared.row(generation_id))["fence"] == 2
    assert await shared.balance(account) == (10, 0)
    assert (await shared.row(generation_id))["image_name"] is None


@pytest.mark.parametrize(
    ("asked", "size", "is_enough"),
    [
        ("4K", "1x1", False),
        ("4K", "1024x900", False),
        ("4K", "1344x768", True),
        ("2K", "512x448", False),
        ("2K", "512x512", True),
        ("1K", "1x1", False),
        ("1K", "256x200", False),
        ("1K", "344x192", True),
    ],
)
async def test_a_picture_far_smaller_than_ordered_is_the_engines_failure(
    shared: App, asked: str, size: str, is_enough: bool
) -> None:
    account = await shared.account(credits=100)
    async with scripted(shared):
        generation_id = await shared.submit(account, prompt=f"size={size}", imageQuality=asked)
        answer = await shared.ended(account, generation_id)

    if is_enough:
        assert (answer["status"], f"{answer['width']}x{answer['height']}") == ("completed", size)
        return
    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert f"the engine delivered {size} instead of" in answer["error"] and "Nothing was charged" in answer["error"]
    assert (await shared.row(generation_id))["fence"] == 2
    assert await shared.balance(account) == (100, 0)


async def test_what_may_not_be_ordered_twice_is_not_asked_for_again_when_it_is_no_picture(shared: App) -> None:
    class Bought(Recorder):
        async def generate(self, request: EngineRequest) -> EngineResult:
            await super().generate(request)
            return EngineResult(b"no picture", model="bought-1", again=False)

    account, engine = await shared.account(credits=10), Bought()
    async with worker(shared, engine):
        answer = await shared.ended(account, await shared.submit(account))

    assert (answer["status"], len(engine.started)) == ("failed", 1)
    assert await shared.balance(account) == (10, 0)


async def test_a_machine_that_can_start_no_child_loses_no_picture(shared: App, monkeypatch: pytest.MonkeyPatch) -> None:
    verify, refusals = shared.services.verifier.verify, [OSError(12, "Cannot allocate memory")] * 2

    async def starved(data: bytes) -> ImageHeader:
        if refusals:
            raise refusals.pop()
        return await verify(data)

    monkeypatch.setattr(shared.services.verifier, "verify", starved)
    monkeypatch.setattr(proof, "_CHILD_SECONDS", 0.01)
    account, engine = await shared.account(credits=10), Recorder()
    async with worker(shared, engine):
        answer = await shared.ended(account, await shared.submit(account))

    assert (answer["status"], len(engine.started), refusals) == ("completed", 1, [])


async def test_an_engine_that_delivers_no_pictures_is_spared(shared: App) -> None:
    class Broken(Recorder):
        async def generate(self, request: EngineRequest) -> EngineResult:
            await super().generate(request)
            return EngineResult(b"no picture", model="broken-1")

    account, engine = await shared.account(credits=100), Broken()
    async with worker(shared, engine) as running:
        for _ in range(FAILURES):
            await shared.submit(account)
        await until(lambda: running.context.circuit(engine.name, "nano-banana-2").state != "closed")
    await shared.services.db.fetch("DELETE FROM cavendish.pgqueuer")  # those that wait


async def test_what_a_judge_sees_is_a_picture(shared: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate behind the engine is asked about what was decoded, and never about garbage."""
    seen: list[bytes] = []

    async def after(prompt: str, image: InputImage) -> None:
        seen.append(image.data)

    account = await shared.account(credits=10)
    async with worker(shared, Script("script", concurrency=None, reports_progress=True)) as running:
        monkeypatch.setattr(running.context.moderation, "after", after)
        await shared.ended(account, await shared.submit(account, prompt="noise"))
        await shared.ended(account, await shared.submit(account, prompt="a picture"))

    assert len(seen) == 1
