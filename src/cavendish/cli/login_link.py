"""`cavendish login-link`: let a person into the pages without a key."""

from __future__ import annotations

import click

from cavendish.cli import common, data_option
from cavendish.errors import NotFound

_MINUTES_MAX = 7 * 24 * 60


@click.command("login-link")
@click.argument("account")
@click.option(
    "--minutes",
    type=click.IntRange(1, _MINUTES_MAX),
    help="How long it works [default: the setting login_link_seconds, 15 minutes].",
)
@click.option("--operator/--no-operator", default=None, help="Also let the account manage the service, or no longer.")
@data_option
def login_link(account: str, minutes: int | None, operator: bool | None, data: str | None) -> None:
    """Print a link that signs a person in to ACCOUNT, once."""
    from cavendish.application.access import administer, sign_in

    async def work() -> str:
        async with common.services(data) as services:
            seconds = minutes * 60.0 if minutes else None
            return await sign_in.link(
                services,
                administer.COMMAND_LINE,
                account,
                address=common.address(services.settings),
                seconds=seconds,
                may_manage=operator,
            )

    try:
        click.echo(common.run(work))
    except NotFound:
        raise click.ClickException(
            f"there is no account {account!r}; make it with: cavendish keys create --account {account}"
        ) from None
