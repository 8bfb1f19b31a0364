"""SQL of the queue: tags for fairness, claims by lease. A generation is its own job; there is no other table.

Fairness is start-time fair queueing: each account has a lane per engine, a job's tag is where its lane stood (or where
the engine stands, if the lane lags behind) plus the job's cost, and lower tags start first. So the second account's
one job overtakes the first account's ten thousand.
"""

from __future__ import annotations

import datetime
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from cavendish.db import sql
from cavendish.db.pool import Connection, Record

Held: TypeAlias = tuple[uuid.UUID, int]  # a claim: the generation and the claim's number


@dataclass(frozen=True, slots=True)
class Leases:
    """How claims last.

    Attributes:
        length: From the claim, and from each renewal.
        grace: For which the end of another worker's lease is not used: after an outage its renewal may be on its way.
    """

    length: datetime.timedelta
    grace: datetime.timedelta


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

# A worker takes the next ones of an engine, lowest tags first, by a lease: nobody else takes them until `ready_at`,
# which the worker moves on while it lives. Each claim has a number of its own, so that a later one shuts an earlier one
# out. What is claimed or put off stands before the rest in the index: as many as there are seats, and what waits for an
# engine that is spared. A `ready_at` that
# was written ahead of now, by its lease's length or by when it was put off, is from before the database's clock was set
# back; a minute is for workers whose leases are set longer. Gives `next`.
NEXT = """
next AS (
    SELECT id FROM cavendish.generations
    WHERE finished_at IS NULL AND engine = :engine AND id <> ALL (:held::uuid[])
      AND (ready_at <= cavendish.cavendish_now() - CASE WHEN leased THEN :grace::interval ELSE '0' END
           OR CASE WHEN leased THEN ready_at - :lease::interval ELSE touched_at END
              > cavendish.cavendish_now() + interval '1 minute')
    ORDER BY virtual_tag, id LIMIT :count FOR NO KEY UPDATE SKIP LOCKED
)"""

# What its pictures are called is written before there is one, so that the sweep knows whose a file is: 128 bits that
# nobody guesses, out of two uuids, for one has 122. Takes `next`; gives `claimed`.
CLAIM = """
claimed AS (
    UPDATE cavendish.generations g SET state = 'generating', fence = fence + 1, claims = claims + 1, leased = true,
        ready_at = cavendish.cavendish_now() + :lease::interval,
        started_at = coalesce(started_at, cavendish.cavendish_now()),
        picture_stem = coalesce(picture_stem, left(encode(sha256(
            uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'), 32))
    FROM next WHERE g.id = next.id
    RETURNING g.*, extract(epoch FROM deadline_at - cavendish.cavendish_now())::float8 AS seconds_left
)"""

# Takes `claimed`, all of one engine, whose virtual time follows the newest start.
ADVANCE = """
newest AS (SELECT engine, max(virtual_tag) AS virtual_tag FROM claimed GROUP BY engine),
advanced AS (
    UPDATE cavendish.engines e SET virtual_time = newest.virtual_tag FROM newest
    WHERE e.name = newest.engine AND e.virtual_time < newest.virtual_tag
)"""

_CLAIM = sql.joined(NEXT, CLAIM, ADVANCE, select="SELECT * FROM claimed ORDER BY virtual_tag, id")

# What is leased or delayed stands at tags up to the engine's virtual time, which follows each claim: so neither of
# these reads the queue behind it. Claims of an engine with a limit take turns, and count what is being made.
_TURN = "SELECT pg_advisory_xact_lock($1, hashtext($2))"
_TURNS = 0x0CA7E
_BEING_MADE = """
SELECT count(*) FROM cavendish.generations g
WHERE g.finished_at IS NULL AND g.engine = $1 AND g.leased AND g.ready_at > cavendish.cavendish_now() - $3::interval
  AND g.ready_at <= cavendish.cavendish_now() + $2::interval + interval '1 minute'
  AND g.virtual_tag <= (SELECT virtual_time FROM cavendish.engines WHERE name = $1)"""

# Of these claims, those that still are. A row that somebody has locked is passed over: a settlement that waits for its
# account must not keep all other leases of its worker from being renewed, and nobody claims what is locked.
_EXTEND = """
WITH held AS (
    SELECT g.id FROM unnest($1::uuid[], $2::integer[]) AS mine (id, fence)
    JOIN cavendish.generations g USING (id, fence)
    WHERE g.leased AND g.finished_at IS NULL FOR NO KEY UPDATE OF g SKIP LOCKED
),
extended AS (
    UPDATE cavendish.generations g SET leased = $3, ready_at = cavendish.cavendish_now() + $4::interval,
        touched_at = CASE WHEN $3 THEN touched_at ELSE cavendish.cavendish_now() END
    FROM held WHERE g.id = held.id
)
SELECT id FROM cavendish.generations WHERE id = ANY ($1::uuid[]) AND finished_at IS NOT NULL"""

