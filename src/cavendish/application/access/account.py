"""What an account may know of itself: its balance, keys, statement and use. Nothing here changes anything."""

from __future__ import annotations

from cavendish.application.services import Services
from cavendish.errors import NotFound
from cavendish.models import Caller
from cavendish.stores import accounts, ledger, rate_limits
from cavendish.stores import usage as usages
from cavendish.stores.accounts import Account, ApiKey
from cavendish.stores.rate_limits import Quota

_KEYS_PAGE = 1000


async def balance(services: Services, caller: Caller) -> Account:
    """The caller's account."""
    async with services.db.connection() as connection:
        return await accounts.get(connection, caller.account_id)


async def standing(services: Services, caller: Caller) -> tuple[Account, Quota]:
    """The caller's account, and where its key stands in its limits."""
    async with services.db.connection() as connection:
        account = await accounts.get(connection, caller.account_id)
        return account, await rate_limits.read(connection, caller.account_id, services.rate_limiter.budgets(caller))


async def named(services: Services, name: str) -> Account:
    """The account of this name. Raises NotFound."""
    async with services.db.connection() as connection:
        found = await accounts.find(connection, name)
    if found is None:
        raise NotFound(f"there is no account {name}")
    return found


async def keys(services: Services, caller: Caller, *, count: int) -> list[ApiKey]:
    """The account's keys: those that work first."""
    async with services.db.connection() as connection:
        return await accounts.keys_of(connection, caller.account_id, count=count)


async def all_keys(services: Services) -> list[ApiKey]:
    """Everybody's keys, oldest first."""
    found: list[ApiKey] = []
    async with services.db.connection() as connection:
        while page := await accounts.list_keys(connection, count=_KEYS_PAGE, offset=len(found)):
            found += page
    return found


async def movements(services: Services, caller: Caller, *, before: int | None, count: int) -> list[ledger.Row]:
    """Every credit that moved, newest first, behind the entry `before`."""
    async with services.db.connection() as connection:
        return await ledger.page(connection, caller.account_id, before=before, count=count)


async def statement(services: Services, account: Account, *, count: int) -> list[ledger.Entry]:
    """The newest entries first, each with the balance after it."""
    async with services.db.connection() as connection:
        return await ledger.statement(connection, account.id, count=count)


async def usage(services: Services, caller: Caller, *, days: int) -> list[usages.Usage]:
    """Generations and credits by day and quality."""
    async with services.db.connection() as connection:
        return await usages.of_account(connection, caller.account_id, days=days)
