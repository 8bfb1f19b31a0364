"""An account's room for uploads holds also for two that arrive together."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from cavendish.db.pool import Connection
from cavendish.stores import uploads
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

ROOM = 1000
_WAITS = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"


async def add(connection: Connection, account: Account, name: str, size: int) -> datetime.datetime | None:
    lifetime = datetime.timedelta(hours=1)
    return await uploads.add(connection, name, account.id, size=size, lifetime=lifetime, bytes_max=ROOM)


async def waits_or_ends(app: App, task: asyncio.Task[object], pid: int) -> None:
    """Until the other upload's turn has come or it was let pass: whichever the database says, not a clock."""
    while not task.done() and not await app.services.db.fetchval(_WAITS, pid):
        await asyncio.sleep(0.01)


async def test_two_uploads_at_once_do_not_both_take_the_last_room(app: App) -> None:
    account = await app.account()
    async with app.services.db.connection() as first, app.services.db.transaction() as second:
        pid = await second.fetchval("SELECT pg_backend_pid()")
        async with first.transaction():
            taken = await add(first, account, "first", ROOM)
            other = asyncio.create_task(add(second, account, "second", 1))
            await waits_or_ends(app, other, pid)
        refused = await other

    assert taken is not None
    assert refused is None


async def test_uploads_of_two_accounts_do_not_wait_for_each_other(app: App) -> None:
    one, other = await app.account(), await app.account()
    async with app.services.db.transaction() as first, app.services.db.transaction() as second:
        taken = [await add(first, one, "first", ROOM), await add(second, other, "second", ROOM)]

    assert None not in taken


async def test_room_is_used_to_the_last_byte_and_no_further(app: App) -> None:
    account = await app.account()
    async with app.services.db.transaction() as transaction:
        sizes = [ROOM - 1, 2, 1, 1]
        taken = [await add(transaction, account, str(n), size) is not None for n, size in enumerate(sizes)]

    assert taken == [True, False, True, False]
