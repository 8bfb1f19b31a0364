"""Single sign-on: an issuer's proven word opens a session; anything less leads back to the sign-in page."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gzip
import hashlib
import hmac
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from cavendish import bootstrap, identity
from cavendish import settings as configuration
from cavendish.errors import ConfigurationError, LoginRequired
from cavendish.identity.base import PendingSignIn
from cavendish.models import RateLimit
from cavendish.processes import control
from cavendish.settings import Settings
from cavendish.stores import accounts, sessions
from cavendish.web import app as web_app
from cavendish.web.api import single_sign_on
from cavendish.web.http.context import COOKIE
from emulators import issuer as issuers
from emulators.issuer import CLIENT_ID, CLIENT_SECRET, DISCOVERY, KEYS, TOKEN, Issuer
from emulators.server import Emulator, Reply
from harness import databases, expect, shared
from harness.inprocess import App

pytestmark = pytest.mark.anyio

HERE = "http://testserver"
BEGIN, CALLBACK, OFFERS = "/login/single", "/login/single/callback", "/api/v1/session/offers"
ATTEMPT = single_sign_on.COOKIE
NAME = "ada@example.com"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    found = Issuer(HERE + CALLBACK)
    with Emulator(found) as emulator:
        found.url = f"{emulator.url}/realms/acme"
        yield found


@pytest.fixture
def options(issuer: Issuer) -> dict[str, object]:
    return _flags(issuer)


def _flags(issuer: Issuer) -> dict[str, object]:
    return {
        "public_url": HERE,
        "sign_in_limit": "1000/minute",
        "oidc_issuer": issuer.url,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_seconds": "5",
    }


class ServedApp(NamedTuple):
    app: App
    issuer: Issuer


@pytest.fixture(scope="module")
async def open_house(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServedApp]:
    name = f"cavendish_single_{secrets.token_hex(6)}"
    found = Issuer(HERE + CALLBACK)
    with Emulator(found) as emulator:
        found.url = emulator.url
        flags = {
            "data": str(tmp_path_factory.mktemp("single")),
            "database_url": await databases.copy(server_url, template, name),
            "routes": "nano-banana-2=instant;nano-banana-pro=instant",
            **_flags(found),
        }
        async with started(configuration.load(flags, environment={})) as app:
            await account(app)
            yield ServedApp(app, found)
    await databases.drop(server_url, name)


@pytest.fixture
def house(open_house: ServedApp) -> ServedApp:
    """One database with the account for all tests that only sign in, or do not; the issuer is as new."""
    issuer = open_house.issuer
    issuer.claims, issuer.unsigned = {}, None
    issuer.requests.clear()
    return open_house


@contextlib.asynccontextmanager
async def started(settings: Settings, **changes: Any) -> AsyncIterator[App]:
    """The application with single sign-on by these settings."""
    settings = dataclasses.replace(settings, **changes)
    async with contextlib.AsyncExitStack() as stack:
        single = identity.build(settings)
        if single is not None:
            stack.push_async_callback(single.close)
        services = await stack.enter_async_context(bootstrap.services(settings))
        transport = httpx2.ASGITransport(app=web_app.build(services, single), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url=HERE, timeout=30) as client:
            app = App(settings, services, client)
            await shared.judged(app)
            yield app


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    async with started(settings) as opened:
        yield opened


class Browser:
    """Keeps cookies with their paths, and follows no redirect by itself."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.cookies: dict[str, tuple[str, str]] = {}

    async def get(self, url: str, **more: Any) -> httpx2.Response:
        path = urlsplit(url).path
        sent = "; ".join(f"{name}={value}" for name, (value, at) in self.cookies.items() if path.startswith(at))
        answer = await self._app.client.get(url, headers={"Cookie": sent} if sent else {}, **more)
        for line in answer.headers.get_list("set-cookie"):
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = (cookie.value, cookie["path"])
                if cookie["max-age"] == "0":
                    del self.cookies[name]
        self._app.client.cookies.clear()
        return answer

    async def begin(self) -> str:
        """To the issuer and back: the address to which it sends the browser."""
        answer = await self.get(BEGIN)
        assert answer.status_code == 302, answer.text
        async with httpx2.AsyncClient() as outside:
            back = await outside.get(answer.headers["location"])
        assert back.status_code == 302, back.text
        return str(back.headers["location"])

    async def sign_in(self) -> httpx2.Response:
        return await self.get(await self.begin())

    async def me(self) -> dict[str, Any]:
        return expect.success(await self.get("/api/v1/me"))


