"""What `generate` and `generations fetch` share: follow an order to its end, and bring its picture home."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import sys
from collections.abc import AsyncIterator, Iterator

import click

from cavendish import clock
from cavendish.application import observe
from cavendish.application.generations import wait
from cavendish.application.services import Services
from cavendish.cli import picture_file
from cavendish.cli.picture_file import PictureFile
from cavendish.errors import CavendishError
from cavendish.models import Generation, State

_LOOK_SECONDS = 1.0  # should an announcement be lost


def later(generation_id: str, data: str | None) -> str:
    """The command that fetches this picture at any time."""
    return f"cavendish generations fetch {generation_id} -o FILE" + (f" --data {shlex.quote(data)}" if data else "")


@contextlib.contextmanager
def fetchable(generation_id: str, data: str | None) -> Iterator[None]:
    """Whatever ends the block, the order stands: say by which command its picture can be had later."""
    try:
        yield
    except (asyncio.CancelledError, KeyboardInterrupt):
        command = later(generation_id, data)
        click.echo(f"\nGeneration {generation_id} goes on; its picture comes with: {command}", err=True)
        raise
    except CavendishError as exc:
        raise click.ClickException(f"{exc}; the picture comes with: {later(generation_id, data)}") from exc


async def picture_into(services: Services, generation_id: str, target: PictureFile) -> tuple[Generation, PictureFile]:
    """Wait for the generation's end and write its picture; the generation, and where its picture is.

    Raises:
        ClickException: it failed, or there is no picture any more.
        CavendishError: not now; the picture, if there is one, can still be had.
    """
    async with _some_worker(services):
        found = await _ended(services, generation_id)
    if found.state is State.FAILED or found.image is None:
        raise click.ClickException(f"{found.error} ({found.error_code}); {found.price} credits were returned")
    if found.gone is not None:
        raise click.ClickException(f"the picture of generation {generation_id} was deleted")
    data = await services.storage.read(found.image.name)
    if data is None:
        raise CavendishError("the picture is missing in the storage; run 'cavendish check'")
    target = target.named(found.id.hex[:12], found.image.media_type)
    await picture_file.write(target, data, found.image.media_type)
    return found, target


def report(found: Generation, target: PictureFile, left: int | None = None) -> None:
    """Say what was written; on standard output, but where the picture went there.

    Args:
        left: Credits of the account, where they are known.
    """
    assert found.image is not None
    for warning in found.warnings:
        click.echo(f"note: {warning}", err=True)
    click.echo(
        f"{target}: {found.image.width}x{found.image.height} by {found.engine} ({found.engine_model});"
        f" {found.credits_charged} credits charged{'' if left is None else f', {left} left'}",
        err=target.standard_output,
    )


@contextlib.asynccontextmanager
async def _some_worker(services: Services) -> AsyncIterator[None]:
    """Where no worker is alive, one in this process for as long as it is needed."""
    if await observe.is_worked(services):
        yield
        return
    from cavendish.processes import worker

    async with worker.worker_context(services) as context, worker.working(services, context):
        try:
            yield
        except asyncio.CancelledError:
            seconds = round(services.settings.drain_seconds)
            click.echo(
                f"No worker runs but this one: what it draws gets {seconds} s to end, then goes back to the queue.",
                err=True,
            )
            raise


async def _ended(services: Services, generation_id: str) -> Generation:
    """Follow the generation with a progress bar until it is completed or failed."""
    watch, notifications = clock.Stopwatch(), services.notifications
    with (
        notifications.watch(generation_id) as change,
        click.progressbar(length=100, label="Generating", show_eta=False, show_percent=True, file=sys.stderr) as bar,
    ):
        while True:
            change.clear()
            found = await observe.find_generation(services, generation_id)
            bar.update(max(0, found.progress - bar.pos))
            if found.state.terminal:
                return found
            if watch.seconds > services.settings.deadline_seconds + services.settings.outage_seconds:
                raise CavendishError(f"generation {generation_id} did not end before its deadline")
            await wait.until_changed(change, min(notifications.patience_seconds, _LOOK_SECONDS))
