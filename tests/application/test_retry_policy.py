"""Where a generation goes after a failed try: bounded, in the route's order, and never on after a refusal."""

from __future__ import annotations

import pytest

from cavendish.application.work import retry_policy
from cavendish.application.work.retry_policy import Retry, Step
from cavendish.engines import base
from cavendish.errors import ContentBlocked, GenerationFailed

ROUTE = ("first", "second", "third")


def step(error: base.EngineError, *, engine: str = "first", failures: int = 0, left: float = 600.0) -> Step | None:
    translated = retry_policy.translated(error)
    assert isinstance(translated, Retry), translated
    return retry_policy.next_step(
        translated, engine=engine, route=ROUTE, failures=failures, tries_max=3, seconds_left=left
    )


BUSY = base.EngineBusy("x", retry_after_seconds=5.0)


def test_an_unavailable_engine_is_left_at_once_and_the_last_one_fails() -> None:
    error = base.EngineUnavailable("x")

    assert step(error) == Step("second", 0.0, 0)
    assert step(error, engine="second") == Step("third", 0.0, 0)
    assert step(error, engine="third") is None


def test_a_busy_engine_gets_three_tries_and_then_the_next_one_gets_its_own() -> None:
    assert step(BUSY) == Step("first", 5.0, 1)
    assert step(BUSY, failures=1) == Step("first", 5.0, 1)
    assert step(BUSY, failures=2) == Step("second", 0.0, 0)
    assert step(BUSY, engine="third", failures=2) is None


def test_a_wait_beyond_the_deadline_is_not_waited() -> None:
    assert step(BUSY, left=5.1) == Step("first", 5.0, 1)
    assert step(BUSY, left=5.0) == Step("second", 0.0, 0)
    assert step(BUSY, engine="third", left=5.0) is None


def test_the_wait_for_a_busy_engine_that_named_none_doubles() -> None:
    for failures, seconds in ((0, 2.0), (1, 4.0)):
        found = step(base.EngineBusy("x"), failures=failures)
        assert found is not None
        assert 0.75 * seconds <= found.delay_seconds <= 1.25 * seconds


def test_a_timeout_before_sending_goes_on_and_the_last_engine_is_tried_again() -> None:
    error = base.EngineTimeout("x", sent=False)

    assert step(error) == Step("second", 0.0, 0)
    last = step(error, engine="third")
    assert last is not None
    assert (last.engine, last.failures) == ("third", 1)
    assert step(error, engine="third", failures=2) is None


@pytest.mark.parametrize("error", [base.EngineFault("x"), base.EngineNoImage("x")])
def test_a_broken_answer_is_asked_for_once_more_and_never_of_another_engine(error: base.EngineError) -> None:
    assert step(error) == Step("first", 0.0, 1)
    assert step(error, failures=1) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (base.EngineRejected("x"), GenerationFailed),
        (base.EngineTimeout("x", sent=True), GenerationFailed),
        (base.EngineNoImage("x", again=False), GenerationFailed),
        (base.EngineBlocked("x", stage="output", reason="SAFETY"), ContentBlocked),
    ],
)
def test_a_refusal_and_what_may_have_been_billed_end_it(error: base.EngineError, kind: type[Exception]) -> None:
    assert isinstance(retry_policy.translated(error), kind)


def test_an_engine_that_left_the_route_gives_way_to_its_first() -> None:
    assert step(base.EngineUnavailable("x"), engine="gone") == Step("first", 0.0, 0)


def test_a_postponed_try_counts_as_none() -> None:
    postponed = Retry("circuit open", retry_policy.unavailable(), delay_seconds=9.0, next_engine="now", counts=False)

    found = retry_policy.next_step(postponed, engine="third", route=ROUTE, failures=2, tries_max=3, seconds_left=600.0)

    assert found == Step("third", 9.0, 0)
