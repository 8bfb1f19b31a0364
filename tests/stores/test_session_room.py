"""An account's sessions are bounded also where two people sign in together."""

from __future__ import annotations

import asyncio
import datetime

import pytest

from cavendish.db.pool import Connection
from cavendish.stores import sessions
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

MOST = 2
_WAITS = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"
_COUNT = "SELECT count(*) FROM cavendish.sessions"


async def sign_in(connection: Connection, account: Account) -> str:
    lifetime = datetime.timedelta(hours=1)
    return await sessions.open_(connection, account.id, account.key_id, lifetime=lifetime, most=MOST)


async def test_two_at_once_do_not_both_leave_the_same_one_out(app: App) -> None:
    account = await app.account()
    for _ in range(MOST):
        async with app.services.db.transaction() as transaction:
            await sign_in(transaction, account)
    async with app.services.db.connection() as first, app.services.db.transaction() as second:
        pid = await second.fetchval("SELECT pg_backend_pid()")
        async with first.transaction():
            await sign_in(first, account)
            other = asyncio.create_task(sign_in(second, account))
            while not other.done() and not await app.services.db.fetchval(_WAITS, pid):
                await asyncio.sleep(0.01)
        await other

    assert await app.services.db.fetchval(_COUNT) == MOST
