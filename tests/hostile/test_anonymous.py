"""Use without a key: who is let in, on which paths, and everything that only looks as if it came from there."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.routing import Route

from cavendish.application.access import administer, anonymous, first_run
from cavendish.models import RateLimit
from cavendish.settings import Settings, parsers
from cavendish.stores import accounts
from harness.inprocess import App

pytestmark = pytest.mark.anyio

HOME = "192.168.1.7"
NETWORKS = "home@192.168.1.0/24,ana@example.com@fd00::/8,gone@10.9.0.0/16,home@192.168.1.9"
ORDER = {"prompt": "a lake", "negative_prompt": "", "width": 512, "height": 512}  # LibreChat's tool stable-diffusion
PATHS = ("/sdapi/v1/options", "/v1/models")


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    open_to = parsers.anonymous(NETWORKS)
    async with App.started(dataclasses.replace(settings, anonymous=open_to)) as started:
        for name in ("home", "ana@example.com"):
            key = await administer.make_key_for(started.services, administer.COMMAND_LINE, name, credits=100)
            assert key.secret
        yield started


async def ask(app: App, method: str, path: str, address: str | None = HOME, **sent: Any) -> httpx2.Response:
    """As it comes from this address."""
    where: Any = None if address is None else (address, 4711)
    transport = httpx2.ASGITransport(app=app.client._transport.app, client=where)  # type: ignore[attr-defined]
    async with httpx2.AsyncClient(transport=transport, base_url=app.settings.public_url, timeout=30) as client:
        return await client.request(method, path, **sent)


async def standing(app: App, name: str = "home") -> tuple[int, int]:
    async with app.services.db.connection() as connection:
        found = await accounts.find(connection, name)
    assert found is not None
    return found.balance, found.held


async def made(app: App) -> list[Any]:
    """The keys that stand for such callers."""
    query = (
        "SELECT k.id, a.name, k.label FROM cavendish.api_keys k JOIN cavendish.accounts a ON a.id = k.account_id"
        " WHERE k.hint = $1"
    )
    return list(await app.services.db.fetch(query, anonymous.HINT))


async def test_librechat_draws_at_home_and_the_ledger_says_by_which_key(app: App) -> None:
    await app.start_worker()

    answer = await ask(app, "POST", "/sdapi/v1/txt2img", json=ORDER)
    again = await ask(app, "POST", "/sdapi/v1/txt2img", json=ORDER)

    assert answer.status_code == again.status_code == 200 and answer.json()["images"], answer.text
    assert await standing(app) == (92, 0)
    [key] = await made(app)
    assert (key["name"], key["label"]) == ("home", "anonymous")
    asked = await app.services.db.fetch("SELECT DISTINCT key_id FROM cavendish.generations")
    assert [row["key_id"] for row in asked] == [key["id"]]
    trail = await app.services.db.fetch("SELECT actor FROM cavendish.audit WHERE subject = $1", key["id"])
    assert [row["actor"] for row in trail] == ["settings"]


async def test_sillytavern_finds_a_stable_diffusion_cpp(app: App) -> None:
    there = await ask(app, "OPTIONS", "/v1/images/generations")
    listed = await ask(app, "GET", "/v1/models")

    assert there.is_success and listed.json()["object"] == "list"


@pytest.mark.parametrize(
    ("address", "account"),
    [
        (HOME, "home"),
        ("::ffff:192.168.1.7", "home"),
        ("fd12::1", "ana@example.com"),
        ("fd12::1%eth0", "ana@example.com"),
        ("192.168.2.7", None),
        ("::ffff:192.168.2.7", None),
        ("127.0.0.1", None),
        ("fe80::1", None),
        ("testclient", None),
        ("", None),
    ],
)
async def test_who_may_is_told_by_the_sockets_address(app: App, address: str, account: str | None) -> None:
    assert anonymous.account_at(app.settings, address) == account
    for path in PATHS:
        assert (await ask(app, "GET", path, address)).status_code == (200 if account else 401)


async def test_a_socket_without_an_address_is_nobody(app: App) -> None:
    assert (await ask(app, "GET", PATHS[0], None)).status_code == 401


@pytest.mark.parametrize("name", [
    "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded", "X-Real-IP", "Via",
    "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "Client-IP", "X-Cluster-Client-IP", "x-forwarded-FOR",
])  # fmt: skip
async def test_through_a_proxy_nobody_comes_in(app: App, name: str) -> None:
    for value in (HOME, "", "127.0.0.1, 8.8.8.8"):
        for path in PATHS:
            answer = await ask(app, "GET", path, headers={name: value})
            assert answer.status_code == 401 and "proxy" in answer.text
    assert not await made(app)


@pytest.mark.parametrize("said", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://cavendish.test"}, {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "same-origin"},
])  # fmt: skip
async def test_no_page_spends_the_credits_of_whoever_looks_at_it(app: App, said: dict[str, str]) -> None:
    """A form of another site may send text/plain from the home's own browser."""
    answer = await ask(app, "POST", "/sdapi/v1/txt2img", json=ORDER, headers={**said, "Content-Type": "text/plain"})

    assert answer.status_code == 401 and "browser" in answer.text
    assert await standing(app) == (100, 0)


@pytest.mark.parametrize("host", ["evil.example", "cavendish.test.evil.example", "192.168.1.5.nip.io"])
async def test_a_name_that_a_stranger_leads_here_is_not_served(app: App, host: str) -> None:
    answer = await ask(app, "POST", "/sdapi/v1/txt2img", json=ORDER, headers={"Host": host})

    assert (answer.status_code, answer.json()["error"]) == (421, "UNKNOWN_HOST")
    assert await standing(app) == (100, 0)


