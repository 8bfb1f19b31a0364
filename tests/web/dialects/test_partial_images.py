"""Unfinished pictures in OpenAI's streams: each once, before the finished one, and for nobody else."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from cavendish_test_engines import script
from cavendish_test_engines.png import png
from openai.types import ImageEditPartialImageEvent, ImageGenPartialImageEvent
from PIL import Image

from cavendish.stores import previews
from cavendish.stores.previews import Preview
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
Given = Callable[[int], Any]


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


@pytest.fixture
async def given(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Preview]]:
    """What this process read, for whom it may concern."""
    found: list[Preview] = []
    read = previews.news

    async def news(*arguments: Any) -> list[Preview]:
        new = await read(*arguments)
        found.extend(new)
        return new

    monkeypatch.setattr(previews, "news", news)
    yield found
    script.GATES.clear()


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def asking(app: App, account: Account, path: str = GENERATIONS, **fields: Any) -> asyncio.Task[httpx2.Response]:
    body = {"prompt": "shows=3 gate=open", "stream": True, **fields}
    return asyncio.create_task(app.client.post(path, json=body, headers=account.headers, timeout=30))


def events(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found = []
    for block in answer.text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name, data = lines
            found.append(json.loads(data.removeprefix("data: ")))
            assert name == f"event: {found[-1]['type']}"
    return found


def size(event: dict[str, Any]) -> tuple[int, int]:
    image = Image.open(io.BytesIO(base64.b64decode(event["b64_json"], validate=True)))
    image.load()
    return image.size


@pytest.mark.parametrize(
    ("path", "more", "kind", "model"),
    [
        (GENERATIONS, {}, "image_generation", ImageGenPartialImageEvent),
        (EDITS, {"image": base64.b64encode(png(30, 30)).decode()}, "image_edit", ImageEditPartialImageEvent),
    ],
)
async def test_each_comes_once_and_before_the_picture(
    working: App, given: list[Preview], path: str, more: dict[str, Any], kind: str, model: Any
) -> None:
    account = await working.account(credits=100)
    more = {name: f"data:image/png;base64,{value}" for name, value in more.items()}
    asked = asking(working, account, path, partial_images=3, **more)

    await until(lambda: len(given) == 3)
    assert not asked.done(), "they are read while the picture is made"
    script.GATES["open"].set()
    *partial, completed = events(await asked)

    assert [event["type"] for event in partial] == [f"{kind}.partial_image"] * 3
    assert [event["partial_image_index"] for event in partial] == [0, 1, 2]
    for event in partial:
        parsed = model.model_validate(event, strict=True)
        assert (parsed.output_format, parsed.background, parsed.quality) == ("png", "opaque", "auto")
        assert parsed.size == "{}x{}".format(*size(event)) == f"{10 + parsed.partial_image_index}x10"
        assert event["generationId"] == completed["generationId"]
    assert completed["type"] == f"{kind}.completed"
    assert size(completed) == (1024, 1024)
    assert completed["creditsCharged"] == 4


async def test_several_pictures_of_one_call_each_have_their_own(working: App, given: list[Preview]) -> None:
    account = await working.account(credits=100)
    asked = asking(working, account, n=3, partial_images=2)

    await until(lambda: len(given) == 6)
    script.GATES["open"].set()
    found = events(await asked)

    completed = [event["generationId"] for event in found if event["type"].endswith("completed")]
    assert len(set(completed)) == 3
    assert [event["type"].endswith("completed") for event in found] == [False] * 6 + [True] * 3
    for generation_id in completed:
        own = [event for event in found[:6] if event["generationId"] == generation_id]
        assert [event["partial_image_index"] for event in own] == [0, 1]


@pytest.mark.parametrize("fields", [{}, {"partial_images": 0}, {"partial_images": None}])
async def test_who_asks_for_none_gets_the_picture_alone_and_nobody_reads_any(
    working: App, given: list[Preview], fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> Any:
        raise AssertionError("nobody asked for it")

    monkeypatch.setattr(previews, "news", never)
    monkeypatch.setattr(previews, "keep", never)
    script.GATES["open"].set()

    found = events(await asking(working, await working.account(credits=100), **fields))

    assert [event["type"] for event in found] == ["image_generation.completed"]
    assert (await working.row(found[0]["generationId"]))["previews"] is None


async def test_an_answer_that_does_not_stream_orders_none(working: App) -> None:
    account = await working.account(credits=100)
    body = {"prompt": "shows=3", "partial_images": 3}

    for path in (GENERATIONS, f"{GENERATIONS}/async"):
        answer = await working.client.post(path, json={**body, "stream": "async" in path}, headers=account.headers)
        assert answer.status_code < 300, answer.text
        assert (await working.row(answer.json()["generationIds"][0]))["previews"] is None


@pytest.mark.parametrize("value", [4, -1, "2", 1.5, True])
@pytest.mark.parametrize("stream", [True, False])
async def test_more_than_three_are_refused_and_nothing_is_held(working: App, value: object, stream: bool) -> None:
    account = await working.account(credits=100)

    answer = await asking(working, account, prompt="a lake", partial_images=value, stream=stream)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", "partial_images")
    assert "0 to 3" in error["message"]
    assert await working.balance(account) == (100, 0)


async def test_a_form_asks_for_them_too(working: App, given: list[Preview]) -> None:
    account = await working.account(credits=100)
    asked = asyncio.create_task(
        working.client.post(
            EDITS,
            data={"prompt": "shows=3 gate=open", "stream": "true", "partial_images": "2"},
            files={"image": ("a.png", png(30, 30), "image/png")},
            headers=account.headers,
            timeout=30,
        )
    )

    await until(lambda: len(given) == 2)
    script.GATES["open"].set()

    assert [event["type"] for event in events(await asked)] == ["image_edit.partial_image"] * 2 + [
        "image_edit.completed"
    ]


async def test_a_picture_that_fails_behind_them_is_given_back_and_said(working: App, given: list[Preview]) -> None:
    account = await working.account(credits=100)
    asked = asking(working, account, prompt="shows=1 gate=open rejected", partial_images=3)

    await until(lambda: given)
    script.GATES["open"].set()
    answer = await asked

    assert answer.text.count("image_generation.partial_image") == 2  # the event's name and its type
    assert "event: error\n" in answer.text
    assert await working.balance(account) == (100, 0)


async def test_the_database_may_be_away_for_them_alone(working: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from cavendish.errors import DatabaseUnavailable

    async def away(*_: object) -> list[Preview]:
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(previews, "news", away)
    script.GATES["open"].set()

    found = events(await asking(working, await working.account(credits=100), partial_images=3))

    script.GATES.clear()
    assert [event["type"] for event in found] == ["image_generation.completed"]


async def test_who_hangs_up_ends_the_waiting_alone(app: App) -> None:
    account = await app.account(credits=100)
    body = {"prompt": "shows=3", "stream": True, "partial_images": 3}

    status, headers = await app.begun("POST", GENERATIONS, account.headers, body)
    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    await until(lambda: not app.services.notifications._waiting)
    await app.start_worker()

    (row,) = await app.services.db.fetch("SELECT id FROM cavendish.generations")
    assert (await app.ended(account, row["id"].hex))["status"] == "completed"


@pytest.mark.parametrize("options", [{"keepalive_seconds": "1"}])
async def test_signs_of_life_go_on_between_them(working: App, given: list[Preview]) -> None:
    asked = asking(working, await working.account(credits=100), partial_images=1)

    await until(lambda: given)
    await asyncio.sleep(2.5)
    script.GATES["open"].set()
    answer = await asked

    before, _, behind = answer.text.partition("image_generation.partial_image")
    assert behind.count(": waiting\n\n") >= 2
    assert len(events(answer)) == 2
