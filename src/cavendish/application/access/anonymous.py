"""Who calls without a key from where an operator lets people: an account that the setting names.

Like a sign-in by link such a caller acts as a key whose secret nobody has, so limits, the ledger and usage know it, and
revoking that key shuts the door at once.
"""

from __future__ import annotations

import dataclasses
import ipaddress

from cavendish.application.services import Services
from cavendish.db.pool import Connection
from cavendish.errors import LoginRequired
from cavendish.models import Caller
from cavendish.settings import Settings
from cavendish.stores import accounts, audit

LABEL = HINT = "anonymous"
_ACTOR = "settings"  # in the audit trail
_NO_ACCOUNT = "anonymous use is set up here for an account that does not exist; send an API key"


def account_at(settings: Settings, address: str) -> str | None:
    """The account that whoever calls from this address may use; of several that are named, the first."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return next((one.account for one in settings.anonymous if found in one.network), None)


async def caller(services: Services, name: str) -> Caller:
    """The account of this name, without an operator's role. Asked each time: such callers are few.

    Raises:
        LoginRequired: there is no such account, or its key for this was revoked.
        DatabaseUnavailable: it cannot be known.
    """
    async with services.db.connection() as connection:
        known = await accounts.secretless(connection, name, HINT)
    if known is None:
        known = await _made(services, name)
    found, works = known
    if not works:
        raise LoginRequired("Authentication required: anonymous use was revoked here; send an API key")
    return dataclasses.replace(found, operator=False)


async def shortcomings(connection: Connection, settings: Settings) -> list[str]:
    """Why the setting lets nobody in, where it means to."""
    told = []
    for name in dict.fromkeys(one.account for one in settings.anonymous):
        known = await accounts.secretless(connection, name, HINT)
        if known is None and await accounts.find(connection, name) is None:
            told.append(f"CAVENDISH_ANONYMOUS names the account {name}, and there is none of this name")
        elif known is not None and not known[1]:
            told.append(f"the key by which {name} is used anonymously was revoked: CAVENDISH_ANONYMOUS lets nobody in")
    return told


async def _made(services: Services, name: str) -> tuple[Caller, bool]:
    """The first such caller of all has the key made; of several at once, one of them."""
    async with services.db.transaction() as transaction:
        owner = await accounts.find_held(transaction, name)
        if owner is None:
            raise LoginRequired(f"Authentication required: {_NO_ACCOUNT}")
        if await accounts.secretless(transaction, name, HINT) is None:
            key_id = await accounts.make_secretless(transaction, owner.id, hint=HINT, label=LABEL)
            await audit.write(transaction, actor=_ACTOR, action="key_created", subject=key_id, detail=LABEL)
        known = await accounts.secretless(transaction, name, HINT)
    assert known is not None
    return known
