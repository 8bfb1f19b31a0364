"""A client follows a generation as it happens: by events, or by an answer that waits."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest
import uvicorn
from cavendish_test_engines import script

from cavendish.application.generations import notifications, own
from cavendish.errors import Forbidden, LoginRequired, NotFound, ServiceBusy
from cavendish.settings import Settings
from cavendish.stores import accounts, generations, previews
from cavendish.stores.jobs import Change
from cavendish.web import app as web_app
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

WAIT_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Event:
    id: str
    data: dict[str, Any]


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(app) as opened:
        yield opened


@contextlib.asynccontextmanager
async def serving(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    """The same application behind a real socket: the in-process transport gives a stream only when it has ended."""
    config = uvicorn.Config(web_app.build(app.services), port=0, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(WAIT_SECONDS):
        while not server.started:
            await asyncio.sleep(0.005)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    async with httpx2.AsyncClient(base_url=url, timeout=WAIT_SECONDS) as opened:
        yield opened
    app.services.draining = True
    app.services.notifications.wake_all()
    server.should_exit = True
    await task


def events_path(generation_id: str) -> str:
    return f"/api/v1/generations/{generation_id}/events"


def following(
    client: httpx2.AsyncClient, account: Account, generation_id: str, **headers: str
) -> contextlib.AbstractAsyncContextManager[AsyncIterator[Event | str]]:
    return listening(client, account, events_path(generation_id), **headers)


@contextlib.asynccontextmanager
async def listening(
    client: httpx2.AsyncClient, account: Account, path: str, **headers: str
) -> AsyncIterator[AsyncIterator[Event | str]]:
    """The events of a stream; a comment comes as its text."""
    async with (
        asyncio.timeout(WAIT_SECONDS),
        client.stream("GET", path, headers={**account.headers, **headers}) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


async def _events(answer: httpx2.Response) -> AsyncIterator[Event | str]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            yield line
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            assert fields["event"] in ("status", "running", "preview")
            assert ("id" in fields) == (fields["event"] == "status")
            yield Event(fields.get("id", fields["event"]), orjson.loads(fields["data"]))
            fields = {}


async def mark(app: App, generation_id: str, percent: int) -> None:
    """As a worker's board writes progress, announcement included."""
    parsed = uuid.UUID(hex=generation_id)
    async with app.services.db.transaction() as connection:
        await connection.execute(
            "UPDATE cavendish.generations SET state = 'generating', started_at = now(), fence = 1 WHERE id = $1", parsed
        )
        await generations.write_progress(connection, [(parsed, 1, percent)])
    app.services.changed.add(Change(parsed, (await app.row(generation_id))["account_id"]))


