"""The lane for the hot calls saves work, never behaviour: with and without it every request is answered alike."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import orjson
import pytest

from cavendish.models import RateLimit
from cavendish.web import app as web_app
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

PRO = "/api/nano-banana-pro"
URL = "https://images.example.com/a.png"
GOOD = {"prompt": "a lake", "mode": "generate"}

# Method, path, body, headers beside the key. Each pair of requests comes from two fresh accounts of equal standing.
REQUESTS: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", f"{PATH}/generate", GOOD, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "imageQuality": "4K", "aspectRatio": "8:1", "seed": 5}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "inputImageUrls": [URL]}, {}),
    ("POST", f"{PATH}/generate", {"prompt": "a lake", "mode": "edit", "inputImageUrls": [URL]}, {}),
    ("POST", f"{PRO}/generate", GOOD, {}),
    ("POST", f"{PATH}/generate", GOOD, {"Idempotency-Key": "order-1"}),
    ("POST", f"{PATH}/generate", GOOD, {"Idempotency-Key": "k" * 256}),
    ("POST", f"{PATH}/generate", GOOD, {"Content-Type": "text/plain"}),
    ("POST", f"{PATH}/generate", GOOD, {"Content-Type": "multipart/form-data; boundary=x"}),
    ("POST", f"{PATH}/generate?extra=1", GOOD, {}),
    ("POST", f"{PATH}/generate", GOOD, {"Authorization": ""}),
    ("POST", f"{PATH}/generate", GOOD, {"Authorization": "Bearer cav_live_nonsense"}),
    ("POST", f"{PATH}/generate", GOOD, {"Authorization": "", "Accept": "application/problem+json"}),
    ("POST", f"{PATH}/generate", GOOD, {"X-Request-Id": "mine"}),
    ("POST", f"{PATH}/generate", {**GOOD, "prompt": ""}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "prompt": "a\0b"}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "mode": "edit"}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "mode": "edit", "inputImages": ["iVBO"]}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "mode": "edit", "inputImageUrls": [URL] * 15}, {}),
    ("POST", f"{PRO}/generate", {**GOOD, "mode": "edit", "inputImageUrls": [URL] * 9}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "mode": "edit", "inputImageUrls": ["http://10.0.0.1/"]}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "aspectRatio": "2:1"}, {}),
    ("POST", f"{PATH}/generate", {}, {}),
    ("POST", f"{PATH}/generate", [], {}),
    ("POST", f"{PATH}/generate", b"", {}),
    ("POST", f"{PATH}/generate", b"no json", {}),
    ("POST", f"{PATH}/generate", b"\xff\xfe{}", {}),
    ("POST", f"{PATH}/generate", b"[" * 340_000, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "mode": "edit", "inputImages": ["iVBO" * 100_000]}, {}),
    ("POST", f"{PATH}/generate", {**GOOD, "inputImages": ["iVBO" * 100_000]}, {}),
    ("POST", f"{PATH}/generate", rb'{"prompt":"\ud83d","mode":"generate"}', {}),
    ("POST", f"{PATH}/generate", rb'{"prompt":"\ud83d","mode":"generate"}', {"Idempotency-Key": "order-1"}),
    ("POST", f"{PATH}/check-status", {"generationId": "0" * 32}, {}),
    ("POST", f"{PATH}/check-status", {"generationId": "abc123xyz"}, {}),
    ("POST", f"{PRO}/check-status", {"generationId": 7}, {}),
    ("POST", f"{PATH}/check-status", {}, {}),
    ("POST", f"{PATH}/check-status", b"{", {}),
    ("POST", f"{PATH}/check-status", {"generationId": "0" * 32}, {"Authorization": ""}),
    ("GET", f"{PATH}/generate", None, {}),
    ("HEAD", f"{PATH}/generate", None, {}),
    ("OPTIONS", f"{PATH}/check-status", None, {}),
    ("DELETE", f"{PRO}/check-status", None, {}),
    ("POST", f"{PATH}/generate/", GOOD, {}),
    ("POST", f"{PATH}//generate", GOOD, {}),
    ("POST", "/api/nano-banana-2/generatE", GOOD, {}),
    ("GET", "/api/v1/credits", None, {}),
]


@pytest.fixture
async def slow(shared: App) -> AsyncIterator[App]:
    """The same service without the lane."""
    services = dataclasses.replace(shared.services, settings=dataclasses.replace(shared.settings, fast_lane=False))
    transport = httpx2.ASGITransport(app=web_app.build(services), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=shared.settings.public_url, timeout=30) as client:
        yield dataclasses.replace(shared, services=services, client=client, _count=100_000 + shared._count)


async def answered(app: App, account: Account, method: str, path: str, body: Any, headers: dict[str, str]) -> object:
    content = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
    answer = await app.client.request(method, path, content=content, headers={**account.headers, **headers})
    return comparable(answer)


def _without_seconds(text: str) -> str:
    """A second may pass between two calls."""
    return re.sub(r";t=\d+|\bin \d+ s\b", "SECONDS", text)


def comparable(answer: httpx2.Response) -> object:
    """Status, headers and body, with what differs by nature replaced: ids, names, times, seconds to wait."""
    headers = {name: _without_seconds(value) for name, value in answer.headers.items() if name != "x-request-id"}
    if "retry-after" in headers:
        headers["retry-after"] = "SECONDS"
        headers.pop("content-length", None)  # the text says the seconds too
    text = re.sub(r"account-\d+", "ACCOUNT", re.sub(r"task-[0-9a-f]{24}", "TASK", _without_seconds(answer.text)))
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", re.sub(r'"[0-9a-f]{32}"', "ID", text))
    if "content-length" in headers and "ACCOUNT" in text:
        del headers["content-length"]
    return answer.status_code, headers, text


@pytest.mark.parametrize(("method", "path", "body", "headers"), REQUESTS)
async def test_with_and_without_the_lane_the_answer_is_the_same(
    shared: App, slow: App, method: str, path: str, body: Any, headers: dict[str, str]
) -> None:
    fast_account, slow_account = await shared.account(credits=50), await slow.account(credits=50)

    with_lane = await answered(shared, fast_account, method, path, body, headers)
    without = await answered(slow, slow_account, method, path, body, headers)

    assert with_lane == without


async def test_replays_refusals_and_polls_are_the_same_too(shared: App, slow: App) -> None:
    limit = RateLimit(4, 3600)

    async def story(app: App) -> list[object]:
        owner, stranger = await app.account(credits=8, limit=limit), await app.account()
        key = {"Idempotency-Key": "order-1"}
        answers = [await app.generate(owner, headers=key, prompt="rejected") for _ in range(2)]
        generation_id = answers[0].json()["generationId"]
        answers.append(await app.generate(owner, headers=key, prompt="another"))
        answers.append(await app.check(stranger, generation_id))
        await app.ended(owner, generation_id)
        answers.append(await app.check(owner, generation_id))
        answers.append(await app.generate(owner, imageQuality="4K"))
        answers += [await app.generate(owner, imageQuality="4K") for _ in range(3)]
        return [comparable(answer) for answer in answers]

    with_lane, without = await story(shared), await story(slow)

    assert [status for status, *_ in with_lane] == [200, 200, 422, 403, 200, 402, 402, 402, 429]  # type: ignore[misc]
    assert with_lane == without
