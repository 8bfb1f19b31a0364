"""The connection pool. Foreign errors are translated here; only here are transactions opened and committed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias, cast

import asyncpg

from cavendish.db.sql import Statement
from cavendish.errors import ConfigurationError, DatabaseUnavailable
from cavendish.settings import Settings

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Record: TypeAlias = asyncpg.Record
UniqueViolation = asyncpg.UniqueViolationError
DatabaseError = asyncpg.PostgresError

# What says "the server is away, starting, stopping, full or frozen", as opposed to "the statement is wrong".
_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,
    asyncpg.PostgresSystemError,  # its disk does not answer
    asyncpg.InvalidCachedStatementError,  # a migration came between: the next try prepares anew
)


@contextlib.contextmanager
def translated_first() -> Iterator[None]:
    """As `translated`, around the first connection of a process: what its server refuses, no waiting mends.

    Later the same refusal may come of a password that is being changed, or of a database that is being restored.
    """
    try:
        with translated():
            yield
    except asyncpg.PostgresError as exc:
        raise ConfigurationError(f"the database refuses the connection: {exc}; check CAVENDISH_DATABASE_URL") from exc


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise `DatabaseUnavailable` for whatever a retry may mend; let the rest through."""
    try:
        yield
    except asyncpg.ClientConfigurationError as exc:
        # The driver asked nobody: it cannot use the address.
        raise ConfigurationError(f"the driver cannot use the address: {exc}; check CAVENDISH_DATABASE_URL") from exc
    except _AWAY as exc:
        raise DatabaseUnavailable(f"{type(exc).__name__}: {exc}") from exc


class Database:
    """A bounded pool with timeouts on every wait. Open it with `async with`."""

    def __init__(self, dsn: str, settings: Settings) -> None:
        self.dsn = dsn
        self._settings = settings
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def __aenter__(self) -> Database:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Connect. Raises DatabaseUnavailable when the server does not answer."""
        with translated():
            self._pool = await asyncpg.create_pool(
                self.dsn,
                min_size=1,
                max_size=self._settings.pool_max,
                max_inactive_connection_lifetime=self._settings.pool_idle_seconds,
                timeout=self._settings.outage_seconds,
                command_timeout=self._settings.statement_seconds + 1,
                server_settings=self._session(),
                reset=_leave_as_is,
                connect=cast("Any", _opened),
            )

    async def close(self) -> None:
        """Give every connection back; a stuck one is cut after two seconds."""
        if self._pool is None:
            return
        try:
            await asyncio.wait_for(self._pool.close(), 2)
        except (*_AWAY, DatabaseError):
            self._pool.terminate()

    @property
    def pool(self) -> asyncpg.Pool[asyncpg.Record]:
        assert self._pool is not None, "the database was not opened"
        return self._pool

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection on which each statement commits by itself."""
        with translated():
            async with self.pool.acquire(timeout=self._settings.outage_seconds) as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """All of the block, or none of it."""
        async with self.connection() as connection, connection.transaction():
            yield connection

    async def fetch(self, sql: str, *arguments: object) -> list[Record]:
        async with self.connection() as connection:
            return await connection.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: object) -> Record | None:
        async with self.connection() as connection:
            return await connection.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: object) -> Any:
        async with self.connection() as connection:
            return await connection.fetchval(sql, *arguments)

    async def run(self, statement: Statement, **values: object) -> Record | None:
        """One named statement as a transaction of its own; its first row."""
        return await self.fetchrow(statement.text, *statement.arguments(values))

    async def listen(self, channel: str, heard: Callable[[str], None], lost: Callable[[], None]) -> Connection:
        """A connection of its own that calls `heard` with each payload, and `lost` once when it breaks."""
        with translated():
            connection = await _opened(
                self.dsn,
                timeout=self._settings.outage_seconds,
                command_timeout=self._settings.statement_seconds + 1,
                server_settings=self._session() | {"application_name": "cavendish listener"},
            )
            connection.add_termination_listener(lambda _: lost())
            await connection.add_listener(channel, lambda *notice: heard(str(notice[3])))
            return connection

    def _session(self) -> dict[str, str]:
        limits = self._settings
        return {
            "application_name": "cavendish",
            "jit": "off",
            "statement_timeout": f"{round(limits.statement_seconds * 1000)}",
            "lock_timeout": f"{round(limits.lock_seconds * 1000)}",
            # A worker frozen inside a settling transaction must not block its account for longer.
            "idle_in_transaction_session_timeout": f"{round(limits.transaction_idle_seconds * 1000)}",
        }


async def _opened(*arguments: Any, **options: Any) -> Connection:
    """A connection, opened to its end also where nobody waits for it any more.

    One that is cut while the driver asks for TLS leaves an exception behind that the event loop complains of.
    """
    opening = asyncio.ensure_future(asyncpg.connect(*arguments, **options))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_given_back)
        raise


def _given_back(opening: asyncio.Future[Connection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().terminate()


async def _leave_as_is(connection: Connection) -> None:
    """Sessions hold no state between uses, so the pool's reset query would only cost a round trip."""
