"""Numbered migrations, each applied once, in order, in a transaction of its own."""

from __future__ import annotations

import hashlib
import importlib.resources
from dataclasses import dataclass

import asyncpg

from cavendish.db.pool import translated, translated_first
from cavendish.errors import ConfigurationError

_LOCK = 0x0CA7E4D15  # any constant that every release shares
_OLDEST_SERVER = 150000
_LEDGER = """
    CREATE SCHEMA IF NOT EXISTS cavendish;
    CREATE TABLE IF NOT EXISTS cavendish.migrations (
        version    integer PRIMARY KEY,
        name       text NOT NULL,
        sha256     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )"""


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Every migration shipped with this release, oldest first."""
    folder = importlib.resources.files("cavendish.db") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [Migration(int(name[:4]), name, (folder / name).read_text(encoding="utf-8")) for name in names]


async def migrate(dsn: str) -> list[str]:
    """Bring the database to this release's schema; the names of what was applied.

    Safe to run from many processes at once: they take turns.

    Raises:
        ConfigurationError: the server refuses the connection or is too old, or the database was written by a newer or
            changed release.
    """
    with translated_first():
        # Migrations may rightly take longer than a request's statement: no limit but the advisory lock's order.
        connection = await asyncpg.connect(dsn, timeout=10)
    with translated():
        try:
            _check_version(connection)
            await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
            return await _apply_missing(connection)
        finally:
            await connection.close()


async def pending(connection: asyncpg.Connection[asyncpg.Record]) -> list[Migration]:
    """Migrations that this database lacks."""
    rows = await connection.fetch("SELECT version, sha256, name FROM cavendish.migrations")
    known = {migration.version: migration for migration in migrations()}
    for row in rows:
        shipped = known.pop(row["version"], None)
        if shipped is None:
            raise ConfigurationError(
                f"the database has migration {row['name']}, which this release lacks: upgrade Cavendish"
            )
        if shipped.sha256 != row["sha256"]:
            raise ConfigurationError(
                f"migration {row['name']} was applied in another wording: install a released version"
            )
    return sorted(known.values(), key=lambda migration: migration.version)


async def _apply_missing(connection: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    await connection.execute(_LEDGER)
    applied = []
    for migration in await pending(connection):
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO cavendish.migrations (version, name, sha256) VALUES ($1, $2, $3)",
                migration.version,
                migration.name,
                migration.sha256,
            )
        applied.append(migration.name)
    return applied


def _check_version(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    version = connection.get_server_version()
    if version.major * 10000 < _OLDEST_SERVER:
        raise ConfigurationError(f"PostgreSQL {version.major} is too old: Cavendish needs 15 or later")
