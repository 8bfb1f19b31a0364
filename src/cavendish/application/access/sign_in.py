"""People sign in: with a key, with a link that an operator made for them, or by the word of an issuer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cavendish.application.access import administer
from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.errors import LoginRequired, RateLimitExceeded
from cavendish.identity import names
from cavendish.identity.base import SignInFailed
from cavendish.models import Caller
from cavendish.settings import Settings
from cavendish.stores import accounts, audit, sessions
from cavendish.stores.accounts import Account

# Who did what follows from the issuer's word, in the audit trail.
SINGLE = Caller(account_id=0, account="single sign-on", key_id="", limit=None, operator=True)

_BAD_LINK = (
    "This login link was used already, is too old or was cut off; ask for a new one ('cavendish login-link ACCOUNT')"
)


async def by_key(services: Services, key: str) -> tuple[str, Caller]:
    """Open a session that acts as this key; the cookie's value, and whose it is.

    Raises:
        LoginRequired: no key that is valid now.
        RateLimitExceeded: keys of this account signed in too often.
    """
    caller = await services.authenticator.caller(key)
    _count(services, caller.account_id, "key")
    async with services.db.transaction() as transaction:
        detail = f"with key {caller.key_id}"
        return await _opened(transaction, services, caller.account_id, caller.account, caller.key_id, detail), caller


async def by_link(services: Services, token: str) -> tuple[str, Account]:
    """Use a link up and open a session; the cookie's value and the account.

    Raises:
        LoginRequired: the link is unknown, used or too old, or was made with a key that is revoked.
        RateLimitExceeded: links signed in to this account too often; this one may be used later.
    """
    async with services.db.transaction() as transaction:
        found = await sessions.use_link(transaction, token) if sessions.TOKEN_PATTERN.fullmatch(token) else None
        if found is None:
            raise LoginRequired(_BAD_LINK)
        account = await accounts.get(transaction, found["id"])
        _count(services, account.id, "link")
        how, falls_with = "with a login link", found["falls_with"]
        return await _opened_without_key(transaction, services, account, how, falls_with=falls_with), account


async def by_single(services: Services, name: str) -> str:
    """Open a session for whom the issuer calls by this name; the cookie's value.

    With `oidc_allow`, who is meant by it gets an account, without credits, and nobody else comes in. Without it, only
    accounts that are there already: an issuer may know more people than the operator wants to serve.

    Raises:
        SignInFailed: this name may not sign in here.
        RateLimitExceeded: it did too often.
    """
    settings = services.settings
    async with services.db.transaction() as transaction:
        account = await _vouched(transaction, settings, name)
        if names.is_listed(name, settings.oidc_operators, settings.oidc_account_claim) and not account.operator:
            await administer.set_operator(transaction, SINGLE, account, True)
        _count(services, account.id, "single")
        return await _opened_without_key(transaction, services, account, f"with {SINGLE.account}")


async def link(
    services: Services,
    operator: Caller,
    name: str,
    *,
    address: str | None = None,
    seconds: float | None = None,
    may_manage: bool | None = None,
) -> str:
    """A link that signs in to the account of this name, once. Its token is a fragment: no log and no preview has it.

    A link to the operator's own account falls with the key it was made with, as a key made there does. One to another
    account does not: who lets people in must not shut them out by giving up a key.

    Args:
        address: Where whoever opens it finds the service; None: at its public URL.
        may_manage: Also let the account manage the service, or no longer.

    Raises:
        NotFound: there is no such account.
        LoginRequired: the operator's own key was revoked a moment ago.
    """
    async with services.db.transaction() as transaction:
        account = await administer.existing(transaction, name)
        if may_manage is not None:
            await administer.set_operator(transaction, operator, account, may_manage)
        falls_with = operator.lineage if operator.account_id == account.id else ()
        if not await accounts.hold_working(transaction, falls_with):
            raise LoginRequired(administer.ENDED)
        lifetime = datetime.timedelta(seconds=seconds or services.settings.login_link_seconds)
        token = await sessions.make_link(transaction, account.id, lifetime=lifetime, falls_with=falls_with)
        await audit.write(transaction, actor=operator.account, action="link_made", subject=account.name)
    return f"{address or services.settings.public_url}/login#{token}"


async def end(services: Services, token: str) -> None:
    """End a session; this process forgets it at once."""
    async with services.db.connection() as connection:
        await sessions.close(connection, token)
    services.authenticator.forget(token)


async def _vouched(transaction: Connection, settings: Settings, name: str) -> Account:
    if settings.oidc_allow and not names.is_allowed(name, settings.oidc_allow, settings.oidc_account_claim):
        raise SignInFailed("denied", "CAVENDISH_OIDC_ALLOW does not mean this name")
    if not settings.oidc_allow and await accounts.find(transaction, name) is None:
        fix = "make the account in the console, or set CAVENDISH_OIDC_ALLOW to have accounts made"
        raise SignInFailed("account", "there is no account of this name", fix=fix)
    return await administer.ensured(transaction, SINGLE, name)


def _count(services: Services, account_id: int, way: str) -> None:
    """By ways in: whoever got hold of a key keeps nobody out who comes by the issuer's word or an operator's link."""
    if (wait := services.sign_ins.take(f"{way} {account_id}")) > 0:
        seconds = round(wait) + 1
        message = f"Too many sign-ins to this account; try again in {seconds} s. Programs send the key with each call"
        raise RateLimitExceeded(message, retry_after_seconds=seconds)


async def _opened_without_key(
    transaction: Connection, services: Services, account: Account, how: str, *, falls_with: Sequence[str] = ()
) -> str:
    """A session that acts as the account's key for sign-ins without one."""
    key_id = await sessions.web_key(transaction, account.id)
    return await _opened(transaction, services, account.id, account.name, key_id, how, falls_with=falls_with)


async def _opened(
    transaction: Connection,
    services: Services,
    account_id: int,
    account: str,
    key_id: str,
    how: str,
    *,
    falls_with: Sequence[str] = (),
) -> str:
    settings = services.settings
    await audit.write(transaction, actor=account, action="sign_in", subject=account, detail=how)
    lifetime = datetime.timedelta(seconds=settings.session_seconds)
    return await sessions.open_(
        transaction,
        account_id,
        key_id,
        lifetime=lifetime,
        most=settings.sessions_per_account_max,
        falls_with=falls_with,
    )
