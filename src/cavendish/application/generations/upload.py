"""A picture that a person sends becomes a URL that inputImageUrls takes, for a while."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from dataclasses import dataclass

from cavendish import ids
from cavendish.application.provenance import said
from cavendish.application.services import Services
from cavendish.errors import DatabaseUnavailable, InvalidInput, NotFound, PayloadTooLarge, ServiceBusy
from cavendish.imaging.decoder import INPUT_BYTES_MAX, ImageRefused
from cavendish.models import Caller, InputImage
from cavendish.storage.base import StorageError
from cavendish.stores import uploads

MEGABYTE = 1_000_000
_NONE = "There is no such file: it was never sent, or its time is over"
ONE_CALL_SECONDS = 1800.0  # at least: three deadlines, as they are by default


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored picture: clean, under a name that nobody guesses."""

    name: str
    image: InputImage
    expires_at: datetime.datetime


async def upload(services: Services, caller: Caller, data: bytes, *, for_one_call: bool = False) -> Upload:
    """Decode it in a child process and store it without its metadata.

    Args:
        for_one_call: It came with the call that orders, so it is kept no longer than that may take.

    Raises:
        InvalidInput: it is no picture, or a damaged one.
        PayloadTooLarge: it is too large once it is clean, or the account's uploads are together.
        ServiceBusy: it cannot be stored now.
    """
    image = dataclasses.replace(await _decoded(services, data), credentials=await said.of_file(services, data))
    name, settings = ids.new_image_name(fence=0, media_type=image.media_type), services.settings
    seconds = max(ONE_CALL_SECONDS, 2 * settings.deadline_seconds) if for_one_call else settings.upload_seconds
    try:
        expires = await _stored(services, caller, name, image, seconds)
    except (StorageError, DatabaseUnavailable) as exc:
        raise ServiceBusy("The picture cannot be stored now; try again shortly", retry_after_seconds=5) from exc
    if expires is None:
        raise PayloadTooLarge(
            f"Your uploads would be over {settings.upload_bytes_max // MEGABYTE} MB together; "
            f"each is deleted {round(seconds / 3600) or 1} hours after it was sent"
        )
    return Upload(name, image, expires)


async def find(services: Services, caller: Caller, stem: str) -> uploads.Upload:
    """The caller's own whose name begins so. Raises NotFound; that it is another account's is nobody's business."""
    async with services.db.connection() as connection:
        found = await uploads.find(connection, _names(stem), caller.account_id)
    if found is None:
        raise NotFound(_NONE)
    return found


async def page(services: Services, caller: Caller, *, after: str, count: int) -> list[uploads.Upload]:
    """The caller's own, by name, behind this one."""
    async with services.db.connection() as connection:
        return await uploads.page(connection, caller.account_id, after=after, count=count)


async def delete(services: Services, caller: Caller, stem: str) -> None:
    """The caller's own whose name begins so, for good: row first, for a file without one is swept. Raises NotFound."""
    async with services.db.connection() as connection:
        name = await uploads.take(connection, _names(stem), caller.account_id)
    if name is None:
        raise NotFound(_NONE)
    with contextlib.suppress(StorageError):  # then it is the sweep's
        await services.storage.delete(name)


def _names(stem: str) -> list[str]:
    return [ids.image_name(stem, fence=0, media_type=media_type) for media_type in ids.EXTENSIONS]


async def _decoded(services: Services, data: bytes) -> InputImage:
    try:
        image = await services.decoder.decode(data)
    except ImageRefused as exc:
        raise InvalidInput(f"The picture could not be read. {exc.reason}") from exc
    if len(image.data) > INPUT_BYTES_MAX:  # clean, it is larger than engines take; better told now than after the wait
        raise PayloadTooLarge(
            f"The picture has over {INPUT_BYTES_MAX // MEGABYTE} MB once it is clean; make it smaller"
        )
    return image


async def _stored(
    services: Services, caller: Caller, name: str, image: InputImage, seconds: float
) -> datetime.datetime | None:
    """File first, row second: a file without a row is swept, a row without a file would be a lie."""
    settings = services.settings
    await services.storage.put(name, image.data)
    async with services.db.transaction() as transaction:
        expires = await uploads.add(
            transaction,
            name,
            caller.account_id,
            size=len(image.data),
            lifetime=datetime.timedelta(seconds=seconds),
            bytes_max=settings.upload_bytes_max,
            credentials=image.credentials,
        )
    if expires is None:
        await services.storage.delete(name)
    return expires
