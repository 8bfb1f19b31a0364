"""What every judge is asked, what it may answer, how it says that it cannot; and the gate that stands before them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from cavendish.errors import CavendishError
from cavendish.models import InputImage

Stage = Literal["before", "after"]
Where = Literal["prompt", "input", "prompt or input", "output"]

OTHER = "OTHER"
_REASON = re.compile(r"[A-Za-z][A-Za-z_/ -]{0,59}")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to judge. `images` are the inputs before the engine, and the one picture after it."""

    stage: Stage
    prompt: str
    images: tuple[InputImage, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A judge's no. `where` is what it was said of, `reason` the class that the caller is told."""

    where: Where
    reason: str


class CannotJudge(CavendishError):
    """No verdict. The message is a class for the log, such as `status 500`: no address, no key, nothing judged."""


class Judge(Protocol):
    """One way to judge. Safe to ask concurrently from one event loop.

    Attributes:
        name: Its name in the settings.
        judges_pictures: It has something to say of what an engine made.
    """

    name: str
    judges_pictures: bool

    async def judge(self, question: Question) -> Block | None:
        """Its no, or None for a yes. The gate ends it when it takes too long.

        Raises:
            CannotJudge: neither.
        """
        ...

    async def close(self) -> None:
        """Give back connections; called once."""
        ...


class Gate(Protocol):
    """What stands before and after the engine.

    Both questions raise:
        ContentBlocked: a judge said no; the generation ends and its credits return.
        GenerationFailed: a judge could not answer where that closes the gate; the same.

    Attributes:
        counts: Judgements since the start by judge, stage and outcome: `allowed`, `blocked` or `unanswered`.
        judges_pictures: What an engine made may be refused, so nobody may see any of it before.
    """

    counts: Counter[tuple[str, str, str]]

    @property
    def judges_pictures(self) -> bool: ...

    async def before(self, prompt: str, inputs: Sequence[InputImage]) -> None: ...

    async def after(self, prompt: str, picture: InputImage) -> None: ...

    async def close(self) -> None: ...


class _OpenGate:
    judges_pictures = False

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()

    async def before(self, prompt: str, inputs: Sequence[InputImage]) -> None:
        return None

    async def after(self, prompt: str, picture: InputImage) -> None:
        return None

    async def close(self) -> None:
        return None


def open_gate() -> Gate:
    """Lets everything pass."""
    return _OpenGate()


def reason_class(found: object) -> str:
    """A judge's word for its reason where it can be shown: a short name of letters; for anything else OTHER."""
    return found if isinstance(found, str) and _REASON.fullmatch(found) else OTHER