def refused(answer: httpx2.Response, trouble: str) -> None:
    """Back at the sign-in page with this word, signed in as nobody."""
    assert (answer.status_code, answer.headers["location"]) == (302, f"/login?trouble={trouble}")
    assert not any(line.startswith(f"{COOKIE}=") for line in answer.headers.get_list("set-cookie"))


async def account(app: App, name: str = NAME, *, operator: bool = False) -> None:
    async with app.services.db.transaction() as transaction:
        made = await accounts.ensure(transaction, name)
        await accounts.set_operator(transaction, made.id, operator)


async def names(app: App) -> list[str]:
    rows = await app.services.db.fetch("SELECT name FROM cavendish.accounts ORDER BY id")
    return [row["name"] for row in rows]


async def trail(app: App) -> list[tuple[str, str, str, str]]:
    rows = await app.services.db.fetch("SELECT actor, action, subject, detail FROM cavendish.audit ORDER BY id")
    return [tuple(row) for row in rows]


# The way in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "alg"), [(issuers.ec_key, "ES256"), (issuers.rsa_key, "RS256"), (issuers.rsa_key, "PS256")])  # fmt: skip
async def test_a_person_signs_in_to_the_account_of_their_name(app: App, issuer: Issuer, make: Any, alg: str) -> None:
    issuer.key, issuer.alg = make("key-1"), alg
    await account(app)
    browser = Browser(app)

    answer = await browser.sign_in()

    assert (answer.status_code, answer.headers["location"]) == (302, "/nano-banana-2")
    me = await browser.me()
    assert (me["account"], me["operator"], me["session"]) == (NAME, False, True)
    assert await trail(app) == [(NAME, "sign_in", NAME, "with single sign-on")]
    assert issuer.faults == []


async def test_the_session_acts_as_the_key_behind_login_links(app: App) -> None:
    await account(app)

    for _ in range(2):
        await Browser(app).sign_in()

    rows = await app.services.db.fetch("SELECT label FROM cavendish.api_keys")
    assert [row["label"] for row in rows] == [sessions.WEB_LABEL]


async def test_both_cookies_are_kept_from_scripts_and_other_sites_and_the_attempt_ends_with_its_answer(
    app: App,
) -> None:
    await account(app)
    browser = Browser(app)

    began = (await browser.get(BEGIN)).headers["set-cookie"].lower()
    ended = "\n".join((await browser.sign_in()).headers.get_list("set-cookie")).lower()

    assert all(rule in began for rule in ("httponly", "samesite=lax", "path=/login/single", "max-age=600"))
    assert "secure" not in began  # http, on this machine
    assert f"{COOKIE}=" in ended and ended.count("httponly") == 2
    assert ATTEMPT not in browser.cookies and COOKIE in browser.cookies


async def test_on_https_both_cookies_stay_there(settings: Settings, issuer: Issuer) -> None:
    issuer.redirect_uri = f"https://images.example.com{CALLBACK}"
    async with started(settings, public_url="https://images.example.com") as app:
        await account(app)
        browser = Browser(app)
        began = await browser.get(BEGIN)
        cookies = (await browser.sign_in()).headers.get_list("set-cookie")

    assert all("secure" in line.lower() for line in [began.headers["set-cookie"], *cookies])


async def test_the_page_learns_what_to_offer(app: App, settings: Settings) -> None:
    assert expect.success(await app.client.get(OFFERS)) == {"success": True, "single": "Single sign-on"}

    async with started(settings, oidc_label="Acme account") as other:
        assert expect.success(await other.client.get(OFFERS))["single"] == "Acme account"


async def test_without_an_issuer_nothing_is_offered_and_nothing_is_reached(settings: Settings) -> None:
    async with started(settings, oidc_issuer="", oidc_client_id="", oidc_client_secret="") as app:
        assert expect.success(await app.client.get(OFFERS)) == {"success": True}
        refused(await Browser(app).get(BEGIN), "off")
        refused(await Browser(app).get(f"{CALLBACK}?code=a&state=b"), "off")


async def test_the_secret_goes_in_the_body_where_the_issuer_takes_it_there_only(app: App, issuer: Issuer) -> None:
    issuer.discovery["token_endpoint_auth_methods_supported"] = ["private_key_jwt", "client_secret_post"]
    await account(app)
    browser = Browser(app)

    await browser.sign_in()

    assert (await browser.me())["account"] == NAME
    assert issuer.faults == []


