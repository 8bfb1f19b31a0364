"""OpenAI's Images: `/v1/images/generations` and `/v1/images/edits`, as its SDKs and the clients around them use it.

A picture is a generation as any, on the one ledger; this face waits for it and answers with its bytes. What clients
send and read, and where they trip, was read in their sources: openai-python 3.57; Open WebUI 0.12, n8n 2.41,
LibreChat, LobeHub, Dify, AnythingLLM, the AI SDK, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cavendish import errors
from cavendish.application.generations import catalogue
from cavendish.application.generations.submit import Submitted
from cavendish.application.generations.validate import Asked
from cavendish.errors import ApiError, InvalidInput
from cavendish.models import OUTPUT_FORMATS, Mode, PublicModel, Status
from cavendish.settings import Settings
from cavendish.web.http import address, answering, body, context, form, openai, ordering, responses, sent_pictures
from cavendish.web.http.operation import Operation
from cavendish.web.http.ordering import Order
from cavendish.web.http.sent_pictures import Sent

IMAGES_MAX = 16  # theirs; a model's own maximum is told when it is passed
IGNORED, WARNING = "Cavendish-Ignored", "Cavendish-Warning"
_AUTO_RATIO = "1:1"
_READ = frozenset(
    {
        "prompt", "model", "n", "size", "output_format", "output_compression", "response_format", "stream",
        "partial_images", "background", "mask", "markup", "image", "images", "seed", "aspect_ratio", "image_quality",
        "google_search",
    }
)  # fmt: skip
# Taken without a word: moderation is the operator's, a price comes from the size, a user is the caller's own matter.
_WITHOUT_EFFECT = frozenset({"quality", "moderation", "user", "safety_identifier", "input_fidelity", "style"})
_NUMBERS, _FLAGS = ("n", "output_compression", "partial_images", "seed"), ("stream", "google_search")
_TOLD_MAX = 20
_UNSENDABLE = re.compile(r"[^ -~]")  # a header has visible ASCII, and above all no end of line
_STREAM_HEADERS = {"X-Accel-Buffering": "no"}  # nginx would hold events back until it has a buffer full of them


@dataclass(frozen=True, slots=True)
class _Call:
    """One call as it came, whatever the form of its body."""

    fields: Mapping[str, Any]
    pictures: Sequence[Sent] = ()
    warnings: tuple[str, ...] = ()
    event: str = "image_generation"


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of the generations of a call: at least one picture."""

    taken: Sequence[Submitted]
    pictures: Sequence[Status]
    failed: Sequence[ApiError]


async def generations(request: Request) -> Response:
    """Pictures from words."""
    return await _answer(request, _generation)


async def edits(request: Request) -> Response:
    """Pictures from pictures and words."""
    return await _answer(request, _edit)


async def _answer(request: Request, read: Callable[[Request], Awaitable[_Call]]) -> Response:
    """Key, then rate limit, then body, then credits; then wait, in the way that the call asks for."""
    caller = await context.caller(request)
    call = await read(request)
    order = _order(context.services(request).settings, call)
    taken, warnings = await ordering.take(request, caller, order)
    headers = {**responses.quota_headers(taken[-1].quota), **_told(call, warnings)}

    async def made() -> _Made:
        return _judged(taken, await answering.ended(request, caller, taken))

    if call.fields.get("stream") is True:
        events = _events(request, call, made())
        return StreamingResponse(events, headers={**headers, **_STREAM_HEADERS}, media_type="text/event-stream")
    if (seconds := answering.signs_asked(request)) is not None:
        pieces = _kept_alive(request, call, made(), seconds)
        return StreamingResponse(pieces, headers={**headers, **_STREAM_HEADERS}, media_type=responses.JSON)
    try:
        found = await made()
    except _Nothing as nothing:
        return openai.ended(nothing.error, headers)
    return StreamingResponse(_content(request, call, found), headers=headers, media_type=responses.JSON)


# --- what is asked


async def _generation(request: Request) -> _Call:
    settings = context.services(request).settings
    parsed, replaced = body.told(await body.read(request, bytes_max=settings.body_bytes_max))
    return _Call(parsed, (), replaced)


async def _edit(request: Request) -> _Call:
    settings = context.services(request).settings
    data = await body.read(request, bytes_max=settings.edit_body_bytes_max, seconds=settings.upload_body_seconds)
    if form.is_form(request):
        return await _of_form(request, data)
    parsed, replaced = body.told(data)
    listed = parsed.get("images", parsed.get("image", []))
    entries = listed if isinstance(listed, list) else [listed]
    pictures = tuple(_entry(one, f"image {number}") for number, one in enumerate(entries, 1))
    return _edit_of(parsed, pictures, replaced)


