"""What an operator wants to count, read in one go from the stores."""

from __future__ import annotations

from cavendish.application.services import Services
from cavendish.stores import accounts, generations, jobs, workers
from cavendish.telemetry.metrics import Observation, WorkerCounts


async def observe(services: Services) -> Observation:
    """Raises DatabaseUnavailable."""
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