async def test_a_public_client_proves_itself_by_pkce_alone(settings: Settings, issuer: Issuer) -> None:
    issuer.client_secret = ""
    async with started(settings, oidc_client_secret="") as app:
        await account(app)
        browser = Browser(app)
        await browser.sign_in()

        assert (await browser.me())["account"] == NAME


@pytest.mark.parametrize(("said", "written"), [("/", ""), ("", "/")])
async def test_a_slash_too_many_or_too_few_in_the_setting_does_no_harm(
    settings: Settings, issuer: Issuer, said: str, written: str
) -> None:
    url = issuer.url
    issuer.discovery["issuer"] = issuer.claims["iss"] = url + said
    async with started(settings, oidc_issuer=url + written) as app:
        await account(app)
        browser = Browser(app)
        await browser.sign_in()

        assert (await browser.me())["account"] == NAME


# This browser, this attempt ----------------------------------------------------------------------------------------


async def test_an_answer_with_another_state_is_refused(house: ServedApp) -> None:
    app, issuer = house
    browser = Browser(app)
    back = urlsplit(await browser.begin())
    code = parse_qs(back.query)["code"][0]

    refused(await browser.get(f"{CALLBACK}?{urlencode({'code': code, 'state': 'x' * 43})}"), "stale")

    assert issuer.asked(TOKEN) == 0


@pytest.mark.parametrize("cookie", [None, "", "x", ".".join(["x" * 43] * 2), "..", ".".join(["ä" * 43] * 3)])
async def test_an_answer_without_the_cookie_of_its_sign_in_is_refused(house: ServedApp, cookie: str | None) -> None:
    """As when someone sends another person the end of a sign-in of their own."""
    app, issuer = house
    back = await Browser(app).begin()
    headers = {} if cookie is None else {"Cookie": f"{ATTEMPT}={cookie}".encode()}

    refused(await app.client.get(back, headers=headers), "stale")

    assert issuer.asked(TOKEN) == 0


async def test_an_empty_state_is_not_the_state_of_an_empty_cookie(house: ServedApp) -> None:
    app, issuer = house

    refused(await app.client.get(f"{CALLBACK}?code=a&state=", headers={"Cookie": f"{ATTEMPT}=.."}), "stale")

    assert issuer.asked(TOKEN) == 0


async def test_a_code_works_once(house: ServedApp) -> None:
    app, issuer = house
    browser = Browser(app)
    back = await browser.begin()
    kept = dict(browser.cookies)
    assert (await browser.get(back)).headers["location"] == "/nano-banana-2"

    refused(await browser.get(back), "stale")  # the cookie is gone
    again = Browser(app)
    again.cookies = kept
    refused(await again.get(back), "stale")  # and the issuer does not take the code


async def test_someone_elses_code_is_of_no_use_in_another_browser(house: ServedApp) -> None:
    """PKCE: the issuer knows which browser's sign-in a code belongs to."""
    app = house.app
    victim, thief = Browser(app), Browser(app)
    stolen = parse_qs(urlsplit(await victim.begin()).query)["code"][0]
    state = parse_qs(urlsplit(await thief.begin()).query)["state"][0]

    refused(await thief.get(f"{CALLBACK}?{urlencode({'code': stolen, 'state': state})}"), "stale")


async def test_an_issuer_that_lets_nobody_in_leads_back(house: ServedApp) -> None:
    app, issuer = house
    browser = Browser(app)
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]
    said = {"error": "access_denied", "error_description": "<script>", "state": state, "code": "a"}

    refused(await browser.get(f"{CALLBACK}?{urlencode(said)}"), "declined")

    assert issuer.asked(TOKEN) == 0


@pytest.mark.parametrize("code", ["", "x" * 4097])
async def test_an_answer_without_a_code_that_could_be_one_is_refused(house: ServedApp, code: str) -> None:
    app, issuer = house
    browser = Browser(app)
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]

    refused(await browser.get(f"{CALLBACK}?{urlencode({'code': code, 'state': state})}"), "declined")

    assert issuer.asked(TOKEN) == 0


