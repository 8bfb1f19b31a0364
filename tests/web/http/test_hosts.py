"""A name that anybody may have lead here opens nothing that needs no key, and nothing that a cookie opens."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from cavendish.errors import LoginRequired, UnknownHost
from cavendish.settings import Settings
from cavendish.web import app as web_app
from cavendish.web.http.context import COOKIE
from cavendish.web.http.hosts import Hosts
from harness import expect
from harness.inprocess import App

pytestmark = pytest.mark.anyio

EVIL = {"Host": "evil.example:8000"}
# Whoever may read these reads no secret, or knows one already.
UNDER_ANY_NAME = {"/healthz", "/readyz", "/generations/{file}"}


def named(settings: Settings, **changes: Any) -> Hosts:
    return Hosts(dataclasses.replace(settings, **changes))


@contextlib.asynccontextmanager
async def another(app: App, **changes: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """The same service by other settings."""
    services = dataclasses.replace(app.services, settings=dataclasses.replace(app.settings, **changes))
    transport = httpx2.ASGITransport(app=web_app.build(services), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


# --- names


@pytest.mark.parametrize(
    "host",
    ["evil.example", "EVIL.example:8000", "evil.example.", "127.0.0.1.evil.example", "localhost.evil.example",
     "1.2.3.4.example", "cavendish.test.evil.example", "internal.evil.example", "local.com"],
)  # fmt: skip
async def test_a_name_that_a_stranger_may_have_is_not_known(settings: Settings, host: str) -> None:
    assert not named(settings).know(host) and not named(settings).serve(host)


@pytest.mark.parametrize(
    "host",
    ["", "x", "cavendish:8000", "localhost", "LOCALHOST.:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000",
     "192.168.1.5:9", "[2001:db8::1]", "cavendish.test", "nas.local", "api.internal:80", "pi.home.arpa",
     "a.localhost", "cavendish.prod.svc.cluster.local"],
)  # fmt: skip
async def test_a_number_and_a_name_that_no_stranger_can_have_are_known(settings: Settings, host: str) -> None:
    assert named(settings).know(host)


async def test_the_services_own_names_are_known(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "GPU1.example.com")
    hosts = named(settings, public_url="https://Bücher.example:8443", host="listener.example.com")

    assert all(hosts.know(f"{name}.example.com:8000") for name in ("gpu1", "listener"))
    assert hosts.know("xn--bcher-kva.example:8443")
    assert not hosts.know("gpu2.example.com")


async def test_more_names_are_allowed_by_a_setting(settings: Settings) -> None:
    hosts = named(settings, allowed_hosts=("a.example.com", "*.lan.example.com"))

    assert [hosts.know(f"{name}.example.com") for name in ("a", "b.lan", "c.b.lan", "b", "lan", "a.a", "xlan")] == [
        True, True, True, False, False, False, False
    ]  # fmt: skip
    assert named(settings, allowed_hosts=("*",)).know("evil.example")


# --- where they hold


async def test_numbers_are_not_told_to_a_page_whose_name_was_led_here(shared: App) -> None:
    answer = await shared.client.get("/metrics", headers=EVIL)

    expect.refusal(answer, UnknownHost, "'evil.example'", "allow that host", shared.settings.public_url)
    assert answer.status_code == 421
    assert (await shared.client.get("/metrics", headers={"Host": "127.0.0.1:8000"})).status_code == 200


async def test_whatever_needs_no_key_is_under_known_names_only(shared: App) -> None:
    """All routes, as the application has them: a new one is in here by itself."""
    routes = shared.client._transport.app._app.router.routes  # type: ignore[attr-defined]
    opened = set()
    for route in routes:
        for method in route.methods - {"HEAD"}:
            path = route.path.format(generation_id="0" * 32, key_id="x", name="x", model="nano-banana-2", file="x")
            body = {} if method in ("POST", "PATCH") else None
            answer = await shared.client.request(method, path, json=body, headers=EVIL)
            if answer.status_code not in (401, 421):
                opened.add(route.path)

    assert len(routes) > 40
    assert opened == UNDER_ANY_NAME


@pytest.mark.parametrize("options", [{"fast_lane": "on"}, {"fast_lane": "off"}])
async def test_with_a_key_every_name_will_do(app: App) -> None:
    """A client calls the service as its network does, and a page of another site has no key."""
    account = await app.account(credits=4)

    sent = expect.success(await app.generate(account, headers=EVIL))
    poll = await app.post(
        "/api/nano-banana-2/check-status", {"generationId": sent["generationId"]}, account, headers=EVIL
    )
    credit = await app.client.get("/api/v1/credits", headers={**account.headers, **EVIL})

    assert expect.success(poll)["status"] == "pending"
    assert expect.success(credit)["held"] == 4


async def test_a_cookie_opens_nothing_under_a_strange_name(app: App) -> None:
    account = await app.account(credits=20)
    async with another(app) as client:
        own = {"Origin": "http://localhost:8000"}
        signed_in = await client.post("/api/v1/session", json={"key": account.key}, headers=own)
        cookie = {"Cookie": f"{COOKIE}={signed_in.cookies[COOKIE]}"}
        client.cookies.clear()
        here = await client.get("/api/v1/me", headers=cookie)
        strange = {**cookie, "Host": "evil.example", "Origin": "http://evil.example"}

        refused = [
            await client.get("/api/v1/me", headers=strange),
            await client.post("/api/nano-banana-2/generate", json={"prompt": "a", "mode": "generate"}, headers=strange),
            await client.post("/api/v1/session", json={"key": account.key}, headers=strange),
        ]

        expect.success(here)
        for answer in refused:
            expect.refusal(answer, UnknownHost)
        assert await app.balance(account) == (20, 0)


async def test_without_key_or_cookie_an_unknown_name_hears_of_the_key_first(shared: App) -> None:
    expect.refusal(await shared.client.get("/api/v1/credits", headers=EVIL), LoginRequired)


# --- a service that has no name yet

LAN = {"Host": "gpu1.example.com:8000"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
async def test_who_listens_for_others_and_has_no_name_is_opened_by_any(app: App, host: str) -> None:
    async with another(app, host=host, public_url="http://localhost:8000") as client:
        pages = [
            await client.get(path, headers=LAN) for path in ("/nano-banana-2", "/docs", "/login", "/api/v1/models")
        ]
        numbers = await client.get("/metrics", headers=LAN)

    assert [answer.status_code for answer in pages] == [200] * 4
    expect.refusal(numbers, UnknownHost)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "127.0.0.1", "public_url": "http://127.0.0.1:8000"},
        {"host": "::1", "public_url": "http://[::1]:8000"},
        {"host": "localhost", "public_url": "http://localhost:8000"},
        {"host": "0.0.0.0", "public_url": "https://images.example.com"},
        {"host": "0.0.0.0", "public_url": "http://localhost:8000", "allowed_hosts": ("images.example.com",)},
    ],
    ids=str,
)
async def test_who_listens_on_loopback_or_has_a_name_is_opened_by_no_other(app: App, changes: dict[str, Any]) -> None:
    async with another(app, **changes) as client:
        refused = await client.get("/nano-banana-2", headers=LAN)
        opened = await client.get("/nano-banana-2", headers={"Host": "localhost"})

    expect.refusal(refused, UnknownHost)
    assert opened.status_code == 200
