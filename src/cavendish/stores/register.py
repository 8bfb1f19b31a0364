"""Delivered pictures, to be found again by their bytes, by the mark in their pixels, or by their looks."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cavendish.db.pool import Connection

How = Literal["file", "watermark", "looks"]

DISTANCE_MAX = 6  # bits of 64: a picture made much smaller and compressed differs in up to that many
_CANDIDATES_MAX = 2000  # with a band in common; of a million pictures sixty have
_KEY_BYTES = 32
_TURN = 0x0CA7E6EE

# Takes `settled`; a picture that nobody settled anew is not written twice.
ADD = """
registered AS (
    INSERT INTO cavendish.register
        (generation_id, made_at, model, engine, engine_model, sha256, watermark, fingerprint)
    SELECT id, cavendish.cavendish_now(), model, :engine, :engine_model, :image_sha256, :watermark::bigint,
           :fingerprint::bigint
    FROM settled WHERE :registered::boolean
    ON CONFLICT DO NOTHING
)"""

_COLUMNS = "generation_id, made_at, model, engine, engine_model"
_BANDS = " OR ".join(
    f"((fingerprint >> {shift}) & 65535) = (($3::bigint >> {shift}) & 65535)"
    if shift
    else "(fingerprint & 65535) = ($3::bigint & 65535)"
    for shift in (48, 32, 16, 0)
)
_FIND = f"""
(SELECT 'file' AS how, 0 AS distance, {_COLUMNS} FROM cavendish.register WHERE sha256 = $1 LIMIT 1)
UNION ALL
(SELECT 'watermark', 0, {_COLUMNS} FROM cavendish.register WHERE watermark = $2
 ORDER BY bit_count((fingerprint # $3::bigint)::bit(64)) LIMIT 1)
UNION ALL
(SELECT 'looks', distance, {_COLUMNS} FROM (
    SELECT *, bit_count((fingerprint # $3::bigint)::bit(64))::integer AS distance FROM (
        SELECT * FROM cavendish.register WHERE fingerprint IS NOT NULL AND ({_BANDS}) LIMIT {_CANDIDATES_MAX}
    ) AS near
) AS measured WHERE distance <= {DISTANCE_MAX} ORDER BY distance, made_at LIMIT 1)"""

_NOW = "SELECT cavendish.cavendish_now()"

_FORGET = "DELETE FROM cavendish.register WHERE generation_id = ANY($1::uuid[])"

_TRIM = """
DELETE FROM cavendish.register WHERE generation_id IN (
    SELECT generation_id FROM cavendish.register
    WHERE made_at < cavendish.cavendish_now() - $1::interval ORDER BY made_at LIMIT $2)
RETURNING 1"""

_KEYS = "SELECT key FROM cavendish.watermark_keys ORDER BY id DESC LIMIT $1"
_ADD_KEY = "INSERT INTO cavendish.watermark_keys (key) VALUES ($1)"
_LOCK_KEYS = "SELECT pg_advisory_xact_lock($1)"


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivered picture.

    Attributes:
        how: What found it: the very file, its watermark, or its looks.
        distance: Bits of 64 in which its fingerprint differs.
    """

    how: How
    distance: int
    made_at: datetime.datetime
    model: str
    engine: str
    engine_model: str


async def find(
    connection: Connection, *, sha256: bytes, watermark: int | None, fingerprint: int | None
) -> tuple[datetime.datetime, list[Entry]]:
    """Now, and what is known of such a picture: at most one entry by each way."""
    rows = await connection.fetch(_FIND, sha256, watermark, None if fingerprint is None else signed(fingerprint))
    now: datetime.datetime = await connection.fetchval(_NOW)
    return now, [Entry(*(row[name] for name in Entry.__slots__)) for row in rows]


async def forget(connection: Connection, generation_ids: Sequence[object]) -> None:
    """Whoever it belongs to wants it so."""
    await connection.execute(_FORGET, list(generation_ids))


async def trim(transaction: Connection, *, older_than: datetime.timedelta, count: int) -> int:
    """Forget what is older; how many that were, at most `count`."""
    return len(await transaction.fetch(_TRIM, older_than, count))


async def keys(connection: Connection, *, count: int) -> list[bytes]:
    """Those that hide watermarks, the newest first."""
    return [row["key"] for row in await connection.fetch(_KEYS, count)]


async def add_key(transaction: Connection, *, only_first: bool) -> None:
    """Another one. `only_first`: where there is one, also one that another process makes now, it stays."""
    await transaction.execute(_LOCK_KEYS, _TURN)
    if not only_first or not await transaction.fetchval(_KEYS, 1):
        await transaction.execute(_ADD_KEY, secrets.token_bytes(_KEY_BYTES))


def signed(fingerprint: int) -> int:
    """64 bits as PostgreSQL's bigint holds them."""
    return fingerprint - (1 << 64) if fingerprint >= 1 << 63 else fingerprint
