"""What no engine of a route can make is refused before it costs anything; the rest goes to an engine that can."""

from __future__ import annotations

import asyncio
import os
import uuid
from typing import Any

import httpx2
import pytest
from worker_helpers import Recorder, submit_many, until, worker

from cavendish.application.generations import routing
from cavendish.application.generations.routing import KnownEngines
from cavendish.application.work import presence
from cavendish.engines import base
from cavendish.engines.base import Capabilities, EngineRequest, Need
from cavendish.errors import DatabaseUnavailable, InvalidInput, RateLimitExceeded
from cavendish.models import FieldNames, Mode, Quality, RateLimit
from cavendish.stores import workers
from harness import expect
from harness.inprocess import PATH, App

pytestmark = pytest.mark.anyio

WIDE = Capabilities(aspect_ratios=("1:1", "16:9", "9:16"))
NO_EDITS = Capabilities(modes=(Mode.GENERATE,))
URL = "http://127.0.0.1/a.png"


async def told(app: App, **engines: Capabilities) -> uuid.UUID:
    """A worker lives and says this of its engines."""
    worker_id = uuid.uuid4()
    async with app.services.db.connection() as connection:
        await workers.seen(connection, worker_id, "a-host", os.getpid(), {}, engines)
    app.services.known_engines.forget()
    return worker_id


def needing(**changed: Any) -> Need:
    values: dict[str, Any] = {
        "model": "nano-banana-2", "mode": Mode.GENERATE, "aspect_ratio": "16:9", "image_quality": Quality.ONE_K,
        "input_images": 0,
    }  # fmt: skip
    return Need(**{**values, **changed})


def reason(needed: Need, *engines: Capabilities) -> str:
    names = [f"engine-{number}" for number in range(len(engines))]
    known = {name: (one,) for name, one in zip(names, engines, strict=True)}
    assert routing.serving(names, known, needed) == ()
    return routing.refusal(names, known, needed, FieldNames()).message


# --- refused at once


async def test_what_no_engine_can_make_is_refused_in_the_callers_words_and_leaves_no_trace(app: App) -> None:
    account = await app.account(credits=100, limit=RateLimit(5, 3600))
    await told(app, script=WIDE, backup=Capabilities(aspect_ratios=("1:1", "4:3")))

    answer = await app.generate(account, aspectRatio="8:1")

    body = expect.refusal(answer, InvalidInput)
    assert (
        body["error"]
        == "aspectRatio '8:1' is not possible with nano-banana-2 here: use one of 16:9, 9:16, 4:3, 1:1; 16:9 is nearest"
    )
    assert await app.balance(account) == (100, 0)
    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.generations") == 0
    kinds = await app.services.db.fetch("SELECT kind FROM cavendish.ledger")
    assert [row["kind"] for row in kinds] == ["grant"]
    assert answer.headers["RateLimit"] == '"default";r=5;t=0', "as any invalid body, it is not counted"


async def test_a_key_without_quota_hears_of_that_first(app: App) -> None:
    account = await app.account(credits=100, limit=RateLimit(1, 3600))
    await told(app, script=WIDE, backup=WIDE)
    await app.submit(account)

    expect.refusal(await app.generate(account, aspectRatio="8:1"), RateLimitExceeded)


async def test_a_key_that_was_answered_before_is_answered_the_same_whatever_engines_can_now(app: App) -> None:
    account, key = await app.account(credits=100), {"Idempotency-Key": "order-1"}
    first = expect.success(await app.generate(account, headers=key, aspectRatio="8:1"))
    await told(app, script=WIDE, backup=WIDE)

    again = await app.generate(account, headers=key, aspectRatio="8:1")
    other = await app.generate(account, headers={"Idempotency-Key": "order-2"}, aspectRatio="8:1")

    assert expect.success(again)["generationId"] == first["generationId"]
    assert again.headers["Idempotent-Replayed"] == "true"
    expect.refusal(other, InvalidInput, "aspectRatio")


def test_the_one_value_to_change_is_named_with_what_it_may_be_here() -> None:
    one = Capabilities(input_images_max=1)
    few = Capabilities(input_images_max=3, image_qualities=(Quality.ONE_K, Quality.TWO_K))
    edit = needing(mode=Mode.EDIT, input_images=9)

    assert reason(edit, NO_EDITS) == "mode 'edit' is not possible with nano-banana-2 here: use generate"
    assert reason(edit, one) == "there are 9 input images; at most 1 is possible with nano-banana-2 here"
    assert reason(edit, one, few).endswith("at most 3 are possible with nano-banana-2 here")
    big = needing(image_quality=Quality.FOUR_K)
    assert reason(big, few) == "image quality '4K' is not possible with nano-banana-2 here: use 1K or 2K; 2K is nearest"
    only_edits = Capabilities(modes=(Mode.EDIT,))
    assert reason(needing(), only_edits) == "mode 'generate' is not possible with nano-banana-2 here: use edit"


