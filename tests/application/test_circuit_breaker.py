"""An engine that fails again and again is left alone, and tried again by one call at a time; no account for another."""

from __future__ import annotations

import itertools

import pytest

from cavendish.application.work import breaker, circuit_breaker
from cavendish.application.work.circuit_breaker import Call, Circuit
from cavendish.engines import base

BUSY = base.EngineBusy("no")
FAULT = base.EngineFault("broke")
ANN, BOB, CARL = 1, 2, 3


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def told(found: Circuit, *errors: Exception | None) -> None:
    """Calls one after the other, by two accounts in turn, each with its end."""
    for error, account in zip(errors, itertools.cycle((ANN, BOB)), strict=False):
        found.note(begun(found, account), error)


def begun(found: Circuit, account: int = ANN, *, again: bool = False) -> Call:
    call = found.enter(account, again=again)
    assert call is not None
    return call


def opened(clock: Clock, error: base.EngineError = BUSY) -> Circuit:
    found = Circuit(clock)
    told(found, *[error] * breaker.FAILURES)
    return found


def test_it_opens_at_the_last_failure_in_a_row_and_not_before(clock: Clock) -> None:
    found = Circuit(clock)
    told(found, *[BUSY] * (breaker.FAILURES - 1))

    assert (found.wait_seconds(ANN), found.state) == (0.0, "closed")
    told(found, BUSY)
    assert (found.enter(ANN), found.wait_seconds(ANN), found.state) == (None, breaker.OPEN_SECONDS, "open")


def test_a_success_in_between_counts_from_zero(clock: Clock) -> None:
    found = Circuit(clock)
    told(found, *[FAULT] * 4, None, *[FAULT] * 4)

    assert found.state == "closed"


def test_what_was_stopped_because_it_was_unwanted_says_nothing(clock: Clock) -> None:
    found = Circuit(clock)

    for _ in range(20):
        found.note(begun(found), base.EngineStopped("x"))
    assert (found.wait_seconds(ANN), found.state) == (0.0, "closed")
    told(found, *[BUSY] * (breaker.FAILURES - 1), base.EngineStopped("x"), BUSY)
    assert found.state == "open", "nor does it count from zero"


@pytest.mark.parametrize(
    "error",
    [base.EngineRejected("x"), base.EngineBlocked("x", stage="prompt", reason="SAFETY"), base.EngineNoImage("x")],
)
def test_what_lies_in_the_request_says_that_the_engine_works(clock: Clock, error: base.EngineError) -> None:
    found = Circuit(clock)
    told(found, *[error] * 20)

    assert found.state == "closed"


@pytest.mark.parametrize(
    ("error", "unavailable"),
    [
        (base.EngineUnavailable("x"), True), (base.EngineBusy("x"), False), (base.EngineFault("x"), False),
        (base.EngineTimeout("x", sent=True), False), (ZeroDivisionError(), False),
    ],
)  # fmt: skip
def test_what_lies_in_the_engine_counts(clock: Clock, error: Exception, unavailable: bool) -> None:
    found = Circuit(clock)
    told(found, *[error] * breaker.FAILURES)

    assert (found.state, found.unavailable) == ("open", unavailable)


@pytest.mark.parametrize("error", [base.EngineUnavailable("x", asked=False), base.EngineRejected("x", asked=False)])
def test_what_was_refused_here_without_asking_neither_opens_nor_closes(clock: Clock, error: base.EngineError) -> None:
    closed, paused = Circuit(clock), opened(clock)
    clock.seconds += breaker.OPEN_SECONDS

    told(closed, *[error] * 20)
    told(paused, error)

    assert (closed.state, paused.state) == ("closed", "trial")
    assert paused.enter(ANN) is not None, "the trial is still to come"


