"""Chat completions with a picture in the answer: what chat clients send, and what they read of it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import httpx2
import openai
import pytest
from cavendish_test_engines.png import png
from PIL import Image

from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

PATH = "/v1/chat/completions"
LAKE = {"messages": [{"role": "user", "content": "a lake"}]}
DATA = f"data:image/png;base64,{base64.b64encode(png(60, 30)).decode()}"


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


async def ask(app: App, account: Account, body: Any, **headers: str) -> httpx2.Response:
    return await app.client.post(PATH, json=body, headers={**account.headers, **headers}, timeout=30)


def opened(url: str) -> Image.Image:
    head, _, data = url.partition(";base64,")
    image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    image.load()
    assert head == f"data:{image.get_format_mimetype()}"  # type: ignore[attr-defined]
    return image


def lobehub(answer: httpx2.Response) -> list[str]:
    """What LobeHub shows of an answer: `message.images`."""
    assert answer.status_code == 200, answer.text
    [choice] = answer.json()["choices"]
    return [one["image_url"]["url"] for one in choice["message"]["images"] if one["type"] == "image_url"]


def open_webui(text: str) -> tuple[str, list[str]]:
    """What Open WebUI gathers of a stream: `delta.content` and `delta.images`, line by line."""
    content, images = "", []
    for line in text.split("\n"):
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data.startswith("[DONE]"):
            continue
        for choice in json.loads(data).get("choices", [])[:1]:
            delta = choice.get("delta", {})
            content += delta.get("content") or ""
            images += [one["image_url"]["url"] for one in delta.get("images", [])]
    return content, images


async def row_of(app: App, answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return await app.row(answer.json()["generationId"])


def error(answer: httpx2.Response, status: int, code: str, param: str | None = None) -> None:
    found = answer.json()["error"]
    assert (answer.status_code, found["code"], found.get("param")) == (status, code, param), answer.text


async def test_a_picture_is_the_answer_and_costs_as_any(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**LAKE, "model": "nano-banana-2", "modalities": ["image", "text"]})

    [url] = lobehub(answer)
    body = answer.json()
    assert opened(url).size == (1024, 1024)
    assert body["choices"][0]["message"]["content"] == "1024 × 1024 pixels, 4 credits; 96 are left."
    assert (body["object"], body["choices"][0]["finish_reason"]) == ("chat.completion", "stop")
    assert (body["creditsCharged"], body["creditsRemaining"]) == (4, 96)
    assert await working.balance(account) == (96, 0)
    assert (await working.check(account, body["generationId"])).json()["status"] == "completed"


async def test_a_stream_is_read_as_open_webui_does(working: App) -> None:
    account = await working.account(credits=100)
    sent = {**LAKE, "model": "nano-banana-2", "stream": True, "stream_options": {"include_usage": True}}

    answer = await ask(working, account, sent)

    content, [url] = open_webui(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream") and answer.text.endswith("data: [DONE]\n\n")
    assert opened(url).size == (1024, 1024) and content.startswith("1024 × 1024 pixels")
    assert await working.balance(account) == (96, 0)


async def test_the_openai_sdk_reads_both(working: App) -> None:
    account = await working.account(credits=100)
    client = openai.AsyncOpenAI(
        api_key=account.key, base_url="http://cavendish.test/v1",
        http_client=httpx2.AsyncClient(transport=working.client._transport),
    )  # fmt: skip
    asked: Any = {"model": "gpt-image-1", "messages": LAKE["messages"]}

    plain = await client.chat.completions.create(**asked)
    chunks = [one async for one in await client.chat.completions.create(
        **asked, stream=True, stream_options={"include_usage": True})]  # fmt: skip

    [image] = plain.choices[0].message.images  # type: ignore[attr-defined]
    assert opened(image["image_url"]["url"]).size == (1024, 1024)
    assert plain.model == "gpt-image-1" and plain.usage and plain.usage.total_tokens == 0
    deltas = [one.choices[0] for one in chunks if one.choices]
    [images] = [one.delta.images for one in deltas if getattr(one.delta, "images", None)]
    assert opened(images[0]["image_url"]["url"]).size == (1024, 1024)
    assert deltas[0].delta.role == "assistant" and deltas[-1].finish_reason == "stop"
    assert chunks[-1].usage and len({one.id for one in chunks}) == 1
    with pytest.raises(openai.BadRequestError):
        await client.chat.completions.create(model="nano-banana-2", messages=[])
    with pytest.raises(openai.APIError, match="Nothing was charged"):
        blocked: Any = {"model": "nano-banana-2", "messages": [{"role": "user", "content": "blocked"}]}
        async for _ in await client.chat.completions.create(**blocked, stream=True):
            pass


async def test_openrouters_sdk_says_shape_and_size(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {
        **LAKE, "modalities": ["image", "text"], "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
    })  # fmt: skip

    assert opened(lobehub(answer)[0]).size == (2752, 1536)
    assert answer.json()["creditsCharged"] == 8


async def test_pictures_of_the_last_user_message_are_edited_in_their_shape(working: App) -> None:
    account = await working.account(credits=100)
    text = {"type": "text", "text": "make it night"}
    for image in ({"url": DATA, "detail": "auto"}, DATA):
        content = [text, {"type": "image_url", "image_url": image}, {"type": "image_url", "image_url": image}]

        row = await row_of(working, await ask(working, account, {"messages": [{"role": "user", "content": content}]}))

        assert (row["mode"], row["prompt"], row["aspect_ratio"]) == ("edit", "make it night", "16:9")
        assert len(row["input_image_urls"]) == 2


@pytest.mark.parametrize(
    "answered",
    [
        {"content": "here", "images": [{"type": "image_url", "image_url": {"url": DATA}}]},
        {"content": [{"type": "text", "text": "here"}, {"type": "image_url", "image_url": {"url": DATA}}]},
        {"content": f"Here it is:\n\n![a lake]({DATA})"},
        {"content": [{"type": "text", "text": f"![]({DATA})"}], "images": None},
    ],
    ids=["images", "parts", "markdown", "markdown in parts"],
)
async def test_without_a_picture_the_last_answers_is_edited(working: App, answered: dict[str, Any]) -> None:
    account = await working.account(credits=100)
    older = {"role": "assistant", "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}
    messages = [
        {"role": "system", "content": "Always in watercolours."}, {"role": "user", "content": "a lake"}, older,
        {"role": "user", "content": "another"}, {"role": "assistant", **answered},
        {"role": "user", "content": "make it night"},
    ]  # fmt: skip

    row = await row_of(working, await ask(working, account, {"messages": messages}))

    assert (row["mode"], row["prompt"]) == ("edit", "Always in watercolours.\n\nmake it night")
    assert len(row["input_image_urls"]) == 1


async def test_what_was_answered_without_a_picture_that_can_be_had_is_not_edited(working: App) -> None:
    account = await working.account(credits=100)
    for answered in ({"content": "I cannot."}, {"content": "![x](/api/v1/files/1/content)"}, {"content": None}):
        messages = [{"role": "assistant", **answered}, *LAKE["messages"]]

        assert (await row_of(working, await ask(working, account, {"messages": messages})))["mode"] == "generate"


@pytest.mark.parametrize(
    ("sent", "status", "code", "param"),
    [
        ({}, 400, "invalid_value", "messages"),
        ({"messages": "a lake"}, 400, "invalid_value", "messages"),
        ({"messages": []}, 400, "invalid_value", "messages"),
        ({"messages": [1]}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "assistant", "content": "a lake"}]}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "user", "content": 1}]}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "user", "content": [1]}]}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "user", "content": "x" * 20_001}]}, 400, "invalid_value", "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": DATA}}]}]}, 400,
         "invalid_value", "messages"),
        ({**LAKE, "model": "llama"}, 404, "model_not_found", "model"),
        ({**LAKE, "n": 2}, 400, "invalid_value", "n"),
        ({**LAKE, "stream": 1}, 400, "invalid_value", "stream"),
        ({**LAKE, "modalities": ["text"]}, 400, "invalid_value", "modalities"),
        ({**LAKE, "image_config": {"aspect_ratio": "7:1"}}, 400, "invalid_value", "image_config.aspect_ratio"),
        ({**LAKE, "image_config": {"image_size": "9K"}}, 400, "invalid_value", "image_config.image_size"),
        ({**LAKE, "image_config": []}, 400, "invalid_value", "image_config"),
    ],
)  # fmt: skip
async def test_a_refusal_is_in_their_words_and_holds_nothing(
    app: App, sent: Any, status: int, code: str, param: str
) -> None:
    account = await app.account(credits=100)

    error(await ask(app, account, sent), status, code, param)

    assert await app.balance(account) == (100, 0)


async def test_who_may_not_or_cannot_pay_is_told(app: App) -> None:
    poor = await app.account(credits=3)

    error(await app.client.post(PATH, json=LAKE), 401, "invalid_api_key")
    error(await ask(app, poor, LAKE), 402, "insufficient_credits")


async def test_a_picture_that_fails_is_given_back_and_not_tried_again_by_an_sdk(working: App) -> None:
    account = await working.account(credits=100)
    sent = {"messages": [{"role": "user", "content": "blocked"}]}

    answer = await ask(working, account, sent)
    streamed = await ask(working, account, {**sent, "stream": True})

    error(answer, 400, "moderation_blocked")
    assert answer.headers["x-should-retry"] == "false"
    last = [line for line in streamed.text.split("\n") if line.startswith("data: ")][-1]
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "moderation_blocked"
    assert await working.balance(account) == (100, 0)


@pytest.mark.parametrize("options", [{"keepalive_seconds": "1"}])
async def test_who_waits_long_hears_that_it_goes_on(app: App) -> None:
    account = await app.account(credits=100)

    async def work() -> None:
        await asyncio.sleep(2.5)
        await app.start_worker()

    starting = asyncio.create_task(work())
    streamed, kept = await asyncio.gather(
        ask(app, account, {**LAKE, "stream": True}), ask(app, account, LAKE, **{"Cavendish-Keepalive": "1"})
    )
    await starting

    assert "\n\n: waiting\n\n" in streamed.text and len(open_webui(streamed.text)[1]) == 1
    assert kept.text.startswith(" ") and len(lobehub(kept)) == 1


async def test_an_sdks_own_repetition_attaches_and_another_call_does_not(working: App) -> None:
    account = await working.account(credits=100)

    async def id_of(count: str) -> str:
        answer = await ask(working, account, LAKE, **{"x-stainless-retry-count": count})
        return str(answer.json()["generationId"])

    first, again, fresh = [await id_of(count) for count in "010"]

    assert first == again != fresh
    assert await working.balance(account) == (92, 0)


async def test_what_is_not_known_is_ignored_and_named(working: App) -> None:
    account = await working.account(credits=100)
    parts = [{"type": "text", "text": "a lake"}, {"type": "file", "file": {}}]

    answer = await ask(working, account, {
        "messages": [{"role": "user", "content": parts}], "temperature": 1, "image_config": {"strength": 1}, "user": "a",
    })  # fmt: skip

    assert lobehub(answer)
    assert answer.headers["cavendish-ignored"] == "image_config.strength, temperature"
    assert answer.headers["cavendish-warning"] == "A part of type 'file' was ignored."
