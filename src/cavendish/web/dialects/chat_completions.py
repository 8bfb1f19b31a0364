"""Chat completions that answer with a picture: `/v1/chat/completions`, plain and streamed.

The last user message is the order. Where it brings no picture, the one that was answered before is edited: so a
conversation goes on as its reader means it. Open WebUI reads `delta.images`, LobeHub `message.images`, both as
OpenRouter writes them; November 2026.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish.application.generations.validate import Asked
from cavendish.errors import ApiError, InvalidInput, shown
from cavendish.models import MODELS, Mode, Status
from cavendish.settings import Settings
from cavendish.web.http import answering, body, context, openai, openai_answers, ordering, responses, sent_pictures
from cavendish.web.http.face import Face
from cavendish.web.http.openai_answers import Made
from cavendish.web.http.operation import Operation
from cavendish.web.http.ordering import Order
from cavendish.web.http.schemas import PictureFacts
from cavendish.web.http.sent_pictures import Sent

FACE = Face("Chat completions", ("Open WebUI", "LobeHub", "chat programs"), "/docs/connect#programs-with-settings")

_AUTO_RATIO = "1:1"
_READ = frozenset({"messages", "model", "n", "stream", "seed", "image_config"})
_WITHOUT_EFFECT = frozenset({"modalities", "stream_options", "user", "safety_identifier"})
_CONFIG = frozenset({"aspect_ratio", "image_size"})
_NAMES = dataclasses.replace(
    openai.NAMES,
    prompt="messages",
    aspect_ratio="image_config.aspect_ratio",
    image_quality="image_config.image_size",
    input_images="messages",
    input_images_counted="messages bring {} pictures",
    input_image="messages' picture {number}",
)
# Without `[` in it the text beside a picture ends at the next one, so that no message takes long to read.
_FEWER = "send fewer or smaller pictures as image_url, or their URLs there"
_FOUND_BY_ALL = ("https://", "http://", "data:image/")
_MARKDOWN = re.compile(r"!\[[^\[\]]*\]\(\s*((?:https?://|data:image/)[^\s()]+)")
_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # nobody counts tokens here
_DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a message says: its texts, its pictures as they were written, and kinds of parts that mean nothing here."""

    texts: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


async def completions(request: Request) -> Response:
    """Key, then rate limit, then body, then credits; then wait, in the way that the call asks for."""
    caller = await context.caller(request)
    settings = context.services(request).settings
    data = await sent_pictures.read_body(request, caller, way_out=_FEWER)
    fields, replaced = body.told(data)
    taken, warnings = await ordering.take(request, caller, _order(settings, fields, replaced))
    ignored = _ignored(fields)
    headers = {
        **responses.quota_headers(taken[-1].quota),
        **answering.told(ignored, _READ | _WITHOUT_EFFECT, warnings),
    }
    begun = await context.services(request).statuses.read(caller, taken[0].generation_id.hex)
    answer = _Answer(fields.get("model", openai.MODEL), begun)
    work = partial(openai_answers.made, request, caller, taken)
    if fields.get("stream") is True:
        content = partial(answer.events, request, usage=_wants_usage(fields))
        return openai_answers.streamed(request, headers, work, content, _failure, answer.beginning())
    return await openai_answers.whole(request, headers, work, partial(answer.whole, request))


# --- what is asked


def _order(settings: Settings, fields: Mapping[str, Any], warnings: tuple[str, ...]) -> Order:
    _check(fields)
    model, config = openai.model(settings, fields), fields.get("image_config", {})
    said, before = _conversation(fields.get("messages"))
    prompt, pictures = _prompt(said, before), _pictures(said, before)
    ratio = config.get("aspect_ratio")
    asked = Asked(
        model=model,
        prompt=prompt,
        mode=Mode.GENERATE,
        aspect_ratio=_AUTO_RATIO if ratio is None and not pictures else ratio,
        image_quality=config.get("image_size"),
        seed=fields.get("seed"),
        warnings=(*warnings, *(f"A part of type {shown(kind)} was ignored." for kind in said.passed_over)),
        names=_NAMES,
    )
    return Order(asked, pictures, shaped_as_first=True)


def _prompt(said: _Said, before: _Said) -> str:
    """The system's words, then the user's."""
    own = [text for text in said.texts if text.strip()]
    if not own:
        raise InvalidInput("messages end without a word of the user: say in the last one what to draw")
    return "\n\n".join([*(text for text in before.texts if text.strip()), *own])


