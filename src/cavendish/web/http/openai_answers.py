"""What OpenAI's faces have in common where they answer with pictures: did any come, and how an answer is kept alive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cavendish.application.generations.submit import Submitted
from cavendish.errors import ApiError
from cavendish.models import Caller, Status
from cavendish.web.http import answering, context, openai, responses


@dataclass(frozen=True, slots=True)
class Made:
    """What became of the generations of a call: at least one picture."""

    taken: Sequence[Submitted]
    pictures: Sequence[Status]
    failed: Sequence[ApiError]


class Nothing(Exception):
    """None of them became a picture."""

    def __init__(self, error: ApiError) -> None:
        self.error = error


Work = Callable[[], Awaitable[Made]]  # begun once: by whoever writes the answer
Content = Callable[[Made], AsyncIterator[bytes]]


async def made(request: Request, caller: Caller, taken: Sequence[Submitted]) -> Made:
    """The pictures of a call, once all of them have ended.

    Raises:
        Nothing: there is none.
        ServiceBusy: as `answering.ended`.
    """
    return judged(taken, await answering.ended(request, caller, taken))


def judged(taken: Sequence[Submitted], found: Sequence[Status]) -> Made:
    """Which of them became pictures. Raises Nothing."""
    told = [answering.why(status) for status in found]
    failed = [error for error in told if error is not None]
    pictures = [status for status, error in zip(found, told, strict=True) if error is None]
    if not pictures:
        raise Nothing(failed[0])
    return Made(taken, pictures, failed)


async def whole(request: Request, headers: dict[str, str], work: Work, content: Content) -> Response:
    """One JSON answer; where the call asks for signs of life, begun before it is known what becomes of it."""
    if (seconds := answering.signs_asked(request)) is not None:
        pieces = _kept_alive(work, seconds, b" ", content, lambda error: orjson.dumps(openai.body(error)))
        return StreamingResponse(pieces, headers={**headers, **answering.STREAM_HEADERS}, media_type=responses.JSON)
    try:
        found = await work()
    except Nothing as nothing:
        return openai.ended(nothing.error, headers)
    return StreamingResponse(content(found), headers=headers, media_type=responses.JSON)


def streamed(
    request: Request,
    headers: dict[str, str],
    work: Work,
    content: Content,
    failure: Callable[[ApiError], bytes],
    first: bytes = b"",
    meanwhile: AsyncIterator[bytes] | None = None,
) -> Response:
    """Server-sent events, with a comment as a sign of life.

    Args:
        first: What is told before anything is known of the pictures.
        meanwhile: What is told until all of them have ended.
    """
    seconds = context.services(request).settings.keepalive_seconds
    pieces = _kept_alive(work, seconds, b": waiting\n\n", content, failure, first, meanwhile)
    return StreamingResponse(pieces, headers={**headers, **answering.STREAM_HEADERS}, media_type="text/event-stream")


async def _kept_alive(
    work: Work,
    seconds: float,
    sign: bytes,
    content: Content,
    failure: Callable[[ApiError], bytes],
    first: bytes = b"",
    meanwhile: AsyncIterator[bytes] | None = None,
) -> AsyncIterator[bytes]:
    """A sign now and then, which readers pass over. An error comes as 200 too: its status is gone."""
    try:
        if first:
            yield first
        if meanwhile is not None:
            async for piece in answering.signed(meanwhile, seconds, sign):
                yield piece
        async for found in answering.with_signs(work(), seconds):
            if found is None:
                yield sign
                continue
            async for piece in content(found):
                yield piece
    except Nothing as nothing:
        yield failure(nothing.error)
    except Exception as exc:
        yield failure(responses.api_error(exc))


def usage() -> dict[str, Any]:
    """Nobody counts tokens here; clients that add them up need the members."""
    none = {"text_tokens": 0, "image_tokens": 0}
    return {
        "input_tokens": 0,
        "input_tokens_details": none,
        "output_tokens": 0,
        "output_tokens_details": none,
        "total_tokens": 0,
    }
