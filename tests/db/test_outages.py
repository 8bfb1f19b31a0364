"""What says that the database is away becomes DatabaseUnavailable; what says that we are wrong does not."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from cavendish import settings as configuration
from cavendish.db.pool import Database, translated
from cavendish.errors import DatabaseUnavailable
from cavendish.settings import Settings

pytestmark = pytest.mark.anyio

AWAY_STATES = {
    "08000": "connection exception", "08001": "client cannot connect", "08003": "connection does not exist",
    "08004": "server rejected the connection", "08006": "connection failure", "08P01": "protocol violation",
    "25006": "read-only: a standby, or a full disk guard", "25P03": "idle in transaction timeout",
    "40001": "serialization failure", "40P01": "deadlock detected",
    "53000": "insufficient resources", "53100": "disk full", "53200": "out of memory",
    "53300": "too many connections", "55P03": "lock not available",
    "57000": "operator intervention", "57014": "statement timeout", "57P01": "admin shutdown",
    "57P02": "crash shutdown",
    "57P03": "cannot connect now", "57P04": "database dropped", "57P05": "idle session timeout",
    "58000": "system error", "58030": "I/O error",
}  # fmt: skip
OUR_FAULT_STATES = {
    "22003": "out of range", "22021": "a NUL character", "23505": "unique violation", "23514": "check violation",
    "23503": "foreign key violation", "42601": "syntax error", "42703": "no such column", "P0001": "raised by a trigger",
}  # fmt: skip


def _error(state: str) -> Exception:
    return asyncpg.PostgresError.new({"C": state, "M": "a message", "S": "ERROR"})


@pytest.mark.parametrize("state", AWAY_STATES)
async def test_an_error_that_a_retry_may_mend_is_an_outage(state: str) -> None:
    with pytest.raises(DatabaseUnavailable) as raised, translated():
        raise _error(state)

    assert isinstance(raised.value.__cause__, asyncpg.PostgresError)


@pytest.mark.parametrize("state", OUR_FAULT_STATES)
async def test_an_error_that_a_retry_cannot_mend_is_passed_on(state: str) -> None:
    with pytest.raises(asyncpg.PostgresError), translated():
        raise _error(state)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(), ConnectionResetError(), FileNotFoundError("the socket"), BrokenPipeError(),
        TimeoutError(), TimeoutError(), OSError("network unreachable"),
        asyncpg.InterfaceError("connection is closed"), asyncpg.InternalClientError("protocol out of step"),
        asyncpg.ConnectionDoesNotExistError("closed in the middle"), asyncpg.CannotConnectNowError("starting up"),
        asyncpg.TooManyConnectionsError("sorry"), asyncpg.InvalidCachedStatementError("a migration came between"),
    ],
)  # fmt: skip
async def test_a_broken_connection_is_an_outage(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable), translated():
        raise error


async def test_a_cancelled_caller_stays_cancelled() -> None:
    with pytest.raises(asyncio.CancelledError), translated():
        raise asyncio.CancelledError


async def test_a_killed_session_is_an_outage_and_the_next_call_works(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:
        with pytest.raises(DatabaseUnavailable):
            await db.fetchval("SELECT pg_terminate_backend(pg_backend_pid())")

        assert await db.fetchval("SELECT 1") == 1


async def test_a_statement_that_takes_too_long_is_an_outage(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db, db.connection() as connection:
        await connection.execute("SET statement_timeout = 50")
        with pytest.raises(DatabaseUnavailable):
            async with db.connection():
                await connection.fetchval("SELECT pg_sleep(5)")


async def test_a_pool_without_a_free_connection_is_an_outage_not_a_wait_without_end(
    database_url: str, tmp_path
) -> None:
    few = configuration.load({"data": str(tmp_path), "pool_max": "2", "outage_seconds": "0.2"}, environment={})
    async with Database(database_url, few) as db, db.connection(), db.connection():
        with pytest.raises(DatabaseUnavailable):
            await db.fetchval("SELECT 1")


async def test_every_session_has_its_timeouts(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:
        found = {
            name: await db.fetchval("SELECT extract(epoch FROM current_setting($1)::interval)::float8", name)
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }

    assert 0 < found["idle_in_transaction_session_timeout"] <= 5
    assert 0 < found["lock_timeout"] < found["statement_timeout"] <= 10


async def test_a_worker_frozen_inside_a_transaction_frees_its_account_in_time(database_url: str, tmp_path) -> None:
    """The whole promise is 5 s; the setting is shortened so that the test is quick."""
    quick = configuration.load(
        {"data": str(tmp_path), "transaction_idle_seconds": "0.3", "lock_seconds": "4"}, environment={}
    )
    async with Database(database_url, quick) as db:
        await db.fetchval("INSERT INTO cavendish.accounts (name, balance) VALUES ('frozen', 10) RETURNING id")
        with pytest.raises(DatabaseUnavailable):
            async with db.transaction() as frozen:
                await frozen.execute("UPDATE cavendish.accounts SET balance = 0 WHERE name = 'frozen'")
                async with asyncio.timeout(3):
                    await db.fetchval(
                        "UPDATE cavendish.accounts SET balance = balance + 1 WHERE name = 'frozen' RETURNING 1"
                    )
                await frozen.fetchval("SELECT 1")  # it wakes up and finds its session gone

        assert await db.fetchval("SELECT balance FROM cavendish.accounts WHERE name = 'frozen'") == 11


async def test_a_caller_that_leaves_inside_a_transaction_leaves_nothing_behind(
    database_url: str, settings: Settings
) -> None:
    async with Database(database_url, settings) as db:
        await db.fetchval("INSERT INTO cavendish.accounts (name) VALUES ('leaver') RETURNING id")
        for turns in range(12):
            task = asyncio.create_task(_spend(db))
            for _ in range(turns):
                await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.wait({task})

        stuck = await db.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
        balance = await db.fetchval("SELECT balance FROM cavendish.accounts WHERE name = 'leaver'")

    assert stuck == 0
    assert balance % 2 == 0, "all of a transaction or none of it"


async def _spend(db: Database) -> None:
    async with db.transaction() as transaction:
        for _ in range(2):
            await transaction.execute("UPDATE cavendish.accounts SET balance = balance + 1 WHERE name = 'leaver'")


async def test_a_database_that_is_away_at_the_start_is_unavailable(settings: Settings) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with Database("postgresql://nobody@127.0.0.1:1/none", settings):
            pass


async def test_a_listener_hears_and_tells_once_when_it_is_lost(database_url: str, settings: Settings) -> None:
    heard, lost = [], asyncio.Event()
    async with Database(database_url, settings) as db:
        connection = await db.listen("a_channel", heard.append, lost.set)
        await db.fetchval("SELECT pg_notify('a_channel', 'hello')")
        async with asyncio.timeout(5):
            while not heard:
                await asyncio.sleep(0.01)
        await db.fetchval("SELECT pg_terminate_backend($1)", connection.get_server_pid())
        async with asyncio.timeout(5):
            await lost.wait()

    assert heard == ["hello"]
