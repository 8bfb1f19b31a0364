"""A revoked key stops working within a second in every process, and at once in one that has not seen it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from cavendish.errors import LoginRequired
from cavendish.stores import accounts
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


@pytest.fixture
async def second(app: App) -> AsyncIterator[App]:
    """Another process's view: its own pool, caches and application over the same database."""
    async with App.started(app.settings) as started:
        yield started


async def revoke(app: App, account: Account) -> float:
    async with app.services.db.connection() as connection:
        assert await accounts.revoke_key(connection, account.key_id)
    return time.monotonic()


async def credits_status(app: App, account: Account) -> int:
    return (await app.client.get("/api/v1/credits", headers=account.headers)).status_code


async def test_a_key_in_constant_use_stops_within_a_second_in_both_processes(app: App, second: App) -> None:
    account = await app.account()
    for view in (app, second):
        assert await credits_status(view, account) == 200
    revoked_at = await revoke(app, account)

    stopped: dict[str, float] = {}
    while len(stopped) < 2 and time.monotonic() - revoked_at < 5:
        for name, view in (("first", app), ("second", second)):
            if name not in stopped and await credits_status(view, account) == 401:
                stopped[name] = time.monotonic() - revoked_at

    assert set(stopped) == {"first", "second"}
    assert max(stopped.values()) < 1.2  # a second, and the time of one request


async def test_a_key_stays_revoked_for_polls_and_submits_alike(app: App, second: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    expect.success(await second.check(account, generation_id))
    await revoke(app, account)
    while await credits_status(second, account) == 200:
        pass

    for _ in range(20):
        expect.refusal(await second.check(account, generation_id), LoginRequired)
        expect.refusal(await second.generate(account), LoginRequired)
    assert await app.balance(account) == (96, 4)


async def test_a_key_that_a_process_never_saw_is_refused_there_at_once(app: App, second: App) -> None:
    account = await app.account()
    await revoke(app, account)

    assert await credits_status(second, account) == 401


async def test_the_accounts_other_key_goes_on(app: App) -> None:
    account = await app.account()
    async with app.services.db.transaction() as transaction:
        key = await accounts.create_key(transaction, await accounts.ensure(transaction, account.name))
    await revoke(app, account)

    answer = await app.client.get("/api/v1/credits", headers={"X-Api-Key": str(key.secret)})

    assert expect.success(answer)["account"] == account.name