_SOONEST = """
SELECT extract(epoch FROM min(g.ready_at) - cavendish.cavendish_now())::float8
FROM cavendish.engines e JOIN cavendish.generations g ON g.engine = e.name AND g.virtual_tag <= e.virtual_time
WHERE g.finished_at IS NULL AND e.name = ANY ($1::text[]) AND g.ready_at > cavendish.cavendish_now()"""

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

_DEPTHS = """
SELECT engine, CASE WHEN leased AND ready_at > cavendish.cavendish_now() THEN 'picked' ELSE 'queued' END, count(*),
    coalesce(extract(epoch FROM cavendish.cavendish_now() - min(created_at)), 0)::float8
FROM cavendish.generations WHERE finished_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2"""

_LEASE = "SELECT pg_try_advisory_xact_lock($1)"

_SWEEP_LOCK = 0x0CA7E5EE9

WAKE_CHANNEL = "cavendish_queue"
CHANGED_CHANNEL = "cavendish_generation"
_WAKE = "NOTIFY cavendish_queue"
_STOP = "SELECT pg_notify('cavendish_queue', payload) FROM unnest($1::text[]) AS payload"
_ASK = "SELECT pg_notify('cavendish_queue', '?' || payload) FROM unnest($1::text[]) AS payload"
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


async def stop_workers(connection: Connection, generation_ids: Sequence[uuid.UUID]) -> None:
    """Tell the workers that these are settled, whoever makes one; `stop_heard` reads it.

    By the channel of `wake_workers`: one of an older release looks for work, and finds out by itself in the end.
    """
    await connection.execute(_STOP, [generation_id.hex for generation_id in generation_ids])


async def ask_workers(connection: Connection, generation_ids: Sequence[uuid.UUID]) -> None:
    """Tell the workers that these are unwanted, whoever makes one; `ask_heard` reads it."""
    await connection.execute(_ASK, [generation_id.hex for generation_id in generation_ids])


def ask_heard(payload: str) -> uuid.UUID | None:
    """The generation that is unwanted; None: this says something else."""
    return uuid.UUID(hex=payload[1:]) if payload.startswith("?") else None


def stop_heard(payload: str) -> uuid.UUID | None:
    """The generation that is settled; None: there is something to do."""
    return uuid.UUID(hex=payload) if payload else None


async def announce_changes(connection: Connection, changes: Sequence[Change]) -> None:
    """Tell all listeners which generations of whom changed; `change_heard` reads it."""
    await connection.execute(_CHANGED, [f"{change.generation_id.hex} {change.account_id}" for change in changes])


def change_heard(payload: str) -> tuple[str, int]:
    """The generation, as 32 hex digits, and its account; 0 where a worker of an older release does not say whose."""
    generation_id, _, account_id = payload.partition(" ")
    return generation_id, int(account_id or 0)


async def claim(
    connection: Connection, engine: str, *, count: int, limit: int, held: Sequence[uuid.UUID], leases: Leases
) -> list[Record]:
    """Take up to `count` generations of this engine that wait, or whose lease has ended; rows of `generations`.

    Args:
        limit: How many may be made at once over all workers; then in a transaction, whose end lets the next one count.
            0: any number.
        held: What this worker is still making; its lease may have ended while the database was away.
    """
    if limit:
        await connection.execute(_TURN, _TURNS, engine)
        count = min(count, limit - int(await connection.fetchval(_BEING_MADE, engine, leases.length, leases.grace)))
    if count <= 0:
        return []
    values = {"engine": engine, "count": count, "held": held, "lease": leases.length, "grace": leases.grace}
    return await connection.fetch(_CLAIM.text, *_CLAIM.arguments(values))


async def renew(connection: Connection, held: Sequence[Held], *, lease: datetime.timedelta) -> list[uuid.UUID]:
    """From now so long nobody else takes these. Which of them are settled already: there is nothing to make."""
    return await _extend(connection, held, leased=True, time=lease)


async def give_back(connection: Connection, held: Sequence[Held], *, delay: datetime.timedelta) -> None:
    """Leave these claims to whoever comes, after the delay."""
    await _extend(connection, held, leased=False, time=delay)


async def _extend(
    connection: Connection, held: Sequence[Held], *, leased: bool, time: datetime.timedelta
) -> list[uuid.UUID]:
    rows = await connection.fetch(_EXTEND, [one[0] for one in held], [one[1] for one in held], leased, time)
    return [row["id"] for row in rows]


async def soonest(connection: Connection, engines: Sequence[str]) -> float | None:
    """Seconds until the next delay or lease of these engines ends; None: there is none."""
    seconds: float | None = await connection.fetchval(_SOONEST, engines)
    return seconds


async def sweep_turn(connection: Connection) -> bool:
    """Whether this transaction may sweep: one worker at a time."""
    return bool(await connection.fetchval(_LEASE, _SWEEP_LOCK))


async def depths(connection: Connection) -> list[tuple[str, str, int, float]]:
    """Engine, status, count and age in seconds of the oldest job."""
    return [tuple(row) for row in await connection.fetch(_DEPTHS)]
