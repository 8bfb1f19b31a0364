"""Who works: each worker says every few seconds that it lives, what it counted and what its engines can."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from cavendish.db.pool import Connection
from cavendish.engines.base import Capabilities
from cavendish.models import Mode, Quality

Value = TypeVar("Value")

SEEN_SECONDS = 5.0
# Two beats and some. One that is from the future was seen by a clock that has come back since: that says nothing.
_ALIVE = """seen_at > cavendish.cavendish_now() - interval '12 seconds'
    AND seen_at < cavendish.cavendish_now() + interval '1 minute'"""

_SEEN = """
INSERT INTO cavendish.workers (id, host, pid, counters, engines) VALUES ($1, $2, $3, $4::jsonb, $5::jsonb)
ON CONFLICT (id) DO UPDATE SET seen_at = cavendish.cavendish_now(), counters = excluded.counters,
    engines = excluded.engines"""

_FORGET = "DELETE FROM cavendish.workers WHERE seen_at < cavendish.cavendish_now() - interval '1 day'"

_GONE = "UPDATE cavendish.workers SET seen_at = seen_at - interval '1 minute' WHERE id = $1"

_COUNT_ALIVE = f"SELECT count(*) FROM cavendish.workers WHERE {_ALIVE}"

_ENGINES = f"SELECT DISTINCT engines FROM cavendish.workers WHERE {_ALIVE}"

_LIST = f"SELECT host, pid, counters, {_ALIVE} AS alive FROM cavendish.workers ORDER BY started_at LIMIT 1000"


@dataclass(frozen=True, slots=True)
class Worker:
    """`counters` is completed, failed, seconds and open, each by engine, and moderation, by judge/stage/outcome."""

    host: str
    pid: int
    alive: bool
    counters: dict[str, dict[str, float]]


async def seen(
    connection: Connection,
    worker_id: uuid.UUID,
    host: str,
    pid: int,
    counters: dict[str, Any],
    engines: Mapping[str, Capabilities],
) -> None:
    written = orjson.dumps(counters).decode(), orjson.dumps(engines, default=list).decode()
    await connection.execute(_SEEN, worker_id, host, pid, *written)
    await connection.execute(_FORGET)


async def gone(connection: Connection, worker_id: uuid.UUID) -> None:
    """It ended in order: nobody need wait until it is missed."""
    await connection.execute(_GONE, worker_id)


async def count_alive(connection: Connection) -> int:
    return int(await connection.fetchval(_COUNT_ALIVE))


async def capabilities(connection: Connection) -> dict[str, list[Capabilities]]:
    """By engine, what it can in the workers that live: each its own where their settings or releases differ.

    Nothing, while one that lives tells nothing, as one of an older release: it may be able to anything.
    """
    found: dict[str, list[Capabilities]] = {}
    for row in await connection.fetch(_ENGINES):
        told = orjson.loads(row["engines"] or "null")
        if not isinstance(told, dict):
            return {}
        for name, written in told.items():
            found.setdefault(name, []).append(_told(written))
    return found


def _told(written: object) -> Capabilities:
    """What cannot be read says nothing, and an engine of which nothing is said can everything."""
    try:
        return _read(written)
    except (TypeError, ValueError):
        return Capabilities()


def _read(written: object) -> Capabilities:
    """A worker of another release may know other words, and need not say all of ours."""
    told = {**_EVERYTHING, **_typed(written, dict)}
    modes, qualities = _typed(told["modes"], list), _typed(told["image_qualities"], list)
    most = told["input_images_max"]
    return Capabilities(
        modes=tuple(mode for mode in Mode if mode in modes),
        aspect_ratios=tuple(_typed(ratio, str) for ratio in _typed(told["aspect_ratios"], list)),
        image_qualities=tuple(quality for quality in Quality if quality in qualities),
        input_images_max=None if most is None else _typed(most, int),
        seed=_typed(told["seed"], bool),
        search=_typed(told["search"], bool),
        masks=_typed(told["masks"], bool),
        previews=_typed(told["previews"], bool),
        stops_unbilled=_typed(told["stops_unbilled"], bool),
        algorithmic=_typed(told["algorithmic"], bool),
        stops_if_asked=_typed(told["stops_if_asked"], bool),
        by_model={model: _read(other) for model, other in _typed(told["by_model"], dict).items()},
    )


def _typed(value: Any, kind: type[Value]) -> Value:
    if type(value) is not kind:
        raise TypeError
    return value


_EVERYTHING: dict[str, Any] = orjson.loads(orjson.dumps(Capabilities()))


async def list_all(connection: Connection) -> list[Worker]:
    """Those seen within a day."""
    return [
        Worker(row["host"], row["pid"], row["alive"], orjson.loads(row["counters"]))
        for row in await connection.fetch(_LIST)
    ]
