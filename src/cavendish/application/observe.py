"""What an operator sees of the whole service. Nothing here changes anything."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from cavendish import ids
from cavendish.application import finding
from cavendish.application.finding import Page, Piece, place
from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.db.sql import containing
from cavendish.errors import NotFound, shown
from cavendish.models import Generation, Place
from cavendish.stores import accounts, audit, generation_lists, generations, jobs, reports, usage, workers
from cavendish.stores.generation_lists import GenerationSummary
from cavendish.telemetry.metrics import Observation, WorkerCounts


async def counts(services: Services) -> Observation:
    """What machines count, read in one go."""
    async with services.db.connection() as connection:
        totals = await accounts.totals(connection)
        return Observation(
            workers=[
                WorkerCounts(f"{worker.host}:{worker.pid}", worker.alive, worker.counters)
                for worker in await workers.list_all(connection)
            ],
            jobs=await jobs.depths(connection),
            open_generations=await generations.open_counts(connection),
            credits_balance=totals.balance,
            credits_held=totals.held,
        )


async def engines(services: Services) -> tuple[Observation, list[reports.Queue]]:
    """What the workers counted, and what waits and is drawn at each engine."""
    seen = await counts(services)
    async with services.db.connection() as connection:
        return seen, await reports.queues(connection)


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole service: what its accounts have, what is open at each engine, what was ordered by day."""

    totals: accounts.Totals
    queues: list[reports.Queue]
    days: list[usage.Usage]


async def overview(services: Services, *, days: int) -> Overview:
    """Of all accounts, in the last days."""
    async with services.db.connection() as connection:
        return Overview(
            totals=await accounts.totals(connection),
            queues=await reports.queues(connection),
            days=await usage.of_all(connection, days=days),
        )


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
    caller_id: int,
    *,
    state: str | None,
    account: str | None,
    text: str | None,
    after: uuid.UUID | None,
    count: int,
) -> Page[GenerationSummary]:
    """Everyone's, newest first, behind the one `after`; only with this text in their prompt, or with this id.

    Raises:
        RateLimitExceeded, ServiceBusy: as of `Finder.find`; `caller_id` is the account that looks.
    """
    async with services.db.connection() as connection:
        last = await generations.get(connection, after) if after else None
        owner = await accounts.find(connection, account) if account else None
        if account and owner is None:
            return Page([], None)
        if (parsed := ids.parse_generation_id((text or "").strip().lower())) is not None:
            one = await generation_lists.any_one(connection, parsed)
            return Page([one] if one else [], None)
        of = owner.id if owner else None
        if state is None and not text:
            found = await generation_lists.everyones(connection, of, after=place(last), count=count + 1)
            return finding.page(found, None, count)

    async def look(connection: Connection, after: Place | None, rows: int, wanted: int) -> Piece[GenerationSummary]:
        end = await generation_lists.rows_on(connection, of, after=after, rows=rows)
        found = await generation_lists.everyones(
            connection, of, after=after, until=end, state=state, text=text, count=wanted
        )
        return Piece(found, end)

    return await services.finder.find(caller_id, look, by_text=bool(text), after=place(last), count=count)


async def list_failures(services: Services, *, days: int) -> list[reports.Failures]:
    """What failed lately, by code and engine."""
    async with services.db.connection() as connection:
        return await reports.failures(connection, days=days)


async def list_audit(services: Services, *, before: int | None, count: int) -> list[audit.Entry]:
    """Who did what, newest first, behind the entry `before`."""
    async with services.db.connection() as connection:
        return await audit.page(connection, before=before, count=count)
