"""The judges behind HTTP: what they are sent, what counts as a verdict, and that everything else is none."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Callable
from typing import Any

import openai as sdk
import pytest
from cavendish_test_engines.png import png
from moderation_helpers import CATEGORIES, http_verdict, openai_rules, openai_verdict
from PIL import Image

from cavendish.models import InputImage
from cavendish.moderation import client, http, openai
from cavendish.moderation.base import Block, CannotJudge, Question
from emulators.server import Emulator, Reply, Request

pytestmark = pytest.mark.anyio

KEY = "a-very-secret-key"
SMALL = InputImage(png(16, 16), "image/png", 16, 16)
BEFORE = Question("before", "a cat", ())
WITH_INPUTS = Question("before", "a cat", (SMALL, SMALL))
AFTER = Question("after", "a cat", (SMALL,))


async def ask_http(reply: Reply, question: Question = BEFORE) -> tuple[Block | None, list[Request]]:
    with Emulator(lambda _: reply) as emulator:
        judge = http.build(f"{emulator.url}/judge/?tenant=1", KEY)
        try:
            return await judge.judge(question), emulator.requests
        finally:
            await judge.close()


async def ask_openai(
    handle: Callable[[Request], Reply], question: Question = BEFORE
) -> tuple[Block | None, list[Request]]:
    with Emulator(lambda request: openai_rules(request) or handle(request)) as emulator:
        judge = openai.build(f"{emulator.url}/v1", KEY, "omni-moderation-latest")
        try:
            return await judge.judge(question), emulator.requests
        finally:
            await judge.close()


def noise(side: int) -> InputImage:
    """A picture that no format makes small."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 200).convert("RGB").save(file, "PNG")
    return InputImage(file.getvalue(), "image/png", side, side)


async def test_the_operators_judge_is_asked_as_documented() -> None:
    _, requests = await ask_http(http_verdict(), WITH_INPUTS)

    image = {"mediaType": "image/png", "base64": base64.b64encode(SMALL.data).decode()}
    assert [(request.method, request.target) for request in requests] == [("POST", "/judge/?tenant=1")]
    assert requests[0].json() == {"stage": "before", "prompt": "a cat", "images": [image, image]}
    assert requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert requests[0].headers["content-type"] == "application/json"


async def test_after_the_engine_the_operators_judge_gets_the_picture() -> None:
    _, requests = await ask_http(http_verdict(), AFTER)

    body = requests[0].json()
    assert (body["stage"], base64.b64decode(body["images"][0]["base64"])) == ("after", SMALL.data)


async def test_without_a_key_none_is_sent() -> None:
    with Emulator(lambda _: http_verdict()) as emulator:
        judge = http.build(emulator.url, "")
        await judge.judge(BEFORE)
        await judge.close()

    assert "authorization" not in emulator.requests[0].headers


@pytest.mark.parametrize(
    ("answer", "question", "block"),
    [
        ({"allow": True}, BEFORE, None),
        ({"allow": True, "reason": "VIOLENCE", "score": 0.1}, BEFORE, None),
        ({"allow": False, "reason": "VIOLENCE"}, BEFORE, Block("prompt", "VIOLENCE")),
        ({"allow": False, "reason": "self-harm/intent"}, WITH_INPUTS, Block("prompt or input", "self-harm/intent")),
        ({"allow": False, "reason": "Not Safe"}, AFTER, Block("output", "Not Safe")),
        ({"allow": False}, BEFORE, Block("prompt", "OTHER")),
        ({"allow": False, "reason": None}, BEFORE, Block("prompt", "OTHER")),
        ({"allow": False, "reason": "the word was: bomb!"}, BEFORE, Block("prompt", "OTHER")),
        ({"allow": False, "reason": "A" * 61}, BEFORE, Block("prompt", "OTHER")),
        ({"allow": False, "reason": "A" * 60}, BEFORE, Block("prompt", "A" * 60)),
        ({"allow": False, "reason": "BAD\nWORSE"}, BEFORE, Block("prompt", "OTHER")),
        ({"allow": False, "reason": "<b>"}, BEFORE, Block("prompt", "OTHER")),
    ],
)
async def test_a_verdict_is_taken_with_a_reason_that_can_be_shown(
    answer: Any, question: Question, block: Block | None
) -> None:
    assert (await ask_http(Reply.json(answer), question))[0] == block


