"""OpenAI's Images: `/v1/images/generations` and `/v1/images/edits`, as its SDKs and the clients around them use it.

A picture is a generation as any, on the one ledger; this face waits for it and answers with its bytes. What clients
send and read, and where they trip, was read in their sources: openai-python 3.57; Open WebUI 0.12, n8n 2.41,
LibreChat, LobeHub, Dify, AnythingLLM, the AI SDK, November 2026.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from cavendish.application.generations import unfinished
from cavendish.application.generations.submit import Submitted
from cavendish.errors import ApiError
from cavendish.models import OUTPUT_FORMATS, Caller, Status
from cavendish.web.http import (
    address,
    answering,
    context,
    images_call,
    openai,
    openai_answers,
    ordering,
    responses,
)
from cavendish.web.http.face import Face
from cavendish.web.http.images_call import Call
from cavendish.web.http.openai_answers import Made
from cavendish.web.http.operation import Operation

FACE = Face(
    "OpenAI Images",
    ("OpenAI's SDKs", "Open WebUI", "LibreChat", "n8n", "LobeHub", "Dify", "AnythingLLM", "AI SDK", "Cherry Studio"),
    "/docs/connect#openais-sdks",
)
_FORMATS = {media_type: name for name, media_type in OUTPUT_FORMATS.items()}


async def generations(request: Request) -> Response:
    """Pictures from words."""
    return await _answer(request, images_call.generation)


async def edits(request: Request) -> Response:
    """Pictures from pictures and words."""
    return await _answer(request, images_call.edit)


async def _answer(request: Request, read: Callable[[Request], Awaitable[Call]]) -> Response:
    """Key, then rate limit, then body, then credits; then wait, in the way that the call asks for."""
    caller = await context.caller(request)
    call = await read(request)
    streamed = call.fields.get("stream") is True
    order = images_call.order(context.services(request).settings, call, streamed=streamed)
    taken, warnings = await ordering.take(request, caller, order)
    headers = {**responses.quota_headers(taken[-1].quota), **images_call.told(call, warnings)}
    work = partial(openai_answers.made, request, caller, taken)
    if streamed:
        partials = _partial_images(request, caller, call, taken) if order.asked.previews else None
        return openai_answers.streamed(
            request, headers, work, partial(_events, request, call), _failure, meanwhile=partials
        )
    return await openai_answers.whole(request, headers, work, partial(_content, request, call))


async def _content(request: Request, call: Call, made: Made) -> AsyncIterator[bytes]:
    """The answer piece by piece: no more than one picture is in memory."""
    yield (
        orjson.dumps({"created": int(made.pictures[0].created_at.timestamp()), **_facts(made.pictures[0])})[:-1]
        + b',"data":['
    )
    for number, status in enumerate(made.pictures):
        yield b"," if number else b""
        async for piece in _picture(request, call, status):
            yield piece
    rest = {
        "usage": openai_answers.usage(),
        "generationIds": [one.generation_id.hex for one in made.taken],
        **answering.facts(made.pictures),
    }
    if made.failed:
        rest["failed"] = [openai.body(error)["error"] for error in made.failed]
    yield b"]," + orjson.dumps(rest)[1:]


async def _picture(request: Request, call: Call, status: Status) -> AsyncIterator[bytes]:
    if call.fields.get("response_format") == "url":
        yield orjson.dumps({"url": f"{address.of(request)}/generations/{status.image_name}"})
        return
    yield b'{"b64_json":"'
    async for piece in answering.as_base64(await answering.picture(request, status)):
        yield piece
    yield b'"}'


def _facts(status: Status) -> dict[str, Any]:
    return {
        "background": "opaque",
        "output_format": _FORMATS.get(status.image_type or ""),
        "quality": "auto",
        "size": f"{status.image_width}x{status.image_height}",
    }


async def _events(request: Request, call: Call, made: Made) -> AsyncIterator[bytes]:
    """One event for each picture."""
    for status in made.pictures:
        async for piece in _completed(request, call, status):
            yield piece


async def _partial_images(
    request: Request, caller: Caller, call: Call, taken: Sequence[Submitted]
) -> AsyncIterator[bytes]:
    """One event for each unfinished picture, until all have ended. Its size and type are its own."""
    services, name = context.services(request), f"{call.event}.partial_image"
    seconds, named = answering.seconds_max(services.settings), [one.generation_id for one in taken]
    async for preview in unfinished.pictures(services, caller, named, seconds=seconds):
        content = {
            "type": name,
            "partial_image_index": preview.number,
            "created_at": int(preview.made_at.timestamp()),
            "background": "opaque",
            "output_format": _FORMATS[preview.media_type],
            "quality": "auto",
            "size": f"{preview.width}x{preview.height}",
            "generationId": preview.generation_id.hex,
            "b64_json": base64.b64encode(preview.data).decode(),
        }
        yield b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(content))


def _failure(error: ApiError) -> bytes:
    return b"event: error\ndata: " + orjson.dumps(openai.body(error)) + b"\n\n"


async def _completed(request: Request, call: Call, status: Status) -> AsyncIterator[bytes]:
    name = f"{call.event}.completed"
    rest = {
        "type": name,
        "created_at": int(status.created_at.timestamp()),
        **_facts(status),
        "usage": openai_answers.usage(),
        "generationId": status.id.hex,
        **answering.facts([status]),
    }
    yield f"event: {name}\ndata: ".encode() + orjson.dumps(rest)[:-1] + b',"b64_json":"'
    async for piece in answering.as_base64(await answering.picture(request, status)):
        yield piece
    yield b'"}\n\n'


def routes() -> list[Operation]:
    tag = "OpenAI"
    return [
        Operation("POST", "/v1/images/generations", generations, "Pictures from words, as OpenAI makes them",
                  openai.ImagesAnswer, answering.ERRORS, body=openai.GenerationBody,
                  example={"prompt": "A lighthouse above a stormy sea"}, tag=tag,
                  failure=openai.SHAPE, streamed=True),
        Operation("POST", "/v1/images/edits", edits, "Pictures from pictures and words, as OpenAI makes them",
                  openai.ImagesAnswer, answering.EDIT_ERRORS, tag=tag,
                  bytes_types=("multipart/form-data", responses.JSON), failure=openai.SHAPE, streamed=True),
    ]  # fmt: skip
