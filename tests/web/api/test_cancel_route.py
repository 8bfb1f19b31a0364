"""What a caller sees of a generation that was cancelled, and what does not cancel one."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from cavendish.application.work import sweep
from cavendish.errors import Forbidden, LoginRequired, NotFound, TooLateToCancel
from cavendish.web import app as web_app
from harness import expect
from harness.inprocess import PATH, Account, App
from harness.listening import listening

pytestmark = pytest.mark.anyio

LIST = "/api/v1/generations"


async def cancel(app: App, account: Account | None, generation_id: str, **sent: object) -> httpx2.Response:
    headers = account.headers if account else {}
    return await app.client.post(f"{LIST}/{generation_id}/cancel", headers=headers, **sent)  # type: ignore[arg-type]


async def test_it_is_answered_as_the_generation_is_and_again_the_same(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account, seed=7)

    first = expect.success(await cancel(app, account, generation_id))
    again = expect.success(await cancel(app, account, generation_id, json={"reason": "any body"}))

    asked = await app.client.get(f"{LIST}/{generation_id}", headers=account.headers)
    assert first == again == expect.success(asked)
    assert (first["status"], first["errorCode"], first["creditsCharged"]) == ("failed", "CANCELLED", 0)
    assert (first["seed"], first["finishedAt"] >= first["createdAt"], "startedAt" in first) == (7, True, False)
    assert await app.balance(account) == (100, 0)


async def test_it_shows_wherever_a_generation_shows(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    expect.success(await cancel(app, account, generation_id))
    sentence = "The generation was cancelled; its credits were returned"

    checked = (await app.check(account, generation_id)).json()
    assert (checked["success"], checked["status"], checked["errorCode"]) == (False, "failed", "CANCELLED")
    assert (checked["error"], checked["creditsCharged"], checked["creditsRemaining"]) == (sentence, 0, 100)
    for status, count in (("failed", 1), ("pending", 0)):
        answer = await app.client.get(LIST, params={"status": status}, headers=account.headers)
        listed = expect.success(answer)["generations"]
        assert [one["errorCode"] for one in listed] == ["CANCELLED"] * count
    told = await app.client.get(f"{LIST}/{generation_id}/history", headers=account.headers)
    lines = [(line["what"], line["detail"]) for line in expect.success(told)["history"]]
    assert [what for what, _ in lines] == ["pending", "hold", "failed", "release"]
    assert lines[2][1] == sentence
    statement = expect.success(await app.client.get("/api/v1/statement", headers=account.headers))
    assert [entry["kind"] for entry in statement["entries"]] == ["release", "hold", "grant"]


async def test_who_waits_for_it_hears_of_it_at_once(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    path, headers = f"{LIST}/{generation_id}", {**account.headers, "Prefer": "wait=25"}
    waiting = asyncio.create_task(app.client.get(path, headers=headers))
    following = asyncio.create_task(app.client.get(f"{path}/events", headers=account.headers))
    async with asyncio.timeout(20):
        while len(app.services.notifications._waiting.get(generation_id, ())) < 2:
            await asyncio.sleep(0.01)

    expect.success(await cancel(app, account, generation_id))

    async with asyncio.timeout(10):
        assert expect.success(await waiting)["errorCode"] == "CANCELLED"
        assert '"errorCode":"CANCELLED"' in (await following).text


async def test_a_repeated_order_with_its_key_is_the_cancelled_one(app: App) -> None:
    account, key = await app.account(credits=100), {"Idempotency-Key": "order-1"}
    generation_id = await app.submit(account, headers=key)
    expect.success(await cancel(app, account, generation_id))

    assert await app.submit(account, headers=key) == generation_id
    assert await app.balance(account) == (100, 0)


async def test_it_may_be_deleted_and_is_cancelled_still(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    expect.success(await cancel(app, account, generation_id))

    expect.success(await app.client.delete(f"{LIST}/{generation_id}", headers=account.headers))

    assert expect.success(await cancel(app, account, generation_id))["errorCode"] == "CANCELLED"


@pytest.mark.parametrize(
    ("prompt", "words"), [("a fox", "is completed"), ("blocked", "has failed already, with CONTENT_BLOCKED")]
)
async def test_what_has_ended_is_not_cancelled(app: App, prompt: str, words: str) -> None:
    account = await app.account(credits=100)
    await app.start_worker()
    generation_id = await app.submit(account, prompt=prompt)
    before = await app.ended(account, generation_id)

    expect.refusal(await cancel(app, account, generation_id), TooLateToCancel, words)

    assert (await app.check(account, generation_id)).json() == before


async def test_what_has_expired_is_not_cancelled_and_refunded_once(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    await app.shift_clock("11 minutes")
    await sweep.once(app.services)

    expect.refusal(await cancel(app, account, generation_id), TooLateToCancel, "EXPIRED")
    assert await app.entries(generation_id) == ["hold", "release"]


async def test_only_the_owner_cancels(app: App) -> None:
    account, other = await app.account(credits=100), await app.account()
    generation_id = await app.submit(account)

    expect.refusal(await cancel(app, other, generation_id), Forbidden)
    expect.refusal(await cancel(app, None, generation_id), LoginRequired)
    expect.refusal(await cancel(app, account, "0" * 32), NotFound)
    expect.refusal(await cancel(app, account, "nonsense"), NotFound)
    assert await app.balance(account) == (96, 4)


async def test_a_client_that_closes_its_connection_cancels_nothing(app: App) -> None:
    """Whatever it waited for: the answer to its order, the end, the next event."""
    account = await app.account(credits=100)
    key = f"Authorization: Bearer {account.key}\r\nHost: cavendish.test\r\n"
    body = '{"prompt": "ordered and left", "mode": "generate"}'
    followed = [await app.submit(account, prompt=prompt) for prompt in ("waited for", "followed")]
    requests = (
        f"POST {PATH}/generate HTTP/1.1\r\n{key}Content-Length: {len(body)}\r\n\r\n{body}",
        f"GET {LIST}/{followed[0]} HTTP/1.1\r\n{key}Prefer: wait=25\r\n\r\n",
        f"GET {LIST}/{followed[1]}/events HTTP/1.1\r\n{key}\r\n",
    )
    async with listening(app.settings, web_app.build(app.services)) as house:
        clients = [await house.client() for _ in requests]
        for client, request in zip(clients, requests, strict=True):
            await client.send(request.encode())
        async with asyncio.timeout(20):
            while not all(app.services.notifications._waiting.get(one) for one in followed) or await _count(app) < 3:
                await asyncio.sleep(0.01)
        for client in clients:
            await client.close()
        await house.until(0)

    await app.start_worker()
    listed = expect.success(await app.client.get(LIST, headers=account.headers))["generations"]
    ended = [await app.ended(account, one["generationId"]) for one in listed]
    assert [one["status"] for one in ended] == ["completed"] * 3
    assert await app.balance(account) == (88, 0)


async def _count(app: App) -> int:
    return int(await app.services.db.fetchval("SELECT count(*) FROM cavendish.generations"))
