"""Google's face: what clients send, byte for byte as they do, and what they read of the answer; and Google's own SDK."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import httpx2
import pytest
from cavendish_test_engines.png import png
from google.genai import types
from PIL import Image

from cavendish.models import RateLimit
from cavendish.web.http import google_orders
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

MODEL = "gemini-2.5-flash-image"
CONTENT, STREAM = f"/v1beta/models/{MODEL}:generateContent", f"/v1beta/models/{MODEL}:streamGenerateContent"
PREDICT = "/v1beta/models/imagen-4.0-generate-001:predict"


@pytest.fixture
async def working(app: App) -> App:
    await app.start_worker()
    return app


def of_google(account: Account) -> dict[str, str]:
    return {"x-goog-api-key": account.key}


def said(*parts: Any, role: str | None = "user") -> dict[str, Any]:
    found = [{"text": part} if isinstance(part, str) else part for part in parts]
    return {"parts": found} if role is None else {"role": role, "parts": found}


def words(*parts: Any, **rest: Any) -> dict[str, Any]:
    return {"contents": [said(*parts)], **rest}


def inline(picture: bytes, media_type: str = "image/png") -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type, "data": base64.b64encode(picture).decode()}}


async def ask(app: App, account: Account, body: Any, path: str = CONTENT, **headers: str) -> httpx2.Response:
    return await app.client.post(path, json=body, headers={**of_google(account), **headers}, timeout=30)


def opened(data: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    image.load()
    return image


def of_document(document: dict[str, Any]) -> list[Image.Image]:
    """As Open WebUI and n8n read it: every part with inlineData, thoughts and all."""
    images = []
    for candidate in document["candidates"]:
        for part in candidate["content"]["parts"]:
            image = opened(part["inlineData"]["data"])
            assert Image.MIME[str(image.format)] == part["inlineData"]["mimeType"]
            images.append(image)
    return images


def made(answer: httpx2.Response) -> list[Image.Image]:
    assert answer.status_code == 200, answer.text
    return of_document(answer.json())


def error(answer: httpx2.Response, code: int, word: str) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    assert set(found) == {"error"} and set(found["error"]) == {"code", "message", "status", "details"}
    assert (answer.status_code, found["error"]["code"], found["error"]["status"]) == (code, code, word), answer.text
    return found["error"]  # type: ignore[no-any-return]


def events(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n") if line]


async def test_a_picture_is_answered_and_costs_as_any(working: App) -> None:
    account = await working.account(credits=100)

    answer = await ask(
        working, account, words("a lake", generationConfig={"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}})
    )

    [image] = made(answer)
    body = answer.json()
    assert image.size == (2752, 1536)
    [candidate] = body["candidates"]
    assert (candidate["index"], candidate["finishReason"], candidate["content"]["role"]) == (0, "STOP", "model")
    assert set(body["usageMetadata"]) == {"promptTokenCount", "candidatesTokenCount", "totalTokenCount"}
    assert (body["modelVersion"], body["creditsCharged"], body["creditsRemaining"]) == ("script-1", 8, 92)
    assert await working.balance(account) == (92, 0)
    everywhere = await working.check(account, body["responseId"])
    assert everywhere.json()["status"] == "completed"


FORMATS: dict[str, tuple[Any, tuple[int, int]]] = {
    "google-genai's list": (
        [types.ResponseFormat(image=types.ImageResponseFormat(
            aspect_ratio=types.AspectRatio.ASPECT_RATIO_SIXTEEN_BY_NINE, image_size=types.ImageSize.IMAGE_SIZE_TWO_K,
        )).model_dump(exclude_none=True, by_alias=True, mode="json")], (2752, 1536)),
    "an object": ({"image": {"aspectRatio": "ASPECT_RATIO_TWENTY_ONE_BY_NINE"}}, (1584, 672)),
    "as imageConfig writes it": ({"image": {"aspectRatio": "3:2", "imageSize": "1K"}}, (1264, 848)),
    "nothing said": ({"image": {"aspectRatio": "ASPECT_RATIO_UNSPECIFIED", "imageSize": "IMAGE_SIZE_UNSPECIFIED"}},
                     (1024, 1024)),
    "beside other kinds": ([{"text": {"mimeType": "text/plain"}}, {"image": {"aspect_ratio": "9:16"}}], (768, 1376)),
}  # fmt: skip


@pytest.mark.parametrize(("form", "size"), FORMATS.values(), ids=FORMATS)
async def test_v1s_response_format_is_understood_as_image_config(
    working: App, form: Any, size: tuple[int, int]
) -> None:
    account = await working.account(credits=100)

    [image] = made(await ask(working, account, words("a lake", generationConfig={"responseFormat": form})))

    assert image.size == size


def test_every_name_of_the_sdks_enumerations_is_known() -> None:
    known = {**google_orders._RATIO_NAMES, **google_orders._SIZE_NAMES}
    assert {one.value for one in (*types.AspectRatio, *types.ImageSize)} == set(known)


async def test_of_two_that_speak_of_the_image_image_config_counts_and_the_rest_is_told(working: App) -> None:
    account = await working.account(credits=100)
    config = {
        "imageConfig": {"aspectRatio": "1:1"},
        "responseFormat": {"image": {"aspectRatio": "16:9", "mimeType": "image/jpeg", "delivery": "URI", "x": 1}},
    }

    answer = await ask(working, account, words("a lake", generationConfig=config))

    [image] = made(answer)
    assert (image.size, image.format) == ((1024, 1024), "JPEG")
    assert answer.headers["cavendish-ignored"] == "generationConfig.responseFormat.image.x"
    assert "delivery URI" in answer.headers["cavendish-warning"]


@pytest.mark.parametrize(
    ("path", "sent", "size"),
    [
        # Open WebUI 0.12 with generateContent
        (CONTENT, {"contents": [{"parts": [{"text": "a lake"}]}]}, (1024, 1024)),
        # n8n 2.41, node Google Gemini, generate an image
        (CONTENT, {"contents": [{"role": "user", "parts": [{"text": "a lake"}]}],
                   "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}}, (1024, 1024)),
        # LibreChat's gemini_image_gen, by @google/genai
        ("/v1beta/models/gemini-3-pro-image-preview:generateContent",
         {"contents": [{"role": "user", "parts": [{"text": "a lake"}]}],
          "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
          "generationConfig": {"responseModalities": ["TEXT", "IMAGE"],
                               "imageConfig": {"aspectRatio": "9:16", "imageSize": "1K"}}}, (768, 1376)),
        # @ai-sdk/google
        (CONTENT, {"contents": [{"role": "user", "parts": [{"text": "a lake"}]}],
                   "generationConfig": {"responseModalities": ["TEXT", "IMAGE"],
                                        "imageConfig": {"aspectRatio": "3:2"}}}, (1264, 848)),
        # google-genai in Python mixes the spellings
        ("/v1/models/nano-banana-2:generateContent",
         {"contents": [{"parts": [{"text": "a lake"}]}], "system_instruction": {"parts": [{"text": "be brief"}]},
          "generation_config": {"response_modalities": ["IMAGE"],
                                "image_config": {"aspect_ratio": "21:9", "image_size": "1K"}}}, (1584, 672)),
    ],
    ids=["open-webui", "n8n", "librechat", "ai-sdk", "snake"],
)  # fmt: skip
async def test_what_clients_send_by_default_is_a_picture_as_they_read_it(
    working: App, path: str, sent: dict[str, Any], size: tuple[int, int]
) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, sent, path)

    [image] = made(answer)
    assert image.size == size
    assert "cavendish-ignored" not in answer.headers


@pytest.mark.parametrize(
    "sent",
    [
        # Open WebUI 0.12 with predict, its default
        {
            "instances": {"prompt": "a lake"},
            "parameters": {"sampleCount": 2, "outputOptions": {"mimeType": "image/png"}},
        },
        # n8n 2.41 with a model whose name has imagen in it
        {"instances": [{"prompt": "a lake"}], "parameters": {"sampleCount": 2}},
    ],
    ids=["open-webui", "n8n"],
)
async def test_predictions_are_pictures_as_their_readers_take_them(working: App, sent: dict[str, Any]) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, sent, PREDICT)

    found = answer.json()["predictions"]
    assert [opened(one["bytesBase64Encoded"]).size for one in found] == [(1024, 1024)] * 2
    assert {one["mimeType"] for one in found} == {"image/png"}
    assert await working.balance(account) == (92, 0)


@pytest.mark.parametrize(
    "part",
    [
        inline(png(60, 30)),
        {
            "inline_data": {"mime_type": "image/png", "data": base64.b64encode(png(60, 30)).decode()}
        },  # Open WebUI's edits
        {"inlineData": {"mime_type": "image/webp", "data": base64.urlsafe_b64encode(png(60, 30)).decode().rstrip("=")}},
    ],
    ids=["camel", "snake", "url-safe under another type"],
)
async def test_an_edit_takes_pictures_in_each_spelling(working: App, part: dict[str, Any]) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, words("make it night", part, part))

    [image] = made(answer)
    row = await working.row(answer.json()["responseId"])
    assert row["mode"] == "edit" and len(row["input_image_urls"]) == 2 and row["prompt"] == "make it night"
    assert row["aspect_ratio"] == "16:9" and image.width > image.height  # the shape of the first, nearly 2:1


async def test_the_last_turn_counts_and_the_picture_made_before_is_edited(working: App) -> None:
    account = await working.account(credits=100)
    thought = {**inline(png(90, 90)), "thought": True}
    square = said("A first try", inline(png(90, 90)), role="model")
    before = square, said("taller", inline(png(90, 90))), said("Here it is", inline(png(30, 60)), thought, role="model")

    async def row(*turns: Any, **rest: Any) -> Any:
        answer = await ask(working, account, {"contents": list(turns), **rest})
        made(answer)
        return await working.row(answer.json()["responseId"])

    edited = await row(*before, said("make it", role=None), said("night"), systemInstruction=said("In oil"))
    replaced = await row(*before, said("as this", inline(png(60, 30))))

    assert edited["prompt"] == "In oil\n\nmake it\n\nnight"
    assert (edited["mode"], len(edited["input_image_urls"]), edited["aspect_ratio"]) == ("edit", 1, "9:16")
    assert (len(replaced["input_image_urls"]), replaced["aspect_ratio"]) == (1, "16:9")


async def test_a_stream_is_events_or_an_array(working: App) -> None:
    account = await working.account(credits=100)
    two = words("a lake", generationConfig={"candidateCount": 2})

    found = events(await ask(working, account, two, f"{STREAM}?alt=sse"))
    listed = (await ask(working, account, two, STREAM)).json()

    for documents in (found, listed):
        assert [len(of_document(one)) for one in documents] == [1, 1]
        assert [one["candidates"][0]["index"] for one in documents] == [0, 1]
        assert len({one["responseId"] for one in documents}) == 2


@pytest.mark.parametrize("options", [{"keepalive_seconds": "1"}])
async def test_who_waits_long_hears_that_it_goes_on(app: App) -> None:
    account = await app.account(credits=100)

    async def work() -> None:
        await asyncio.sleep(2.5)
        await app.start_worker()

    starting = asyncio.create_task(work())
    streamed, listed, kept = await asyncio.gather(
        ask(app, account, words("a lake"), f"{STREAM}?alt=sse"),
        ask(app, account, words("a lake"), STREAM),
        ask(app, account, words("a lake"), **{"Cavendish-Keepalive": "1"}),
    )
    await starting

    assert streamed.text.startswith("\ndata: ") or streamed.text.startswith("\n\n") and len(events(streamed)) == 1
    assert listed.text.startswith("[ ") and len(listed.json()) == 1
    assert kept.text.startswith(" ") and len(made(kept)) == 1


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "contents is missing"),
        ({"contents": []}, "contents is missing"),
        ({"contents": "a lake"}, "contents. 'a lake' is not valid"),
        (words(), "the text in contents"),
        (words({"text": 3}), "text 3 is not valid"),
        (words("a lake", {"inlineData": {"data": "§"}}), "inlineData.data holds no picture"),
        (words("a lake", inline(b"no picture")), "inlineData is not valid"),
        (words("a lake", {"fileData": {"fileUri": "gs://bucket/a.png"}}), "picture 1"),
        (words("a lake", *[inline(png(30, 30))] * 15), "contents has 15 pictures"),
        (words("a lake", generationConfig={"imageConfig": {"aspectRatio": "2:1"}}), "aspectRatio '2:1' is not valid"),
        (words("a lake", generationConfig={"imageConfig": {"imageSize": "huge"}}), "imageSize 'huge' is not valid"),
        (words("a lake", generationConfig={"candidateCount": 11}), "candidateCount 11 is not valid"),
        (words("a lake", generationConfig={"responseModalities": ["TEXT"]}), "asks for no picture"),
        (words("a lake", generationConfig=[]), "generationConfig"),
    ],
)  # fmt: skip
async def test_a_refusal_is_in_their_words_and_holds_nothing(app: App, sent: Any, told: str) -> None:
    account = await app.account(credits=100)

    found = error(await ask(app, account, sent), 400, "INVALID_ARGUMENT")

    assert told in found["message"]
    assert await app.balance(account) == (100, 0)


async def test_who_may_not_or_cannot_pay_is_told_as_their_sdks_expect(app: App) -> None:
    poor = await app.account(credits=3)
    limited = await app.account(credits=100, limit=RateLimit(1, 3600))
    await app.submit(limited)

    error(await app.client.post(CONTENT, json=words("a lake")), 401, "UNAUTHENTICATED")
    error(await ask(app, poor, words("a lake")), 402, "FAILED_PRECONDITION")  # never 429: that is sent again
    error(await ask(app, poor, words("a lake"), "/v1/models/llama:generateContent"), 404, "NOT_FOUND")
    closed = await ask(app, limited, words("a lake"))
    found = error(closed, 429, "RESOURCE_EXHAUSTED")
    assert int(closed.headers["retry-after"]) > 0
    assert found["details"][1]["retryDelay"] == f"{closed.headers['retry-after']}s"


async def test_each_credential_of_theirs_is_taken_and_a_key_in_the_address_nowhere_else(working: App) -> None:
    account = await working.account(credits=100)

    for given in ({"headers": of_google(account)}, {"params": {"key": account.key}}, {"headers": account.headers}):
        made(await working.client.post(CONTENT, json=words("a lake"), **given))
    elsewhere = await working.client.get("/api/v1/credits", params={"key": account.key})

    assert elsewhere.status_code == 401


async def test_what_a_filter_declines_is_200_and_given_back(working: App) -> None:
    account = await working.account(credits=100)

    answers = [
        (await ask(working, account, words("blocked"))).json(),
        (await ask(working, account, words("blocked"), **{"Cavendish-Keepalive": "5"})).json(),
        *events(await ask(working, account, words("blocked"), f"{STREAM}?alt=sse")),
        *(await ask(working, account, words("blocked"), STREAM)).json(),
    ]
    predicted = await ask(working, account, {"instances": [{"prompt": "blocked"}]}, PREDICT)

    assert [one["promptFeedback"]["blockReason"] for one in answers] == ["PROHIBITED_CONTENT"] * 4
    assert all("candidates" not in one and one["creditsCharged"] == 0 for one in answers)
    error(predicted, 400, "INVALID_ARGUMENT")
    assert await working.balance(account) == (100, 0)


async def test_of_several_what_failed_says_so_in_its_place(app: App) -> None:
    account = await app.account(credits=100)
    asking = asyncio.create_task(ask(app, account, words("a lake", generationConfig={"candidateCount": 3})))
    while await app.balance(account) != (88, 12):
        await asyncio.sleep(0.02)
    await app.services.db.fetch("UPDATE cavendish.generations SET prompt = 'rejected' WHERE batch_index = 1")
    await app.start_worker()

    answer = await asking

    found = answer.json()["candidates"]
    assert [one["finishReason"] for one in found] == ["STOP", "IMAGE_OTHER", "STOP"]
    assert [len(one["content"]["parts"]) for one in found] == [1, 0, 1]
    assert await app.balance(account) == (92, 0)


async def test_a_picture_that_fails_is_an_error_and_given_back(working: App) -> None:
    account = await working.account(credits=100)

    error(await ask(working, account, words("rejected")), 500, "INTERNAL")
    [streamed] = events(await ask(working, account, words("rejected"), f"{STREAM}?alt=sse"))
    [listed] = (await ask(working, account, words("rejected"), STREAM)).json()

    assert streamed["error"]["status"] == listed["error"]["status"] == "INTERNAL"
    assert await working.balance(account) == (100, 0)


async def test_what_is_not_known_is_ignored_and_named_without_ending_a_header(working: App) -> None:
    account = await working.account(credits=100)
    config = {"temperature": 1, "imageConfig": {"personGeneration": "ALLOW_ALL"}, "a\r\nSet-Cookie: b": 1}

    answer = await ask(
        working, account, words("a lake", generationConfig=config, tools=[{"codeExecution": {}}], cachedContent="x")
    )

    assert made(answer) and "set-cookie" not in answer.headers
    assert answer.headers["cavendish-ignored"] == (
        "cachedContent, generationConfig.a??Set-Cookie: b, generationConfig.imageConfig.personGeneration, "
        "generationConfig.temperature, tools.codeExecution"
    )


@pytest.mark.parametrize(("size", "drawn", "warned"), [("512", 1024, True), ("2k", 2048, False), ("3900", 4096, True)])
async def test_the_nearest_size_is_drawn_and_told(working: App, size: str, drawn: int, warned: bool) -> None:
    account = await working.account(credits=100)

    answer = await ask(working, account, words("a lake", generationConfig={"imageConfig": {"imageSize": size}}))

    assert made(answer)[0].width == drawn
    assert ("cavendish-warning" in answer.headers) == warned


async def test_facts_that_were_searched_stand_beside_the_picture(working: App) -> None:
    account = await working.account(credits=100)
    sent, once = (
        words("a lake", tools=[{"google_search": {}}], generationConfig={"seed": 7}),
        {"Idempotency-Key": "one"},
    )
    answer = await ask(working, account, sent, **once)
    row = await working.row(answer.json()["responseId"])
    found = {
        "queries": ["lakes"],
        "sources": [{"title": "a.example", "url": "https://a.example"}],
        "renderedContent": "<p>",
    }
    await working.services.db.fetch("UPDATE cavendish.generations SET grounding = $1::jsonb", json.dumps(found))

    again = (await ask(working, account, sent, **once)).json()

    assert row["google_search"] is True and row["seed"] == 7
    assert "cavendish-ignored" not in answer.headers and "groundingMetadata" not in answer.json()["candidates"][0]
    metadata = types.GroundingMetadata.model_validate(again["candidates"][0]["groundingMetadata"])
    assert metadata.web_search_queries == ["lakes"]
    assert metadata.grounding_chunks[0].web.uri == "https://a.example"  # type: ignore[index,union-attr]
    assert metadata.search_entry_point.rendered_content == "<p>"  # type: ignore[union-attr]


async def test_a_picture_declined_after_it_was_drawn_has_a_finish_reason(working: App) -> None:
    account, once = await working.account(credits=100), {"Idempotency-Key": "one"}
    await ask(working, account, words("blocked"), **once)
    await working.services.db.fetch(
        "UPDATE cavendish.generations SET error = 'the picture was declined (stage: output, reason: X). Nothing was charged.'"
    )

    answer = (await ask(working, account, words("blocked"), **once)).json()

    [candidate] = answer["candidates"]
    assert (candidate["finishReason"], candidate["content"]["parts"]) == ("IMAGE_SAFETY", [])
    assert "promptFeedback" not in answer


async def test_an_idempotency_key_holds_for_ever(working: App) -> None:
    account = await working.account(credits=100)

    first = await ask(working, account, words("a lake"), **{"Idempotency-Key": "one"})
    again = await ask(working, account, words("a lake"), **{"Idempotency-Key": "one"})
    other = await ask(working, account, words("a sea"), **{"Idempotency-Key": "one"})

    assert first.json()["responseId"] == again.json()["responseId"]
    error(other, 400, "INVALID_ARGUMENT")
    assert await working.balance(account) == (96, 0)


async def test_a_key_in_an_address_reaches_no_log(app: App, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither of a call that is taken, nor of one that fails by a fault of ours."""
    account = await app.account(credits=0)
    wrong = account.key[:-1] + ("a" if account.key[-1] != "a" else "b")

    for key in (account.key, wrong):
        answer = await app.client.post(CONTENT, json=words("a lake"), params={"key": key})
        assert answer.status_code in (401, 402) and key not in answer.text
    await app.services.db.fetch("ALTER TABLE cavendish.accounts RENAME TO elsewhere")
    broken = await app.client.get("/v1beta/models", params={"key": wrong[:-6] + account.key[-6:]})
    fault = await app.client.post(CONTENT, json=words("a lake"), params={"key": account.key})

    written = "".join(capfd.readouterr())
    assert account.key not in written and wrong not in written
    assert "request failed" in written and fault.status_code >= 500, (broken.text, fault.text)
