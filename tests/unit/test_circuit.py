"""An engine that fails again and again is left alone, and tried again by one call at a time."""

from __future__ import annotations

import pytest

from cavendish.application import circuit
from cavendish.application.circuit import Circuit
from cavendish.engines import base


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock) -> Circuit:
    found = Circuit(clock)
    for _ in range(circuit.FAILURES):
        found.note(base.EngineBusy("no"))
    return found


def test_it_opens_at_the_last_failure_in_a_row_and_not_before(clock: Clock) -> None:
    found = Circuit(clock)
    for _ in range(circuit.FAILURES - 1):
        found.note(base.EngineBusy("no"))

    assert (found.enter(), found.state) == (0.0, "closed")
    found.note(base.EngineBusy("no"))
    assert (found.enter(), found.state) == (circuit.OPEN_SECONDS, "open")


def test_a_success_in_between_counts_from_zero(clock: Clock) -> None:
    found = Circuit(clock)
    for error in [base.EngineFault("x")] * 4 + [None] + [base.EngineFault("x")] * 4:
        found.note(error)

    assert found.state == "closed"


@pytest.mark.parametrize(
    "error",
    [base.EngineRejected("x"), base.EngineBlocked("x", stage="prompt", reason="SAFETY"), base.EngineNoImage("x")],
)
def test_what_lies_in_the_request_says_that_the_engine_works(clock: Clock, error: base.EngineError) -> None:
    found = Circuit(clock)
    for _ in range(20):
        found.note(error)

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
    for _ in range(circuit.FAILURES):
        found.note(error)

    assert (found.state, found.unavailable) == ("open", unavailable)


def test_after_the_pause_one_call_is_let_through_and_its_success_closes(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += circuit.OPEN_SECONDS

    assert found.state == "trial"
    assert (found.enter(), found.enter() > 0) == (0.0, True)
    found.note(None)
    assert [found.enter() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_a_trial_that_fails_doubles_the_pause_up_to_its_bound(clock: Clock) -> None:
    found, pauses = opened(clock), []
    for _ in range(7):
        clock.seconds += found.enter()
        assert found.enter() == 0.0
        found.note(base.EngineBusy("no"))
        pauses.append(found.enter())

    assert pauses == [20.0, 40.0, 80.0, 160.0, 160.0, 160.0, 160.0]


def test_calls_that_began_before_it_opened_do_not_lengthen_the_pause(clock: Clock) -> None:
    found = opened(clock)
    for _ in range(10):
        found.note(base.EngineBusy("no"))

    assert found.enter() == circuit.OPEN_SECONDS


def test_a_trial_given_up_from_outside_lets_the_next_one_try(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += circuit.OPEN_SECONDS
    assert found.enter() == 0.0

    found.left()

    assert found.enter() == 0.0


def test_a_trial_of_which_nobody_tells_is_given_up(clock: Clock) -> None:
    found = opened(clock)
    clock.seconds += circuit.OPEN_SECONDS
    assert found.enter() == 0.0

    clock.seconds += circuit.TRIAL_SECONDS

    assert found.enter() == 0.0
