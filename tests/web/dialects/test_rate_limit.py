"""The hourly limit on generate: GCRA with burst = N, exact over all processes, and its place among the checks."""

from __future__ import annotations

import asyncio
import math
import re

import httpx2
import pytest

from cavendish import errors
from cavendish.models import RateLimit
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

PRO = "/api/nano-banana-pro"


def policy(answer: httpx2.Response) -> tuple[int, int]:
    """Quota and window of the RateLimit-Policy header."""
    match = re.fullmatch(r'"default";q=(\d+);w=(\d+)', answer.headers["ratelimit-policy"])
    assert match, answer.headers["ratelimit-policy"]
    return int(match[1]), int(match[2])


def standing(answer: httpx2.Response) -> tuple[int, int]:
    """Remaining requests and seconds of the RateLimit header."""
    match = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert match, answer.headers["ratelimit"]
    return int(match[1]), int(match[2])


async def post(client: httpx2.AsyncClient, account: Account, **fields: object) -> httpx2.Response:
    body = {"prompt": "a lake", "mode": "generate", **fields}
    return await client.post(f"{PATH}/generate", json=body, headers=account.headers)


# --- the headers


async def test_the_default_is_100_an_hour(shared: App) -> None:
    account = await shared.account(limit=None)

    answer = await shared.generate(account)

    assert policy(answer) == (100, 3600)
    assert standing(answer) == (99, 36)


async def test_every_generate_answer_of_a_known_key_says_where_the_key_stands(shared: App) -> None:
    account = await shared.account(credits=4, limit=RateLimit(5, 3600))

    accepted = await shared.generate(account)
    unpaid = await shared.generate(account)
    invalid = await shared.generate(account, prompt="")
    too_large = await shared.post(f"{PATH}/generate", b"[" * 400_000, account)

    assert [answer.status_code for answer in (accepted, unpaid, invalid, too_large)] == [200, 402, 400, 413]
    assert [standing(answer)[0] for answer in (accepted, unpaid, invalid, too_large)] == [4, 3, 3, 3]
    assert {policy(answer) for answer in (accepted, unpaid, invalid, too_large)} == {(5, 3600)}


async def test_a_poll_says_nothing_of_the_limit(shared: App) -> None:
    account = await shared.account()

    answer = await shared.check(account, await shared.submit(account))

    assert "ratelimit" not in answer.headers


# --- burst and refill


