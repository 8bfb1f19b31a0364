"""A small JPEG of a finished picture, for whoever cannot take the picture itself. Made in a child process."""

from __future__ import annotations

import asyncio
from typing import Literal

import structlog

from cavendish.application.services import Services
from cavendish.imaging.converter import NotConverted
from cavendish.models import Status
from cavendish.storage.base import StorageError

SIDE_MAX = 768  # pixels: what models look at without cutting it into tiles
BYTES_MAX = 200_000  # as base64 a quarter of what the strictest known client takes in one answer
MEDIA_TYPE: Literal["image/jpeg"] = "image/jpeg"
# Quality and longer side, the first that fits; the last does unless the picture is noise with a profile of its own.
_STEPS = ((80, SIDE_MAX), (60, SIDE_MAX), (60, SIDE_MAX // 2))

log = structlog.get_logger("cavendish.preview")


async def made(services: Services, status: Status, *, seconds: float) -> bytes | None:
    """The JPEG, at most `SIDE_MAX` pixels wide and high and `BYTES_MAX` long.

    None where there is no picture, or none that small within so many seconds: whoever asks has the picture's URL.
    """
    if status.image_name is None or status.gone is not None:
        return None
    try:
        async with asyncio.timeout(seconds):
            return await _fitting(services, status)
    except (TimeoutError, NotConverted, StorageError, OSError) as exc:
        log.warning("no preview", generation_id=status.id.hex, error=type(exc).__name__)
        return None


async def _fitting(services: Services, status: Status) -> bytes | None:
    assert status.image_name and status.image_width and status.image_height
    data = await services.storage.read(status.image_name)
    if data is None:
        return None
    for quality, side in _STEPS:
        size = _within(side, status.image_width, status.image_height)
        small, _ = await services.converter.convert(data, MEDIA_TYPE, quality=quality, size=size)
        if len(small) <= BYTES_MAX:
            return small
    return None


def _within(side: int, width: int, height: int) -> tuple[int, int]:
    """As large as fits into a square of this side, and no larger than it is."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
