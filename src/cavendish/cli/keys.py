"""`cavendish keys`: create, list, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cavendish.cli import common, data_option
from cavendish.errors import NotFound
from cavendish.models import RateLimit

if TYPE_CHECKING:
    from cavendish.application.access.administer import Revoked
    from cavendish.stores.accounts import ApiKey


@click.group()
def keys() -> None:
    """API keys."""


@keys.command()
@click.option("--account", required=True, help="The account's name; made where it is missing.")
@click.option(
    "--credits", "amount", type=click.IntRange(0, 10**12), default=0, help="Credits to grant, added each time."
)
@click.option("--limit", type=common.LimitType(), help="Generate calls, such as 100/hour [default: the service's].")
@click.option("--label", default="", help="A note for yourself.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
def create(account: str, amount: int, limit: RateLimit | None, label: str, as_json: bool, data: str | None) -> None:
    """Create a key. It is shown once."""
    from cavendish.application.access import administer

    async def work() -> ApiKey:
        async with common.services(data) as services:
            return await administer.make_key_for(
                services, administer.COMMAND_LINE, account, credits=amount, label=label, limit=limit
            )

    _check_name(account)
    key = common.run(work)
    if as_json:
        common.show_json({"key": key.secret, "keyId": key.id, "account": key.account})
        return
    click.echo(f"{key.secret}")
    click.echo(f"Key {key.id} of account {key.account}; it is not shown again.", err=True)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@data_option
def list_keys(as_json: bool, data: str | None) -> None:
    """List all keys."""
    from cavendish.application.access import account as accounts

    async def work() -> list[ApiKey]:
        async with common.services(data) as services:
            return await accounts.all_keys(services)

    rows = common.run(work)
    if as_json:
        common.show_json([_shown(key) for key in rows])
        return
    common.table(
        [tuple(_shown(key).values()) for key in rows],
        ("KEY ID", "ACCOUNT", "KEY", "LABEL", "LIMIT", "CREATED", "MADE WITH", "STATE"),
    )


@keys.command()
@click.argument("key_id")
@data_option
def revoke(key_id: str, data: str | None) -> None:
    """Revoke a key by its id, and the keys that were made with it; they stop working within a second."""
    from cavendish.application.access import administer

    async def work() -> Revoked:
        async with common.services(data) as services:
            return await administer.revoke_any_key(services, administer.COMMAND_LINE, key_id)

    try:
        revoked = common.run(work)
    except NotFound:
        raise click.ClickException(f"there is no key {key_id}; 'cavendish keys list' shows the ids") from None
    click.echo(f"Key {key_id} is revoked{f' ({revoked})' if str(revoked) else ''}.")


def _shown(key: ApiKey) -> dict[str, str]:
    return {
        "keyId": key.id,
        "account": key.account,
        "key": key.hint,
        "label": key.label,
        "limit": str(key.limit or "default"),
        "createdAt": key.created_at.isoformat(timespec="seconds"),
        "madeWith": key.made_with or "",
        "state": "revoked" if key.revoked_at else "active",
    }


def _check_name(account: str) -> None:
    if not account.strip() or len(account) > 100 or not account.isprintable():
        raise click.ClickException("an account's name has 1 to 100 visible characters")
