"""POST /api/v1/generations: several by one call are all held or none, and each ends by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from cavendish.errors import InsufficientCredits, InvalidInput, RateLimitExceeded
from cavendish.models import RateLimit
from cavendish.stores import ledger
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

_ROWS = """
SELECT batch_id, batch_index, seed, price FROM cavendish.generations WHERE account_id = $1 ORDER BY batch_index"""


async def order(app: App, account: Account, *, key: str | None = None, **fields: Any) -> httpx2.Response:
    headers = {**account.headers, **({"Idempotency-Key": key} if key else {})}
    return await app.client.post("/api/v1/generations", json={"prompt": "a lake", **fields}, headers=headers)


async def rows(app: App, account: Account) -> list[Any]:
    return await app.services.db.fetch(_ROWS, account.id)


async def test_several_are_ordered_by_one_call_and_each_is_its_own(app: App) -> None:
    account = await app.account(credits=100)
    await app.start_worker()

    answer = expect.success(await order(app, account, count=3, seed=2**32 - 2))
    ended = [await app.ended(account, one["generationId"]) for one in answer["generations"]]

    assert (answer["creditsHeld"], answer["creditsRemaining"]) == (12, 88)
    assert [one["status"] for one in ended] == ["completed"] * 3
    assert len({one["imageUrl"] for one in ended}) == 3
    found = await rows(app, account)
    assert [(row["batch_index"], row["seed"]) for row in found] == [(0, 2**32 - 2), (1, 2**32 - 1), (2, 0)]
    assert len({row["batch_id"] for row in found}) == 1
    assert await app.balance(account) == (88, 0)
    shown = await app.client.get("/api/v1/generations", headers=account.headers)
    assert {one["batchId"] for one in shown.json()["generations"]} == {found[0]["batch_id"].hex}


async def test_what_fails_is_given_back_by_itself(app: App) -> None:
    account = await app.account(credits=100)
    answer = expect.success(await order(app, account, count=2, imageQuality="2K"))
    first = answer["generations"][0]["generationId"]
    await app.services.db.fetch("UPDATE cavendish.generations SET prompt = 'rejected' WHERE id = $1::text::uuid", first)
    await app.start_worker()

    states = [(await app.ended(account, one["generationId"]))["status"] for one in answer["generations"]]

    assert states == ["failed", "completed"]
    assert await app.balance(account) == (92, 0)


@pytest.mark.parametrize(("credits", "count", "made"), [(11, 3, 0), (12, 3, 3), (0, 1, 0), (39, 10, 0), (40, 10, 10)])
async def test_credits_for_all_or_nothing_is_left_behind(app: App, credits: int, count: int, made: int) -> None:
    account = await app.account(credits=credits)

    answer = await order(app, account, count=count, key="one")

    if made:
        expect.success(answer)
    else:
        told = "this generation costs 4" if count == 1 else f"these {count} generations cost {4 * count}"
        expect.refusal(answer, InsufficientCredits, told, f"the balance is {credits}")
    assert len(await rows(app, account)) == made
    assert await app.balance(account) == (credits - 4 * made, 4 * made)
    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.idempotency_keys") == min(made, 1)


async def test_the_limit_counts_each_and_leaves_nothing_behind_where_it_is_too_small(app: App) -> None:
    account = await app.account(credits=1000, limit=RateLimit(5, 3600))

    expect.success(await order(app, account, count=3))
    expect.refusal(await order(app, account, count=3), RateLimitExceeded)
    expect.success(await order(app, account, count=2))
    expect.refusal(await order(app, account), RateLimitExceeded)

    assert len(await rows(app, account)) == 5


@pytest.mark.parametrize("key", [None, "one"], ids=["without a key", "with a key"])
async def test_several_that_cannot_be_paid_count_as_so_many_calls_that_cannot(app: App, key: str | None) -> None:
    """As one that is 402 counts; whatever could be paid of them."""
    account = await app.account(credits=4 * 2, limit=RateLimit(7, 3600))

    first, second = [await order(app, account, count=3, key=key) for _ in range(2)]

    for answer, left in ((first, 4), (second, 1)):
        expect.refusal(answer, InsufficientCredits)
        assert f"r={left};" in answer.headers["ratelimit"]
    expect.refusal(await order(app, account, count=2), RateLimitExceeded)
    expect.success(await order(app, account))
    expect.refusal(await order(app, account), RateLimitExceeded)
    assert len(await rows(app, account)) == 1
    assert await app.balance(account) == (4, 4)


async def test_the_limit_is_asked_before_the_credits_for_several_too(app: App) -> None:
    account = await app.account(credits=0, limit=RateLimit(2, 3600))

    for count, refusal in ((3, RateLimitExceeded), (2, InsufficientCredits), (1, RateLimitExceeded)):
        expect.refusal(await order(app, account, count=count), refusal)


@pytest.mark.parametrize("options", [{"account_limit": "5/hour"}])
async def test_several_that_cannot_be_paid_count_with_the_account_and_leave_the_key_free(app: App) -> None:
    account = await app.account(credits=4, limit=RateLimit(100, 3600))

    expect.refusal(await order(app, account, count=3, key="one"), InsufficientCredits)
    async with app.services.db.transaction() as transaction:
        await ledger.grant(transaction, account.id, 96, reason="test")

    answer = await order(app, account, count=2, key="one")
    expect.success(answer)
    assert "idempotent-replayed" not in answer.headers
    assert '"account";r=0' in answer.headers["ratelimit"]


async def test_a_key_stands_for_all_of_them(app: App) -> None:
    account = await app.account(credits=100)

    first, again = [await order(app, account, count=3, key="one") for _ in range(2)]

    assert again.headers["idempotent-replayed"] == "true"
    assert expect.success(first) == expect.success(again)
    assert len(await rows(app, account)) == 3


async def test_simultaneous_calls_for_more_than_there_is_never_share_what_is_left(app: App) -> None:
    account = await app.account(credits=4 * 25)

    answers = await asyncio.gather(*(order(app, account, count=3) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] * 8 + [402] * 12
    assert await app.balance(account) == (4, 96)


async def test_input_images_make_an_edit_of_it(app: App) -> None:
    account = await app.account(credits=100)
    url = "http://127.0.0.1/a.png"

    answer = expect.success(await order(app, account, inputImageUrls=[url], model="nano-banana-pro"))

    row = await app.row(answer["generations"][0]["generationId"])
    assert (row["mode"], row["model"], row["batch_id"]) == ("edit", "nano-banana-pro", None)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"count": 0}, "count 0 is not valid: use a whole number from 1 to 10"),
        ({"count": 11}, "count 11 is not valid"),
        ({"count": "2"}, "count '2' is not valid"),
        ({"count": True}, "count true is not valid"),
        ({"model": "dall-e"}, "model 'dall-e' is not valid: use nano-banana-2 or nano-banana-pro"),
        ({"model": 3}, "model 3 is not valid"),
    ],
)
async def test_what_cannot_be_ordered_is_told(app: App, fields: dict[str, Any], told: str) -> None:
    account = await app.account(credits=100)

    expect.refusal(await order(app, account, **fields), InvalidInput, told)
    assert await app.balance(account) == (100, 0)
