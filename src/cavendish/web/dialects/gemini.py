"""Google's `generateContent`, `streamGenerateContent` and `predict`, as its SDKs and the clients around them use them.

A picture is a generation as any, on the one ledger; this face waits for it and answers with its bytes. What clients
send and read, and where they trip, was read in their sources: google-genai 3.6; Open WebUI 0.12, n8n 2.41, LibreChat,
the AI SDK, November 2026.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field, RootModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cavendish import errors
from cavendish.errors import ApiError
from cavendish.models import Status
from cavendish.settings import Settings
from cavendish.web.http import answering, body, context, google, google_orders, ordering, responses, sent_pictures
from cavendish.web.http.operation import Operation, query
from cavendish.web.http.ordering import Order
from cavendish.web.http.schemas import PictureFacts

FACE = google.FACE

_STAGE_OF_PICTURE = "(stage: output"  # in what a generation failed of: the prompt was let through

Group = Sequence[tuple[int, Status]]  # what one document tells of: generations by their place in the call


@dataclass(frozen=True, slots=True)
class _Form:
    """How documents stand in an answer, and a sign of life between them.

    Google's SDK takes each line of a stream for JSON that is not empty, so there is no comment in it.
    """

    sign: bytes = b" "
    before: bytes = b""
    after: bytes = b""
    begin: bytes = b""
    between: bytes = b""
    end: bytes = b""
    media_type: str = responses.JSON


_ONE = _Form()
_ARRAY = _Form(begin=b"[", between=b",", end=b"]")
_EVENTS = _Form(sign=b"\n", before=b"data: ", after=b"\n\n", media_type="text/event-stream")

_Read = Callable[[Settings, str, google_orders.Object], Order]
_Document = Callable[[Request, Group], AsyncIterator[bytes]]


async def generate_content(request: Request) -> Response:
    """Pictures from words and pictures."""
    return await _answer(request, google_orders.contents, _contents)


async def stream_generate_content(request: Request) -> Response:
    """The same, one document for each picture and signs of life before it."""
    form = _EVENTS if request.query_params.get("alt") == "sse" else _ARRAY
    return await _answer(request, google_orders.contents, _contents, form)


async def predict(request: Request) -> Response:
    """Pictures from words, as Google's older models were asked for them."""
    return await _answer(request, google_orders.prediction, _predictions)


async def _answer(request: Request, read: _Read, document: _Document, form: _Form | None = None) -> Response:
    """Key, then rate limit, then body, then credits; then wait, in the way that the call asks for."""
    caller = await context.caller(request, key_in_query=True)
    settings, ignored = context.services(request).settings, list[str]()
    data = await sent_pictures.read_body(request, caller, way_out=google_orders.FEWER)
    order = read(settings, request.path_params["model"], google_orders.Object(body.parse(data), "", ignored))
    taken, warnings = await ordering.take(request, caller, order)
    headers = {**responses.quota_headers(taken[-1].quota), **answering.told(ignored, (), warnings)}
    made = answering.ended(request, caller, taken)
    seconds = settings.keepalive_seconds if form else answering.signs_asked(request)
    if seconds is not None:
        pieces = _alive(request, made, document, form or _ONE, seconds)
        media_type = (form or _ONE).media_type
        return StreamingResponse(pieces, headers={**headers, **answering.STREAM_HEADERS}, media_type=media_type)
    group = tuple(enumerate(await made))
    if (error := _nothing(group, document)) is not None:
        return google.ended(error, headers)
    return StreamingResponse(document(request, group), headers=headers, media_type=responses.JSON)


# --- what is answered


def _nothing(group: Group, document: _Document) -> ApiError | None:
    """Why there is no picture, where Google says that by an error: what a filter declines, it answers with 200."""
    told = [answering.why(status) for _, status in group]
    failed = [error for error in told if error is not None]
    if len(failed) < len(told):
        return None
    broken = [error for error in failed if not isinstance(error, errors.DECLINED)]
    return broken[0] if broken else failed[0] if document is _predictions else None


async def _alive(
    request: Request, made: Awaitable[Sequence[Status]], document: _Document, form: _Form, seconds: float
) -> AsyncIterator[bytes]:
    """Documents with signs of life before them. An error comes as 200 too: its status is gone."""
    yield form.begin
    try:
        async for found in answering.with_signs(made, seconds):
            if found is None:
                yield form.sign
                continue
            every = tuple(enumerate(found))
            if (error := _nothing(every, document)) is not None:
                raise error
            for place, group in enumerate([every] if form is _ONE else [(one,) for one in every]):
                yield (form.between if place else b"") + form.before
                async for piece in document(request, group):
                    yield piece
                yield form.after
    except Exception as exc:
        yield form.before + orjson.dumps(google.body(responses.api_error(exc))) + form.after
    yield form.end


