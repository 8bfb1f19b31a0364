"""Refunded failures cost their caller nothing, and the operator perhaps much: each account has a budget of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from worker_helpers import Draw, Recorder, states, submit_many, until, worker

from cavendish.application.access import administer
from cavendish.engines import base
from cavendish.engines.base import EngineRequest
from cavendish.errors import InputImageFailed, RateLimitExceeded
from cavendish.models import InputImage, RateLimit
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

LIMIT = 5  # an hour: one comes back in 12 minutes


@pytest.fixture
def options() -> dict[str, object]:
    return {"failure_limit": f"{LIMIT}/hour", "wake_seconds": "0.1", "routes": "nano-banana-2=script"}


def raising(error: Exception) -> Draw:
    async def draw(request: EngineRequest) -> None:
        if request.prompt != "good":
            raise error

    return draw


NO_IMAGE = raising(base.EngineNoImage("no picture of that"))


async def fail_until_refused(app: App, keys: list[Account]) -> int:
    """How many submissions are taken, one after the other and by each key in turn, before one is refused."""
    for taken in range(100):
        answer = await app.generate(keys[taken % len(keys)], prompt="nothing to see")
        if answer.status_code != 200:
            expect.refusal(answer, RateLimitExceeded)
            return taken
        assert (await app.ended(keys[0], answer.json()["generationId"]))["status"] == "failed"
    raise AssertionError("nothing ended it")


async def test_prompts_that_yield_no_picture_come_to_an_end_and_the_engine_is_called_no_further(app: App) -> None:
    """With credits for one picture, which come back each time, and a key as wide as there is; then with more keys."""
    account = await app.account(credits=4)
    caller = await app.services.authenticator.caller(account.key)
    made = [await administer.make_key(app.services, caller, label="", limit=None) for _ in range(3)]
    keys = [account, *(Account(account.id, account.name, str(key.secret), key.id) for key in made)]
    engine = Recorder(draw=NO_IMAGE)
    async with worker(app, engine):
        assert await fail_until_refused(app, keys) == LIMIT
        answers = [await app.generate(key) for key in keys]

    assert engine.calls.total() == 2 * LIMIT, "each is asked for once more"
    for answer in answers:
        expect.refusal(answer, RateLimitExceeded, "Failure limit", f"{LIMIT}/hour", "Try again in 720 s")
        assert answer.headers["retry-after"] == "720"
        assert answer.headers["ratelimit-policy"] == f'"failures";q={LIMIT};w=3600'
    assert await app.balance(account) == (4, 0)


async def test_failures_are_forgiven_one_by_one(app: App) -> None:
    account = await app.account(credits=4)
    async with worker(app, Recorder(draw=NO_IMAGE)):
        await fail_until_refused(app, [account])
        for minutes, taken in ((11, 0), (13, 1), (2 * 60, LIMIT)):
            await app.shift_clock(f"{minutes} minutes")
            app.services.rate_limiter._closed_until.clear()  # this process waits by a clock that does not jump
            assert await fail_until_refused(app, [account]) == taken


async def test_a_refused_call_holds_nothing_and_takes_nothing_from_the_key(app: App) -> None:
    account, other = await app.account(credits=100, limit=RateLimit(50, 3600)), await app.account(credits=4)
    async with worker(app, Recorder(draw=NO_IMAGE)):
        taken = await fail_until_refused(app, [account])
        await app.generate(account)
        assert (await app.generate(other)).status_code == 200, "it is another's failure"

    full_at = "SELECT extract(epoch FROM full_at - now()) FROM cavendish.rate_limits WHERE key_id = $1"
    calls = float(await app.services.db.fetchval(full_at, account.key_id)) / 72
    assert taken - 1 < calls <= taken
    assert await app.balance(account) == (100, 0)


async def test_a_process_that_refused_an_account_does_not_ask_the_database_again(app: App) -> None:
    account = await app.account(credits=4)
    async with worker(app, Recorder(draw=NO_IMAGE)):
        await fail_until_refused(app, [account])

    with pytest.raises(RateLimitExceeded, match="Failure limit"):
        app.services.rate_limiter.check(await app.services.authenticator.caller(account.key))


async def test_what_was_taken_before_is_replayed_when_the_budget_is_used_up(app: App) -> None:
    account, headers = await app.account(credits=4), {"Idempotency-Key": "mine"}
    async with worker(app, Recorder(draw=NO_IMAGE)):
        first = await app.generate(account, headers=headers)
        await app.ended(account, first.json()["generationId"])
        await fail_until_refused(app, [account])

    again = await app.generate(account, headers=headers)
    assert expect.success(again)["generationId"] == first.json()["generationId"]
    assert again.headers["idempotent-replayed"] == "true"


COUNTS = {
    "rejected": base.EngineRejected("no"),
    "blocked": base.EngineBlocked("no", stage="output", reason="SAFETY"),
    "no picture": base.EngineNoImage("none"),
    "no picture, ever": base.EngineNoImage("none", again=False),
    "an input": InputImageFailed("inputImageUrls[0] could not be read"),
}
COUNTS_NOT = {
    "a fault": base.EngineFault("broke"),
    "a bug": RuntimeError("broke"),
    "unavailable": base.EngineUnavailable("no key"),
    "busy": base.EngineBusy("full", retry_after_seconds=0),
    "late": base.EngineTimeout("late", sent=True),
    "late, never sent": base.EngineTimeout("late", sent=False),
}


@pytest.mark.parametrize(("error", "counted"), [(e, 1) for e in COUNTS.values()] + [(e, 0) for e in COUNTS_NOT.values()],
                         ids=[*COUNTS, *COUNTS_NOT])  # fmt: skip
async def test_what_the_order_caused_counts_and_what_engine_or_operator_caused_does_not(
    app: App, error: Exception, counted: int
) -> None:
    account = await app.account(credits=4)
    fields = {}
    async with worker(app, Recorder(draw=raising(error))) as started:
        if isinstance(error, InputImageFailed):
            started.context.inputs = _Refusing(error)  # type: ignore[assignment]
            fields = {"mode": "edit", "inputImageUrls": ["http://127.0.0.1/a.png"]}
        assert (await app.ended(account, await app.submit(account, **fields)))["status"] == "failed"

    assert await _failures(app, account) == counted


class _Refusing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    @contextlib.asynccontextmanager
    async def collected(self, urls: object, *, drawn: int) -> AsyncIterator[tuple[InputImage, ...]]:
        raise self._error
        yield ()


async def _failures(app: App, account: Account) -> float:
    query = "SELECT failures FROM cavendish.accounts WHERE id = $1"
    return float(await app.services.db.fetchval(query, account.id))


async def test_neither_pictures_nor_deadlines_count(app: App) -> None:
    account = await app.account(credits=100)
    async with worker(app, Recorder(draw=NO_IMAGE)):
        assert (await app.ended(account, await app.submit(account, prompt="good")))["status"] == "completed"
    await app.submit(account)
    await app.shift_clock("11 minutes")
    await app.sweep()

    assert (await states(app))["failed"] == 1
    assert await _failures(app, account) == 0


async def test_pictures_are_made_while_the_budget_lasts(app: App) -> None:
    account = await app.account(credits=100)
    async with worker(app, Recorder(draw=NO_IMAGE)):
        for prompt in [*["bad"] * (LIMIT - 1), *["good"] * 4]:
            await app.ended(account, await app.submit(account, prompt=prompt))

    assert await app.balance(account) == (100 - 4 * 4, 0)


async def test_many_under_way_are_all_counted_and_no_wait_is_longer_than_the_limits_time_and_a_share(app: App) -> None:
    """What was taken before the budget ran out still ends. It is owed for, up to as much again."""
    account = await app.account(credits=1000)
    hold = asyncio.Event()

    async def draw(_: EngineRequest) -> None:
        await hold.wait()
        raise base.EngineRejected("no")

    async with worker(app, Recorder(draw=draw)):
        await submit_many(app, account, 4 * LIMIT)
        hold.set()
        await until(lambda: _all_failed(app, 4 * LIMIT))
        answer = await app.generate(account)

    assert await _failures(app, account) <= 2 * LIMIT
    assert 3600 < int(answer.headers["retry-after"]) <= 3600 + 720
    await app.shift_clock("73 minutes")
    app.services.rate_limiter._closed_until.clear()
    expect.success(await app.generate(account))


async def _all_failed(app: App, count: int) -> bool:
    return (await states(app))["failed"] == count


async def test_a_clock_that_jumped_and_came_back_keeps_nobody_out_for_a_failure(app: App) -> None:
    account = await app.account(credits=4, limit=RateLimit(1_000_000, 1))  # its own is full once, and soon is not
    async with worker(app, Recorder(draw=NO_IMAGE)):
        await app.shift_clock("1 day")
        await app.ended(account, await app.submit(account))
        await app.shift_clock("0")

        assert await fail_until_refused(app, [account]) == LIMIT - 1
