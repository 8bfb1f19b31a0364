"""People's sign-in: sessions behind a cookie, and links that open one. Both are stored as their SHA-256 only.

A session acts as an API key of its account, so that limits and revocation are those of keys.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import secrets
from collections.abc import Sequence

from cavendish.db.pool import Connection, Record
from cavendish.models import Caller
from cavendish.stores import accounts

TOKEN_BYTES = 32
TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
WEB_LABEL = "web sign-in"  # of the key behind sessions that a link opened; nobody knows its secret
WEB_HINT = "no secret"

_OPEN = """
INSERT INTO cavendish.sessions (digest, key_id, expires_at, falls_with)
VALUES ($1, $2, cavendish.cavendish_now() + $3, $4)"""

# Those that stay beside the new one: of other keys first, so that who holds one key signs nobody out who came by
# another; then the newest. The account's row is locked, for two sign-ins at once would both leave one too many.
_LOCK = "SELECT id FROM cavendish.accounts WHERE id = $1 FOR NO KEY UPDATE"

_MAKE_ROOM = """
DELETE FROM cavendish.sessions WHERE digest IN (
    SELECT s.digest FROM cavendish.sessions s JOIN cavendish.api_keys k ON k.id = s.key_id
    WHERE k.account_id = $1 ORDER BY s.key_id = $2, s.created_at DESC, s.digest OFFSET $3)"""

_CALLERS = f"""
SELECT s.digest, k.id AS key_id, k.account_id, a.name AS account, k.limit_count, k.limit_seconds, a.operator,
       s.falls_with || k.falls_with AS falls_with, {accounts.COUNTS_WITH}
FROM cavendish.sessions s JOIN cavendish.api_keys k ON k.id = s.key_id JOIN cavendish.accounts a ON a.id = k.account_id
WHERE s.digest = ANY($1::bytea[]) AND s.expires_at > cavendish.cavendish_now() AND k.revoked_at IS NULL"""

_CLOSE = "DELETE FROM cavendish.sessions WHERE digest = $1"

# Few people sign in, and keys are seldom revoked: a look at all sessions is no trouble.
_END = "DELETE FROM cavendish.sessions WHERE key_id = ANY($1::text[]) OR falls_with && $1::text[] RETURNING digest"

_TAKE_BACK_LINKS = "DELETE FROM cavendish.login_links WHERE falls_with && $1::text[]"

_TRIM = """
DELETE FROM cavendish.sessions WHERE digest IN (
    SELECT digest FROM cavendish.sessions WHERE expires_at <= cavendish.cavendish_now() LIMIT $1)"""

_TRIM_LINKS = """
DELETE FROM cavendish.login_links WHERE digest IN (
    SELECT digest FROM cavendish.login_links WHERE expires_at <= cavendish.cavendish_now() LIMIT $1)"""

# Told by its hint: a label may be changed. All of an account count with the first, else a sign-in after a revocation
# would bring a fresh limit.
_WEB_KEYS = """
SELECT id, revoked_at IS NULL AS works FROM cavendish.api_keys
WHERE account_id = $1 AND hint = $2 ORDER BY created_at, id"""

_LOCK_ACCOUNT = "SELECT FROM cavendish.accounts WHERE id = $1 FOR NO KEY UPDATE"

_LINK = """
INSERT INTO cavendish.login_links (digest, account_id, expires_at, falls_with)
VALUES ($1, $2, cavendish.cavendish_now() + $3, $4)"""

_BEHIND_LINK = "SELECT falls_with FROM cavendish.login_links WHERE digest = $1"

_USE_LINK = """
UPDATE cavendish.login_links l SET used_at = cavendish.cavendish_now() FROM cavendish.accounts a
WHERE l.digest = $1 AND a.id = l.account_id AND l.used_at IS NULL AND l.expires_at > cavendish.cavendish_now()
RETURNING a.id, a.name, a.operator, l.falls_with"""


def digest(token: str) -> bytes:
    """How a cookie's or a link's token is stored: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


async def open_(
    transaction: Connection,
    account_id: int,
    key_id: str,
    *,
    lifetime: datetime.timedelta,
    most: int,
    falls_with: Sequence[str] = (),
) -> str:
    """A new session that acts as this key of the account; the cookie's value, known here and never again.

    Args:
        most: Sessions that the account has then; the oldest of this key end, and of others where that is not enough.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await transaction.execute(_LOCK, account_id)
    await transaction.execute(_MAKE_ROOM, account_id, key_id, most - 1)
    await transaction.execute(_OPEN, digest(token), key_id, lifetime, falls_with)
    return token


async def callers(connection: Connection, digests: Sequence[bytes]) -> dict[bytes, Caller]:
    """Who stands behind these cookies; ended sessions, and those of revoked keys, are missing."""
    return {row["digest"]: accounts.caller(row, session=True) for row in await connection.fetch(_CALLERS, digests)}


async def close(connection: Connection, token: str) -> None:
    """End a session; one that is unknown has ended already."""
    await connection.execute(_CLOSE, digest(token))


async def end_with(transaction: Connection, key_ids: Sequence[str]) -> int:
    """End the sessions that act as these keys or fall with them, and take such links back; how many sessions."""
    await transaction.execute(_TAKE_BACK_LINKS, key_ids)
    return len(await transaction.fetch(_END, key_ids))


async def trim(connection: Connection, *, count: int) -> None:
    """Forget sessions that have run out."""
    await connection.execute(_TRIM, count)


async def trim_links(connection: Connection, *, count: int) -> None:
    """Forget links that have run out."""
    await connection.execute(_TRIM_LINKS, count)


async def web_key(transaction: Connection, account_id: int) -> str:
    """The id of the key that stands for an account's sign-ins by link; made where it is missing or was revoked."""
    await transaction.execute(_LOCK_ACCOUNT, account_id)  # of two that sign in at once, one makes it
    known = await transaction.fetch(_WEB_KEYS, account_id, WEB_HINT)
    for row in known:
        if row["works"]:
            return str(row["id"])
    first = [row["id"] for row in known[:1]]
    return await accounts.make_secretless(transaction, account_id, hint=WEB_HINT, label=WEB_LABEL, counts_with=first)


async def make_link(
    connection: Connection, account_id: int, *, lifetime: datetime.timedelta, falls_with: Sequence[str] = ()
) -> str:
    """The token of a link that signs in once, within its lifetime."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await connection.execute(_LINK, digest(token), account_id, lifetime, falls_with)
    return token


async def use_link(transaction: Connection, token: str) -> Record | None:
    """Use a link up: its account's `id`, `name` and `operator`, and with what its session falls.

    None where it is unknown, used or too old, or was made with a key that is revoked.
    """
    behind = await transaction.fetchval(_BEHIND_LINK, digest(token))
    # Before the link's own row: who revokes takes the key first, too.
    if behind is None or not await accounts.hold_working(transaction, behind):
        return None
    return await transaction.fetchrow(_USE_LINK, digest(token))
