"""Two transactions over one generation, their statements in every order: one ends it, the other finds it ended."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable

import pytest
from interleaving import Actor, Step, orders, play, transaction
from money_helpers import Lab, execute_on, picture, submission, violations

from cavendish.application.generations import submit as submitting
from cavendish.application.generations import submit_batch
from cavendish.application.work import settle
from cavendish.models import Caller
from cavendish.stores import generations
from cavendish.stores.generations import Claim, IdempotencyKey
from harness.claims import CLAIM_ONE, LEASE

pytestmark = pytest.mark.anyio

ORDERS = list(orders(3, 3))
FAILURES = {"failure_count": 1000, "failure_seconds": 3600}


def complete(claim: Claim, *, charge: int = 4) -> Step:
    image = picture(claim.fence)
    return lambda connection: execute_on(
        connection, settle._COMPLETE, id=claim.generation.id, fence=claim.fence, engine="script",
        engine_model="script-1", seed=None, charge=charge, warnings=(), image_name=image.name, image_type=image.media_type,
        image_width=image.width, image_height=image.height, image_bytes=image.size_bytes, image_sha256=image.sha256, grounding=None, notes=None,
        registered=False, watermark=None, fingerprint=None,
    )  # fmt: skip


def fail(claim: Claim) -> Step:
    return lambda connection: execute_on(
        connection,
        settle._FAIL,
        id=claim.generation.id,
        fence=claim.fence,
        error="failed",
        error_code="GENERATION_FAILED",
        of_order=True,
        **FAILURES,
    )


def expire(claim: Claim) -> Step:
    return lambda connection: execute_on(
        connection, settle._EXPIRE, id=claim.generation.id, error="expired", of_order=False, **FAILURES
    )


def cancel(claim: Claim, *, stopping: tuple[str, ...] = ("script",)) -> Step:
    return lambda connection: execute_on(
        connection,
        settle._CANCEL,
        id=claim.generation.id,
        stopping=list(stopping),
        error="cancelled",
        of_order=False,
        **FAILURES,
    )


def claim_again(claim: Claim) -> Step:
    return lambda connection: execute_on(connection, CLAIM_ONE, id=claim.generation.id, lease=LEASE)


def move(claim: Claim) -> Step:
    return lambda connection: execute_on(
        connection, settle._MOVE, id=claim.generation.id, fence=claim.fence, engine="backup",
        attempts=0, claims=0, delay=datetime.timedelta(0),
    )  # fmt: skip


async def _play_all(
    lab: Lab, caller: Caller, first: Callable[[Claim], Step], second: Callable[[Claim], Step], *, overdue: bool = False
) -> list[tuple[bool, bool, str]]:
    """Every order, each with a generation of its own: did the first act, did the second, and the state afterwards."""
    found = []
    for order in ORDERS:
        claim = await lab.claimed(caller)
        if overdue:
            await lab.overdue(claim)
        actors = [transaction(first(claim)), transaction(second(claim))]
        await play(lab.db, order, actors)
        found.append((*(_acted(actor) for actor in actors), await lab.state(claim.generation.id)))
    assert await violations(lab.db) == []
    return found


def _acted(actor: Actor) -> bool:
    assert not isinstance(actor.answer, Exception), actor.answer
    return actor.answer is not None


async def test_of_two_that_complete_one_is_first_and_one_picture_is_paid(lab: Lab) -> None:
    caller = await lab.caller(credits=1000)

    found = await _play_all(lab, caller, complete, complete)

    assert {(first + second, state) for first, second, state in found} == {(1, "completed")}
    assert {first for first, _, _ in found} == {True, False}
    assert await lab.balance(caller) == (1000 - 20 * 4, 0)


async def test_of_one_that_completes_and_one_that_fails_one_decides(lab: Lab) -> None:
    found = await _play_all(lab, await lab.caller(credits=1000), complete, fail)

    assert set(found) == {(True, False, "completed"), (False, True, "failed")}


async def test_of_one_that_completes_and_one_that_expires_one_decides(lab: Lab) -> None:
    found = await _play_all(lab, await lab.caller(credits=1000), complete, expire, overdue=True)

    assert set(found) == {(True, False, "completed"), (False, True, "failed")}


async def test_of_one_that_fails_and_one_that_expires_one_refunds(lab: Lab) -> None:
    caller = await lab.caller(credits=1000)

    found = await _play_all(lab, caller, fail, expire, overdue=True)

    assert set(found) == {(True, False, "failed"), (False, True, "failed")}
    assert await lab.balance(caller) == (1000, 0)


async def test_of_one_that_completes_and_one_that_cancels_one_decides(lab: Lab) -> None:
    """Of an engine that stops unbilled."""
    caller = await lab.caller(credits=1000)

    found = await _play_all(lab, caller, complete, cancel)

    assert set(found) == {(True, False, "completed"), (False, True, "failed")}
    completed = sum(state == "completed" for *_, state in found)
    assert await lab.balance(caller) == (1000 - completed * 4, 0)


@pytest.mark.parametrize("end", [fail, expire, cancel])
async def test_of_one_that_cancels_and_one_that_ends_it_otherwise_one_refunds(
    lab: Lab, end: Callable[[Claim], Step]
) -> None:
    caller = await lab.caller(credits=1000)

    found = await _play_all(lab, caller, end, cancel, overdue=True)

    assert set(found) == {(True, False, "failed"), (False, True, "failed")}
    assert await lab.balance(caller) == (1000, 0)


async def test_what_waits_is_claimed_or_cancelled(lab: Lab) -> None:
    """Nobody has it, or a worker whose engine bills what it has begun."""
    caller = await lab.caller(credits=1000)
    for order in ORDERS:
        waiting = await lab.submit(caller)
        actors = [
            transaction(lambda on, id=waiting.generation_id: execute_on(on, CLAIM_ONE, id=id, lease=LEASE)),
            transaction(
                lambda on, id=waiting.generation_id: execute_on(
                    on, settle._CANCEL, id=id, stopping=[], error="cancelled", of_order=False, **FAILURES
                )
            ),
        ]
        await play(lab.db, order, actors)

        claimed, cancelled = (_acted(actor) for actor in actors)
        state = await lab.state(waiting.generation_id)
        assert (claimed, cancelled, state) in {(True, False, "generating"), (False, True, "failed")}
    assert await violations(lab.db) == []


async def test_a_move_and_a_cancellation_end_in_one_refund_or_another_try(lab: Lab) -> None:
    """Of an engine that bills: cancelled is only what the move left to nobody."""

    def of_no_other(claim: Claim) -> Step:
        return cancel(claim, stopping=())

    found = await _play_all(lab, await lab.caller(credits=1000), move, of_no_other)

    assert set(found) == {(True, True, "failed"), (True, False, "generating")}


async def test_a_claim_and_a_failure_never_leave_a_claimed_generation_refunded(lab: Lab) -> None:
    """Either the failure was first and there is nothing to claim, or the newer claim shuts the failure out."""
    found = await _play_all(lab, await lab.caller(credits=1000), fail, claim_again)

    assert set(found) == {(True, False, "failed"), (False, True, "generating")}


async def test_a_move_and_a_completion_end_in_the_picture(lab: Lab) -> None:
    """Moved first: the picture of the try before is still good. Completed first: there is nothing to move."""
    found = await _play_all(lab, await lab.caller(credits=1000), move, complete)

    assert set(found) == {(True, True, "completed"), (False, True, "completed")}


async def test_a_move_and_an_expiry_end_in_one_refund(lab: Lab) -> None:
    found = await _play_all(lab, await lab.caller(credits=1000), move, expire, overdue=True)

    assert set(found) == {(True, True, "failed"), (False, True, "failed")}


async def test_two_that_move_leave_it_to_one_claim(lab: Lab) -> None:
    """The same try is moved twice only by a worker whose first answer was lost."""
    caller = await lab.caller(credits=1000)
    for order in ORDERS:
        claim = await lab.claimed(caller)
        await play(lab.db, order, [transaction(move(claim)), transaction(move(claim))])

        row = await lab.db.fetchrow(
            "SELECT engine, fence, leased FROM cavendish.generations WHERE id = $1", claim.generation.id
        )
        assert row is not None and tuple(row) == ("backup", claim.fence, False)


async def test_two_that_claim_get_numbers_of_their_own(lab: Lab) -> None:
    caller = await lab.caller(credits=1000)
    for order in ORDERS:
        claim = await lab.claimed(caller)
        actors = [transaction(claim_again(claim)), transaction(claim_again(claim))]
        await play(lab.db, order, actors)

        assert sorted(actor.answer["fence"] for actor in actors) == [2, 3]
    assert await violations(lab.db) == []


async def test_an_old_claim_that_fails_and_a_new_one_that_completes_end_in_the_picture(lab: Lab) -> None:
    caller = await lab.caller(credits=1000)
    for order in ORDERS:
        old = await lab.claimed(caller)
        new = await lab.claim(old.generation.id)
        assert new is not None
        actors = [transaction(fail(old)), transaction(complete(new))]
        await play(lab.db, order, actors)

        assert [_acted(actor) for actor in actors] == [False, True]
        assert await lab.state(old.generation.id) == "completed"
    assert await violations(lab.db) == []


async def test_settlements_of_two_generations_of_one_account_both_happen(lab: Lab) -> None:
    caller = await lab.caller(credits=1000)
    for order in ORDERS:
        one, other = await lab.claimed(caller), await lab.claimed(caller)
        actors = [transaction(complete(one)), transaction(fail(other))]
        await play(lab.db, order, actors)

        assert [_acted(actor) for actor in actors] == [True, True]
    assert await lab.balance(caller) == (1000 - 20 * 4, 0)
    assert await violations(lab.db) == []


async def test_two_submissions_for_the_last_credits_in_every_order_take_them_once(lab: Lab) -> None:
    for order in ORDERS:
        caller = await lab.caller(credits=7)
        actors = [transaction(submit(lab, caller)), transaction(submit(lab, caller))]
        await play(lab.db, order, actors)

        assert sorted(actor.answer for actor in actors) == [False, True]
        assert await lab.balance(caller) == (3, 4)
    assert await violations(lab.db) == []


async def test_two_submissions_with_one_key_in_every_order_are_one_generation(lab: Lab) -> None:
    """Find, claim the key, submit: three statements each, their orders drawn evenly from all of them."""
    for order in list(orders(5, 5))[::8]:
        caller = await lab.caller(credits=100)
        actors = [transaction(*submit_by_key(lab, caller)), transaction(*submit_by_key(lab, caller))]
        await play(lab.db, order, actors)

        assert await lab.count(caller) == 1
        assert await lab.balance(caller) == (96, 4)
    assert await violations(lab.db) == []


def submit(lab: Lab, caller: Caller) -> Step:
    request = submitting._request(
        lab.services.settings, caller, submission(), lab.services.rate_limiter.budgets(caller), engine="script"
    )

    async def step(connection) -> bool:
        [outcome] = await submit_batch.write(connection, [request])
        return outcome.created

    return step


def submit_by_key(lab: Lab, caller: Caller) -> list[Step]:
    key = IdempotencyKey(caller.account_id, "/generate", "one", b"0" * 32)
    request = submitting._request(
        lab.services.settings, caller, submission(), lab.services.rate_limiter.budgets(caller), engine="script"
    )
    mine: list[bool] = []

    async def find(connection) -> None:
        mine.append(not await generations.find_key(connection, key))

    async def remember(connection) -> None:
        if mine[-1]:
            mine.append(await generations.remember_key(connection, key, uuid.UUID(hex=request.values["id"])))

    async def write(connection) -> None:
        if mine[-1]:
            await submit_batch.write(connection, [request])

    return [find, remember, write]
