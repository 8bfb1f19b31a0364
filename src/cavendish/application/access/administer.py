"""Keys, credits and accounts as people manage them: each change with its line in the audit trail."""

from __future__ import annotations

from cavendish.db.pool import Connection
from cavendish.errors import InvalidInput, NotFound
from cavendish.models import Caller, RateLimit
from cavendish.stores import accounts, audit, ledger
from cavendish.stores.accounts import Account, ApiKey

KEYS_MAX = 200  # of one account that work at a time
_TOO_LOOSE = "limit is not valid: at most {most}; an operator can allow more"
_NO_KEY = "This account has no such key that works; GET /api/v1/keys lists them"


async def make_key(
    connection: Connection, caller: Caller, *, label: str, limit: RateLimit | None, most: RateLimit
) -> ApiKey:
    """A new key of the caller's account. Raises InvalidInput where there are too many, or its limit is looser."""
    limit = _allowed(caller, limit, most)
    owner = await accounts.get(connection, caller.account_id)
    known = await accounts.keys_of(connection, owner.id, count=KEYS_MAX)
    if sum(key.revoked_at is None for key in known) >= KEYS_MAX:
        raise InvalidInput(f"This account has {KEYS_MAX} keys already; revoke one first")
    key = await accounts.create_key(connection, owner, limit=limit, label=label)
    await audit.write(connection, actor=caller.account, action="key_created", subject=key.id, detail=label)
    return key


async def change_key(
    connection: Connection, caller: Caller, key_id: str, *, label: str, limit: RateLimit | None, most: RateLimit
) -> None:
    """Another label and limit. Raises NotFound, and InvalidInput where the limit is looser than the caller's own."""
    limit = _allowed(caller, limit, most)
    if not await accounts.change_key(connection, caller.account_id, key_id, label=label, limit=limit):
        raise NotFound(_NO_KEY)
    detail = f"limit {limit}" if limit else "the service's own limit"
    await audit.write(connection, actor=caller.account, action="key_changed", subject=key_id, detail=detail)


def _allowed(caller: Caller, limit: RateLimit | None, most: RateLimit) -> RateLimit | None:
    """The limit, unless it would let an account lift what an operator set: that of the caller's key, or `most`."""
    bound = caller.limit or most
    wanted = limit or most
    if caller.operator or (
        wanted.count <= bound.count and wanted.count * bound.seconds <= bound.count * wanted.seconds
    ):
        return limit
    raise InvalidInput(_TOO_LOOSE.format(most=bound))


async def revoke_key(connection: Connection, caller: Caller, key_id: str) -> None:
    """Raises NotFound."""
    if not await accounts.revoke_own_key(connection, caller.account_id, key_id):
        raise NotFound(_NO_KEY)
    await audit.write(connection, actor=caller.account, action="key_revoked", subject=key_id)


async def make_account(connection: Connection, caller: Caller, name: str) -> Account:
    """Raises InvalidInput where there is one of this name."""
    if await accounts.find(connection, name) is not None:
        raise InvalidInput(f"There is an account {name!r} already; choose another name")
    made = await accounts.ensure(connection, name)
    await audit.write(connection, actor=caller.account, action="account_created", subject=name)
    return made


async def grant(connection: Connection, caller: Caller, name: str, amount: int, *, reason: str) -> int:
    """The account's new balance. Raises NotFound."""
    owner = await account(connection, name)
    balance = await ledger.grant(connection, owner.id, amount, reason=reason)
    detail = f"{amount} credits" + (f": {reason}" if reason else "")
    await audit.write(connection, actor=caller.account, action="grant", subject=name, detail=detail)
    return balance


async def account(connection: Connection, name: str) -> Account:
    """The account of this name. Raises NotFound."""
    found = await accounts.find(connection, name)
    if found is None:
        raise NotFound(f"There is no account {name[:60]!r}; GET /api/v1/operator/accounts lists them")
    return found
