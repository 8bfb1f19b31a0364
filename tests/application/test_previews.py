"""What an engine shows while it draws reaches whoever waits, and is in nobody's way."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import uuid
from typing import Any

import asyncpg
import pytest
from PIL import Image
from worker_helpers import Recorder, until, worker

from cavendish.application.generations import submit, unfinished
from cavendish.application.work import showing
from cavendish.engines.base import PREVIEW_BYTES_MAX, PREVIEW_SIDE_MAX, Capabilities, EngineRequest, EngineUnavailable
from cavendish.errors import DatabaseUnavailable, Forbidden
from cavendish.models import PREVIEWS_MAX, Caller, Mode, Quality, Status, Submission
from cavendish.moderation.base import Gate
from cavendish.stores import previews
from cavendish.stores.jobs import Change
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

SHOWS = Capabilities(previews=True, stops_unbilled=True)


def picture(side: int = 8, kind: str = "JPEG", colour: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), (colour, 90, 200)).save(file, kind)
    return file.getvalue()


async def ordered(app: App, account: Account, count: int = PREVIEWS_MAX) -> str:
    caller = Caller(account.id, account.name, account.key_id, None)
    asked = Submission("nano-banana-2", "a lake", Mode.GENERATE, "16:9", Quality.ONE_K, False, (), None, previews=count)
    return (await submit.submit(app.services, caller, asked)).generation_id.hex


async def seen(app: App, account: Account, generation_id: str) -> list[previews.Preview]:
    async with app.services.db.connection() as connection:
        return await previews.news(connection, account.id, {uuid.UUID(hex=generation_id): 0})


class Stepwise(Recorder):
    """Shows what it is told to and then waits for its go."""

    def __init__(self, *shown: bytes, can: Capabilities = SHOWS, **options: Any) -> None:
        super().__init__(capabilities=can, draw=self.step, **options)
        self.shown, self.wanted, self.go = shown, -1, asyncio.Event()

    async def step(self, request: EngineRequest) -> None:
        self.wanted = request.previews
        for data in self.shown:
            request.preview(data)
        await self.go.wait()


async def test_what_is_shown_is_there_before_the_picture_and_who_waits_is_told(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Change] = []
    monkeypatch.setattr(app.services.changed, "add", told.append)
    account, engine = await app.account(), Stepwise(picture(colour=1), picture(16, "PNG"), picture(32, "WEBP"))
    generation_id = await ordered(app, account)
    async with worker(app, engine):
        found = await until(lambda: _all(app, account, generation_id, 3))
        await until(lambda: len(told) == 4)
        engine.go.set()
        assert (await app.ended(account, generation_id))["status"] == "completed"

    assert engine.wanted == 3
    assert told[:4] == [Change(uuid.UUID(hex=generation_id), account.id)] * 4, "that it is made, and of each"
    assert [(one.number, one.media_type, one.width, one.height) for one in found] == [
        (0, "image/jpeg", 8, 8), (1, "image/png", 16, 16), (2, "image/webp", 32, 32),
    ]  # fmt: skip
    assert found[0].data == picture(colour=1)
    assert await app.entries(generation_id) == ["hold", "capture"]


async def _all(app: App, account: Account, generation_id: str, count: int) -> list[previews.Preview]:
    found = await seen(app, account, generation_id)
    return found if len(found) >= count else []


@pytest.mark.parametrize(
    ("wanted", "can", "expected"),
    [
        (0, SHOWS, 0),
        (1, SHOWS, 1),
        (2, Capabilities(), 0),
        (2, Capabilities(previews=True, by_model={"nano-banana-2": Capabilities()}), 0),
        (2, Capabilities(by_model={"nano-banana-2": SHOWS}), 2),
    ],
)
async def test_an_engine_is_asked_for_what_the_order_wants_and_it_can(
    app: App, wanted: int, can: Capabilities, expected: int
) -> None:
    account, engine = await app.account(), Stepwise(*[picture()] * 5, can=can)
    engine.go.set()
    generation_id = await ordered(app, account, wanted)
    async with worker(app, engine):
        await app.ended(account, generation_id)

    assert engine.wanted == expected
    assert len(await seen(app, account, generation_id)) <= expected


async def test_what_is_too_large_or_no_picture_is_dropped_and_takes_nobodys_place(app: App) -> None:
    broken = (b"", b"<html>", picture(PREVIEW_SIDE_MAX + 1), picture() + bytes(PREVIEW_BYTES_MAX), picture()[:-9])
    account, engine = await app.account(), Stepwise(*broken, picture(PREVIEW_SIDE_MAX))
    generation_id = await ordered(app, account)
    async with worker(app, engine):
        (found,) = await until(lambda: seen(app, account, generation_id))
        engine.go.set()
        await app.ended(account, generation_id)

    assert (found.number, found.width) == (0, PREVIEW_SIDE_MAX)


@pytest.mark.parametrize("error", [DatabaseUnavailable("away"), asyncpg.DiskFullError("no room")])
async def test_one_that_cannot_be_kept_costs_nobody_the_picture(
    app: App, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asked: list[object] = []

    async def keep(*_: object, **options: object) -> bool:
        asked.append(options["number"])
        raise error

    monkeypatch.setattr(previews, "keep", keep)
    account, engine = await app.account(), Stepwise(picture(), picture())
    generation_id = await ordered(app, account)
    async with worker(app, engine):
        await until(lambda: asked == [0, 1])
        engine.go.set()
        assert (await app.ended(account, generation_id))["status"] == "completed"

    assert await app.entries(generation_id) == ["hold", "capture"]


async def test_one_that_is_slow_to_be_kept_holds_up_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def keep(*_: object, **__: object) -> bool:
        await asyncio.sleep(60)
        return True

    monkeypatch.setattr(previews, "keep", keep)
    account, engine = await app.account(), Stepwise(picture(), picture())
    engine.go.set()
    generation_id = await ordered(app, account)
    async with worker(app, engine):
        assert (await app.ended(account, generation_id, seconds=15))["status"] == "completed"


async def test_those_of_a_cancelled_generation_are_gone(app: App) -> None:
    account, engine = await app.account(), Stepwise(picture())
    generation_id = await ordered(app, account)
    async with worker(app, engine):
        await app.services.db.fetch(
            "INSERT INTO cavendish.workers (id, host, pid, engines) VALUES ($1, 'here', 1, $2::jsonb)",
            uuid.uuid4(),
            '{"script": {"stops_unbilled": true}}',
        )
        await until(lambda: seen(app, account, generation_id))
        app.services.known_engines.forget()
        answer = await app.post(f"/api/v1/generations/{generation_id}/cancel", {}, account)
        assert answer.status_code == 200, answer.text

        assert await seen(app, account, generation_id) == []
    await app.sweep()
    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.previews") == 0


async def test_another_engine_that_takes_over_shows_its_own_alone(app: App) -> None:
    async def give_up(request: EngineRequest) -> None:
        request.preview(picture(colour=1))
        await until(lambda: seen(app, account, generation_id))
        raise EngineUnavailable("the key was refused")

    account, second = await app.account(), Stepwise(name="backup")
    first = Recorder(capabilities=SHOWS, draw=give_up)
    generation_id = await ordered(app, account)
    async with worker(app, first, second):
        await until(lambda: second.wanted == PREVIEWS_MAX)
        assert await seen(app, account, generation_id) == []
        second.go.set()
        await app.ended(account, generation_id)


async def test_nothing_is_shown_where_pictures_are_judged(app: App) -> None:
    account, engine = await app.account(), Stepwise(picture())
    engine.go.set()
    generation_id = await ordered(app, account)
    async with worker(app, engine) as running:
        running.context.moderation = _judging(running.context.moderation)
        await app.ended(account, generation_id)

    assert engine.wanted == 0
    told = showing.allowed(running.context.moderation, Capabilities(previews=True, by_model={"a": SHOWS}))
    assert (told.previews, told.of("a").previews) == (False, False), "nor is it promised"
    assert dataclasses.replace(told, previews=True, by_model={"a": SHOWS}) == Capabilities(
        previews=True, by_model={"a": SHOWS}
    )


def _judging(gate: Gate) -> Any:
    class Judging:
        counts, before, after, close = gate.counts, gate.before, gate.after, gate.close
        judges_pictures = True

    return Judging()


async def test_what_was_shown_before_the_end_is_given_before_it_is_told(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await app.account()
    generation_id = await ordered(app, account)
    claim = await claim_one(app.services.db, generation_id)
    read = app.services.statuses.read

    async def ends_just_now(caller: Caller, asked: str) -> Status:
        async with app.services.db.connection() as connection:
            await previews.keep(
                connection, claim.generation.id, fence=1, number=0, media_type="image/png", size=(1, 1), data=b"last"
            )
        await app.services.db.fetch(
            "UPDATE cavendish.generations SET state = 'completed', image_name = 'a', credits_charged = 4,"
            " finished_at = now() WHERE id = $1",
            claim.generation.id,
        )
        return await read(caller, asked)

    assert claim is not None
    monkeypatch.setattr(app.services.statuses, "read", ends_just_now)
    caller = Caller(account.id, account.name, account.key_id, None)
    given = unfinished.pictures(app.services, caller, [claim.generation.id], seconds=20)

    assert [one.data async for one in given] == [b"last"]


async def test_who_asks_by_an_id_of_somebody_elses_gets_an_error_and_no_picture(app: App) -> None:
    account, other = await app.account(), await app.account()
    generation_id = uuid.UUID(hex=await ordered(app, account))
    foreign = Caller(other.id, other.name, other.key_id, None)

    with pytest.raises(Forbidden):
        [one async for one in unfinished.pictures(app.services, foreign, [generation_id], seconds=5)]
    assert await unfinished.newest(app.services, foreign, generation_id) is None


async def test_the_newest_is_what_is_shown_of_it_now(app: App) -> None:
    account, engine = await app.account(), Stepwise(picture(colour=1), picture(colour=2))
    caller = Caller(account.id, account.name, account.key_id, None)
    generation_id = uuid.UUID(hex=await ordered(app, account))
    assert await unfinished.newest(app.services, caller, generation_id) is None
    async with worker(app, engine):
        await until(lambda: _all(app, account, generation_id.hex, 2))
        found = await unfinished.newest(app.services, caller, generation_id)
        engine.go.set()
        await app.ended(account, generation_id.hex)

    assert found is not None and (found.number, found.data) == (1, picture(colour=2))
