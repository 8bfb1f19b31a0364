"""Calls that answer with the pictures themselves: wait for them, and write them without holding them all.

The generations are in the queue as any others. Whatever becomes of the connection, they are made, and every other face
shows them.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Sequence
from typing import Any, TypeVar

from starlette.requests import Request

from cavendish import errors
from cavendish.application.generations import gone, wait
from cavendish.application.generations.submit import Submitted
from cavendish.errors import ApiError, Deleted, ServiceBusy
from cavendish.models import Caller, State, Status
from cavendish.settings import Settings
from cavendish.web.http import context, openai

Result = TypeVar("Result")
_PIECE = 3 * 256 * 1024  # bytes that become base64 in one turn of the loop; of three, so that the pieces join
KEEPALIVE = "cavendish-keepalive"  # a request header: seconds between signs of life, where a status may be lost for it

_GRACE_SECONDS = 30.0  # behind the deadline, for the sweep that ends what passed it
IGNORED, WARNING = "Cavendish-Ignored", "Cavendish-Warning"
_TOLD_MAX, _NAME_MAX = 20, 80  # names in a header, and characters of each
_UNSENDABLE = re.compile(r"[^ -~]")  # a header has visible ASCII, and above all no end of line
STREAM_HEADERS = {"X-Accel-Buffering": "no"}  # nginx would hold events back until it has a buffer full of them

# What any call can end with that orders a picture.
ERRORS = (
    errors.LoginRequired,
    errors.RateLimitExceeded,
    errors.InvalidPrompt,
    errors.InvalidInput,
    errors.InsufficientCredits,
    errors.PayloadTooLarge,
    errors.IdempotencyKeyReused,
    errors.CreditReservationFailed,
    errors.Forbidden,
    errors.NotFound,
    errors.GenerationFailed,
    errors.ContentBlocked,
    errors.SafeguardRefused,
    errors.InputImageFailed,
    errors.Cancelled,
    errors.Expired,
    errors.Deleted,
    errors.ServiceBusy,
    errors.InternalError,
)
EDIT_ERRORS = (*ERRORS, errors.MissingInputImage, errors.TooManyImages)


async def ended(request: Request, caller: Caller, taken: Sequence[Submitted]) -> list[Status]:
    """What became of them, once all have ended.

    Raises:
        ServiceBusy: this process is about to stop, or they take longer than they may. Sent again by an SDK the call
            attaches to them.
    """
    services, named = context.services(request), [one.generation_id.hex for one in taken]
    found = await wait.until_all_ended(services, caller, named, seconds=seconds_max(services.settings))
    if not all(State(status.state).terminal for status in found):
        names = ", ".join(one.generation_id.hex for one in taken)
        raise ServiceBusy(f"The service is restarting; the picture is still made, as {names}", retry_after_seconds=2)
    return found


def seconds_max(settings: Settings) -> float:
    """For how long a call waits."""
    return settings.deadline_seconds + _GRACE_SECONDS


def why(status: Status) -> ApiError | None:
    """What a generation failed of; None: its picture is there."""
    if status.gone is not None:
        return gone.as_error(status.gone)
    if status.state == State.COMPLETED:
        return None
    return openai.of_code(status.error_code, status.error)


def told(fields: Iterable[str], known: Collection[str], warnings: Sequence[str]) -> dict[str, str]:
    """What was ignored, and what was not honoured: in headers, for SDKs know no other members."""
    ignored = sorted({name for name in fields if name not in known})[:_TOLD_MAX]
    headers = {IGNORED: ", ".join(name[:_NAME_MAX] for name in ignored)} if ignored else {}
    if warnings:
        headers[WARNING] = " ".join(warnings)
    return {name: _UNSENDABLE.sub("?", text)[:2000] for name, text in headers.items()}


def facts(statuses: Sequence[Status]) -> dict[str, Any]:
    """What every answer owes beside its pictures: what they cost, what is left, who drew them, what was not honoured.

    Where several engines drew, the first is named; the warnings tell of each that took another's place.
    """
    pictures = [one for one in statuses if one.state == State.COMPLETED]
    return {
        "creditsCharged": sum(one.credits_charged or 0 for one in statuses),
        "creditsRemaining": min(one.balance for one in statuses),
        **_made_by(pictures),
    }


def _made_by(pictures: Sequence[Status]) -> dict[str, Any]:
    """A key without a value is left out."""
    if not pictures:
        return {}
    warnings = list(dict.fromkeys(warning for one in pictures for warning in one.warnings))
    found = {"engine": pictures[0].engine, "engineModel": pictures[0].engine_model, "warnings": warnings}
    return {name: value for name, value in found.items() if value}


async def picture(request: Request, status: Status) -> bytes:
    """The delivered picture. Raises Deleted: it is gone between two looks."""
    assert status.image_name is not None
    data = await context.services(request).storage.read(status.image_name)
    if data is None:
        raise Deleted
    return data


async def as_base64(data: bytes) -> AsyncIterator[bytes]:
    """Piece by piece, with a turn of the loop for others between two."""
    for start in range(0, len(data), _PIECE):
        yield base64.b64encode(data[start : start + _PIECE])
        await asyncio.sleep(0)


async def with_signs(work: Awaitable[Result], seconds: float) -> AsyncIterator[Result | None]:
    """None every so many seconds until the work is done, then what it gave. Who hangs up ends the waiting alone."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=seconds))[0]:
            yield None
        yield task.result()
    finally:
        task.cancel()


async def signed(pieces: AsyncIterator[bytes], seconds: float, sign: bytes) -> AsyncIterator[bytes]:
    """The pieces as they come, and the sign wherever none came for so many seconds."""

    async def following() -> bytes:
        return await anext(pieces, b"")

    while True:
        async for piece in with_signs(following(), seconds):
            if piece == b"":
                return
            yield sign if piece is None else piece


def signs_asked(request: Request) -> float | None:
    """Seconds between signs of life that this request asks for; None: its answer comes in one piece."""
    text = request.headers.get(KEEPALIVE, "")
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 60:
        return float(text)
    return None
