"""Unfinished pictures are their owner's, of the newest claim only, and gone with the end."""

from __future__ import annotations

import uuid

import asyncpg
import pytest

from cavendish.engines.base import PREVIEW_BYTES_MAX
from cavendish.models import PREVIEWS_MAX
from cavendish.stores import previews
from cavendish.stores.generations import Claim
from harness.claims import claim_one
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio


async def claimed(app: App, generation_id: str) -> Claim:
    claim = await claim_one(app.services.db, generation_id)
    assert claim is not None
    return claim


async def kept(app: App, claim: Claim, number: int, data: bytes = b"picture") -> bool:
    async with app.services.db.connection() as connection:
        return await previews.keep(
            connection, claim.generation.id, fence=claim.fence, number=number, media_type="image/jpeg", size=(4, 3),
            data=data,
        )  # fmt: skip


async def seen(app: App, account: Account, *generation_ids: str, after: int = 0) -> list[tuple[str, int, bytes]]:
    wanted = {uuid.UUID(hex=one): after for one in generation_ids}
    async with app.services.db.connection() as connection:
        found = await previews.news(connection, account.id, wanted)
    return [(one.generation_id.hex, one.number, one.data) for one in found]


async def count(app: App) -> int:
    found: int = await app.services.db.fetchval("SELECT count(*) FROM cavendish.previews")
    return found


async def test_each_is_seen_in_its_order_and_what_was_seen_is_not_sent_again(app: App) -> None:
    account = await app.account()
    one, two = await app.submit(account), await app.submit(account)
    first, second = await claimed(app, one), await claimed(app, two)
    for claim, number in ((first, 0), (second, 0), (first, 1)):
        assert await kept(app, claim, number)

    assert await seen(app, account, one, two) == [(one, 0, b"picture"), (two, 0, b"picture"), (one, 1, b"picture")]
    assert await seen(app, account, one, after=1) == [(one, 1, b"picture")]
    assert await seen(app, account, one, after=2) == []


async def test_nobody_else_sees_them(app: App) -> None:
    account, other = await app.account(), await app.account()
    generation_id = await app.submit(account)
    await kept(app, await claimed(app, generation_id), 0)

    assert await seen(app, other, generation_id) == []
    assert len(await seen(app, account, generation_id)) == 1


async def test_those_of_a_worker_that_died_give_way_to_the_next_ones(app: App) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    dead = await claimed(app, generation_id)
    await kept(app, dead, 0, b"dead")
    await kept(app, dead, 1, b"dead")

    alive = await claimed(app, generation_id)

    assert await seen(app, account, generation_id) == []
    assert not await kept(app, dead, 2), "it does not know yet that it is dead"
    assert await kept(app, alive, 0, b"alive")
    assert await seen(app, account, generation_id) == [(generation_id, 0, b"alive")]


@pytest.mark.parametrize(
    ("end", "left"),
    [
        ("state = 'failed', error_code = 'CANCELLED', finished_at = now()", 0),
        ("leased = false", 0),
        ("state = 'completed', image_name = 'a.png', credits_charged = 4, finished_at = now()", 1),
        ("state = 'completed', image_name = 'b', credits_charged = 4, finished_at = now(), hidden_at = now()", 0),
    ],
    ids=["failed", "given back", "completed", "deleted"],
)
async def test_what_becomes_no_picture_is_not_shown(app: App, end: str, left: int) -> None:
    account = await app.account()
    generation_id = await app.submit(account)
    claim = await claimed(app, generation_id)
    await kept(app, claim, 0)

    await app.services.db.fetch(f"UPDATE cavendish.generations SET {end} WHERE id = $1", claim.generation.id)

    assert len(await seen(app, account, generation_id)) == left
    assert await kept(app, claim, 1) is (end == "leased = false"), "nothing is kept behind the end"


async def test_the_sweep_removes_those_of_what_has_ended_and_no_others(app: App) -> None:
    account = await app.account()
    ended, going_on = await app.submit(account), await app.submit(account)
    for generation_id in (ended, going_on):
        await kept(app, await claimed(app, generation_id), 0)
    await app.services.db.fetch(
        "UPDATE cavendish.generations SET state = 'failed', error_code = 'EXPIRED', finished_at = now() WHERE id = $1",
        uuid.UUID(hex=ended),
    )
    assert await count(app) == 2

    await app.sweep()

    assert await count(app) == 1
    assert len(await seen(app, account, going_on)) == 1


async def test_the_database_itself_bounds_them(app: App) -> None:
    claim = await claimed(app, await app.submit(await app.account()))

    assert await kept(app, claim, PREVIEWS_MAX - 1, b"a" * PREVIEW_BYTES_MAX)
    with pytest.raises(asyncpg.CheckViolationError):
        await kept(app, claim, 0, b"a" * (PREVIEW_BYTES_MAX + 1))
    with pytest.raises(asyncpg.CheckViolationError):
        await kept(app, claim, PREVIEWS_MAX)
    assert await app.services.db.fetchval(
        "SELECT relpersistence FROM pg_class WHERE oid = 'cavendish.previews'::regclass"
    ) in ("u", b"u")