@pytest.mark.parametrize("sent", [
    {"headers": {"Authorization": "Bearer cav_live_wrong"}}, {"headers": {"Authorization": "Basic"}},
    {"headers": {"Authorization": ""}}, {"headers": {"x-api-key": ""}}, {"headers": {"x-api-key": "cav_live_wrong"}},
    {"headers": {"x-goog-api-key": "wrong"}}, {"headers": {"Cookie": "cavendish_session=x"}},
    {"headers": {"Cookie": "other=1"}}, {"params": {"key": "wrong"}},
])  # fmt: skip
async def test_a_credential_that_is_not_good_is_never_made_up_for(app: App, sent: dict[str, Any]) -> None:
    for path in PATHS:
        assert (await ask(app, "GET", path, **sent)).status_code == 401
    assert not await made(app)


async def test_everything_else_still_needs_a_key(app: App) -> None:
    """All routes of the service, asked from there."""
    inner = app.client._transport.app._app  # type: ignore[attr-defined]
    routes = [(one.path, method) for one in inner.routes if isinstance(one, Route) for method in one.methods or ()]
    documented = [(path, method) for path, method in routes if path in inner.state.failures or path.startswith("/api/")]
    without = [one for one in documented if not one[0].startswith("/sdapi/") and one != ("/v1/models", "GET")]
    assert len(without) > 50
    free = {("/api/v1/models", "GET"), ("/api/v1/session/offers", "GET"), ("/api/v1/session", "DELETE"),
            ("/api/v1/session", "POST"), ("/v1/content_provenance_checks", "POST")}  # fmt: skip

    for path, method in without:
        if (path, method) in free or method in ("HEAD", "OPTIONS"):
            continue
        name = path.replace("{", "").replace("}", "")
        answer = await ask(app, method, name, json={})
        assert answer.status_code == 401, (method, path, answer.text)
    for odd in ("/sdapi/../api/v1/credits", "/sdapi/%2e%2e/api/v1/credits", "//v1/credits", "/sdapi/..;/v1/models/x"):
        assert (await ask(app, "GET", odd)).status_code != 200, odd


async def test_it_has_no_role_and_the_limit_of_its_key(app: App) -> None:
    async with app.services.db.transaction() as transaction:
        home = await accounts.find(transaction, "home")
        assert home is not None
        await accounts.set_operator(transaction, home.id, True)

    first = await anonymous.caller(app.services, "home")
    async with app.services.db.transaction() as transaction:
        await accounts.change_key(transaction, first.key_id, label="the living room", limit=RateLimit(1, 3600))
    await app.start_worker()
    answers = [await ask(app, "POST", "/sdapi/v1/txt2img", json=ORDER) for _ in range(2)]

    assert not first.operator and not first.session
    assert [answer.status_code for answer in answers] == [200, 429]
    assert len(await made(app)) == 1, "known by more than its label"


async def test_a_key_that_is_revoked_stays_so(app: App) -> None:
    assert (await ask(app, "GET", PATHS[0])).status_code == 200
    [key] = await made(app)
    await administer.revoke_any_key(app.services, administer.COMMAND_LINE, key["id"])

    for _ in range(2):
        answer = await ask(app, "GET", PATHS[0])
        assert answer.status_code == 401 and "revoked" in answer.text
    assert len(await made(app)) == 1
    async with app.services.db.connection() as connection:
        told = await anonymous.shortcomings(connection, app.settings)
    assert any("home" in line and "revoked" in line for line in told)
    assert any("gone" in line and "none of this name" in line for line in told)


async def test_an_account_that_is_not_there_is_not_made(app: App) -> None:
    answer = await ask(app, "GET", PATHS[0], "10.9.1.1")

    assert answer.status_code == 401 and "does not exist" in answer.text
    async with app.services.db.connection() as connection:
        assert await accounts.find(connection, "gone") is None


async def test_of_many_first_ones_at_once_one_key_is_made(app: App) -> None:
    answers = await asyncio.gather(*(ask(app, "GET", PATHS[0]) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(await made(app)) == 1


async def test_without_the_setting_nobody_may(settings: Settings) -> None:
    async with App.started(settings) as app:
        assert settings.anonymous == ()
        for address in (HOME, "127.0.0.1", "::1"):
            answer = await ask(app, "GET", PATHS[0], address)
            assert answer.status_code == 401 and "anonymous" not in answer.text
        assert "CAVENDISH_ANONYMOUS" not in "\n".join(await first_run.lines(app.services))


async def test_the_start_warns(app: App) -> None:
    told = "\n".join(await first_run.lines(app.services))

    assert "WARNING: anonymous use is on (CAVENDISH_ANONYMOUS)" in told
    assert "home pays for whoever calls /sdapi from 192.168.1.0/24" in told


async def test_http_1_0_is_a_proxys(app: App) -> None:
    """nginx sends nothing but this where it was told only where to send requests to."""
    answers: list[int] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await app.client._transport.app({**scope, "http_version": "1.0"}, receive, send)  # type: ignore[attr-defined]

    transport = httpx2.ASGITransport(app=inner, client=(HOME, 1))
    async with httpx2.AsyncClient(transport=transport, base_url=app.settings.public_url) as client:
        answers = [(await client.get(path)).status_code for path in PATHS]
    assert answers == [401, 401]
