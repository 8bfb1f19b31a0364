"""Workers of the release before, whose jobs are PgQueuer's, run beside those that claim generations themselves."""

from __future__ import annotations

import datetime
import uuid

import pytest

from cavendish.db.pool import Connection
from cavendish.stores import jobs
from harness.inprocess import App

pytestmark = pytest.mark.anyio

# What the release before sent, without what does not matter here: to enqueue, PgQueuer's dequeue, its heartbeat and its
# way to put a job back, and a claim.
ENQUEUE = """
INSERT INTO cavendish.pgqueuer (priority, entrypoint, payload, dedupe_key, status)
SELECT -virtual_tag, engine, uuid_send(id), id::text, 'queued' FROM cavendish.generations WHERE id = $1"""
REENQUEUE = """
WITH moved AS (
    UPDATE cavendish.generations SET attempts = attempts + 1 WHERE id = $1 RETURNING id, virtual_tag, engine)
INSERT INTO cavendish.pgqueuer (priority, entrypoint, payload, dedupe_key, status, execute_after)
SELECT -virtual_tag, engine, uuid_send(id), id::text || '/1', 'queued', now() + $2::interval FROM moved"""
DEQUEUE = """
WITH next AS (
    SELECT id FROM cavendish.pgqueuer WHERE status = 'queued' AND execute_after <= now()
    ORDER BY priority DESC, id LIMIT 10 FOR UPDATE SKIP LOCKED)
UPDATE cavendish.pgqueuer q SET status = 'picked', updated = now(), heartbeat = now(), queue_manager_id = $1
FROM next WHERE q.id = next.id RETURNING q.payload"""
TAKE_OVER = """
UPDATE cavendish.pgqueuer SET updated = now(), heartbeat = now(), queue_manager_id = $1 WHERE status = 'picked'
RETURNING payload"""
HEARTBEAT = "UPDATE cavendish.pgqueuer SET heartbeat = now(), updated = now() WHERE status = 'picked'"
PUT_BACK = "UPDATE cavendish.pgqueuer SET status = 'queued', execute_after = now() WHERE status = 'picked'"
OLD_CLAIM = """
UPDATE cavendish.generations SET state = 'generating', fence = fence + 1, claims = claims + 1, touched_at = now()
WHERE id = $1 AND state IN ('pending', 'generating') RETURNING fence"""

LEASES = jobs.Leases(datetime.timedelta(seconds=4), grace=datetime.timedelta(0))


async def submitted_before(app: App) -> uuid.UUID:
    """One generation by an API process of the release before: it has a job."""
    generation_id = uuid.UUID(hex=await app.submit(await app.account(credits=100)))
    await app.services.db.fetch(ENQUEUE, generation_id)
    return generation_id


async def taken_before(app: App) -> list[uuid.UUID]:
    """What a worker of the release before is given."""
    return [uuid.UUID(bytes=row["payload"]) for row in await app.services.db.fetch(DEQUEUE, uuid.uuid4())]


async def taken_now(app: App) -> list[uuid.UUID]:
    async with app.services.db.connection() as connection:
        return [row["id"] for row in await _claim(connection)]


async def _claim(connection: Connection) -> list[jobs.Record]:
    return await jobs.claim(connection, "script", count=10, limit=0, held=[], leases=LEASES)


async def test_what_an_old_worker_took_no_new_one_takes_while_its_heart_beats(app: App) -> None:
    generation_id = await submitted_before(app)

    assert await taken_before(app) == [generation_id]
    await app.services.db.fetch(OLD_CLAIM, generation_id)
    await app.shift_clock("4 seconds")
    await app.services.db.fetch(HEARTBEAT)
    await app.shift_clock("8 seconds")
    assert await taken_now(app) == []

    await app.shift_clock("30 seconds")
    assert await taken_now(app) == [generation_id], "a dead old worker's is taken over"


async def test_what_a_new_worker_took_no_old_one_gets_and_its_job_ends_with_it(app: App) -> None:
    generation_id = await submitted_before(app)

    assert await taken_now(app) == [generation_id]
    assert await taken_before(app) == []
    await app.services.db.fetch("""
        UPDATE cavendish.generations SET state = 'failed', error_code = 'CANCELLED', finished_at = now()""")
    assert await taken_before(app) == [generation_id], "to find it settled, and to drop the job"


async def test_a_delay_that_an_old_worker_ordered_holds_for_new_ones(app: App) -> None:
    generation_id = await submitted_before(app)
    await taken_before(app)
    await app.services.db.fetch(OLD_CLAIM, generation_id)

    await app.services.db.fetch(REENQUEUE, generation_id, datetime.timedelta(seconds=3))

    assert await taken_now(app) == []
    await app.shift_clock("4 seconds")
    assert await taken_now(app) == [generation_id]


async def test_what_an_old_worker_leaves_to_another_engine_is_taken_at_once(app: App) -> None:
    generation_id = await submitted_before(app)
    await taken_before(app)
    await app.services.db.fetch(OLD_CLAIM, generation_id)

    await app.services.db.fetch(REENQUEUE, generation_id, datetime.timedelta(0))

    assert await taken_now(app) == [generation_id]


async def test_of_a_dead_old_workers_jobs_no_old_one_takes_what_a_new_one_has(app: App) -> None:
    generation_id = await submitted_before(app)
    await taken_before(app)
    await app.services.db.fetch(OLD_CLAIM, generation_id)
    await app.shift_clock("6 seconds")

    assert await taken_now(app) == [generation_id]
    assert await app.services.db.fetch(TAKE_OVER, uuid.uuid4()) == []
    await app.shift_clock("11 seconds")
    assert len(await app.services.db.fetch(TAKE_OVER, uuid.uuid4())) == 1, "nor has a dead new one it for ever"
    assert await taken_now(app) == []


async def test_what_an_old_worker_gave_back_is_taken_when_its_lease_ends(app: App) -> None:
    generation_id = await submitted_before(app)
    await taken_before(app)
    await app.services.db.fetch(PUT_BACK)

    await app.shift_clock("6 seconds")
    assert await taken_now(app) == [generation_id]
