"""What an engine's error means for its generation: another try, another engine, or its end. Decides, does nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from cavendish.application.work import engine_output
from cavendish.engines import base
from cavendish.errors import ApiError, ContentBlocked, GenerationFailed

_FAULT_TRIES_MAX = 2  # a broken answer is asked for once more: each may have been billed
_BUSY_SECONDS = 2.0  # before the second try where a busy engine named no time; doubled for each further one
_JITTER = 0.25  # of the delay, so that many that were refused together do not come back together


class Retry(Exception):
    """This try failed; there may be another.

    Attributes:
        reason: For logs.
        error: What the caller is told if there is none.
        delay_seconds: Before the same engine is tried again; None: by the number of tries so far.
        tries_max: Of this engine; None: the service's own number.
        next_engine: What the route's next engine is for: "now", "later" (when this one was tried enough), or "never".
        counts: Whether it was a failure of the engine; a try that was only postponed is none.
    """

    def __init__(
        self,
        reason: str,
        error: ApiError,
        *,
        delay_seconds: float | None = 0.0,
        tries_max: int | None = None,
        next_engine: str = "never",
        counts: bool = True,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error
        self.delay_seconds = delay_seconds
        self.tries_max = tries_max
        self.next_engine = next_engine
        self.counts = counts


@dataclass(frozen=True, slots=True)
class Step:
    """Where the generation goes next, and when."""

    engine: str
    delay_seconds: float
    failures: int


def next_step(
    retry: Retry, *, engine: str, route: tuple[str, ...], failures: int, tries_max: int, seconds_left: float
) -> Step | None:
    """The next try after `failures` earlier ones of this engine; None: there is none, so the generation fails.

    Bounded: each engine of the route is tried at most `tries_max` times, and never again once it was left.

    Args:
        seconds_left: In which a further try may still begin.
    """
    behind = _behind(route, engine)
    if retry.next_engine == "now" and behind is not None:
        return Step(behind, 0.0, 0)
    tries = failures + retry.counts
    delay = _delay(retry, tries)
    again = tries < min(tries_max, retry.tries_max or tries_max) and delay < seconds_left
    if again:
        return Step(engine, delay, int(retry.counts))
    return Step(behind, 0.0, 0) if retry.next_engine == "later" and behind is not None else None


def translated(error: base.EngineError) -> Exception:
    """A `Retry`, or the error with which the generation ends."""
    why = engine_output.line(str(error))
    match error:
        case base.EngineBlocked():
            reason = engine_output.line(error.reason)
            return ContentBlocked(f"{why} (stage: {error.stage}, reason: {reason}). Nothing was charged.")
        case base.EngineRejected():
            return GenerationFailed(f"Generation failed: {why}", of_order=True)
        case base.EngineUnavailable():
            return Retry("engine unavailable", unavailable(), next_engine="now", tries_max=1)
        case base.EngineBusy():
            return Retry("engine busy", busy(), delay_seconds=error.retry_after_seconds, next_engine="later")
        case base.EngineTimeout() if error.sent:
            return failed("the image engine did not answer in time")
        case base.EngineTimeout():
            late = failed("the image engine did not answer in time")
            return Retry("engine timeout", late, delay_seconds=None, next_engine="now")
        case base.EngineFault() if not error.again:
            return failed(why)
        case base.EngineNoImage() if not error.again:
            return failed(why, of_order=True)
        case base.EngineNoImage():
            return Retry("engine gave no image", failed(why, of_order=True), tries_max=_FAULT_TRIES_MAX)
        case _:
            return Retry("engine fault", failed(why), tries_max=_FAULT_TRIES_MAX)


def broken(reason: str, why: str) -> Retry:
    """Not an engine's own error: a bug of its, or an answer that is no picture."""
    return Retry(reason, failed(why), tries_max=_FAULT_TRIES_MAX)


def busy() -> GenerationFailed:
    return failed("the image engine is busy")


def unavailable() -> GenerationFailed:
    return failed("the image engine is not available")


def failed(why: str, *, of_order: bool = False) -> GenerationFailed:
    return GenerationFailed(f"Generation failed: {why.rstrip('.')}. Nothing was charged; try again.", of_order=of_order)


def _behind(route: tuple[str, ...], engine: str) -> str | None:
    behind = route[route.index(engine) + 1 :] if engine in route else route
    return behind[0] if behind else None


def _delay(retry: Retry, tries: int) -> float:
    if retry.delay_seconds is not None:
        return retry.delay_seconds
    return _BUSY_SECONDS * 2.0 ** (max(tries, 1) - 1) * random.uniform(1 - _JITTER, 1 + _JITTER)
