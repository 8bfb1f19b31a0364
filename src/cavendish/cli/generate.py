"""`cavendish generate "PROMPT"`: one picture from the shell, charged to the account `default`."""

from __future__ import annotations

import asyncio

import click

from cavendish import bootstrap
from cavendish import settings as configuration
from cavendish.application.access import account as accounts
from cavendish.application.access import first_run
from cavendish.application.generations import submit as submitting
from cavendish.application.generations import validate
from cavendish.application.generations.validate import Asked
from cavendish.application.services import Services
from cavendish.cli import common, data_option, following, picture_file
from cavendish.cli.picture_file import PictureFile
from cavendish.models import LABELS, RATIOS, SEED_MAX, Caller, FieldNames, Mode, Quality, Submission, public_model
from cavendish.settings import Settings

_NAMES = FieldNames(
    prompt="PROMPT",
    aspect_ratio="--ratio",
    image_quality="--quality",
    google_search="--search",
    input_images="--edit",
    seed="--seed",
    label="--label",
    input_images_counted="--edit was given {} times",
    input_image="--edit number {number}",
)


@click.command()
@click.argument("prompt")
@picture_file.options
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
@click.option("--label", type=click.Choice(LABELS), help="Draw the letters AI in a corner, for people to see.")
@data_option
def generate(
    prompt: str, output: str | None, force: bool, model: str, quality: str, ratio: str, urls: tuple[str, ...],
    search: bool, seed: int | None, label: str | None, data: str | None,
) -> None:  # fmt: skip
    """Make one picture of PROMPT and write it to a file."""
    target = picture_file.judged(output, force=force)
    asked = Asked(
        model=public_model(model),
        prompt=prompt,
        mode=Mode.EDIT if urls else Mode.GENERATE,
        aspect_ratio=ratio,
        image_quality=quality,
        google_search=search,
        input_image_urls=list(urls),
        seed=seed,
        label=label,
        names=_NAMES,
    )
    settings = configuration.load({"data": data})
    submission = validate.checked(asked, settings, address=common.address(settings))
    common.run(lambda: _generate(settings, submission, target, data))


async def _generate(settings: Settings, submission: Submission, target: PictureFile, data: str | None) -> None:
    async with bootstrap.services(settings) as services:
        caller = await first_run.shell_caller(services)
        generation_id = await _ordered(services, caller, submission, data)
        with following.fetchable(generation_id, data):
            found, written = await following.picture_into(services, generation_id, target)
            account = await accounts.balance(services, caller)
            following.report(found, written, account.balance)


async def _ordered(services: Services, caller: Caller, submission: Submission, data: str | None) -> str:
    """Order the picture and say by which id: from then on it is paid for, whatever becomes of this command."""
    ordering = asyncio.ensure_future(submitting.submit(services, caller, submission))
    try:
        await asyncio.shield(ordering)
    finally:
        # An interrupted call was taken or was not, and only its answer tells: it comes in seconds, or fails.
        submitted = await ordering
        generation_id = submitted.generation_id.hex
        click.echo(f"Generation {generation_id} is ordered, and {submitted.price} credits are held.", err=True)
        click.echo(f"Should this end early, its picture comes with: {following.later(generation_id, data)}", err=True)
    return generation_id