async def _contents(request: Request, group: Group) -> AsyncIterator[bytes]:
    """One document, piece by piece: no more than one picture is in memory."""
    rest = {
        "usageMetadata": {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0},  # nobody counts them
        "responseId": group[0][1].id.hex,
        **_facts(group),
    }
    declined = [answering.why(status) for _, status in group]
    if all(error is not None and _STAGE_OF_PICTURE not in error.message for error in declined):
        message = next(error.message for error in declined if error is not None)
        yield orjson.dumps(
            {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": message}, **rest}
        )
        return
    yield b'{"candidates":['
    for number, (place, status) in enumerate(group):
        yield b"," if number else b""
        async for piece in _candidate(request, place, status):
            yield piece
    yield b"]," + orjson.dumps(rest)[1:]


async def _candidate(request: Request, place: int, status: Status) -> AsyncIterator[bytes]:
    if (error := answering.why(status)) is not None:
        reason = "IMAGE_SAFETY" if isinstance(error, errors.DECLINED) else "IMAGE_OTHER"
        nothing = {"role": "model", "parts": list[Any]()}
        yield orjson.dumps({"index": place, "finishReason": reason, "finishMessage": error.message, "content": nothing})
        return
    facts: dict[str, Any] = {"index": place, "finishReason": "STOP"}
    if status.grounding is not None:
        facts["groundingMetadata"] = _grounding(orjson.loads(status.grounding))
    yield orjson.dumps(facts)[:-1] + b',"content":{"role":"model","parts":[{"inlineData":'
    async for piece in _picture(request, status, "data"):
        yield piece
    yield b"}]}}"


async def _predictions(request: Request, group: Group) -> AsyncIterator[bytes]:
    pictures = [status for _, status in group if answering.why(status) is None]
    yield b'{"predictions":['
    for number, status in enumerate(pictures):
        yield b"," if number else b""
        async for piece in _picture(request, status, "bytesBase64Encoded"):
            yield piece
    yield b"]," + orjson.dumps(_facts(group))[1:]


async def _picture(request: Request, status: Status, name: str) -> AsyncIterator[bytes]:
    yield orjson.dumps({"mimeType": status.image_type})[:-1] + f',"{name}":"'.encode()
    async for piece in answering.as_base64(await answering.picture(request, status)):
        yield piece
    yield b'"}'


def _facts(group: Group) -> dict[str, Any]:
    first = group[0][1]
    return {
        "modelVersion": first.engine_model or first.model,
        "generationIds": [status.id.hex for _, status in group],
        **answering.facts([status for _, status in group]),
    }


def _grounding(found: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "webSearchQueries": found.get("queries", []),
        "groundingChunks": [{"web": {"uri": one["url"], "title": one["title"]}} for one in found.get("sources", [])],
    }
    if found.get("renderedContent"):
        metadata["searchEntryPoint"] = {"renderedContent": found["renderedContent"]}
    return metadata


# --- documents


class ContentAnswer(PictureFacts):
    candidates: Annotated[list[dict[str, Any]] | None, Field(description="A picture each, or why there is none")] = None
    promptFeedback: Annotated[dict[str, Any] | None, Field(description="Why the order was declined")] = None
    usageMetadata: dict[str, int]
    modelVersion: str
    responseId: Annotated[str, Field(description="The id of the generation, the first of several")]
    generationIds: list[str]


class ContentStream(RootModel[list[ContentAnswer | google.GoogleFailure]]):
    """Without `alt=sse`; what fails behind the first sign of life is an entry, too."""


class PredictionAnswer(PictureFacts):
    predictions: list[dict[str, str]]
    modelVersion: Annotated[str, Field(description="What really drew")]
    generationIds: list[str]


_MODEL = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}
_ALT = query("alt", "sse: server-sent events; else one JSON array.", {"type": "string", "enum": ["json", "sse"]})


def routes() -> list[Operation]:
    return [operation for version in google.VERSIONS for operation in _routes(f"/{version}/models/{{model}}")]


def _routes(path: str) -> Iterator[Operation]:
    tag, failure = "Gemini", google.SHAPE
    words = {"contents": [{"parts": [{"text": "A lighthouse above a stormy sea"}]}]}
    yield Operation("POST", f"{path}:generateContent", generate_content, "Pictures, as Gemini makes them",
                    ContentAnswer, answering.EDIT_ERRORS, body=google_orders.ContentBody, example=words,
                    parameters=(_MODEL,), tag=tag, failure=failure)  # fmt: skip
    yield Operation("POST", f"{path}:streamGenerateContent", stream_generate_content, "The same with signs of life",
                    ContentStream, answering.EDIT_ERRORS, body=google_orders.ContentBody, example=words,
                    parameters=(_MODEL, _ALT), tag=tag, failure=failure, streamed=True)  # fmt: skip
    yield Operation("POST", f"{path}:predict", predict, "Pictures from words, as Imagen made them",
                    PredictionAnswer, answering.EDIT_ERRORS, body=google_orders.PredictionBody, parameters=(_MODEL,),
                    example={"instances": [{"prompt": "A lighthouse"}]}, tag=tag, failure=failure)  # fmt: skip
