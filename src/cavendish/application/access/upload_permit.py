"""Permission to send an account's pictures for a while, as a word in an address.

Google's clients ask with their key for an address to send a file to, and send it there without one. The word names the
key, an end and itself, signed with the key's digest, which only the database knows; so nothing is kept, any process
honours it, and it falls with the key. Whoever has it can send pictures within the account's room, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from cavendish.application.services import Services
from cavendish.errors import LoginRequired
from cavendish.models import Caller
from cavendish.stores import accounts

PERMIT_SECONDS = 3600
_PERMIT = re.compile(r"(key_[0-9A-Za-z]{12})\.([0-9]{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})", re.ASCII)
_REFUSED = "Authentication failed: this upload address is not good, or not any more; start the upload anew"


async def give(services: Services, caller: Caller) -> str:
    """A permit of this caller's, unlike any other. Raises LoginRequired: no key that works is behind the caller."""
    digest, now = await _digest(services, caller.key_id)
    until, name = now + PERMIT_SECONDS, secrets.token_hex(16)
    return f"{caller.key_id}.{until}.{name}.{_signature(digest, caller.key_id, until, name)}"


async def account_of(services: Services, permit: str) -> Caller:
    """Whose pictures may be sent by it. Raises LoginRequired."""
    found = _PERMIT.fullmatch(permit)
    if found is None:
        raise LoginRequired(_REFUSED)
    key_id, until, name, signature = found[1], int(found[2]), found[3], found[4]
    digest, now = await _digest(services, key_id)
    if not hmac.compare_digest(signature, _signature(digest, key_id, until, name)) or until <= now:
        raise LoginRequired(_REFUSED)
    async with services.db.connection() as connection:
        callers = await accounts.callers(connection, [digest])
    if digest not in callers:
        raise LoginRequired(_REFUSED)
    return callers[digest]


async def _digest(services: Services, key_id: str) -> tuple[bytes, int]:
    async with services.db.connection() as connection:
        found = await accounts.digest(connection, key_id)
    if found is None:
        raise LoginRequired(_REFUSED)
    return found


def _signature(digest: bytes, key_id: str, until: int, name: str) -> str:
    return hmac.new(digest, f"upload {key_id} {until} {name}".encode(), hashlib.sha256).hexdigest()
