"""The whole application in the test's own process: ASGI app, services, and a worker that can be started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from cavendish import bootstrap
from cavendish.application.services import Services
from cavendish.application.work import sweep
from cavendish.models import RateLimit
from cavendish.processes import worker as worker_main
from cavendish.settings import Settings
from cavendish.stores import accounts, ledger
from cavendish.web import app as web_app

PATH = "/api/nano-banana-2"
HOST = "cavendish.test"
ENDLESS = "/api/v1/events"  # whoever asks for it is answered for as long as they listen


@dataclass
class Account:
    id: int
    name: str
    key: str
    key_id: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@dataclass
class App:
    settings: Settings
    services: Services
    client: httpx2.AsyncClient
    _worker: contextlib.AsyncExitStack | None = field(default=None)
    _count: int = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def started(cls, settings: Settings) -> AsyncIterator[App]:
        async with bootstrap.services(settings) as services:
            transport = httpx2.ASGITransport(app=web_app.build(services), raise_app_exceptions=False)
            async with httpx2.AsyncClient(transport=transport, base_url=settings.public_url, timeout=30) as client:
                app = cls(settings, services, client)
                try:
                    yield app
                finally:
                    await app.stop_worker()

    async def account(self, *, credits: int = 1000, limit: RateLimit | None = RateLimit(100_000, 3600)) -> Account:
        """A new account with one key; a wide limit unless the test is about limits (None: the service's default)."""
        self._count += 1
        async with self.services.db.transaction() as transaction:
            owner = await accounts.ensure(transaction, f"account-{self._count}")
            if credits:
                await ledger.grant(transaction, owner.id, credits, reason="test")
            key = await accounts.create_key(transaction, owner, limit=limit)
        assert key.secret
        return Account(owner.id, owner.name, key.secret, key.id)

    async def generate(
        self, account: Account, *, path: str = PATH, headers: Any = None, **fields: Any
    ) -> httpx2.Response:
        body = {"prompt": "a test", "mode": "generate", **fields}
        return await self.post(f"{path}/generate", body, account, headers=headers)

    async def submit(self, account: Account, **fields: Any) -> str:
        """The generationId of a submission that must succeed."""
        answer = await self.generate(account, **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["generationId"])

    async def check(self, account: Account, generation_id: str, *, path: str = PATH) -> httpx2.Response:
        return await self.post(f"{path}/check-status", {"generationId": generation_id}, account)

    async def post(
        self, path: str, body: Any, account: Account | None = None, *, headers: Any = None
    ) -> httpx2.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {"Content-Type": "application/json", **(account.headers if account else {}), **(headers or {})}
        return await self.client.post(path, content=content, headers=sent)

    async def begun(self, method: str, path: str, headers: Any, body: Any = None) -> tuple[int, dict[str, str]]:
        """How an answer begins, status and headers, for somebody who then hangs up."""
        start: dict[str, Any] = {}
        gone = asyncio.Event()
        unsent = [] if body is None else [orjson.dumps(body)]

        async def receive() -> dict[str, Any]:
            if unsent:
                return {"type": "http.request", "body": unsent.pop()}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            start.update(message if message["type"] == "http.response.start" else {})
            gone.set()

        sent = [(name.lower().encode(), value.encode()) for name, value in {"host": HOST, **headers}.items()]
        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
                 "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": sent,
                 "client": ("127.0.0.1", 1), "server": (HOST, 80)}  # fmt: skip
        async with asyncio.timeout(20):
            await self.client._transport.app(scope, receive, send)  # type: ignore[attr-defined]
        return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}

    async def ended(self, account: Account, generation_id: str, *, seconds: float = 20) -> dict[str, Any]:
        """Poll until the generation is completed or failed."""
        async with asyncio.timeout(seconds):
            while True:
                answer = (await self.check(account, generation_id)).json()
                if answer["status"] in ("completed", "failed"):
                    return answer
                await asyncio.sleep(0.02)

    async def balance(self, account: Account) -> tuple[int, int]:
        """Balance and held."""
        async with self.services.db.connection() as connection:
            found = await accounts.get(connection, account.id)
        return found.balance, found.held

    async def row(self, generation_id: str) -> Any:
        return await self.services.db.fetchrow(
            "SELECT * FROM cavendish.generations WHERE id = $1", uuid.UUID(hex=generation_id)
        )

    async def entries(self, generation_id: str) -> list[str]:
        """The kinds of this generation's ledger entries, in order."""
        rows = await self.services.db.fetch(
            "SELECT kind FROM cavendish.ledger WHERE generation_id = $1 ORDER BY id", uuid.UUID(hex=generation_id)
        )
        return [row["kind"] for row in rows]

    async def shift_clock(self, interval: str) -> None:
        """Move `cavendish_now()` for every later session of this database."""
        name = await self.services.db.fetchval("SELECT current_database()")
        await self.services.db.fetchval(f"ALTER DATABASE \"{name}\" SET cavendish.clock_offset = '{interval}'")
        await self.services.db.pool.expire_connections()

    async def sweep(self) -> None:
        await sweep.once(self.services)

    async def start_worker(self) -> None:
        stack = contextlib.AsyncExitStack()
        context = await stack.enter_async_context(worker_main.worker_context(self.services))
        runner = worker_main._runner(self.settings, self.services.db, context)
        board, running = asyncio.create_task(context.board.run()), asyncio.create_task(runner.run())

        async def stop() -> None:
            await runner.stop(drain_seconds=0.2)
            await asyncio.wait({running}, timeout=10)
            board.cancel()

        stack.push_async_callback(stop)
        self._worker = stack

    async def stop_worker(self) -> None:
        if self._worker is not None:
            await self._worker.aclose()
            self._worker = None
