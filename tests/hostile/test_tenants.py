"""Every operation × every identity × every kind of id, made from the OpenAPI document: only declared cells are open.

An operation that appears in the document without a line in `OPEN` fails this file: say who may call it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from cavendish import ids
from cavendish.errors import Forbidden, InsufficientCredits, LoginRequired, NotFound
from cavendish.stores import accounts
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

GOOD = {"prompt": "a lake", "mode": "generate"}
MCP = "POST /mcp"

# Who gets an answer, by operation: any account, only the owner of what the id names, a signed-in person (a key alone is
# not enough), an operator, or everybody.
OPEN = {
    "POST /api/nano-banana-2/generate": "any account",
    "POST /api/nano-banana-pro/generate": "any account",
    "POST /api/nano-banana-2/check-status": "owner",
    "POST /api/nano-banana-pro/check-status": "owner",
    "GET /api/v1/credits": "any account",
    "GET /api/v1/events": "any account",
    "GET /api/v1/generations": "any account",
    "GET /api/v1/generations/{generation_id}": "owner",
    "GET /api/v1/generations/{generation_id}/history": "owner",
    "GET /api/v1/generations/{generation_id}/events": "owner",
    "GET /api/v1/generations/{generation_id}/grounding": "owner",
    "POST /api/v1/generations/{generation_id}/cancel": "owner",
    "DELETE /api/v1/generations/{generation_id}": "owner",
    "POST /api/v1/generations": "any account",
    "POST /api/v1/uploads": "any account",
    "GET /api/v1/me": "any account",
    "GET /api/v1/models": "everybody",
    MCP: "any account",
    "GET /v1/models": "any account",
    "GET /v1/models/{model}": "any account",
    "GET /v1/models/capabilities": "any account",
    "POST /v1/images/generations": "any account",
    "POST /v1/images/edits": "any account",
    "POST /v1/chat/completions": "any account",
    "POST /v1/images/generations/async": "any account",
    "POST /v1/images/edits/async": "any account",
    "GET /v1/images/tasks/{generation_id}": "owner",
    "GET /v1beta/models": "any account",
    "GET /v1beta/models/{model}": "any account",
    **{
        f"POST /{version}/models/{{model}}:{method}": "any account"
        for version in ("v1", "v1beta")
        for method in ("generateContent", "streamGenerateContent", "predict")
    },
    "POST /upload/v1/files": "any account",
    "POST /upload/v1beta/files": "any account",
    "GET /v1/files/{file}": "any account",  # each its own; its own tests ask for another's
    "GET /v1beta/files/{file}": "any account",
    "GET /v1/files": "any account",
    "GET /v1beta/files": "any account",
    "DELETE /v1/files/{file}": "any account",
    "DELETE /v1beta/files/{file}": "any account",
    "POST /sdapi/v1/txt2img": "any account",
    "POST /sdapi/v1/img2img": "any account",
    "GET /sdapi/v1/options": "any account",
    "POST /sdapi/v1/options": "any account",
    "POST /sdapi/v1/interrupt": "any account",
    "GET /sdapi/v1/progress": "any account",
    "GET /sdapi/v1/sd-models": "any account",
    "GET /sdapi/v1/samplers": "any account",
    "GET /sdapi/v1/schedulers": "any account",
    "GET /sdapi/v1/upscalers": "any account",
    "GET /sdapi/v1/latent-upscale-modes": "any account",
    "GET /sdapi/v1/sd-vae": "any account",
    "GET /sdapi/v1/sd-modules": "any account",
    "GET /api/v1/statement": "any account",
    "GET /api/v1/usage": "any account",
    "GET /api/v1/keys": "any account",
    "POST /api/v1/keys": "person",
    "PATCH /api/v1/keys/{key_id}": "person",
    "DELETE /api/v1/keys/{key_id}": "person",
    "POST /api/v1/session": "everybody",
    "DELETE /api/v1/session": "everybody",
    "GET /api/v1/session/offers": "everybody",
    "POST /v1/content_provenance_checks": "everybody",
    "GET /api/v1/operator/accounts": "operator",
    "POST /api/v1/operator/accounts": "operator",
    "PATCH /api/v1/operator/accounts/{name}": "operator",
    "POST /api/v1/operator/accounts/{name}/grants": "operator",
    "POST /api/v1/operator/accounts/{name}/links": "operator",
    "GET /api/v1/operator/generations": "operator",
    "GET /api/v1/operator/overview": "operator",
    "GET /api/v1/operator/engines": "operator",
    "GET /api/v1/operator/failures": "operator",
    "GET /api/v1/operator/audit": "operator",
}
# Goes on as long as anybody listens; `test_events.py` asks who hears what.
ENDLESS = "GET /api/v1/events"
MAKES = {
    name for name in OPEN if re.search(r":\w+$", name)
}  # answer with the picture; their own tests ask who gets which
FILES = {name for name in OPEN if "/files" in name}
# What the owner of a generation that waits cannot have yet, or what needs another body.
NOT_NOW = {
    *MAKES,
    *FILES,
    ENDLESS,
    "GET /api/v1/generations/{generation_id}/events",  # goes on until it ends
    "GET /api/v1/generations/{generation_id}/grounding",
    "DELETE /api/v1/generations/{generation_id}",
    "POST /api/v1/uploads",
    "POST /v1/images/generations",  # answers with the picture; its own tests ask who gets which
    "POST /v1/images/edits",
    "POST /v1/chat/completions",
    "POST /v1/images/edits/async",
    "POST /sdapi/v1/txt2img",
    "POST /sdapi/v1/img2img",
}
# These make something of the caller's own.
ORDERS = {name for name in OPEN if name.endswith("/generate")} | {
    "POST /api/v1/generations",
    "POST /v1/images/generations",
    "POST /v1/images/edits",
    "POST /v1/chat/completions",
    "POST /v1/images/generations/async",
    "POST /v1/images/edits/async",
    *MAKES,
    "POST /sdapi/v1/txt2img",
    "POST /sdapi/v1/img2img",
}
# That there is another account's is not told there.
HIDING = {"GET /v1/images/tasks/{generation_id}"}
# These need no key; what they show is public or guarded by a name that cannot be guessed.
PUBLIC = {
    "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/generations/{file}", "/", "/nano-banana-2", "/console",
    "/login", "/verify", "/login/single", "/login/single/callback", "/assets/{name}", "/docs/connect", "/docs/connect.md",
    "/docs/mcp", "/docs/mcp.md", "/llms.txt",
}  # fmt: skip

_DATABASE = """
SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM (
    SELECT row(id, account_id, state, price, prompt)::text AS t FROM cavendish.generations
    UNION ALL SELECT row(l.*)::text FROM cavendish.ledger l
    UNION ALL SELECT row(a.*)::text FROM cavendish.accounts a
    UNION ALL SELECT row(k.*)::text FROM cavendish.api_keys k) AS everything"""


@pytest.fixture
async def owner(app: App) -> Account:
    return await app.account()


@pytest.fixture
async def strangers(app: App, owner: Account) -> AsyncIterator[dict[str, dict[str, str]]]:
    """Headers of everybody who is nobody here."""
    revoked = await app.account()
    async with app.services.db.connection() as connection:
        assert await accounts.revoke_key(connection, revoked.key_id)
    yield {
        "none": {},
        "empty": {"Authorization": "Bearer "},
        "garbage": {"Authorization": "Bearer garbage"},
        "well-formed": {"Authorization": f"Bearer {ids.new_api_key()}"},
        "nearly the owner": {"Authorization": f"Bearer {owner.key[:-1]}"},
        "the owner's key id": {"Authorization": f"Bearer {owner.key_id}"},
        "revoked": revoked.headers,
        "revoked, by x-api-key": {"X-Api-Key": revoked.key},
        "garbage beside a name": {
            "Authorization": "Bearer garbage",
            "X-Account-Id": str(owner.id),
            "X-User": owner.name,
        },
    }


async def operations(app: App) -> dict[str, dict[str, Any]]:
    document = (await app.client.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


async def call(app: App, name: str, headers: dict[str, str], generation_id: str) -> httpx2.Response:
    method, _, path = name.partition(" ")
    body: dict[str, Any] | None = None
    if method in ("POST", "PATCH"):
        body = {"generationId": generation_id} if path.endswith("check-status") else GOOD
    if path == "/mcp":
        asked = {"name": "get_generation", "arguments": {"id": generation_id}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
    query = {"cursor": generation_id} if path.endswith("/generations") and generation_id else {}
    path = (
        (path.replace("{generation_id}", generation_id or "0" * 32).replace("{key_id}", "key_x").replace("{name}", "x"))
        .replace("{model}", "nano-banana-2")
        .replace("{file}", generation_id or "0" * 32)
    )
    return await app.client.request(method, path, json=body, headers=headers, params=query)


def unknown_caller(name: str, answer: httpx2.Response) -> None:
    """Refused for want of a key, in the words of that face."""
    if name == MCP:
        told = answer.json()["error"]["data"]["errorCode"]
        assert (answer.status_code, told) == (401, LoginRequired.code)
    elif name in MAKES | FILES or " /v1beta/" in name:
        assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    elif " /v1/" in name:
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    elif " /sdapi/" in name:
        assert (answer.status_code, answer.json()["error"]) == (401, LoginRequired.code)
    else:
        expect.refusal(answer, LoginRequired)


def unknown_id(name: str, answer: httpx2.Response) -> None:
    """There is nothing of this id, in the words of that face."""
    if " /v1/" in name:
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    else:
        expect.refusal(answer, NotFound)


async def test_every_operation_has_declared_who_may_call_it(app: App) -> None:
    assert set(await operations(app)) == set(OPEN)


async def test_every_other_route_is_declared_public(app: App) -> None:
    inside = app.client._transport.app._app  # type: ignore[attr-defined]  # no public way leads to the routes
    paths = {route.path for route in inside.routes}

    assert paths - {name.partition(" ")[2] for name in OPEN} == PUBLIC


async def test_the_document_says_of_each_operation_whether_it_needs_a_key(app: App) -> None:
    """Of each method by itself: two may share a path. What is said to need none is answered without."""
    documented = await operations(app)

    assert {name for name, one in documented.items() if {} in one["security"]} == {
        name for name, rule in OPEN.items() if rule == "everybody"
    }
    for name, rule in OPEN.items():
        answer = await call(app, name, {}, "0" * 32)
        assert (answer.status_code == 401) == (rule != "everybody"), name


async def test_nobody_gets_anything_anywhere(app: App, owner: Account, strangers: dict[str, dict[str, str]]) -> None:
    generation_id = await app.submit(owner, prompt="a secret lake")
    before = await app.services.db.fetchval(_DATABASE)

    for name in await operations(app):
        if OPEN[name] == "everybody":
            continue
        for who, headers in strangers.items():
            for wanted in (generation_id, "0" * 32, "nonsense", ""):
                answer = await call(app, name, headers, wanted)

                assert answer.status_code == 401, (name, who, wanted, answer.text)
                unknown_caller(name, answer)
                assert generation_id not in answer.text and "secret" not in answer.text

    assert await app.services.db.fetchval(_DATABASE) == before


async def test_another_account_gets_nothing_of_the_owners(app: App, owner: Account) -> None:
    generation_id = await app.submit(owner, prompt="a secret lake")
    other = await app.account(credits=5)
    before = await app.services.db.fetchval(_DATABASE)

    for name, rule in OPEN.items():
        if name in ORDERS or rule == "everybody" or name == ENDLESS:
            continue
        answer = await call(app, name, other.headers, generation_id)

        if name in HIDING:
            unknown_id(name, answer)
        elif rule in ("owner", "person", "operator") or name == "GET /api/v1/generations":
            expect.refusal(answer, Forbidden)
        if name == MCP:
            assert answer.json()["result"]["isError"] and "not found" in answer.text
        assert generation_id not in answer.text and "secret" not in answer.text
        assert owner.name not in answer.text

    listed = expect.success(await app.client.get("/api/v1/generations", headers=other.headers))
    assert listed["generations"] == []
    assert await app.services.db.fetchval(_DATABASE) == before


async def test_the_owner_gets_the_owners(app: App, owner: Account) -> None:
    generation_id = await app.submit(owner)

    for name in await operations(app):
        if OPEN[name] in ("owner", "any account") and name not in NOT_NOW:
            answer = await call(app, name, owner.headers, generation_id)
            assert answer.status_code in (200, 202), name
            if name == MCP:
                assert answer.json()["result"]["isError"] is False
                assert generation_id in answer.text
            elif " /api/" in name:
                expect.success(answer)


async def test_an_id_of_nobodys_is_404_for_everybody(app: App, owner: Account) -> None:
    for name, rule in OPEN.items():
        if rule == "owner":
            for wanted in ("0" * 32, ids.new_generation_id().hex, "nonsense"):
                unknown_id(name, await call(app, name, owner.headers, wanted))


async def test_a_second_key_of_the_account_is_the_owner_too(app: App, owner: Account) -> None:
    generation_id = await app.submit(owner)
    async with app.services.db.transaction() as transaction:
        key = await accounts.create_key(transaction, await accounts.ensure(transaction, owner.name))

    answer = await call(app, "POST /api/nano-banana-2/check-status", {"X-Api-Key": str(key.secret)}, generation_id)

    assert expect.success(answer)["generationId"] == generation_id


async def test_one_accounts_credits_are_not_anothers(app: App, owner: Account) -> None:
    poor = await app.account(credits=0)
    fields = {"account": owner.name, "accountId": owner.id, "account_id": owner.id, "key_id": owner.key_id, "price": 0}

    answer = await app.post("/api/nano-banana-2/generate", {**GOOD, **fields}, poor)

    expect.refusal(answer, InsufficientCredits)
    assert await app.balance(owner) == (1000, 0)
