"""Idempotency-Key: the same request sent again answers the same and costs nothing."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import httpx2
import pytest

from cavendish import errors
from cavendish.models import RateLimit
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

PRO = "/api/nano-banana-pro"
AT_ONCE = int(os.environ.get("CAVENDISH_TEST_AT_ONCE", "200"))

_COUNT = "SELECT count(*) FROM cavendish.generations WHERE account_id = $1"
_HOLDS = "SELECT count(*) FROM cavendish.ledger WHERE account_id = $1 AND kind = 'hold'"


async def send(app: App, account: Account, key: str, *, path: str = PATH, **fields: Any) -> httpx2.Response:
    return await app.generate(account, path=path, headers={"Idempotency-Key": key}, **fields)


async def created(app: App, account: Account) -> tuple[int, int]:
    """Generations and holds of this account."""
    database = app.services.db
    return await database.fetchval(_COUNT, account.id), await database.fetchval(_HOLDS, account.id)


async def test_the_same_request_again_answers_the_same_and_says_so(shared: App) -> None:
    account = await shared.account(credits=100)

    first, again = await send(shared, account, "order-1"), await send(shared, account, "order-1")

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert expect.success(first) == expect.success(again)
    assert await created(shared, account) == (1, 1)


async def test_a_replay_still_says_pending_when_the_picture_is_long_there(shared: App) -> None:
    """Two real clients stop without a picture when generate answers anything else."""
    account = await shared.account(credits=100)
    first = await send(shared, account, "order-1")
    await shared.ended(account, first.json()["generationId"])

    again = expect.success(await send(shared, account, "order-1"))

    assert again["status"] == "pending"
    assert (again["generationId"], again["taskId"]) == (first.json()["generationId"], first.json()["taskId"])
    assert again["creditsRemaining"] == 96


async def test_simultaneous_submits_with_one_key_end_in_one_generation(app: App, another) -> None:  # type: ignore[no-untyped-def]
    account = await app.account(credits=10_000)
    body = {"prompt": "a lake", "mode": "generate"}
    headers = {**account.headers, "Idempotency-Key": "order-1"}

    async with another(app) as second:
        clients = (app.client, second)
        answers = await asyncio.gather(
            *(clients[n % 2].post(f"{PATH}/generate", json=body, headers=headers) for n in range(AT_ONCE))
        )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["generationId"] for answer in answers}) == 1
    assert len({answer.json()["taskId"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await created(app, account) == (1, 1)
    assert await app.balance(account) == (9_996, 4)


async def test_another_body_under_the_same_key_is_422_and_creates_nothing(shared: App) -> None:
    account = await shared.account(credits=100)
    await send(shared, account, "order-1")

    answer = await send(shared, account, "order-1", prompt="another")

    expect.refusal(answer, errors.IdempotencyKeyReused, "new key")
    assert await created(shared, account) == (1, 1)


async def test_the_order_of_members_and_white_space_do_not_matter(shared: App) -> None:
    account = await shared.account(credits=100)
    headers = {"Idempotency-Key": "order-1"}
    one = b'{"prompt":"a lake","mode":"generate","seed":7,"extra":{"a":1,"b":2}}'
    two = (
        b'{ "extra": {"b": 2, "a": 1},\n "seed": 7, "mode": "generate", "prompt": "a\\u0020lake", "imageQuality": null}'
    )

    first = await shared.post(f"{PATH}/generate", one, account, headers=headers)
    again = await shared.post(f"{PATH}/generate", two, account, headers=headers)

    assert expect.success(first)["generationId"] == expect.success(again)["generationId"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_the_order_of_a_list_matters(shared: App) -> None:
    account = await shared.account(credits=100)
    urls = ["https://images.example.com/a.png", "https://images.example.com/b.png"]
    await send(shared, account, "order-1", mode="edit", inputImageUrls=urls)

    answer = await send(shared, account, "order-1", mode="edit", inputImageUrls=urls[::-1])

    expect.refusal(answer, errors.IdempotencyKeyReused)


async def test_a_key_is_its_accounts_own(shared: App) -> None:
    one, two = await shared.account(), await shared.account()

    first, other = await send(shared, one, "order-1"), await send(shared, two, "order-1", prompt="another")

    assert expect.success(first)["generationId"] != expect.success(other)["generationId"]


async def test_a_key_is_its_endpoints_own(shared: App) -> None:
    account = await shared.account()

    first, other = await send(shared, account, "order-1"), await send(shared, account, "order-1", path=PRO)

    assert expect.success(first)["generationId"] != expect.success(other)["generationId"]


@pytest.mark.parametrize("host", ["other.test", "x/api/v1?", "[", "a:b", "cavendish.test:99999", ""])
async def test_the_host_header_does_not_change_what_a_key_stands_for(shared: App, host: str) -> None:
    account = await shared.account()
    first = await send(shared, account, "order-1")

    again = await shared.generate(account, headers={"Idempotency-Key": "order-1", "Host": host})

    assert expect.success(again)["generationId"] == first.json()["generationId"]


async def test_quoted_and_bare_are_the_same_key(shared: App) -> None:
    account = await shared.account()

    bare, quoted = await send(shared, account, "order-1"), await send(shared, account, '"order-1"')

    assert bare.json()["generationId"] == expect.success(quoted)["generationId"]


@pytest.mark.parametrize("key", ["k", "k" * 255, '"' + "k" * 255 + '"', "8e03978e-40d5-43e8-bc93-6894a57f9324"])
async def test_a_key_of_1_to_255_characters_is_taken(shared: App, key: str) -> None:
    expect.success(await send(shared, await shared.account(), key))


@pytest.mark.parametrize("key", ["", "   ", '""', "k" * 256, '"' + "k" * 256 + '"', "schlüssel", "a\tb"])
async def test_an_empty_long_or_invisible_key_is_refused(shared: App, key: str) -> None:
    account = await shared.account()
    answer = await shared.generate(account, headers={"Idempotency-Key": key.encode("latin-1")})

    expect.refusal(answer, errors.InvalidInput, "Idempotency-Key", "255")
    assert await created(shared, account) == (0, 0)


async def test_a_refused_request_does_not_use_up_its_key(shared: App) -> None:
    account = await shared.account(credits=4)
    await shared.submit(account)

    assert (await send(shared, account, "order-1")).status_code == 402
    assert (await send(shared, account, "order-2", prompt="")).status_code == 400
    async with shared.services.db.transaction() as transaction:
        from cavendish.stores import ledger

        await ledger.grant(transaction, account.id, 100, reason="test")

    for key, prompt in (("order-1", "another"), ("order-2", "a lake")):
        answer = await send(shared, account, key, prompt=prompt)
        expect.success(answer)
        assert "idempotent-replayed" not in answer.headers


async def test_a_refused_request_with_a_key_still_counts_against_the_limit(shared: App) -> None:
    account = await shared.account(credits=0, limit=RateLimit(2, 3600))

    assert [(await send(shared, account, "order-1")).status_code for _ in range(3)] == [402, 402, 429]


async def test_a_replay_does_not_count_against_the_limit(shared: App) -> None:
    account = await shared.account(limit=RateLimit(2, 3600))

    replays = [await send(shared, account, "order-1") for _ in range(5)]

    assert {answer.status_code for answer in replays} == {200}
    expect.success(await send(shared, account, "order-2"))


async def test_a_replay_is_checked_like_any_body(shared: App) -> None:
    """The key is not a pass: an invalid body stays invalid."""
    account = await shared.account()
    await send(shared, account, "order-1")

    expect.refusal(await send(shared, account, "order-1", mode="nonsense"), errors.InvalidInput)


async def test_a_body_nested_deeper_than_can_be_written_back_is_no_server_error(shared: App) -> None:
    deep = b'{"prompt":"a lake","mode":"generate","extra":' + b"[" * 900 + b"]" * 900 + b"}"

    answer = await shared.post(f"{PATH}/generate", deep, await shared.account(), headers={"Idempotency-Key": "order-1"})

    assert answer.status_code in (200, 400), answer.text