async def test_a_whole_quota_may_be_spent_at_once_and_comes_back_one_by_one(app: App, another) -> None:  # type: ignore[no-untyped-def]
    account = await app.account(limit=RateLimit(3, 60))

    burst = [await app.generate(account) for _ in range(4)]

    assert [answer.status_code for answer in burst] == [200, 200, 200, 429]
    assert [standing(answer)[0] for answer in burst] == [2, 1, 0, 0]
    expect.refusal(burst[3], errors.RateLimitExceeded, "3/minute", "20 s", "polls")
    wait = int(burst[3].headers["retry-after"])
    assert wait == standing(burst[3])[1] == 20

    await app.shift_clock(f"{wait - 2} seconds")
    async with another(app) as client:
        assert (await post(client, account)).status_code == 429
    await app.shift_clock(f"{wait} seconds")
    async with another(app) as client:
        assert [(await post(client, account)).status_code for _ in range(2)] == [200, 429]
    await app.shift_clock("2 minutes")
    async with another(app) as client:
        assert [(await post(client, account)).status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(("jump", "limit"), [("1 day", RateLimit(10, 3600)), ("400 days", RateLimit(1000, 1))])
async def test_a_clock_that_jumped_and_came_back_locks_nobody_out(app: App, jump: str, limit: RateLimit) -> None:
    """Whatever was taken while it was ahead, no key waits longer than its limit can justify: one call's share."""
    account = await app.account(limit=limit)
    await app.shift_clock(jump)
    expect.success(await app.generate(account))
    await app.shift_clock("0")

    share = math.ceil(limit.seconds / limit.count)
    me = expect.success(await app.client.get("/api/v1/me", headers=account.headers))
    assert (me["limit"]["remaining"], me["limit"]["resetSeconds"]) == (1, limit.seconds - share or 1)
    expect.success(await app.generate(account))
    refused = await app.generate(account)
    assert refused.status_code == 200 or int(refused.headers["retry-after"]) <= share

    await app.shift_clock(f"{limit.seconds + share} seconds")
    app.services.rate_limiter._closed_until.clear()  # this process waits by a clock that does not jump
    assert standing(await app.generate(account)) == (limit.count - 1, share)


async def test_a_process_that_refused_a_key_lets_it_in_again_in_time(shared: App) -> None:
    account = await shared.account(limit=RateLimit(2, 1))
    assert [(await shared.generate(account)).status_code for _ in range(2)] == [200, 200]

    async with asyncio.timeout(3):
        while (answer := await shared.generate(account)).status_code == 429:
            assert answer.headers["retry-after"] == "1"
            await asyncio.sleep(0.02)

    expect.success(answer)


async def test_the_limit_holds_over_processes_and_under_concurrency(shared: App, another) -> None:  # type: ignore[no-untyped-def]
    account = await shared.account(limit=RateLimit(10, 3600))

    async with another(shared) as second, another(shared) as third:
        clients = (shared.client, second, third)
        answers = await asyncio.gather(*(post(clients[n % 3], account, prompt=f"{n}") for n in range(60)))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (10, 50)


async def test_each_key_has_its_own_quota(shared: App) -> None:
    one, two = await shared.account(limit=RateLimit(1, 3600)), await shared.account(limit=RateLimit(1, 3600))
    assert (await shared.generate(one)).status_code == 200
    assert (await shared.generate(one)).status_code == 429

    expect.success(await shared.generate(two))


async def test_both_models_paths_share_a_keys_quota(shared: App) -> None:
    account = await shared.account(limit=RateLimit(1, 3600))
    await shared.submit(account)

    expect.refusal(await shared.generate(account, path=PRO), errors.RateLimitExceeded)


# --- what counts


async def test_a_402_counts_and_an_invalid_body_does_not(shared: App) -> None:
    account = await shared.account(credits=0, limit=RateLimit(2, 3600))

    for _ in range(5):
        assert (await shared.generate(account, prompt="")).status_code == 400
    unpaid = [(await shared.generate(account)).status_code for _ in range(3)]

    assert unpaid == [402, 402, 429]


async def test_nothing_is_held_or_created_for_a_refused_call(shared: App) -> None:
    account = await shared.account(credits=100, limit=RateLimit(1, 3600))
    await shared.ended(account, await shared.submit(account))

    await shared.generate(account)

    assert await shared.balance(account) == (96, 0)


# --- the order: key, rate limit, body, credits


async def test_the_key_comes_before_everything(shared: App) -> None:
    """A body of 200 KB without a key is 401, unread."""
    answer = await shared.post(f"{PATH}/generate", b"[" * 400_000)

    expect.refusal(answer, errors.LoginRequired)


async def test_the_rate_limit_comes_before_the_body(shared: App) -> None:
    account = await shared.account(limit=RateLimit(1, 3600))
    await shared.submit(account)

    for body in (b"no json", b"[" * 400_000, b'{"prompt":""}', b'{"prompt":"a lake","mode":"edit"}'):
        expect.refusal(await shared.post(f"{PATH}/generate", body, account), errors.RateLimitExceeded)


async def test_the_body_comes_before_the_credits(shared: App) -> None:
    account = await shared.account(credits=0)

    expect.refusal(await shared.generate(account, prompt=""), errors.InvalidPrompt)
    expect.refusal(await shared.generate(account, mode="edit"), errors.MissingInputImage)
    expect.refusal(await shared.generate(account), errors.InsufficientCredits)


async def test_the_rate_limit_comes_before_the_credits(shared: App) -> None:
    account = await shared.account(credits=0, limit=RateLimit(1, 3600))
    expect.refusal(await shared.generate(account), errors.InsufficientCredits)

    expect.refusal(await shared.generate(account), errors.RateLimitExceeded)
