"""What callers and machines that watch are told while the storage is away, and when it is back."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest
from cavendish_test_engines.png import png
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from cavendish.application import storage_watch
from cavendish.application.work import presence, progress
from cavendish.application.work.attempt import WorkerContext
from cavendish.errors import NotFound, ServiceBusy
from cavendish.stores import workers
from cavendish.web.api import images
from harness import expect
from harness.inprocess import App
from harness.lost_storage import LosableRoot, each_way

pytestmark = pytest.mark.anyio

NOBODYS = f"/generations/{'0' * 32}-1.png"


async def _missing(app: App) -> dict[str, float]:
    """`cavendish_storage_missing` by process."""
    text = (await app.client.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return {sample.labels["process"]: sample.value for sample in families["cavendish_storage_missing"].samples}


@each_way
async def test_a_picture_that_should_be_there_is_503_until_it_is(losable: LosableRoot, app: App) -> None:
    account = await app.account()
    await app.start_worker()
    url = (await app.ended(account, await app.submit(account)))["imageUrl"]
    await app.stop_worker()

    with losable.lost():
        for headers in ({}, {"If-None-Match": "*"}, {"Range": "bytes=0-9"}):
            expect.refusal(await app.client.get(url, headers=headers), ServiceBusy)
        assert (await app.client.get(url)).headers["retry-after"] == "5"
        expect.refusal(await app.client.get(NOBODYS), ServiceBusy)

    assert (await app.client.get(url)).status_code == 200
    expect.refusal(await app.client.get(NOBODYS), NotFound)


@each_way
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=100-199"}, {"Range": "bytes=0-9,20-29"}], ids=str)
async def test_a_picture_that_was_found_is_sent_whole_although_the_storage_goes_away(
    losable: LosableRoot, app: App, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    """What is promised by the first line of an answer, with its length, is at hand by then."""
    account = await app.account()
    await app.start_worker()
    url = (await app.ended(account, await app.submit(account)))["imageUrl"]
    await app.stop_worker()
    whole = await app.client.get(url, headers=headers)
    find = images._found

    def loses(path: Path) -> object:
        found = find(path)
        losable.lose()
        return found

    monkeypatch.setattr(images, "_found", loses)
    answer = await app.client.get(url, headers=headers)
    losable.find()

    assert (answer.status_code, len(answer.content)) == (whole.status_code, len(whole.content))
    assert headers.get("Range", "").count(",") or answer.content == whole.content  # parts have a random boundary


@each_way
async def test_a_process_without_its_storage_is_alive_and_not_ready(losable: LosableRoot, app: App) -> None:
    assert (await app.client.get("/readyz")).status_code == 200
    assert await _missing(app) == {"api": 0}

    with losable.lost():
        answer = await app.client.get("/readyz")
        assert (answer.status_code, answer.json()["reason"]) == (503, "the storage is missing")
        assert (await app.client.get("/healthz")).status_code == 200
        assert await _missing(app) == {"api": 1}

    assert (await app.client.get("/readyz")).status_code == 200
    assert await _missing(app) == {"api": 0}


async def test_a_storage_that_hangs_is_missing_and_holds_one_look(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, answers = 0, asyncio.Event()

    async def hangs() -> None:
        nonlocal looks
        looks += 1
        await answers.wait()

    monkeypatch.setattr(storage_watch, "_ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(app.services.storage, "verify", hangs)

    async with asyncio.timeout(10):
        assert not await app.services.storage_watch.look()
    found = await asyncio.gather(*(app.client.get("/readyz") for _ in range(10)))
    assert {answer.status_code for answer in found} == {503}
    assert looks == 1
    answers.set()
    assert (await app.client.get("/readyz")).status_code == 200


async def test_the_alarm_is_one_line_each_time_it_goes_and_comes(losable: LosableRoot, app: App) -> None:
    with capture_logs() as lines:
        for _ in range(2):
            with losable.lost():
                for _ in range(3):
                    await app.client.get("/readyz")
            for _ in range(3):
                await app.client.get("/readyz")

    told = [(line["log_level"], line["event"]) for line in lines if "storage" in line["event"]]
    assert told == 2 * [("error", "storage missing: pictures wait until it is back"), ("warning", "storage back")]
    assert str(losable.root) in next(line["error"] for line in lines if line["log_level"] == "error")


async def test_it_is_told_by_itself_without_any_probe(
    losable: LosableRoot, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_watch, "_LOOK_SECONDS", 0.01)
    heard: asyncio.Queue[bool] = asyncio.Queue()
    watching = asyncio.create_task(app.services.storage_watch.run(heard.put_nowait))
    async with asyncio.timeout(10):
        assert await heard.get()
        with losable.lost():
            while await heard.get():
                pass
            assert app.services.storage_watch.missing
        while not await heard.get():
            pass
    watching.cancel()

    assert not app.services.storage_watch.missing


async def test_each_worker_tells_whether_it_finds_the_storage(losable: LosableRoot, app: App) -> None:
    nothing: Any = None
    context = WorkerContext(app.services, {}, nothing, progress.Board(app.services))
    with losable.lost():
        await app.services.storage_watch.look()
        counters = presence._counters(context)
    async with app.services.db.connection() as connection:
        await workers.seen(connection, uuid.uuid4(), "lost", 7, counters, {})
        await workers.seen(connection, uuid.uuid4(), "of an older release", 8, {}, {})

    assert await _missing(app) == {"api": 0, "lost:7": 1, "of an older release:8": 0}


async def test_an_upload_is_refused_and_not_lost(losable: LosableRoot, app: App) -> None:
    account = await app.account()
    headers = {**account.headers, "Content-Type": "image/png"}
    with losable.lost():
        answer = await app.client.post("/api/v1/uploads", content=png(8, 8), headers=headers)
        expect.refusal(answer, ServiceBusy)
        assert losable.beside() == []

    assert (await app.client.post("/api/v1/uploads", content=png(8, 8), headers=headers)).status_code == 200
