"""Bugs planted on purpose: the check that watches over each must turn red. A check that cannot fail proves nothing.

The numbers are those of the project's list of planted bugs. Each is planted in a database of its own, in the statement
or the constraint that prevents it; where a second lock would stop it too, that lock is taken out first.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import checks
import pytest
from money_helpers import Lab

from cavendish.application.generations import submit_batch
from cavendish.application.work import settle
from cavendish.db.pool import Connection, UniqueViolation
from cavendish.db.sql import Statement
from cavendish.stores import generations

pytestmark = pytest.mark.anyio

SPENDS = 400


async def _is_red(check: Awaitable[None], because: str) -> None:
    """The check fails, at the assertion that is about this bug: not at some other trouble that planting caused."""
    with pytest.raises(AssertionError) as complaint:
        await check
    assert because in str(complaint.value), str(complaint.value)


def _without(statement: Statement, *changes: tuple[str, str]) -> Statement:
    """The statement with the lines that carry a promise replaced."""
    text = statement.text
    for number, name in reversed(list(enumerate(statement.names, start=1))):
        text = text.replace(f"${number}", f":{name}")
    for good, bad in changes:
        assert good in text, f"the statement no longer says {good!r}: plant the bug anew"
        text = text.replace(good, bad)
    return Statement(text)


async def _drop(lab: Lab, *locks: str) -> None:
    """Take second locks out: `table.constraint`, or an index."""
    for lock in locks:
        table, _, constraint = lock.partition(".")
        await lab.db.fetch(
            f"ALTER TABLE cavendish.{table} DROP CONSTRAINT {constraint}"
            if constraint
            else f"DROP INDEX cavendish.{table}"
        )


async def test_1_a_balance_that_is_read_and_then_written_is_found(own_lab: Lab, monkeypatch) -> None:
    await _drop(own_lab, "accounts.accounts_balance_check")
    racy = _without(
        submit_batch._SUBMIT,
        (">= 0\n    ORDER BY id FOR NO KEY UPDATE", ">= 0"),
        ("SET balance = a.balance - h.covered * h.price", "SET balance = h.balance - h.covered * h.price"),
    )
    monkeypatch.setattr(submit_batch, "_SUBMIT", racy)

    await _is_red(checks.spends_exactly_what_there_is(own_lab, spends=SPENDS), "Submitted")


async def test_2_a_settlement_without_a_fence_is_found(own_lab: Lab, monkeypatch) -> None:
    monkeypatch.setattr(settle, "_FAIL", _without(settle._FAIL, ("AND fence = :fence", "AND :fence > 0")))

    await _is_red(checks.an_old_claim_cannot_end_what_a_newer_one_makes(own_lab), "an old claim refunded")


async def test_5_a_refund_at_the_deadline_and_a_capture_of_the_late_success_are_found(
    own_lab: Lab, monkeypatch
) -> None:
    await _drop(own_lab, "ledger_one_settlement")
    refunds_only = _without(
        settle._EXPIRE,
        (
            "SET state = 'failed', progress = 0, error = :error, error_code = 'EXPIRED',",
            "SET warnings = warnings || :error::text,",
        ),
        ("finished_at = cavendish.cavendish_now()", "fence = fence"),
    )
    monkeypatch.setattr(settle, "_EXPIRE", refunds_only)

    await _is_red(checks.a_late_success_is_not_paid(own_lab), "a late success was captured")


async def test_6_a_repeated_settlement_without_the_unique_index_is_found(own_lab: Lab, monkeypatch) -> None:
    await _drop(own_lab, "ledger_one_settlement")
    monkeypatch.setattr(
        settle,
        "_COMPLETE",
        _without(settle._COMPLETE, ("AND state = 'generating'", "AND state IN ('generating', 'completed')")),
    )

    await _is_red(checks.a_settlement_whose_answer_is_lost_happens_once(own_lab), "'capture', 'capture'")


async def test_6_with_the_index_the_database_stops_it(own_lab: Lab, monkeypatch) -> None:
    """The second lock by itself: the code asks for two settlements and gets one."""
    monkeypatch.setattr(
        settle,
        "_COMPLETE",
        _without(settle._COMPLETE, ("AND state = 'generating'", "AND state IN ('generating', 'completed')")),
    )

    with pytest.raises(UniqueViolation, match="ledger_one_settlement"):
        await checks.a_settlement_whose_answer_is_lost_happens_once(own_lab)

    assert await checks.violations(own_lab.db) == []


async def test_7_a_key_that_is_looked_up_outside_the_transaction_is_found(own_lab: Lab, monkeypatch) -> None:
    await _drop(own_lab, "idempotency_keys.idempotency_keys_pkey")
    monkeypatch.setattr(
        generations, "_IDEMPOTENT_INSERT", generations._IDEMPOTENT_INSERT.replace("ON CONFLICT DO NOTHING", "")
    )

    await _is_red(checks.one_key_is_one_generation(own_lab, submissions=60), "== 1")


async def test_8_a_deadline_by_the_workers_clock_is_found(own_lab: Lab, monkeypatch) -> None:
    async def overdue(connection: Connection, *, count: int) -> list[object]:
        rows = await connection.fetch(
            "SELECT id FROM cavendish.generations WHERE deadline_at <= to_timestamp($1) LIMIT $2", time.time(), count
        )
        return [row["id"] for row in rows]

    class Now:
        text = property(lambda _: own_expire.text.replace("cavendish.cavendish_now()", f"to_timestamp({time.time()})"))
        arguments = property(lambda _: own_expire.arguments)

    own_expire = settle._EXPIRE
    monkeypatch.setattr(generations, "overdue", overdue)
    monkeypatch.setattr(settle, "_EXPIRE", Now())

    await _is_red(checks.only_the_database_tells_the_time(own_lab, monkeypatch), "'failed' == 'generating'")


async def test_18_credits_with_fractions_are_found(own_lab: Lab, monkeypatch) -> None:
    for table, columns in {
        "accounts": ("balance", "held"),
        "ledger": ("amount", "balance_change", "held_change"),
        "generations": ("price", "credits_charged"),
    }.items():
        for column in columns:
            await own_lab.db.fetch(f"ALTER TABLE cavendish.{table} ALTER COLUMN {column} TYPE double precision")

    await _is_red(checks.spends_exactly_what_there_is(own_lab, spends=SPENDS), "credits are whole numbers")


@pytest.mark.parametrize(
    "check",
    [
        lambda lab, patch: checks.spends_exactly_what_there_is(lab, spends=SPENDS),
        lambda lab, patch: checks.one_key_is_one_generation(lab, submissions=30),
        lambda lab, patch: checks.an_old_claim_cannot_end_what_a_newer_one_makes(lab),
        lambda lab, patch: checks.a_late_success_is_not_paid(lab),
        lambda lab, patch: checks.a_settlement_whose_answer_is_lost_happens_once(lab),
        lambda lab, patch: checks.only_the_database_tells_the_time(lab, patch),
    ],
)
async def test_without_a_planted_bug_each_check_is_green(
    lab: Lab, monkeypatch, check: Callable[[Lab, pytest.MonkeyPatch], Awaitable[None]]
) -> None:
    await check(lab, monkeypatch)
