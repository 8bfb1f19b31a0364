"""Submissions that arrive together are written together: one statement and one flush to disk for many.

Each keeps its own answer. Within a batch an account appears with submissions of one key, price and engine only, so
that "as many as the limit and the balance allow, in the order of arrival" is exactly what one after the other gives.
Several of one call are all written or none: fewer than all of them count as none (`fewest`).
An account that is being written waits for the next batch: it could only wait for its own row.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from cavendish.db import sql
from cavendish.db.pool import Connection, Database, DatabaseError, Record
from cavendish.stores import generations, jobs, ledger, rate_limits
from cavendish.stores.rate_limits import Budget, Quota

SIZE_MAX = 64  # submissions per statement
_PARALLEL = 2  # one batch is on its way to the disk while the next is written
_SCAN_MAX = 256  # waiting submissions looked at for one batch

_INPUT = """
input AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(:batch::jsonb) AS i (
        id uuid, task_id text, account_id bigint, key_id text, position integer, price bigint, engine text, model text,
        mode text, prompt text, aspect_ratio text, image_quality text, google_search boolean, input_image_urls text[],
        seed bigint, warnings text[], budgets jsonb, deadline_seconds float8, output_width smallint,
        output_height smallint, output_type text, output_quality smallint, label text,
        batch_id uuid, batch_index smallint, previews smallint)
),
asked AS MATERIALIZED (
    SELECT account_id, engine, price, budgets, count(*)::integer AS count,
        CASE WHEN bool_or(batch_id IS NOT NULL) THEN count(*)::integer ELSE 1 END AS fewest
    FROM input GROUP BY account_id, engine, price, budgets
)"""

_SUBMIT = sql.joined(
    _INPUT,
    jobs.PLACES,
    rate_limits.BUDGETS,
    rate_limits.STANDING,
    ledger.PURSE,
    rate_limits.DUE,
    rate_limits.TAKE,
    ledger.HOLD,
    jobs.LANE,
    generations.INSERT,
    ledger.HOLD_ENTRY,
    select="""
    SELECT i.id, i.position <= r.allowed AS within_limit, c.id IS NOT NULL AS created,
        h.balance - i.position * i.price AS balance, r.place,
        extract(epoch FROM r.start + least(i.position, r.allowed) * r.interval - cavendish.cavendish_now())::float8
            AS full_in
    FROM input i JOIN rate r ON r.account_id = i.account_id LEFT JOIN held h ON h.account_id = i.account_id
    LEFT JOIN created c ON c.id = i.id""",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One submission as the statement takes it. `values` are the columns of `input`, without `position`."""

    account_id: int
    key_id: str
    price: int
    engine: str
    budgets: tuple[Budget, ...]
    values: dict[str, Any]

    @property
    def group(self) -> tuple[object, ...]:
        return self.key_id, self.price, self.engine, self.budgets


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission. `balance` holds where it was created; `quota` is what its limits left."""

    within_limit: bool
    created: bool
    balance: int
    quota: Quota


@dataclass(slots=True)
class _Waiting:
    request: Request
    future: asyncio.Future[Outcome] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


async def write(connection: Connection, requests: Sequence[Request]) -> list[Outcome]:
    """Write these submissions, each account's of one group, in one statement; outcomes in their order."""
    positions: dict[int, int] = {}
    rows = []
    for request in requests:
        position = positions[request.account_id] = positions.get(request.account_id, 0) + 1
        rows.append({**request.values, "position": position, "budgets": rate_limits.written(request.budgets)})
    found = await connection.fetch(_SUBMIT.text, orjson.dumps(rows).decode())
    by_id = {row["id"].hex: row for row in found}
    return [_outcome(request, by_id[request.values["id"]]) for request in requests]


class Batcher:
    """Gathers submissions while others are being written."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: deque[_Waiting] = deque()
        self._writing: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, request: Request) -> Outcome:
        """What became of it; raises what the database raised for it."""
        waiting = _Waiting(request)
        self._waiting.append(waiting)
        self._start()
        return await waiting.future

    def _start(self) -> None:
        if len(self._tasks) >= _PARALLEL or not self._waiting:
            return
        batch = self._choose()
        if not batch:
            return
        accounts = {waiting.request.account_id for waiting in batch}
        self._writing |= accounts
        task = asyncio.create_task(self._run(batch))
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, accounts))

    def _ended(self, task: asyncio.Task[None], accounts: set[int]) -> None:
        self._tasks.discard(task)
        self._writing -= accounts
        self._start()

    def _choose(self) -> list[_Waiting]:
        """The oldest waiting ones that may stand in one statement; the others keep their order."""
        chosen: list[_Waiting] = []
        groups: dict[int, tuple[object, ...]] = {}
        kept: list[_Waiting] = []
        for _ in range(min(_SCAN_MAX, len(self._waiting))):
            waiting = self._waiting.popleft()
            request = waiting.request
            fits = len(chosen) < SIZE_MAX and request.account_id not in self._writing
            if fits and groups.setdefault(request.account_id, request.group) == request.group:
                chosen.append(waiting)
            else:
                # Nothing of this account may overtake it.
                groups[request.account_id] = ()
                kept.append(waiting)
        self._waiting.extendleft(reversed(kept))
        return chosen

    async def _run(self, batch: list[_Waiting]) -> None:
        try:
            await self._write(batch)
        except DatabaseError:
            # One of them is refused, a repeated id for instance, and took the others along: each by itself.
            for waiting in batch:
                await self._write_alone(waiting)
        except Exception as exc:
            for waiting in batch:
                _raise_in(waiting, exc)

    async def _write(self, batch: list[_Waiting]) -> None:
        async with self._db.connection() as connection:
            outcomes = await write(connection, [waiting.request for waiting in batch])
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if not waiting.future.done():
                waiting.future.set_result(outcome)

    async def _write_alone(self, waiting: _Waiting) -> None:
        try:
            await self._write([waiting])
        except Exception as exc:
            _raise_in(waiting, exc)


def _raise_in(waiting: _Waiting, exc: Exception) -> None:
    if not waiting.future.done():
        waiting.future.set_exception(exc)


def _outcome(request: Request, row: Record) -> Outcome:
    return Outcome(
        within_limit=row["within_limit"],
        created=row["created"],
        balance=row["balance"] if row["created"] else 0,
        quota=rate_limits.quota(request.budgets, row["place"], row["full_in"]),
    )
