"""POST /api/v1/uploads: a picture from a browser becomes a URL that inputImageUrls takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import upload as uploads
from cavendish.errors import PayloadTooLarge
from cavendish.imaging import sniff
from cavendish.imaging.decoder import INPUT_BYTES_MAX
from cavendish.web.http import address, body, context, responses, uploading
from cavendish.web.http.operation import Operation

PATH = "/api/v1/uploads"
_ANY_BYTES = "application/octet-stream"  # what the picture is, its bytes tell; generators know no other type of bytes


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
    with uploading.place(web, caller):
        taken = await uploads.upload(web.services, caller, await _read(request))
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
            f"The picture is over {INPUT_BYTES_MAX // uploads.MEGABYTE} MB; send a smaller one"
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
