"""An engine that fails again and again is left alone, and tried again by one call at a time."""

from __future__ import annotations

import pytest

from cavendish.application.work import circuit_breaker
from cavendish.application.work.circuit_breaker import Call, Circuit
from cavendish.engines import base

BUSY = base.EngineBusy("no")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def told(found: Circuit, *errors: Exception | None) -> None:
    """Calls one after the other, each with its end."""
    for error in errors:
        found.note(begun(found), error)


def begun(found: Circuit) -> Call:
    call = found.enter()
    assert call is not None
    return call


def opened(clock: Clock, error: base.EngineError = BUSY) -> Circuit:
    found = Circuit(clock)
    told(found, *[error] * circuit_breaker.FAILURES)
    return found


def test_it_opens_at_the_last_failure_in_a_row_and_not_before(clock: Clock) -> None:
    found = Circuit(clock)
    told(found, *[BUSY] * (circuit_breaker.FAILURES - 1))

    assert (found.wait_seconds, found.state) == (0.0, "closed")
    told(found, BUSY)
    assert (found.enter(), found.wait_seconds, found.state) == (None, circuit_breaker.OPEN_SECONDS, "open")


def test_a_success_in_between_counts_from_zero(clock: Clock) -> None:
    found = Circuit(clock)
    told(found, *[base.EngineFault("x")] * 4, None, *[base.EngineFault("x")] * 4)

    assert found.state == "closed"


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
    told(found, *[error] * circuit_breaker.FAILURES)

    assert (found.state, found.unavailable) == ("open", unavailable)


@pytest.mark.parametrize("error", [base.EngineUnavailable("x", asked=False), base.EngineRejected("x", asked=False)])
def test_what_was_refused_here_without_asking_neither_opens_nor_closes(clock: Clock, error: base.EngineError) -> None:
    closed, paused = Circuit(clock), opened(clock)
    clock.seconds += circuit_breaker.OPEN_SECONDS

    told(closed, *[error] * 20)
    told(paused, error)

    assert (closed.state, paused.state) == ("closed", "trial")
    assert paused.enter() is not None, "the trial is still to come"


def test_after_the_pause_one_call_is_let_through_and_its_success_closes(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += circuit_breaker.OPEN_SECONDS

    assert found.state == "trial"
    trial = begun(found)
    assert found.enter() is None
    found.note(trial, None)
    assert all(found.enter() for _ in range(3))


def test_a_trial_that_fails_doubles_the_pause_up_to_its_bound(clock: Clock) -> None:
    found, pauses = opened(clock), []
    for _ in range(7):
        clock.seconds += found.wait_seconds
        told(found, BUSY)
        pauses.append(found.wait_seconds)

    assert pauses == [20.0, 40.0, 80.0, 160.0, 160.0, 160.0, 160.0]


def test_calls_that_began_before_it_opened_do_not_lengthen_the_pause(clock: Clock) -> None:
    found = Circuit(clock)
    calls = [begun(found) for _ in range(circuit_breaker.FAILURES + 10)]
    for call in calls:
        found.note(call, BUSY)

    assert found.wait_seconds == circuit_breaker.OPEN_SECONDS


@pytest.mark.parametrize("end", [BUSY, None, base.EngineRejected("x")], ids=["fails", "succeeds", "is rejected"])
def test_how_a_call_from_before_ends_is_not_taken_for_the_trials_end(clock: Clock, end: Exception | None) -> None:
    found = Circuit(clock)
    old = begun(found)
    told(found, *[BUSY] * circuit_breaker.FAILURES)
    clock.seconds += circuit_breaker.OPEN_SECONDS
    trial = begun(found)

    found.note(old, end)

    assert (found.state, found.enter()) == ("trial", None), "the trial is still under way"
    found.note(trial, BUSY)
    assert found.wait_seconds == 2 * circuit_breaker.OPEN_SECONDS


def test_a_call_from_before_that_is_given_up_lets_no_second_trial_in(clock: Clock) -> None:
    found = Circuit(clock)
    old = begun(found)
    told(found, *[BUSY] * circuit_breaker.FAILURES)
    clock.seconds += circuit_breaker.OPEN_SECONDS
    begun(found)

    found.left(old)

    assert found.enter() is None


def test_calls_from_before_it_closed_do_not_open_it_again(clock: Clock) -> None:
    found = Circuit(clock)
    old = [begun(found) for _ in range(circuit_breaker.FAILURES)]
    told(found, *[BUSY] * circuit_breaker.FAILURES)
    clock.seconds += circuit_breaker.OPEN_SECONDS
    told(found, None)

    for call in old:
        found.note(call, BUSY)

    assert found.state == "closed"


def test_a_trial_given_up_from_outside_lets_the_next_one_try(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += circuit_breaker.OPEN_SECONDS

    found.left(begun(found))

    assert found.enter() is not None


def test_a_trial_of_which_nobody_tells_is_given_up(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += circuit_breaker.OPEN_SECONDS
    lost = begun(found)

    clock.seconds += circuit_breaker.TRIAL_SECONDS
    begun(found)
    found.note(lost, None)

    assert (found.state, found.enter()) == ("trial", None), "only the second trial decides now"
