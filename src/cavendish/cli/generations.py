"""`cavendish generations`: list, show, fetch, cancel. The command line is the operator's: it sees everybody's."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
import orjson

from cavendish import bootstrap
from cavendish import settings as configuration
from cavendish.cli import common, data_option, following, picture_file
from cavendish.errors import NotFound
from cavendish.models import State

if TYPE_CHECKING:
    from cavendish.models import Generation
    from cavendish.stores.generation_lists import GenerationSummary

_PROMPT_CHARACTERS = 40  # of a line in a list
_COUNT_MAX = 1000
_OPERATOR = 0  # who looks: no account


@click.group()
def generations() -> None:
    """Generations of all accounts, and their pictures."""


@generations.command("list")
@click.option("--account", help="Of this account only.")
@click.option("--status", type=click.Choice([state.value for state in State]), help="Only these.")
@click.option("--count", type=click.IntRange(1, _COUNT_MAX), default=20, show_default=True, help="Newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@data_option
def list_generations(account: str | None, status: str | None, count: int, as_json: bool, data: str | None) -> None:
    """List generations, newest first."""
    from cavendish.application import observe

    async def work() -> list[GenerationSummary]:
        async with common.services(data) as services:
            found: list[GenerationSummary] = []
            last: uuid.UUID | None = None
            while True:
                page = await observe.list_generations(
                    services, _OPERATOR, state=status, account=account, text=None, after=last, count=count - len(found)
                )
                found += page.found
                last = page.last
                if last is None or len(found) == count:
                    return found

    lines = [_line(found) for found in common.run(work)]
    if as_json:
        common.show_json(lines)
        return
    for line in lines:
        line["prompt"] = _printable(line["prompt"], _PROMPT_CHARACTERS)
    common.table(
        [tuple(line.values()) for line in lines],
        ("GENERATION ID", "ACCOUNT", "STATUS", "%", "ENGINE", "QUALITY", "CHARGED", "CREATED", "PROMPT"),
    )


@generations.command()
@click.argument("generation_id")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, as the API shows it.")
@data_option
def show(generation_id: str, as_json: bool, data: str | None) -> None:
    """Show one generation, whole."""
    from cavendish.application import observe
    from cavendish.web.api import generations as api

    async def work() -> dict[str, Any]:
        async with common.services(data) as services:
            found = await observe.find_generation(services, generation_id)
            shown: dict[str, Any] = orjson.loads(orjson.dumps(api.shown(found, common.address(services.settings))))
            return shown

    with _known(generation_id):
        content = common.run(work)
    if as_json:
        common.show_json(content)
        return
    for name, value in content.items():
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        click.echo(f"{name}: {_printable(text)}")


@generations.command()
@click.argument("generation_id")
@picture_file.options
@data_option
def fetch(generation_id: str, output: str | None, force: bool, data: str | None) -> None:
    """Write the picture of a generation to a file, waiting for its end where it is still being made."""
    from cavendish.application import observe

    target = picture_file.judged(output, force=force)

    async def work() -> None:
        async with bootstrap.services(configuration.load({"data": data})) as services:
            await observe.find_generation(services, generation_id)
            with following.fetchable(generation_id, data):
                found, written = await following.picture_into(services, generation_id, target)
            following.report(found, written)

    with _known(generation_id):
        common.run(work)


@generations.command()
@click.argument("generation_id")
@data_option
def cancel(generation_id: str, data: str | None) -> None:
    """Cancel a generation that has not ended, and give its credits back; say why where it is too late."""
    from cavendish.application.generations import cancel as use_case

    async def work() -> Generation:
        async with common.services(data) as services:
            return await use_case.cancel_anybodys(services, generation_id)

    with _known(generation_id):
        found = common.run(work)
    click.echo(f"{found.id.hex} is cancelled; {found.price} credits were returned")


@contextlib.contextmanager
def _known(generation_id: str) -> Iterator[None]:
    """What the block does not find is this generation; say so in the words of the command line."""
    try:
        yield
    except NotFound:
        raise click.ClickException(
            f"there is no generation {_printable(generation_id)}; 'cavendish generations list' shows the ids"
        ) from None


def _line(found: GenerationSummary) -> dict[str, Any]:
    return {
        "generationId": found.id.hex,
        "account": found.account,
        "status": found.state,
        "progress": found.progress,
        "engine": found.engine,
        "imageQuality": found.image_quality,
        "creditsCharged": found.credits_charged or 0,
        "createdAt": found.created_at.isoformat(timespec="seconds"),
        "prompt": found.prompt,
    }


def _printable(text: str, characters_max: int | None = None) -> str:
    """Callers write prompts, and a terminal does what it is told: no control character reaches it."""
    cut = text if characters_max is None or len(text) <= characters_max else f"{text[: characters_max - 1]}…"
    return "".join(character if character.isprintable() else "�" for character in cut)
