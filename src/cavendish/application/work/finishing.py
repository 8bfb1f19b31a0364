"""What becomes of an engine's picture before it is stored: the size, the type of file and the label asked for.

By then the engine is paid. So nothing here loses a picture: what cannot be made of it is left, and said.
"""

from __future__ import annotations

import asyncio
from typing import cast

import structlog

from cavendish.application.generations import sizing
from cavendish.application.services import Services
from cavendish.imaging.converter import NotConverted
from cavendish.imaging.sniff import MediaType
from cavendish.models import InputImage, Output

log = structlog.get_logger("cavendish.finishing")

_CHILD_SECONDS = 2.0  # before another try when no child could be started


async def finished(services: Services, picture: InputImage, output: Output) -> tuple[InputImage, tuple[str, ...]]:
    """The picture as it was asked for, and warnings; the same bytes where nothing is to be done."""
    if _is_so(picture, output):
        return picture, ()
    try:
        return await _converted(services, picture, output), ()
    except NotConverted as exc:
        log.error("picture not converted, delivered as it is", reason=str(exc))
        unlabelled = " It bears no label." if output.label else ""
        warning = "The picture could not be brought to what was asked for; it is as the engine made it."
        return picture, (warning + unlabelled,)


def _is_so(picture: InputImage, output: Output) -> bool:
    same_size = output.width is None or (output.width, output.height) == (picture.width, picture.height)
    same_type = output.media_type in (None, picture.media_type) and output.quality is None
    return same_size and same_type and output.label is None


async def _converted(services: Services, picture: InputImage, output: Output) -> InputImage:
    """Try until a child can be started: the picture is paid for. The deadline ends this."""
    size = (output.width, output.height) if output.width is not None and output.height is not None else None
    told_once = False
    while True:
        try:
            data, header = await services.converter.convert(
                picture.data,
                cast(MediaType, output.media_type or picture.media_type),
                quality=output.quality,
                size=size,
                mismatch="crop" if services.settings.size_mismatch == "crop" else "pad",
                crop_max=sizing.CROP_MAX,
                label=output.label,
            )
        except OSError as exc:
            if not told_once:
                log.error("picture not converted, trying on", error=exc.strerror or type(exc).__name__)
            told_once = True
            await asyncio.sleep(_CHILD_SECONDS)
        else:
            return InputImage(data, header.media_type, header.width, header.height)