def _check(fields: Mapping[str, Any]) -> None:
    """What cannot be is told before anything is held, rather than ignored."""
    if ordering.count(fields.get("n"), "n") != 1:
        raise InvalidInput(f"n {shown(fields['n'])} is not valid: a completion has one picture")
    if not isinstance(fields.get("stream", False), bool):
        raise InvalidInput(f"stream {shown(fields['stream'])} is not valid: use true or false")
    if not isinstance(fields.get("image_config", {}), dict):
        raise InvalidInput(f"image_config {shown(fields['image_config'])} is not valid: use an object")
    modalities = fields.get("modalities", ["image"])
    if not isinstance(modalities, list) or "image" not in modalities:
        raise InvalidInput(
            f"modalities {shown(modalities)} is not valid: name image among them, for this model answers with pictures"
        )


def _conversation(messages: object) -> tuple[_Said, _Said]:
    """What the last user message says; and before it, the system's texts with the pictures of the last answer."""
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise InvalidInput("messages is not valid: send a list of messages, each with role and content")
    places = [place for place, one in enumerate(messages) if one.get("role") == "user"]
    if not places:
        raise InvalidInput("messages has none of the user: say in the last one what to draw")
    return _said(messages[places[-1]]), _before(messages[: places[-1]])


def _before(earlier: list[Any]) -> _Said:
    texts = [text for one in _of_roles(earlier, "system", "developer") for text in _said(one).texts]
    pictures = [picture for one in _of_roles(earlier, "assistant")[-1:] for picture in _answered(one)]
    return _Said(tuple(texts), tuple(dict.fromkeys(pictures)))


def _of_roles(messages: list[Any], *roles: str) -> list[Any]:
    return [one for one in messages if one.get("role") in roles]


def _said(message: Mapping[str, Any]) -> _Said:
    content = message.get("content")
    if content is None or isinstance(content, str):
        return _Said((content or "",))
    if not isinstance(content, list):
        raise InvalidInput(
            f"messages hold a content {shown(content)} that is not valid: use a text, or a list of parts"
        )
    read = [_part(part) for part in content]

    def of(wanted: str) -> tuple[str, ...]:
        return tuple(value for kind, value in read if kind == wanted)

    return _Said(of("text"), of("image_url"), tuple(sorted({kind for kind, _ in read} - {"text", "image_url"})))


def _part(part: object) -> tuple[str, str]:
    """Its type, and the text or the picture that it brings."""
    found = part if isinstance(part, dict) else {}
    match found.get("type"), found.get("text"):
        case "text", str(text):
            return "text", text
        case "image_url", _:
            return "image_url", _url(found)
        case str(kind), _ if kind != "text":
            return kind, ""
    raise InvalidInput(f"messages hold a part {shown(part)} that is not valid: use type text or image_url")


def _url(part: Mapping[str, Any]) -> str:
    """Of `{"image_url": {"url": …}}`, or of the text alone."""
    found = part.get("image_url")
    found = found.get("url") if isinstance(found, dict) else found
    if not isinstance(found, str):
        raise InvalidInput("messages hold an image_url that is not valid: send a URL or a data URI")
    return found


def _answered(message: Mapping[str, Any]) -> Iterator[str]:
    """Pictures of an answer, wherever its client has put them: beside the text, in parts or in Markdown.

    One under an address of the client's own is none: nobody else finds it.
    """
    content = message.get("content")
    parts = [one for one in _listed(content) + _listed(message.get("images")) if isinstance(one, dict)]
    for found in [content, *(part.get("text") for part in parts)]:
        yield from _MARKDOWN.findall(found) if isinstance(found, str) else ()
    for part in parts:
        url = part.get("image_url")
        found = url.get("url") if isinstance(url, dict) else url
        if isinstance(found, str) and found.startswith(_FOUND_BY_ALL):
            yield found


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _pictures(said: _Said, before: _Said) -> tuple[Sent, ...]:
    found = said.pictures or before.pictures
    return tuple(sent_pictures.sent(one, f"messages' picture {number}") for number, one in enumerate(found, 1))


def _ignored(fields: Mapping[str, Any]) -> list[str]:
    """Names of all members, those of `image_config` with it."""
    config = fields.get("image_config", {})
    return [*fields, *(f"image_config.{name}" for name in config if name not in _CONFIG)]


def _wants_usage(fields: Mapping[str, Any]) -> bool:
    options = fields.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


# --- what is answered


