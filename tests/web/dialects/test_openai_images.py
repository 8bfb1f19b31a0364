"""OpenAI's Images face: what clients send, byte for byte as they do, and what they read of the answer."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png
from PIL import Image

from cavendish.models import RateLimit
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
PROMPT = {"prompt": "a lake"}


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


async def ask(app: App, account: Account, body: Any, path: str = GENERATIONS, **headers: str) -> httpx2.Response:
    return await app.client.post(path, json=body, headers={**account.headers, **headers}, timeout=30)


def made(answer: httpx2.Response) -> list[Image.Image]:
    """The pictures of an answer."""
    assert answer.status_code == 200, answer.text
    return [opened(one["b64_json"]) for one in answer.json()["data"]]


def opened(text: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
    image.load()
    return image


def error(answer: httpx2.Response, status: int, code: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["error"]["code"], found["error"]["type"]) == (status, code, kind), answer.text
    assert set(found) == {"error"} and set(found["error"]) - {"param"} == {"message", "type", "code"}
    return found["error"]  # type: ignore[no-any-return]


def events(answer: httpx2.Response) -> list[tuple[str, dict[str, Any]]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name, data = lines
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


async def test_a_picture_is_answered_and_costs_as_any(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**PROMPT, "size": "1536x1024"})

    [image] = made(answer)
    body = answer.json()
    assert (image.size, image.format) == ((1536, 1024), "PNG")
    assert (body["size"], body["output_format"], body["background"]) == ("1536x1024", "png", "opaque")
    assert body["usage"]["total_tokens"] == 0 and body["created"] > 1_700_000_000
    assert (body["creditsCharged"], body["creditsRemaining"]) == (4, 96)
    assert await working.balance(account) == (96, 0)
    everywhere = await working.check(account, body["generationIds"][0])
    assert everywhere.json()["status"] == "completed"


@pytest.mark.parametrize(
    ("sent", "size", "kind"),
    [
        # Open WebUI 0.12: its default model is gone at OpenAI since May 2026.
        ({"model": "dall-e-2", "n": 1, "size": "512x512", "response_format": "b64_json"}, (512, 512), "PNG"),
        # n8n 2.41
        ({"model": "gpt-image-1-mini", "n": 1, "size": "1024x1024", "quality": "medium"}, (1024, 1024), "PNG"),
        # LibreChat's image_gen_oai labels the bytes by what it asked for
        ({"model": "gpt-image-1", "n": 1, "background": "auto", "quality": "auto", "size": "auto",
          "output_format": "webp", "output_compression": 100}, (1024, 1024), "WEBP"),
        # Dify leaves out what is auto
        ({"model": "gpt-image-2", "n": 1, "size": "1536x1024", "moderation": "low"}, (1536, 1024), "PNG"),
        # the AI SDK's openai-compatible provider
        ({"model": "nano-banana-2", "n": 1, "size": "1024x1536", "response_format": "b64_json"}, (1024, 1536), "PNG"),
        # AnythingLLM with localai
        ({"model": "nano-banana-pro", "size": "1024x1024"}, (1024, 1024), "PNG"),
        # Cherry Studio
        ({"model": "gpt-image-1", "size": "1792x1024", "n": 1, "quality": "hd", "moderation": "auto"}, (1792, 1024), "PNG"),
    ],
    ids=["open-webui", "n8n", "librechat", "dify", "ai-sdk", "anythingllm", "cherry-studio"],
)  # fmt: skip
async def test_what_clients_send_by_default_is_a_picture_as_they_read_it(
    working: App, sent: dict[str, Any], size: tuple[int, int], kind: str
) -> None:
    account = await working.account(credits=100)

    [image] = made(await ask(working, account, {**PROMPT, **sent}))

    assert (image.size, image.format) == (size, kind)


async def test_several_are_each_their_own_and_a_url_is_one_that_works(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**PROMPT, "n": 3, "response_format": "url"})

    body = answer.json()
    assert len({one["url"] for one in body["data"]}) == 3
    assert all(set(one) == {"url"} for one in body["data"])
    for one in body["data"]:
        assert (await working.client.get(one["url"])).status_code == 200
    assert body["creditsCharged"] == 12
    assert await working.balance(account) == (88, 0)


async def test_an_edit_takes_files_under_each_name_that_clients_use(working: App) -> None:
    account = await working.account(credits=100)
    for names in (["image"], ["image[]", "image[]"], ["image[0]", "image[1]"]):
        files = [(name, ("a.png", png(60, 30), "image/png")) for name in names]

        answer = await working.client.post(
            EDITS, data={"prompt": "make it night", "model": "gpt-image-1", "n": "1"}, files=files,
            headers=account.headers, timeout=30,
        )  # fmt: skip

        [image] = made(answer)
        row = await working.row(answer.json()["generationIds"][0])
        assert row["mode"] == "edit" and len(row["input_image_urls"]) == len(names)
        assert row["aspect_ratio"] == "16:9" and image.width > image.height  # the shape of the first, nearly 2:1


async def test_an_edit_takes_json_with_data_and_urls(working: App) -> None:
    account = await working.account(credits=100)
    data = f"data:image/png;base64,{base64.b64encode(png(30, 30)).decode()}"

    for images in ([{"image_url": data}], [{"image_url": {"url": data}}], [data, {"image_url": data}]):
        answer = await ask(working, account, {"prompt": "make it night", "images": images, "size": "256x256"}, EDITS)
        assert made(answer)[0].size == (256, 256)


async def test_a_stream_gives_signs_of_life_and_one_event_for_each_picture(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**PROMPT, "n": 2, "stream": True, "partial_images": 2})

    found = events(answer)
    assert [name for name, _ in found] == ["image_generation.completed"] * 2
    assert all(data["type"] == name for name, data in found)
    assert {opened(data["b64_json"]).size for _, data in found} == {(1024, 1024)}
    assert all(data["size"] == "1024x1024" and "usage" in data for _, data in found)


@pytest.mark.parametrize("options", [{"keepalive_seconds": "1"}])
async def test_who_waits_long_hears_that_it_goes_on(app: App) -> None:
    account = await app.account(credits=100)

    async def work() -> None:
        await asyncio.sleep(2.5)
        await app.start_worker()

    starting = asyncio.create_task(work())
    streamed, kept = await asyncio.gather(
        ask(app, account, {**PROMPT, "stream": True}),
        ask(app, account, PROMPT, **{"Cavendish-Keepalive": "1"}),
    )
    await starting

    assert streamed.text.startswith(": waiting\n\n") and len(events(streamed)) == 1
    assert kept.text.startswith(" ") and len(made(kept)) == 1


@pytest.mark.parametrize(
    ("sent", "status", "code", "param"),
    [
        ({}, 400, "invalid_value", "prompt"),
        ({"prompt": ""}, 400, "invalid_value", "prompt"),
        ({"prompt": "x" * 20_001}, 400, "invalid_value", "prompt"),
        ({**PROMPT, "model": "llama"}, 404, "model_not_found", "model"),
        ({**PROMPT, "n": 11}, 400, "invalid_value", "n"),
        ({**PROMPT, "n": "2"}, 400, "invalid_value", "n"),
        ({**PROMPT, "size": "huge"}, 400, "invalid_value", "size"),
        ({**PROMPT, "output_format": "svg"}, 400, "invalid_value", "output_format"),
        ({**PROMPT, "output_format": "jpeg", "output_compression": 101}, 400, "invalid_value", "output_compression"),
        ({**PROMPT, "background": "transparent"}, 400, "invalid_value", "background"),
        ({**PROMPT, "response_format": "jpeg"}, 400, "invalid_value", "response_format"),
        ({**PROMPT, "stream": "yes"}, 400, "invalid_value", "stream"),
        ([], 400, "invalid_value", None),
    ],
)  # fmt: skip
async def test_a_refusal_is_in_their_words_and_holds_nothing(
    app: App, sent: Any, status: int, code: str, param: str | None
) -> None:
    account = await app.account(credits=100)

    told = error(await ask(app, account, sent), status, code)

    assert told.get("param") == param
    assert await app.balance(account) == (100, 0)


async def test_what_no_engine_can_do_with_a_picture_is_refused_before_it_is_taken_in(app: App) -> None:
    account = await app.account(credits=100)
    image = [("image", ("a.png", png(30, 30), "image/png"))]

    async def edit(files: Any, **data: str) -> httpx2.Response:
        return await app.client.post(EDITS, data={**PROMPT, **data}, files=files, headers=account.headers)

    error(await edit([*image, ("mask", ("m.png", png(30, 30), "image/png"))]), 400, "invalid_value")
    error(await edit(image, size="1x1"), 400, "invalid_value")
    error(await edit([("image", ("a.txt", b"no picture", "text/plain"))]), 400, "invalid_value")
    error(await ask(app, account, PROMPT, EDITS), 400, "missing_input_image")
    error(await edit(image * 15), 400, "too_many_images")
    assert await app.balance(account) == (100, 0)
    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.uploads") == 0


async def test_who_may_not_or_cannot_pay_is_told_as_their_sdks_expect(app: App) -> None:
    poor = await app.account(credits=3)
    limited = await app.account(credits=100, limit=RateLimit(1, 3600))
    await app.submit(limited)

    error(await app.client.post(GENERATIONS, json=PROMPT), 401, "invalid_api_key")
    error(await ask(app, poor, PROMPT), 402, "insufficient_credits", "insufficient_quota")
    closed = await ask(app, limited, PROMPT)
    error(closed, 429, "rate_limit_exceeded", "rate_limit_error")
    assert int(closed.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("prompt", "status", "code", "kind"),
    [
        ("blocked", 400, "moderation_blocked", "image_generation_user_error"),
        ("rejected", 502, "engine_failed", "server_error"),
    ],
)
async def test_a_picture_that_fails_is_given_back_and_not_tried_again_by_an_sdk(
    working: App, prompt: str, status: int, code: str, kind: str
) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {"prompt": prompt})
    streamed = await ask(working, account, {"prompt": prompt, "stream": True})
    kept = await ask(working, account, {"prompt": prompt}, **{"Cavendish-Keepalive": "5"})

    error(answer, status, code, kind)
    assert answer.headers["x-should-retry"] == "false"
    [(name, data)] = events(streamed)
    assert (name, data["error"]["code"]) == ("error", code)
    assert kept.json()["error"]["code"] == code
    assert await working.balance(account) == (100, 0)


async def test_what_is_not_known_is_ignored_and_named(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**PROMPT, "steps": 20, "complexity": "high", "user": "ada", "quality": "low"})

    assert made(answer) and answer.headers["cavendish-ignored"] == "complexity, steps"


async def test_what_is_named_in_a_header_ends_no_header(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, {**PROMPT, "a\r\nSet-Cookie: b": 1, "\u00e9\0": 2, "x" * 100: 3})

    assert made(answer) and "set-cookie" not in answer.headers
    assert answer.headers["cavendish-ignored"] == f"a??Set-Cookie: b, {'x' * 80}, ??"


async def test_an_sdks_own_repetition_attaches_and_another_call_does_not(working: App) -> None:
    account = await working.account(credits=100)

    def ids(answer: httpx2.Response) -> list[str]:
        assert answer.status_code == 200, answer.text
        found: list[str] = answer.json()["generationIds"]
        return found

    tries = [ids(await ask(working, account, {**PROMPT, "n": 2}, **{"x-stainless-retry-count": n})) for n in "012"]
    fresh = ids(await ask(working, account, {**PROMPT, "n": 2}, **{"x-stainless-retry-count": "0"}))
    after = ids(await ask(working, account, {**PROMPT, "n": 2}, **{"x-stainless-retry-count": "1"}))
    other = ids(await ask(working, account, {**PROMPT, "n": 1}, **{"x-stainless-retry-count": "1"}))

    assert tries[0] == tries[1] == tries[2]
    assert fresh == after != tries[0]
    assert len({*tries[0], *fresh, *other}) == 5
    assert await working.balance(account) == (80, 0)


async def test_a_repetition_beside_its_first_try_waits_for_it(app: App) -> None:
    account = await app.account(credits=1000)
    await app.start_worker()

    answers = await asyncio.gather(
        ask(app, account, PROMPT, **{"x-stainless-retry-count": "0"}),
        *(ask(app, account, PROMPT, **{"x-stainless-retry-count": "1"}) for _ in range(10)),
    )

    found = {answer.json()["generationIds"][0] for answer in answers}
    assert len(found) <= 2  # a repetition that came before its first try is a call of its own
    assert await app.balance(account) == (1000 - 4 * len(found), 0)


async def test_an_old_picture_is_no_repetition(working: App) -> None:
    account = await working.account(credits=100)
    first = await ask(working, account, PROMPT)
    await working.shift_clock("16 minutes")

    again = await ask(working, account, PROMPT, **{"x-stainless-retry-count": "1"})

    assert first.json()["generationIds"] != again.json()["generationIds"]


async def test_an_idempotency_key_holds_for_ever(working: App) -> None:
    account = await working.account(credits=100)
    first = await ask(working, account, PROMPT, **{"Idempotency-Key": "one"})
    await working.shift_clock("1 day")

    again = await ask(working, account, PROMPT, **{"Idempotency-Key": "one"})
    other = await ask(working, account, {"prompt": "a sea"}, **{"Idempotency-Key": "one"})

    assert first.json()["generationIds"] == again.json()["generationIds"]
    error(other, 422, "idempotency_key_reused")


async def test_part_of_several_may_fail_and_is_given_back(app: App) -> None:
    account = await app.account(credits=100)
    asking = asyncio.create_task(ask(app, account, {**PROMPT, "n": 3}))
    while await app.balance(account) != (88, 12):
        await asyncio.sleep(0.02)
    await app.services.db.fetch("UPDATE cavendish.generations SET prompt = 'rejected' WHERE batch_index = 1")
    await app.start_worker()

    answer = await asking

    assert len(made(answer)) == 2
    assert [one["code"] for one in answer.json()["failed"]] == ["engine_failed"]
    assert await app.balance(account) == (92, 0)


async def test_who_asks_for_the_options_of_a_face_hears_that_it_is_there(app: App) -> None:
    """SillyTavern's source stable-diffusion.cpp does; it sends no key."""
    for path, allowed in ((GENERATIONS, "POST"), ("/v1/chat/completions", "POST"), ("/sdapi/v1/options", "GET, POST")):
        answer = await app.client.options(path)

        assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allowed, b"")
    assert (await app.client.options("/v1/nothing")).status_code == 404


async def test_the_models_are_listed_with_the_names_that_clients_look_for(app: App) -> None:
    account = await app.account()

    listed = (await app.client.get("/v1/models", headers=account.headers)).json()["data"]
    one = (await app.client.get("/v1/models/gpt-image-1", headers=account.headers)).json()
    for_anything = (await app.client.get("/v1/models/capabilities", headers=account.headers)).json()

    names = [model["id"] for model in listed]
    assert names[:2] == ["nano-banana-2", "nano-banana-pro"] and {"gpt-image-1", "dall-e-3"} <= set(names)
    assert one["id"] == "gpt-image-1"
    assert {"id": "nano-banana-2", "capabilities": ["image"]} in for_anything["data"]