async def _of_form(request: Request, data: bytes) -> _Call:
    found = await form.parse(request, data, files_max=IMAGES_MAX + 2)
    fields: dict[str, Any] = {name.removesuffix("[]"): _typed(name, text) for name, text in found.texts.items()}
    fields |= dict.fromkeys({"mask", "markup"} & found.files.keys(), True)
    # One file is `image`, a list is `image[]`, and some clients number them.
    names = [name for name in found.files if name.partition("[")[0] == "image"]
    return _edit_of(fields, tuple(data for name in names for data in found.files[name]), ())


def _edit_of(fields: Mapping[str, Any], pictures: Sequence[Sent], warnings: tuple[str, ...]) -> _Call:
    if not pictures:
        raise errors.MissingInputImage("image is missing: send the picture to edit")
    return _Call(fields, pictures, warnings, "image_edit")


def _typed(name: str, text: str) -> object:
    """In a form everything is a text."""
    if name in _NUMBERS and text.lstrip("-").isdigit():
        return int(text[:20])
    return {"true": True, "false": False}.get(text.lower(), text) if name in _FLAGS else text


def _entry(value: object, name: str) -> Sent:
    """`{"image_url": …}`, as a text or once more in an object; or the text alone."""
    for member in ("image_url", "url"):
        value = value.get(member) if isinstance(value, dict) and member in value else value
    if not isinstance(value, str):
        raise InvalidInput(f"{name} {errors.shown(value)} is not valid: send image_url, a URL or a data URI")
    return sent_pictures.sent(value, name)


def _order(settings: Settings, call: _Call) -> Order:
    fields = call.fields
    _check(fields)
    size = None if fields.get("size") in (None, "auto", "") else fields["size"]
    ratio = fields.get("aspect_ratio")
    if ratio is None and size is None and not call.pictures:
        ratio = _AUTO_RATIO
    asked = Asked(
        model=_model(settings, fields),
        prompt=fields.get("prompt"),
        mode=Mode.GENERATE,
        aspect_ratio=ratio,
        image_quality=fields.get("image_quality"),
        google_search=fields.get("google_search"),
        seed=fields.get("seed"),
        size=size,
        output_format=fields.get("output_format"),
        output_quality=_compression(fields),
        warnings=call.warnings,
        names=openai.NAMES,
    )
    return Order(asked, call.pictures, ordering.count(fields.get("n"), "n"), shaped_as_first=True)


def _model(settings: Settings, fields: Mapping[str, Any]) -> PublicModel:
    name = fields.get("model", openai.MODEL)
    if (model := catalogue.named(settings, name)) is None:
        raise openai.ModelNotFound(
            f"model {errors.shown(name)} does not exist here; GET /v1/models lists those that do"
        )
    return model


def _compression(fields: Mapping[str, Any]) -> object:
    """Theirs begins at 0, which no encoder knows."""
    value = fields.get("output_compression")
    return 1 if value == 0 and value is not False else value


def _check(fields: Mapping[str, Any]) -> None:
    """What no engine here can do is told before anything is held, rather than ignored."""
    if fields.get("background") == "transparent":
        raise InvalidInput("background 'transparent' is not possible here: use opaque or auto")
    for name in ("mask", "markup"):
        if fields.get(name):
            raise InvalidInput(f"{name} is not possible here: say in the prompt what to change, and where")
    for name in _FLAGS:
        if not isinstance(fields.get(name, False), bool):
            raise InvalidInput(f"{name} {errors.shown(fields[name])} is not valid: use true or false")
    if fields.get("response_format", "b64_json") not in ("b64_json", "url"):
        raise InvalidInput(
            f"response_format {errors.shown(fields['response_format'])} is not valid: use b64_json or url"
        )


# --- what is answered


class _Nothing(Exception):
    """None of them became a picture."""

    def __init__(self, error: ApiError) -> None:
        self.error = error


def _judged(taken: Sequence[Submitted], found: Sequence[Status]) -> _Made:
    told = [answering.why(status) for status in found]
    failed = [error for error in told if error is not None]
    pictures = [status for status, error in zip(found, told, strict=True) if error is None]
    if not pictures:
        raise _Nothing(failed[0])
    return _Made(taken, pictures, failed)


def _told(call: _Call, warnings: Sequence[str]) -> dict[str, str]:
    """What was ignored, and what was not honoured: in headers, for SDKs know no other members."""
    ignored = sorted(name for name in call.fields if name not in _READ | _WITHOUT_EFFECT)[:_TOLD_MAX]
    headers = {IGNORED: ", ".join(name[:40] for name in ignored)} if ignored else {}
    if warnings:
        headers[WARNING] = " ".join(warnings)
    return {name: _UNSENDABLE.sub("?", text)[:2000] for name, text in headers.items()}


