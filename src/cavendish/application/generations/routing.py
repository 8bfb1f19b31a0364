"""Which engines of a model's route can make what is asked for, as far as the workers told what their engines can."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence

import structlog

from cavendish import clock
from cavendish.application.generations import nearest
from cavendish.application.generations.validate import choices
from cavendish.db.pool import Database, DatabaseError
from cavendish.engines.base import Capabilities, Need
from cavendish.errors import DatabaseUnavailable, InvalidInput, shown
from cavendish.models import FieldNames, Generation, Mode, PublicModel, Submission, public_model
from cavendish.stores import workers

log = structlog.get_logger("cavendish.routing")

FRESH_SECONDS = 3.0  # a worker tells every five
KNOWN_SECONDS = 12.0  # by then a worker that ended counts as gone: what is older is waited for
_PATIENCE_SECONDS = 1.0  # for the database: what was known before will do

Known = Mapping[str, Sequence[Capabilities]]
"""By engine, what it can in each of the workers that live; of an engine that is not in it, nothing is known."""


class KnownEngines:
    """What the workers told of their engines, remembered for a moment, so that a submission costs no read."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: Known = {}
        self._asked_at = self._known_at = -KNOWN_SECONDS
        self._reading: asyncio.Task[None] | None = None

    async def known(self) -> Known:
        """A few seconds old; read anew behind the caller's back. Never fails: what was known before will do."""
        now = clock.monotonic()
        if self._reading is None and now - self._asked_at >= FRESH_SECONDS:
            # Also after a failure: while the database is away, it is not asked more than once in a while.
            self._asked_at = now
            self._reading = asyncio.create_task(self._read())
        if self._reading is not None and now - self._known_at >= KNOWN_SECONDS:
            # Not a timeout inside: ending a query of a frozen server takes seconds too.
            await asyncio.wait({self._reading}, timeout=_PATIENCE_SECONDS)
        return self._known

    def forget(self) -> None:
        """Read anew with the next question, and wait for it."""
        self._asked_at = self._known_at = -KNOWN_SECONDS

    async def _read(self) -> None:
        try:
            async with self._db.connection() as connection:
                self._known = await workers.capabilities(connection)
            self._known_at = clock.monotonic()
        except (DatabaseUnavailable, DatabaseError) as exc:
            log.info("what engines can is not known anew", error=type(exc).__name__)
        finally:
            self._reading = None


def need(asked: Submission | Generation) -> Need:
    """What this asks of an engine."""
    return Need(asked.model, asked.mode, asked.aspect_ratio, asked.image_quality, len(asked.input_image_urls))


def serving(route: Sequence[str], known: Known, needed: Need) -> tuple[str, ...]:
    """Those of the route that can make it, in its order. An engine of which nothing is known may be able to."""
    return tuple(name for name in route if _serves(known.get(name), needed))


def stopping(known: Known, model: str) -> tuple[str, ...]:
    """Engines that stop unbilled at a picture of this model, whichever of the workers that live has it."""
    return tuple(name for name, told in known.items() if told and all(one.of(model).stops_unbilled for one in told))


def asking(known: Known, model: str) -> tuple[str, ...]:
    """Engines that may be asked to stop at a picture of this model, whichever of the workers that live has it."""
    return tuple(name for name, told in known.items() if told and all(one.of(model).stops_if_asked for one in told))


def refusal(route: Sequence[str], known: Known, needed: Need, names: FieldNames) -> InvalidInput:
    """Why no engine of this route can make it: the one value to change, and what it may be here with the others."""
    return InvalidInput(_reason(_Possible(route, known, needed), needed, names))


def _serves(told: Sequence[Capabilities] | None, needed: Need) -> bool:
    return not told or any(one.serves(needed) for one in told)


def _reason(possible: _Possible, needed: Need, names: FieldNames) -> str:
    here = f"with {needed.model} here"
    if most := possible.input_images():
        counted = names.input_images_counted.format(needed.input_images)
        return f"{counted}; at most {most} {'is' if most == 1 else 'are'} possible {here}"
    values = (
        (names.aspect_ratio, needed.aspect_ratio, possible.aspect_ratios(), nearest.ratio),
        (names.image_quality, needed.image_quality, possible.image_qualities(), nearest.quality),
        (names.mode, needed.mode, possible.modes(), nearest.spelling),
    )
    for name, value, others, near in values:
        if others:
            return f"{name} {shown(str(value))} is not possible {here}: {choices(others, near(value, others))}"
    together = " and ".join(f"{name} {value}" for name, value, *_ in values)
    return f"{together} are not possible together {here}; change more than one of them"


class _Possible:
    """What one value may be on this route while the others stay."""

    def __init__(self, route: Sequence[str], known: Known, needed: Need) -> None:
        self._route = route
        self._known = known
        self._needed = needed
        self._model: PublicModel = public_model(needed.model)

    def input_images(self) -> int:
        """The largest number below the one that was asked for; 0: there is none, or an edit needs one."""
        return max(
            (count for count in range(1, self._needed.input_images) if self._with(input_images=count)), default=0
        )

    def aspect_ratios(self) -> list[str]:
        return [ratio for ratio in self._model.aspect_ratios if self._with(aspect_ratio=ratio)]

    def image_qualities(self) -> list[str]:
        return [quality for quality in self._model.image_qualities if self._with(image_quality=quality)]

    def modes(self) -> list[str]:
        images = {Mode.GENERATE: 0, Mode.EDIT: 1}
        return [mode for mode in self._model.modes if self._with(mode=mode, input_images=images[mode])]

    def _with(self, **changed: object) -> bool:
        return bool(serving(self._route, self._known, dataclasses.replace(self._needed, **changed)))  # type: ignore[arg-type]
