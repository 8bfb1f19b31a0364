"""Who works: each worker says every few seconds that it lives and what it counted since it started."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import orjson

from cavendish.db.pool import Connection

SEEN_SECONDS = 5.0
_ALIVE = "seen_at > cavendish.cavendish_now() - interval '12 seconds'"  # two beats and some

_SEEN = """
INSERT INTO cavendish.workers (id, host, pid, counters) VALUES ($1, $2, $3, $4::jsonb)
ON CONFLICT (id) DO UPDATE SET seen_at = cavendish.cavendish_now(), counters = excluded.counters"""

_FORGET = "DELETE FROM cavendish.workers WHERE seen_at < cavendish.cavendish_now() - interval '1 day'"

_GONE = "UPDATE cavendish.workers SET seen_at = seen_at - interval '1 minute' WHERE id = $1"

_COUNT_ALIVE = f"SELECT count(*) FROM cavendish.workers WHERE {_ALIVE}"

_LIST = f"SELECT host, pid, counters, {_ALIVE} AS alive FROM cavendish.workers ORDER BY started_at LIMIT 1000"


@dataclass(frozen=True, slots=True)
class Worker:
    """`counters` is completed, failed, seconds and open, each by engine, and moderation, by judge/stage/outcome."""

    host: str
    pid: int
    alive: bool
    counters: dict[str, dict[str, float]]


async def seen(connection: Connection, worker_id: uuid.UUID, host: str, pid: int, counters: dict[str, Any]) -> None:
    await connection.execute(_SEEN, worker_id, host, pid, orjson.dumps(counters).decode())
    await connection.execute(_FORGET)


async def gone(connection: Connection, worker_id: uuid.UUID) -> None:
    """It ended in order: nobody need wait until it is missed."""
    await connection.execute(_GONE, worker_id)


async def count_alive(connection: Connection) -> int:
    return int(await connection.fetchval(_COUNT_ALIVE))


async def list_all(connection: Connection) -> list[Worker]:
    """Those seen within a day."""
    return [
        Worker(row["host"], row["pid"], row["alive"], orjson.loads(row["counters"]))
        for row in await connection.fetch(_LIST)
    ]
