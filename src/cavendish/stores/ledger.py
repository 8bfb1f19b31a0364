"""Every credit that moves: grant, hold, capture, release. Rows are added, never changed.

A hold ends in exactly one capture or release; the database's unique indexes refuse a second one. The parts below are
common table expressions of one statement, so that credits and the generation they are for change together or not at
all; `application` joins them.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from cavendish.db.pool import Connection

# Takes `asked` (account_id) and `standing`; gives `purse`: the accounts, locked in the order of ids, after the keys.
PURSE = """
purse AS MATERIALIZED (
    SELECT id, balance, weight, calls_full_at, failures, failures_at FROM cavendish.accounts
    WHERE id IN (SELECT account_id FROM asked) AND (SELECT count(*) FROM standing) >= 0
    ORDER BY id FOR NO KEY UPDATE
)"""

# Takes `asked` (account_id, price, fewest), `purse`, `due`, `rate` and `place`; gives `held` (account_id, weight,
# balance before, price, covered). Of the requests that the limits let through so many are covered as the balance pays
# for, or none where that is fewer than `fewest`; they count against the limits all the same. It asks for `place`
# too, so that no credit is held for an engine that the queue does not know.
HOLD = """
held AS MATERIALIZED (
    SELECT a.account_id, p.balance, p.weight, a.price,
        CASE WHEN p.balance / a.price >= a.fewest THEN least(r.allowed, p.balance / a.price)::integer
             ELSE 0 END AS covered,
        CASE WHEN r.allowed > 0 THEN d.start + r.allowed * d.interval END AS calls_full_at
    FROM asked a JOIN purse p ON p.id = a.account_id JOIN rate r ON r.account_id = a.account_id
    JOIN place ON place.name = a.engine LEFT JOIN due d ON d.account_id = a.account_id AND d.kind = 'account'
),
set_aside AS (
    UPDATE cavendish.accounts a SET balance = a.balance - h.covered * h.price, held = a.held + h.covered * h.price,
        calls_full_at = coalesce(h.calls_full_at, a.calls_full_at)
    FROM held h WHERE a.id = h.account_id AND (h.covered > 0 OR h.calls_full_at IS NOT NULL)
)"""

# Takes `created`; writes each hold's row.
HOLD_ENTRY = """
hold_entry AS (
    INSERT INTO cavendish.ledger (account_id, generation_id, kind, amount, balance_change, held_change)
    SELECT account_id, id, 'hold', price, -price, price FROM created
)"""

# Takes `settled` (id, account_id, price, credits_charged) of a completed generation.
CAPTURE = """
capture_entry AS (
    INSERT INTO cavendish.ledger (account_id, generation_id, kind, amount, balance_change, held_change)
    SELECT account_id, id, 'capture', credits_charged, price - credits_charged, -price FROM settled
),
captured AS (
    UPDATE cavendish.accounts a SET held = a.held - s.price, balance = a.balance + s.price - s.credits_charged
    FROM settled s WHERE a.id = s.account_id
)"""

# Takes `settled` (id, account_id, price) of a failed generation. One that failed for what was ordered (:of_order) is
# counted among the account's failures. What is beyond twice their limit is let off: it would only be a longer wait.
RELEASE = """
release_entry AS (
    INSERT INTO cavendish.ledger (account_id, generation_id, kind, amount, balance_change, held_change)
    SELECT account_id, id, 'release', price, price, -price FROM settled
),
released AS (
    UPDATE cavendish.accounts a SET held = a.held - s.price, balance = a.balance + s.price,
        failures = CASE WHEN :of_order THEN least(2 * :failure_count::integer, 1 + cavendish.unforgiven(
            a.failures, a.failures_at, :failure_seconds::float8 / :failure_count)) ELSE a.failures END,
        failures_at = CASE WHEN :of_order THEN cavendish.cavendish_now() ELSE a.failures_at END
    FROM settled s WHERE a.id = s.account_id
)"""

_GRANT = """
WITH granted AS (
    UPDATE cavendish.accounts SET balance = balance + $2 WHERE id = $1 RETURNING id, balance
), entry AS (
    INSERT INTO cavendish.ledger (account_id, kind, amount, balance_change, held_change, reason)
    SELECT id, 'grant', $2, $2, 0, $3 FROM granted
)
SELECT balance FROM granted"""

# From what the account has now, back by what each later entry moved: an account with millions is read no further.
_STATEMENT = """
SELECT l.*, a.balance - coalesce(sum(l.balance_change) OVER later, 0) AS balance,
       a.held - coalesce(sum(l.held_change) OVER later, 0) AS held
FROM cavendish.accounts a, (
    SELECT id, generation_id, kind, amount, balance_change, held_change, reason, created_at
    FROM cavendish.ledger WHERE account_id = $1 ORDER BY id DESC LIMIT $2) AS l
WHERE a.id = $1
WINDOW later AS (ORDER BY l.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
ORDER BY l.id DESC"""

GRANT_MAX = 10**12


_PAGE = """
SELECT id, generation_id, kind, amount, balance_change, held_change, reason, created_at
FROM cavendish.ledger WHERE account_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"""

# In two halves, each of which a partial index serves.
_OF_GENERATION = """
SELECT id, kind, amount, created_at FROM cavendish.ledger WHERE generation_id = $1 AND kind = 'hold'
UNION ALL
SELECT id, kind, amount, created_at FROM cavendish.ledger WHERE generation_id = $1 AND kind IN ('capture', 'release')
ORDER BY id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it was written."""

    id: int
    generation_id: uuid.UUID | None
    kind: str
    amount: int
    balance_change: int
    held_change: int
    reason: str
    created_at: datetime.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Row):
    """One row of a statement; `balance` and `held` are the account's after it."""

    balance: int
    held: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of a generation's: what moved, and when."""

    kind: str
    amount: int
    created_at: datetime.datetime


async def grant(connection: Connection, account_id: int, amount: int, *, reason: str) -> int:
    """Add credits; the new balance."""
    assert 0 < amount <= GRANT_MAX
    return int(await connection.fetchval(_GRANT, account_id, amount, reason))


async def statement(connection: Connection, account_id: int, *, count: int) -> list[Entry]:
    """The account's newest entries first."""
    rows = await connection.fetch(_STATEMENT, account_id, count)
    return [Entry(**{**row, "balance": int(row["balance"]), "held": int(row["held"])}) for row in rows]


async def page(connection: Connection, account_id: int, *, before: int | None, count: int) -> list[Row]:
    """The account's entries, newest first, behind entry `before`."""
    return [Row(**row) for row in await connection.fetch(_PAGE, account_id, before, count)]


async def of_generation(connection: Connection, generation_id: uuid.UUID) -> list[Movement]:
    """Its hold, and the capture or release of it."""
    rows = await connection.fetch(_OF_GENERATION, generation_id)
    return [Movement(row["kind"], row["amount"], row["created_at"]) for row in rows]
