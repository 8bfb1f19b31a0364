"""Accounts own credits; API keys open accounts. A key is stored as its SHA-256 only."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from cavendish import ids
from cavendish.db.pool import Connection, Record
from cavendish.models import Caller, KeyLimit, RateLimit


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all accounts together: how many there are, what they can spend, and what is set aside."""

    accounts: int
    balance: int
    held: int


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    balance: int
    held: int
    operator: bool = False


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What may be shown of a key. `secret` is there once, at creation."""

    id: str
    account: str
    hint: str
    label: str
    limit: RateLimit | None
    created_at: datetime.datetime
    revoked_at: datetime.datetime | None
    falls_with: tuple[str, ...] = ()
    secret: str | None = None

    @property
    def made_with(self) -> str | None:
        """The id of the key with which this one was made."""
        return self.falls_with[-1] if self.falls_with else None


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A key's own limit, None where it has none; `alone`: its calls count with no other key."""

    limit: RateLimit | None
    alone: bool


_ENSURE = """
INSERT INTO cavendish.accounts (name) VALUES ($1)
ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING id, name, balance, held, operator"""

_CREATE = """
INSERT INTO cavendish.accounts (name) VALUES ($1) ON CONFLICT (name) DO NOTHING
RETURNING id, name, balance, held, operator"""

_FIND = "SELECT id, name, balance, held, operator FROM cavendish.accounts WHERE name = $1"

_FIND_HELD = f"{_FIND} FOR NO KEY UPDATE"

_BALANCE = "SELECT id, name, balance, held, operator FROM cavendish.accounts WHERE id = $1"

_TOTALS = """
SELECT count(*) AS accounts, coalesce(sum(balance), 0)::bigint AS balance, coalesce(sum(held), 0)::bigint AS held
FROM cavendish.accounts"""

_OPERATOR = "UPDATE cavendish.accounts SET operator = $2 WHERE id = $1"

_ANY = "SELECT EXISTS (SELECT FROM cavendish.accounts)"

_LOCK_FIRST = "SELECT pg_advisory_xact_lock(217842991)"

_CREATE_KEY = """
INSERT INTO cavendish.api_keys
    (id, account_id, digest, hint, label, limit_count, limit_seconds, falls_with, counts_with)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
    coalesce((SELECT counts_with || id FROM cavendish.api_keys WHERE id = $9), '{}'))
RETURNING created_at"""

_MAKE_SECRETLESS = """
INSERT INTO cavendish.api_keys (id, account_id, digest, hint, label, counts_with) VALUES ($1, $2, $3, $4, $5, $6)"""

_LIST_KEYS = """
SELECT k.id, a.name AS account, k.hint, k.label, k.limit_count, k.limit_seconds, k.created_at, k.revoked_at,
       k.falls_with
FROM cavendish.api_keys k JOIN cavendish.accounts a ON a.id = k.account_id
ORDER BY k.created_at, k.id
LIMIT $1 OFFSET $2"""

_KEYS_OF = """
SELECT k.id, a.name AS account, k.hint, k.label, k.limit_count, k.limit_seconds, k.created_at, k.revoked_at,
       k.falls_with
FROM cavendish.api_keys k JOIN cavendish.accounts a ON a.id = k.account_id
WHERE k.account_id = $1 ORDER BY k.revoked_at IS NOT NULL, k.created_at DESC, k.id LIMIT $2"""

_KEY_LABELLED = """
SELECT id FROM cavendish.api_keys WHERE account_id = $1 AND label = $2 AND revoked_at IS NULL
ORDER BY created_at, id LIMIT 1"""

_LIMIT_OF = """
SELECT limit_count, limit_seconds, counts_with = '{}' AS alone
FROM cavendish.api_keys WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL FOR NO KEY UPDATE"""

_CHANGE_KEY = """
UPDATE cavendish.api_keys SET label = $2, limit_count = $3, limit_seconds = $4 WHERE id = $1"""

# In the order of the lineage: who revokes begins with the first that falls, too.
_HOLD_WORKING = """
SELECT id FROM cavendish.api_keys WHERE id = ANY($1::text[]) AND revoked_at IS NULL
ORDER BY array_position($1::text[], id) FOR SHARE"""

_REVOKE = """
UPDATE cavendish.api_keys SET revoked_at = coalesce(revoked_at, cavendish.cavendish_now())
WHERE id = $1 AND ($2::bigint IS NULL OR account_id = $2) RETURNING account_id"""

