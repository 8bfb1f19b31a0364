"""What anybody may find out about a picture: by whom it says to be made, and whether this service delivered it.

Nothing found proves nothing: marks can be removed, and other services have other ones. No prompt or account is told.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from dataclasses import dataclass

from cavendish.application.services import Services
from cavendish.db.patience import patiently
from cavendish.errors import DatabaseUnavailable, InvalidInput, ServiceBusy
from cavendish.imaging.decoder import ImageRefused
from cavendish.marks.examiner import Examined, Manifest
from cavendish.stores import register
from cavendish.stores.register import Entry

DISCLAIMER = (
    "Nothing found proves nothing: marks can be removed, and other services have other ones."
    " What was found says where a picture comes from, not whether what it shows is true."
)


@dataclass(frozen=True, slots=True)
class Known:
    """A picture that this service delivered.

    Attributes:
        confidence: 0 to 1.
    """

    model: str
    engine: str
    engine_model: str
    delivered_at: datetime.datetime
    confidence: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, by each technique.

    Attributes:
        watermark: How sure it is that the pixels carry a mark of this service; None: none was found.
        marked: The picture that was delivered with that mark; None: none, or nobody knows it any more.
        registered: The picture in the register: the very file, or one that looks nearly the same.
        same_file: It is the very file.
    """

    at: datetime.datetime
    manifest: Manifest | None
    source_type_told: bool
    watermark: float | None
    payload: str
    marked: Known | None
    registered: Known | None
    same_file: bool


async def check(services: Services, data: bytes) -> Checked:
    """Look at a picture.

    Raises:
        InvalidInput: it is no picture that can be read here.
        ServiceBusy: the register does not answer.
    """
    try:
        keys = await services.keys.watermarks()
        found = await services.examiner.examine(data, keys)
        at, entries = await _entries(services, data, found)
    except ImageRefused as exc:
        raise InvalidInput(f"The picture could not be looked at. {exc.reason}") from exc
    except DatabaseUnavailable as exc:
        raise ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2) from exc
    payload, confidence = found.watermark or (0, None)
    looks = entries.get("looks")
    return Checked(
        at=at,
        manifest=found.manifest,
        source_type_told=found.source_type_told,
        watermark=confidence,
        payload=f"{payload:010x}" if confidence is not None else "",
        marked=_known(entries.get("watermark"), confidence or 0.0),
        registered=_known(entries.get("file"), 1.0) or _known(looks, 1 - (looks.distance if looks else 0) / 64),
        same_file="file" in entries,
    )


async def _entries(services: Services, data: bytes, found: Examined) -> tuple[datetime.datetime, dict[str, Entry]]:
    digest = await asyncio.to_thread(lambda: hashlib.sha256(data).digest())

    async def once() -> tuple[datetime.datetime, list[Entry]]:
        async with services.db.connection() as connection:
            return await register.find(
                connection,
                sha256=digest,
                watermark=found.watermark[0] if found.watermark else None,
                fingerprint=found.fingerprint,
            )

    at, entries = await patiently(once, seconds=services.settings.outage_seconds)
    return at, {entry.how: entry for entry in entries}


def _known(entry: Entry | None, confidence: float) -> Known | None:
    if entry is None:
        return None
    return Known(entry.model, entry.engine, entry.engine_model, entry.made_at, round(confidence, 3))