@pytest.mark.parametrize("goal", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_led_elsewhere(house: ServedApp, goal: str) -> None:
    app = house.app
    browser = Browser(app)
    lures = urlencode(dict.fromkeys(("next", "redirect_uri", "redirect", "return_to", "goal"), goal))

    began = await browser.get(f"{BEGIN}?{lures}")
    back = await browser.begin()
    ended = await browser.get(f"{back}&{lures}")
    failed = await browser.get(f"{CALLBACK}?{lures}&error={goal}&trouble={goal}")

    sent_to = parse_qs(urlsplit(began.headers["location"]).query)["redirect_uri"]
    assert sent_to == [HERE + CALLBACK] and "evil" not in began.headers["location"]
    assert ended.headers["location"] == "/nano-banana-2"
    refused(failed, "stale")


async def test_a_host_header_does_not_choose_where_the_code_goes(house: ServedApp) -> None:
    app = house.app
    answer = await app.client.get(BEGIN, headers={"Host": "elsewhere.test"})

    assert parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"] == [HERE + CALLBACK]


# One address for all, as behind a proxy -----------------------------------------------------------------------------


def made_up() -> tuple[str, str]:
    """A cookie as the service gives it, which it did not give, and the query of an answer that suits it."""
    pending = PendingSignIn.begun()
    return pending.packed(), urlencode({"code": secrets.token_urlsafe(24), "state": pending.state})


async def fail(app: App) -> httpx2.Response:
    """A sign-in whose code the issuer never gave."""
    cookie, query = made_up()
    return await app.client.get(f"{CALLBACK}?{query}", headers={"Cookie": f"{ATTEMPT}={cookie}"})


async def test_fifteen_people_sign_in_within_a_minute_as_shipped(settings: Settings) -> None:
    async with started(settings, sign_in_limit=Settings.sign_in_limit) as app:
        await account(app)

        answers = [await Browser(app).sign_in() for _ in range(15)]

    assert Settings.sign_in_limit.count < 15
    assert {answer.headers["location"] for answer in answers} == {"/nano-banana-2"}


@pytest.mark.parametrize("sent", ["nothing", "another state", "a made-up cookie"])
async def test_what_anybody_may_send_locks_nobody_out(settings: Settings, sent: str) -> None:
    async with started(settings, sign_in_limit=RateLimit(3, 3600)) as app:
        await account(app)
        for _ in range(12):
            cookie, query = made_up()
            query = "code=a&state=b" if sent == "another state" else query
            headers = {} if sent == "nothing" else {"Cookie": f"{ATTEMPT}={cookie}"}
            answer = await app.client.get(f"{CALLBACK}?{query}", headers=headers)
            assert answer.headers["location"].startswith("/login?trouble=")

        assert (await Browser(app).sign_in()).headers["location"] == "/nano-banana-2"


@pytest.mark.parametrize("cookie", ["", "x"])
async def test_an_answer_to_nothing_counts_for_nobody(settings: Settings, cookie: str) -> None:
    async with started(settings, sign_in_limit=RateLimit(2, 3600)) as app:
        for _ in range(5):
            headers = {"Cookie": f"{ATTEMPT}={cookie}"}
            refused(await app.client.get(f"{CALLBACK}?code=a&state=b", headers=headers), "stale")

        by_key = await app.client.post("/api/v1/session", json={"key": "wrong"}, headers={"Origin": HERE})

    expect.refusal(by_key, LoginRequired)


async def test_failures_count_in_one_budget_with_keys_and_links(settings: Settings, issuer: Issuer) -> None:
    async with started(settings, sign_in_limit=RateLimit(2, 3600)) as app:
        failed = [await fail(app) for _ in range(3)]
        by_key = await app.client.post("/api/v1/session", json={"key": "wrong"}, headers={"Origin": HERE})

    for answer, trouble in zip(failed, ("stale", "stale", "slow"), strict=True):
        refused(answer, trouble)
    assert by_key.status_code == 429
    assert issuer.faults == ["a code that was used or never given"] * 3


async def test_an_account_signs_in_so_often_and_no_oftener(settings: Settings) -> None:
    async with started(settings, account_sign_in_limit=RateLimit(2, 3600)) as app:
        await account(app)
        answers = [await Browser(app).sign_in() for _ in range(3)]

    refused(answers[2], "slow")
    assert [answer.headers["location"] for answer in answers[:2]] == ["/nano-banana-2"] * 2


async def test_an_issuer_that_is_down_counts_for_nobody(settings: Settings, issuer: Issuer) -> None:
    async with started(settings, sign_in_limit=RateLimit(2, 3600)) as app:
        issuer.spoilers[TOKEN] = SPOILED["500"]
        for _ in range(4):
            refused(await Browser(app).sign_in(), "issuer")


async def test_however_many_begin_or_fail_the_log_stays_short(settings: Settings) -> None:
    async with started(settings, sign_in_limit=RateLimit(3, 3600)) as app:
        with capture_logs() as lines:
            for _ in range(20):
                await app.client.get(f"{CALLBACK}?code=a&state=b")
                await fail(app)

    told = [line["trouble"] for line in lines]
    assert sorted(set(told)) == ["slow", "stale"]
    assert len(told) == 6


async def test_who_waits_while_the_issuer_fails_hears_of_it_with_the_others(settings: Settings, issuer: Issuer) -> None:
    """Each with a wait of its own, a hundred people would wait for minutes."""
    async with started(settings) as app:
        issuer.spoilers[DISCOVERY] = SPOILED["500"]

        answers = await asyncio.gather(*[Browser(app).get(BEGIN) for _ in range(20)])

        for answer in answers:
            refused(answer, "issuer")
        assert issuer.asked(DISCOVERY) < 20
        issuer.spoilers.clear()
        assert (await Browser(app).get(BEGIN)).headers["location"].startswith(issuer.url)


# The token ---------------------------------------------------------------------------------------------------------

NOW = 2_000_000_000  # stands for the moment of the test: what a name holds must be the same in every process of a run


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "x" * 43},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"aud": "another-client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": NOW - 3600},
        {"exp": None},
        {"exp": "never"},
        {"iat": NOW + 3600},
        {"nbf": NOW + 3600},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_for_another_or_out_of_time_opens_nothing(house: ServedApp, claims: dict[str, Any]) -> None:
    app, issuer = house
    issuer.claims = _by_now(claims)
    browser = Browser(app)

    refused(await browser.sign_in(), "token")

    expect.refusal(await browser.get("/api/v1/me"), LoginRequired)


