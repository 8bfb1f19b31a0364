"""A revoked key stops working within a second in every process, and at once in one that has not seen it.

With it falls whatever was made with it: sessions, the keys that a session made, and what those made in turn.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cavendish.application.access import administer, sign_in
from cavendish.application.access.administer import COMMAND_LINE
from cavendish.errors import InvalidInput, LoginRequired
from cavendish.models import Caller
from cavendish.stores import accounts, audit, sessions
from cavendish.web.http.context import COOKIE
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


# --- what a leaked key made


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
KEYS, SESSION, ME = "/api/v1/keys", "/api/v1/session", "/api/v1/me"


async def send(app: App, method: str, path: str, cookie: str | None = None, **more: Any) -> Any:
    """As the service's own page does."""
    headers = {"Origin": app.settings.public_url, **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})}
    answer = await app.client.request(method, path, headers=headers, **more)
    app.client.cookies.clear()
    return answer


async def signed_in(app: App, **proof: str) -> str:
    answer = await send(app, "POST", SESSION, json=proof)
    expect.success(answer)
    return str(answer.cookies[COOKIE])


async def made(app: App, cookie: str) -> Account:
    """A key made by whoever this cookie is."""
    body = expect.success(await send(app, "POST", KEYS, cookie, json={}))
    me = expect.success(await send(app, "GET", ME, cookie))
    return Account(0, me["account"], body["key"], body["id"])


async def works(app: App, *, key: str | None = None, cookie: str | None = None) -> bool:
    """As a process sees it that remembers nobody."""
    app.services.authenticator._known.clear()
    if cookie is not None:
        return (await send(app, "GET", ME, cookie)).status_code == 200
    return (await app.client.get(ME, headers={"x-api-key": str(key)})).status_code == 200


async def last_words(app: App, action: str) -> list[str]:
    async with app.services.db.connection() as connection:
        return [entry.detail for entry in await audit.page(connection, before=None, count=50) if entry.action == action]


async def test_what_was_made_with_a_leaked_key_falls_with_it_and_the_trail_says_how_much(app: App) -> None:
    leaked, other = await app.account(), await app.account()
    first_cookie = await signed_in(app, key=leaked.key)
    child = await made(app, first_cookie)
    second_cookie = await signed_in(app, key=child.key)
    grandchild = await made(app, second_cookie)
    beside = await signed_in(app, key=other.key)
    others_child = await made(app, beside)
    async with app.services.db.transaction() as transaction:
        sibling = await accounts.create_key(transaction, await accounts.get(transaction, leaked.id))

    revoked = await administer.revoke_any_key(app.services, COMMAND_LINE, leaked.key_id)

    assert (revoked.keys, revoked.sessions) == (3, 2)
    assert await last_words(app, "key_revoked") == ["2 made with it, 2 signed in"]
    assert not any([await works(app, key=one.key) for one in (leaked, child, grandchild)])
    assert not any([await works(app, cookie=cookie) for cookie in (first_cookie, second_cookie)])
    assert await works(app, key=sibling.secret), "an operator made it"
    assert await works(app, key=other.key) and await works(app, key=others_child.key)
    assert await works(app, cookie=beside)


async def test_what_falls_stops_within_a_second_where_it_is_in_use(app: App, second: App) -> None:
    leaked = await app.account()
    child = await made(app, await signed_in(app, key=leaked.key))
    for view in (app, second):
        assert await credits_status(view, child) == 200
    await administer.revoke_any_key(app.services, COMMAND_LINE, leaked.key_id)
    revoked_at = time.monotonic()

    async with asyncio.timeout(10):
        while any([await credits_status(view, child) == 200 for view in (app, second)]):
            pass

    assert time.monotonic() - revoked_at < 1.2


async def test_its_owner_sees_what_was_made_with_which_key_and_what_fell(app: App) -> None:
    account = await app.account()
    child = await made(app, await signed_in(app, key=account.key))
    grandchild = await made(app, await signed_in(app, key=child.key))
    cookie = await signed_in(app, key=account.key)

    listed = {key["id"]: key.get("madeWith") for key in expect.success(await send(app, "GET", KEYS, cookie))["keys"]}
    answer = expect.success(await send(app, "DELETE", f"{KEYS}/{child.key_id}", cookie))

    assert listed == {account.key_id: None, child.key_id: account.key_id, grandchild.key_id: child.key_id}
    assert (answer["keys"], answer["sessions"]) == (2, 1)
    assert await works(app, key=account.key) and not await works(app, key=grandchild.key)


