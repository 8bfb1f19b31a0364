"""A base URL that ends in a slash, and a slash at a path's end, are answered as the path meant: on every face."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

import httpx2
import orjson
import pytest

from cavendish.web.http import paths
from harness import expect
from harness.inprocess import ENDLESS, PATH, Account, App

pytestmark = pytest.mark.anyio

HOST = "http://cavendish.test"
BODY = {"prompt": "a lake", "mode": "generate", "generationId": "0" * 32}
ALONE = {"/", "/metrics"}
# Answer with the picture, which nobody makes here: they are asked for nothing.
WAITING = re.compile(r"/v1/(images|chat)/|/v1(beta)?/models/|/sdapi/v1/")


async def send(
    app: App, method: str, path: str, account: Account | None = None, body: Any = BODY, **more: str
) -> httpx2.Response:
    """To the whole URL: the client would take `//api` for a host."""
    headers = {**(account.headers if account else {}), **more}
    content = orjson.dumps(body) if method in ("POST", "PATCH") else None
    return await app.client.request(method, HOST + path, content=content, headers=headers)


def shape(answer: httpx2.Response) -> object:
    """What does not differ between two calls for the same."""
    kind = answer.headers.get("content-type", "")
    text = (
        re.sub(r"[0-9a-f]{24,32}|\d{4}-\d\d-\d\dT[\d:.]+Z|\d+", "#", answer.text)
        if "json" in kind
        else len(answer.content)
    )
    return answer.status_code, kind, answer.headers.get("location"), answer.headers.get("allow"), text


async def whole(app: App, method: str, path: str, account: Account) -> object:
    body = {} if WAITING.search(re.sub("/+", "/", path)) else BODY
    return shape(await send(app, method, path, account, body))


async def beginning(app: App, method: str, path: str, account: Account) -> object:
    status, headers = await app.begun(method, path, account.headers)
    return status, headers["content-type"], headers.get("location"), headers.get("allow")


def ways(path: str) -> list[str]:
    """Other ways to write it."""
    return [f"/{path}", f"//{path}", f"{path}/", f"{path}//", f"/{path}/", path[0] + path[1:].replace("/", "//")]


def routes(app: App) -> list[tuple[str, str]]:
    inside = app.client._transport.app._app  # type: ignore[attr-defined]  # no public way leads to the routes
    found = {(method, route.path) for route in inside.routes for method in {*route.methods, "HEAD", "OPTIONS"}}
    return sorted(found)


@pytest.mark.parametrize(
    "options", [{"fast_lane": lane, "sign_in_limit": "10000/minute"} for lane in ("on", "off")], ids=["lane", "without"]
)
async def test_every_route_is_answered_as_the_path_meant(app: App) -> None:
    """Methods, statuses, headers and bodies, those of a refusal too."""
    account = await app.account(credits=10_000)
    asked = 0

    for method, path in routes(app):
        if path in ALONE:
            continue
        plain = re.sub(r"\{\w+\}", "0" * 32, path)
        ask = beginning if (method, path) == ("GET", ENDLESS) else whole
        wanted = await ask(app, method, plain, account)
        for way in ways(plain):
            asked += 1
            assert await ask(app, method, way, account) == wanted, (method, way)

    assert asked > 300


async def test_the_front_page_is_reached_by_two_slashes_too(shared: App) -> None:
    assert shape(await send(shared, "GET", "//")) == shape(await send(shared, "GET", "/"))


async def test_a_picture_is_found_behind_either_slash(shared: App) -> None:
    account = await shared.account()
    ended = await shared.ended(account, await shared.submit(account))
    name = ended["imageUrl"].removeprefix(HOST)
    wanted = await send(shared, "GET", name)

    for way in (f"/{name}", f"{name}/"):
        assert (await send(shared, "GET", way)).content == wanted.content
        head = await send(shared, "HEAD", way)
        assert (head.status_code, head.headers["etag"]) == (200, wanted.headers["etag"])


async def test_the_body_is_not_lost_and_the_key_is_the_same(shared: App) -> None:
    """An order that is repeated with another way to write its path is the same order."""
    account = await shared.account(credits=100)

    first, again = [
        await send(shared, "POST", path, account, **{"Idempotency-Key": "order-1"})
        for path in (f"/{PATH}/generate", f"{PATH}/generate/")
    ]

    assert first.history == again.history == []
    assert expect.success(again)["generationId"] == expect.success(first)["generationId"]
    assert await shared.balance(account) == (96, 4)


async def test_it_is_counted_under_the_route(shared: App) -> None:
    account = await shared.account(credits=0)

    async def counted() -> dict[str, str]:
        text = (await send(shared, "GET", "/metrics")).text
        lines = [line for line in text.splitlines() if line.startswith("cavendish_requests_total")]
        return dict(line.rsplit(" ", 1) for line in lines)

    before = await counted()
    await send(shared, "POST", f"/{PATH}/generate/", account)
    await send(shared, "GET", "//api/v1/credits/", account)
    await send(shared, "GET", "/nothing/here/", account)

    grown = {line for line, count in (await counted()).items() if before.get(line) != count}
    found = {re.search(r'route="([^"]*)"', line)[1] for line in grown}  # type: ignore[index]
    assert found == {f"{PATH}/generate", "/api/v1/credits", "/metrics", "other"}


@pytest.mark.parametrize("path", ["//metrics", "/metrics/", "///metrics//"])
async def test_what_proxies_keep_inside_by_its_path_has_no_other(shared: App, path: str) -> None:
    assert (await send(shared, "GET", "/metrics")).status_code == 200
    assert (await send(shared, "GET", path)).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/%2e/api/v1/credits", "/%2Fapi/v1/credits", "/api/v1/credits%2f", "/api/v1/credits%2F/", "/%5Capi/v1/credits",
     "/API/v1/credits", "/api/v1/credits;/", "/api/v1/credits/%20", "/nothing/", "//nothing", "/generations/", "/api/v1/"],
)  # fmt: skip
async def test_no_other_way_of_writing_leads_anywhere(shared: App, path: str) -> None:
    assert (await send(shared, "GET", path, await shared.account())).status_code == 404


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/a", "/a"), (b"//a", "/a"), (b"/a/", "/a"), (b"///a///b//", "/a/b"), (b"/", "/"), (b"//", "/"),
        (b"/accounts/a%2F", "/accounts/a/"), (b"//accounts/a%2fb", "//accounts/a/b"), (b"/a%252f/", "/a%2f"),
        (b"/a/../b/", "/a/../b"), (b"*", "*"), (b"/%20/", "/ "),
    ],
)  # fmt: skip
def test_only_slashes_that_were_sent_as_such_are_passed_over(raw: bytes, path: str) -> None:
    """The name `a%2F` is not the name `a`: by another's name, another's account would be changed."""
    assert paths.meant(urllib.parse.unquote(raw.decode()), raw) == path