def _by_now(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value + int(time.time()) - NOW if isinstance(value, int) else value for name, value in claims.items()}


@pytest.mark.parametrize("claims", [{"aud": [CLIENT_ID]}, {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID},
                                    {"exp": NOW - 5, "iat": NOW - 300}], ids=str)  # fmt: skip
async def test_a_token_for_us_among_others_or_by_a_clock_a_little_off_is_good(
    house: ServedApp, claims: dict[str, Any]
) -> None:
    app, issuer = house
    issuer.claims = _by_now(claims)

    assert (await Browser(app).sign_in()).headers["location"] == "/nano-banana-2"


def by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    text = issuers.signing_input(header, claims)
    return issuers.compact(header, claims, hmac.digest(secret, text.encode(), hashlib.sha256))


FORGERIES = {
    "none": lambda issuer: lambda header, claims: issuers.compact({**header, "alg": "none"}, claims),
    "None": lambda issuer: lambda header, claims: issuers.compact({**header, "alg": "None"}, claims),
    "no alg": lambda issuer: lambda header, claims: issuers.compact({"kid": header["kid"]}, claims),
    "no signature": lambda issuer: lambda header, claims: issuers.compact(header, claims),
    "client secret": lambda issuer: lambda header, claims: by_hand({**header, "alg": "HS256"}, claims, CLIENT_SECRET.encode()),
    "public key as secret": lambda issuer: lambda header, claims: by_hand({**header, "alg": "HS256"}, claims, issuer.key.as_pem(private=False)),
    "own key in the header": lambda issuer: lambda header, claims: Issuer(
        "", key=issuers.ec_key("key-1"), header={"jwk": issuers.ec_key("key-1").as_dict(private=False)}, claims=claims
    ).token(claims["nonce"]),
    "no token": lambda issuer: lambda header, claims: "x",
    "no base64": lambda issuer: lambda header, claims: "ä.ö.ü",
    "no JSON": lambda issuer: lambda header, claims: "e30.eA.eA",
    "list": lambda issuer: lambda header, claims: "W10.W10.W10",
    "huge": lambda issuer: lambda header, claims: "x" * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_token_that_the_issuers_keys_did_not_sign_opens_nothing(house: ServedApp, name: str) -> None:
    app, issuer = house
    issuer.unsigned = FORGERIES[name](issuer)

    refused(await Browser(app).sign_in(), "token")


async def test_a_signature_by_another_key_of_the_same_name_opens_nothing(app: App, issuer: Issuer) -> None:
    issuer.published = [issuers.ec_key("key-1")]
    await account(app)

    refused(await Browser(app).sign_in(), "token")


async def test_a_key_that_is_not_for_signatures_opens_nothing(app: App, issuer: Issuer) -> None:
    shown = ECKey.import_key({**issuer.key.as_dict(private=False), "use": "enc"})
    issuer.published = [issuers.ec_key("key-0"), shown]
    await account(app)

    refused(await Browser(app).sign_in(), "token")


async def test_a_token_that_names_no_key_is_proven_by_the_only_one_for_signatures(app: App, issuer: Issuer) -> None:
    other = issuers.ec_key("key-0").as_dict(private=False)
    issuer.published = [ECKey.import_key({**other, "use": "enc"}), issuer.key]
    issuer.header = {"kid": None}
    await account(app)

    assert (await Browser(app).sign_in()).headers["location"] == "/nano-banana-2"


async def test_a_new_key_is_asked_for_once(app: App, issuer: Issuer) -> None:
    await account(app)
    await Browser(app).sign_in()
    issuer.key = issuers.ec_key("key-2")

    assert (await Browser(app).sign_in()).headers["location"] == "/nano-banana-2"
    assert issuer.asked(KEYS) == 2

    issuer.key, issuer.published = issuers.ec_key("key-3"), [issuers.ec_key("key-2")]
    refused(await Browser(app).sign_in(), "token")
    assert issuer.asked(KEYS) == 3


async def test_documents_are_remembered(app: App, issuer: Issuer) -> None:
    await account(app)
    for _ in range(3):
        await Browser(app).sign_in()

    assert (issuer.asked(DISCOVERY), issuer.asked(KEYS), issuer.asked(TOKEN)) == (1, 1, 3)


async def test_keys_that_nobody_can_read_do_not_hide_the_others(app: App, issuer: Issuer) -> None:
    strange: list[Any] = [{"kty": "NEW"}, {"kty": "EC", "crv": "P-9", "x": "a", "y": "b"}, {"kty": "RSA"}, {}, 5, None]
    issuer.replies[KEYS] = Reply.json({"keys": [*strange, issuer.key.as_dict(private=False)]})
    await account(app)

    assert (await Browser(app).sign_in()).headers["location"] == "/nano-banana-2"


# The issuer as a service -------------------------------------------------------------------------------------------

SPOILED: dict[str, Callable[[Reply], Reply]] = {
    "reset": lambda reply: Reply(fault="reset"),
    "hang": lambda reply: Reply(fault="hang"),
    "drip": lambda reply: dataclasses.replace(reply, drip=0.1),
    "500": lambda reply: dataclasses.replace(reply, status=500),
    "huge": lambda reply: dataclasses.replace(reply, body=reply.body + b" " * 256 * 1024),
    "compressed": lambda reply: Reply(200, gzip.compress(reply.body), {"Content-Encoding": "gzip"}),
    "html": lambda reply: Reply(200, b"<!doctype html>", {"Content-Type": "text/html"}),
    "list": lambda reply: Reply.json([]),
    "empty": lambda reply: Reply.json({}),
    "redirect": lambda reply: Reply(302, reply.body, {"Location": "http://169.254.169.254/"}),
}


@pytest.mark.parametrize("path", [DISCOVERY, TOKEN, KEYS])
@pytest.mark.parametrize("how", SPOILED)
async def test_an_issuer_without_a_usable_answer_leads_back_soon(
    settings: Settings, issuer: Issuer, path: str, how: str
) -> None:
    async with started(settings, oidc_seconds=1.0) as app:
        await account(app)
        browser = Browser(app)
        if path == DISCOVERY:
            issuer.spoilers[path] = SPOILED[how]
            answer, began = await browser.get(BEGIN), time.monotonic()
        else:
            back, began = await browser.begin(), time.monotonic()
            issuer.spoilers[path] = SPOILED[how]
            answer = await browser.get(back)

        refused(answer, "issuer")
        assert time.monotonic() - began < 20
        issuer.spoilers.clear()
        assert (await browser.sign_in()).headers["location"] == "/nano-banana-2"  # nothing bad is remembered


async def test_an_issuer_that_is_not_there_leads_back(settings: Settings) -> None:
    async with started(settings, oidc_issuer="http://127.0.0.1:9") as app:
        refused(await Browser(app).get(BEGIN), "issuer")


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": None},
        {"jwks_uri": "http://[broken"},
        {"jwks_uri": 5},
    ],
    ids=str,
)
async def test_a_discovery_document_of_another_or_with_open_addresses_is_refused(
    app: App, issuer: Issuer, discovery: dict[str, Any]
) -> None:
    issuer.discovery = discovery

    refused(await Browser(app).get(BEGIN), "issuer")


