"""Keys that people make themselves count with the one they were made with: making and revoking keys gives nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from cavendish.application.access import administer, sign_in
from cavendish.application.access.administer import COMMAND_LINE
from cavendish.db import migrate
from cavendish.errors import InvalidInput, RateLimitExceeded
from cavendish.models import RateLimit
from cavendish.stores import sessions
from cavendish.web.http.context import COOKIE
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

KEYS, SESSION, ME = "/api/v1/keys", "/api/v1/session", "/api/v1/me"
TEN = RateLimit(10, 3600)


class Person:
    """Signed in to an account with a key, or by a link."""

    def __init__(self, app: App, cookie: str) -> None:
        self._app, self._cookie = app, cookie

    async def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Cookie": f"{COOKIE}={self._cookie}", "Origin": self._app.settings.public_url}
        answer = await self._app.client.request(method, path, headers=headers, **more)
        self._app.client.cookies.clear()
        return answer

    async def key(self, limit: str = "") -> Account:
        """A key that this person makes."""
        made = expect.success(await self.send("POST", KEYS, json={"limit": limit}))
        return Account(0, "", made["key"], made["id"])

    async def revoke(self, key: Account) -> None:
        expect.success(await self.send("DELETE", f"{KEYS}/{key.key_id}"))

    async def accepted(self, calls: int) -> int:
        body = {"prompt": "a lake", "mode": "generate"}
        answers = [await self.send("POST", f"{PATH}/generate", json=body) for _ in range(calls)]
        return sum(answer.status_code == 200 for answer in answers)


async def by_key(app: App, account: Account) -> Person:
    answer = await app.client.post(SESSION, json={"key": account.key}, headers={"Origin": app.settings.public_url})
    expect.success(answer)
    cookie = answer.cookies[COOKIE]
    app.client.cookies.clear()
    return Person(app, cookie)


async def by_link(app: App, account: Account) -> Person:
    token = (await sign_in.link(app.services, COMMAND_LINE, account.name)).partition("#")[2]
    cookie, _ = await sign_in.by_link(app.services, token)
    return Person(app, cookie)


async def accepted(app: App, key: Account, calls: int) -> int:
    answers = [await app.generate(key, prompt=f"{n}") for n in range(calls)]
    assert {answer.status_code for answer in answers} <= {200, 429}
    return sum(answer.status_code == 200 for answer in answers)


async def remaining(app: App, key: Account) -> int:
    return int(expect.success(await app.client.get(ME, headers=key.headers))["limit"]["remaining"])


async def test_making_and_revoking_keys_gives_no_further_call(app: App) -> None:
    account = await app.account(limit=TEN)
    someone = await by_key(app, account)
    calls = await accepted(app, account, 4)
    for _ in range(30):
        made = await someone.key()
        calls += await accepted(app, made, 2)
        await someone.revoke(made)
    calls += await accepted(app, account, 3)

    assert calls == 10


async def test_keys_that_count_together_are_exact_over_processes_and_under_concurrency(app: App, another) -> None:  # type: ignore[no-untyped-def]
    account = await app.account(credits=100, limit=TEN)
    someone = await by_key(app, account)
    keys = [account, await someone.key(), await someone.key(limit="8/hour")]

    async def post(client: httpx2.AsyncClient, key: Account) -> httpx2.Response:
        body = {"prompt": "a lake", "mode": "generate"}
        return await client.post(f"{PATH}/generate", json=body, headers=key.headers)

    async with another(app) as second, another(app) as third:
        clients = (app.client, second, third)
        answers = await asyncio.gather(*(post(clients[n % 3], keys[n // 3 % 3]) for n in range(90)))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (10, 80)
    assert await app.balance(account) == (60, 40)


async def test_a_refusal_names_the_key_whose_limit_it_was(app: App) -> None:
    account = await app.account(limit=RateLimit(1, 3600))
    made = await (await by_key(app, account)).key()
    expect.success(await app.generate(account))

    answer = await app.generate(made)

    expect.refusal(answer, RateLimitExceeded, "1/hour", account.key_id, "3600 s")
    assert answer.headers["ratelimit-policy"] == '"default";q=1;w=3600'
    budgets = app.services.rate_limiter.key_budgets(await app.services.authenticator.caller(made.key))
    assert [budget.whose for budget in budgets] == [account.key_id]


async def test_a_process_that_refused_one_key_refuses_those_that_count_with_it_without_the_database(app: App) -> None:
    account = await app.account(limit=RateLimit(1, 3600))
    made = await (await by_key(app, account)).key()
    callers = [await app.services.authenticator.caller(key.key) for key in (account, made)]
    expect.success(await app.generate(account))
    for caller in callers:
        app.services.rate_limiter.check(caller)  # nobody was refused yet
    assert (await app.generate(made)).status_code == 429

    for caller in callers:
        with pytest.raises(RateLimitExceeded):
            app.services.rate_limiter.check(caller)


async def test_a_narrower_key_ends_at_its_own_limit_and_costs_the_others_what_it_used(app: App) -> None:
    account = await app.account(limit=TEN)
    made = await (await by_key(app, account)).key(limit="2/hour")

    assert await accepted(app, made, 5) == 2
    assert await remaining(app, account) == 8, "a narrow key's calls are no dearer"
    assert await accepted(app, account, 12) == 8


async def test_a_key_of_a_key_counts_with_both(app: App) -> None:
    account = await app.account(limit=TEN)
    child = await (await by_key(app, account)).key(limit="5/hour")
    grandchild = await (await by_key(app, child)).key()

    assert await accepted(app, grandchild, 3) == 3
    assert await accepted(app, child, 5) == 2, "its own five are not five more for each key it makes"
    assert await remaining(app, account) == 5


async def test_what_operators_make_counts_alone(app: App) -> None:
    account = await app.account(credits=100, limit=RateLimit(1, 3600))
    beside = await administer.make_key_for(app.services, COMMAND_LINE, account.name, limit=RateLimit(2, 3600))
    await administer.change_role(app.services, COMMAND_LINE, account.name, may_manage=True)
    own = await (await by_key(app, account)).key(limit="3/hour")

    keys = (account, Account(0, "", str(beside.secret), beside.id), own)
    assert [await accepted(app, key, 4) for key in keys] == [1, 2, 3]


@pytest.mark.parametrize("options", [{"generate_limit": "10/hour"}])
async def test_a_sign_in_after_a_revocation_or_under_another_label_has_the_limit_of_the_first(app: App) -> None:
    account = await app.account()
    someone = await by_link(app, account)
    calls = await someone.accepted(4)
    for change in ("label", "revoke", "revoke"):
        [web] = await _web_keys(app, account)
        if change == "label":
            expect.success(await someone.send("PATCH", f"{KEYS}/{web}", json={"label": "mine"}))
        else:
            expect.success(await someone.send("DELETE", f"{KEYS}/{web}"))
        someone = await by_link(app, account)
        calls += await someone.accepted(4)
        calls += await accepted(app, await someone.key(), 4)

    assert calls == 10


@pytest.mark.parametrize("options", [{"account_limit": "12/hour"}])
async def test_where_the_operator_sets_one_a_limit_holds_over_all_keys_of_an_account(app: App, another) -> None:  # type: ignore[no-untyped-def]
    account, other = await app.account(credits=1000, limit=TEN), await app.account(limit=TEN)
    beside = await administer.make_key_for(app.services, COMMAND_LINE, account.name, limit=TEN)
    keys = [account, Account(0, "", str(beside.secret), beside.id), await (await by_link(app, account)).key()]
    body = {"prompt": "a lake", "mode": "generate"}

    async with another(app) as second:
        clients = (app.client, second)
        answers = await asyncio.gather(
            *(clients[n % 2].post(f"{PATH}/generate", json=body, headers=keys[n // 2 % 3].headers) for n in range(60))
        )

    assert sum(answer.status_code == 200 for answer in answers) == 12
    refused = next(answer for answer in reversed(answers) if answer.headers["ratelimit-policy"].startswith('"account"'))
    expect.refusal(refused, RateLimitExceeded, "12/hour", "all keys of the account", "Try again in 300 s")
    assert refused.headers["ratelimit-policy"] == '"account";q=12;w=3600'
    assert await accepted(app, other, 12) == 10, "another account has its own, and its keys theirs"


@pytest.mark.parametrize("options", [{"account_limit": "3/hour"}])
async def test_a_call_that_the_account_cannot_pay_counts_there_too_and_a_refused_one_takes_nothing(app: App) -> None:
    account = await app.account(credits=4)

    answers = [await app.generate(account) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 402, 402, 429, 429]
    key = "SELECT extract(epoch FROM full_at - now())::integer FROM cavendish.rate_limits WHERE key_id = $1"
    assert await app.services.db.fetchval(key, account.key_id) <= 1, "of the key three calls of 100,000 are gone"


@pytest.mark.parametrize("options", [{"account_limit": "10/hour"}])
async def test_a_clock_that_jumped_and_came_back_locks_no_account_out(app: App) -> None:
    account = await app.account()
    await app.shift_clock("1 day")
    assert await accepted(app, account, 3) == 3
    await app.shift_clock("0")

    assert await accepted(app, account, 2) == 1
    await app.shift_clock("6 minutes 1 second")
    app.services.rate_limiter._closed_until.clear()
    assert await accepted(app, account, 2) == 1


async def _web_keys(app: App, account: Account) -> list[str]:
    query = "SELECT id FROM cavendish.api_keys WHERE account_id = $1 AND hint = $2 AND revoked_at IS NULL"
    return [row["id"] for row in await app.services.db.fetch(query, account.id, sessions.WEB_HINT)]


async def test_who_signs_in_many_times_at_once_has_one_limit(app: App) -> None:
    account = await app.account()

    await asyncio.gather(*(by_link(app, account) for _ in range(8)))

    assert len(await _web_keys(app, account)) == 1


async def test_nobody_widens_a_key_that_an_operator_made_by_another_of_the_account(app: App) -> None:
    narrow = await app.account(limit=RateLimit(5, 3600))
    wide = await administer.make_key_for(app.services, COMMAND_LINE, narrow.name, limit=RateLimit(50, 3600))
    someone = await by_key(app, Account(0, "", str(wide.secret), wide.id))
    own = await someone.key(limit="5/hour")

    for limit in ("50/hour", "6/hour", ""):
        answer = await someone.send("PATCH", f"{KEYS}/{narrow.key_id}", json={"limit": limit})
        expect.refusal(answer, InvalidInput, "an operator can allow more")
    expect.success(await someone.send("PATCH", f"{KEYS}/{narrow.key_id}", json={"limit": "4/hour"}))
    for limit in ("50/hour", ""):
        expect.success(await someone.send("PATCH", f"{KEYS}/{own.key_id}", json={"limit": limit}))


async def test_keys_that_accounts_made_before_this_release_count_with_the_oldest_they_were_given(app: App) -> None:
    account, other = await app.account(limit=TEN), await app.account()
    someone = await by_key(app, account)
    made = [await someone.key(), await someone.key()]
    await app.services.db.fetch("UPDATE cavendish.api_keys SET counts_with = '{}', falls_with = '{}'")
    [text] = [one.sql for one in migrate.migrations() if one.version == 9]

    await app.services.db.fetchval(text[text.index("WITH own AS") :].partition(";")[0])

    rows = await app.services.db.fetch("SELECT id, counts_with, falls_with FROM cavendish.api_keys")
    found = {row["id"]: (row["counts_with"], row["falls_with"]) for row in rows}
    given = ([account.key_id], [])
    assert found == {account.key_id: ([], []), other.key_id: ([], []), **{key.key_id: given for key in made}}
