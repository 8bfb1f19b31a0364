"""POST /api/v1/uploads: a picture from a browser becomes a URL that inputImageUrls takes."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import upload as uploading
from cavendish.errors import PayloadTooLarge, ServiceBusy
from cavendish.imaging import sniff
from cavendish.imaging.decoder import INPUT_BYTES_MAX
from cavendish.web.http import address, body, context, responses
from cavendish.web.http.operation import Operation

PATH = "/api/v1/uploads"
_ANY_BYTES = "application/octet-stream"  # what the picture is, its bytes tell; generators know no other type of bytes
_AT_ONCE_PER_ACCOUNT = 3  # a slow connection holds its place for a minute; others need theirs


class UploadAnswer(BaseModel):
    success: Literal[True]
    inputImageUrl: Annotated[
        str, Field(description="For inputImageUrls; it works for the service, and for whoever knows it")
    ]
    width: int
    height: int
    mimeType: str
    expiresAt: Annotated[str, Field(description="RFC 3339, UTC; then the picture is deleted")]


async def upload(request: Request) -> Response:
    """Take one picture: decoded in a child process, stored without its metadata."""
    web, caller = context.web(request), await context.caller(request)
    mine = web.uploading[caller.account_id]
    if mine >= _AT_ONCE_PER_ACCOUNT or web.uploading.total() >= web.services.settings.uploads_at_once:
        raise ServiceBusy("Too many pictures are being uploaded; try again in a moment", retry_after_seconds=1)
    web.uploading[caller.account_id] += 1
    try:
        taken = await uploading.upload(web.services, caller, await _read(request))
    finally:
        web.uploading -= Counter({caller.account_id: 1})  # drops who has none left
    content = {
        "inputImageUrl": f"{address.of(request)}/generations/{taken.name}",
        "width": taken.image.width,
        "height": taken.image.height,
        "mimeType": taken.image.media_type,
        "expiresAt": responses.instant(taken.expires_at),
    }
    return responses.success(content)


async def _read(request: Request) -> bytes:
    try:
        seconds = context.services(request).settings.upload_body_seconds
        return await body.read(request, bytes_max=INPUT_BYTES_MAX, seconds=seconds)
    except PayloadTooLarge as exc:
        raise PayloadTooLarge(
            f"The picture is over {INPUT_BYTES_MAX // uploading.MEGABYTE} MB; send a smaller one"
        ) from exc


def routes() -> list[Operation]:
    return [
        Operation(
            "POST",
            PATH,
            upload,
            "Upload an input image",
            UploadAnswer,
            (
                errors.LoginRequired,
                errors.Forbidden,
                errors.InvalidInput,
                errors.PayloadTooLarge,
                errors.ServiceBusy,
                errors.InternalError,
            ),
            description=(
                "The body is the picture itself: PNG, JPEG, WebP, GIF (its first frame), AVIF, and HEIC where "
                "the operator has it read; at most 20 MB. It is deleted after a day."
            ),
            bytes_types=(_ANY_BYTES, *sniff.INPUT_TYPES),
            tag="Images",
        )
    ]
