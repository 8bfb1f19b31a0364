"""What the database itself refuses, whatever the code says."""

from __future__ import annotations

import asyncpg
import pytest
from money_helpers import Lab, violations

from cavendish.models import Caller, Quality
from cavendish.stores import ledger
from cavendish.stores.generations import Claim

pytestmark = pytest.mark.anyio

ENTRY = """
INSERT INTO cavendish.ledger (account_id, generation_id, kind, amount, balance_change, held_change)
VALUES ($1, $2, $3, $4, $5, $6)"""


async def _refused(
    lab: Lab, statement: str, *arguments: object, by: type[Exception] = asyncpg.IntegrityConstraintViolationError
) -> str:
    """The refusal's constraint or message; the statement must change nothing."""
    before = await lab.db.fetch("SELECT * FROM cavendish.ledger ORDER BY id")
    with pytest.raises(by) as raised:
        await lab.db.fetch(statement, *arguments)
    assert await lab.db.fetch("SELECT * FROM cavendish.ledger ORDER BY id") == before
    return str(getattr(raised.value, "constraint_name", "") or raised.value)


async def _completed(lab: Lab, caller: Caller) -> Claim:
    claim = await lab.claimed(caller)
    assert await lab.complete(claim)
    return claim


async def _failed(lab: Lab, caller: Caller) -> Claim:
    claim = await lab.claimed(caller)
    assert await lab.fail(claim)
    return claim


async def test_a_second_capture_is_refused(lab: Lab) -> None:
    caller = await lab.caller(credits=10)
    claim = await _completed(lab, caller)

    named = await _refused(lab, ENTRY, caller.account_id, claim.generation.id, "capture", 4, 0, -4)

    assert named == "ledger_one_settlement"


async def test_a_capture_after_a_release_is_refused(lab: Lab) -> None:
    caller = await lab.caller(credits=10)
    claim = await _failed(lab, caller)

    assert (
        await _refused(lab, ENTRY, caller.account_id, claim.generation.id, "capture", 4, 0, -4)
        == "ledger_one_settlement"
    )


async def test_a_release_after_a_capture_is_refused(lab: Lab) -> None:
    caller = await lab.caller(credits=10)
    claim = await _completed(lab, caller)

    assert (
        await _refused(lab, ENTRY, caller.account_id, claim.generation.id, "release", 4, 4, -4)
        == "ledger_one_settlement"
    )


async def test_a_second_hold_is_refused(lab: Lab) -> None:
    caller = await lab.caller(credits=10)
    claim = await lab.claimed(caller)

    assert await _refused(lab, ENTRY, caller.account_id, claim.generation.id, "hold", 4, -4, 4) == "ledger_one_hold"


async def test_a_balance_below_zero_is_refused(lab: Lab) -> None:
    caller = await lab.caller(credits=10)

    for column in ("balance", "held"):
        named = await _refused(lab, f"UPDATE cavendish.accounts SET {column} = -1 WHERE id = $1", caller.account_id)
        assert named == f"accounts_{column}_check"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cavendish.ledger SET amount = amount + 1",
        "UPDATE cavendish.ledger SET reason = 'other' WHERE false",
        "DELETE FROM cavendish.ledger WHERE kind = 'grant'",
        "TRUNCATE cavendish.ledger",
        "TRUNCATE cavendish.accounts CASCADE",
        "MERGE INTO cavendish.ledger l USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        "INSERT INTO cavendish.ledger (id, account_id, kind, amount, balance_change, held_change)"
        " OVERRIDING SYSTEM VALUE SELECT id, account_id, kind, amount, balance_change, held_change FROM cavendish.ledger"
        " LIMIT 1 ON CONFLICT (id) DO UPDATE SET amount = 1",
    ],
)
async def test_a_ledger_row_is_never_changed_or_deleted(lab: Lab, statement: str) -> None:
    await lab.caller(credits=10)

    assert "append-only" in await _refused(lab, statement, by=asyncpg.RaiseError)


@pytest.mark.parametrize(
    ("kind", "amount", "balance_change", "held_change"),
    [
        ("hold", 4, -4, 3), ("hold", 4, 4, 4), ("hold", 4, 0, 4), ("hold", 4, -4, 0), ("hold", 0, 0, 0),
        ("hold", -4, 4, -4),
        ("capture", 4, 0, -3), ("capture", 5, -1, -4), ("capture", 4, 4, -4), ("capture", 4, 0, 4),
        ("capture", 0, 4, -4),
        ("release", 4, 4, -3), ("release", 4, 3, -4), ("release", 4, -4, 4), ("release", 4, 0, -4),
        ("release", 0, 0, 0),
        ("refund", 4, 4, 0), ("grant", 4, 4, 0), ("", 4, 4, 0), ("Hold", 4, -4, 4),
    ],
)  # fmt: skip
async def test_an_entry_whose_changes_do_not_follow_from_its_kind_is_refused(
    lab: Lab, kind: str, amount: int, balance_change: int, held_change: int
) -> None:
    caller = await lab.caller(credits=10)
    claim = await lab.claimed(caller)
    arguments = (caller.account_id, claim.generation.id, kind, amount, balance_change, held_change)

    assert (await _refused(lab, ENTRY, *arguments)).startswith("ledger_")


