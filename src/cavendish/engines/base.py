"""The engine seam: what every engine takes, returns and may raise.

An engine is a module or package in this folder, or an entry point in the group `cavendish.engines`, that offers
`build(options: Options) -> Engine` and, where it has settings, `SETTINGS: tuple[EngineSetting, ...]`. An engine reads
its own settings (`CAVENDISH_<NAME>_…`), so nothing else need know them. Retry and failover live above the seam,
once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from cavendish.errors import CavendishError
from cavendish.models import RATIOS, Grounding, InputImage, Mode, Notes, Quality, RateLimit
from cavendish.settings.engine import Options

Publish = Callable[[InputImage], Awaitable[str]]

# Of an unfinished picture: as much as says what will become of it, in a second on a slow line.
PREVIEW_SIDE_MAX = 512  # pixels
PREVIEW_BYTES_MAX = 128 * 1024


async def _unpublished(image: InputImage) -> str:
    raise EngineUnavailable(
        "this engine needs input images at public URLs, and nothing here publishes them", asked=False
    )


def _unseen(data: bytes) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Need:
    """What a picture asks of an engine: what decides whether it can be made there at all."""

    model: str
    mode: Mode
    aspect_ratio: str
    image_quality: Quality
    input_images: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can, as data. Without a word it can all that may be asked of a model.

    Attributes:
        image_qualities: Those it takes, be it that it draws smaller and says so.
        input_images_max: None: as many as the model takes.
        seed: The same seed gives the same picture. False: a seed is not used, and the result says so.
        search: It searches the web itself where the request says `google_search`. False: that is done before, and the
            prompt holds what was found.
        masks: An edit may name the part of a picture that it is about.
        previews: It shows unfinished pictures while it draws, where the request asks for some.
        algorithmic: No model draws, but an algorithm that learnt from no pictures: marks say so.
        stops_unbilled: A call that is cancelled ends soon, whenever that is, and nobody bills what was begun. Then a
            picture may be cancelled while it is drawn.
        stops_if_asked: It can ask whoever draws to stop, and hears whether that came in time: it looks at
            `EngineRequest.unwanted`, and raises EngineStopped where nobody is paid. Else the picture comes.
        by_model: Instead of all this, for public models with which it can something else.
    """

    modes: tuple[Mode, ...] = tuple(Mode)
    aspect_ratios: tuple[str, ...] = RATIOS
    image_qualities: tuple[Quality, ...] = tuple(Quality)
    input_images_max: int | None = None
    seed: bool = True
    search: bool = False
    masks: bool = False
    previews: bool = False
    stops_unbilled: bool = False
    algorithmic: bool = False
    stops_if_asked: bool = False
    by_model: Mapping[str, Capabilities] = field(default_factory=dict)

    def of(self, model: str) -> Capabilities:
        """With this public model."""
        return self.by_model.get(model, self)

    def serves(self, need: Need) -> bool:
        """Whether this picture can be made here."""
        can = self.of(need.model)
        return (
            need.mode in can.modes
            and need.aspect_ratio in can.aspect_ratios
            and need.image_quality in can.image_qualities
            and (can.input_images_max is None or need.input_images <= can.input_images_max)
        )


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One picture to make.

    Attributes:
        input_images: Decoded and re-encoded bytes, never URLs; empty in mode `generate`.
        seed: 0 to 2**32-1. None: the engine picks one and reports it where it can.
        google_search: Search the web for facts, where the engine can `search`; else the prompt holds them already.
        progress: Call with 0 to 99 at real points; cheap, may be called from the event loop only.
        timeout_seconds: The engine must have ended by then.
        model: The public model that was asked for, such as `nano-banana-2`.
        publish: Puts an input image at an unguessable public URL for a quarter of an hour, for an engine behind which
            stands an API that takes URLs only.
        previews: How many unfinished pictures are wanted at most; an engine that has none passes it over.
        preview: Call with one as PNG, JPEG or WebP, at most `PREVIEW_SIDE_MAX` wide and high and `PREVIEW_BYTES_MAX`
            long, what the picture really is at that moment; cheap, may be called from the event loop only. What is
            more, larger or no picture is dropped.
        reference: The same for the same try, also after a worker died in it: an API that knows idempotency keys then
            makes and bills one picture.
        unwanted: Set once the caller wants the picture no more, for an engine that `stops_if_asked`.
    """

    prompt: str
    mode: Mode
    aspect_ratio: str
    image_quality: Quality
    input_images: tuple[InputImage, ...]
    seed: int | None
    google_search: bool
    progress: Callable[[int], None]
    timeout_seconds: float
    model: str = "nano-banana-2"
    publish: Publish = _unpublished
    previews: int = 0
    preview: Callable[[bytes], None] = _unseen
    reference: str = ""
    unwanted: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class EngineResult:
    """Image bytes as the engine made them; type and size are read from the bytes again by the caller.

    Attributes:
        model: What really drew it, such as `sketch-2` or `gemini-nano-banana-2.1`.
        seed: The seed that was used, None where the engine has none.
        warnings: Sentences for the caller about what was not honoured.
        grounding: What the engine searched, where it did.
        notes: Which words it understood, where it can tell.
        again: False: should this turn out to be no picture, it may not be ordered a second time, for it is paid for.
    """

    data: bytes
    model: str
    seed: int | None = None
    warnings: tuple[str, ...] = ()
    grounding: Grounding | None = None
    notes: Notes | None = None
    again: bool = True


@runtime_checkable
class Engine(Protocol):
    """Makes one picture per call. Safe to call concurrently from one event loop.

    Attributes:
        name: The name used in routes.
        reports_progress: False: the worker shows progress by measured durations instead.
        concurrency: Calls at once over all workers; None where only the worker's own limit holds.
        rate: Calls in a time over all workers, evenly spaced; None: as many as there are.
        capabilities: What it can; an engine of another package that says nothing can everything. May change once more
            is known: workers look again every few seconds.
    """

    name: str
    reports_progress: bool
    concurrency: int | None
    rate: RateLimit | None

    @property
    def capabilities(self) -> Capabilities: ...

    async def generate(self, request: EngineRequest) -> EngineResult:
        """Make the picture.

        Raises:
            EngineError: one of the tree below; anything else counts as `EngineFault`.
        """
        ...

    async def close(self) -> None:
        """Give back processes and connections; called once."""
        ...


def capabilities(engine: Engine) -> Capabilities:
    """What this engine says that it can; one that does not say, everything.

    Raises:
        TypeError: it says something else.
    """
    # Before there were capabilities, an engine said `grounds` where it searches.
    found = getattr(engine, "capabilities", None) or Capabilities(search=bool(getattr(engine, "grounds", False)))
    if not isinstance(found, Capabilities):
        raise TypeError(f"capabilities is {type(found).__name__}, not Capabilities")
    return found


def shortcomings(engine: Engine) -> tuple[str, ...]:
    """What its operator should mend, in sentences: it works, and worse than it could. Most have nothing to say.

    An engine that has, offers them as `shortcomings`; they are told when a worker starts, and by the doctor.
    """
    return tuple(str(line) for line in getattr(engine, "shortcomings", ()))


class EngineError(CavendishError):
    """Base of what an engine may raise. The message is for the API's user: no key, no address, no internals.

    Attributes:
        asked: False: whoever draws was not asked at all, so that this says nothing of whether it works.
    """

    asked = True

    def __init__(self, message: str = "", *, asked: bool = True) -> None:
        super().__init__(message)
        self.asked = asked


class EngineUnavailable(EngineError):
    """The operator must act: key refused, model gone, quota used up, not installed. Never retried on this engine."""


class EngineRejected(EngineError):
    """The engine refuses this request as it stands (bad parameter, image too large). Never retried."""


class EngineBusy(EngineError):
    """Try again later: overload, rate limit, connection refused. Nothing was made or billed."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class EngineTimeout(EngineError):
    """No answer in time, or no picture of what was ordered. Never retried when something was sent: it may have been
    billed."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class EngineBlocked(EngineError):
    """A safety filter declined the prompt, an input or the output. Never retried, refunded."""

    def __init__(self, message: str, *, stage: Literal["prompt", "input", "output"], reason: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.reason = reason


class EngineStopped(EngineError):
    """The picture was unwanted, and whoever draws has stopped: nobody bills what was begun. Never unasked."""


class EngineNoImage(EngineError):
    """The engine answered without a picture. Retried once, unless `again` says that the same would come."""

    def __init__(self, message: str, *, again: bool = True) -> None:
        super().__init__(message)
        self.again = again


class EngineFault(EngineError):
    """The engine broke: garbage, crash. Retried once, unless `again` says that it may not be."""

    def __init__(self, message: str = "", *, again: bool = True, asked: bool = True) -> None:
        super().__init__(message, asked=asked)
        self.again = again


Build = Callable[[Options], Engine]