async def test_a_wrong_client_secret_is_the_operators_trouble(settings: Settings) -> None:
    async with started(settings, oidc_client_secret="canary-wrong-secret") as app:
        await account(app)
        with capture_logs() as logs:
            refused(await Browser(app).sign_in(), "issuer")

    assert [(line["log_level"], line["reason"]) for line in logs] == [
        ("warning", "its token endpoint: status 401, invalid_client")
    ]
    assert "CAVENDISH_OIDC_CLIENT_SECRET" in logs[0]["fix"]


# Whose account -----------------------------------------------------------------------------------------------------


async def test_without_oidc_allow_only_who_has_an_account_comes_in(app: App) -> None:
    refused(await Browser(app).sign_in(), "account")

    assert await names(app) == []


@pytest.mark.parametrize("allow", [("example.com",), ("@Example.com",), ("other.example", "ADA@example.com")])
async def test_with_oidc_allow_a_missing_account_is_made_without_credits(
    settings: Settings, allow: tuple[str, ...]
) -> None:
    async with started(settings, oidc_allow=allow) as app:
        browser = Browser(app)
        await browser.sign_in()
        me = await browser.me()
        await Browser(app).sign_in()

        assert (me["account"], me["balance"], me["operator"]) == (NAME, 0, False)
        assert (await trail(app))[:2] == [
            ("single sign-on", "account_created", NAME, ""),
            (NAME, "sign_in", NAME, "with single sign-on"),
        ]
        assert await names(app) == [NAME]


