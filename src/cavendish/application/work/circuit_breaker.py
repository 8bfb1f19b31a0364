"""A circuit per engine, model and worker: what fails again and again is left alone for a while.

What an engine does to one account's orders is no word on the others': a prompt that breaks it could hold up everybody.
So there is a breaker for all, which opens by the engine's own failures or by those of several accounts, and one for
each account that failed, which spares the engine its orders and nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cavendish import clock
from cavendish.application.work.breaker import Breaker, State
from cavendish.engines import base

ACCOUNTS_MAX = 1000  # whose failures are remembered; the one that failed longest ago is forgotten first


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was let through, by both breakers."""

    account_id: int
    again: bool
    shared: int
    own: int


class Circuit:
    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._shared = Breaker(now)
        self._own: dict[int, Breaker] = {}
        self.unavailable = False

    @property
    def state(self) -> State:
        """For everybody."""
        return self._shared.state

    def wait_seconds(self, account_id: int) -> float:
        """For how long this account may not call the engine; 0.0: it may."""
        return max(self._shared.wait_seconds(account_id), self._of(account_id).wait_seconds())

    def enter(self, account_id: int, *, again: bool = False) -> Call | None:
        """Call the engine now, and tell with this how it went; None: not now, for `wait_seconds`.

        Args:
            again: The engine has failed this very generation before: if it fails now, that lies in the generation.
        """
        if self.wait_seconds(account_id):
            return None
        shared, own = self._shared.enter(account_id), self._of(account_id).enter()
        assert shared is not None and own is not None
        return Call(account_id, again, shared, own)

    def note(self, call: Call, error: Exception | None) -> None:
        """How the call went: None for a picture. One that began before it opened says nothing of now."""
        if isinstance(error, base.EngineStopped) or (isinstance(error, base.EngineError) and not error.asked):
            self.left(call)
        elif error is None or isinstance(error, base.EngineRejected | base.EngineBlocked | base.EngineNoImage):
            self._succeeded(call)
        elif _lies_in_engine(error):
            self._of(call.account_id).left(call.own)
            if self._shared.failed(call.shared):
                self.unavailable = isinstance(error, base.EngineUnavailable)
        else:
            self._suspected(call)

    def left(self, call: Call) -> None:
        """The call was given up from outside, and says nothing of the engine: if it was the trial, another may try."""
        self._shared.left(call.shared)
        self._of(call.account_id).left(call.own)

    def _of(self, account_id: int) -> Breaker:
        return self._own.get(account_id) or Breaker(self._now)

    def _succeeded(self, call: Call) -> None:
        """The engine works: it drew, or refused one request for reasons of that request."""
        self._of(call.account_id).succeeded(call.own)
        if self._shared.succeeded(call.shared):
            self.unavailable = False

    def _suspected(self, call: Call) -> None:
        """The engine broke or hung, over this account's order."""
        own = self._own.pop(call.account_id, None) or Breaker(self._now)
        own.failed(call.own)
        self._own[call.account_id] = own  # to the end of the line
        if len(self._own) > ACCOUNTS_MAX:
            del self._own[next(iter(self._own))]
        if call.again:
            self._shared.left(call.shared)
        elif self._shared.failed(call.shared, call.account_id):
            self.unavailable = False


def _lies_in_engine(error: Exception) -> bool:
    """Whether no prompt can have caused it."""
    return isinstance(error, base.EngineUnavailable | base.EngineBusy) or (
        isinstance(error, base.EngineTimeout) and not error.sent
    )
