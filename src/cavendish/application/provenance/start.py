"""What a worker makes sure of before it draws: that pictures can be marked, and nothing is off unseen."""

from __future__ import annotations

import structlog

from cavendish.application.services import Services
from cavendish.marks import marker
from cavendish.settings import Settings
from cavendish.stores import audit

log = structlog.get_logger("cavendish.marks")

SAFEGUARDS, ALL = Settings.safeguards, Settings.marks  # by default all that there are


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
    await _tell_off(services, "CAVENDISH_MARKS", "marks_off", [mark for mark in ALL if mark not in settings.marks])
    safeguards = [one for one in SAFEGUARDS if one not in settings.safeguards]
    await _tell_off(services, "CAVENDISH_SAFEGUARDS", "safeguards_off", safeguards)


async def _tell_off(services: Services, setting: str, action: audit.Action, off: list[str]) -> None:
    """An operator's decision, at each start: in the log, and where it stays."""
    if not off:
        return
    log.warning("switched off", setting=setting, off=off)
    async with services.db.transaction() as transaction:
        await audit.write(transaction, actor=setting, action=action, subject="pictures", detail=", ".join(off))