async def _waits(app: App) -> None:
    """Until somebody waits for a row of this database."""
    async with asyncio.timeout(10):
        while not await app.services.db.fetchval(_WAITING):
            await asyncio.sleep(0.01)


async def test_a_key_that_is_made_while_its_own_is_revoked_is_not_made_or_falls_too(app: App) -> None:
    """The caller was let in a moment ago, and is remembered."""
    for revoke_first in (True, False):
        account = await app.account()
        caller = await app.services.authenticator.caller(account.key)
        db = app.services.db
        async with db.transaction() as transaction:
            if revoke_first:
                await accounts.revoke_key(transaction, account.key_id)
            else:
                assert await accounts.hold_working(transaction, caller.lineage)
                owner = await accounts.get(transaction, account.id)
                await administer.add_key(transaction, caller, owner)
            other = asyncio.create_task(
                administer.make_key(app.services, caller, label="", limit=None)
                if revoke_first
                else administer.revoke_any_key(app.services, COMMAND_LINE, account.key_id)
            )
            await _waits(app)
        if revoke_first:
            with pytest.raises(LoginRequired, match="revoked"):
                await other
        else:
            await other
        left = "SELECT count(*) FROM cavendish.api_keys WHERE account_id = $1 AND revoked_at IS NULL"
        assert await db.fetchval(left, account.id) == 0


async def test_keys_of_keys_of_keys_come_to_an_end(app: App) -> None:
    account = await app.account()
    caller = dataclasses.replace(await app.services.authenticator.caller(account.key), session=True)
    depth = 0
    with pytest.raises(InvalidInput, match="deep"):
        while depth < 20:
            key = await administer.make_key(app.services, caller, label="", limit=None)
            caller = await app.services.authenticator.caller(key.secret)
            depth += 1

    assert depth == 5


async def _operator(app: App) -> tuple[Account, Caller]:
    account = await app.account()
    await administer.change_role(app.services, COMMAND_LINE, account.name, may_manage=True)
    return account, await app.services.authenticator.caller(account.key)


async def test_a_link_that_a_leaked_key_makes_to_its_own_account_falls_with_it(app: App) -> None:
    """A sign-in by it acts as another key of the account, and would outlive the one that leaked."""
    leaked, caller = await _operator(app)
    used, unused = [(await sign_in.link(app.services, caller, leaked.name)).partition("#")[2] for _ in range(2)]
    cookie = await signed_in(app, link=used)
    child = await made(app, cookie)
    clean = await signed_in(app, link=(await sign_in.link(app.services, COMMAND_LINE, leaked.name)).partition("#")[2])

    await administer.revoke_any_key(app.services, COMMAND_LINE, leaked.key_id)

    assert not await works(app, cookie=cookie) and not await works(app, key=child.key)
    expect.refusal(await send(app, "POST", SESSION, json={"link": unused}), LoginRequired)
    with pytest.raises(LoginRequired):
        await sign_in.link(app.services, caller, leaked.name)
    assert await works(app, cookie=clean), "the command line let that one in"


async def test_whom_an_operator_let_in_elsewhere_stays_when_the_operator_gives_up_a_key(app: App) -> None:
    operator, caller = await _operator(app)
    guest = await app.account()
    cookie = await signed_in(app, link=(await sign_in.link(app.services, caller, guest.name)).partition("#")[2])
    child = await made(app, cookie)

    await administer.revoke_any_key(app.services, COMMAND_LINE, operator.key_id)

    assert await works(app, cookie=cookie) and await works(app, key=child.key)


async def test_a_link_that_is_used_while_its_key_is_revoked_opens_nothing(app: App) -> None:
    leaked, caller = await _operator(app)
    token = (await sign_in.link(app.services, caller, leaked.name)).partition("#")[2]
    async with app.services.db.transaction() as transaction:
        revoked = await accounts.revoke_key(transaction, leaked.key_id)
        using = asyncio.create_task(sign_in.by_link(app.services, token))
        await _waits(app)
        await sessions.end_with(transaction, revoked)

    with pytest.raises(LoginRequired):
        await using
    opened = "SELECT count(*) FROM cavendish.sessions JOIN cavendish.api_keys k ON k.id = key_id WHERE account_id = $1"
    assert await app.services.db.fetchval(opened, leaked.id) == 0
