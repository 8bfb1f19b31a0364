"""`cavendish marks`: the keys of the marks that pictures carry."""

from __future__ import annotations

import click

from cavendish.cli import common, data_option


@click.group()
def marks() -> None:
    """What pictures say of themselves."""


@marks.command()
@data_option
def rotate(data: str | None) -> None:
    """Make a new certificate and a new key for watermarks; what was marked before stays valid and is still found."""

    async def work() -> str:
        async with common.services(data) as services:
            return await services.keys.renew()

    click.echo(common.run(work))
