"""A circuit breaker per engine and worker: an engine that fails again and again is left alone for a while.

Closed: calls go through. After `FAILURES` in a row it opens: no calls, for `OPEN_SECONDS`, doubled each time up to
`OPEN_SECONDS_MAX`. Then one call is let through; its success closes the circuit, its failure opens it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from cavendish import clock
from cavendish.engines import base

FAILURES = 5  # in a row: fewer would punish an engine for one bad minute, more would feed it queues it cannot serve
OPEN_SECONDS = 10.0
OPEN_SECONDS_MAX = 160.0  # well under the deadline of ten minutes: a generation may wait out a whole pause
TRIAL_SECONDS = 330.0  # a trial that has not ended by then was lost: longer than any engine may take for one picture

State = Literal["closed", "open", "trial"]


class Circuit:
    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._pause = OPEN_SECONDS
        self._open_until = 0.0
        self._trial_until = 0.0
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

    def enter(self) -> float:
        """0.0: call the engine now, and tell how it went. Else the seconds for which nobody may."""
        wait = self.wait_seconds
        if not wait and self._failures >= FAILURES:
            self._trial_until = self._now() + TRIAL_SECONDS
        return wait

    def succeeded(self) -> None:
        """The engine works: it drew, or refused one request for reasons of that request."""
        self._failures, self._pause, self._trial_until, self.unavailable = 0, OPEN_SECONDS, 0.0, False

    def failed(self, *, unavailable: bool) -> None:
        """The engine could not. `unavailable`: only its operator can mend it."""
        now, on_trial = self._now(), self._trial_until > 0
        self._failures += 1
        self.unavailable = unavailable
        # Calls that began before it opened may fail after; they say nothing new.
        if self._failures == FAILURES or (on_trial and self._failures > FAILURES):
            self._pause = min(self._pause * 2, OPEN_SECONDS_MAX) if on_trial else OPEN_SECONDS
            self._open_until, self._trial_until = now + self._pause, 0.0

    def left(self) -> None:
        """The call was given up from outside, and says nothing of the engine: another may try."""
        self._trial_until = 0.0

    def note(self, error: Exception | None) -> None:
        """How a call went: None for a picture."""
        if isinstance(error, base.EngineUnavailable | base.EngineBusy | base.EngineTimeout | base.EngineFault):
            self.failed(unavailable=isinstance(error, base.EngineUnavailable))
        elif error is None or isinstance(error, base.EngineError):
            self.succeeded()
        else:
            self.failed(unavailable=False)
