"""`cavendish credits`: grant, show, statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cavendish.cli import common, data_option

if TYPE_CHECKING:
    from cavendish.stores.accounts import Account
    from cavendish.stores.ledger import Entry


@click.group()
def credits() -> None:
    """Credits of accounts."""


@credits.command()
@click.argument("account")
@click.argument("amount", type=click.IntRange(1, 10**12))
@click.option("--reason", default="granted by the operator", help="Stands in the statement.")
@data_option
def grant(account: str, amount: int, reason: str, data: str | None) -> None:
    """Add AMOUNT credits to ACCOUNT."""
    from cavendish.application.access import administer

    async def work() -> int:
        async with common.services(data) as services:
            return await administer.grant(services, administer.COMMAND_LINE, account, amount, reason=reason)

    with common.known(account):
        balance = common.run(work)
    click.echo(f"Account {account} has {balance} credits.")


@credits.command()
@click.argument("account")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
def show(account: str, as_json: bool, data: str | None) -> None:
    """Balance and held credits of ACCOUNT."""
    from cavendish.application.access import account as accounts

    async def work() -> Account:
        async with common.services(data) as services:
            return await accounts.named(services, account)

    with common.known(account):
        owner = common.run(work)
    if as_json:
        common.show_json({"account": owner.name, "balance": owner.balance, "held": owner.held})
        return
    click.echo(f"Account {owner.name}: {owner.balance} credits, and {owner.held} held for running generations.")


@credits.command()
@click.argument("account")
@click.option("--count", type=click.IntRange(1, 10_000), default=50, help="Entries, newest first [default: 50].")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@data_option
def statement(account: str, count: int, as_json: bool, data: str | None) -> None:
    """Every credit that moved, newest first."""
    from cavendish.application.access import account as accounts

    async def work() -> list[Entry]:
        async with common.services(data) as services:
            return await accounts.statement(services, await accounts.named(services, account), count=count)

    with common.known(account):
        entries = common.run(work)
    rows = [_shown(entry) for entry in entries]
    if as_json:
        common.show_json(rows)
        return
    common.table([tuple(row.values()) for row in rows], ("AT", "KIND", "AMOUNT", "BALANCE", "HELD", "FOR"))


def _shown(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.created_at.isoformat(timespec="seconds"),
        "kind": entry.kind,
        "amount": entry.amount,
        "balance": entry.balance,
        "held": entry.held,
        "for": entry.generation_id.hex if entry.generation_id else entry.reason,
    }
