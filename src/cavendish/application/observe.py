"""What an operator sees of the whole service. Nothing here changes anything."""

from __future__ import annotations

import uuid

from cavendish import ids
from cavendish.application.services import Services
from cavendish.db.sql import containing
from cavendish.errors import NotFound, shown
from cavendish.models import Generation
from cavendish.stores import accounts, audit, generations, jobs, reports, workers
from cavendish.telemetry.metrics import Observation, WorkerCounts


async def counts(services: Services) -> Observation:
    """What machines count, read in one go."""
    async with services.db.connection() as connection:
        balance, held = await accounts.totals(connection)
        return Observation(
            workers=[
                WorkerCounts(f"{worker.host}:{worker.pid}", worker.alive, worker.counters)
                for worker in await workers.list_all(connection)
            ],
            jobs=await jobs.depths(connection),
            open_generations=await generations.open_counts(connection),
            credits_balance=balance,
            credits_held=held,
        )


async def engines(services: Services) -> tuple[Observation, list[reports.Queue]]:
    """What the workers counted, and what waits and is drawn at each engine."""
    seen = await counts(services)
    async with services.db.connection() as connection:
        return seen, await reports.queues(connection)


async def is_ready(services: Services) -> bool:
    """Whether the database answers."""
    return bool(await services.db.fetchval("SELECT true"))


async def has_storage(services: Services) -> bool:
    """Whether this process reaches the storage."""
    return await services.storage_watch.look()


async def is_worked(services: Services) -> bool:
    """Whether a worker said a moment ago that it lives."""
    async with services.db.connection() as connection:
        return await workers.count_alive(connection) > 0


async def living_workers(services: Services) -> list[workers.Worker]:
    """Those that said so a moment ago."""
    async with services.db.connection() as connection:
        return [worker for worker in await workers.list_all(connection) if worker.alive]


async def list_accounts(
    services: Services, *, name: str | None, after: int | None, count: int
) -> list[reports.AccountSummary]:
    """In the order in which they were made; only names that hold this text."""
    async with services.db.connection() as connection:
        return await reports.accounts(connection, name=containing(name), after=after, count=count)


async def find_generation(services: Services, generation_id: str) -> Generation:
    """Anybody's, whole. Raises NotFound."""
    parsed = ids.parse_generation_id(generation_id)
    async with services.db.connection() as connection:
        found = await generations.get(connection, parsed) if parsed else None
    if found is None:
        raise NotFound(f"there is no generation {shown(generation_id)}")
    return found


async def list_generations(
    services: Services,
    *,
    state: str | None,
    account: str | None,
    text: str | None,
    after: uuid.UUID | None,
    count: int,
) -> list[reports.GenerationSummary]:
    """Everyone's, newest first, behind the one `after`; only prompts that hold this text."""
    async with services.db.connection() as connection:
        last = await generations.get(connection, after) if after else None
        return await reports.generations(
            connection,
            state=state,
            account=account,
            text=containing(text),
            after=(last.created_at, last.id) if last else None,
            count=count,
        )


async def list_failures(services: Services, *, days: int) -> list[reports.Failures]:
    """What failed lately, by code and engine."""
    async with services.db.connection() as connection:
        return await reports.failures(connection, days=days)


async def list_audit(services: Services, *, before: int | None, count: int) -> list[audit.Entry]:
    """Who did what, newest first, behind the entry `before`."""
    async with services.db.connection() as connection:
        return await audit.page(connection, before=before, count=count)
