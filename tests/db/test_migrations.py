"""Migrations: each applied once, by whoever comes first; a database of another release is refused, not harmed."""

from __future__ import annotations

import asyncio
import secrets
import urllib.parse
from collections.abc import AsyncIterator

import asyncpg
import pytest

from cavendish.db import migrate
from cavendish.errors import ConfigurationError, DatabaseUnavailable
from harness import databases

pytestmark = pytest.mark.anyio


@pytest.fixture
async def empty_url(server_url: str) -> AsyncIterator[str]:
    """A database without any schema."""
    name = f"cavendish_empty_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    yield databases.named(server_url, name)
    await databases.drop(server_url, name)


async def _rows(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def test_many_processes_that_start_at_once_apply_each_migration_once(empty_url: str) -> None:
    applied = await asyncio.gather(*(migrate.migrate(empty_url) for _ in range(8)))

    names = [migration.name for migration in migrate.migrations()]
    assert sorted(map(len, applied)) == [0] * 7 + [len(names)]
    assert [
        row["name"] for row in await _rows(empty_url, "SELECT name FROM cavendish.migrations ORDER BY version")
    ] == names


async def test_an_up_to_date_database_is_left_alone(database_url: str) -> None:
    before = await _rows(database_url, "SELECT * FROM cavendish.migrations")

    assert await migrate.migrate(database_url) == []
    assert await _rows(database_url, "SELECT * FROM cavendish.migrations") == before


async def test_a_migration_that_was_changed_after_its_release_is_refused(database_url: str) -> None:
    await _execute(database_url, "UPDATE cavendish.migrations SET sha256 = repeat('0', 64) WHERE version = 1")

    with pytest.raises(ConfigurationError, match=r"0001_\w+\.sql was applied in another wording"):
        await migrate.migrate(database_url)


async def test_a_database_of_a_newer_release_is_refused_and_named(database_url: str) -> None:
    await _execute(
        database_url, "INSERT INTO cavendish.migrations (version, name, sha256) VALUES (9999, '9999_future.sql', '')"
    )

    with pytest.raises(ConfigurationError, match=r"9999_future\.sql.*upgrade Cavendish"):
        await migrate.migrate(database_url)


async def test_a_migration_that_fails_leaves_nothing_behind_and_those_before_it_stay(
    empty_url: str, monkeypatch
) -> None:
    shipped = migrate.migrations()
    broken = migrate.Migration(9000, "9000_broken.sql", "CREATE TABLE cavendish.half (); SELECT 1/0;")
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "migrations", lambda: [*shipped, broken])
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate.migrate(empty_url)

    tables = {row[0] for row in await _rows(empty_url, "SELECT relname FROM pg_class WHERE relkind = 'r'")}
    assert "half" not in tables
    assert "ledger" in tables
    assert await migrate.migrate(empty_url) == [], "the service goes on with the release before"


_ASLEEP = "FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"


async def test_a_killed_migration_is_done_by_the_next(empty_url: str, monkeypatch) -> None:
    shipped = migrate.migrations()
    slow = migrate.Migration(9000, "9000_slow.sql", "CREATE TABLE cavendish.half (); SELECT pg_sleep(30);")
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "migrations", lambda: [*shipped, slow])
        task = asyncio.create_task(migrate.migrate(empty_url))
        async with asyncio.timeout(20):
            while not await _rows(empty_url, f"SELECT pid {_ASLEEP}"):
                await asyncio.sleep(0.02)
        await _execute(empty_url, f"SELECT pg_terminate_backend(pid) {_ASLEEP}")
        with pytest.raises(DatabaseUnavailable):
            await task

    fast = migrate.Migration(9000, "9000_slow.sql", "CREATE TABLE cavendish.half ();")
    monkeypatch.setattr(migrate, "migrations", lambda: [*shipped, fast])
    assert await migrate.migrate(empty_url) == ["9000_slow.sql"]


_OPEN = """
WITH account AS (INSERT INTO cavendish.accounts (name) VALUES ('shop') RETURNING id),
engine AS (INSERT INTO cavendish.engines (name) VALUES ('script')),
made AS (
    INSERT INTO cavendish.generations (id, task_id, account_id, model, engine, mode, prompt, aspect_ratio, image_quality,
        google_search, input_image_urls, price, virtual_tag, warnings, deadline_at)
    SELECT gen_random_uuid(), 'task-' || kind, account.id, kind, 'script', 'generate', '', '16:9', '1K', false, '{}', 4,
        1, '{}', now() + interval '10 minutes'
    FROM account, unnest('{picked,put off,waiting}'::text[]) AS kind RETURNING id, model)
INSERT INTO cavendish.pgqueuer (priority, entrypoint, payload, dedupe_key, status, execute_after)
SELECT -1, 'script', uuid_send(id), id::text, (CASE model WHEN 'picked' THEN 'picked' ELSE 'queued' END)::
    cavendish.pgqueuer_status, now() + CASE model WHEN 'put off' THEN interval '1 minute' ELSE '0' END FROM made"""


async def test_what_workers_have_when_generations_become_their_own_jobs_is_still_theirs(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = migrate.migrations()
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "migrations", lambda: shipped[:10])
        await migrate.migrate(empty_url)
    await _execute(empty_url, _OPEN)

    await migrate.migrate(empty_url)

    found = await _rows(
        empty_url,
        """
        SELECT model, leased, ready_at > now() AS later, ready_at > now() + interval '30 seconds' AS much_later
        FROM cavendish.generations ORDER BY model""",
    )
    assert [tuple(row) for row in found] == [
        ("picked", True, True, False), ("put off", False, True, True), ("waiting", False, False, False),
    ]  # fmt: skip


async def test_a_server_that_is_not_there_is_unavailable_not_a_crash() -> None:
    with pytest.raises(DatabaseUnavailable):
        await migrate.migrate("postgresql://nobody@127.0.0.1:1/none")


async def test_migrations_are_numbered_without_gaps_and_named() -> None:
    found = migrate.migrations()

    assert [migration.version for migration in found] == list(range(1, len(found) + 1))
    assert all(migration.name.startswith(f"{migration.version:04d}_") for migration in found)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"path": "/nowhere"}, 'database "nowhere" does not exist'),
        ({"query": "sslmode=perhaps"}, "sslmode"),
        ({"query": "no_such_option=1"}, "no_such_option"),
    ],
)
async def test_a_server_that_refuses_the_address_is_no_outage(
    empty_url: str, changed: dict[str, str], told: str
) -> None:
    """Waiting mends none of these: whoever starts a process hears of it at once, and how to mend it."""
    parts = urllib.parse.urlsplit(empty_url)
    if "query" in changed:
        changed = {"query": "&".join(filter(None, [parts.query, changed["query"]]))}

    with pytest.raises(ConfigurationError, match="check CAVENDISH_DATABASE_URL") as raised:
        await migrate.migrate(urllib.parse.urlunsplit(parts._replace(**changed)))

    assert told in str(raised.value)
