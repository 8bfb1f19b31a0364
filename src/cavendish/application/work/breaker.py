"""The state machine of a circuit breaker. It counts, and waits; what a failure is, and whose, others decide.

Closed: calls go through. After `FAILURES` in a row it opens: no calls, for `OPEN_SECONDS`, doubled each time up to
`OPEN_SECONDS_MAX`. Then one call is let through; its success closes the breaker, its failure opens it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from cavendish import clock

FAILURES = 5  # in a row: fewer would punish an engine for one bad minute, more would feed it queues it cannot serve
# Of them at most so many may be one suspect's: what an engine does to one account's orders is no word on the others'.
FAILURES_OF_ONE_MAX = 3
OPEN_SECONDS = 10.0
OPEN_SECONDS_MAX = 160.0  # well under the deadline of ten minutes: a generation may wait out a whole pause
TRIAL_SECONDS = 330.0  # a trial that has not ended by then was lost: longer than any engine may take for one picture
YIELD_SECONDS = 5.0  # whoever failed last leaves the trial to others for so long; if none comes, it is his

State = Literal["closed", "open", "trial"]
Suspect = int | None  # whose order may be to blame; None: the engine's own failure, beyond doubt


class Breaker:
    """One breaker. It opens only by failures that are not all one suspect's, and tries not with his call again."""

    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._failures: dict[Suspect, int] = {}
        self._last: Suspect = None
        self._opened = False
        self._pause = OPEN_SECONDS
        self._open_until = 0.0
        self._trial_until = 0.0
        self._stretch = 0

    @property
    def state(self) -> State:
        if not self._opened:
            return "closed"
        return "open" if self._now() < self._open_until else "trial"

    def wait_seconds(self, caller: Suspect = None) -> float:
        """For how long this caller may not call; 0.0: he may."""
        if not self._opened:
            return 0.0
        now = self._now()
        if now < self._open_until:
            return self._open_until + self._behind(caller) - now
        trial = max(0.0, min(self._pause, self._trial_until - now))
        return max(trial, self._open_until + self._behind(caller) - now)

    def enter(self, caller: Suspect = None) -> int | None:
        """Begin a call; tell by this number how it went. None: not now.

        The number changes when the breaker opens, and with each trial: one that began before says nothing of now.
        """
        if self.wait_seconds(caller):
            return None
        if self._opened:
            self._stretch += 1
            self._trial_until = self._now() + TRIAL_SECONDS
        return self._stretch

    def succeeded(self, stretch: int) -> bool:
        """Returns whether it counted."""
        if stretch != self._stretch:
            return False
        self._failures, self._opened, self._last = {}, False, None
        self._pause, self._trial_until = OPEN_SECONDS, 0.0
        return True

    def failed(self, stretch: int, suspect: Suspect = None) -> bool:
        """A trial that fails opens it again, for twice as long unless it only failed the same suspect once more.

        Returns whether it counted: a call from before does not.
        """
        if stretch != self._stretch:
            return False
        again = suspect is not None and suspect == self._last
        self._last = suspect
        if self._opened:
            self._open(self._pause if again else min(self._pause * 2, OPEN_SECONDS_MAX))
            return True
        self._failures[suspect] = self._failures.get(suspect, 0) + 1
        if self._counted() >= FAILURES:
            self._open(OPEN_SECONDS)
        return True

    def left(self, stretch: int) -> None:
        """The call was given up from outside, and says nothing: if it was the trial, another may try."""
        if stretch == self._stretch:
            self._trial_until = 0.0

    def _behind(self, caller: Suspect) -> float:
        return YIELD_SECONDS if caller is not None and caller == self._last else 0.0

    def _counted(self) -> int:
        certain = self._failures.get(None, 0)
        return certain + sum(
            min(count, FAILURES_OF_ONE_MAX) for suspect, count in self._failures.items() if suspect is not None
        )

    def _open(self, pause: float) -> None:
        self._opened, self._pause = True, pause
        self._open_until, self._trial_until = self._now() + pause, 0.0
        self._stretch += 1