NO_VERDICTS = {
    "no JSON": Reply(200, b"OK"),
    "nothing": Reply(200, b""),
    "a list": Reply.json([{"allow": True}]),
    "a bare true": Reply.json(True),
    "another member": Reply.json({"allowed": True}),
    "a word": Reply.json({"allow": "true"}),
    "a number": Reply.json({"allow": 1}),
    "null": Reply.json({"allow": None}),
    "201": Reply.json({"allow": True}, 201),
    "204": Reply(204),
    "302": Reply(302, headers={"Location": "/elsewhere"}),
    "401": Reply.json({"allow": True}, 401),
    "429": Reply.json({"allow": True}, 429),
    "500": Reply.json({"allow": True}, 500),
    "a cut answer": Reply(200, b'{"allow": true}', cut=7),
    "an endless answer": Reply(200, b'{"allow": true, "x": "' + b"x" * 2_000_000 + b'"}'),
    "hung up": Reply(fault="close"),
    "reset": Reply(fault="reset"),
}


@pytest.mark.parametrize("case", NO_VERDICTS)
async def test_anything_else_is_no_verdict_and_its_reason_names_nothing(case: str) -> None:
    with pytest.raises(CannotJudge) as raised:
        await ask_http(NO_VERDICTS[case])

    assert len(str(raised.value)) < 60
    for secret in (KEY, "127.0.0.1", "tenant", "cat"):
        assert secret not in str(raised.value)


async def test_a_judge_that_is_not_there_gives_no_verdict() -> None:
    with Emulator(lambda _: http_verdict()) as emulator:
        judge = http.build(emulator.url, KEY)
    with pytest.raises(CannotJudge, match="ConnectError"):
        await judge.judge(BEFORE)
    await judge.close()


async def test_a_connection_that_breaks_once_is_no_failure() -> None:
    replies = [Reply(fault="reset"), http_verdict("violence")]
    with Emulator(lambda _: replies.pop(0)) as emulator:
        judge = http.build(emulator.url, KEY)
        assert await judge.judge(BEFORE) == Block("prompt", "VIOLENCE")
        await judge.close()


