"""Pictures that people send from a browser, to be named in inputImageUrls. They live for a while, then they go."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from cavendish.db.pool import Connection
from cavendish.models import Credentials

# The account's row is locked first: two uploads at once cannot both take the last of its room.
_LOCK = "SELECT id FROM cavendish.accounts WHERE id = $1 FOR NO KEY UPDATE"

_ADD = """
INSERT INTO cavendish.uploads (name, account_id, size_bytes, expires_at, credentials)
SELECT $1::text, $2::bigint, $3::bigint, cavendish.cavendish_now() + $4::interval, $6::bytea[]
WHERE $3::bigint + (SELECT coalesce(sum(size_bytes), 0) FROM cavendish.uploads
            WHERE account_id = $2 AND expires_at > cavendish.cavendish_now()) <= $5::bigint
RETURNING expires_at"""

_EXPIRED = """
DELETE FROM cavendish.uploads WHERE name IN (
    SELECT name FROM cavendish.uploads WHERE expires_at <= cavendish.cavendish_now() ORDER BY expires_at LIMIT $1)
RETURNING name"""

_FIND = """
SELECT name, size_bytes, expires_at FROM cavendish.uploads
WHERE name = ANY($1::text[]) AND account_id = $2 AND expires_at > cavendish.cavendish_now()"""

_CREDENTIALS = "SELECT credentials FROM cavendish.uploads WHERE name = $1"
_LIST = """
SELECT name, size_bytes, expires_at FROM cavendish.uploads
WHERE account_id = $1 AND expires_at > cavendish.cavendish_now() AND name > $2 ORDER BY name LIMIT $3"""

_TAKE = """
DELETE FROM cavendish.uploads
WHERE name = ANY($1::text[]) AND account_id = $2 AND expires_at > cavendish.cavendish_now() RETURNING name"""

_KNOWN = "SELECT name FROM cavendish.uploads WHERE name = ANY($1::text[])"


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture of an account, until it expires."""

    name: str
    size_bytes: int
    expires_at: datetime.datetime


async def add(
    transaction: Connection,
    name: str,
    account_id: int,
    *,
    size: int,
    lifetime: datetime.timedelta,
    bytes_max: int,
    credentials: Credentials | None = None,
) -> datetime.datetime | None:
    """Own a stored file until it expires; the moment of that. None: the account would have more than `bytes_max`."""
    await transaction.execute(_LOCK, account_id)
    said = credentials and [credentials.label.encode(), credentials.as_opened, credentials.as_taken]
    expires: datetime.datetime | None = await transaction.fetchval(
        _ADD, name, account_id, size, lifetime, bytes_max, said
    )
    return expires


async def find(connection: Connection, names: Sequence[str], account_id: int) -> Upload | None:
    """The account's own that has one of these names."""
    row = await connection.fetchrow(_FIND, names, account_id)
    return None if row is None else Upload(row["name"], row["size_bytes"], row["expires_at"])


async def credentials(connection: Connection, name: str) -> Credentials | None:
    """What the picture said of itself when it was sent."""
    said = await connection.fetchval(_CREDENTIALS, name)
    return Credentials(said[0].decode(), said[1], said[2]) if said else None


async def page(connection: Connection, account_id: int, *, after: str, count: int) -> list[Upload]:
    """The account's own, by name, behind this one."""
    rows = await connection.fetch(_LIST, account_id, after, count)
    return [Upload(row["name"], row["size_bytes"], row["expires_at"]) for row in rows]


async def take(connection: Connection, names: Sequence[str], account_id: int) -> str | None:
    """The account's own of these names, whose file belongs to nobody from now on; None: there is none."""
    found: str | None = await connection.fetchval(_TAKE, names, account_id)
    return found


async def take_expired(connection: Connection, *, count: int) -> list[str]:
    """Names of files whose time is over; they belong to nobody any more."""
    return [row["name"] for row in await connection.fetch(_EXPIRED, count)]


async def known(connection: Connection, names: Sequence[str]) -> set[str]:
    """Which of these files are uploads."""
    return {row["name"] for row in await connection.fetch(_KNOWN, names)}
