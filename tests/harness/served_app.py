"""A real `cavendish serve` over a database of its own on the test run's server; accounts are made behind its back."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from cavendish.models import RateLimit
from cavendish.stores import accounts, ledger
from harness import databases
from harness.inprocess import Account
from harness.processes import Served, Starter

Result = TypeVar("Result")

WIDE = RateLimit(100_000, 3600)


@dataclass
class ServedApp:
    served: Served
    database_url: str

    @property
    def url(self) -> str:
        return self.served.url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def logged(self) -> str:
        return self.served.log.read_text(encoding="utf-8", errors="replace")

    def account(self, *, credits: int = 1000, limit: RateLimit | None = WIDE) -> Account:
        """A new account with one key."""

        async def make(connection: Any) -> Account:
            async with connection.transaction():
                owner = await accounts.ensure(connection, f"account-{secrets.token_hex(4)}")
                if credits:
                    await ledger.grant(connection, owner.id, credits, reason="test")
                key = await accounts.create_key(connection, owner, limit=limit)
            assert key.secret
            return Account(owner.id, owner.name, key.secret, key.id)

        return self._ask(make)

    def balance(self, account: Account) -> tuple[int, int]:
        """Balance and held."""

        async def read(connection: Any) -> tuple[int, int]:
            found = await accounts.get(connection, account.id)
            return found.balance, found.held

        return self._ask(read)

    def fetch(self, statement: str, *arguments: object) -> list[Any]:
        async def read(connection: Any) -> list[Any]:
            return list(await connection.fetch(statement, *arguments))

        return self._ask(read)

    def _ask(self, question: Callable[[Any], Awaitable[Result]]) -> Result:
        async def ask() -> Result:
            connection = await asyncpg.connect(self.database_url)
            try:
                return await question(connection)
            finally:
                await connection.close()

        return asyncio.run(ask())


@contextlib.contextmanager
def opened(
    server_url: str, template: str, root: Path, folder: Path, *arguments: str, **variables: str
) -> Iterator[ServedApp]:
    """Serve while the block runs."""
    name = f"cavendish_house_{secrets.token_hex(6)}"
    url = asyncio.run(databases.copy(server_url, template, name))
    starter = Starter(root, folder)
    try:
        settings = {"CAVENDISH_DATABASE_URL": url, "CAVENDISH_WAKE_SECONDS": "0.5", **variables}
        yield ServedApp(starter(*arguments, **settings), url)
    finally:
        starter.stop_all()
        asyncio.run(databases.drop(server_url, name))
