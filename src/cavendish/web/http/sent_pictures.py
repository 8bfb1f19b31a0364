"""Pictures that come with a call, as files or as data: checked in the child as any, and kept for as long as it takes.

They become uploads of the account, under names that nobody guesses; what a caller gave as a URL stays one.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from collections.abc import Sequence

from starlette.requests import Request

from cavendish.application.generations import upload
from cavendish.errors import InvalidInput, PayloadTooLarge
from cavendish.imaging.decoder import INPUT_BYTES_MAX
from cavendish.models import Caller
from cavendish.web.http import address, body, context, uploading

Sent = str | bytes  # a URL, or a picture
_DATA = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)


def sent(value: str, name: str) -> Sent:
    """A URL as it is, or the picture of a data URI.

    Raises:
        InvalidInput: the data is damaged.
    """
    found = _DATA.match(value)
    return value if found is None else from_base64(value[found.end() :], name)


def from_base64(text: str, name: str) -> bytes:
    """Raises InvalidInput."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise InvalidInput(f"{name} holds no picture as base64; send PNG, JPEG or WebP") from exc


async def read_body(request: Request, caller: Caller, *, way_out: str) -> bytes:
    """A body that may have pictures in it. One that is larger than any without takes a place of those for large bodies.

    Args:
        way_out: What to send instead of one that is too large.

    Raises:
        PayloadTooLarge, ServiceBusy: too large, or too many of them at once.
    """
    web, announced = context.web(request), request.headers.get("content-length", "")
    settings = web.services.settings
    small = announced.isdecimal() and int(announced[:20]) <= settings.body_bytes_max
    with contextlib.nullcontext() if small else uploading.place(web, caller):
        return await body.read(
            request,
            bytes_max=settings.edit_body_bytes_max,
            way_out=way_out,
            seconds=None if small else settings.upload_body_seconds,
        )


async def as_urls(request: Request, caller: Caller, pictures: Sequence[Sent], name: str) -> list[str]:
    """Each picture under a URL of this service, in their order.

    Raises:
        InvalidInput, PayloadTooLarge: one is no picture, or too large.
        ServiceBusy: too many are being taken in, or they cannot be stored now.
    """
    if all(isinstance(one, str) for one in pictures):
        return [str(one) for one in pictures]
    with uploading.place(context.web(request), caller):
        return list(await asyncio.gather(*(_as_url(request, caller, one, name) for one in pictures)))


async def _as_url(request: Request, caller: Caller, picture: Sent, name: str) -> str:
    if isinstance(picture, str):
        return picture
    if len(picture) > INPUT_BYTES_MAX:
        raise PayloadTooLarge(f"{name} has over {INPUT_BYTES_MAX // upload.MEGABYTE} MB; send a smaller picture")
    try:
        taken = await upload.upload(context.services(request), caller, picture, for_one_call=True)
    except InvalidInput as exc:
        raise InvalidInput(f"{name} is not valid: {exc.message}") from exc
    return f"{address.of(request)}/generations/{taken.name}"
