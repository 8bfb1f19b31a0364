"""Looking through prompts: it ends by a time, one at a time per account, and leaves the database to everybody."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cavendish.application import finding
from cavendish.application.finding import Page, Piece
from cavendish.db.pool import Connection
from cavendish.errors import RateLimitExceeded, ServiceBusy
from cavendish.models import Generation, Place
from harness import expect
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

LIST = "/api/v1/generations"
OPERATOR = "/api/v1/operator/generations"

# Many at once, as the store would write them, newest last.
MANY = """
INSERT INTO cavendish.generations (id, task_id, account_id, model, engine, mode, prompt, aspect_ratio, image_quality,
    google_search, input_image_urls, price, virtual_tag, state, created_at, deadline_at, finished_at, error, error_code)
SELECT gen_random_uuid(), 'task-' || gen_random_uuid(), $1, 'nano-banana-2', 'script', 'generate',
       'a kite ' || number, '1:1', '1K', false, '{}', 4, 0, 'failed',
       now() - make_interval(secs => $2 - number), now(), now(), 'made up', 'GENERATION_FAILED'
FROM generate_series(1, $2) AS number"""


async def many(app: App, account: Account, count: int) -> None:
    async with app.services.db.connection() as connection:
        await connection.execute(MANY, account.id, count)


async def pages(app: App, asker: Account, path: str = LIST, **query: Any) -> list[dict[str, Any]]:
    """All of a list, page by page, as a client goes through one."""
    found = [expect.success(await app.client.get(path, params=query, headers=asker.headers))]
    while cursor := found[-1].get("nextCursor"):
        assert len(found) < 200, "the list does not end"
        answer = await app.client.get(path, params={**query, "cursor": cursor}, headers=asker.headers)
        found.append(expect.success(answer))
    return found


def prompts(found: list[dict[str, Any]]) -> list[str]:
    return [line["prompt"] for one in found for line in one["generations"]]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of seven rows."""
    monkeypatch.setattr(finding, "_PIECE_ROWS", (7, 7, 7))


@pytest.mark.parametrize("options", [{"find_seconds": "0.000001"}])
async def test_a_look_that_takes_too_long_says_where_to_go_on(app: App, hurried: None) -> None:
    account = await app.account()
    await many(app, account, 50)

    found = await pages(app, account, q="kite 1", limit=3)

    assert prompts(found) == [f"a kite {number}" for number in (*range(19, 9, -1), 1)]
    assert any(not one["generations"] for one in found), "a page without a match leads on to the next"
    assert len(found) >= 8, "each looked through seven rows"


