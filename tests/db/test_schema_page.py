"""`schema.sql` is what the migrations make: the same catalogue, to the last column, default and trigger."""

from __future__ import annotations

import secrets
from pathlib import Path

import asyncpg
import pytest

import cavendish.db
from harness import databases

pytestmark = pytest.mark.anyio

SCHEMA = Path(cavendish.db.__file__).with_name("schema.sql")

CATALOGUE = {
    "columns": """
        SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'cavendish'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "tables": """
        SELECT relname, relkind, relpersistence, reloptions::text FROM pg_class
        WHERE relnamespace = 'cavendish'::regnamespace AND relkind IN ('r', 'S', 'v', 'm', 'p')""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'cavendish'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'cavendish'",
    "triggers": """
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'cavendish'::regnamespace AND NOT t.tgisinternal""",
    "functions": """
        SELECT regexp_replace(pg_get_functiondef(oid), '\\s+', ' ', 'g') FROM pg_proc
        WHERE pronamespace = 'cavendish'::regnamespace""",
    "enums": """
        SELECT t.typname, e.enumsortorder, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
        WHERE t.typnamespace = 'cavendish'::regnamespace""",
}


async def _catalogue(url: str) -> dict[str, set[tuple[object, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {what: {tuple(row) for row in await connection.fetch(query)} for what, query in CATALOGUE.items()}
    finally:
        await connection.close()


async def test_the_schema_page_gives_the_same_database_as_the_migrations(server_url: str, database_url: str) -> None:
    name = f"cavendish_page_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    page = databases.named(server_url, name)
    try:
        connection = await asyncpg.connect(page)
        await connection.execute(SCHEMA.read_text(encoding="utf-8"))
        await connection.close()
        written, migrated = await _catalogue(page), await _catalogue(database_url)
    finally:
        await databases.drop(server_url, name)

    for what in CATALOGUE:
        assert written[what] - migrated[what] == set(), f"{what} only in schema.sql"
        assert migrated[what] - written[what] == set(), f"{what} missing in schema.sql"
    assert len(migrated["columns"]) > 90


async def test_everything_lives_in_one_schema(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    outside = await connection.fetch("""
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('cavendish', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'""")
    await connection.close()

    assert outside == []
