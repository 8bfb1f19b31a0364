"""Accounts, keys and credits as people manage them: each change with its line in the audit trail, or neither.

An operator may do it for any account; everybody else for their own. The command line is an operator: whoever may open
the database may manage what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.errors import Forbidden, InvalidInput, LoginRequired, NotFound
from cavendish.models import Caller, RateLimit
from cavendish.stores import accounts, audit, ledger, sessions
from cavendish.stores.accounts import Account, ApiKey, OwnLimit

KEYS_MAX = 200  # of one account that work at a time
COMMAND_LINE = Caller(account_id=0, account=audit.COMMAND_LINE, key_id="", limit=None, operator=True)

_TOO_LOOSE = "limit is not valid: at most {most}; an operator can allow more"
_LINEAGE_MAX = 5  # keys made with keys made with keys: deeper is nobody's wish, and every limit on the way is counted
_TOO_DEEP = f"This key was made with keys that others had made, {_LINEAGE_MAX} deep; sign in with one of those"
ENDED = "Authentication failed: this key, or one that it was made with, has just been revoked"
_NO_KEY = "This account has no such key that works; GET /api/v1/keys lists them"


@dataclass(frozen=True, slots=True)
class Revoked:
    """What a revocation ended: the key and the keys made with it, and the sessions of all of them."""

    keys: int
    sessions: int

    def __str__(self) -> str:
        """Beside the key itself."""
        keys = {1: ""}.get(self.keys, f"{self.keys - 1} made with it")
        signed_in = f"{self.sessions} signed in" if self.sessions else ""
        return ", ".join(filter(None, (keys, signed_in)))


async def make_key(services: Services, caller: Caller, *, label: str, limit: RateLimit | None) -> ApiKey:
    """A new key of the caller's own account, which falls with the caller's.

    Raises:
        InvalidInput: there are too many, or its limit is looser than the caller's.
        LoginRequired: the caller's own key was revoked a moment ago.
    """
    _fits(services, caller, limit)
    if len(caller.lineage) > _LINEAGE_MAX:
        raise InvalidInput(_TOO_DEEP)
    async with services.db.transaction() as transaction:
        if not await accounts.hold_working(transaction, caller.lineage):
            raise LoginRequired(ENDED)
        owner = await accounts.get(transaction, caller.account_id)
        known = await accounts.keys_of(transaction, owner.id, count=KEYS_MAX)
        if sum(key.revoked_at is None for key in known) >= KEYS_MAX:
            raise InvalidInput(f"This account has {KEYS_MAX} keys already; revoke one first")
        return await add_key(transaction, caller, owner, label=label, limit=limit)


async def make_key_for(
    services: Services,
    operator: Caller,
    name: str,
    *,
    credits: int = 0,
    label: str = "",
    limit: RateLimit | None = None,
) -> ApiKey:
    """A new key of the account of this name, which is made where it is missing; `credits` are added each time."""
    async with services.db.transaction() as transaction:
        owner = await ensured(transaction, operator, name)
        if credits:
            await add_credits(transaction, operator, owner, credits, reason="with a new key", told="")
        return await add_key(transaction, operator, owner, label=label, limit=limit)


async def change_key(services: Services, caller: Caller, key_id: str, *, label: str, limit: RateLimit | None) -> None:
    """Another label and limit for a key of the caller's account.

    Raises:
        NotFound: the account has no such key that works.
        InvalidInput: the limit is looser than the caller's own, or than the one that an operator gave the key.
    """
    _fits(services, caller, limit)
    async with services.db.transaction() as transaction:
        present = await accounts.limit_of(transaction, caller.account_id, key_id)
        if present is None:
            raise NotFound(_NO_KEY)
        _keeps(services, caller, present, limit)
        await accounts.change_key(transaction, key_id, label=label, limit=limit)
        detail = f"limit {limit}" if limit else "the service's own limit"
        await audit.write(transaction, actor=caller.account, action="key_changed", subject=key_id, detail=detail)


async def revoke_key(services: Services, caller: Caller, key_id: str) -> Revoked:
    """A key of the caller's account, for good, with all that was made with it. Raises NotFound."""
    async with services.db.transaction() as transaction:
        return await _revoke(transaction, caller, key_id, account_id=caller.account_id, otherwise=_NO_KEY)


async def revoke_any_key(services: Services, operator: Caller, key_id: str) -> Revoked:
    """Anybody's key, for good, with all that was made with it. Raises NotFound."""
    otherwise = f"there is no key {key_id}; 'cavendish keys list' shows the ids"
    async with services.db.transaction() as transaction:
        return await _revoke(transaction, operator, key_id, account_id=None, otherwise=otherwise)