@pytest.mark.parametrize("email", ["ada@evil.example", "ada@sub.example.com", "ada@notexample.com", "ada@example.com.evil.example",
                                   "example.com@evil.example", "ada@example.co"])  # fmt: skip
async def test_with_oidc_allow_nobody_else_comes_in_whoever_has_an_account(
    settings: Settings, issuer: Issuer, email: str
) -> None:
    issuer.claims["email"] = email
    async with started(settings, oidc_allow=("example.com",)) as app:
        await account(app, email)

        refused(await Browser(app).sign_in(), "denied")


@pytest.mark.parametrize("verified", [False, None, "false", 1, "True", []])
async def test_an_address_that_nobody_verified_opens_nothing(house: ServedApp, verified: Any) -> None:
    app, issuer = house
    issuer.claims["email_verified"] = verified

    refused(await Browser(app).sign_in(), "unverified")


async def test_verified_as_text_is_verified(house: ServedApp) -> None:
    app, issuer = house
    issuer.claims["email_verified"] = "true"

    assert (await Browser(app).sign_in()).headers["location"] == "/nano-banana-2"


async def test_capitals_do_not_make_a_second_account_and_look_alikes_do_not_open_the_first(
    app: App, issuer: Issuer
) -> None:
    await account(app, "kate@example.com")
    issuer.claims["email"] = "Kate@Example.COM"
    browser = Browser(app)
    await browser.sign_in()
    assert (await browser.me())["account"] == "kate@example.com"

    issuer.claims["email"] = "\u212aate@example.com"  # the kelvin sign, whose small letter is k
    refused(await Browser(app).sign_in(), "account")


@pytest.mark.parametrize(
    "email", [None, "", "operator", "a" * 100 + "@example.com", "a\n@example.com", "a\0@b", " a@b", "a@b@c", 5, ["a@b"]]
)
async def test_a_claim_that_is_no_name_opens_nothing(settings: Settings, issuer: Issuer, email: Any) -> None:
    issuer.claims["email"] = email
    async with started(settings, oidc_allow=("b", "c", "example.com", "operator")) as app:
        await account(app, "operator", operator=True)

        refused(await Browser(app).sign_in(), "claim")
        assert await names(app) == ["operator"]


async def test_another_claim_names_the_account_as_it_is_and_its_domains_mean_nothing(
    settings: Settings, issuer: Issuer
) -> None:
    issuer.claims = {"preferred_username": "Ada", "email_verified": False}
    async with started(settings, oidc_account_claim="preferred_username", oidc_allow=("Ada", "example.com")) as app:
        browser = Browser(app)
        await browser.sign_in()
        assert (await browser.me())["account"] == "Ada"

        for name in ("ada", "mallory@example.com"):
            issuer.claims["preferred_username"] = name
            refused(await Browser(app).sign_in(), "denied")