@pytest.mark.parametrize(
    ("query", "count"), [({"q": "kite"}, 50), ({"status": "failed"}, 50), ({"status": "completed"}, 0), ({}, 50)]
)
async def test_pages_hold_each_once_whatever_the_pieces(
    app: App, hurried: None, query: dict[str, str], count: int
) -> None:
    account, other = await app.account(), await app.account()
    await many(app, account, 50)
    await many(app, other, 20)

    found = await pages(app, account, limit=8, **query)

    assert prompts(found) == [f"a kite {number}" for number in range(50, 50 - count, -1)]
    assert len(found) == max(1, -(-count // 8)), "with the time there is, only the last page is short"


async def test_an_operator_looks_through_everyones_or_one_accounts(app: App, hurried: None) -> None:
    operator, one, another = await app.account(), await app.account(), await app.account()
    async with app.services.db.transaction() as transaction:
        await transaction.execute("UPDATE cavendish.accounts SET operator = true WHERE id = $1", operator.id)
    await many(app, one, 30)
    await many(app, another, 30)

    everyones = await pages(app, operator, OPERATOR, q="kite 2", limit=4)
    ones = await pages(app, operator, OPERATOR, q="kite 2", account=one.name, limit=4)
    nobodys = await pages(app, operator, OPERATOR, q="kite 2", account="nobody", limit=4)

    assert sorted(prompts(everyones)) == sorted(2 * prompts(ones))
    assert prompts(ones) == [f"a kite {number}" for number in (*range(29, 19, -1), 2)]
    assert prompts(nobodys) == []


async def test_a_generation_is_found_by_its_id(app: App) -> None:
    """By its owner and by an operator; by nobody else, and not once it is deleted."""
    account, other, operator = await app.account(), await app.account(), await app.account()
    async with app.services.db.transaction() as transaction:
        await transaction.execute("UPDATE cavendish.accounts SET operator = true WHERE id = $1", operator.id)
    await app.start_worker()
    generation_id = await app.submit(account, prompt="a kite")
    await app.ended(account, generation_id)

    for spelt in (generation_id, f" {generation_id.upper()} "):
        assert prompts(await pages(app, account, q=spelt)) == ["a kite"]
        assert prompts(await pages(app, operator, OPERATOR, q=spelt)) == ["a kite"]
    assert prompts(await pages(app, other, q=generation_id)) == []
    assert prompts(await pages(app, account, q=uuid.uuid4().hex)) == []
    await app.client.delete(f"{LIST}/{generation_id}", headers=account.headers)
    assert prompts(await pages(app, account, q=generation_id)) == []


class Held:
    """Looks that do not end before they are let."""

    def __init__(self, app: App) -> None:
        self.finder = app.services.finder
        self.under_way = 0
        self.go = asyncio.Event()
        self.begun = asyncio.Event()
        self._tasks: list[asyncio.Task[Page[Generation]]] = []

    async def begin(self, account_id: int) -> None:
        self.begun.clear()
        self._tasks.append(
            asyncio.create_task(self.finder.find(account_id, self._look, by_text=True, after=None, count=1))
        )
        await asyncio.wait_for(self.begun.wait(), 10)

    async def _look(self, connection: Connection, after: Place | None, rows: int, count: int) -> Piece[Generation]:
        self.under_way += 1
        self.begun.set()
        await self.go.wait()
        self.under_way -= 1
        return Piece([], None)

    async def end(self) -> None:
        self.go.set()
        await asyncio.gather(*self._tasks)


@contextlib.asynccontextmanager
async def held(app: App) -> AsyncIterator[Held]:
    looks = Held(app)
    try:
        yield looks
    finally:
        await looks.end()


SHORT = {"find_wait_seconds": "0.05"}


@pytest.mark.parametrize("options", [SHORT])
async def test_an_account_looks_once_at_a_time(app: App) -> None:
    account, other = await app.account(), await app.account()
    async with held(app) as looks:
        await looks.begin(account.id)

        refused = await app.client.get(LIST, params={"q": "kite"}, headers=account.headers)
        expect.refusal(refused, RateLimitExceeded, "looking through its generations already")
        assert refused.headers["retry-after"] == "1"
        expect.success(await app.client.get(LIST, headers=account.headers))  # a plain page looks for nothing
        expect.success(await app.client.get(LIST, params={"status": "failed"}, headers=account.headers))
        expect.success(await app.client.get(LIST, params={"q": "kite"}, headers=other.headers))
    expect.success(await app.client.get(LIST, params={"q": "kite"}, headers=account.headers))


@pytest.mark.parametrize("options", [{**SHORT, "pool_max": "3"}])
async def test_looks_of_many_accounts_leave_connections_to_everybody(app: App) -> None:
    accounts = [await app.account() for _ in range(3)]
    async with held(app) as looks:
        for account in accounts[: app.settings.finds_at_once]:
            await looks.begin(account.id)

        refused = await app.client.get(LIST, params={"q": "kite"}, headers=accounts[-1].headers)
        expect.refusal(refused, ServiceBusy, "Too many are looking through generations")
        await app.submit(accounts[-1])
        assert looks.under_way == app.settings.finds_at_once


async def test_those_that_wait_have_their_turn(app: App) -> None:
    account = await app.account()
    await many(app, account, 20)
    answers = await asyncio.gather(
        *(app.client.get(LIST, params={"q": "kite"}, headers=account.headers) for _ in range(10))
    )
    assert [len(expect.success(answer)["generations"]) for answer in answers] == [20] * 10


async def test_a_look_that_is_given_up_leaves_its_turn(app: App) -> None:
    account = await app.account()
    looks = Held(app)
    task = asyncio.create_task(looks.finder.find(account.id, looks._look, by_text=True, after=None, count=1))
    await asyncio.wait_for(looks.begun.wait(), 10)

    task.cancel()
    await asyncio.wait([task])

    expect.success(await app.client.get(LIST, params={"q": "kite"}, headers=account.headers))
