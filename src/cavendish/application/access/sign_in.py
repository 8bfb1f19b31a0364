"""People sign in: with a key, with a link that an operator made for them, or by the word of an issuer."""

from __future__ import annotations

import datetime

from cavendish.db.pool import Connection
from cavendish.errors import LoginRequired
from cavendish.identity import names
from cavendish.identity.base import SignInFailed
from cavendish.models import Caller
from cavendish.settings import Settings
from cavendish.stores import accounts, audit, sessions
from cavendish.stores.accounts import Account

SINGLE = "single sign-on"  # who did what follows from the issuer's word, in the audit trail

_BAD_LINK = (
    "This login link was used already, is too old or was cut off; ask for a new one ('cavendish login-link ACCOUNT')"
)


async def by_key(connection: Connection, settings: Settings, caller: Caller) -> str:
    """Open a session that acts as the caller's key; the cookie's value."""
    await _noted(connection, caller.account, f"with key {caller.key_id}")
    return await sessions.open_(connection, caller.key_id, lifetime=_lifetime(settings))


async def by_link(connection: Connection, settings: Settings, token: str) -> tuple[str, Account]:
    """Use a link up and open a session; the cookie's value and the account.

    Raises:
        LoginRequired: the link is unknown, used or too old.
    """
    found = await sessions.use_link(connection, token) if sessions.TOKEN_PATTERN.fullmatch(token) else None
    if found is None:
        raise LoginRequired(_BAD_LINK)
    account = await accounts.get(connection, found["id"])
    return await _opened(connection, settings, account, "with a login link"), account


async def by_single(connection: Connection, settings: Settings, name: str) -> str:
    """Open a session for whom the issuer calls by this name; the cookie's value.

    With `oidc_allow`, who is meant by it gets an account, without credits, and nobody else comes in. Without it, only
    accounts that are there already: an issuer may know more people than the operator wants to serve.

    Raises:
        SignInFailed: this name may not sign in here.
    """
    account = await _vouched(connection, settings, name)
    if names.is_listed(name, settings.oidc_operators, settings.oidc_account_claim) and not account.operator:
        await set_operator(connection, account, True, actor=SINGLE)
    return await _opened(connection, settings, account, f"with {SINGLE}")


async def link(
    connection: Connection, settings: Settings, account: Account, *, actor: str, seconds: float | None = None
) -> str:
    """A link that signs in to this account, once. The token is a fragment: it reaches no log and no link preview."""
    lifetime = datetime.timedelta(seconds=seconds or settings.login_link_seconds)
    token = await sessions.make_link(connection, account.id, lifetime=lifetime)
    await audit.write(connection, actor=actor, action="link_made", subject=account.name)
    return f"{settings.public_url}/login#{token}"


async def set_operator(connection: Connection, account: Account, operator: bool, *, actor: str) -> None:
    """Let an account manage the service, or no longer."""
    await accounts.set_operator(connection, account.id, operator)
    detail = "may manage the service" if operator else "may no longer manage the service"
    await audit.write(connection, actor=actor, action="operator_changed", subject=account.name, detail=detail)


async def end(connection: Connection, token: str) -> None:
    """End a session."""
    await sessions.close(connection, token)


async def _vouched(connection: Connection, settings: Settings, name: str) -> Account:
    if settings.oidc_allow and not names.is_allowed(name, settings.oidc_allow, settings.oidc_account_claim):
        raise SignInFailed("denied", "CAVENDISH_OIDC_ALLOW does not mean this name")
    found = await accounts.find(connection, name)
    if found is not None:
        return found
    if not settings.oidc_allow:
        fix = "make the account in the console, or set CAVENDISH_OIDC_ALLOW to have accounts made"
        raise SignInFailed("account", "there is no account of this name", fix=fix)
    await audit.write(connection, actor=SINGLE, action="account_created", subject=name)
    return await accounts.ensure(connection, name)


async def _opened(connection: Connection, settings: Settings, account: Account, how: str) -> str:
    """A session that acts as the account's key for sign-ins without one."""
    key_id = await sessions.web_key(connection, account.id)
    await _noted(connection, account.name, how)
    return await sessions.open_(connection, key_id, lifetime=_lifetime(settings))


async def _noted(connection: Connection, account: str, how: str) -> None:
    await audit.write(connection, actor=account, action="sign_in", subject=account, detail=how)


def _lifetime(settings: Settings) -> datetime.timedelta:
    return datetime.timedelta(seconds=settings.session_seconds)