async def test_a_listed_name_manages_the_service_from_its_sign_in_on(settings: Settings) -> None:
    async with started(settings, oidc_operators=("Ada@example.com",)) as app:
        await account(app)
        browser = Browser(app)
        for _ in range(2):
            await browser.sign_in()

        assert (await browser.me())["operator"] is True
        changes = [line for line in await trail(app) if line[1] == "operator_changed"]
        assert changes == [("single sign-on", "operator_changed", NAME, "may manage the service")]


async def test_a_domain_makes_no_operators_and_a_role_given_elsewhere_stays(settings: Settings, issuer: Issuer) -> None:
    async with started(settings, oidc_operators=("example.com", "@example.com")) as app:
        await account(app)
        await account(app, "grace@example.com", operator=True)
        roles = []
        for name in (NAME, "grace@example.com"):
            issuer.claims["email"] = name
            browser = Browser(app)
            await browser.sign_in()
            roles.append((await browser.me())["operator"])

    assert roles == [False, True]


async def test_operators_need_leave_to_come_in_too(settings: Settings) -> None:
    async with started(settings, oidc_operators=(NAME,)) as app:
        refused(await Browser(app).sign_in(), "account")
    async with started(settings, oidc_operators=(NAME,), oidc_allow=("other.example",)) as app:
        refused(await Browser(app).sign_in(), "denied")


# Start, and what is left behind ------------------------------------------------------------------------------------


async def test_no_secret_reaches_a_log_or_an_answer(
    settings: Settings, issuer: Issuer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    answers: list[httpx2.Response] = []
    kept = [CLIENT_SECRET, "canary-access-token", "canary-description"]
    with capture_logs() as logs, caplog.at_level("WARNING"):
        async with started(settings) as app:
            await account(app)
            for claims in ({}, {"nonce": "x" * 43}, {"aud": "canary-audience"}, {"email": "nobody@example.com"}):
                issuer.claims = claims
                browser = Browser(app)
                back = await browser.begin()
                kept += browser.cookies[ATTEMPT][0].split(".")[1:]
                answers += [await browser.get(back), await browser.get(back)]
                kept += [value for name, (value, _) in browser.cookies.items() if name == COOKIE]
            browser = Browser(app)
            state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]
            answers.append(await browser.get(f"{CALLBACK}?error=canary-error&state={state}"))
            browser = Browser(app)
            state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]
            answers.append(await browser.get(f"{CALLBACK}?code=canary-code&state={state}"))
    kept += [*issuer.issued, "canary"]
    written = capfd.readouterr()
    traces = f"{logs}{caplog.text}{written.out}{written.err}{[(answer.text, answer.headers['location']) for answer in answers]}"

    assert len(logs) == 9
    assert len(kept) > 20
    assert [secret for secret in kept if secret in traces] == []


async def test_a_database_that_is_away_leads_back(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    await account(app)
    browser = Browser(app)
    back = await browser.begin()
    await app.services.db.close()

    refused(await browser.get(back), "busy")


async def test_an_issuer_without_a_client_is_refused_at_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="CAVENDISH_OIDC_CLIENT_ID"):
        identity.build(dataclasses.replace(settings, oidc_client_id=""))


@pytest.mark.parametrize("package", ["authlib", "joserfc"])
def test_without_the_extra_the_service_says_what_to_install_and_does_not_start(tmp_path: Any, package: str) -> None:
    program = f"import sys; sys.modules[{package!r}] = None; from cavendish.processes import api; sys.exit(api.main())"
    environment = {**os.environ, "CAVENDISH_DATA": str(tmp_path), "CAVENDISH_PORT": "0"}
    environment |= {"CAVENDISH_OIDC_ISSUER": "https://id.example.com", "CAVENDISH_OIDC_CLIENT_ID": "x"}

    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)

    assert ended.returncode == control.HOPELESS, ended.stderr
    assert "pip install 'cavendish[oidc]'" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_single_sign_on_neither_the_library_nor_the_http_client_is_loaded() -> None:
    program = "import sys; from cavendish.processes import api; print([name for name in ('authlib', 'joserfc', 'httpx2') if name in sys.modules])"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert ended.stdout.strip() == "[]", ended.stderr
