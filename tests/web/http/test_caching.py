"""What was answered to somebody is stored by nobody: no cache in between, and no browser after signing out."""

from __future__ import annotations

import pytest

from harness.inprocess import ENDLESS, App

pytestmark = pytest.mark.anyio

GOOD = {"prompt": "a lake", "mode": "generate"}
ADDRESSES = ("/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/nowhere", "/login", "/console",
             "/generations/nothing", f"/generations/{'0' * 32}-1.png")  # fmt: skip


@pytest.mark.parametrize("options", [{"fast_lane": "on"}, {"fast_lane": "off"}])
async def test_a_submission_and_its_polls_are_not_stored(app: App) -> None:
    account = await app.account(credits=4)
    sent = await app.generate(account)
    poll = await app.check(account, sent.json()["generationId"])
    refused = [await app.generate(account), await app.generate(account, prompt=""), await app.check(account, "x")]

    answers = [sent, poll, *refused]
    assert [answer.status_code for answer in answers] == [200, 200, 402, 400, 404]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("known", [True, False], ids=["with a key", "without"])
async def test_no_json_of_any_operation_is_stored(shared: App, known: bool) -> None:
    account = await shared.account()
    headers = account.headers if known else {}
    document = (await shared.client.get("/openapi.json")).json()
    seen = {}
    for path, item in document["paths"].items():
        for method in item:
            if known and path == ENDLESS:
                continue
            address = path.format(generation_id="0" * 32, key_id="key_x", name="x", file="x", model="nano-banana-2")
            body = GOOD if method in ("post", "patch") else None
            answer = await shared.client.request(method.upper(), address, json=body, headers=headers)
            assert answer.headers["content-type"].endswith("json"), path
            seen[f"{method} {path}"] = (answer.status_code, answer.headers.get_list("cache-control"))

    assert {name: rules for name, (_, rules) in seen.items() if rules != ["no-store"]} == {}
    if known:
        assert sum(status == 200 for status, _ in seen.values()) >= 8, seen


async def test_nor_is_a_stream(shared: App) -> None:
    status, headers = await shared.begun("GET", ENDLESS, (await shared.account()).headers)

    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_answer_says_once_how_it_may_be_stored(shared: App, address: str) -> None:
    assert len((await shared.client.get(address)).headers.get_list("cache-control")) == 1


async def test_pages_and_pictures_keep_their_own_rules(shared: App) -> None:
    account = await shared.account()
    made = (await shared.ended(account, await shared.submit(account)))["imageUrl"]

    assert (await shared.client.get("/login")).headers["cache-control"] == "no-cache"
    assert (await shared.client.get(made)).headers["cache-control"].startswith("public")
