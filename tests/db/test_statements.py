"""Named parameters: numbered once, given by name, and never mistaken for casts."""

from __future__ import annotations

import pytest

from cavendish.application.work import settle
from cavendish.db.pool import Database
from cavendish.db.sql import Statement, joined
from cavendish.settings import Settings
from cavendish.stores import jobs

pytestmark = pytest.mark.anyio


async def test_each_name_gets_one_number_however_often_it_is_used() -> None:
    statement = Statement("SELECT :price, :id, :price")

    assert statement.text == "SELECT $1, $2, $1"
    assert statement.arguments({"id": 7, "price": 4}) == [4, 7]


async def test_casts_are_left_alone() -> None:
    statement = Statement("SELECT :delay::interval, '{}'::text[], now()::timestamptz")

    assert statement.text == "SELECT $1::interval, '{}'::text[], now()::timestamptz"
    assert statement.names == ["delay"]


async def test_a_name_that_begins_like_another_is_not_that_one() -> None:
    assert Statement(":id :id_2 :identity").text == "$1 $2 $3"


async def test_values_that_a_statement_does_not_name_are_not_sent() -> None:
    assert Statement("SELECT :a").arguments({"a": 1, "b": 2}) == [1]


async def test_a_missing_value_is_our_mistake() -> None:
    with pytest.raises(KeyError, match="price"):
        Statement("SELECT :price").arguments({})


async def test_parts_are_joined_in_their_order_and_share_their_parameters() -> None:
    statement = joined("\na AS (SELECT :x AS x)", "b AS (SELECT :y, :x FROM a)", select="\nSELECT * FROM b")

    assert statement.text == "WITH a AS (SELECT $1 AS x),\nb AS (SELECT $2, $1 FROM a)\nSELECT * FROM b"
    assert statement.names == ["x", "y"]


async def test_the_database_agrees_on_what_a_statement_means(database_url: str, settings: Settings) -> None:
    statement = joined(
        "a AS (SELECT :x::integer AS x)", "b AS (SELECT x + :y::integer AS z FROM a)", select="SELECT z FROM b"
    )
    async with Database(database_url, settings) as db:
        row = await db.run(statement, x=40, y=2, unused=None)

    assert row is not None
    assert row["z"] == 42


@pytest.mark.parametrize(
    "statement",
    [settle._COMPLETE, settle._FAIL, settle._EXPIRE, settle._MOVE, jobs._CLAIM],
    ids=["complete", "fail", "expire", "move", "claim"],
)
async def test_the_joint_statements_can_be_prepared_and_their_parameters_have_the_types_we_send(
    database_url: str, settings: Settings, statement: Statement
) -> None:
    """A parameter whose type PostgreSQL infers as another would fail at its first use, as the retry once did."""
    sent = {
        "id": "uuid", "fence": "int4", "engine": "text", "engine_model": "text", "seed": "int8", "charge": "int8",
        "warnings": "text[]", "image_name": "text", "image_type": "text", "image_width": "int4", "image_height": "int4",
        "image_bytes": "int8", "image_sha256": "bytea", "error": "text", "error_code": "text", "attempts": "int2",
        "claims": "int2", "delay": "interval", "held": "uuid[]", "lease": "interval", "grace": "interval",
        "count": "int8", "grounding": "jsonb", "notes": "jsonb",
        "registered": "bool", "watermark": "int8", "fingerprint": "int8",
        "of_order": "bool", "failure_count": "int4", "failure_seconds": "float8",
    }  # fmt: skip
    async with Database(database_url, settings) as db, db.connection() as connection:
        prepared = await connection.prepare(statement.text)
        found = {name: kind.name for name, kind in zip(statement.names, prepared.get_parameters(), strict=True)}

    assert found == {name: sent[name] for name in statement.names}
