"""A circuit breaker per engine, model and worker: what fails again and again is left alone for a while.

Closed: calls go through. After `FAILURES` in a row it opens: no calls, for `OPEN_SECONDS`, doubled each time up to
`OPEN_SECONDS_MAX`. Then one call is let through; its success closes the circuit, its failure opens it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cavendish import clock
from cavendish.engines import base

FAILURES = 5  # in a row: fewer would punish an engine for one bad minute, more would feed it queues it cannot serve
OPEN_SECONDS = 10.0
OPEN_SECONDS_MAX = 160.0  # well under the deadline of ten minutes: a generation may wait out a whole pause
TRIAL_SECONDS = 330.0  # a trial that has not ended by then was lost: longer than any engine may take for one picture

State = Literal["closed", "open", "trial"]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was let through. `stretch` changes when the circuit opens, and with each trial."""

    stretch: int


class Circuit:
    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._pause = OPEN_SECONDS
        self._open_until = 0.0
        self._trial_until = 0.0
        self._stretch = 0
        self.unavailable = False

    @property
    def state(self) -> State:
        if self._failures < FAILURES:
            return "closed"
        return "open" if self._now() < self._open_until else "trial"

    @property
    def wait_seconds(self) -> float:
        """For how long nobody may call the engine; 0.0: somebody may."""
        now = self._now()
        if self._failures < FAILURES:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return max(0.0, min(self._pause, self._trial_until - now))

    def enter(self) -> Call | None:
        """Call the engine now, and tell with this how it went; None: nobody may, for `wait_seconds`."""
        if self.wait_seconds:
            return None
        if self._failures >= FAILURES:
            self._stretch += 1
            self._trial_until = self._now() + TRIAL_SECONDS
        return Call(self._stretch)

    def note(self, call: Call, error: Exception | None) -> None:
        """How the call went: None for a picture. One that began before it opened says nothing of now."""
        if call.stretch != self._stretch:
            return
        if isinstance(error, base.EngineError) and not error.asked:
            self.left(call)
        elif error is None or isinstance(error, base.EngineRejected | base.EngineBlocked | base.EngineNoImage):
            self._succeeded()
        else:
            self._failed(unavailable=isinstance(error, base.EngineUnavailable))

    def left(self, call: Call) -> None:
        """The call was given up from outside, and says nothing of the engine: if it was the trial, another may try."""
        if call.stretch == self._stretch:
            self._trial_until = 0.0

    def _succeeded(self) -> None:
        """The engine works: it drew, or refused one request for reasons of that request."""
        self._failures, self._pause, self._trial_until, self.unavailable = 0, OPEN_SECONDS, 0.0, False

    def _failed(self, *, unavailable: bool) -> None:
        """The engine could not. `unavailable`: only its operator can mend it."""
        self._failures += 1
        self.unavailable = unavailable
        if self._failures >= FAILURES:
            self._pause = min(self._pause * 2, OPEN_SECONDS_MAX) if self._trial_until else OPEN_SECONDS
            self._open_until, self._trial_until = self._now() + self._pause, 0.0
            self._stretch += 1
