"""Nothing is paid that is not the ordered picture in all its pixels: what an engine delivers is decoded first."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest
from cavendish_test_engines.png import png
from cavendish_test_engines.script import Script
from worker_helpers import Recorder, scripted, until, worker

from cavendish.application.work import proof, refused
from cavendish.application.work.breaker import FAILURES
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


class TestKeptForTheOperator:
    async def test_nothing_is_kept_unless_it_is_asked_for(self, shared: App) -> None:
        account = await shared.account(credits=10)
        async with scripted(shared):
            await shared.ended(account, await shared.submit(account, prompt="garbage"))

        assert not (shared.settings.data / "refused").exists()

    async def test_the_newest_are_kept_as_they_came_for_their_owner_alone(
        self, shared: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, account = shared.settings.data / "refused", await shared.account(credits=100)
        kept = dataclasses.replace(shared.settings, keep_refused_results=2)
        monkeypatch.setattr(shared.services, "settings", kept)

        async with scripted(shared):
            await shared.ended(account, await shared.submit(account, prompt="garbage"))
            await shared.ended(account, await shared.submit(account, prompt="a picture"))
            last = await shared.submit(account, prompt="size=1x1")
            await shared.ended(account, last)

        found = sorted(folder.iterdir())
        assert [path.name for path in found] == [f"{last}-1", f"{last}-2"]
        assert [path.read_bytes() for path in found] == [png(1, 1)] * 2
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}

    async def test_a_full_disk_holds_no_refund_up(self, shared: App, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = dataclasses.replace(shared.settings, keep_refused_results=2)
        monkeypatch.setattr(shared.services, "settings", kept)
        monkeypatch.setattr(refused, "keep", _full)
        account = await shared.account(credits=10)
        async with scripted(shared):
            answer = await shared.ended(account, await shared.submit(account, prompt="noise"))

        assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
        assert "without a picture. Nothing was charged" in answer["error"]
        assert await shared.balance(account) == (10, 0)


def test_a_kept_result_is_cut_and_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused, "BYTES_MAX", 10)
    folder = tmp_path / "refused"

    assert refused.keep(folder, "a", b"0123456789abc", count=3).read_bytes() == b"0123456789"
    assert refused.keep(folder, "a", b"again", count=3).read_bytes() == b"again"
    monkeypatch.setattr(Path, "rename", _full)
    with pytest.raises(OSError):
        refused.keep(folder, "b", b"b", count=3)
    assert [path.name for path in folder.iterdir()] == ["a"]


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


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
        await until(lambda: running.context.circuit(engine.name, "nano-banana-2").wait_seconds(account.id) > 0)
    await shared.services.db.fetch("""
        UPDATE cavendish.generations SET deadline_at = cavendish.cavendish_now() WHERE finished_at IS NULL""")
    await shared.sweep()  # those that wait


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
