"""People sign in with a key or a link; their cookie works as the key does, and only from the service's own pages."""

from __future__ import annotations

import dataclasses
from typing import Any

import httpx2
import pytest

from cavendish.application.access import administer, first_run, sign_in
from cavendish.application.access.administer import COMMAND_LINE
from cavendish.errors import Forbidden, InvalidInput, LoginRequired, RateLimitExceeded
from cavendish.models import RateLimit
from cavendish.settings import Settings
from cavendish.stores import accounts, sessions
from cavendish.web.http import csrf as origins
from cavendish.web.http.context import COOKIE
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

SESSION = "/api/v1/session"
ME = "/api/v1/me"
HERE = {"Origin": "http://testserver"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return dataclasses.replace(settings, public_url="http://testserver", sign_in_limit=RateLimit(1000, 60))


class Browser:
    """A cookie jar, and the header that a page of the service sends."""

    def __init__(self, app: App, origin: str | None = HERE["Origin"]) -> None:
        self._app = app
        self.cookie: str | None = None
        self._headers = {"Origin": origin} if origin else {}

    async def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        sent = {**self._headers, **(headers or {})}
        if self.cookie:
            sent["Cookie"] = f"{COOKIE}={self.cookie}"
        answer: httpx2.Response = await self._app.client.request(method, path, headers=sent, **more)
        if COOKIE in answer.cookies:
            self.cookie = answer.cookies[COOKIE]
        self._app.client.cookies.clear()
        return answer

    async def sign_in(self, account: Account) -> Browser:
        expect.success(await self.send("POST", SESSION, json={"key": account.key}))
        return self


async def link(app: App, account: Account, **options: Any) -> str:
    url = await sign_in.link(app.services, COMMAND_LINE, await name_of(app, account), **options)
    return url.partition("#")[2]


async def name_of(app: App, account: Account) -> str:
    async with app.services.db.connection() as connection:
        return (await accounts.get(connection, account.id)).name


async def test_a_key_signs_in_and_the_cookie_then_works_as_the_key_does(app: App) -> None:
    account = await app.account(credits=20)
    browser = await Browser(app).sign_in(account)

    me = expect.success(await browser.send("GET", ME))
    body = expect.success(await browser.send("POST", f"{PATH}/generate", json={"prompt": "a", "mode": "generate"}))

    assert (me["account"], me["balance"], me["session"]) == (account.name, 20, True)
    assert body["creditsRemaining"] == 16
    seen = expect.success(
        await browser.send("POST", f"{PATH}/check-status", json={"generationId": body["generationId"]})
    )
    assert seen["status"] == "pending"


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(app: App) -> None:
    account = await app.account()
    answer = await Browser(app).send("POST", SESSION, json={"key": account.key})

    cookie = answer.headers["set-cookie"].lower()
    assert all(rule in cookie for rule in ("httponly", "samesite=lax", "path=/", "max-age=1209600"))
    assert "secure" not in cookie  # http, on this machine


async def test_the_key_is_nowhere_in_the_cookie_and_the_cookie_nowhere_in_the_database(app: App) -> None:
    account = await app.account()
    browser = await Browser(app).sign_in(account)

    assert browser.cookie and account.key not in browser.cookie
    stored = await app.services.db.fetch("SELECT digest FROM cavendish.sessions")
    assert browser.cookie.encode() not in b"".join(row["digest"] for row in stored)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example", "null", None])
async def test_a_change_by_cookie_from_another_site_is_refused_and_costs_nothing(app: App, origin: str | None) -> None:
    account = await app.account(credits=20)
    browser = await Browser(app).sign_in(account)
    elsewhere = Browser(app, origin)
    elsewhere.cookie = browser.cookie

    answer = await elsewhere.send("POST", f"{PATH}/generate", json={"prompt": "a", "mode": "generate"})

    expect.refusal(answer, Forbidden)
    me = expect.success(await elsewhere.send("GET", ME))  # reading is harmless: no other site can see the answer
    assert (me["balance"], me["held"]) == (20, 0)


async def test_a_browser_that_tells_only_the_site_is_believed(app: App) -> None:
    account = await app.account()
    browser = await Browser(app).sign_in(account)
    silent = Browser(app, None)
    silent.cookie = browser.cookie

    own = await silent.send(
        "POST", f"{PATH}/generate", json={"prompt": "a", "mode": "generate"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    foreign = await silent.send(
        "POST", f"{PATH}/generate", json={"prompt": "a", "mode": "generate"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    expect.success(own)
    expect.refusal(foreign, Forbidden)


async def test_a_page_of_another_site_cannot_sign_its_visitor_in(app: App) -> None:
    account = await app.account()

    answer = await Browser(app, "https://evil.example").send("POST", SESSION, json={"key": account.key})

    expect.refusal(answer, Forbidden)
    assert "set-cookie" not in answer.headers


async def test_a_key_in_the_header_is_stronger_than_the_cookie_and_needs_no_origin(app: App) -> None:
    first, second = await app.account(credits=7), await app.account(credits=9)
    browser = await Browser(app).sign_in(first)
    program = Browser(app, None)
    program.cookie = browser.cookie

    me = expect.success(await program.send("GET", ME, headers=second.headers))

    assert (me["account"], me["session"]) == (second.name, False)


async def test_signing_out_ends_the_session_at_once(app: App) -> None:
    browser = await Browser(app).sign_in(await app.account())
    expect.success(await browser.send("GET", ME))
    kept = browser.cookie

    answer = await browser.send("DELETE", SESSION)

    assert "max-age=0" in answer.headers["set-cookie"].lower()
    browser.cookie = kept
    expect.refusal(await browser.send("GET", ME), LoginRequired)


async def test_revoking_the_key_ends_its_sessions(app: App) -> None:
    account = await app.account()
    browser = await Browser(app).sign_in(account)

    async with app.services.db.connection() as connection:
        await accounts.revoke_key(connection, account.key_id)

    expect.refusal(await browser.send("GET", ME), LoginRequired)


async def test_a_session_ends_with_its_time(app: App) -> None:
    browser = await Browser(app).sign_in(await app.account())

    await app.shift_clock(f"{app.settings.session_seconds + 1} seconds")

    expect.refusal(await browser.send("GET", ME), LoginRequired)


async def test_a_link_signs_in_once(app: App) -> None:
    account = await app.account(credits=5)
    token = await link(app, account)
    browser = Browser(app)

    body = expect.success(await browser.send("POST", SESSION, json={"link": token}))

    assert body["account"] == account.name
    assert expect.success(await browser.send("GET", ME))["balance"] == 5
    expect.refusal(await Browser(app).send("POST", SESSION, json={"link": token}), LoginRequired)


async def test_a_link_that_is_too_old_signs_nobody_in(app: App) -> None:
    token = await link(app, await app.account(), seconds=60)

    await app.shift_clock("61 seconds")

    expect.refusal(await Browser(app).send("POST", SESSION, json={"link": token}), LoginRequired)


async def test_two_links_of_an_account_share_its_limit(app: App) -> None:
    account = await app.account()
    for _ in range(2):
        expect.success(await Browser(app).send("POST", SESSION, json={"link": await link(app, account)}))

    keys = await app.services.db.fetch(
        "SELECT label FROM cavendish.api_keys WHERE account_id = $1 ORDER BY created_at", account.id
    )
    assert [row["label"] for row in keys][1:] == [sessions.WEB_LABEL]


async def test_the_operators_mark_comes_with_the_account(app: App) -> None:
    account = await app.account()
    await administer.change_role(app.services, COMMAND_LINE, await name_of(app, account), may_manage=True)

    me = expect.success(await (await Browser(app).sign_in(account)).send("GET", ME))

    assert me["operator"] is True


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": 5}, {"link": 5}, {"key": "a", "link": "b"}])
async def test_a_body_without_exactly_one_proof_is_refused(app: App, body: dict[str, Any]) -> None:
    expect.refusal(await Browser(app).send("POST", SESSION, json=body), InvalidInput)


@pytest.mark.parametrize("proof", [{"key": "cav_live_wrong"}, {"link": "x" * 43}, {"link": "'; drop table"}])
async def test_a_wrong_proof_is_refused(app: App, proof: dict[str, str]) -> None:
    expect.refusal(await Browser(app).send("POST", SESSION, json=proof), LoginRequired)


async def test_guessing_is_slowed_down(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, sign_in_limit=RateLimit(3, 60))) as app:
        answers = [await Browser(app).send("POST", SESSION, json={"key": "wrong"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    expect.refusal(answers[3], RateLimitExceeded)
    assert 1 <= int(answers[3].headers["retry-after"]) <= 21


async def test_who_has_the_right_key_gets_in_beside_somebody_who_guesses(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, sign_in_limit=RateLimit(1, 3600))) as app:
        for _ in range(3):
            await Browser(app).send("POST", SESSION, json={"key": "wrong"})

        await Browser(app).sign_in(await app.account())


async def test_a_sessions_token_is_no_key(app: App) -> None:
    browser = await Browser(app).sign_in(await app.account())
    expect.success(await browser.send("GET", ME))  # remembered now

    as_key = await app.client.get(ME, headers={"Authorization": f"Bearer {browser.cookie}"})

    expect.refusal(as_key, LoginRequired)
    expect.refusal(await Browser(app).send("POST", SESSION, json={"key": browser.cookie}), LoginRequired)


@pytest.mark.parametrize(
    ("public", "origin"),
    [
        ("https://Images.Example.com", "https://images.example.com"),
        ("https://images.example.com:443", "https://images.example.com"),
        ("http://images.example.com:8000", "http://images.example.com:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
async def test_the_public_url_is_compared_as_browsers_write_it(public: str, origin: str) -> None:
    assert origins._of(public) == origin


async def test_links_that_ran_out_are_forgotten(app: App) -> None:
    await link(app, await app.account(), seconds=60)
    await app.shift_clock("61 seconds")

    await app.sweep()

    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.login_links") == 0


@pytest.mark.parametrize(
    ("public", "host", "printed"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", True),
        ("http://localhost:8000", "127.0.0.1", True),
        ("https://images.example.com", "127.0.0.1", False),
        ("http://127.0.0.1:8000", "0.0.0.0", False),
    ],
)
async def test_a_link_is_printed_only_where_nobody_else_reads_the_output(
    settings: Settings, public: str, host: str, printed: bool
) -> None:
    async with App.started(dataclasses.replace(settings, public_url=public, host=host)) as app:
        lines = "\n".join(await first_run.lines(app.services))

    assert ("/login#" in lines) == printed
    assert "cav_live_" in lines


async def test_every_sign_in_is_in_the_trail(app: App) -> None:
    account = await app.account()
    await Browser(app).sign_in(account)
    await Browser(app).send("POST", SESSION, json={"link": await link(app, account)})

    rows = await app.services.db.fetch("SELECT action, subject FROM cavendish.audit ORDER BY id")

    assert [tuple(row) for row in rows] == [
        ("sign_in", account.name),
        ("link_made", account.name),
        ("sign_in", account.name),
    ]


# How many, and how often -------------------------------------------------------------------------------------------


async def signed_in(browsers: list[Browser]) -> list[bool]:
    return [(await browser.send("GET", ME)).status_code == 200 for browser in browsers]


async def test_an_account_has_so_many_sessions_and_the_oldest_ends_for_one_more(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, sessions_per_account_max=3)) as app:
        account, other = await app.account(), await app.account()
        stranger = await Browser(app).sign_in(other)

        browsers = [await Browser(app).sign_in(account) for _ in range(5)]

        assert await signed_in(browsers) == [False, False, True, True, True]
        assert await signed_in([stranger]) == [True]


async def test_who_holds_one_key_signs_nobody_out_who_came_by_another(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, sessions_per_account_max=3)) as app:
        account = await app.account()
        owner = Browser(app)
        expect.success(await owner.send("POST", SESSION, json={"link": await link(app, account)}))

        thieves = [await Browser(app).sign_in(account) for _ in range(5)]

        assert await signed_in([owner, *thieves]) == [True, False, False, False, True, True]


async def test_an_account_signs_in_so_often_by_a_key_and_others_as_they_like(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, account_sign_in_limit=RateLimit(2, 3600))) as app:
        account, other = await app.account(), await app.account()
        for _ in range(2):
            await Browser(app).sign_in(account)

        refused = await Browser(app).send("POST", SESSION, json={"key": account.key})

        expect.refusal(refused, RateLimitExceeded, "this account")
        assert 1 <= int(refused.headers["retry-after"]) <= 1801
        await Browser(app).sign_in(other)
        trail = await app.services.db.fetchval("SELECT count(*) FROM cavendish.audit WHERE action = 'sign_in'")
        assert trail == 3


async def test_a_key_that_signs_in_too_often_keeps_nobody_out_who_has_a_link(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, account_sign_in_limit=RateLimit(1, 3600))) as app:
        account = await app.account()
        token = await link(app, account)
        answers = [await Browser(app).send("POST", SESSION, json={"key": account.key}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]

        expect.success(await Browser(app).send("POST", SESSION, json={"link": token}))


async def test_a_link_that_came_too_often_is_not_used_up(settings: Settings) -> None:
    async with App.started(dataclasses.replace(settings, account_sign_in_limit=RateLimit(1, 3600))) as app:
        account = await app.account()
        first, second = await link(app, account), await link(app, account)
        expect.success(await Browser(app).send("POST", SESSION, json={"link": first}))

        expect.refusal(await Browser(app).send("POST", SESSION, json={"link": second}), RateLimitExceeded)

        unused = await app.services.db.fetchval("SELECT count(*) FROM cavendish.login_links WHERE used_at IS NULL")
        assert unused == 1