def test_after_the_pause_one_call_is_let_through_and_its_success_closes(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += breaker.OPEN_SECONDS

    assert found.state == "trial"
    trial = begun(found)
    assert found.enter(ANN) is None
    found.note(trial, None)
    assert all(found.enter(ANN) for _ in range(3))


def test_a_trial_that_fails_doubles_the_pause_up_to_its_bound(clock: Clock) -> None:
    found, pauses = opened(clock), []
    for _ in range(7):
        clock.seconds += found.wait_seconds(ANN)
        told(found, BUSY)
        pauses.append(found.wait_seconds(ANN))

    assert pauses == [20.0, 40.0, 80.0, 160.0, 160.0, 160.0, 160.0]


def test_calls_that_began_before_it_opened_do_not_lengthen_the_pause(clock: Clock) -> None:
    found = Circuit(clock)
    calls = [begun(found) for _ in range(breaker.FAILURES + 10)]
    for call in calls:
        found.note(call, BUSY)

    assert found.wait_seconds(ANN) == breaker.OPEN_SECONDS


@pytest.mark.parametrize("end", [BUSY, None, base.EngineRejected("x")], ids=["fails", "succeeds", "is rejected"])
def test_how_a_call_from_before_ends_is_not_taken_for_the_trials_end(clock: Clock, end: Exception | None) -> None:
    found = Circuit(clock)
    old = begun(found)
    told(found, *[BUSY] * breaker.FAILURES)
    clock.seconds += breaker.OPEN_SECONDS
    trial = begun(found)

    found.note(old, end)

    assert (found.state, found.enter(ANN)) == ("trial", None), "the trial is still under way"
    found.note(trial, BUSY)
    assert found.wait_seconds(ANN) == 2 * breaker.OPEN_SECONDS


def test_a_call_from_before_that_is_given_up_lets_no_second_trial_in(clock: Clock) -> None:
    found = Circuit(clock)
    old = begun(found)
    told(found, *[BUSY] * breaker.FAILURES)
    clock.seconds += breaker.OPEN_SECONDS
    begun(found)

    found.left(old)

    assert found.enter(ANN) is None


def test_calls_from_before_it_closed_do_not_open_it_again(clock: Clock) -> None:
    found = Circuit(clock)
    old = [begun(found) for _ in range(breaker.FAILURES)]
    told(found, *[BUSY] * breaker.FAILURES)
    clock.seconds += breaker.OPEN_SECONDS
    told(found, None)

    for call in old:
        found.note(call, BUSY)

    assert found.state == "closed"


def test_a_trial_given_up_from_outside_lets_the_next_one_try(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += breaker.OPEN_SECONDS

    found.left(begun(found))

    assert found.enter(ANN) is not None


def test_a_trial_of_which_nobody_tells_is_given_up(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += breaker.OPEN_SECONDS
    lost = begun(found)

    clock.seconds += breaker.TRIAL_SECONDS
    begun(found)
    found.note(lost, None)

    assert (found.state, found.enter(ANN)) == ("trial", None), "only the second trial decides now"


# One account's failures, and the others


def fail(found: Circuit, account: int, times: int) -> None:
    for _ in range(times):
        found.note(begun(found, account), FAULT)


def test_what_one_account_breaks_is_its_own_pause_and_nobody_elses(clock: Clock) -> None:
    found = Circuit(clock)
    fail(found, ANN, breaker.FAILURES)

    assert (found.enter(ANN), found.wait_seconds(ANN)) == (None, breaker.OPEN_SECONDS)
    assert (found.state, found.wait_seconds(BOB)) == ("closed", 0.0)


def test_one_honest_failure_beside_a_flood_of_one_accounts_opens_nothing(clock: Clock) -> None:
    found = Circuit(clock)
    for _ in range(20):
        clock.seconds += found.wait_seconds(ANN)
        fail(found, ANN, 1)
    fail(found, BOB, 1)

    assert (found.state, found.wait_seconds(BOB)) == ("closed", 0.0)


def test_failures_of_several_accounts_open_it_for_all(clock: Clock) -> None:
    found = Circuit(clock)
    fail(found, ANN, breaker.FAILURES_OF_ONE_MAX)
    fail(found, BOB, breaker.FAILURES - breaker.FAILURES_OF_ONE_MAX)

    assert (found.state, found.wait_seconds(CARL)) == ("open", breaker.OPEN_SECONDS)


def test_the_engines_own_failures_open_it_for_all_whoever_met_them(clock: Clock) -> None:
    found = Circuit(clock)
    for _ in range(breaker.FAILURES):
        found.note(begun(found, ANN), BUSY)

    assert (found.state, found.wait_seconds(BOB)) == ("open", breaker.OPEN_SECONDS)


def test_the_trial_goes_to_an_account_that_did_not_fail_last(clock: Clock) -> None:
    found = opened(clock, FAULT)  # by Ann, Bob, Ann, Bob, Ann
    clock.seconds += breaker.OPEN_SECONDS

    assert (found.enter(ANN), found.wait_seconds(ANN)) == (None, breaker.YIELD_SECONDS)
    assert found.enter(BOB) is not None


def test_where_no_other_account_comes_the_trial_is_its_own(clock: Clock) -> None:
    found = opened(clock, FAULT)
    clock.seconds += breaker.OPEN_SECONDS + breaker.YIELD_SECONDS

    assert found.enter(ANN) is not None


def test_only_another_accounts_failed_trial_doubles_the_pause(clock: Clock) -> None:
    found, pauses = opened(clock, FAULT), []
    for account in (ANN, ANN, ANN, BOB, BOB, CARL):
        clock.seconds += found.wait_seconds(account)
        fail(found, account, 1)
        pauses.append(found._shared._pause)

    assert pauses == [10.0, 10.0, 10.0, 20.0, 20.0, 40.0]


def test_a_generation_that_breaks_the_engine_twice_is_to_blame_itself(clock: Clock) -> None:
    found = Circuit(clock)
    for account in (ANN, BOB, CARL) * 3:
        found.note(begun(found, account, again=True), FAULT)

    assert found.state == "closed"


def test_a_trial_that_only_broke_over_the_same_generation_once_more_leaves_the_next_one_free(clock: Clock) -> None:
    found = opened(clock, FAULT)
    clock.seconds += breaker.OPEN_SECONDS

    found.note(begun(found, BOB, again=True), FAULT)

    assert found.enter(CARL) is not None


def test_the_accounts_that_are_remembered_have_a_bound(clock: Clock) -> None:
    found = Circuit(clock)
    for account in range(circuit_breaker.ACCOUNTS_MAX + 10):
        found.note(begun(found, account, again=True), FAULT)

    assert len(found._own) == circuit_breaker.ACCOUNTS_MAX
    assert 9 not in found._own and 10 in found._own
