"""Pictures go when their time is over, each of them and none before, however little of the table is read for it."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from cavendish.application.work import sweep
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

KEEP = datetime.timedelta(days=30)

# As a worker leaves it, so many minutes ago, made within five.
COMPLETED = """
INSERT INTO cavendish.generations (id, task_id, account_id, model, engine, mode, prompt, aspect_ratio, image_quality,
    google_search, input_image_urls, price, virtual_tag, fence, progress, state, created_at, deadline_at, finished_at,
    credits_charged, image_name, image_type, image_width, image_height, image_bytes, image_sha256)
SELECT gen_random_uuid(), 'task-' || gen_random_uuid(), $1, 'nano-banana-2', 'script', 'generate', 'a kite', '1:1', '1K',
       false, '{}', 4, 0, 1, 100, 'completed', ordered.at, ordered.at, ordered.at + interval '5 minutes', 4,
       encode(sha256(uuid_send(gen_random_uuid())), 'hex')::char(32) || '-1.png', 'image/png', 1, 1, 1, ''
FROM (SELECT cavendish.cavendish_now() - make_interval(mins => $2) AS at) AS ordered"""
DAY = 24 * 60


@pytest.fixture
def options() -> dict[str, object]:
    return {"keep_images": "30d"}


async def completed(app: App, account: Account, *minutes: int) -> None:
    async with app.services.db.connection() as connection:
        for back in minutes:
            await connection.execute(COMPLETED, account.id, back)


async def kept(app: App) -> int:
    return int(
        await app.services.db.fetchval("SELECT count(*) FROM cavendish.generations WHERE image_deleted_at IS NULL")
    )


async def until(app: App) -> datetime.datetime:
    found: datetime.datetime = await app.services.db.fetchval(
        "SELECT value::timestamptz FROM cavendish.facts WHERE name = 'retired_until'"
    )
    return found


async def test_each_goes_once_its_time_is_over(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches, and again later; the one that was finished just now, by that time, stays."""
    monkeypatch.setattr(sweep, "_AT_ONCE", 3)
    account = await app.account()
    await completed(app, account, *(40 * DAY + hours for hours in range(8)), 30 * DAY + 2, 29 * DAY, 5)

    await sweep.sweep_files(app.services)
    assert await kept(app) == 3, "made within its time, though ordered before"

    await app.shift_clock("5 minutes")
    await sweep.sweep_files(app.services)
    assert await kept(app) == 2
    await app.shift_clock("31 days")
    await sweep.sweep_files(app.services)
    assert await kept(app) == 0


async def test_what_went_is_not_read_again(app: App) -> None:
    account = await app.account()
    await completed(app, account, *(31 * DAY + minutes for minutes in range(20)))
    await sweep.sweep_files(app.services)
    now = await app.services.db.fetchval("SELECT cavendish.cavendish_now()")

    assert now - KEEP - await until(app) < datetime.timedelta(minutes=2)
    await app.services.db.fetch("UPDATE cavendish.generations SET image_deleted_at = NULL")
    await sweep.sweep_files(app.services)
    assert await kept(app) == 20


@pytest.mark.parametrize("state", ["pending", "completed"])
async def test_what_is_left_behind_is_not_passed_by(app: App, state: str) -> None:
    """Under a longer deadline it may be finished long after what was ordered behind it."""
    account = await app.account()
    waiting = await app.submit(account)
    await app.services.db.fetch("UPDATE cavendish.generations SET created_at = created_at - interval '40 days'")
    await completed(app, account, 35 * DAY)
    await sweep.sweep_files(app.services)
    if state == "completed":
        await app.start_worker()
        await app.ended(account, waiting)
        await app.stop_worker()
        await sweep.sweep_files(app.services)
    assert await kept(app) == 1

    ordered = await app.services.db.fetchval("SELECT min(created_at) FROM cavendish.generations")
    assert await until(app) == ordered


async def test_a_clock_that_was_ahead_leaves_nothing_behind(app: App) -> None:
    account = await app.account()
    await app.shift_clock("100 days")
    await sweep.sweep_files(app.services)
    await app.shift_clock("0")
    await sweep.sweep_files(app.services)
    await completed(app, account, 10 * DAY, 5)

    await app.shift_clock("25 days")
    await sweep.sweep_files(app.services)

    assert await kept(app) == 1


async def test_two_that_sweep_at_once_retire_each_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_AT_ONCE", 3)
    account = await app.account()
    await completed(app, account, *(31 * DAY + minutes for minutes in range(20)))
    deleted: list[str] = []
    monkeypatch.setattr(type(app.services.storage), "delete", lambda storage, name: _noted(deleted, name))

    await asyncio.gather(*(sweep.sweep_files(app.services) for _ in range(3)))

    assert await kept(app) == 0
    assert len(deleted) == len(set(deleted)) == 60, "each with its two smaller copies"


async def _noted(deleted: list[str], name: str) -> None:
    deleted.append(name)