class _Answer:
    """One completion, as its chunks or as a whole. It has the generation's id: other faces know it by that."""

    def __init__(self, model: str, begun: Status) -> None:
        self._model = model
        self._begun = begun

    def beginning(self) -> bytes:
        """The first chunk, sent before anything is drawn: who answers."""
        return self._chunk({"role": "assistant", "content": ""})

    async def events(self, request: Request, made: Made, *, usage: bool) -> AsyncIterator[bytes]:
        """The chunks with the picture and the end."""
        [status] = made.pictures
        async for piece in _with_picture(request, status, self._chunk({"images": [_image(status)]})):
            yield piece
        yield self._chunk({"content": _sentence(status)})
        yield self._chunk({}, finish="stop", **answering.facts([status]))
        if usage:
            yield _event({**self._head("chat.completion.chunk"), "choices": [], "usage": _USAGE})
        yield _DONE

    async def whole(self, request: Request, made: Made) -> AsyncIterator[bytes]:
        """The answer that does not stream."""
        [status] = made.pictures
        message = {"role": "assistant", "content": _sentence(status), "refusal": None, "images": [_image(status)]}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        answer = {**self._head("chat.completion"), "choices": [choice], "usage": _USAGE, **answering.facts([status])}
        async for piece in _with_picture(request, status, orjson.dumps(answer)):
            yield piece

    def _chunk(self, delta: dict[str, Any], finish: str | None = None, **rest: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**self._head("chat.completion.chunk"), "choices": [choice], **rest})

    def _head(self, kind: str) -> dict[str, Any]:
        generation_id = self._begun.id.hex
        return {
            "id": f"chatcmpl-{generation_id}",
            "object": kind,
            "created": int(self._begun.created_at.timestamp()),
            "model": self._model,
            "generationId": generation_id,
        }


async def _with_picture(request: Request, status: Status, frame: bytes) -> AsyncIterator[bytes]:
    """The frame with the picture's bytes in its place: no more than one piece of them is in memory as text."""
    mark = b";base64,"  # nowhere else: the words around it are ours, and a model's name has no semicolon
    before, _, behind = frame.partition(mark)
    data = await answering.picture(request, status)
    yield before + mark
    async for piece in answering.as_base64(data):
        yield piece
    yield behind


def _image(status: Status) -> dict[str, Any]:
    return {"type": "image_url", "index": 0, "image_url": {"url": f"data:{status.image_type};base64,"}}


def _sentence(status: Status) -> str:
    cost = status.credits_charged or 0
    return f"{status.image_width} × {status.image_height} pixels, {cost} credits; {status.balance} are left."


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def _failure(error: ApiError) -> bytes:
    return _event(openai.body(error))


# --- documents


class ChatBody(BaseModel):
    """Unknown fields are ignored, and named in the header `Cavendish-Ignored`."""

    model_config = ConfigDict(extra="ignore")

    messages: Annotated[
        list[dict[str, Any]],
        Field(min_length=1, description="Each has a role and a content; the last one of the user says what to draw"),
    ]
    model: Annotated[Literal[tuple(MODELS)], Field(description="A model of GET /v1/models, or an alias there")] = (  # type: ignore[valid-type]
        openai.MODEL
    )
    stream: Annotated[bool, Field(description="Server-sent events, with signs of life")] = False
    modalities: Annotated[list[str], Field(description="image is among them")] = ["image", "text"]
    image_config: Annotated[
        dict[str, Any],
        Field(description="As OpenRouter has it: aspect_ratio as aspectRatio of generate, image_size 1K, 2K or 4K"),
    ] = {}
    seed: Annotated[int | None, Field(description="As seed of generate")] = None


class ChatUrl(BaseModel):
    url: Annotated[str, Field(description="A data URI")]


class ChatImage(BaseModel):
    type: Literal["image_url"]
    index: int
    image_url: ChatUrl


class ChatAnswered(BaseModel):
    role: Literal["assistant"]
    content: Annotated[str, Field(description="Its size, what it cost, what is left")]
    images: list[ChatImage]


class ChatChoice(BaseModel):
    index: int
    message: ChatAnswered
    finish_reason: Literal["stop"]


class ChatAnswer(PictureFacts):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: dict[str, Any]
    generationId: str


def routes() -> list[Operation]:
    return [
        Operation("POST", "/v1/chat/completions", completions, "A picture as the answer in a chat", ChatAnswer,
                  answering.EDIT_ERRORS, body=ChatBody,
                  example={"messages": [{"role": "user", "content": "A lighthouse above a stormy sea"}]}, tag="OpenAI",
                  failure=openai.SHAPE, streamed=True),
    ]  # fmt: skip
