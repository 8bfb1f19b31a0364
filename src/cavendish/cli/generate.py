"""`cavendish generate "PROMPT"`: one picture from the shell, charged to the account `default`."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import click

from cavendish import bootstrap, clock
from cavendish import settings as configuration
from cavendish.application import observe
from cavendish.application.access import account as accounts
from cavendish.application.access import first_run
from cavendish.application.generations import own, validate, wait
from cavendish.application.generations import submit as submitting
from cavendish.application.generations.validate import Asked
from cavendish.application.services import Services
from cavendish.cli import common, data_option
from cavendish.errors import CavendishError
from cavendish.models import (
    RATIOS,
    SEED_MAX,
    Caller,
    FieldNames,
    Generation,
    Mode,
    Quality,
    State,
    Submission,
    public_model,
)
from cavendish.settings import Settings

_LOOK_SECONDS = 1.0  # should an announcement be lost
_NAMES = FieldNames(
    prompt="PROMPT",
    aspect_ratio="--ratio",
    image_quality="--quality",
    google_search="--search",
    input_images="--edit",
    seed="--seed",
    input_images_counted="--edit was given {} times",
    input_image="--edit number {number}",
)


@click.command()
@click.argument("prompt")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="File to write [default: the picture's own name]."
)
@click.option("--model", default="nano-banana-2", show_default=True, help="Public model name.")
@click.option("--quality", type=click.Choice([q.value for q in Quality]), default="1K", show_default=True)
@click.option("--ratio", type=click.Choice(RATIOS), default="16:9", show_default=True)
@click.option(
    "--edit",
    "urls",
    multiple=True,
    metavar="URL",
    help="Image to edit; may be given as often as the model takes images.",
)
@click.option("--search", is_flag=True, help="Enhance the prompt with facts found by a search.")
@click.option("--seed", type=click.IntRange(0, SEED_MAX), help="Repeatable pictures, where the engine can.")
@data_option
def generate(
    prompt: str, output: str | None, model: str, quality: str, ratio: str, urls: tuple[str, ...], search: bool,
    seed: int | None, data: str | None,
) -> None:  # fmt: skip
    """Make one picture of PROMPT and write it to a file."""
    asked = Asked(
        model=public_model(model),
        prompt=prompt,
        mode=Mode.EDIT if urls else Mode.GENERATE,
        aspect_ratio=ratio,
        image_quality=quality,
        google_search=search,
        input_image_urls=list(urls),
        seed=seed,
        names=_NAMES,
    )
    settings = configuration.load({"data": data})
    submission = validate.checked(asked, settings)
    common.run(lambda: _generate(settings, submission, output))


async def _generate(settings: Settings, submission: Submission, output: str | None) -> None:
    async with bootstrap.services(settings) as services:
        caller = await first_run.shell_caller(services)
        submitted = await submitting.submit(services, caller, submission)
        async with _some_worker(services):
            found = await _ended(services, caller, submitted.generation_id.hex)
        if found.state is State.FAILED or found.image is None:
            raise click.ClickException(f"{found.error} ({found.error_code}); {found.price} credits were returned")
        data = await services.storage.read(found.image.name)
        if data is None:
            raise click.ClickException("the picture is missing in the storage; run 'cavendish check'")
        target = Path(output or f"{found.id.hex[:12]}.{found.image.name.rsplit('.', 1)[1]}")
        target.write_bytes(data)
        await _report(services, caller, found, target)


async def _report(services: Services, caller: Caller, found: Generation, target: Path) -> None:
    assert found.image is not None
    account = await accounts.balance(services, caller)
    for warning in found.warnings:
        click.echo(f"note: {warning}", err=True)
    click.echo(
        f"{target}: {found.image.width}x{found.image.height} by {found.engine} ({found.engine_model});"
        f" {found.credits_charged} credits charged, {account.balance} left"
    )


@contextlib.asynccontextmanager
async def _some_worker(services: Services) -> AsyncIterator[None]:
    """Where no worker is alive, one in this process for as long as it is needed."""
    if await observe.is_worked(services):
        yield
        return
    from cavendish.processes import worker

    async with worker.worker_context(services) as context, worker.working(services, context):
        yield


async def _ended(services: Services, caller: Caller, generation_id: str) -> Generation:
    """Follow the generation with a progress bar until it is completed or failed."""
    watch, notifications = clock.Stopwatch(), services.notifications
    with (
        notifications.watch(generation_id) as change,
        click.progressbar(length=100, label="Generating", show_eta=False, show_percent=True) as bar,
    ):
        while True:
            change.clear()
            found = await own.find(services, caller, generation_id)
            bar.update(max(0, found.progress - bar.pos))
            if found.state.terminal:
                return found
            if watch.seconds > services.settings.deadline_seconds + services.settings.outage_seconds:
                raise CavendishError(f"generation {generation_id} did not end before its deadline")
            await wait.until_changed(change, min(notifications.patience_seconds, _LOOK_SECONDS))
