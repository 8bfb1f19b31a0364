"""Native REST beside the dialect: credits, one generation, a paged list."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from cavendish.errors import Forbidden, InvalidInput, LoginRequired, NotFound
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

LIST = "/api/v1/generations"


async def get(app: App, account: Account, path: str, **query: Any) -> httpx2.Response:
    return await app.client.get(path, params=query, headers=account.headers)


async def listed(app: App, account: Account, **query: Any) -> list[str]:
    """Ids of one page."""
    body = expect.success(await get(app, account, LIST, **query))
    return [generation["generationId"] for generation in body["generations"]]


# --- credits


async def test_credits_shows_balance_and_held(shared: App) -> None:
    account = await shared.account(credits=100)
    await shared.submit(account, prompt="sleep=5", imageQuality="4K")

    body = expect.success(await get(shared, account, "/api/v1/credits"))

    assert body == {"success": True, "account": account.name, "balance": 84, "held": 16}


@pytest.mark.parametrize("path", ["/api/v1/credits", LIST, f"{LIST}/{'0' * 32}"])
async def test_every_native_call_needs_a_key(shared: App, path: str) -> None:
    answer = await shared.client.get(path)

    expect.refusal(answer, LoginRequired)
    assert "www-authenticate" in answer.headers


# --- one generation


async def test_a_generation_in_full(shared: App) -> None:
    account = await shared.account()
    generation_id = await shared.submit(account, prompt="a lake", imageQuality="2K", aspectRatio="1:1", seed=7)
    ended = await shared.ended(account, generation_id)

    body = expect.success(await get(shared, account, f"{LIST}/{generation_id}"))

    assert body["prompt"] == "a lake"
    assert (body["aspectRatio"], body["imageQuality"], body["googleSearch"], body["mode"]) == (
        "1:1",
        "2K",
        False,
        "generate",
    )
    assert (body["model"], body["engine"], body["engineModel"]) == ("nano-banana-2", "script", "script-1")
    assert (body["width"], body["height"], body["mimeType"], body["seed"]) == (2048, 2048, "image/png", 7)
    assert body["imageUrl"] == ended["imageUrl"]
    assert body["sizeBytes"] == len((await shared.client.get(body["imageUrl"])).content)
    assert (body["creditsCharged"], body["progress"], body["status"]) == (8, 100, "completed")
    assert body["createdAt"] <= body["startedAt"] <= body["finishedAt"]
    assert "creditsHeld" not in body and "error" not in body


async def test_a_failed_generation_in_full(shared: App) -> None:
    account = await shared.account()
    generation_id = await shared.submit(account, prompt="blocked")
    await shared.ended(account, generation_id)

    body = expect.success(await get(shared, account, f"{LIST}/{generation_id}"))

    assert (body["status"], body["errorCode"], body["creditsCharged"]) == ("failed", "CONTENT_BLOCKED", 0)
    assert "imageUrl" not in body


async def test_only_the_owner_sees_a_generation(shared: App) -> None:
    owner, stranger = await shared.account(), await shared.account()
    generation_id = await shared.submit(owner)

    expect.refusal(await get(shared, stranger, f"{LIST}/{generation_id}"), Forbidden)
    expect.refusal(await get(shared, owner, f"{LIST}/{'0' * 32}"), NotFound)
    expect.refusal(await get(shared, owner, f"{LIST}/nonsense"), NotFound)


# --- the list


async def test_a_list_is_newest_first_and_pages_without_gap_or_repeat(shared: App) -> None:
    account = await shared.account()
    made = [await shared.submit(account, prompt=f"{n}") for n in range(7)]

    found: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    pages = 0
    while True:
        body = expect.success(await get(shared, account, LIST, **query))
        found += [generation["generationId"] for generation in body["generations"]]
        pages += 1
        if "nextCursor" not in body:
            break
        query["cursor"] = body["nextCursor"]

    assert found == made[::-1]
    assert pages == 3


async def test_a_page_is_not_disturbed_by_what_arrives_meanwhile(shared: App) -> None:
    account = await shared.account()
    made = [await shared.submit(account) for _ in range(4)]
    first = expect.success(await get(shared, account, LIST, limit=2))

    await shared.submit(account)

    assert await listed(shared, account, limit=2, cursor=first["nextCursor"]) == made[1::-1]


async def test_a_list_can_be_filtered_by_status(shared: App) -> None:
    account = await shared.account()
    done, failed = await shared.submit(account), await shared.submit(account, prompt="rejected")
    running = await shared.submit(account, prompt="sleep=5")
    await shared.ended(account, done)
    await shared.ended(account, failed)

    assert await listed(shared, account, status="completed") == [done]
    assert await listed(shared, account, status="failed") == [failed]
    assert running in await listed(shared, account, status="generating") + await listed(
        shared, account, status="pending"
    )


async def test_the_last_page_has_no_cursor_also_when_it_is_full(shared: App) -> None:
    account = await shared.account()
    for _ in range(2):
        await shared.submit(account)

    assert "nextCursor" not in expect.success(await get(shared, account, LIST, limit=2))
    assert "nextCursor" in expect.success(await get(shared, account, LIST, limit=1))


async def test_an_account_without_generations_has_an_empty_list(shared: App) -> None:
    body = expect.success(await get(shared, await shared.account(), LIST))

    assert body == {"success": True, "generations": []}


async def test_a_list_holds_the_callers_own_only(shared: App) -> None:
    one, two = await shared.account(), await shared.account()
    mine = await shared.submit(one)
    await shared.submit(two)

    assert await listed(shared, one) == [mine]


async def test_another_accounts_cursor_is_refused(shared: App) -> None:
    one, two = await shared.account(), await shared.account()

    expect.refusal(await get(shared, one, LIST, cursor=await shared.submit(two)), Forbidden)


@pytest.mark.parametrize(
    "limit", ["0", "-1", "101", "1.5", "ten", "", " 1", "+1", "²", "٣", "0" * 9 + "101", "9" * 5000]
)
async def test_a_limit_outside_1_to_100_is_refused(shared: App, limit: str) -> None:
    expect.refusal(await get(shared, await shared.account(), LIST, limit=limit), InvalidInput, "1 to 100")


@pytest.mark.parametrize("limit", [1, 100])
async def test_the_limits_ends_are_taken(shared: App, limit: int) -> None:
    expect.success(await get(shared, await shared.account(), LIST, limit=limit))


@pytest.mark.parametrize("status", ["done", "", "PENDING", "pending ", "\0", "' OR 1=1 --"])
async def test_an_unknown_status_is_refused_and_the_allowed_ones_are_named(shared: App, status: str) -> None:
    answer = await get(shared, await shared.account(), LIST, status=status)

    expect.refusal(answer, InvalidInput, "pending", "generating", "completed", "failed")


@pytest.mark.parametrize("cursor", ["nonsense", "0" * 32, "\0", "%", "A" * 32])
async def test_a_cursor_that_is_none_is_404(shared: App, cursor: str) -> None:
    expect.refusal(await get(shared, await shared.account(), LIST, cursor=cursor), NotFound)
