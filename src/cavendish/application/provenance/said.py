"""What a picture that comes in said of itself, kept for what is made of it: clean, it says nothing any more."""

from __future__ import annotations

import structlog

from cavendish.application.services import Services
from cavendish.errors import DatabaseUnavailable
from cavendish.imaging import sniff
from cavendish.models import Credentials
from cavendish.stores import uploads

log = structlog.get_logger("cavendish.marks")


async def of_file(services: Services, data: bytes) -> Credentials | None:
    """Of a file as it came. What cannot be read is nothing: no order fails for it."""
    media_type = sniff.input_type(data)
    if "c2pa" not in services.settings.marks or media_type is None:
        return None
    try:
        return await services.marker.credentials(data, media_type)
    except OSError as exc:
        log.warning("an input image's manifest was not read", error=exc.strerror or type(exc).__name__)
        return None


async def of_input(services: Services, name: str | None, data: bytes) -> Credentials | None:
    """Of an input image: an upload, clean by now, has it beside it; all others in themselves."""
    if (found := await of_file(services, data)) is not None or name is None or "c2pa" not in services.settings.marks:
        return found
    try:
        async with services.db.connection() as connection:
            return await uploads.credentials(connection, name)
    except DatabaseUnavailable as exc:
        log.warning("an input image's manifest was not read", error=str(exc)[:200])
        return None
