"""From what a face of another API read to generations in the queue: the part that all such faces have in common."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import Request

from cavendish.application.generations import sizing, submit, validate
from cavendish.application.generations.submit import Submitted
from cavendish.application.generations.validate import Asked
from cavendish.errors import ApiError, InvalidInput, TooManyImages, shown
from cavendish.imaging import sniff
from cavendish.models import Caller, Mode, whole_number
from cavendish.stores.generations import IdempotencyKey
from cavendish.web.http import address, context, sent_pictures, submitting
from cavendish.web.http.sent_pictures import Sent


@dataclass(frozen=True, slots=True)
class Order:
    """What a call asks for.

    Attributes:
        asked: As for a picture from words alone.
        pictures: With some it is an edit of them.
        shaped_as_first: Where nobody says otherwise, the picture has the shape of the first of these.
    """

    asked: Asked
    pictures: Sequence[Sent] = ()
    count: int = 1
    shaped_as_first: bool = False


async def take(request: Request, caller: Caller, order: Order) -> tuple[tuple[Submitted, ...], tuple[str, ...]]:
    """The order's generations, and what of it was not honoured.

    Where an SDK sends a call again, these are the generations of its try before; so nothing is paid twice.

    Raises:
        ApiError: as validate, submit and `sent_pictures.as_urls`; nothing was held.
    """
    services = context.services(request)
    try:
        key = _key(request, caller, order)
        if taken := await submit.standing(services, caller, key):
            return taken, ()
        services.rate_limiter.check(caller)
        asked = await _with_pictures(request, caller, order)
        submission = validate.checked(asked, services.settings, address=address.of(request))
    except ApiError as error:
        if error.status == 400:
            await submitting.read_limit(request, caller, error)
        raise
    return await submit.submit_several(services, caller, submission, order.count, key), submission.warnings


def count(value: object, name: str) -> int:
    """How many pictures. Raises InvalidInput."""
    found = 1 if value is None else whole_number(value)
    if found is None or not 1 <= found <= submit.COUNT_MAX:
        raise InvalidInput(f"{name} {shown(value)} is not valid: use a whole number from 1 to {submit.COUNT_MAX}")
    return found


def _key(request: Request, caller: Caller, order: Order) -> IdempotencyKey:
    fingerprint = _fingerprint(order)
    named = submitting.idempotency_key(request, caller, {"order": fingerprint.hex()})
    return named or submitting.repeated_key(request, caller, fingerprint)


def _fingerprint(order: Order) -> bytes:
    asked = order.asked
    said = [
        order.count, asked.model.name, asked.prompt, asked.aspect_ratio, asked.image_quality, asked.google_search,
        asked.seed, asked.size, asked.output_format, asked.output_quality,
    ]  # fmt: skip
    if asked.label is not None:  # calls without one are known as they were before there was any
        said.append(asked.label)
    pictures = [one.encode() if isinstance(one, str) else one for one in order.pictures]
    try:
        return submitting.fingerprint(orjson.dumps(said), *pictures)
    except orjson.JSONEncodeError as exc:
        raise InvalidInput("The body is nested too deeply") from exc


async def _with_pictures(request: Request, caller: Caller, order: Order) -> Asked:
    """As an edit of them, once all else is known to be good: taking pictures in costs time and room."""
    asked, pictures, names = order.asked, order.pictures, order.asked.names
    if not pictures:
        return asked
    if len(pictures) > (most := asked.model.input_images_max):
        raise TooManyImages(f"{names.input_images_counted.format(len(pictures))}; at most {most} are allowed")
    validate.checked(asked, context.services(request).settings)
    shape = _shape(pictures[0]) if order.shaped_as_first and not asked.size else None
    if shape and asked.aspect_ratio is None:
        asked = dataclasses.replace(asked, aspect_ratio=sizing.ratio(*shape, asked.model))
    urls = await sent_pictures.as_urls(request, caller, pictures, names.input_images)
    return dataclasses.replace(asked, mode=Mode.EDIT, input_image_urls=urls)


def _shape(picture: Sent) -> tuple[int, int] | None:
    """Width and height of a picture that was sent; of one behind a URL nobody knows them yet."""
    header = sniff.sniff(picture) if isinstance(picture, bytes) else None
    return (header.width, header.height) if header and math.prod((header.width, header.height)) else None
