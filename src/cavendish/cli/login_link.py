"""`cavendish login-link`: let a person into the pages without a key."""

from __future__ import annotations

import click

from cavendish.cli import common, data_option

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
    from cavendish import settings as configuration
    from cavendish.application.access import sign_in
    from cavendish.stores import accounts, audit

    async def work() -> str:
        settings = configuration.load({"data": data})
        async with common.database(data) as db, db.transaction() as transaction:
            owner = await accounts.find(transaction, account)
            if owner is None:
                raise click.ClickException(
                    f"there is no account {account!r}; make it with: cavendish keys create --account {account}"
                )
            if operator is not None:
                await sign_in.set_operator(transaction, owner, operator, actor=audit.COMMAND_LINE)
            seconds = minutes * 60.0 if minutes else None
            return await sign_in.link(transaction, settings, owner, actor=audit.COMMAND_LINE, seconds=seconds)

    click.echo(common.run(work))
