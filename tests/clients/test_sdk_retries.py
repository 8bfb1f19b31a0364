"""The real openai SDK through a line that breaks at every stage: whatever it repeats, each call is held once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from harness import served_app
from harness.served_app import ServedApp

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
CALLS = int(os.environ.get("CAVENDISH_TEST_CUT_CALLS", "120"))
AT_ONCE = 8
TRIES = 12
STAGES = ("connect", "request", "asked", "answer", "whole")  # where the line breaks; the last does not


@pytest.fixture(scope="module")
def server(server_url: str, template: str, tmp_path_factory: Any) -> Iterator[ServedApp]:
    folder = tmp_path_factory.mktemp("retries")
    with served_app.opened(server_url, template, ROOT, folder, CAVENDISH_ROUTES="nano-banana-2=script") as opened:
        yield opened


class Line:
    """A way to the server that breaks by chance; what it forwarded is counted by the stage at which it broke."""

    def __init__(self, port: int, seed: int) -> None:
        self._port = port
        self._chance = random.Random(seed)
        self.broken: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[str]:
        listening = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        finally:
            listening.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage = self._chance.choice(STAGES)
        self.broken[stage] += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if stage != "connect":
                await self._forward(stage, reader, writer)
        writer.transport.abort() if stage != "whole" else writer.close()

    async def _forward(self, stage: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        request = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + await reader.readexactly(length)
        to, out = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            out.write(request[: len(request) // 2] if stage == "request" else request)
            await out.drain()
            if stage == "request":
                return
            if stage == "asked":  # the order is taken, and nobody hears of it
                await asyncio.sleep(self._chance.random() * 0.1)
                return
            answer = await to.read()
            writer.write(answer[: len(answer) // 2] if stage == "answer" else answer)
            await writer.drain()
        finally:
            out.close()


async def test_an_sdk_that_repeats_its_calls_pays_each_once(server: ServedApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai.AsyncOpenAI, "_calculate_retry_timeout", lambda *_, **__: 0.02)
    account = await asyncio.to_thread(server.account, credits=100_000)
    line, turns = Line(urlsplit(server.url).port or 0, seed=3), asyncio.Semaphore(AT_ONCE)
    ended: Counter[str] = Counter()

    async def call(client: openai.AsyncOpenAI, number: int) -> None:
        async with turns:
            try:
                answer = await client.images.generate(prompt=f"call {number}", model="gpt-image-1")
            except openai.APIConnectionError:
                ended["given up"] += 1
                return
        assert answer.data and answer.data[0].b64_json
        ended["made"] += 1

    async with line.opened() as url, openai.AsyncOpenAI(api_key=account.key, base_url=url, max_retries=TRIES) as client:
        await asyncio.gather(*(call(client, number) for number in range(CALLS)))

    holds = await asyncio.to_thread(
        server.fetch,
        "SELECT g.prompt, count(*) AS holds FROM cavendish.generations g JOIN cavendish.ledger l ON l.generation_id = g.id"
        " WHERE l.kind = 'hold' AND g.account_id = $1 GROUP BY g.prompt",
        account.id,
    )
    assert all(line.broken[stage] >= CALLS // 10 for stage in STAGES), line.broken
    assert ended["made"] > CALLS * 0.8
    assert [row["prompt"] for row in holds if row["holds"] != 1] == []
    assert ended["made"] <= len(holds) <= CALLS
