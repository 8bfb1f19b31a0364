"""What is ordered on one face is there on all others, costs the same, and is the same picture."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness import mcp_wire
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

PROMPT = "a lighthouse above the sea"
Create = Callable[[App, Account], Awaitable[str]]
Read = Callable[[App, Account, str], Awaitable[dict[str, Any]]]


async def _post(app: App, account: Account, path: str, body: dict[str, Any], **headers: str) -> Any:
    answer = await app.client.post(path, json=body, headers={**account.headers, **headers}, timeout=30)
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


async def _get(app: App, account: Account, path: str) -> Any:
    answer = await app.client.get(path, headers=account.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _tool(app: App, account: Account, name: str, **arguments: Any) -> dict[str, Any]:
    body, headers = mcp_wire.stateless("tools/call", {"name": name, "arguments": arguments})
    found = await _post(app, account, "/mcp", body, **headers)
    return dict(found["result"]["structuredContent"])


async def _nano_banana(app: App, account: Account) -> str:
    return await app.submit(account, prompt=PROMPT, aspectRatio="1:1")


async def _rest(app: App, account: Account) -> str:
    body = {"prompt": PROMPT, "aspectRatio": "1:1"}
    return str((await _post(app, account, "/api/v1/generations", body))["generations"][0]["generationId"])


async def _openai(app: App, account: Account) -> str:
    return str((await _post(app, account, "/v1/images/generations", {"prompt": PROMPT}))["generationIds"][0])


async def _mcp(app: App, account: Account) -> str:
    return str((await _tool(app, account, "generate_image", prompt=PROMPT, aspect_ratio="1:1"))["generation_id"])


async def _async(app: App, account: Account) -> str:
    return str((await _post(app, account, "/v1/images/generations/async", {"prompt": PROMPT}))["id"])


async def _chat(app: App, account: Account) -> str:
    body = {"model": "nano-banana-2", "messages": [{"role": "user", "content": PROMPT}],
            "image_config": {"aspect_ratio": "1:1"}}  # fmt: skip
    return str((await _post(app, account, "/v1/chat/completions", body))["generationId"])


async def _gemini(app: App, account: Account) -> str:
    body = {"contents": [{"parts": [{"text": PROMPT}]}]}
    return str((await _post(app, account, "/v1beta/models/gemini-2.5-flash-image:generateContent", body))["responseId"])


async def _automatic1111(app: App, account: Account) -> str:
    await _post(app, account, "/sdapi/v1/txt2img", {"prompt": PROMPT, "width": 1024, "height": 1024})
    return str((await _get(app, account, "/api/v1/generations"))["generations"][0]["generationId"])


CREATE: dict[str, Create] = {
    "nano banana": _nano_banana,
    "rest": _rest,
    "openai": _openai,
    "openai, async": _async,
    "chat": _chat,
    "gemini": _gemini,
    "automatic1111": _automatic1111,
    "mcp": _mcp,
}


async def _checked(app: App, account: Account, generation_id: str) -> dict[str, Any]:
    found = (await app.check(account, generation_id)).json()
    return {"url": found["imageUrl"], "charged": found["creditsCharged"], "width": found["width"]}


async def _shown(app: App, account: Account, generation_id: str) -> dict[str, Any]:
    found = await _get(app, account, f"/api/v1/generations/{generation_id}")
    assert found["prompt"] == PROMPT
    return {"url": found["imageUrl"], "charged": found["creditsCharged"], "width": found["width"]}


async def _listed(app: App, account: Account, generation_id: str) -> dict[str, Any]:
    [found] = (await _get(app, account, "/api/v1/generations"))["generations"]
    assert found["generationId"] == generation_id
    return {"url": found["imageUrl"], "charged": found["creditsCharged"], "width": found["width"]}


async def _by_tool(app: App, account: Account, generation_id: str) -> dict[str, Any]:
    found = await _tool(app, account, "get_generation", id=generation_id)
    return {"charged": found["credits_charged"], "width": found["width"]}


async def _task(app: App, account: Account, generation_id: str) -> dict[str, Any]:
    found = await _get(app, account, f"/v1/images/tasks/{generation_id}")
    assert found["status"] == "completed"
    return {"url": found["image_url"], "charged": found["creditsCharged"]}


READ: dict[str, Read] = {
    "check-status": _checked,
    "rest": _shown,
    "list": _listed,
    "task": _task,
    "mcp": _by_tool,
}


@pytest.mark.parametrize("face", CREATE)
async def test_what_one_face_orders_all_others_show(app: App, face: str) -> None:
    account = await app.account(credits=100)
    await app.start_worker()

    generation_id = await CREATE[face](app, account)
    ended = await app.ended(account, generation_id)
    read = {name: await show(app, account, generation_id) for name, show in READ.items()}

    assert {found["charged"] for found in read.values()} == {4}, read
    assert {found["width"] for found in read.values() if "width" in found} == {1024}, read
    assert {found["url"] for found in read.values() if "url" in found} == {ended["imageUrl"]}
    assert await app.balance(account) == (96, 0)
    assert await app.entries(generation_id) == ["hold", "capture"]


# Where each face that waits tells of its picture.
TOLD: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "/v1/images/generations": lambda answer: answer,
    "/v1/chat/completions": lambda answer: answer,
    "/v1beta/models/nano-banana-2:generateContent": lambda answer: answer,
    "/v1beta/models/nano-banana-2:predict": lambda answer: answer,
    "/sdapi/v1/txt2img": lambda answer: dict(json.loads(answer["info"])),
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": PROMPT}]},
    "/v1beta/models/nano-banana-2:generateContent": {"contents": [{"parts": [{"text": PROMPT}]}]},
    "/v1beta/models/nano-banana-2:predict": {"instances": [{"prompt": PROMPT}]},
}


@pytest.mark.parametrize("path", TOLD)
async def test_every_answer_says_what_really_drew_and_what_was_not_honoured(app: App, path: str) -> None:
    account = await app.account(credits=100)
    asking = asyncio.create_task(_post(app, account, path, BODIES.get(path, {"prompt": PROMPT})))
    while not await app.services.db.fetch(
        "UPDATE cavendish.generations SET warnings = ARRAY['It is a preview.'] RETURNING id"
    ):
        await asyncio.sleep(0.02)
    await app.start_worker()

    told = TOLD[path](await asking)

    assert (told["engine"], told["engineModel"]) == ("script", "script-1")
    assert (told["creditsCharged"], told["creditsRemaining"]) == (4, 96)
    assert told["warnings"] == ["It is a preview."]


async def test_what_the_openai_face_answers_is_the_stored_picture(app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()

    answer = await _post(app, account, "/v1/images/generations", {"prompt": PROMPT})
    stored = await app.client.get((await app.check(account, answer["generationIds"][0])).json()["imageUrl"])

    sent = base64.b64decode(answer["data"][0]["b64_json"])
    assert hashlib.sha256(sent).digest() == hashlib.sha256(stored.content).digest()


@pytest.mark.parametrize("face", CREATE)
async def test_another_accounts_order_is_nobody_elses(app: App, face: str) -> None:
    owner, other = await app.account(credits=100), await app.account(credits=100)
    await app.start_worker()

    generation_id = await CREATE[face](app, owner)

    assert (await app.check(other, generation_id)).status_code == 403
    assert (await _get(app, other, "/api/v1/generations"))["generations"] == []
