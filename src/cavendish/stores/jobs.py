"""SQL of the queue: tags for fairness, jobs, the sweep.

Fairness is start-time fair queueing: each account has a lane per engine, a job's tag is where its lane stood (or where
the engine stands, if the lane lags behind) plus the job's cost, and lower tags start first. So the second account's
one job overtakes the first account's ten thousand.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from cavendish.db.pool import Connection, Record

# Takes `asked` (engine); gives `place` with one row for each engine that the queue knows.
PLACES = """
place AS (SELECT name, virtual_time FROM cavendish.engines WHERE name IN (SELECT engine FROM asked))"""

# Takes :engine; gives `place`.
PLACE = """
place AS (SELECT name, virtual_time FROM cavendish.engines WHERE name = :engine)"""

# Takes `asked`, `held` and `place`; gives `lane` (account_id, cost, start_tag) for what is covered.
# A thousand steps per credit keep all weights apart: they go to 1000, and whole numbers are divided here.
LANE = """
fare AS MATERIALIZED (
    SELECT a.engine, a.account_id, place.virtual_time, h.covered, greatest(1, a.price * 1000 / h.weight) AS cost
    FROM asked a JOIN held h ON h.account_id = a.account_id JOIN place ON place.name = a.engine
    WHERE h.covered > 0
),
moved_lane AS (
    INSERT INTO cavendish.lanes AS l (engine, account_id, virtual_finish)
    SELECT engine, account_id, virtual_time + covered * cost FROM fare ORDER BY account_id
    ON CONFLICT (engine, account_id) DO UPDATE SET virtual_finish = (
        SELECT greatest(l.virtual_finish, f.virtual_time) + f.covered * f.cost
        FROM fare f WHERE f.engine = l.engine AND f.account_id = l.account_id)
    RETURNING account_id, virtual_finish
),
lane AS (
    SELECT f.account_id, f.cost, m.virtual_finish - f.covered * f.cost AS start_tag
    FROM fare f JOIN moved_lane m ON m.account_id = f.account_id
)"""

# Takes `created` (id, virtual_tag, engine).
ENQUEUE = """
queued AS (
    INSERT INTO cavendish.pgqueuer (priority, entrypoint, payload, dedupe_key, status)
    SELECT -virtual_tag, engine, uuid_send(id), id::text, 'queued' FROM created
)"""

# The job under which the last claim ran is still there until its worker is done with it; the next one gets a key of
# its own, the claim's number, so that both may exist for that moment.
REENQUEUE = """
queued AS (
    INSERT INTO cavendish.pgqueuer (priority, entrypoint, payload, dedupe_key, status, execute_after)
    SELECT -virtual_tag, :engine, uuid_send(id), id::text || '/' || :fence::integer, 'queued',
        now() + :delay::interval
    FROM moved
    ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
)"""

# Takes `claimed`; the engine's virtual time follows the newest start.
ADVANCE = """
advanced AS (
    UPDATE cavendish.engines e SET virtual_time = c.virtual_tag FROM claimed c
    WHERE e.name = c.engine AND e.virtual_time < c.virtual_tag
)"""

# Takes a place in the line of calls: each is `interval` after the one before, whoever makes it. None is given further
# ahead than a generation can wait, so a line that is longer was written by a clock that has come back: it begins anew.
_RESERVE = """
UPDATE cavendish.engines SET free_at = $2::interval + CASE
    WHEN free_at > cavendish.cavendish_now() + $2::interval + $3::interval + interval '1 minute'
    THEN cavendish.cavendish_now() ELSE greatest(free_at, cavendish.cavendish_now()) END
WHERE name = $1 AND (free_at <= cavendish.cavendish_now() + $3::interval
    OR free_at > cavendish.cavendish_now() + $2::interval + $3::interval + interval '1 minute')
RETURNING extract(epoch FROM free_at - $2::interval - cavendish.cavendish_now())::float8"""

_KNOW_ENGINES = "INSERT INTO cavendish.engines (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"

_LOST = """
INSERT INTO cavendish.pgqueuer (priority, entrypoint, payload, dedupe_key, status)
SELECT -g.virtual_tag, g.engine, uuid_send(g.id), g.id::text, 'queued'
FROM cavendish.generations g
WHERE g.finished_at IS NULL AND g.deadline_at > cavendish.cavendish_now()
  AND g.touched_at < cavendish.cavendish_now() - $1::interval
  AND NOT EXISTS (SELECT FROM cavendish.pgqueuer q
                  WHERE q.payload = uuid_send(g.id) AND q.status IN ('queued', 'picked'))
