"""Who waits for an account hears which of its generations changed, and of nobody else's."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from cavendish.application.generations import notifications
from cavendish.application.generations.notifications import AccountChange
from harness.inprocess import App

pytestmark = pytest.mark.anyio


async def listening(app: App, change: AccountChange) -> None:
    """Until announcements arrive, and what was there before is looked at."""
    while app.services.notifications.patience_seconds <= notifications._LOOK_SECONDS:
        await asyncio.sleep(0.01)
    change.take()


async def test_an_account_hears_of_its_own_from_the_order_to_the_picture(app: App) -> None:
    account, other = await app.account(), await app.account()
    with app.services.notifications.watch_account(account.id) as change:
        await listening(app, change)

        generation_id = await app.submit(account)
        assert change.take() == {generation_id}
        foreign = await app.submit(other)
        await app.start_worker()
        await app.ended(account, generation_id)
        await app.ended(other, foreign)

        async with asyncio.timeout(5):
            await change.wait()
        assert change.take() == {generation_id}


async def test_progress_is_heard_as_it_rises(app: App) -> None:
    account = await app.account()
    heard: list[set[str] | None] = []
    await app.start_worker()
    with app.services.notifications.watch_account(account.id) as change:
        await listening(app, change)
        generation_id = await app.submit(account, prompt="sleep=0.6 steps=6")
        ended = asyncio.create_task(app.ended(account, generation_id))
        while not ended.done():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(change.wait(), 0.1)
                heard.append(change.take())

    assert len(heard) > 3 and set().union(*filter(None, heard)) == {generation_id}


async def test_who_is_slow_to_look_looks_at_everything() -> None:
    change = AccountChange()
    change.take()

    for number in range(notifications._NAMED_MAX + 1):
        change.tell(f"{number:032x}")

    assert change.is_set() and change.take() is None
