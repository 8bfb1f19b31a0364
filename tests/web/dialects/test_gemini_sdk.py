"""Google's own Python SDK against the application: it makes, edits, streams, lists, and understands each error."""

from __future__ import annotations

import io
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png
from google import genai
from google.genai import errors, types
from PIL import Image

from cavendish.models import RateLimit
from harness.inprocess import App

pytestmark = pytest.mark.anyio

MODEL = "gemini-2.5-flash-image"
VERSIONS = ("v1", "v1beta")


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


def client(app: App, key: str, version: str | None = None) -> Any:
    """As its user makes one: a base URL and a key."""
    inside = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app.client._transport.app))  # type: ignore[attr-defined]
    options = types.HttpOptions(base_url="http://cavendish.test", httpx_async_client=inside, api_version=version)
    return genai.Client(api_key=key, vertexai=False, http_options=options).aio


def wanted(**image: Any) -> types.GenerateContentConfig:
    return types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=types.ImageConfig(**image))


def opened(part: Any) -> Image.Image:
    image = Image.open(io.BytesIO(part.inline_data.data))
    image.load()
    return image


@pytest.mark.parametrize("version", [None, *VERSIONS])
async def test_it_makes_a_picture(working: App, version: str | None) -> None:
    account = await working.account(credits=100)

    answer = await client(working, account.key, version).models.generate_content(
        model=MODEL, contents="a lake", config=wanted(aspect_ratio="16:9", image_size="2K")
    )

    [part] = answer.parts
    assert opened(part).size == (2752, 1536)
    assert (answer.candidates[0].finish_reason, answer.model_version) == (types.FinishReason.STOP, "script-1")
    assert (await working.check(account, answer.response_id)).json()["status"] == "completed"
    assert await working.balance(account) == (92, 0)


async def test_it_edits_pictures_as_it_is_given_them(working: App) -> None:
    account = await working.account(credits=100)
    ask = client(working, account.key)
    given = Image.open(io.BytesIO(png(60, 30)))
    data = types.Part.from_bytes(data=png(60, 30), mime_type="image/jpeg")

    for picture in (given, data):
        answer = await ask.models.generate_content(model=MODEL, contents=[picture, "make it night"])
        row = await working.row(answer.response_id)
        assert (row["mode"], row["prompt"], row["aspect_ratio"]) == ("edit", "make it night", "16:9")


async def test_its_chat_edits_the_picture_that_it_made(working: App) -> None:
    account = await working.account(credits=100)
    chat = client(working, account.key).chats.create(model=MODEL)

    first = await chat.send_message("a lake", config=wanted(aspect_ratio="16:9"))
    second = await chat.send_message("make it night")

    row = await working.row(second.response_id)
    assert (row["mode"], row["prompt"], len(row["input_image_urls"])) == ("edit", "make it night", 1)
    assert row["aspect_ratio"] == "16:9" and first.response_id != second.response_id


@pytest.mark.parametrize("options", [{"keepalive_seconds": "1"}])
async def test_it_streams_and_takes_signs_of_life_for_nothing(app: App) -> None:
    import asyncio

    account = await app.account(credits=100)

    async def work() -> None:
        await asyncio.sleep(2.5)
        await app.start_worker()

    starting = asyncio.create_task(work())
    stream = await client(app, account.key).models.generate_content_stream(model=MODEL, contents="a lake")
    found = [chunk async for chunk in stream]
    await starting

    assert [opened(part).size for chunk in found for part in chunk.parts or ()] == [(1024, 1024)]


async def test_it_hears_in_a_stream_what_failed(working: App) -> None:
    account = await working.account(credits=100)

    with pytest.raises(errors.APIError) as failed:
        stream = await client(working, account.key).models.generate_content_stream(model=MODEL, contents="rejected")
        [chunk async for chunk in stream]

    assert (failed.value.code, failed.value.status) == (500, "INTERNAL")
    assert await working.balance(account) == (100, 0)


async def test_it_knows_a_declined_prompt_by_its_reason(working: App) -> None:
    account = await working.account(credits=100)

    answer = await client(working, account.key).models.generate_content(model=MODEL, contents="blocked")

    assert answer.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
    assert "Nothing was charged" in answer.prompt_feedback.block_reason_message and not answer.parts


@pytest.mark.parametrize("version", VERSIONS)
async def test_it_lists_and_finds_the_models_page_by_page(app: App, version: str) -> None:
    account = await app.account()
    ask = client(app, account.key, version).models

    pager = await ask.list(config={"page_size": 3})
    names = [model.name async for model in pager]
    one = await ask.get(model=MODEL)

    assert names[:2] == ["models/nano-banana-2", "models/nano-banana-pro"] and len(names) == len(set(names)) > 10
    assert f"models/{MODEL}" in names
    assert (one.name, one.supported_actions) == (f"models/{MODEL}", ["generateContent", "predict"])


async def test_it_understands_the_errors(app: App) -> None:
    rich, poor = await app.account(), await app.account(credits=0)
    limited = await app.account(limit=RateLimit(1, 3600))
    await app.submit(limited)

    async def refused(key: str, kind: type[errors.APIError] = errors.ClientError, **call: Any) -> tuple[int, str]:
        with pytest.raises(kind) as found:
            await client(app, key).models.generate_content(**{"model": MODEL, "contents": "a lake", **call})
        assert found.value.message
        return found.value.code, str(found.value.status)

    assert await refused("wrong") == (401, "UNAUTHENTICATED")
    assert await refused(poor.key) == (402, "FAILED_PRECONDITION")
    assert await refused(limited.key) == (429, "RESOURCE_EXHAUSTED")
    assert await refused(rich.key, model="llama") == (404, "NOT_FOUND")
    assert await refused(rich.key, config=wanted(aspect_ratio="2:1")) == (400, "INVALID_ARGUMENT")
    with pytest.raises(errors.ClientError) as unknown:
        await client(app, rich.key).models.get(model="llama")
    assert (unknown.value.code, unknown.value.status) == (404, "NOT_FOUND")


async def test_the_same_path_answers_each_client_in_its_own_shape(app: App) -> None:
    account = await app.account()

    async def listed(path: str = "/v1/models", **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await app.client.get(path, **given)).json()
        return found

    by_google = [{"headers": {"x-goog-api-key": account.key}}, {"params": {"key": account.key}}]
    by_openai = [{"headers": account.headers}, {"headers": {"x-api-key": account.key}},
                 {"headers": account.headers, "params": {"key": "x"}}]  # fmt: skip

    assert [set(await listed(**given)) for given in by_google] == [{"models"}] * 2
    assert [(await listed(**given))["object"] for given in by_openai] == ["list"] * 3
    assert (await listed(params={"key": "wrong"}))["error"]["status"] == "UNAUTHENTICATED"
    assert (await listed(headers={"Authorization": "Bearer wrong"}))["error"]["code"] == "invalid_api_key"
    assert (await listed("/v1/models/llama", **by_google[0]))["error"]["status"] == "NOT_FOUND"
    assert (await listed("/v1/models/llama", **by_openai[0]))["error"]["code"] == "model_not_found"


async def test_n8n_finds_models_that_its_lists_let_through(app: App) -> None:
    account = await app.account()
    answer = await app.client.get("/v1beta/models?pageSize=1000", headers={"x-goog-api-key": account.key})

    names = [model["name"] for model in answer.json()["models"]]

    for part in ("gemini-3.1-flash-image", "gemini-2.5-flash-image", "gemini-3-pro-image"):
        assert any(part in name for name in names)
    assert (await app.client.get("/v1beta/models?pageSize=none", headers=account.headers)).status_code == 400
