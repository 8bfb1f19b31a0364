"""`cavendish credits`: grant, show, statement."""

from __future__ import annotations

import click

from cavendish.cli import common, data_option


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
    from cavendish.stores import accounts, audit, ledger

    async def work() -> int:
        async with common.database(data) as db, db.transaction() as transaction:
            owner = await _found(transaction, account)
            assert isinstance(owner, accounts.Account)
            detail = f"{amount} credits: {reason}"
            await audit.write(transaction, actor=audit.COMMAND_LINE, action="grant", subject=account, detail=detail)
            return await ledger.grant(transaction, owner.id, amount, reason=reason)

    click.echo(f"Account {account} has {common.run(work)} credits.")


@credits.command()
@click.argument("account")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@data_option
def show(account: str, as_json: bool, data: str | None) -> None:
    """Balance and held credits of ACCOUNT."""

    async def work() -> object:
        async with common.database(data) as db, db.connection() as connection:
            return await _found(connection, account)

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
    from cavendish.stores import ledger

    async def work() -> list[ledger.Entry]:
        async with common.database(data) as db, db.connection() as connection:
            owner = await _found(connection, account)
            return await ledger.statement(connection, owner.id, count=count)  # type: ignore[attr-defined]

    rows = [
        {
            "at": entry.created_at.isoformat(timespec="seconds"),
            "kind": entry.kind,
            "amount": entry.amount,
            "balance": entry.balance,
            "held": entry.held,
            "for": entry.generation_id.hex if entry.generation_id else entry.reason,
        }
        for entry in common.run(work)
    ]
    if as_json:
        common.show_json(rows)
        return
    common.table([tuple(row.values()) for row in rows], ("AT", "KIND", "AMOUNT", "BALANCE", "HELD", "FOR"))


async def _found(connection: object, name: str) -> object:
    from cavendish.stores import accounts

    account = await accounts.find(connection, name)  # type: ignore[arg-type]
    if account is None:
        raise click.ClickException(f"there is no account {name}; 'cavendish keys create --account {name}' makes it")
    return account