# A statement of its own: it sees what was made until the one before had its lock. The first made is locked first.
_REVOKE_FALLEN = """
WITH fallen AS (
    SELECT id FROM cavendish.api_keys WHERE account_id = $2 AND falls_with @> ARRAY[$1] AND revoked_at IS NULL
    ORDER BY cardinality(falls_with), id FOR NO KEY UPDATE
)
UPDATE cavendish.api_keys k SET revoked_at = cavendish.cavendish_now() FROM fallen WHERE k.id = fallen.id
RETURNING k.id"""

# Of key `k` and account `a`: the keys it counts with, and their limits. What an operator makes counts alone.
COUNTS_WITH = """
CASE WHEN k.counts_with <> '{}' AND NOT a.operator THEN (
    SELECT jsonb_agg(jsonb_build_array(c.id, c.limit_count, c.limit_seconds)
                     ORDER BY array_position(k.counts_with, c.id))
    FROM cavendish.api_keys c WHERE c.id = ANY(k.counts_with)) END AS counts_with"""

_CALLERS = f"""
SELECT k.digest, k.id AS key_id, k.account_id, a.name AS account, k.limit_count, k.limit_seconds, a.operator,
       k.falls_with, {COUNTS_WITH}
FROM cavendish.api_keys k JOIN cavendish.accounts a ON a.id = k.account_id
WHERE k.digest = ANY($1::bytea[]) AND k.revoked_at IS NULL"""

_SECRETLESS = f"""
SELECT k.id AS key_id, k.account_id, a.name AS account, k.limit_count, k.limit_seconds, a.operator, k.falls_with,
       {COUNTS_WITH}, k.revoked_at IS NULL AS works
FROM cavendish.api_keys k JOIN cavendish.accounts a ON a.id = k.account_id
WHERE a.name = $1 AND k.hint = $2 ORDER BY k.created_at, k.id LIMIT 1"""

_DIGEST = """
SELECT digest, extract(epoch FROM cavendish.cavendish_now())::bigint AS now
FROM cavendish.api_keys WHERE id = $1 AND revoked_at IS NULL"""


async def ensure(connection: Connection, name: str) -> Account:
    """The account of this name, made where it is missing."""
    row = await connection.fetchrow(_ENSURE, name)
    assert row is not None
    return Account(**row)


async def create(connection: Connection, name: str) -> Account | None:
    """A new account of this name; None where there is one, or somebody else was making it at this moment."""
    row = await connection.fetchrow(_CREATE, name)
    return Account(**row) if row else None


async def find(connection: Connection, name: str) -> Account | None:
    row = await connection.fetchrow(_FIND, name)
    return Account(**row) if row else None


async def find_held(transaction: Connection, name: str) -> Account | None:
    """The same, and nobody else changes it before the transaction ends."""
    row = await transaction.fetchrow(_FIND_HELD, name)
    return Account(**row) if row else None


async def get(connection: Connection, account_id: int) -> Account:
    row = await connection.fetchrow(_BALANCE, account_id)
    assert row is not None, "accounts are never deleted"
    return Account(**row)


async def totals(connection: Connection) -> Totals:
    row = await connection.fetchrow(_TOTALS)
    assert row is not None
    return Totals(**row)


async def set_operator(connection: Connection, account_id: int, operator: bool) -> None:
    """Let an account manage the service, or no longer."""
    await connection.execute(_OPERATOR, account_id, operator)


async def lock_first(transaction: Connection) -> None:
    """One process at a time makes the first account; the others wait, and find it."""
    await transaction.execute(_LOCK_FIRST)


async def any_exist(connection: Connection) -> bool:
    return bool(await connection.fetchval(_ANY))


async def create_key(
    connection: Connection,
    account: Account,
    *,
    limit: RateLimit | None = None,
    label: str = "",
    falls_with: Sequence[str] = (),
    counts_with: str | None = None,
) -> ApiKey:
    """A new key of this account; its `secret` is known here and never again.

    Args:
        falls_with: The keys with which it is revoked.
        counts_with: The key whose calls its own are, too, and with it all that this counts with.
    """
    secret, key_id = ids.new_api_key(), ids.new_key_id()
    created_at = await connection.fetchval(
        _CREATE_KEY,
        key_id,
        account.id,
        ids.key_digest(secret),
        ids.key_hint(secret),
        label,
        limit.count if limit else None,
        limit.seconds if limit else None,
        falls_with,
        counts_with,
    )
    hint = ids.key_hint(secret)
    return ApiKey(key_id, account.name, hint, label, limit, created_at, None, tuple(falls_with), secret)


