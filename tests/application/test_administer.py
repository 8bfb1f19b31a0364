"""Accounts, keys and credits: made in one place, and never without a line in the audit trail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from cavendish.application.access import account as own_account
from cavendish.application.access import administer, first_run
from cavendish.application.access.administer import COMMAND_LINE
from cavendish.application.services import Services
from cavendish.errors import Forbidden, InvalidInput, NotFound
from cavendish.models import Caller, RateLimit
from cavendish.stores import audit
from harness.inprocess import Account, App

pytestmark = pytest.mark.anyio

Make = Callable[[Services, Caller], Awaitable[object]]


def person(owner: Account) -> Caller:
    return Caller(owner.id, owner.name, owner.key_id, None, session=True)


MAKERS: dict[str, Make] = {
    "a person": lambda services, caller: administer.make_key(services, caller, label="phone", limit=None),
    "the command line": lambda services, caller: administer.make_key_for(services, COMMAND_LINE, "design"),
    "the first run": lambda services, caller: first_run.first_key(services),
    "a picture from the shell": lambda services, caller: first_run.shell_caller(services),
}


@pytest.mark.parametrize("maker", MAKERS)
async def test_every_key_that_is_made_is_in_the_trail(app: App, maker: str) -> None:
    caller = COMMAND_LINE if maker == "the first run" else person(await app.account(credits=5))
    before = await keys(app)

    await MAKERS[maker](app.services, caller)

    [made] = await keys(app) - before
    async with app.services.db.connection() as connection:
        entries = await audit.page(connection, before=None, count=50)
    assert [entry.subject for entry in entries if entry.action == "key_created"][:1] == [made]


async def keys(app: App) -> set[str]:
    return {row["id"] for row in await app.services.db.fetch("SELECT id FROM cavendish.api_keys")}


async def test_a_key_without_its_line_in_the_trail_is_not_made(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, before = await app.account(), await keys(app)

    async def full(*_: object, **__: object) -> None:
        raise OSError("no room for the trail")

    monkeypatch.setattr(audit, "write", full)
    with pytest.raises(Exception, match="no room"):
        await administer.make_key(app.services, person(owner), label="x", limit=None)

    assert await keys(app) == before


async def test_the_first_run_and_the_shell_make_one_account_with_its_credits_once(app: App) -> None:

    first = await first_run.shell_caller(app.services)
    again = await first_run.shell_caller(app.services)

    assert (first.account_id, first.key_id) == (again.account_id, again.key_id)
    assert await first_run.first_key(app.services) is None
    owner = await own_account.named(app.services, first_run.ACCOUNT)
    assert (owner.balance, owner.operator) == (first_run.FIRST_CREDITS, True)
    async with app.services.db.connection() as connection:
        trail = [entry.action for entry in await audit.page(connection, before=None, count=50)]
    assert trail == ["key_created", "grant", "operator_changed", "account_created"]


async def test_an_account_made_by_the_shell_beside_others_does_not_manage_the_service(app: App) -> None:
    await app.account()

    await first_run.shell_caller(app.services)

    assert not (await own_account.named(app.services, first_run.ACCOUNT)).operator


async def test_a_key_of_somebody_else_that_has_the_shells_label_is_not_taken(app: App) -> None:
    await administer.make_key_for(app.services, COMMAND_LINE, "design", label="command line")

    caller = await first_run.shell_caller(app.services)

    row = await app.services.db.fetchrow("SELECT account_id FROM cavendish.api_keys WHERE id = $1", caller.key_id)
    assert row is not None
    assert row["account_id"] == caller.account_id


async def test_nobody_lifts_their_own_limit_but_the_command_line_may(app: App) -> None:
    owner = await app.account()
    loose = RateLimit(1_000_000, 1)

    with pytest.raises(InvalidInput, match="at most"):
        await administer.make_key(app.services, person(owner), label="", limit=loose)

    assert (await administer.make_key_for(app.services, COMMAND_LINE, "design", limit=loose)).limit == loose


async def test_what_is_not_there_is_told_and_leaves_no_line(app: App) -> None:
    with pytest.raises(NotFound):
        await administer.grant(app.services, COMMAND_LINE, "nobody", 5, reason="x")
    with pytest.raises(NotFound):
        await administer.revoke_any_key(app.services, COMMAND_LINE, "nothing")

    assert await app.services.db.fetchval("SELECT count(*) FROM cavendish.audit WHERE subject = 'nobody'") == 0


async def test_only_operators_pass_for_operators() -> None:
    assert administer.need_operator(COMMAND_LINE) is COMMAND_LINE
    with pytest.raises(Forbidden):
        administer.need_operator(Caller(1, "somebody", "key", None, session=True))


async def test_an_account_that_several_make_at_once_is_told_once(app: App) -> None:
    await asyncio.gather(*(administer.make_key_for(app.services, COMMAND_LINE, "new", credits=5) for _ in range(4)))

    owner = await own_account.named(app.services, "new")
    assert owner.balance == 20
    told = "SELECT count(*) FROM cavendish.audit WHERE action = 'account_created' AND subject = 'new'"
    assert await app.services.db.fetchval(told) == 1