async def test_a_stream_tells_every_state_until_the_picture_is_there(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    generation_id = await app.submit(account, prompt="sleep=0.6")

    async with following(client, account, generation_id) as events:
        first = await anext(events)
        await app.start_worker()
        rest = [event async for event in events]

    assert isinstance(first, Event) and (first.id, first.data["status"]) == ("pending-0", "pending")
    states = [event.data["status"] for event in rest if isinstance(event, Event)]
    assert states[0] == "generating" and states[-1] == "completed"
    last = rest[-1]
    assert isinstance(last, Event) and last.id == "completed-100" and last.data["imageUrl"]


async def test_an_event_says_what_check_status_says(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    async with following(client, account, generation_id) as events:
        event = await anext(events)

    assert isinstance(event, Event)
    assert event.data == expect.success(await app.check(account, generation_id))


async def test_a_change_is_told_when_it_happens_and_not_at_the_next_look(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "_HEARD_LOOK_SECONDS", 600.0)
    from cavendish.web.api import events as module

    monkeypatch.setattr(module, "_PING_SECONDS", 600.0)
    account = await app.account()
    generation_id = await app.submit(account)

    async with following(client, account, generation_id) as events:
        await anext(events)
        while app.services.notifications.patience_seconds <= notifications._LOOK_SECONDS:
            await asyncio.sleep(0.01)  # until it listens
        await mark(app, generation_id, 40)
        async with asyncio.timeout(30):  # long before the next look
            while (event := await anext(events)) and not (isinstance(event, Event) and event.id == "generating-40"):
                pass


async def test_changes_are_told_also_while_nothing_can_be_heard(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(*_: object) -> None:
        from cavendish.errors import DatabaseUnavailable

        raise DatabaseUnavailable("no connection to be had")

    monkeypatch.setattr(type(app.services.db), "listen", deaf)
    account = await app.account()
    generation_id = await app.submit(account)

    async with following(client, account, generation_id) as events:
        await anext(events)
        await mark(app, generation_id, 40)
        event = await anext(events)

    assert isinstance(event, Event) and event.id == "generating-40"


async def test_one_connection_hears_for_all_streams(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    ids = [await app.submit(account) for _ in range(6)]

    async with contextlib.AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(following(client, account, one)) for one in ids]
        for events in streams:
            await anext(events)
        listening = 0
        async with asyncio.timeout(10):
            while not listening:  # it is opened beside the first answers
                listening = await app.services.db.fetchval(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
                await asyncio.sleep(0.02)

    assert listening == 1


async def test_who_comes_back_hears_only_what_is_new(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    await mark(app, generation_id, 30)

    async with following(client, account, generation_id, **{"Last-Event-ID": "generating-30"}) as events:
        await mark(app, generation_id, 60)
        event = await anext(events)

    assert isinstance(event, Event) and event.id == "generating-60"


async def test_who_comes_back_after_the_end_is_told_to_stay_away(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    await app.start_worker()
    generation_id = await app.submit(account)
    await app.ended(account, generation_id)

    headers = {**account.headers, "Last-Event-ID": "completed-100"}
    again = await client.get(events_path(generation_id), headers=headers)

    assert (again.status_code, again.content) == (204, b"")


async def test_a_silent_stream_shows_that_it_lives(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cavendish.web.api import events as module

    monkeypatch.setattr(module, "_PING_SECONDS", 0.1)
    account = await app.account()
    generation_id = await app.submit(account)

    async with following(client, account, generation_id) as events:
        await anext(events)
        assert str(await anext(events)).startswith(":")


async def test_a_revoked_key_ends_its_streams(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cavendish.web.api import events as module

    monkeypatch.setattr(module, "_PING_SECONDS", 0.1)
    account = await app.account()
    generation_id = await app.submit(account)

    async with following(client, account, generation_id) as events:
        await anext(events)
        async with app.services.db.connection() as connection:
            await accounts.revoke_key(connection, account.key_id)
        assert all(isinstance(event, str) for event in [event async for event in events])


async def test_a_stopping_service_ends_its_streams(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    async with following(client, account, generation_id) as events:
        await anext(events)
        app.services.draining = True
        app.services.notifications.wake_all()
        assert [event async for event in events] == []


async def test_an_account_has_only_so_many_streams_and_gets_them_back(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, streams_per_account_max=2)) as app:
        account = await app.account()
        generation_id = await app.submit(account)
        streams = web_app.build(app.services)._app.state.web.streams

        streams.enter(account.id)
        streams.enter(account.id)
        with pytest.raises(ServiceBusy, match="2 event streams open already"):
            streams.enter(account.id)
        streams.enter(account.id + 1)
        streams.leave(account.id)
        streams.enter(account.id)
        assert generation_id


async def test_only_the_owner_may_follow(app: App, client: httpx2.AsyncClient) -> None:
    account, other = await app.account(), await app.account()
    generation_id = await app.submit(account)

    expect.refusal(await client.get(events_path(generation_id), headers=other.headers), Forbidden)
    expect.refusal(await client.get(events_path(generation_id)), LoginRequired)
    expect.refusal(await client.get(events_path("0" * 32), headers=account.headers), NotFound)
    expect.refusal(await client.get(events_path("nonsense"), headers=account.headers), NotFound)


# --- all that an account has under way

ALL = "/api/v1/events"


async def heard(events: AsyncIterator[Event | str]) -> Event:
    """The next event that is no sign of life."""
    async for event in events:
        if isinstance(event, Event) and event.id != "running":
            return event
    raise AssertionError("the stream ended")


async def heard_by_now(app: App) -> None:
    """Until announcements arrive."""
    while app.services.notifications.patience_seconds <= notifications._LOOK_SECONDS:
        await asyncio.sleep(0.01)


async def fail_silently(app: App, generation_id: str) -> None:
    """As an end that nobody announced."""
    async with app.services.db.connection() as connection:
        await connection.execute(
            "UPDATE cavendish.generations SET state = 'failed', error_code = 'EXPIRED', finished_at = now() WHERE id = $1",
            uuid.UUID(hex=generation_id),
        )


async def test_one_stream_tells_of_all_that_runs_and_of_what_comes_later(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    before = {await app.submit(account) for _ in range(7)}

    async with listening(client, account, ALL) as events:
        first = await anext(events)
        assert isinstance(first, Event) and first.id == "running" and set(first.data["generationIds"]) == before
        at_once = [await heard(events) for _ in before]
        await heard_by_now(app)
        later = await app.submit(account)
        async with asyncio.timeout(notifications._HEARD_LOOK_SECONDS * 0.5):
            fresh = await heard(events)
        await app.start_worker()
        ends = {}
        while len(ends) < 8:
            event = await heard(events)
            if event.data["status"] == "completed":
                ends[event.data["generationId"]] = event.data

    assert {event.data["generationId"] for event in at_once} == before
    assert (fresh.id, fresh.data["generationId"]) == ("pending-0", later)
    assert set(ends) == before | {later} and all(data["imageUrl"] for data in ends.values())


async def test_its_events_say_what_check_status_says(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    async with listening(client, account, ALL) as events:
        event = await heard(events)

    assert event.data == expect.success(await app.check(account, generation_id))


async def test_what_another_process_took_is_told_when_its_worker_begins(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    async with listening(client, account, ALL) as events:
        await heard_by_now(app)
        elsewhere = app.services.notifications.tell
        app.services.notifications.tell = lambda *_: None  # type: ignore[method-assign]  # as if nobody listened here
        generation_id = await app.submit(account)
        app.services.notifications.tell = elsewhere  # type: ignore[method-assign]
        async with asyncio.timeout(notifications._HEARD_LOOK_SECONDS * 0.5):
            await mark(app, generation_id, 40)
            event = await heard(events)

    assert (event.id, event.data["generationId"]) == ("generating-40", generation_id)


async def test_who_comes_back_to_it_hears_all_anew(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    ended, running = await app.submit(account), await app.submit(account)
    async with listening(client, account, ALL) as events:
        assert {(await heard(events)).data["generationId"] for _ in range(2)} == {ended, running}
    await fail_silently(app, ended)

    async with listening(client, account, ALL) as events:
        first = await anext(events)
        event = await heard(events)

    assert isinstance(first, Event) and first.data == {"generationIds": [running]}
    assert event.data["generationId"] == running


async def test_an_end_whose_announcement_was_lost_is_told_at_the_next_look(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cavendish.web.api import events as module

    monkeypatch.setattr(module, "_PING_SECONDS", 0.1)
    account = await app.account()
    generation_id = await app.submit(account)

    async with listening(client, account, ALL) as events:
        await heard(events)
        await fail_silently(app, generation_id)
        event = await heard(events)

    assert (event.id, event.data["generationId"]) == ("failed-0", generation_id)


async def test_a_stream_of_an_account_lives_visibly_and_nobody_hears_of_others(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cavendish.web.api import events as module

    monkeypatch.setattr(module, "_PING_SECONDS", 0.1)
    account, other = await app.account(), await app.account()

    async with listening(client, account, ALL) as events:
        assert await app.submit(other)
        signs = [await anext(events) for _ in range(3)]

    assert [(sign.id, sign.data) for sign in signs if isinstance(sign, Event)] == [
        ("running", {"generationIds": []})
    ] * 3
    expect.refusal(await client.get(ALL), LoginRequired)


async def test_of_very_many_the_newest_are_told_and_the_others_when_they_begin(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "RUNNING_MAX", 3)
    account = await app.account()
    ids = [await app.submit(account) for _ in range(5)]

    async with listening(client, account, ALL) as events:
        first = await anext(events)
        at_once = {(await heard(events)).data["generationId"] for _ in range(3)}
        await app.submit(account)
        await mark(app, ids[0], 10)
        event = await heard(events)

    assert isinstance(first, Event) and first.data == {"generationIds": ids[:1:-1]}
    assert at_once == set(ids[2:])
    assert (event.id, event.data["generationId"]) == ("generating-10", ids[0])


async def test_an_ended_key_and_a_stopping_service_end_it(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cavendish.web.api import events as module

    monkeypatch.setattr(module, "_PING_SECONDS", 0.1)
    account, other = await app.account(), await app.account()

    async with listening(client, account, ALL) as events:
        await anext(events)
        async with app.services.db.connection() as connection:
            await accounts.revoke_key(connection, account.key_id)
        assert [event async for event in events if isinstance(event, Event) and event.id != "running"] == []
    async with listening(client, other, ALL) as events:
        await anext(events)
        app.services.draining = True
        app.services.notifications.wake_all()
        assert [event async for event in events if isinstance(event, Event) and event.id != "running"] == []


async def test_streams_of_both_kinds_count_together_and_are_given_back(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, streams_per_account_max=1)) as app:
        account = await app.account()
        generation_id = await app.submit(account)
        async with serving(app) as client:
            async with listening(client, account, ALL) as events:
                await anext(events)
                expect.refusal(await client.get(events_path(generation_id), headers=account.headers), ServiceBusy)

            async with asyncio.timeout(WAIT_SECONDS):
                while not await _may_listen(client, account):
                    await asyncio.sleep(0.01)


async def _may_listen(client: httpx2.AsyncClient, account: Account) -> bool:
    async with client.stream("GET", ALL, headers=account.headers) as answer:
        return answer.status_code == 200


# --- Prefer: wait


async def test_an_answer_waits_for_the_end_where_the_client_prefers_it(app: App) -> None:
    account = await app.account()
    await app.start_worker()
    generation_id = await app.submit(account, prompt="sleep=0.4")

    answer = await app.client.post(
        f"{PATH}/check-status",
        json={"generationId": generation_id},
        headers={**account.headers, "Prefer": "respond-async, wait=20"},
    )

    assert expect.success(answer)["status"] == "completed"
    assert answer.headers["preference-applied"] == "wait=20"


async def test_an_answer_waits_no_longer_than_was_asked(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)  # no worker takes it

    async with asyncio.timeout(5):
        answer = await app.client.get(
            f"/api/v1/generations/{generation_id}", headers={**account.headers, "Prefer": "wait=1"}
        )

    assert expect.success(answer)["status"] == "pending"
    assert answer.headers["preference-applied"] == "wait=1"


async def test_a_stopping_service_lets_waiting_answers_go(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    async def stop() -> None:
        await asyncio.sleep(0.3)
        app.services.draining = True
        app.services.notifications.wake_all()

    stopping = asyncio.create_task(stop())
    async with asyncio.timeout(5):
        answer = await app.client.get(
            f"/api/v1/generations/{generation_id}", headers={**account.headers, "Prefer": "wait=25"}
        )
    await stopping

    assert expect.success(answer)["status"] == "pending"


@pytest.mark.parametrize("prefer", ["", "respond-async", "wait=", "wait=x", "waiting=5"])
async def test_any_other_preference_is_answered_at_once(app: App, prefer: str) -> None:
    account = await app.account()
    generation_id = await app.submit(account)

    async with asyncio.timeout(2):
        answer = await app.client.get(
            f"/api/v1/generations/{generation_id}", headers={**account.headers, "Prefer": prefer}
        )

    assert expect.success(answer)["status"] == "pending"
    assert "preference-applied" not in answer.headers


async def test_unfinished_pictures_come_to_whoever_wants_them(app: App, client: httpx2.AsyncClient) -> None:
    account = await app.account()
    order = {"prompt": "shows=2 gate=native", "previews": 2}
    (ordered,) = expect.success(await app.post("/api/v1/generations", order, account))["generations"]
    path = events_path(ordered["generationId"])
    await app.start_worker()

    async with listening(client, account, f"{path}?previews=true") as events:
        shown = [event for _ in range(2) if (event := await _next_preview(events))]
        script.GATES["native"].set()
        rest = [event async for event in events]
    script.GATES.clear()

    assert [(event.data["index"], event.data["width"], event.data["height"]) for event in shown] == [
        (0, 10, 10), (1, 11, 10),
    ]  # fmt: skip
    for event in shown:
        assert (event.data["generationId"], event.data["mimeType"]) == (ordered["generationId"], "image/png")
        assert event.data["dataUrl"].startswith("data:image/png;base64,iVBOR")
    assert isinstance(rest[-1], Event) and rest[-1].data["status"] == "completed"
    assert not any(isinstance(event, Event) and event.id == "preview" for event in rest), "each comes once"


async def _next_preview(events: AsyncIterator[Event | str]) -> Event:
    async for event in events:
        if isinstance(event, Event) and event.id == "preview":
            return event
    raise AssertionError("the stream ended without one")


async def test_who_does_not_want_them_hears_none_and_reads_none(
    app: App, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> Any:
        raise AssertionError("nobody asked for it")

    monkeypatch.setattr(previews, "news", never)
    account = await app.account()
    (ordered,) = (await app.post("/api/v1/generations", {"prompt": "shows=2", "previews": 2}, account)).json()[
        "generations"
    ]
    await app.start_worker()

    for path in (events_path(ordered["generationId"]), f"{events_path(ordered['generationId'])}?previews=false"):
        async with listening(client, account, path) as events:
            found = [event.id async for event in events if isinstance(event, Event)]
        assert "preview" not in found and found[-1] == "completed-100"


async def test_another_process_and_another_account(app: App, another: Any) -> None:
    """What one process ordered and a worker draws, any process shows: to its owner alone."""
    account, other = await app.account(), await app.account()
    order = {"prompt": "shows=1 gate=far", "previews": 3}
    (ordered,) = (await app.post("/api/v1/generations", order, account)).json()["generations"]
    await app.start_worker()
    path = f"{events_path(ordered['generationId'])}?previews=true"
    async with another(app) as far:
        following = asyncio.create_task(far.get(path, headers=account.headers))
        foreign = await far.get(path, headers=other.headers)
        async with asyncio.timeout(WAIT_SECONDS):
            while not await app.services.db.fetchval("SELECT count(*) FROM cavendish.previews"):
                await asyncio.sleep(0.01)
        script.GATES["far"].set()
        answer = await following
    script.GATES.clear()

    assert foreign.status_code == 403
    assert answer.text.count("event: preview\n") == 1


@pytest.mark.parametrize("value", ["1", "yes", ""])
async def test_previews_of_a_stream_are_wanted_or_not(app: App, value: str) -> None:
    account = await app.account()

    answer = await app.client.get(f"{events_path(await app.submit(account))}?previews={value}", headers=account.headers)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_INPUT")


@pytest.mark.parametrize("value", [4, -1, "2", True])
async def test_an_order_wants_at_most_three(app: App, value: object) -> None:
    account = await app.account(credits=10)

    answer = await app.post("/api/v1/generations", {"prompt": "a lake", "previews": value}, account)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_INPUT")
    assert "previews" in answer.json()["error"] and await app.balance(account) == (10, 0)
