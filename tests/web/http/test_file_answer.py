"""Large files to many readers: the exact bytes, in large pieces to who is fast, and others have their turn between."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cavendish.web.http import file_answer
from cavendish.web.http.file_answer import FileAnswer, Turns

pytestmark = pytest.mark.anyio

MEGABYTE = 1024 * 1024
BYTES = os.urandom(5 * MEGABYTE + 17)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(BYTES)
    return path


class Reader:
    """Takes an answer; each piece after `seconds`."""

    def __init__(self, *, seconds: float = 0, headers: dict[str, str] | None = None) -> None:
        self.pieces: list[bytes] = []
        self.status = 0
        self._seconds = seconds
        self._headers = headers or {}
        self.rounds: Counter[int] | None = None
        self.round = lambda: 0

    async def read(self, file: Path, turns: Turns) -> bytes:
        answer = FileAnswer(file.open("rb"), turns, media_type="image/png", headers={"ETag": '"a"'})
        sent = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        scope = {"type": "http", "method": "GET", "headers": sent, "asgi": {"spec_version": "2.4"}}
        await answer(scope, asyncio.Event().wait, self._send)  # type: ignore[arg-type]
        return b"".join(self.pieces)

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self.pieces.append(message["body"])
        if self.rounds is not None:
            self.rounds[self.round()] += 1
        if self._seconds:
            await asyncio.sleep(self._seconds)


async def test_who_is_fast_gets_few_large_pieces(file: Path) -> None:
    reader = Reader()

    assert await reader.read(file, Turns()) == BYTES
    assert len(reader.pieces) < 10
    assert max(map(len, reader.pieces)) == MEGABYTE


async def test_who_is_slow_leaves_little_in_memory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_answer, "_AT_ONCE_SECONDS", 0.0001)
    reader = Reader(seconds=0.0002)

    assert await reader.read(file, Turns()) == BYTES
    assert max(map(len, reader.pieces[1:])) == 64 * 1024


@pytest.mark.parametrize("known", [True, False], ids=["in memory", "on the disk"])
async def test_a_range_is_that_part(file: Path, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not known:
        monkeypatch.delattr(os, "RWF_NOWAIT", raising=False)
    reader = Reader(headers={"Range": "bytes=1000-3000000"})

    assert await reader.read(file, Turns()) == BYTES[1000:3000001]
    assert reader.status == 206


async def test_between_two_rounds_of_pieces_everything_else_has_its_turn(file: Path) -> None:
    turns, readers = Turns(), [Reader() for _ in range(8)]
    rounds: Counter[int] = Counter()
    now = 0

    async def others() -> None:
        nonlocal now
        while True:
            now += 1
            await asyncio.sleep(0)

    for reader in readers:
        reader.rounds, reader.round = rounds, lambda: now
    ticking = asyncio.create_task(others())
    found = await asyncio.gather(*(reader.read(file, turns) for reader in readers))
    ticking.cancel()

    assert found == [BYTES] * 8
    assert sum(rounds.values()) >= 8 * 6
    assert max(rounds.values()) <= 2 * file_answer._PIECES_A_ROUND, "a waiter's piece may fall into the round after"


async def test_a_reader_that_goes_leaves_its_turn_to_the_others(file: Path) -> None:
    turns, readers = Turns(), [Reader() for _ in range(8)]
    tasks = [asyncio.create_task(reader.read(file, turns)) for reader in readers]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()

    async with asyncio.timeout(20):
        found = await asyncio.gather(*tasks, return_exceptions=True)

    assert found[1::2] == [BYTES] * 4
    assert all(isinstance(one, asyncio.CancelledError) for one in found[::2])
