"""Every URL in an answer begins with what its caller calls the service; the host is the caller's word, and believed
by that caller's answer alone."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from PIL import Image

from cavendish.application.access import first_run
from cavendish.settings import Settings
from cavendish.stores import accounts
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

LOCAL = "http://localhost:8000"


@pytest.fixture
def options() -> dict[str, object]:
    """As `serve --host 0.0.0.0` and nothing else."""
    return {"host": "0.0.0.0", "public_url": None}


@pytest.fixture
async def done(app: App) -> AsyncIterator[tuple[Account, str]]:
    """An account with a finished generation."""
    account = await app.account()
    await app.start_worker()
    generation_id = await app.submit(account)
    await app.ended(account, generation_id)
    yield account, generation_id


async def ask(app: App, path: str, account: Account, host: str | None, body: object = None) -> httpx2.Response:
    headers = {**account.headers, **({} if host is None else {"Host": host})}
    if body is None:
        return await app.client.get(path, headers=headers)
    return await app.client.post(path, content=orjson.dumps(body), headers=headers)


async def image_url(app: App, done: tuple[Account, str], host: str | None) -> str:
    account, generation_id = done
    answer = await ask(app, "/api/nano-banana-2/check-status", account, host, {"generationId": generation_id})
    assert answer.json()["image_url"] == answer.json()["imageUrl"]
    return str(answer.json()["imageUrl"])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("images.lan", "http://images.lan"),
        ("Images.LAN:80", "http://images.lan"),
        ("my_container:9000", "http://my_container:9000"),
        ("[fd00::7]:8000", "http://[fd00::7]:8000"),
    ],
)
async def test_a_picture_is_where_its_caller_called(
    app: App, done: tuple[Account, str], host: str, address: str
) -> None:
    url = await image_url(app, done, host)

    assert url.startswith(f"{address}/generations/")
    assert (await app.client.get(url.replace(address, LOCAL), headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example/x", "evil.example?x", "evil.example#x", "me@evil.example", "evil.example:0", "evil.example:99999",
        "evil.example:port", "a b", 'x"><script>', "evil\\example", "[::1", "127.1", "0x7f000001", "-", "x" * 300,
    ],
)  # fmt: skip
async def test_what_is_no_host_is_not_believed(app: App, done: tuple[Account, str], host: str) -> None:
    assert (await image_url(app, done, host)).startswith(f"{LOCAL}/generations/")


async def test_of_two_hosts_none_is_believed(app: App, done: tuple[Account, str]) -> None:
    account, generation_id = done
    headers = [("Authorization", f"Bearer {account.key}"), ("Host", "one.example"), ("Host", "two.example")]
    content = orjson.dumps({"generationId": generation_id})

    answer = await app.client.post("/api/nano-banana-2/check-status", content=content, headers=headers)

    assert answer.json()["imageUrl"].startswith(LOCAL)


async def test_no_answer_has_the_address_of_another_ones_call(app: App, done: tuple[Account, str]) -> None:
    """What is read for many at once, and pages that are made once, hold no address."""
    account, generation_id = done
    one = f"/api/v1/generations/{generation_id}"
    for path in ("/openapi.json", "/docs", one, f"{one}/events", "/api/v1/generations", "/nowhere"):
        first = (await ask(app, path, account, "one.example")).text
        second = (await ask(app, path, account, "two.example:9000")).text

        assert "http://one.example/" in first or '"http://one.example"' in first, path
        assert second == first.replace("http://one.example", "http://two.example:9000"), path
        assert LOCAL not in first


async def test_the_pictures_of_an_operator_and_a_login_link_are_where_the_operator_called(
    app: App, done: tuple[Account, str]
) -> None:
    account = await app.account()
    async with app.services.db.transaction() as transaction:
        await accounts.set_operator(transaction, account.id, True)

    lines = (await ask(app, "/api/v1/operator/generations", account, "ops.lan")).json()["generations"]
    link = (await ask(app, f"/api/v1/operator/accounts/{account.name}/links", account, "ops.lan", {})).json()["link"]

    assert lines[0]["imageUrl"].startswith("http://ops.lan/generations/")
    assert link.startswith("http://ops.lan/login#")


async def test_an_upload_is_where_its_caller_called_and_is_an_input_by_any_address(app: App) -> None:
    """A private address on an odd port, which no foreign picture may have: it is ours, and read from storage."""
    account, file = await app.account(), io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "PNG")
    host = "192.168.1.5:8000"
    headers = {**account.headers, "Host": host}
    url = expect.success(await app.client.post("/api/v1/uploads", content=file.getvalue(), headers=headers))[
        "inputImageUrl"
    ]
    body = {"prompt": "in watercolour", "mode": "edit", "inputImageUrls": [url]}

    submitted = (await ask(app, "/api/nano-banana-2/generate", account, host, body)).json()
    elsewhere = await ask(app, "/api/nano-banana-2/generate", account, "10.0.0.7", body)
    await app.start_worker()

    assert url.startswith(f"http://{host}/generations/")
    assert (await app.ended(account, submitted["generationId"]))["status"] == "completed"
    found = await ask(app, f"/api/v1/generations/{submitted['generationId']}", account, "images.lan")
    assert found.json()["inputImageUrls"] == [url.replace(host, "images.lan")]
    assert elsewhere.json()["errorCode"] == "INVALID_INPUT", "another private address is a stranger's"


async def test_nothing_of_the_host_is_kept(app: App) -> None:
    account = await app.account()
    body = {"prompt": "x", "mode": "edit", "inputImageUrls": ["http://evil.example/generations/a.png"]}
    submitted = (await ask(app, "/api/nano-banana-2/generate", account, "evil.example", body)).json()

    row = await app.services.db.fetchrow("SELECT g::text FROM cavendish.generations g")

    assert submitted["success"] is True
    assert row is not None and "evil.example" not in row[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "127.0.0.1", "public_url": "http://127.0.0.1:8000", "public_url_assumed": True},
        {"host": "0.0.0.0", "public_url": "https://images.example.com", "public_url_assumed": False},
        {"host": "0.0.0.0", "public_url": "http://localhost:8000", "public_url_assumed": False},
    ],
)
async def test_a_public_url_that_somebody_wrote_and_a_loopback_listener_follow_nobody(
    settings: Settings, changed: dict[str, object]
) -> None:
    async with App.started(dataclasses.replace(settings, **changed)) as app:  # type: ignore[arg-type]
        answer = await ask(app, "/nowhere", await app.account(), "evil.example")
        printed = "\n".join(await first_run.lines(app.services))

    assert answer.json()["type"] == f"{changed['public_url']}/docs#NOT_FOUND"
    assert "WARNING" not in printed


async def test_the_start_warns_where_others_can_call_and_no_public_url_is_set(app: App) -> None:
    printed = await first_run.lines(app.services)

    assert any(
        line.startswith("  WARNING: others can call this service at 0.0.0.0, and CAVENDISH_PUBLIC_URL")
        for line in printed
    )
