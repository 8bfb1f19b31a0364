"""Steps of several transactions in every order, through connections of their own.

A step that waits for a lock keeps its actor busy; its later steps follow when it is free again, as in real life.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from cavendish.db.pool import Connection, Database

Step = Callable[[Connection], Awaitable[Any]]


@dataclass
class Actor:
    """One transaction: its steps in order. `results` are what they returned, or the error that ended it."""

    steps: Sequence[Step]
    results: list[Any] = field(default_factory=list)

    @property
    def answer(self) -> Any:
        """What the step before the commit returned."""
        return self.results[-2]


def transaction(*statements: Step) -> Actor:
    return Actor((_run("BEGIN"), *statements, _run("COMMIT")))


def orders(first: int, second: int) -> Iterator[tuple[int, ...]]:
    """Every way to merge two sequences of these lengths, as actors' numbers; of 3 and 3 steps: 20."""
    length = first + second
    for places in itertools.combinations(range(length), first):
        yield tuple(0 if place in places else 1 for place in range(length))


async def play(db: Database, order: Sequence[int], actors: Sequence[Actor]) -> None:
    """Let the actors do their steps in this order; each actor's outcome is in its `results`."""
    async with _connections(db, len(actors)) as connections:
        waiting: list[asyncio.Task[None] | None] = [None] * len(actors)
        due = [list[Step]() for _ in actors]
        given = [iter(actor.steps) for actor in actors]
        for number in order:
            due[number].append(next(given[number]))
            await _advance(connections, actors, due, waiting)
        async with asyncio.timeout(10):
            while any(waiting) or any(due):
                await asyncio.wait([task for task in waiting if task], return_when=asyncio.FIRST_COMPLETED)
                await _advance(connections, actors, due, waiting)


async def _advance(
    connections: Sequence[Connection],
    actors: Sequence[Actor],
    due: Sequence[list[Step]],
    waiting: list[asyncio.Task[None] | None],
) -> None:
    """Start what is due for actors that are free, and see which of it waits for a lock."""
    moved = True
    while moved:
        moved = False
        for number, actor in enumerate(actors):
            task = waiting[number]
            if task is not None and task.done():
                task.result()
                waiting[number] = None
            if waiting[number] is None and due[number]:
                step = due[number].pop(0)
                waiting[number] = asyncio.create_task(_do(connections[number], actor, step))
                await _settled(connections[number], waiting[number], connections)
                moved = True


async def _settled(connection: Connection, task: asyncio.Task[None] | None, others: Sequence[Connection]) -> None:
    """Until the step is done or visibly waits for a lock of another."""
    assert task is not None
    pid, watcher = connection.get_server_pid(), others[-1]
    while True:
        done, _ = await asyncio.wait({task}, timeout=0.005)
        if done or await watcher.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            return


async def _do(connection: Connection, actor: Actor, step: Step) -> None:
    try:
        actor.results.append(await step(connection))
    except Exception as exc:
        actor.results.append(exc)


@contextlib.asynccontextmanager
async def _connections(db: Database, count: int) -> AsyncIterator[list[Connection]]:
    """One per actor, and a last one to look at locks with."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(db.connection()) for _ in range(count + 1)]


def _run(statement: str) -> Step:
    return lambda connection: connection.execute(statement)