@pytest.mark.parametrize(("amount", "balance_change", "held_change"), [(4, 5, 0), (4, 4, 4), (-4, -4, 0), (0, 0, 0)])
async def test_a_wrong_grant_is_refused(lab: Lab, amount: int, balance_change: int, held_change: int) -> None:
    caller = await lab.caller(credits=10)

    await _refused(lab, ENTRY, caller.account_id, None, "grant", amount, balance_change, held_change)


@pytest.mark.parametrize("kind", ["hold", "capture", "release"])
async def test_an_entry_for_no_generation_is_refused(lab: Lab, kind: str) -> None:
    caller = await lab.caller(credits=10)
    changes = {"hold": (-4, 4), "capture": (0, -4), "release": (4, -4)}[kind]

    await _refused(lab, ENTRY, caller.account_id, None, kind, 4, *changes)
    await _refused(lab, ENTRY, caller.account_id, "0" * 32, kind, 4, *changes)


async def test_credits_are_stored_as_whole_numbers_only(lab: Lab) -> None:
    """A column of whole numbers cannot hold a part of a credit; one that would round is not used with fractions."""
    columns = await lab.db.fetch("""
        SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'cavendish'
        AND column_name IN
            ('balance', 'held', 'amount', 'balance_change', 'held_change', 'price', 'credits_charged')""")

    assert len(columns) == 7
    assert {row["data_type"] for row in columns} == {"bigint"}


async def test_an_amount_beyond_all_credits_is_refused_by_its_type(lab: Lab) -> None:
    caller = await lab.caller(credits=10)

    with pytest.raises(asyncpg.PostgresError):
        await lab.db.fetch(
            "UPDATE cavendish.accounts SET balance = balance + $2 WHERE id = $1", caller.account_id, 2**63
        )
    with pytest.raises(asyncpg.NumericValueOutOfRangeError):
        await lab.db.fetch(
            "UPDATE cavendish.accounts SET balance = balance + $2 WHERE id = $1", caller.account_id, 2**63 - 1
        )
    async with lab.db.connection() as connection:
        for amount in (10**12 + 1, 0, -1):
            with pytest.raises(AssertionError):
                await ledger.grant(connection, caller.account_id, amount, reason="no")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'completed'",
        "state = 'failed'",
        "state = 'cancelled'",
        "image_name = 'x'",
        "credits_charged = 1",
        "price = 0",
        "price = -4",
        "progress = 101",
        "progress = -1",
        "error_code = 'EXPIRED'",
        "finished_at = now()",
    ],
)
async def test_a_generation_whose_columns_disagree_with_its_state_is_refused(lab: Lab, change: str) -> None:
    claim = await lab.claimed(await lab.caller(credits=10))

    await _refused(lab, f"UPDATE cavendish.generations SET {change} WHERE id = $1", claim.generation.id)


async def test_a_charge_above_the_price_or_below_one_is_refused(lab: Lab) -> None:
    claim = await _completed(lab, await lab.caller(credits=10))

    for charge in (5, 0, -1):
        await _refused(
            lab, "UPDATE cavendish.generations SET credits_charged = $2 WHERE id = $1", claim.generation.id, charge
        )


async def test_one_picture_belongs_to_one_generation(lab: Lab) -> None:
    caller = await lab.caller(credits=10)
    first, second = await _completed(lab, caller), await _completed(lab, caller)

    named = await _refused(
        lab,
        "UPDATE cavendish.generations SET image_name = (SELECT image_name FROM cavendish.generations WHERE id = $2)"
        " WHERE id = $1",
        first.generation.id,
        second.generation.id,
    )

    assert named == "generations_image"


async def test_a_charge_above_the_price_is_cut_to_the_price(lab: Lab) -> None:
    caller = await lab.caller(credits=10)
    claim = await lab.claimed(caller)

    assert await lab.complete(claim, charge=9)

    assert await lab.balance(caller) == (6, 0)
    assert await violations(lab.db) == []


async def test_a_statement_adds_up(lab: Lab) -> None:
    caller = await lab.caller(credits=100)
    await _completed(lab, caller)
    await _failed(lab, caller)
    smaller = await lab.claimed(caller, quality=Quality.FOUR_K)
    await lab.complete(smaller, charge=4)
    await lab.submit(caller, quality=Quality.TWO_K)

    async with lab.db.connection() as connection:
        entries = await ledger.statement(connection, caller.account_id, count=100)
        newest = await ledger.statement(connection, caller.account_id, count=2)
    forward = entries[::-1]

    assert [entry.kind for entry in forward] == [
        "grant", "hold", "capture", "hold", "release", "hold", "capture", "hold",
    ]  # fmt: skip
    balance = held = 0
    for entry in forward:
        balance, held = balance + entry.balance_change, held + entry.held_change
        assert (entry.balance, entry.held) == (balance, held)
    assert (balance, held) == await lab.balance(caller) == (84, 8)
    assert newest == entries[:2], "a page shows the same balances as the whole"
    assert all(type(value) is int for entry in entries for value in (entry.amount, entry.balance, entry.held))
    assert sum(entry.amount for entry in entries if entry.kind == "capture") == 8
