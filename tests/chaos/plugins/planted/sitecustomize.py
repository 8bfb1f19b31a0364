"""Planted bugs, to prove that the chaos run sees them. Only on the path of processes that are meant to have one."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import secrets
import time
from collections.abc import Iterator


def settle_twice() -> None:
    """Completing forgets to ask whether somebody settled the generation before (and the unique index is dropped).

    Nor is a worker told that somebody did, which as a rule has it stop in time.
    """
    from cavendish.application.work.making import Making
    from cavendish.stores import generations

    Making.stop = lambda self, generation_id: None  # type: ignore[method-assign]

    guarded = generations.COMPLETE
    generations.COMPLETE = guarded.replace("AND state = 'generating' AND :fence BETWEEN 1 AND fence", "AND :fence > 0")
    assert guarded != generations.COMPLETE, "the planted bug no longer fits the code"


def order_again() -> None:
    """An order by another face than the native one has no name that a second try could call it by."""
    from cavendish.web.http import ordering

    named = ordering._key
    ordering._key = lambda *asked: dataclasses.replace(named(*asked), key=secrets.token_hex(8))  # type: ignore[assignment]


def publish_before_file() -> None:
    """The row says completed before the file is there."""
    from cavendish.storage.local import LocalStorage

    put = LocalStorage.put

    async def late(self: LocalStorage, name: str, data: bytes) -> None:
        async def write() -> None:
            await asyncio.sleep(0.3)
            await put(self, name, data)

        writing.add(asyncio.create_task(write()))

    writing: set[asyncio.Task[None]] = set()
    LocalStorage.put = late  # type: ignore[method-assign]


def blame_everybody() -> None:
    """One account's failures spare the engine everybody's orders."""
    from cavendish.application.work.circuit_breaker import Circuit

    Circuit._suspected = lambda self, call: self._shared.failed(call.shared)  # type: ignore[method-assign,assignment,return-value]


def write_anywhere() -> None:
    """Nobody asks whether the storage is still there."""
    from cavendish.storage.local import LocalStorage

    @contextlib.contextmanager
    def trusted(self: LocalStorage, trouble: str) -> Iterator[int]:
        with self._told(trouble), self._entered() as root:
            yield root

    assert "_judged" in vars(LocalStorage), "the planted bug no longer fits the code"
    LocalStorage._judged = trusted  # type: ignore[method-assign]


def sweep_by_own_clock() -> None:
    """A file's age is judged by this process's clock, and no claim protects it."""
    from cavendish.storage.local import LocalStorage
    from cavendish.stores import generations

    assert "_now" in vars(LocalStorage), "the planted bug no longer fits the code"
    LocalStorage._now = lambda self: time.time()  # type: ignore[method-assign]
    guarded = generations._WANTED
    generations._WANTED = guarded.replace("WHERE g.state = 'generating'", "WHERE false")
    assert guarded != generations._WANTED, "the planted bug no longer fits the code"


if _bug := os.environ.get("CAVENDISH_PLANTED_BUG"):
    {
        "settle-twice": settle_twice,
        "order-again": order_again,
        "publish-before-file": publish_before_file,
        "blame-everybody": blame_everybody,
        "write-anywhere": write_anywhere,
        "sweep-by-own-clock": sweep_by_own_clock,
    }[_bug]()