async def test_pictures_that_are_too_much_to_send_are_made_smaller() -> None:
    large = noise(1400)
    assert len(large.data) > client.IMAGES_BYTES_MAX // 14
    _, requests = await ask_http(http_verdict(), Question("before", "a cat", (large,) * 14))

    images = requests[0].json()["images"]
    assert len(images) == 14
    assert all(len(base64.b64decode(image["base64"])) <= client.IMAGES_BYTES_MAX // 14 for image in images)
    assert {image["mediaType"] for image in images} == {"image/jpeg"}


async def test_a_picture_that_cannot_be_made_smaller_is_no_verdict() -> None:
    broken = InputImage(SMALL.data[:40] + b"\0" * client.IMAGE_BYTES_MAX, "image/png", 16, 16)

    with pytest.raises(CannotJudge, match="a picture that cannot be read"):
        await ask_http(http_verdict(), Question("after", "a cat", (broken,)))


async def test_openai_is_asked_about_the_prompt_and_each_picture_on_its_own() -> None:
    _, requests = await ask_openai(lambda _: openai_verdict(), WITH_INPUTS)

    url = "data:image/png;base64," + base64.b64encode(SMALL.data).decode()
    picture = {"model": "omni-moderation-latest", "input": [{"type": "image_url", "image_url": {"url": url}}]}
    text = {"model": "omni-moderation-latest", "input": [{"type": "text", "text": "a cat"}]}
    assert sorted((request.json() for request in requests), key=str) == [picture, picture, text]
    assert {request.target for request in requests} == {"/v1/moderations"}
    assert {request.headers["authorization"] for request in requests} == {f"Bearer {KEY}"}


async def test_openai_is_asked_about_the_picture_alone_after_the_engine() -> None:
    _, requests = await ask_openai(lambda _: openai_verdict(), AFTER)

    assert [request.json()["input"][0]["type"] for request in requests] == ["image_url"]


def flags(part: str, category: str) -> Callable[[Request], Reply]:
    return lambda request: openai_verdict(category if request.json()["input"][0]["type"] == part else "")


@pytest.mark.parametrize("category", CATEGORIES)
async def test_each_category_of_openai_is_a_reason(category: str) -> None:
    block, _ = await ask_openai(flags("text", category))

    assert block == Block("prompt", category)


@pytest.mark.parametrize(
    ("part", "question", "where"),
    [("text", WITH_INPUTS, "prompt"), ("image_url", WITH_INPUTS, "input"), ("image_url", AFTER, "output")],
)
async def test_a_no_of_openai_is_about_what_was_asked(part: str, question: Question, where: Any) -> None:
    block, _ = await ask_openai(flags(part, "sexual"), question)

    assert block == Block(where, "sexual")


def result(flagged: object, **more: Any) -> Reply:
    return Reply.json({"results": [{"flagged": flagged, **more}]})


@pytest.mark.parametrize(
    ("reply", "block"),
    [
        (result(False, categories={"violence": True}), None),
        (
            result(True, categories={"hate": True, "sexual": True}, category_scores={"hate": 0.6, "sexual": 0.9}),
            "sexual",
        ),
        (
            result(True, categories={"hate": True, "sexual": False}, category_scores={"hate": 0.6, "sexual": 0.9}),
            "hate",
        ),
        (result(True, categories={"hate": True}), "hate"),
        (result(True, categories={}), "OTHER"),
        (result(True, categories=None, category_scores="?"), "OTHER"),
        (result(True, categories={"S1: <Violent>": True}), "OTHER"),
        (Reply.json({"results": [{"flagged": False}, {"flagged": True, "categories": {"hate": True}}]}), "hate"),
    ],
)
async def test_the_flagged_category_of_the_highest_score_is_the_reason(reply: Reply, block: str | None) -> None:
    found, _ = await ask_openai(lambda _: reply)

    assert found == (Block("prompt", block) if block else None)


NO_RESULTS = {
    "none": Reply.json({"results": []}),
    "missing": Reply.json({"id": "modr-1"}),
    "no list": Reply.json({"results": {"flagged": False}}),
    "without flagged": Reply.json({"results": [{"categories": {}}]}),
    "flagged as a word": result("false"),
    "one of two without": Reply.json({"results": [{"flagged": True}, {}]}),
    "too many": Reply.json({"results": [{"flagged": False}] * 33}),
    "no JSON": Reply(200, b"<html>"),
    "401": Reply.json({"error": {"message": "Incorrect API key"}}, 401),
    "429": Reply.json({"error": {"message": "Rate limit"}}, 429),
    "500": Reply.json({"error": {}}, 500),
    "reset": Reply(fault="reset"),
}


@pytest.mark.parametrize("case", NO_RESULTS)
async def test_openai_without_results_is_no_verdict(case: str) -> None:
    with pytest.raises(CannotJudge):
        await ask_openai(lambda _: NO_RESULTS[case])


async def test_a_no_of_openai_counts_though_another_part_could_not_be_judged() -> None:
    def handle(request: Request) -> Reply:
        return openai_verdict("hate") if request.json()["input"][0]["type"] == "text" else Reply.json({}, 500)

    assert (await ask_openai(handle, WITH_INPUTS))[0] == Block("prompt", "hate")


async def test_a_no_of_openai_does_not_wait_for_the_slow_rest() -> None:
    def handle(request: Request) -> Reply:
        return openai_verdict("hate") if request.json()["input"][0]["type"] == "text" else Reply(fault="hang")

    async with asyncio.timeout(10):
        assert (await ask_openai(handle, WITH_INPUTS))[0] == Block("prompt", "hate")


async def test_a_part_that_could_not_be_judged_is_no_yes() -> None:
    def handle(request: Request) -> Reply:
        return openai_verdict() if request.json()["input"][0]["type"] == "text" else Reply.json({}, 500)

    with pytest.raises(CannotJudge, match="status 500"):
        await ask_openai(handle, WITH_INPUTS)


async def test_our_emulator_is_what_the_official_client_speaks_to_and_reads() -> None:
    """The client sends the same request for the same question, and finds everything that it knows in the answer."""
    url = "data:image/png;base64," + base64.b64encode(SMALL.data).decode()
    with Emulator(lambda request: openai_rules(request) or openai_verdict("self-harm/intent")) as emulator:
        async with sdk.AsyncOpenAI(api_key=KEY, base_url=f"{emulator.url}/v1", max_retries=0) as client:
            answer = await client.moderations.create(
                model="omni-moderation-latest", input=[{"type": "image_url", "image_url": {"url": url}}]
            )
            with pytest.raises(sdk.BadRequestError, match="exceeds maximum of 1"):
                two: Any = [{"type": "image_url", "image_url": {"url": url}}] * 2
                await client.moderations.create(model="omni-moderation-latest", input=two)
    _, ours = await ask_openai(lambda _: openai_verdict(), AFTER)

    theirs = emulator.requests[0]
    assert (theirs.target, theirs.json()) == (ours[0].target, ours[0].json())
    assert theirs.headers["authorization"] == ours[0].headers["authorization"]
    assert answer.results[0].flagged and answer.results[0].categories.self_harm_intent
    flagged = {name for name, found in answer.results[0].categories.to_dict().items() if found}
    assert flagged == {"self-harm/intent"}
    assert set(answer.results[0].categories.to_dict()) == set(CATEGORIES)