async def make_account(services: Services, operator: Caller, name: str) -> Account:
    """Raises InvalidInput where there is one of this name."""
    async with services.db.transaction() as transaction:
        if await accounts.find(transaction, name) is not None:
            raise InvalidInput(f"There is an account {name!r} already; choose another name")
        return await ensured(transaction, operator, name)


async def grant(services: Services, operator: Caller, name: str, amount: int, *, reason: str) -> int:
    """Add credits to the account of this name; its new balance. Raises NotFound."""
    async with services.db.transaction() as transaction:
        owner = await existing(transaction, name)
        return await add_credits(transaction, operator, owner, amount, reason=reason, told=reason)


async def change_role(services: Services, operator: Caller, name: str, *, may_manage: bool) -> None:
    """Let the account of this name manage the service, or no longer.

    Raises:
        NotFound: there is none.
        InvalidInput: it is the caller's own, who would lock everybody out.
    """
    if name == operator.account and not may_manage:
        raise InvalidInput("You cannot take your own role away; another operator can")
    async with services.db.transaction() as transaction:
        await set_operator(transaction, operator, await existing(transaction, name), may_manage)


def need_operator(caller: Caller) -> Caller:
    """The caller. Raises Forbidden where it does not manage the service."""
    if not caller.operator:
        raise Forbidden("Access denied: this account does not manage the service")
    return caller


# Steps of a transaction that another use case opened. Each leaves its line in the trail.


async def add_key(
    transaction: Connection, actor: Caller, owner: Account, *, label: str = "", limit: RateLimit | None = None
) -> ApiKey:
    """A new key of this account: the only place where one is made.

    One that an account makes itself falls with the key it is made with, and counts against its limit.
    """
    own = actor.account_id == owner.id
    key = await accounts.create_key(
        transaction,
        owner,
        limit=limit,
        label=label,
        falls_with=actor.lineage if own else (),
        counts_with=actor.key_id if own else None,
    )
    await audit.write(transaction, actor=actor.account, action="key_created", subject=key.id, detail=label)
    return key


async def add_credits(
    transaction: Connection, actor: Caller, owner: Account, amount: int, *, reason: str, told: str
) -> int:
    """Grant credits; the new balance. `reason` stands in the statement, `told` in the trail."""
    balance = await ledger.grant(transaction, owner.id, amount, reason=reason)
    detail = f"{amount} credits" + (f": {told}" if told else "")
    await audit.write(transaction, actor=actor.account, action="grant", subject=owner.name, detail=detail)
    return balance


async def ensured(transaction: Connection, actor: Caller, name: str) -> Account:
    """The account of this name, made where it is missing. Of several at once, one makes it and says so."""
    made = await accounts.create(transaction, name)
    if made is None:
        return await existing(transaction, name)
    await audit.write(transaction, actor=actor.account, action="account_created", subject=name)
    return made


async def set_operator(transaction: Connection, actor: Caller, owner: Account, may_manage: bool) -> None:
    await accounts.set_operator(transaction, owner.id, may_manage)
    detail = "may manage the service" if may_manage else "may no longer manage the service"
    await audit.write(transaction, actor=actor.account, action="operator_changed", subject=owner.name, detail=detail)


async def existing(connection: Connection, name: str) -> Account:
    """The account of this name. Raises NotFound."""
    found = await accounts.find(connection, name)
    if found is None:
        raise NotFound(f"There is no account {name[:60]!r}; GET /api/v1/operator/accounts lists them")
    return found


async def _revoke(
    transaction: Connection, actor: Caller, key_id: str, *, account_id: int | None, otherwise: str
) -> Revoked:
    revoked = await accounts.revoke_key(transaction, key_id, account_id=account_id)
    if not revoked:
        raise NotFound(otherwise)
    found = Revoked(len(revoked), await sessions.end_with(transaction, revoked))
    await audit.write(transaction, actor=actor.account, action="key_revoked", subject=key_id, detail=str(found))
    return found


def _fits(services: Services, caller: Caller, limit: RateLimit | None) -> None:
    """Refuse a limit that is wider than one the caller counts against. What operators make counts alone."""
    if limit is not None and not caller.operator:
        for budget in services.rate_limiter.key_budgets(caller):
            _within(limit, budget.limit)


def _keeps(services: Services, caller: Caller, present: OwnLimit, limit: RateLimit | None) -> None:
    """Refuse to widen a key that counts alone: an operator made it as wide as it is, and the account may narrow it."""
    default = services.settings.generate_limit
    if present.alone and not caller.operator:
        _within(limit or default, present.limit or default)


def _within(wanted: RateLimit, most: RateLimit) -> None:
    if wanted.count > most.count or wanted.count * most.seconds > most.count * wanted.seconds:
        raise InvalidInput(_TOO_LOOSE.format(most=most))
