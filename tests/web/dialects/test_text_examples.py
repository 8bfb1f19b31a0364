"""The API text's own examples, word for word."""

from __future__ import annotations

import re

import pytest

from harness import expect
from harness.inprocess import App

pytestmark = pytest.mark.anyio

GENERATE = "/api/nano-banana-2/generate"
CHECK = "/api/nano-banana-2/check-status"

# --data-raw of the three curl lines.
CITYSCAPE = b"""{
"prompt": "A futuristic cityscape at sunset with flying cars and neon lights",
"mode": "generate",
"aspectRatio": "16:9",
"imageQuality": "2K"
}"""
CYBERTRUCK = b"""{
"prompt": "The latest Tesla Cybertruck in a desert landscape",
"mode": "generate",
"aspectRatio": "16:9",
"imageQuality": "2K",
"googleSearch": true
}"""
WATERCOLOR = b"""{
"prompt": "Transform this photo into a watercolor painting style",
"mode": "edit",
"aspectRatio": "16:9",
"imageQuality": "1K",
"inputImageUrls": ["https://static.nanophoto.ai/demo/nano-banana-pro.webp"]
}"""

# The four answers: member to type, or to the value that is always this one.
CREATED = {"success": True, "generationId": str, "taskId": str, "status": "pending"}
COMPLETED = {"success": True, "status": "completed", "imageUrl": str, "generationId": str, "progress": 100}
PENDING = {"success": True, "status": "pending", "generationId": str, "progress": int}
FAILED = {"success": False, "status": "failed", "error": str, "generationId": str, "progress": 0}


def assert_like(body: dict[str, object], example: dict[str, object]) -> None:
    for name, wanted in example.items():
        if isinstance(wanted, type):
            assert type(body[name]) is wanted, name
        else:
            assert body[name] == wanted, name


@pytest.mark.parametrize("example", [CITYSCAPE, CYBERTRUCK, WATERCOLOR], ids=["cityscape", "cybertruck", "watercolor"])
async def test_each_curl_example_creates_a_task_as_shown(shared: App, example: bytes) -> None:
    answer = await shared.post(GENERATE, example, await shared.account())

    body = expect.success(answer)
    assert_like(body, CREATED)
    assert re.fullmatch(r"[0-9a-f]{32}", str(body["generationId"]))
    assert re.fullmatch(r"task-[0-9a-f]+", str(body["taskId"]))


async def test_the_four_answers_have_the_members_shown(shared: App) -> None:
    account = await shared.account()
    slow = await shared.submit(account, prompt="sleep=2")
    done, failed = await shared.submit(account), await shared.submit(account, prompt="rejected")
    await shared.ended(account, done)
    await shared.ended(account, failed)

    running = (await shared.post(CHECK, b'{\n"generationId": "%s"\n}' % slow.encode(), account)).json()
    assert_like(running, {**PENDING, "status": running["status"]})
    assert running["status"] in ("pending", "generating")
    assert_like((await shared.check(account, done)).json(), COMPLETED)
    assert_like((await shared.check(account, failed)).json(), FAILED)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
async def test_the_key_is_sent_as_a_bearer_token(shared: App, scheme: str) -> None:
    account = await shared.account()

    answer = await shared.post(GENERATE, CITYSCAPE, headers={"Authorization": f"{scheme} {account.key}"})

    expect.success(answer)


async def test_the_key_may_be_sent_as_x_api_key_alone_or_beside(shared: App) -> None:
    account = await shared.account()

    alone = await shared.post(GENERATE, CITYSCAPE, headers={"X-Api-Key": account.key})
    beside = await shared.post(GENERATE, CITYSCAPE, account, headers={"X-Api-Key": account.key, "Api-Key": account.key})

    expect.success(alone)
    expect.success(beside)


async def test_a_browsers_headers_disturb_nobody(shared: App) -> None:
    """Real clients send the hosted service's own Origin and Referer."""
    headers = {
        "Origin": "https://nanophoto.ai",
        "Referer": "https://nanophoto.ai/",
        "User-Agent": "Mozilla/5.0",
        "Sec-Fetch-Mode": "cors",
        "Cookie": "session=1",
    }

    expect.success(await shared.post(GENERATE, CITYSCAPE, await shared.account(), headers=headers))
