"""Databases for tests: one migrated template, copied for each test."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from cavendish.db import migrate
from cavendish.postgres.cluster import Cluster


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """A server for one run of tests, which nobody needs after a crash: it waits for no disk."""
    cluster = Cluster(folder)
    try:
        url = cluster.join()
        for setting in ("fsync", "full_page_writes"):
            asyncio.run(_execute(url, f"ALTER SYSTEM SET {setting} = off"))
        asyncio.run(_execute(url, "SELECT pg_reload_conf()"))
        yield url
    finally:
        cluster.leave()


def named(server_url: str, database: str) -> str:
    """The same server, another database."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(server_url)._replace(path=f"/{database}"))


async def create_template(server_url: str, name: str) -> None:
    await _execute(server_url, f'CREATE DATABASE "{name}"')
    await migrate.migrate(named(server_url, name))


async def copy(server_url: str, template: str, name: str) -> str:
    await _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    return named(server_url, name)


async def drop(server_url: str, name: str) -> None:
    await _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _execute(server_url: str, statement: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
