"""What the database commands share."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import click
import orjson

from cavendish import bootstrap
from cavendish import settings as configuration
from cavendish.db.pool import Database
from cavendish.models import RateLimit
from cavendish.telemetry import logs


@contextlib.asynccontextmanager
async def database(data: str | None) -> AsyncIterator[Database]:
    """The database of this data directory, started for the command where nobody runs it."""
    async with bootstrap.database(configuration.load({"data": data})) as db:
        yield db


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run a command's coroutine; on the terminal, only what is wrong is logged."""

    async def main() -> Any:
        return await work()

    logs.quieten()
    # An ordered end, as for ctrl-C: whoever is the last user of the embedded database stops it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return asyncio.run(main())


def show_json(content: Any) -> None:
    click.echo(orjson.dumps(content).decode())


def table(rows: list[tuple[Any, ...]], headings: tuple[str, ...]) -> None:
    """Columns as wide as their content."""
    texts = [headings, *[tuple(str(cell) for cell in row) for row in rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(headings))]
    for row in texts:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


class LimitType(click.ParamType[RateLimit]):
    """`100/hour`."""

    name = "limit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> RateLimit:
        if isinstance(value, RateLimit):
            return value
        try:
            return configuration.parse_limit(value)
        except ValueError as exc:
            self.fail(str(exc), param, ctx)
