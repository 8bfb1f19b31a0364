"""A lease lives as long as its worker does, whatever else goes wrong beside it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import uuid

import asyncpg
import pytest
from worker_helpers import Recorder, drawing, submit_many, until, worker

from cavendish.application.work import settle
from cavendish.errors import DatabaseUnavailable
from cavendish.stores import generations, jobs
from cavendish.stores.generations import Claim
from harness.claims import claim_one
from harness.inprocess import App

pytestmark = pytest.mark.anyio


@pytest.fixture
def options() -> dict[str, object]:
    return {"wake_seconds": "0.2", "lease_seconds": "0.6"}


async def _ready_at(connection: asyncpg.Connection, generation_id: str) -> datetime.datetime:
    return await connection.fetchval(
        "SELECT ready_at FROM cavendish.generations WHERE id = $1", uuid.UUID(hex=generation_id)
    )


async def _renewed(connection: asyncpg.Connection, generation_id: str) -> None:
    """Wait for two renewals: one may have been on its way."""
    for _ in range(2):
        before = await _ready_at(connection, generation_id)

        async def later(before: datetime.datetime = before) -> bool:
            return await _ready_at(connection, generation_id) > before

        await until(later, seconds=3)  # less than a statement waits for a lock


async def test_a_row_that_is_locked_does_not_keep_other_leases_from_being_renewed(app: App) -> None:
    """As of a picture whose settlement waits for its account."""
    account, engine = await app.account(credits=100), Recorder(draw=drawing(60))
    async with contextlib.AsyncExitStack() as stack:
        locking, looking = [await asyncpg.connect(app.services.db.dsn) for _ in range(2)]
        stack.push_async_callback(locking.close)
        stack.push_async_callback(looking.close)
        await stack.enter_async_context(worker(app, engine))
        locked, other = await submit_many(app, account, 2)
        await until(lambda: engine.running == 2)

        async with locking.transaction():
            await locking.fetch(
                "SELECT FROM cavendish.generations WHERE id = $1 FOR NO KEY UPDATE", uuid.UUID(hex=locked)
            )
            await _renewed(looking, other)
        await _renewed(looking, locked)

    assert engine.calls.total() == 2


@pytest.mark.parametrize("options", [{"wake_seconds": "0.2", "lease_seconds": "0.6", "pool_max": "2"}])
async def test_a_renewal_waits_for_no_settlement(app: App) -> None:
    """All of the pool's connections are at work, as when settlements wait for a frozen one's lock."""
    account, engine = await app.account(credits=100), Recorder(draw=drawing(60))
    async with contextlib.AsyncExitStack() as stack:
        looking = await asyncpg.connect(app.services.db.dsn)
        stack.push_async_callback(looking.close)
        await stack.enter_async_context(worker(app, engine))
        generation_id = await app.submit(account)
        await until(lambda: engine.running)

        async with app.services.db.connection(), app.services.db.connection():
            await _renewed(looking, generation_id)

    assert engine.calls.total() == 1


async def test_leases_are_renewed_while_a_worker_drains(app: App) -> None:
    account, engine = await app.account(credits=100), Recorder(draw=drawing(60))
    connection = await asyncpg.connect(app.services.db.dsn)
    async with worker(app, engine) as one:
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        stopping = asyncio.create_task(one.runner.stop(drain_seconds=30))
        await _renewed(connection, generation_id)
        stopping.cancel()
    await connection.close()


async def test_a_beat_that_breaks_is_no_end_of_beats(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    account, engine, real = await app.account(credits=100), Recorder(draw=drawing(60)), jobs.renew
    broken = asyncio.Event()

    async def renew(*arguments, **options) -> list[uuid.UUID]:
        if not broken.is_set():
            broken.set()
            raise ValueError("a bug")
        return await real(*arguments, **options)

    connection = await asyncpg.connect(app.services.db.dsn)
    async with worker(app, engine):
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        monkeypatch.setattr(jobs, "renew", renew)
        await broken.wait()
        await _renewed(connection, generation_id)
    await connection.close()

    assert engine.calls.total() == 1


async def test_a_claim_that_cannot_be_read_stops_no_other(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one that a newer release wrote: it is left, the others are made."""
    account, engine, real = await app.account(credits=100), Recorder(), generations.claim_from_row

    def claim_from_row(row: jobs.Record) -> Claim:
        if row["prompt"] == "of tomorrow":
            raise ValueError("what is this?")
        return real(row)

    monkeypatch.setattr(generations, "claim_from_row", claim_from_row)
    of_tomorrow = await app.submit(account, prompt="of tomorrow")
    ids = await submit_many(app, account, 3)
    async with worker(app, engine):
        for generation_id in ids:
            assert (await app.ended(account, generation_id))["status"] == "completed"

    assert (await app.row(of_tomorrow))["finished_at"] is None


