"""`cavendish keys`: create, list, revoke."""

from __future__ import annotations

import click

from cavendish.cli import common, data_option
from cavendish.models import RateLimit

_PAGE = 1000


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
    from cavendish.stores import accounts, audit, ledger

    async def work() -> accounts.ApiKey:
        async with common.database(data) as db, db.transaction() as transaction:
            owner = await accounts.ensure(transaction, account)
            if amount:
                await ledger.grant(transaction, owner.id, amount, reason="with a new key")
                await audit.write(
                    transaction, actor=audit.COMMAND_LINE, action="grant", subject=account, detail=f"{amount} credits"
                )
            made = await accounts.create_key(transaction, owner, limit=limit, label=label)
            await audit.write(
                transaction, actor=audit.COMMAND_LINE, action="key_created", subject=made.id, detail=label
            )
            return made

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
    from cavendish.stores import accounts

    async def work() -> list[accounts.ApiKey]:
        async with common.database(data) as db, db.connection() as connection:
            found: list[accounts.ApiKey] = []
            while page := await accounts.list_keys(connection, count=_PAGE, offset=len(found)):
                found += page
            return found

    rows = common.run(work)
    if as_json:
        common.show_json([_shown(key) for key in rows])
        return
    common.table(
        [tuple(_shown(key).values()) for key in rows],
        ("KEY ID", "ACCOUNT", "KEY", "LABEL", "LIMIT", "CREATED", "STATE"),
    )


@keys.command()
@click.argument("key_id")
@data_option
def revoke(key_id: str, data: str | None) -> None:
    """Revoke a key by its id; it stops working within a second."""
    from cavendish.stores import accounts, audit

    async def work() -> bool:
        async with common.database(data) as db, db.transaction() as transaction:
            found = await accounts.revoke_key(transaction, key_id)
            if found:
                await audit.write(transaction, actor=audit.COMMAND_LINE, action="key_revoked", subject=key_id)
            return found

    if not common.run(work):
        raise click.ClickException(f"there is no key {key_id}; 'cavendish keys list' shows the ids")
    click.echo(f"Key {key_id} is revoked.")


def _shown(key: object) -> dict[str, str]:
    from cavendish.stores.accounts import ApiKey

    assert isinstance(key, ApiKey)
    return {
        "keyId": key.id,
        "account": key.account,
        "key": key.hint,
        "label": key.label,
        "limit": str(key.limit or "default"),
        "createdAt": key.created_at.isoformat(timespec="seconds"),
        "state": "revoked" if key.revoked_at else "active",
    }


def _check_name(account: str) -> None:
    if not account.strip() or len(account) > 100 or not account.isprintable():
        raise click.ClickException("an account's name has 1 to 100 visible characters")
