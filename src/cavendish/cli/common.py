"""What the database commands share."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import click
import orjson

from cavendish import bootstrap
from cavendish import settings as configuration
from cavendish.application.services import Services
from cavendish.db.pool import Database
from cavendish.errors import NotFound
from cavendish.models import RateLimit
from cavendish.processes import serving
from cavendish.settings import Settings, parsers
from cavendish.telemetry import logs, raised

Result = TypeVar("Result")


@contextlib.asynccontextmanager
async def database(data: str | None) -> AsyncIterator[Database]:
    """The database of this data directory, for what looks at it from outside: the checker, doctor, migrate."""
    async with bootstrap.database(configuration.load({"data": data})) as db:
        yield db


@contextlib.asynccontextmanager
async def services(data: str | None) -> AsyncIterator[Services]:
    """The services of this data directory, its database started for the command where nobody runs it."""
    async with bootstrap.administration(configuration.load({"data": data})) as found:
        yield found


def address(settings: Settings) -> str:
    """Where people find the service: its public URL, else where it runs now, else where it would."""
    running = serving.found(settings.data) if settings.public_url_assumed else None
    return running.url if running else settings.public_url


@contextlib.contextmanager
def known(account: str) -> Iterator[None]:
    """What the block does not find is this account; say so in the words of the command line."""
    try:
        yield
    except NotFound:
        raise click.ClickException(
            f"there is no account {account}; 'cavendish keys create --account {account}' makes it"
        ) from None


def run(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run a command's coroutine; on the terminal, only what is wrong is logged.

    Ctrl-C and SIGTERM cancel it, so that it ends in order: whoever is the last user of the embedded database stops it.
    A second one leaves at once. The exit code tells the signal, as a shell does: 130 or 143.
    """
    received: list[int] = []

    async def main() -> Result:
        raised.watch(asyncio.get_running_loop())
        _cancel_by_signals(received)
        return await work()

    logs.quieten()
    try:
        return asyncio.run(main())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise SystemExit(128 + next(iter(received), signal.SIGINT)) from None


def _cancel_by_signals(received: list[int]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def interrupted(number: int) -> None:
        received.append(number)
        if len(received) > 1:
            raise KeyboardInterrupt
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as a shell without job control starts what ends in &
            loop.add_signal_handler(number, interrupted, number)


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
            return parsers.limit(value)
        except ValueError as exc:
            self.fail(str(exc), param, ctx)
