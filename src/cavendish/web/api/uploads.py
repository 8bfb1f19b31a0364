"""POST /api/v1/uploads: a picture from a browser becomes a URL that inputImageUrls takes."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors, ids
from cavendish.errors import DatabaseUnavailable, InvalidInput, PayloadTooLarge, ServiceBusy
from cavendish.imaging.decoder import INPUT_BYTES_MAX, ImageRefused
from cavendish.models import Caller, InputImage
from cavendish.storage.base import StorageError
from cavendish.stores import uploads
from cavendish.web.http import body, context, responses
from cavendish.web.http.context import Web
from cavendish.web.http.operation import Operation

PATH = "/api/v1/uploads"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg"}
_MEGABYTE = 1_000_000
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
        image = await _decoded(web, await _read(request))
        return await _stored(web, caller, image)
    finally:
        web.uploading -= Counter({caller.account_id: 1})  # drops who has none left


async def _read(request: Request) -> bytes:
    try:
        return await body.read(request, bytes_max=INPUT_BYTES_MAX)
    except PayloadTooLarge as exc:
        raise PayloadTooLarge(f"The picture is over {INPUT_BYTES_MAX // _MEGABYTE} MB; send a smaller one") from exc


async def _decoded(web: Web, data: bytes) -> InputImage:
    try:
        image = await web.services.decoder.decode(data)
    except ImageRefused as exc:
        raise InvalidInput(f"The picture could not be read. {exc.reason}") from exc
    if len(image.data) > INPUT_BYTES_MAX:  # clean, it is larger than engines take; better told now than after the wait
        raise PayloadTooLarge(
            f"The picture has over {INPUT_BYTES_MAX // _MEGABYTE} MB once it is clean; make it smaller"
        )
    return image


async def _stored(web: Web, caller: Caller, image: InputImage) -> Response:
    """File first, row second: a file without a row is swept, a row without a file would be a lie."""
    services, settings = web.services, web.services.settings
    name = ids.new_image_name(fence=0, extension=_EXTENSIONS[image.media_type])
    try:
        await services.storage.put(name, image.data)
        async with services.db.transaction() as transaction:
            expires = await uploads.add(
                transaction,
                name,
                caller.account_id,
                size=len(image.data),
                lifetime=datetime.timedelta(seconds=settings.upload_seconds),
                bytes_max=settings.upload_bytes_max,
            )
        if expires is None:
            await services.storage.delete(name)
    except (StorageError, DatabaseUnavailable) as exc:
        raise ServiceBusy("The picture cannot be stored now; try again shortly", retry_after_seconds=5) from exc
    if expires is None:
        raise PayloadTooLarge(
            f"Your uploads would be over {settings.upload_bytes_max // _MEGABYTE} MB together; "
            f"each is deleted {round(settings.upload_seconds / 3600)} hours after it was sent"
        )
    content = {
        "inputImageUrl": f"{web.public_url}/generations/{name}",
        "width": image.width,
        "height": image.height,
        "mimeType": image.media_type,
        "expiresAt": responses.instant(expires),
    }
    return responses.success(content)


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
            description="The body is the picture itself: PNG, JPEG or WebP, at most 20 MB. It is deleted after a day.",
            bytes_types=("image/png", "image/jpeg", "image/webp"),
            tag="Images",
        )
    ]