LIMIT $2
ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
RETURNING id"""

# Written by a clock that has come back since: such a job would wait, or keep its dead worker, until that time comes.
_BRING_BACK = """
UPDATE cavendish.pgqueuer SET heartbeat = least(heartbeat, now()), execute_after = least(execute_after, now())
WHERE heartbeat > now() + interval '1 minute' OR execute_after > now() + $1::interval + interval '1 minute'
RETURNING id"""

_TRIM_LOG = """
DELETE FROM cavendish.pgqueuer_log WHERE id IN (
    SELECT id FROM cavendish.pgqueuer_log WHERE created < now() - interval '10 minutes' ORDER BY created LIMIT $1)"""

_DEPTHS = """
SELECT entrypoint, status::text, count(*), coalesce(extract(epoch FROM now() - min(created)), 0)::float8
FROM cavendish.pgqueuer GROUP BY entrypoint, status ORDER BY entrypoint, status"""

_LEASE = "SELECT pg_try_advisory_xact_lock($1)"

_SWEEP_LOCK = 0x0CA7E5EE9

CHANGED_CHANNEL = "cavendish_generation"
_WAKE = """
SELECT pg_notify('ch_pgqueuer', json_build_object('channel', 'ch_pgqueuer', 'operation', 'insert', 'sent_at', now(),
    'table', 'pgqueuer', 'type', 'table_changed_event')::text)"""
_CHANGED = "SELECT pg_notify('cavendish_generation', payload) FROM unnest($1::text[]) AS payload"


class Change(NamedTuple):
    """A generation that is another one now, and whose it is."""

    generation_id: uuid.UUID
    account_id: int


async def know_engines(connection: Connection, names: Sequence[str]) -> None:
    """Make sure that these engines have a row; needed before anything is queued for them."""
    await connection.execute(_KNOW_ENGINES, list(names))


async def reserve_call(connection: Connection, engine: str, *, interval: object, longest: object) -> float:
    """Seconds to wait before calling this engine, so that all workers together keep its rate.

    Args:
        longest: How far ahead a place is of use; infinity where the line is longer, and no place is taken.
    """
    waiting: float | None = await connection.fetchval(_RESERVE, engine, interval, longest)
    return math.inf if waiting is None else max(0.0, waiting)


async def wake_workers(connection: Connection) -> None:
    await connection.execute(_WAKE)


async def announce_changes(connection: Connection, changes: Sequence[Change]) -> None:
    """Tell all listeners which generations of whom changed; `change_heard` reads it."""
    await connection.execute(_CHANGED, [f"{change.generation_id.hex} {change.account_id}" for change in changes])


def change_heard(payload: str) -> tuple[str, int]:
    """The generation, as 32 hex digits, and its account; 0 where a worker of an older release does not say whose."""
    generation_id, _, account_id = payload.partition(" ")
    return generation_id, int(account_id or 0)


async def requeue_lost(connection: Connection, *, grace_seconds: object, count: int) -> int:
    """Give every open generation without a job a new one; how many there were."""
    rows: list[Record] = await connection.fetch(_LOST, grace_seconds, count)
    return len(rows)


async def bring_back(connection: Connection, *, longest: object) -> int:
    """Put jobs from the future, which a clock that jumped has made, to now; how many. `longest` any job may wait."""
    return len(await connection.fetch(_BRING_BACK, longest))


async def trim_log(connection: Connection, *, count: int) -> None:
    await connection.execute(_TRIM_LOG, count)


async def sweep_turn(connection: Connection) -> bool:
    """Whether this transaction may sweep: one worker at a time."""
    return bool(await connection.fetchval(_LEASE, _SWEEP_LOCK))


async def depths(connection: Connection) -> list[tuple[str, str, int, float]]:
    """Engine, status, count and age in seconds of the oldest job."""
    return [tuple(row) for row in await connection.fetch(_DEPTHS)]