async def test_a_runner_that_breaks_begins_anew(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    account, engine, real = await app.account(credits=100), Recorder(), jobs.claim
    broken = []

    async def claim(*arguments, **options) -> list[jobs.Record]:
        if not broken:
            broken.append(True)
            raise ValueError("a bug")
        return await real(*arguments, **options)

    monkeypatch.setattr(jobs, "claim", claim)
    async with worker(app, engine):
        assert (await app.ended(account, await app.submit(account)))["status"] == "completed"

    assert broken


async def test_after_an_outage_the_leases_of_others_have_time_to_be_renewed(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, engine, real = await app.account(credits=100), Recorder(), jobs.claim
    early, late = [], []
    asked_early = asyncio.Event()

    async def claim(*arguments, leases: jobs.Leases, **options) -> list[jobs.Record]:
        rows = await real(*arguments, leases=leases, **options)
        (early if leases.grace else late).extend(rows)
        if leases.grace:
            asked_early.set()
        return rows

    generation_id = await app.submit(account)
    await claim_one(app.services.db, generation_id, lease=datetime.timedelta(0))
    monkeypatch.setattr(jobs, "claim", claim)
    async with worker(app, engine):
        assert (await app.ended(account, generation_id))["status"] == "completed"

    assert asked_early.is_set()
    assert (len(early), len(late)) == (0, 1)


@pytest.mark.parametrize("options", [{"concurrency": "1", "routes": "nano-banana-2=script;nano-banana-pro=instant"}])
async def test_an_engine_with_an_endless_queue_leaves_seats_to_the_others(app: App) -> None:
    account = await app.account(credits=1000)
    busy, other = Recorder(name="script"), Recorder(name="instant")
    await submit_many(app, account, 40)
    for number in range(3):
        await app.post("/api/nano-banana-pro/generate", {"prompt": f"{number}", "mode": "generate"}, account)
    async with worker(app, busy, other):
        await until(lambda: other.calls.total() == 3, seconds=20)
        drawn = busy.calls.total()

    assert drawn < 20, "they took turns"


async def test_an_engines_limit_counts_what_others_may_still_be_making(app: App) -> None:
    """For as long as their leases' ends are not used: after an outage they renew in a moment."""
    account = await app.account(credits=100)
    being_made, waiting = await submit_many(app, account, 2)
    await claim_one(app.services.db, being_made, lease=datetime.timedelta(0))
    second = datetime.timedelta(seconds=1)
    found = []
    for grace in (60 * second, 0 * second):
        async with app.services.db.transaction() as transaction:
            leases = jobs.Leases(second, grace=grace)
            rows = await jobs.claim(transaction, "script", count=5, limit=1, held=[], leases=leases)
            found.append([row["id"].hex for row in rows])

    assert found == [[], [being_made]] and waiting != being_made


async def test_a_claim_that_hangs_when_the_connection_is_lost_keeps_no_lease_from_being_renewed(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, engine, real = await app.account(credits=100), Recorder(draw=drawing(60)), jobs.claim
    hanging, over = asyncio.Event(), asyncio.Event()

    async def claim(*arguments, **options) -> list[jobs.Record]:
        if engine.running and not hanging.is_set():
            hanging.set()
            await over.wait()
        return await real(*arguments, **options)

    connection = await asyncpg.connect(app.services.db.dsn)
    async with worker(app, engine):
        generation_id = await app.submit(account)
        await until(lambda: engine.running)
        monkeypatch.setattr(jobs, "claim", claim)
        await asyncio.wait_for(hanging.wait(), 10)
        cut = await connection.fetch("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'cavendish listener'""")
        assert cut
        try:
            await _renewed(connection, generation_id)
        finally:
            over.set()
    await connection.close()

    assert engine.calls.total() == 1


@pytest.mark.parametrize("options", [{"lease_seconds": "60"}])  # no beat comes between
async def test_a_settlement_that_had_to_wait_begins_its_lease_anew(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row was locked, so that no renewal came by; in the pause before the next try nobody else takes it."""
    account, real, leases = await app.account(credits=100), settle.complete, []

    async def complete(services, claim, *arguments, **options) -> bool:
        leases.append(
            await services.db.fetchval(
                "SELECT ready_at > cavendish.cavendish_now() FROM cavendish.generations WHERE id = $1",
                claim.generation.id,
            )
        )
        if len(leases) == 1:
            await services.db.fetchval(
                "UPDATE cavendish.generations SET ready_at = cavendish.cavendish_now() - interval '1 second'"
            )
            raise DatabaseUnavailable("waited too long for the account")
        return await real(services, claim, *arguments, **options)

    monkeypatch.setattr(settle, "complete", complete)
    async with worker(app, Recorder()):
        assert (await app.ended(account, await app.submit(account)))["status"] == "completed"

    assert leases == [True, True]