def test_where_one_change_does_not_help_that_is_said() -> None:
    small_edits = Capabilities(modes=(Mode.EDIT,), image_qualities=(Quality.ONE_K,))
    square = Capabilities(modes=(Mode.GENERATE,), aspect_ratios=("1:1",), image_qualities=(Quality.ONE_K,))

    told = reason(needing(image_quality=Quality.FOUR_K), small_edits, square)

    assert told == (
        "aspect ratio 16:9 and image quality 4K and mode generate are not possible together with nano-banana-2 here;"
        " change more than one of them"
    )


def test_an_engine_may_be_able_to_do_something_else_with_another_model() -> None:
    engine = Capabilities(by_model={"nano-banana-pro": WIDE})

    assert engine.serves(needing(aspect_ratio="8:1"))
    assert not engine.serves(needing(model="nano-banana-pro", aspect_ratio="8:1"))


# --- where it goes


async def test_it_starts_at_the_first_engine_that_can_and_the_answer_says_so(app: App) -> None:
    account = await app.account(credits=100)
    await told(app, script=WIDE)
    first, second = Recorder(capabilities=WIDE), Recorder(name="backup")
    async with worker(app, first, second):
        able = await app.ended(account, await app.submit(account))
        generation_id = await app.submit(account, aspectRatio="8:1")
        assert (await app.row(generation_id))["engine"] == "backup"
        unable = await app.ended(account, generation_id)

    assert (able["engine"], unable["engine"]) == ("script", "backup")
    assert unable["warnings"] == ["The engine script could not make this picture; backup made it."]
    assert (await app.row(generation_id))["fence"] == 1, "no claim was spent on the other"


@pytest.mark.parametrize("options", [{"routes": "nano-banana-2=script,instant,backup", "wake_seconds": "0.2"}])
async def test_failover_passes_over_an_engine_that_cannot(app: App) -> None:
    async def broken(_: EngineRequest) -> None:
        raise base.EngineUnavailable("its key was refused")

    account = await app.account(credits=100)
    engines = Recorder(draw=broken), Recorder(name="instant", capabilities=WIDE), Recorder(name="backup")
    async with worker(app, *engines):
        generation_id = await app.submit(account, aspectRatio="8:1")
        answer = await app.ended(account, generation_id)

    assert answer["engine"] == "backup"
    assert (await app.row(generation_id))["fence"] == 2, "one claim at each of the two"
    assert [engine.calls.total() for engine in engines] == [1, 0, 1]


async def test_the_worker_looks_again_and_what_nobody_can_make_is_refunded(app: App) -> None:
    account = await app.account(credits=100)
    engines = Recorder(capabilities=WIDE), Recorder(name="backup", capabilities=NO_EDITS)
    url = {"mode": "edit", "inputImageUrls": [URL]}
    async with worker(app, *engines):
        answer = await app.ended(account, await app.submit(account, aspectRatio="8:1", **url))

    assert (answer["status"], answer["errorCode"]) == ("failed", "GENERATION_FAILED")
    assert answer["error"].startswith(
        "Generation failed: aspect ratio '8:1' is not possible with nano-banana-2 here: use"
    )
    assert answer["error"].endswith("Nothing was charged.")
    assert await app.balance(account) == (100, 0)
    assert [engine.calls.total() for engine in engines] == [0, 0]


async def test_a_worker_passes_on_what_only_another_engine_can_make(app: App) -> None:
    account = await app.account(credits=100)
    async with worker(app, Recorder(capabilities=WIDE), Recorder(name="backup")):
        answer = await app.ended(account, await app.submit(account, aspectRatio="8:1"))

    assert answer["engine"] == "backup"