async def _content(request: Request, call: _Call, made: _Made) -> AsyncIterator[bytes]:
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
        "usage": _usage(len(made.pictures)),
        "generationIds": [one.generation_id.hex for one in made.taken],
        "creditsCharged": sum(status.credits_charged or 0 for status in made.pictures),
        "creditsRemaining": min(status.balance for status in made.pictures),
    }
    if made.failed:
        rest["failed"] = [openai.body(error)["error"] for error in made.failed]
    yield b"]," + orjson.dumps(rest)[1:]


async def _picture(request: Request, call: _Call, status: Status) -> AsyncIterator[bytes]:
    if call.fields.get("response_format") == "url":
        yield orjson.dumps({"url": f"{address.of(request)}/generations/{status.image_name}"})
        return
    yield b'{"b64_json":"'
    async for piece in answering.as_base64(await answering.picture(request, status)):
        yield piece
    yield b'"}'


def _facts(status: Status) -> dict[str, Any]:
    formats = {media_type: name for name, media_type in OUTPUT_FORMATS.items()}
    return {
        "background": "opaque",
        "output_format": formats.get(status.image_type or ""),
        "quality": "auto",
        "size": f"{status.image_width}x{status.image_height}",
    }


def _usage(count: int) -> dict[str, Any]:
    """Nobody counts tokens here; clients that add them up need the members."""
    none = {"text_tokens": 0, "image_tokens": 0}
    return {
        "input_tokens": 0,
        "input_tokens_details": none,
        "output_tokens": 0,
        "output_tokens_details": none,
        "total_tokens": 0,
    }


async def _kept_alive(request: Request, call: _Call, made: Awaitable[_Made], seconds: float) -> AsyncIterator[bytes]:
    """A blank now and then, which JSON allows before it begins. An error comes as 200 too: its status is gone."""
    try:
        async for found in answering.with_signs(made, seconds):
            if found is None:
                yield b" "
                continue
            async for piece in _content(request, call, found):
                yield piece
    except _Nothing as nothing:
        yield orjson.dumps(openai.body(nothing.error))
    except Exception as exc:
        yield orjson.dumps(openai.body(responses.api_error(exc)))


async def _events(request: Request, call: _Call, made: Awaitable[_Made]) -> AsyncIterator[bytes]:
    """Server-sent events, with a comment as a sign of life; one event for each picture."""
    seconds = context.services(request).settings.keepalive_seconds
    try:
        async for found in answering.with_signs(made, seconds):
            if found is None:
                yield b": waiting\n\n"
                continue
            for status in found.pictures:
                async for piece in _completed(request, call, status):
                    yield piece
    except _Nothing as nothing:
        yield _event("error", orjson.dumps(openai.body(nothing.error)))
    except Exception as exc:
        yield _event("error", orjson.dumps(openai.body(responses.api_error(exc))))


async def _completed(request: Request, call: _Call, status: Status) -> AsyncIterator[bytes]:
    name = f"{call.event}.completed"
    rest = {
        "type": name,
        "created_at": int(status.created_at.timestamp()),
        **_facts(status),
        "usage": _usage(1),
        "generationId": status.id.hex,
        "creditsCharged": status.credits_charged,
        "creditsRemaining": status.balance,
    }
    yield f"event: {name}\ndata: ".encode() + orjson.dumps(rest)[:-1] + b',"b64_json":"'
    async for piece in answering.as_base64(await answering.picture(request, status)):
        yield piece
    yield b'"}\n\n'


def _event(name: str, data: bytes) -> bytes:
    return f"event: {name}\ndata: ".encode() + data + b"\n\n"


# --- documents


_ERRORS = (
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
    errors.InputImageFailed,
    errors.Cancelled,
    errors.Expired,
    errors.Deleted,
    errors.ServiceBusy,
    errors.InternalError,
)


def routes() -> list[Operation]:
    tag = "OpenAI"
    return [
        Operation("POST", "/v1/images/generations", generations, "Pictures from words, as OpenAI makes them",
                  openai.ImagesAnswer, _ERRORS, body=openai.GenerationBody,
                  example={"prompt": "A lighthouse above a stormy sea"}, tag=tag,
                  failure=openai.SHAPE, streamed=True),
        Operation("POST", "/v1/images/edits", edits, "Pictures from pictures and words, as OpenAI makes them",
                  openai.ImagesAnswer, (*_ERRORS, errors.MissingInputImage, errors.TooManyImages), tag=tag,
                  bytes_types=("multipart/form-data", responses.JSON), failure=openai.SHAPE, streamed=True),
    ]  # fmt: skip
