"""A picture may take a minute to arrive once it is known who sends it; nobody else's body may."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from cavendish import ids
from cavendish.web import app as web_app
from cavendish.web.http.context import Web
from harness.inprocess import Account, App
from harness.listening import SECONDS, Client, Listening, listening

pytestmark = pytest.mark.anyio

PATH = "/api/v1/uploads"


@contextlib.asynccontextmanager
async def served(app: App) -> AsyncIterator[tuple[Listening, Web]]:
    surround = web_app.build(app.services)
    async with listening(app.settings, surround) as house:
        yield house, surround._app.state.web


async def begin(
    client: Client, key: str = "", *, path: str = PATH, length: int = 1000, sent: bytes = b"\x89PNG"
) -> None:
    """The head of an upload, and the first bytes of its body."""
    login = f"Authorization: Bearer {key}\r\n" if key else ""
    await client.send(f"POST {path} HTTP/1.1\r\nHost: x\r\n{login}Content-Length: {length}\r\n\r\n".encode() + sent)


async def let_in(web: Web, account: Account, count: int = 1) -> None:
    async with asyncio.timeout(SECONDS):
        while web.uploading[account.id] != count:
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("kind", ["none", "garbage", "well-formed"])
async def test_a_body_without_a_valid_key_is_cut_as_soon_as_any_other(app: App, kind: str) -> None:
    key = {"none": "", "garbage": "garbage", "well-formed": ids.new_api_key()}[kind]
    async with served(app) as (house, _):
        client = await house.client()
        await begin(client, key)
        assert (await client.answer())[0] == 401, "by the headers alone: the body is still to come"

        house.reap(after_seconds=app.settings.discard_seconds + 1)

        assert await client.is_closed()


async def test_a_body_with_a_valid_key_gets_a_minute_and_no_more(app: App) -> None:
    account = await app.account()
    async with served(app) as (house, web):
        client = await house.client()
        await begin(client, account.key)
        await let_in(web, account)

        house.reap(after_seconds=app.settings.upload_body_seconds - 1)
        assert not await client.is_closed()

        house.reap(after_seconds=app.settings.upload_body_seconds + 1)
        assert await client.is_closed()
        await let_in(web, account, 0)  # and its place is free again


async def test_who_finds_no_place_gets_no_minute(app: App) -> None:
    account = await app.account()
    async with served(app) as (house, web):
        for count in (1, 2, 3):
            await begin(await house.client(), account.key)
            await let_in(web, account, count)
        client = await house.client()
        await begin(client, account.key)
        assert (await client.answer())[0] == 503

        house.reap(after_seconds=app.settings.discard_seconds + 1)

        assert await client.is_closed()


async def test_a_minute_is_for_the_upload_and_not_for_what_comes_after_it_on_the_same_connection(app: App) -> None:
    account = await app.account()
    async with served(app) as (house, web):
        client = await house.client()
        await begin(client, account.key)
        await let_in(web, account)
        await client.send(b"0" * 996)
        assert (await client.answer())[0] == 400
        await begin(client, path="/api/nano-banana-2/generate", sent=b"{")
        assert (await client.answer())[0] == 401

        house.reap(after_seconds=app.settings.discard_seconds + 1)

        assert await client.is_closed()


async def test_a_minute_granted_late_is_not_for_the_request_behind_it(app: App) -> None:
    """Two in one packet: the key of the first is looked at when the body of the second is already awaited."""
    account = await app.account()
    async with served(app) as (house, web):
        client = await house.client()
        upload = (
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.key}\r\nContent-Length: 4\r\n\r\nabcd"
        )
        await client.send(upload.encode() + b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert [(await client.answer())[0] for _ in range(2)] == [400, 404]

        house.reap(after_seconds=app.settings.discard_seconds + 1)

        assert await client.is_closed()
