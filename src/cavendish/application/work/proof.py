"""Whether what an engine delivered is the picture that was ordered, in all its pixels: looked at before it is paid."""

from __future__ import annotations

import asyncio

import structlog

from cavendish import pricing
from cavendish.application.services import Services
from cavendish.application.work import refused
from cavendish.engines import base
from cavendish.imaging.sniff import ImageHeader
from cavendish.imaging.verifier import NotAPicture
from cavendish.models import InputImage, pixels
from cavendish.stores.generations import Claim

log = structlog.get_logger("cavendish.proof")

_CHILD_SECONDS = 2.0  # before another try when no child could be started


async def picture(services: Services, claim: Claim, result: base.EngineResult) -> InputImage:
    """The result as what it really is.

    Raises:
        EngineFault: it is no whole picture, or one far smaller than ordered.
    """
    try:
        header = await _decoded(services, result.data)
    except NotAPicture as exc:
        await _refused(services, claim, result, reason=str(exc))
        raise base.EngineFault("the engine answered without a picture", again=result.again) from exc
    if not pricing.is_enough(claim.generation.image_quality, header.width, header.height):
        width, height = pixels(claim.generation.aspect_ratio, claim.generation.image_quality)
        size = f"{header.width}x{header.height} instead of {width}x{height} pixels"
        await _refused(services, claim, result, reason=size)
        raise base.EngineFault(f"the engine delivered {size}", again=result.again)
    return InputImage(result.data, header.media_type, header.width, header.height)


async def _decoded(services: Services, data: bytes) -> ImageHeader:
    """Try until a child can be started: the picture may be good, and is paid for then. The deadline ends this."""
    told_once = False
    while True:
        try:
            return await services.verifier.verify(data)
        except OSError as exc:
            if not told_once:
                log.error("picture not decoded, trying on", error=exc.strerror or type(exc).__name__)
            told_once = True
            await asyncio.sleep(_CHILD_SECONDS)


async def _refused(services: Services, claim: Claim, result: base.EngineResult, *, reason: str) -> None:
    """Tell the operator, and keep it where that is set. Nothing here may hold up the refund."""
    settings, kept = services.settings, ""
    if settings.keep_refused_results:
        name = f"{claim.generation.id.hex}-{claim.fence}"
        folder, count = settings.data / "refused", settings.keep_refused_results
        try:
            kept = str(await asyncio.to_thread(refused.keep, folder, name, result.data, count=count))
        except OSError as exc:
            log.warning("refused result not kept", error=exc.strerror or type(exc).__name__)
    log.warning("result refused", reason=reason, bytes=len(result.data), kept=kept)
