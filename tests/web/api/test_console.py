"""The console's calls: an account sees and manages its own, an operator everything, nobody else anything."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from cavendish.application.access import administer
from cavendish.errors import Forbidden, InvalidInput, LoginRequired, NotFound
from cavendish.models import RateLimit
from cavendish.stores import accounts, workers
from cavendish.web.http.context import COOKIE
from harness import expect
from harness.inprocess import PATH, Account, App

pytestmark = pytest.mark.anyio

KEYS = "/api/v1/keys"
OPERATOR = "/api/v1/operator"
OPERATORS_READ = ["accounts", "generations", "engines", "failures", "audit"]


class Person:
    """Someone signed in to an account."""

    def __init__(self, app: App, account: Account, cookie: str) -> None:
        self._app, self.account, self._cookie = app, account, cookie

    async def send(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Cookie": f"{COOKIE}={self._cookie}", "Origin": self._app.settings.public_url}
        answer = await self._app.client.request(method, path, headers=headers, **more)
        self._app.client.cookies.clear()
        return answer

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        return expect.success(await self.send("GET", path, params=query))


async def person(app: App, *, operator: bool = False, credits: int = 1000) -> Person:
    account = await app.account(credits=credits)
    if operator:
        async with app.services.db.transaction() as transaction:
            owner = await accounts.get(transaction, account.id)
            await administer.set_operator(transaction, administer.COMMAND_LINE, owner, True)
    answer = await app.client.post(
        "/api/v1/session", json={"key": account.key}, headers={"Origin": app.settings.public_url}
    )
    cookie = answer.cookies[COOKIE]
    app.client.cookies.clear()
    return Person(app, account, cookie)


# --- keys


async def test_a_new_key_is_shown_once_and_works(app: App) -> None:
    someone = await person(app)

    made = expect.success(await someone.send("POST", KEYS, json={"label": "my phone", "limit": "5/hour"}))

    works = await app.client.get("/api/v1/me", headers={"Authorization": f"Bearer {made['key']}"})
    assert expect.success(works)["limit"]["count"] == 5
    listed = (await someone.get(KEYS))["keys"]
    assert [(key["label"], key.get("limit")) for key in listed][0] == ("my phone", {"count": 5, "seconds": 3600})
    assert made["key"] not in str(listed)


async def test_a_key_gets_another_label_and_limit_and_loses_them_again(app: App) -> None:
    someone = await person(app)
    made = expect.success(await someone.send("POST", KEYS, json={"label": "old", "limit": "5/hour"}))

    expect.success(await someone.send("PATCH", f"{KEYS}/{made['id']}", json={"label": "new"}))

    (key,) = [key for key in (await someone.get(KEYS))["keys"] if key["id"] == made["id"]]
    assert key["label"] == "new" and "limit" not in key


async def test_a_revoked_key_stops_working(app: App) -> None:
    someone = await person(app)
    made = expect.success(await someone.send("POST", KEYS, json={}))

    expect.success(await someone.send("DELETE", f"{KEYS}/{made['id']}"))

    answer = await app.client.get("/api/v1/me", headers={"Authorization": f"Bearer {made['key']}"})
    expect.refusal(answer, LoginRequired)
    assert "revokedAt" in [key for key in (await someone.get(KEYS))["keys"] if key["id"] == made["id"]][0]


@pytest.mark.parametrize(("method", "path"), [("POST", KEYS), ("PATCH", f"{KEYS}/key_x"), ("DELETE", f"{KEYS}/key_x")])
async def test_a_key_alone_cannot_manage_keys(app: App, method: str, path: str) -> None:
    account = await app.account()

    answer = await app.client.request(method, path, json={"label": "a"}, headers=account.headers)

    expect.refusal(answer, Forbidden, "/console")


async def test_nobody_manages_keys_of_another_account(app: App) -> None:
    someone, other = await person(app), await person(app)

    for method, body in (("PATCH", {"label": "mine"}), ("DELETE", None)):
        answer = await someone.send(method, f"{KEYS}/{other.account.key_id}", json=body)
        expect.refusal(answer, NotFound)
    assert all(key["label"] != "mine" and "revokedAt" not in key for key in (await other.get(KEYS))["keys"])


@pytest.mark.parametrize(
    "body", [{"limit": "often"}, {"limit": "0/hour"}, {"label": "a" * 101}, {"label": "two\nlines"}, {"label": 5}]
)
async def test_a_wrong_label_or_limit_is_refused(app: App, body: dict[str, Any]) -> None:
    someone = await person(app)

    expect.refusal(await someone.send("POST", KEYS, json=body), InvalidInput)

    assert len((await someone.get(KEYS))["keys"]) == 1


@pytest.mark.parametrize(
    ("label", "taken"),
    [("👩‍💻 laptop", True), ("湖の鍵", True), ("a\u200bb", True), ("a\x00b", False), ("a\x1b[31m", False),
     ("a\x85b", False), ("a\u2028b", False), ("\u202egpj.yrotcaf", False), ("a\n", False), ("a" * 100, True)],
)  # fmt: skip
async def test_a_label_is_one_line_of_any_writing(app: App, label: str, taken: bool) -> None:
    """An emoji of several parts is joined by a character that nobody sees; what turns the writing stays out."""
    someone = await person(app)

    answer = await someone.send("POST", KEYS, json={"label": label})

    if taken:
        assert expect.success(answer)["label"] == label
    else:
        expect.refusal(answer, InvalidInput, "label")


@pytest.mark.parametrize("limit", ["101/hour", "1000000/second", "100/minute"])
async def test_nobody_gives_themselves_a_looser_limit_than_the_operator_set(app: App, limit: str) -> None:
    someone, operator = await person(app), await person(app, operator=True)
    await app.services.db.fetch(
        "UPDATE cavendish.api_keys SET limit_count = 100, limit_seconds = 3600 WHERE id = $1", someone.account.key_id
    )
    await asyncio.sleep(app.settings.key_cache_seconds + 0.1)

    for sent in (limit, ""):
        change = await someone.send("PATCH", f"{KEYS}/{someone.account.key_id}", json={"label": "a", "limit": sent})
        if sent or app.settings.generate_limit != RateLimit(100, 3600):
            expect.refusal(change, InvalidInput, "an operator can allow more")
    expect.refusal(await someone.send("POST", KEYS, json={"limit": limit}), InvalidInput)
    expect.success(await someone.send("POST", KEYS, json={"limit": "99/hour"}))
    expect.success(await operator.send("POST", KEYS, json={"limit": limit}))


# --- credits and use


async def test_the_statement_has_every_credit_page_by_page(app: App) -> None:
    someone = await person(app, credits=100)
    await app.start_worker()
    for prompt in ("a fox", "blocked"):
        await app.ended(someone.account, await app.submit(someone.account, prompt=prompt))

    first = await someone.get("/api/v1/statement", limit=3)
    second = await someone.get("/api/v1/statement", limit=3, cursor=first["nextCursor"])

    kinds = [entry["kind"] for entry in first["entries"] + second["entries"]]
    assert kinds == ["release", "hold", "capture", "hold", "grant"]
    assert sum(entry["balanceChange"] for entry in first["entries"] + second["entries"]) == 96
    assert "nextCursor" not in second


async def test_use_is_counted_by_day_and_quality(app: App) -> None:
    someone, other = await person(app), await person(app)
    await app.start_worker()
    for fields in ({}, {}, {"imageQuality": "2K"}, {"prompt": "blocked"}):
        await app.ended(someone.account, await app.submit(someone.account, **fields))
    await app.ended(other.account, await app.submit(other.account))

    days = (await someone.get("/api/v1/usage", days=2))["days"]

    found = {line["quality"]: (line["completed"], line["failed"], line["credits"]) for line in days}
    assert found == {"1K": (2, 1, 8), "2K": (1, 0, 8)}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/statement", {"cursor": "x"}),
        ("/api/v1/statement", {"limit": "0"}),
        ("/api/v1/statement", {"cursor": "9" * 19}),
        ("/api/v1/usage", {"days": "-1"}),
    ],
)
async def test_wrong_pages_are_refused(app: App, path: str, query: dict[str, str]) -> None:
    someone = await person(app)

    expect.refusal(await someone.send("GET", path, params=query), InvalidInput)


# --- the operator


@pytest.mark.parametrize("what", OPERATORS_READ)
async def test_only_an_operator_sees_the_service(app: App, what: str) -> None:
    someone, operator = await person(app), await person(app, operator=True)

    expect.refusal(await someone.send("GET", f"{OPERATOR}/{what}"), Forbidden)
    expect.refusal(await app.client.get(f"{OPERATOR}/{what}"), LoginRequired)
    await operator.get(f"{OPERATOR}/{what}")


@pytest.mark.parametrize(
    ("method", "ending", "body"),
    [
        ("POST", "accounts", {"name": "x"}),
        ("POST", "accounts/{name}/grants", {"amount": 5}),
        ("POST", "accounts/{name}/links", None),
        ("PATCH", "accounts/{name}", {"operator": True}),
    ],
)
async def test_nobody_else_changes_the_service(app: App, method: str, ending: str, body: Any) -> None:
    someone = await person(app, credits=5)

    path = f"{OPERATOR}/{ending.format(name=someone.account.name)}"
    expect.refusal(await someone.send(method, path, json=body), Forbidden)

    me = await someone.get("/api/v1/me")
    assert (me["balance"], me["operator"]) == (5, False)


async def test_an_operator_makes_an_account_grants_credits_and_lets_its_person_in(app: App) -> None:
    operator = await person(app, operator=True)

    expect.success(await operator.send("POST", f"{OPERATOR}/accounts", json={"name": "design team"}))
    base = f"{OPERATOR}/accounts/design team"
    granted = expect.success(await operator.send("POST", f"{base}/grants", json={"amount": 50, "reason": "March"}))
    link = expect.success(await operator.send("POST", f"{base}/links"))["link"]
    answer = await app.client.post(
        "/api/v1/session", json={"link": link.partition("#")[2]}, headers={"Origin": app.settings.public_url}
    )
    app.client.cookies.clear()

    assert granted["balance"] == 50
    assert link.startswith(f"{app.settings.public_url}/login#")
    assert expect.success(answer)["account"] == "design team"
    trail = [(line["action"], line["subject"]) for line in (await operator.get(f"{OPERATOR}/audit"))["entries"]]
    assert trail[:4] == [(action, "design team") for action in ("sign_in", "link_made", "grant", "account_created")]


async def test_two_accounts_of_one_name_cannot_be(app: App) -> None:
    operator = await person(app, operator=True)

    answer = await operator.send("POST", f"{OPERATOR}/accounts", json={"name": operator.account.name})

    expect.refusal(answer, InvalidInput, "already")


async def test_the_role_can_be_given_and_taken_but_not_from_oneself(app: App) -> None:
    operator, someone = await person(app, operator=True), await person(app)
    path = f"{OPERATOR}/accounts/{someone.account.name}"

    expect.success(await operator.send("PATCH", path, json={"operator": True}))
    own = f"{OPERATOR}/accounts/{operator.account.name}"
    refused = await operator.send("PATCH", own, json={"operator": False})

    expect.refusal(refused, InvalidInput, "your own role")
    listed = {line["name"]: line["operator"] for line in (await operator.get(f"{OPERATOR}/accounts"))["accounts"]}
    assert listed == {operator.account.name: True, someone.account.name: True}


@pytest.mark.parametrize(
    "body", [{"amount": 0}, {"amount": -5}, {"amount": 1.5}, {"amount": "9"}, {"amount": True}, {}]
)
async def test_a_grant_is_a_whole_number_of_credits(app: App, body: dict[str, Any]) -> None:
    operator = await person(app, operator=True, credits=7)

    answer = await operator.send("POST", f"{OPERATOR}/accounts/{operator.account.name}/grants", json=body)

    expect.refusal(answer, InvalidInput)
    assert (await operator.get("/api/v1/me"))["balance"] == 7


async def test_a_whole_number_may_be_written_with_a_point(app: App) -> None:
    """JSON Schema takes 5.0 for an integer, and so do languages that have one kind of number."""
    operator = await person(app, operator=True, credits=7)

    answer = await operator.send("POST", f"{OPERATOR}/accounts/{operator.account.name}/grants", json={"amount": 5.0})

    assert expect.success(answer)["balance"] == 12


async def test_an_operator_sees_everyones_generations(app: App) -> None:
    operator, someone = await person(app, operator=True), await person(app)
    await app.start_worker()
    await app.ended(someone.account, await app.submit(someone.account, prompt="a red fox"))
    await app.ended(someone.account, await app.submit(someone.account, prompt="blocked"))
    path = f"{OPERATOR}/generations"

    first = await operator.get(path, limit=1)
    second = await operator.get(path, limit=1, cursor=first["nextCursor"])
    failed = await operator.get(path, status="failed", account=someone.account.name)
    foxes = await operator.get(path, q="FOX")

    assert [page["generations"][0]["prompt"] for page in (first, second, failed, foxes)] == [
        "blocked",
        "a red fox",
        "blocked",
        "a red fox",
    ]
    assert failed["generations"][0]["errorCode"] == "CONTENT_BLOCKED"
    failures = (await operator.get(f"{OPERATOR}/failures"))["failures"]
    assert [(line["errorCode"], line["count"]) for line in failures] == [("CONTENT_BLOCKED", 1)]


async def test_an_operator_sees_what_all_accounts_make_and_have(app: App) -> None:
    operator, someone = await person(app, operator=True, credits=7), await person(app, credits=100)
    await app.start_worker()
    await app.ended(someone.account, await app.submit(someone.account))
    await app.ended(someone.account, await app.submit(someone.account, prompt="blocked", imageQuality="4K"))
    await app.stop_worker()
    await app.submit(someone.account)

    seen = await operator.get(f"{OPERATOR}/overview", days=2)

    assert (seen["accounts"], seen["balance"], seen["held"]) == (2, 7 + 100 - 4 - 4, 4)
    assert (seen["waiting"], seen["generating"]) == (1, 0)
    assert [(line["quality"], line["completed"], line["failed"], line["credits"]) for line in seen["days"]] == [
        ("1K", 1, 0, 4),
        ("4K", 0, 1, 0),
    ]
    assert (await operator.get("/api/v1/usage", days=2))["days"] == [], "the own account made nothing"


async def test_an_operator_sees_what_waits_for_an_engine(app: App) -> None:
    operator = await person(app, operator=True)
    await app.submit(operator.account)

    engines = (await operator.get(f"{OPERATOR}/engines"))["engines"]

    first = app.settings.routes["nano-banana-2"][0]
    assert {engine["name"]: engine["waiting"] for engine in engines}[first] == 1
    assert {name for engine in engines for name in engine["routes"]} == set(app.settings.routes)


async def test_what_an_open_circuit_holds_up_is_waiting_and_as_old_as_its_order(app: App) -> None:
    """Begun once, a generation is `generating` for ever; whether a worker has it, its lease says."""
    operator = await person(app, operator=True)
    async with app.services.db.connection() as connection:
        await workers.seen(connection, uuid.uuid4(), "a-host", 1, {"open": {"script": 1.0}}, {})
    waiting = [await app.submit(operator.account) for _ in range(3)]
    drawn = await app.submit(operator.account)
    await app.services.db.fetch(
        "UPDATE cavendish.generations SET state = 'generating', fence = 1, started_at = now(),"
        " created_at = created_at - interval '7 minutes'"
    )
    await app.services.db.fetch(
        "UPDATE cavendish.generations SET leased = true, ready_at = now() + interval '1 minute' WHERE id = $1",
        uuid.UUID(hex=drawn),
    )
    await app.services.db.fetch(
        "UPDATE cavendish.generations SET created_at = created_at - interval '1 hour' WHERE id = $1",
        uuid.UUID(hex=drawn),
    )

    engines = (await operator.get(f"{OPERATOR}/engines"))["engines"]

    (found,) = [engine for engine in engines if engine["name"] == app.settings.routes["nano-banana-2"][0]]
    assert (found["waiting"], found["generating"], found["open"]) == (len(waiting), 1, 1)
    assert 420 <= found["oldestSeconds"] <= 480


async def test_a_limit_of_the_account_stands_beside_its_use(app: App) -> None:
    account = await app.account(limit=RateLimit(3, 3600))
    body = {"prompt": "a", "mode": "generate"}
    await app.client.post(f"{PATH}/generate", json=body, headers=account.headers)

    me = expect.success(await app.client.get("/api/v1/me", headers=account.headers))

    assert (me["limit"]["count"], me["limit"]["remaining"]) == (3, 2)
    assert me["prices"] == {"1K": 4, "2K": 8, "4K": 16} and len(me["ratios"]) == 14