async def test_an_engine_of_another_package_that_says_nothing_can_everything(app: App) -> None:
    class Silent:
        name, reports_progress, concurrency, rate = "script", True, None, None

        async def generate(self, request: EngineRequest) -> base.EngineResult:
            return await Recorder().generate(request)

        async def close(self) -> None:
            pass

    account, silent = await app.account(credits=100), Silent()
    async with worker(app, silent):  # type: ignore[arg-type]
        answer = await app.ended(account, await app.submit(account, aspectRatio="8:1"))

    assert answer["engine"] == "script"
    assert base.capabilities(silent) == Capabilities()  # type: ignore[arg-type]


# --- what is known


async def test_a_worker_tells_what_its_engines_can_and_again_when_that_changes(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SEEN_SECONDS", 0.05)
    engine = Recorder(capabilities=WIDE)
    async with worker(app, engine, Recorder(name="backup")) as started:
        task = asyncio.create_task(presence.run(started.context))
        first = await until(lambda: _told(app))
        engine.capabilities = NO_EDITS
        await until(lambda: _says(app, {"script": [NO_EDITS], "backup": [Capabilities()]}))
        task.cancel()
        await asyncio.wait({task})

    assert first == {"script": [WIDE], "backup": [Capabilities()]}
    assert await _told(app) == {}, "a worker that ended says nothing any more"


async def _told(app: App) -> dict[str, list[Capabilities]]:
    async with app.services.db.connection() as connection:
        return await workers.capabilities(connection)


async def _says(app: App, expected: dict[str, list[Capabilities]]) -> bool:
    return await _told(app) == expected


async def test_what_one_of_two_workers_can_make_is_taken(app: App) -> None:
    account = await app.account(credits=100)
    await told(app, script=WIDE, backup=WIDE)
    await told(app, script=Capabilities(aspect_ratios=("8:1",)), backup=WIDE)

    await app.submit(account, aspectRatio="8:1")
    await app.submit(account, aspectRatio="1:1")
    expect.refusal(await app.generate(account, aspectRatio="1:8"), InvalidInput, "aspectRatio")


async def test_whether_an_engine_stops_unbilled_is_told_and_without_a_word_it_does_not(app: App) -> None:
    await told(app, script=Capabilities(stops_unbilled=True), backup=Capabilities())
    assert {name: one.stops_unbilled for name, [one] in (await _told(app)).items()} == {"script": True, "backup": False}
    await app.services.db.fetchval("UPDATE cavendish.workers SET engines = engines #- '{script,stops_if_asked}'")
    assert await _told(app) == {"script": [Capabilities(stops_unbilled=True)], "backup": [Capabilities()]}

    of_before = "UPDATE cavendish.workers SET engines = engines #- '{script,stops_unbilled}'"
    await app.services.db.fetchval(of_before)
    assert await _told(app) == {"script": [Capabilities()], "backup": [Capabilities()]}


async def test_without_a_living_worker_everything_is_taken(app: App) -> None:
    account = await app.account(credits=100)
    worker_id = await told(app, script=WIDE, backup=WIDE)
    async with app.services.db.connection() as connection:
        await workers.gone(connection, worker_id)

    await app.submit(account, aspectRatio="8:1")


async def test_a_worker_of_another_release_is_understood(app: App) -> None:
    await told(app, script=WIDE)
    newer = '{"script": {"modes": ["generate", "dream"], "image_qualities": ["1K", "8K"], "depth": true}}'
    await app.services.db.fetchval("UPDATE cavendish.workers SET engines = $1::jsonb", newer)

    assert await _told(app) == {"script": [Capabilities(modes=(Mode.GENERATE,), image_qualities=(Quality.ONE_K,))]}


async def test_submissions_read_it_once_in_a_while_and_together(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, read = 0, workers.capabilities

    async def counted(connection: Any) -> dict[str, list[Capabilities]]:
        nonlocal reads
        reads += 1
        return await read(connection)

    monkeypatch.setattr(workers, "capabilities", counted)
    account = await app.account(credits=1000)
    await submit_many(app, account, 50)
    await submit_many(app, account, 50)
    assert reads == 1

    monkeypatch.setattr(routing, "FRESH_SECONDS", 0.0)
    await submit_many(app, account, 1)
    assert reads == 2


async def test_a_caller_that_goes_away_takes_nobodys_answer_along(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_: object) -> dict[str, list[Capabilities]]:
        await asyncio.sleep(0.1)
        return {"script": [WIDE]}

    monkeypatch.setattr(workers, "capabilities", slow)
    known = KnownEngines(app.services.db)
    gone, stays = asyncio.create_task(known.known()), asyncio.create_task(known.known())
    await asyncio.sleep(0.02)
    gone.cancel()

    assert await stays == {"script": [WIDE]}


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_database_that_is_away_fails_no_submission_and_what_was_known_holds(
    app: App, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    await told(app, script=WIDE, backup=WIDE)
    account, reads = await app.account(credits=100), 0
    expect.refusal(await app.generate(account, aspectRatio="8:1"), InvalidInput)

    async def away(_: object) -> dict[str, list[Capabilities]]:
        nonlocal reads
        reads += 1
        if hangs:
            await asyncio.sleep(60)
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(workers, "capabilities", away)
    monkeypatch.setattr(routing, "_PATIENCE_SECONDS", 0.1)
    app.services.known_engines.forget()
    taken, refused = await app.generate(account), await app.generate(account, aspectRatio="8:1")
    unknown = KnownEngines(app.services.db)

    expect.success(taken)
    expect.refusal(refused, InvalidInput)
    assert reads == 1, "and nobody waits for it twice"
    assert await unknown.known() == {}


async def test_a_refusal_needs_no_quota_to_be_told(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailable("away")

    account = await app.account(credits=100)
    await told(app, script=WIDE, backup=WIDE)
    await app.services.known_engines.known()
    monkeypatch.setattr("cavendish.stores.rate_limits.read", away)

    answer: httpx2.Response = await app.post(
        f"{PATH}/generate", {"prompt": "a", "mode": "generate", "aspectRatio": "8:1"}, account
    )

    expect.refusal(answer, InvalidInput)
    assert "RateLimit" not in answer.headers


# --- what a worker may say


@pytest.mark.parametrize(
    "written",
    ["null", "[]", '{"script": null}', '{"script": 5}', '{"script": {"modes": null}}', '{"script": {"by_model": null}}',
     '{"script": {"input_images_max": "4"}}', '{"script": {"aspect_ratios": [1]}}', '{"script": {"seed": "yes"}}'],
)  # fmt: skip
async def test_a_worker_that_says_nonsense_refuses_nothing(app: App, written: str) -> None:
    account = await app.account(credits=100)
    await told(app, script=WIDE)
    await app.services.db.fetchval("UPDATE cavendish.workers SET engines = $1::jsonb", written)
    app.services.known_engines.forget()

    await app.submit(account, aspectRatio="8:1")

    expect.success(await app.client.get("/api/v1/models"))


async def test_while_a_worker_of_an_older_release_lives_nothing_is_refused(app: App) -> None:
    account = await app.account(credits=100)
    await told(app, script=WIDE, backup=WIDE)
    older = "INSERT INTO cavendish.workers (id, host, pid, counters) VALUES ($1, 'h', 1, '{}')"
    await app.services.db.fetchval(older, uuid.uuid4())
    app.services.known_engines.forget()

    await app.submit(account, aspectRatio="8:1")


class Stumbling(Recorder):
    def __getattribute__(self, name: str) -> Any:
        if name == "capabilities":
            raise KeyError("not now")
        return super().__getattribute__(name)


async def test_an_engine_that_cannot_tell_what_it_can_does_not_end_its_workers_sign_of_life(app: App) -> None:
    async with worker(app, Stumbling(), Recorder(name="backup")) as started:
        task = asyncio.create_task(presence.run(started.context))
        await until(lambda: _says(app, {"backup": [Capabilities()]}))

        assert not task.done()
        task.cancel()


async def test_what_only_another_worker_can_make_goes_back_to_the_queue(app: App) -> None:
    account, narrow, wide = await app.account(credits=100), Recorder(capabilities=WIDE), Recorder()
    await told(app, script=Capabilities())
    async with worker(app, narrow):
        generation_id = await app.submit(account, aspectRatio="8:1")
        await until(lambda: _waits_again(app, generation_id))
    assert await app.balance(account) == (96, 4), "held, neither failed nor charged"

    async with worker(app, wide):
        ended = await app.ended(account, generation_id)

    assert ended["status"] == "completed"
    assert narrow.started == []


async def _waits_again(app: App, generation_id: str) -> bool:
    row = await app.services.db.fetchrow(
        "SELECT state, fence FROM cavendish.generations WHERE id = $1", uuid.UUID(hex=generation_id)
    )
    return row is not None and row["state"] != "failed" and row["fence"] >= 2


async def test_an_engine_that_says_only_that_it_grounds_searches_itself() -> None:
    class Grounding:
        name, grounds = "mine", True

    assert base.capabilities(Grounding()).search  # type: ignore[arg-type]
