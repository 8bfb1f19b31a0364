"""What a worker makes sure of before it draws: that pictures can be marked, and no mark is off unseen."""

from __future__ import annotations

import structlog

from cavendish.application.services import Services
from cavendish.marks import marker
from cavendish.stores import audit

log = structlog.get_logger("cavendish.marks")

ALL = ("c2pa", "xmp", "watermark")


async def prepare(services: Services) -> None:
    """Make the keys of the first start, and write down which marks are off.

    Raises:
        ConfigurationError: the certificate cannot sign.
        DatabaseUnavailable: it cannot be known now.
    """
    settings = services.settings
    try:
        await services.keys.identity()
    except OSError as exc:
        log.error("the certificate cannot be made or read", error=str(exc))
    if "watermark" in settings.marks:
        await services.keys.watermarks()
    if "c2pa" in settings.marks and not marker.signs():
        log.warning("pictures carry no signed manifest: c2pa-python has no wheel for this platform")
    if off := [mark for mark in ALL if mark not in settings.marks]:
        log.warning("marks are switched off", off=off)
        async with services.db.transaction() as transaction:
            await audit.write(
                transaction, actor="CAVENDISH_MARKS", action="marks_off", subject="pictures", detail=", ".join(off)
            )
