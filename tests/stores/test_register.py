"""What was delivered is found again by its bytes, its watermark or its looks; what is not near enough is not."""

from __future__ import annotations

import asyncio
import random
import uuid

import pytest

from cavendish.db.pool import Database
from cavendish.settings import Settings
from cavendish.stores import register
from cavendish.stores.register import DISTANCE_MAX, Entry

pytestmark = pytest.mark.anyio

KNOWN = 0xF0E1_D2C3_B4A5_9687
_ADD = """
INSERT INTO cavendish.register (generation_id, made_at, model, engine, engine_model, sha256, watermark, fingerprint)
VALUES ($1, cavendish.cavendish_now(), 'nano-banana-2', 'sketch', 'sketch-2', $2, $3, $4)"""


async def _added(
    db: Database, *, sha256: bytes = b"one", watermark: int | None = None, fingerprint: int | None
) -> None:
    signed = None if fingerprint is None else register.signed(fingerprint)
    async with db.connection() as connection:
        await connection.execute(_ADD, uuid.uuid4(), sha256, watermark, signed)


async def _found(
    db: Database, *, sha256: bytes = b"other", watermark: int | None = None, fingerprint: int | None = None
) -> dict[str, Entry]:
    async with db.connection() as connection:
        _, entries = await register.find(connection, sha256=sha256, watermark=watermark, fingerprint=fingerprint)
    return {entry.how: entry for entry in entries}


def _changed(fingerprint: int, bits: list[int]) -> int:
    for bit in bits:
        fingerprint ^= 1 << bit
    return fingerprint


async def test_each_way_finds_its_own(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:
        await _added(db, watermark=2**47 + 1, fingerprint=KNOWN)

        assert _found_ways(await _found(db, sha256=b"one")) == {"file"}
        assert _found_ways(await _found(db, watermark=2**47 + 1)) == {"watermark"}
        assert _found_ways(await _found(db, fingerprint=KNOWN)) == {"looks"}
        assert _found_ways(await _found(db)) == set()


def _found_ways(found: dict[str, Entry]) -> set[str]:
    return set(found)


@pytest.mark.parametrize("bits", [1, 2, 3])
async def test_up_to_three_changed_bits_are_found_wherever_they_are(
    database_url: str, settings: Settings, bits: int
) -> None:
    """One in each of three bands at worst: the fourth is whole. That holds for each of the four."""
    chance = random.Random(bits)
    async with Database(database_url, settings) as db:
        await _added(db, fingerprint=KNOWN)
        for whole in range(4):
            bands = [band for band in range(4) if band != whole][:bits]
            changed = _changed(KNOWN, [16 * band + chance.randrange(16) for band in bands])

            assert (await _found(db, fingerprint=changed))["looks"].distance == bits


async def test_what_differs_more_is_another_picture(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:
        await _added(db, fingerprint=KNOWN)
        near = list(range(DISTANCE_MAX))

        assert (await _found(db, fingerprint=_changed(KNOWN, near)))["looks"].distance == DISTANCE_MAX
        assert await _found(db, fingerprint=_changed(KNOWN, [*near, DISTANCE_MAX])) == {}


async def test_the_nearest_is_told(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:
        for bits in (5, 2, 4):
            await _added(db, sha256=bytes([bits]), fingerprint=_changed(KNOWN, list(range(bits))))

        assert (await _found(db, fingerprint=KNOWN))["looks"].distance == 2


async def test_of_two_pictures_with_one_number_the_nearer_is_told(database_url: str, settings: Settings) -> None:
    """40 bits of chance are not so many that a million pictures have one each."""
    async with Database(database_url, settings) as db:
        await _added(db, sha256=b"far", watermark=7, fingerprint=KNOWN ^ (2**40 - 1))
        await _added(db, sha256=b"near", watermark=7, fingerprint=KNOWN ^ 1)
        await _added(db, sha256=b"plain", watermark=7, fingerprint=None)
        async with db.connection() as connection:
            await connection.execute("UPDATE cavendish.register SET engine = 'near' WHERE sha256 = 'near'")

        assert (await _found(db, watermark=7, fingerprint=KNOWN))["watermark"].engine == "near"
        assert (await _found(db, watermark=7))["watermark"].how == "watermark"


async def test_a_plain_picture_looks_like_nothing(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:
        await _added(db, fingerprint=None)

        assert await _found(db, fingerprint=None) == {}
        assert set(await _found(db, sha256=b"one", fingerprint=None)) == {"file"}


async def test_the_first_key_is_made_once_by_all_that_start_at_once(database_url: str, settings: Settings) -> None:
    async with Database(database_url, settings) as db:

        async def start() -> None:
            async with db.transaction() as transaction:
                await register.add_key(transaction, only_first=True)

        await asyncio.gather(*(start() for _ in range(8)))
        async with db.connection() as connection:
            (first,) = await register.keys(connection, count=9)
        async with db.transaction() as transaction:
            await register.add_key(transaction, only_first=False)
        async with db.connection() as connection:
            found = await register.keys(connection, count=9)

    assert (len(found), found[1], len(first)) == (2, first, 32)