async def make_secretless(
    transaction: Connection, account_id: int, *, hint: str, label: str, counts_with: Sequence[str] = ()
) -> str:
    """The id of a new key that nobody can send: it stands for callers let in otherwise, and is known by its hint.

    Args:
        counts_with: The keys whose calls its own are, too.
    """
    key_id = ids.new_key_id()
    await transaction.execute(
        _MAKE_SECRETLESS, key_id, account_id, secrets.token_bytes(32), hint, label, list(counts_with)
    )
    return key_id


async def list_keys(connection: Connection, *, count: int, offset: int = 0) -> list[ApiKey]:
    return [_key(row) for row in await connection.fetch(_LIST_KEYS, count, offset)]


async def keys_of(connection: Connection, account_id: int, *, count: int) -> list[ApiKey]:
    """An account's keys: those that work first, newest first."""
    return [_key(row) for row in await connection.fetch(_KEYS_OF, account_id, count)]


async def key_labelled(connection: Connection, account_id: int, label: str) -> str | None:
    """The id of the account's oldest key of this label that works."""
    found: str | None = await connection.fetchval(_KEY_LABELLED, account_id, label)
    return found


async def limit_of(transaction: Connection, account_id: int, key_id: str) -> OwnLimit | None:
    """Of an account's key that works, held until the transaction ends; None: there is none."""
    row = await transaction.fetchrow(_LIMIT_OF, key_id, account_id)
    return OwnLimit(_limit(row), row["alone"]) if row else None


async def change_key(connection: Connection, key_id: str, *, label: str, limit: RateLimit | None) -> None:
    """Give a key another label and limit."""
    count, seconds = (limit.count, limit.seconds) if limit else (None, None)
    await connection.execute(_CHANGE_KEY, key_id, label, count, seconds)


async def hold_working(transaction: Connection, key_ids: Sequence[str]) -> bool:
    """Whether all these keys work; if so, none of them is revoked before the transaction ends."""
    return len(await transaction.fetch(_HOLD_WORKING, key_ids)) == len(key_ids)


async def revoke_key(transaction: Connection, key_id: str, *, account_id: int | None = None) -> list[str]:
    """Revoke a key for good, and those that fall with it; all of them that worked, it first. Empty: no such key.

    Args:
        account_id: Only if it is this account's.
    """
    owner = await transaction.fetchval(_REVOKE, key_id, account_id)
    if owner is None:
        return []
    return [key_id, *(row["id"] for row in await transaction.fetch(_REVOKE_FALLEN, key_id, owner))]


async def callers(connection: Connection, digests: Sequence[bytes]) -> dict[bytes, Caller]:
    """Who stands behind these digests; revoked and unknown ones are missing."""
    rows = await connection.fetch(_CALLERS, digests)
    return {row["digest"]: caller(row) for row in rows}


async def secretless(connection: Connection, name: str, hint: str) -> tuple[Caller, bool] | None:
    """Who stands behind an account's oldest key of this hint, and whether that works; None: there never was one."""
    row = await connection.fetchrow(_SECRETLESS, name, hint)
    return None if row is None else (caller(row), row["works"])


async def digest(connection: Connection, key_id: str) -> tuple[bytes, int] | None:
    """The digest of a key that works, and the database's time in seconds of Unix; None: there is no such key."""
    row = await connection.fetchrow(_DIGEST, key_id)
    return None if row is None else (row["digest"], row["now"])


def caller(row: Record, *, session: bool = False) -> Caller:
    """Who stands behind a key, or a session that acts as it."""
    return Caller(
        row["account_id"],
        row["account"],
        row["key_id"],
        _limit(row),
        operator=row["operator"],
        session=session,
        falls_with=tuple(row["falls_with"]),
        counts_with=_counted(row["counts_with"]),
    )


def _counted(written: str | None) -> tuple[KeyLimit, ...]:
    if written is None:
        return ()
    return tuple(
        KeyLimit(key_id, RateLimit(count, seconds) if count else None)
        for key_id, count, seconds in orjson.loads(written)
    )


def _key(row: Record) -> ApiKey:
    return ApiKey(
        id=row["id"],
        account=row["account"],
        hint=row["hint"],
        label=row["label"],
        limit=_limit(row),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        falls_with=tuple(row["falls_with"]),
    )


def _limit(row: Record) -> RateLimit | None:
    return RateLimit(row["limit_count"], row["limit_seconds"]) if row["limit_count"] else None
