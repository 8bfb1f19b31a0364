"""Sums of past hours: whoever asks is told the same with them and without, and they are what the rows say."""

from __future__ import annotations

import random

import pytest

from cavendish.application.work import sweep
from cavendish.cli.audit.rules import RULES
from cavendish.stores import reports, usage
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

# Ended in the past, some hours apart from each other.
PAST = """
INSERT INTO cavendish.generations (id, task_id, account_id, model, engine, mode, prompt, aspect_ratio, image_quality,
    google_search, input_image_urls, price, virtual_tag, state, created_at, deadline_at, finished_at, error, error_code)
SELECT gen_random_uuid(), 'task-' || gen_random_uuid(), $1, 'nano-banana-2', 'script', 'generate', 'a kite', '1:1', $2,
       false, '{}', 4, 0, 'failed', ordered.at, ordered.at, ordered.at, 'made up', 'GENERATION_FAILED'
FROM (SELECT cavendish.cavendish_now() - make_interval(mins => $3) AS at) AS ordered"""


async def past(app: App, account: Account, minutes: list[int], *, quality: str = "1K") -> None:
    async with app.services.db.connection() as connection:
        for back in minutes:
            await connection.execute(PAST, account.id, quality, back)


async def told(app: App, account: Account) -> tuple[list[usage.Usage], list[usage.Usage], int]:
    """Of the account, of all, and how many generations the list of accounts says that it has."""
    async with app.services.db.connection() as connection:
        listed = await reports.accounts(connection, name=account.name, after=None, count=1)
        return (
            await usage.of_account(connection, account.id, days=30),
            await usage.of_all(connection, days=30),
            listed[0].generations,
        )


async def kept_hours(app: App) -> int:
    return int(await app.services.db.fetchval("SELECT count(*) FROM cavendish.service_hours"))


async def broken_sums(app: App) -> list[str]:
    """As `cavendish check` names them."""
    [rule] = [rule for rule in RULES if rule.name == "usage"]
    return [row["id"] for row in await app.services.db.fetch(rule.offenders)]


async def test_the_same_is_told_before_and_after_the_sums_are_kept(app: App) -> None:
    account, other = await app.account(), await app.account()
    chosen = random.Random(8)
    await past(app, account, [chosen.randrange(20 * 24 * 60) for _ in range(60)])
    await past(app, account, [chosen.randrange(20 * 24 * 60) for _ in range(20)], quality="4K")
    await past(app, other, [chosen.randrange(20 * 24 * 60) for _ in range(30)])
    before = await told(app, account)

    await sweep.keep_usage(app.services)

    assert await kept_hours(app) > 50
    assert await told(app, account) == before
    assert await broken_sums(app) == []
    assert sum(line.failed for line in before[0]) == before[2] == 80
    assert sum(line.failed for line in before[1]) == 110


async def test_an_hour_is_kept_once_it_is_over_and_nothing_of_it_is_open(app: App) -> None:
    account = await app.account(credits=100)
    generation_id = await app.submit(account)
    await sweep.keep_usage(app.services)
    assert await kept_hours(app) == 0, "it is not over"

    await app.shift_clock("75 minutes")
    await app.services.db.fetch("UPDATE cavendish.generations SET deadline_at = cavendish.cavendish_now() + '1 hour'")
    await sweep.keep_usage(app.services)
    assert await kept_hours(app) == 0, "it may still be paid for"

    await app.start_worker()
    await app.ended(account, generation_id)
    await sweep.keep_usage(app.services)
    assert await kept_hours(app) == 1
    [line], _, count = await told(app, account)
    assert (line.completed, line.failed, line.credits, count) == (1, 0, 4, 1)
    await app.submit(account)
    assert (await told(app, account))[2] == 2, "what is newer is counted from its row"


async def test_what_was_kept_ahead_of_a_clock_that_came_back_is_counted_anew(app: App) -> None:
    account = await app.account()
    await past(app, account, [5, 10])
    await app.shift_clock("2 days")
    await past(app, account, [5])
    await app.shift_clock("2 days 3 hours")
    await sweep.keep_usage(app.services)
    assert await kept_hours(app) >= 2

    await app.shift_clock("0")
    await past(app, account, [0])
    assert (await told(app, account))[2] == 4, "also before anybody has taken anything back"
    await sweep.keep_usage(app.services)

    assert (await told(app, account))[2] == 4
    assert await broken_sums(app) == []
    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.service_hours WHERE hour >= now()") == 0


async def test_what_is_ahead_of_the_clock_is_given_up_with_the_next_sweep(app: App) -> None:
    """Before its hours come again and something is ordered in them, which nobody would count."""
    account = await app.account()
    await app.shift_clock("2 days")
    await past(app, account, [5])
    await app.shift_clock("2 days 3 hours")
    await sweep.keep_usage(app.services)
    assert await kept_hours(app) == 1
    await app.shift_clock("0")

    await app.sweep()

    assert await kept_hours(app) == 0


async def test_whether_an_hour_has_an_open_one_is_read_from_the_index_of_open_ones(app: App) -> None:
    async with app.services.db.transaction() as transaction:
        await transaction.execute("SET LOCAL enable_seqscan = off")
        plan = await transaction.fetch(f"EXPLAIN {usage._OPEN.replace('$1', 'now()')}")

    assert "generations_open" in str(plan) or "generations_queue" in str(plan)
