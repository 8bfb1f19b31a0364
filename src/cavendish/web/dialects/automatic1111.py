"""Automatic1111's web API, as far as its clients use it: SillyTavern, Open WebUI and LibreChat, November 2026.

One model, no samplers: what is listed is there so that a client finds something to choose. Nothing is kept of what it
chooses; an order says all that counts.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, RootModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cavendish import errors
from cavendish.application.generations import own, sizing, submit, unfinished
from cavendish.application.generations.validate import Asked
from cavendish.errors import ApiError, InvalidInput, shown
from cavendish.models import OUTPUT_FORMATS, PREVIEWS_MAX, SEED_MAX, Mode, Status, whole_number
from cavendish.settings import Settings
from cavendish.web.http import answering, body, context, openai, openai_answers, ordering, responses, sent_pictures
from cavendish.web.http.face import Face
from cavendish.web.http.openai_answers import Made, Nothing
from cavendish.web.http.operation import BASIC, FailureShape, Operation, query
from cavendish.web.http.ordering import Order
from cavendish.web.http.sent_pictures import Sent

FACE = Face("Automatic1111", ("SillyTavern", "Open WebUI"), "/docs/connect#programs-with-settings")

_SIDE = 512  # pixels, of a picture whose width or height nobody says: as there
_READ = frozenset(
    {"prompt", "negative_prompt", "width", "height", "seed", "batch_size", "n_iter", "init_images", "mask",
     "override_settings"}
)  # fmt: skip
_FEWER = "send fewer or smaller pictures in init_images, or their URLs"
_NAMES = dataclasses.replace(
    openai.NAMES,
    size="width and height:",
    input_images="init_images",
    input_images_counted="init_images has {} entries",
    input_image="init_images {number}",
)


async def txt2img(request: Request) -> Response:
    """Pictures from words."""
    return await _answer(request, {"init_images"})


async def img2img(request: Request) -> Response:
    """Pictures from pictures and words."""
    return await _answer(request, set())


async def _answer(request: Request, passed_over: set[str]) -> Response:
    """Key, then rate limit, then body, then credits; then wait for the pictures."""
    caller, settings = await context.caller(request), context.services(request).settings
    data = await body.read(
        request, bytes_max=settings.edit_body_bytes_max, way_out=_FEWER, seconds=settings.upload_body_seconds
    )
    parsed, replaced = body.told(data)
    fields = {name: value for name, value in parsed.items() if name not in passed_over}
    order = _order(settings, fields, replaced)
    if not passed_over and not order.pictures:
        raise errors.MissingInputImage("init_images is missing: send the picture to edit")
    taken, warnings = await ordering.take(request, caller, order)
    headers = {**responses.quota_headers(taken[-1].quota), **answering.told(fields, _READ, warnings)}
    try:
        made = await openai_answers.made(request, caller, taken)
    except Nothing as nothing:
        return Response(orjson.dumps(_failure(nothing.error)), openai.status(nothing.error), headers, responses.JSON)
    return StreamingResponse(_content(request, order, made, warnings), headers=headers, media_type=responses.JSON)


# --- what is asked


def _order(settings: Settings, fields: Mapping[str, Any], warnings: tuple[str, ...]) -> Order:
    if fields.get("mask"):
        raise InvalidInput("mask is not possible here: say in the prompt what to change, and where")
    seed = fields.get("seed")
    asked = Asked(
        model=openai.model(settings, _chosen(fields)),
        prompt=fields.get("prompt"),
        mode=Mode.GENERATE,
        seed=None if seed == -1 else seed,
        size=f"{_side(fields, 'width')}x{_side(fields, 'height')}",
        output_format=next(iter(OUTPUT_FORMATS)),
        previews=0 if _settings(fields).get("live_previews_enable") is False else PREVIEWS_MAX,
        warnings=(*warnings, *_not_honoured(fields)),
        names=_NAMES,
    )
    return Order(asked, _pictures(fields.get("init_images", [])), _count(fields))


def _chosen(fields: Mapping[str, Any]) -> dict[str, Any]:
    name = _settings(fields).get("sd_model_checkpoint")
    return {"model": name} if name else {}


def _settings(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Theirs, for this one order. Unfinished pictures are on there, unless somebody switches them off."""
    settings = fields.get("override_settings")
    return settings if isinstance(settings, dict) else {}


def _side(fields: Mapping[str, Any], name: str) -> int:
    found = whole_number(fields.get(name, _SIDE))
    if found is None or found < sizing.SIDE_MIN:
        raise InvalidInput(f"{name} {shown(fields[name])} is not valid: use pixels, at least {sizing.SIDE_MIN}")
    return found


def _count(fields: Mapping[str, Any]) -> int:
    found = ordering.count(fields.get("batch_size"), "batch_size") * ordering.count(fields.get("n_iter"), "n_iter")
    return ordering.count(found, "batch_size times n_iter")


def _pictures(listed: object) -> tuple[Sent, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise InvalidInput("init_images is not valid: send a list of pictures as base64")
    return tuple(_picture(one, f"init_images {number}") for number, one in enumerate(listed, 1))


def _picture(text: str, name: str) -> Sent:
    """A data URI, or its base64 alone; a URL, which is never base64, is taken too."""
    is_text = text.startswith(("data:", "http://", "https://"))
    return sent_pictures.sent(text, name) if is_text else sent_pictures.from_base64(text, name)


def _not_honoured(fields: Mapping[str, Any]) -> list[str]:
    if not fields.get("negative_prompt"):
        return []
    return ["negative_prompt was ignored: say in the prompt what not to draw."]


# --- what is answered


async def _content(request: Request, order: Order, made: Made, warnings: Sequence[str]) -> AsyncIterator[bytes]:
    """The answer piece by piece: no more than one picture is in memory."""
    yield b'{"images":['
    for number, status in enumerate(made.pictures):
        yield b',"' if number else b'"'
        async for piece in answering.as_base64(await answering.picture(request, status)):
            yield piece
        yield b'"'
    info = orjson.dumps(_info(str(order.asked.prompt), made, warnings)).decode()
    yield b"]," + orjson.dumps({"parameters": {}, "info": info})[1:]


def _info(prompt: str, made: Made, warnings: Sequence[str]) -> dict[str, Any]:
    first, seeds = made.pictures[0], [_seed(one) for one in made.pictures]
    return {
        "prompt": prompt,
        "all_prompts": [prompt] * len(seeds),
        "width": first.image_width,
        "height": first.image_height,
        "seed": seeds[0],
        "all_seeds": seeds,
        "batch_size": len(seeds),
        "sd_model_name": first.model,
        "infotexts": [_words(prompt, one) for one in made.pictures],
        "extra_generation_params": {},
        "generationIds": [one.generation_id.hex for one in made.taken],
        "warnings": list(warnings),
        **answering.facts(made.pictures),
        "failed": [error.message for error in made.failed],
    }


def _words(prompt: str, status: Status) -> str:
    size = f"{status.image_width}x{status.image_height}"
    return f"{prompt}\nSeed: {_seed(status)}, Size: {size}, Model: {status.model}"


def _seed(status: Status) -> int:
    return -1 if status.seed is None else status.seed


def _failure(error: ApiError) -> dict[str, Any]:
    """As there: some clients show `detail`, others `errors`."""
    return {"error": error.code, "detail": error.message, "body": "", "errors": error.message}


# --- what clients look at before they order


async def options(request: Request) -> Response:
    """The settings that count: the model. Without `forge_preset`, by which SillyTavern would take us for another."""
    await context.caller(request)
    return _json({"sd_model_checkpoint": openai.MODEL})


async def set_options(request: Request) -> Response:
    """Taken, and nothing is kept: an order says all that counts."""
    await context.caller(request)
    await body.read(request, bytes_max=context.services(request).settings.body_bytes_max)
    return _json({})


async def interrupt(request: Request) -> Response:
    """Taken, and nothing is stopped: what is cancelled is cancelled by its id, on the native face."""
    return await set_options(request)


async def progress(request: Request) -> Response:
    """How far the newest picture is that the account has under way, and how it looks by now."""
    caller, services = await context.caller(request), context.services(request)
    running = await own.running(services, caller)
    done, image = 0.0, None
    if running:
        status = await services.statuses.read(caller, running[0])
        done = status.progress / 100
        if request.query_params.get("skip_current_image", "").lower() != "true":
            image = await unfinished.newest(services, caller, status.id)
    state = {"job_count": len(running), "job_no": 0, "interrupted": False, "skipped": False}
    looks = {"current_image": base64.b64encode(image.data).decode()} if image else {}
    return _json({"progress": done, "eta_relative": 0.0, "state": state, **looks})


_LISTS: dict[str, list[dict[str, Any]]] = {
    "sd-models": [{"title": openai.MODEL, "model_name": openai.MODEL}],
    "samplers": [{"name": "Euler a", "aliases": ["euler_a"], "options": {}}],
    "schedulers": [{"name": "automatic", "label": "Automatic"}],
    "upscalers": [{"name": "None", "scale": 4}],
    "latent-upscale-modes": [{"name": "Latent"}],
    "sd-vae": [],
    "sd-modules": [],
}


async def listed(request: Request) -> Response:
    """One of the short lists."""
    await context.caller(request)
    return _json(_LISTS[request.url.path.rpartition("/")[2]])


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type=responses.JSON)


# --- documents


class A1111Failure(BaseModel):
    error: str
    detail: str
    body: str
    errors: str


class A1111Body(BaseModel):
    """What else its clients send is ignored, and named in the header `Cavendish-Ignored`."""

    model_config = ConfigDict(extra="ignore")

    prompt: Annotated[
        str,
        Field(
            min_length=1,
            max_length=Settings.prompt_characters_max,
            pattern=r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
            description="What the picture shows",
        ),
    ]
    width: Annotated[int, Field(ge=sizing.SIDE_MIN, le=4096, description="Pixels, which is what is delivered")] = _SIDE
    height: Annotated[int, Field(ge=sizing.SIDE_MIN, le=4096)] = _SIDE
    seed: Annotated[int, Field(ge=-1, le=SEED_MAX, description="-1: any")] = -1
    batch_size: Annotated[int, Field(ge=1, le=submit.COUNT_MAX, description="Pictures; n_iter multiplies it")] = 1


class A1111Pictures(BaseModel):
    images: Annotated[list[str], Field(description="PNG as base64")]
    parameters: dict[str, Any]
    info: Annotated[str, Field(description="JSON: size, seeds, what it cost, what was not honoured")]


class A1111Options(BaseModel):
    sd_model_checkpoint: str


class A1111Progress(BaseModel):
    progress: Annotated[float, Field(description="0 to 1, of the newest")]
    eta_relative: float
    state: dict[str, Any]
    current_image: Annotated[str | None, Field(description="Of the same, unfinished, as base64")] = None


class A1111List(RootModel[list[dict[str, Any]]]):
    """A short list to choose from."""


class A1111Nothing(BaseModel):
    """An empty object."""


_SKIP = query("skip_current_image", "true: without current_image", {"type": "boolean"})
_SHAPE = FailureShape(A1111Failure, _failure, openai.status, challenge=BASIC)
_COMMON = (errors.LoginRequired, errors.Forbidden, errors.UnknownHost, errors.ServiceBusy, errors.InternalError)


def routes() -> list[Operation]:
    def one(
        method: Literal["GET", "POST"], name: str, endpoint: Any, summary: str, answer: type[BaseModel], *told: Any,
        **more: Any,
    ) -> Operation:  # fmt: skip
        path, failures = f"/sdapi/v1/{name}", (*_COMMON, *told)
        return Operation(method, path, endpoint, summary, answer, failures, tag="A1111", failure=_SHAPE, **more)

    too_large = errors.PayloadTooLarge
    return [
        one("POST", "txt2img", txt2img, "Pictures from words, as Automatic1111 makes them", A1111Pictures,
            *answering.EDIT_ERRORS, body=A1111Body, example={"prompt": "A lighthouse", "width": 768}),
        one("POST", "img2img", img2img, "Pictures from pictures, as Automatic1111 makes them", A1111Pictures,
            *answering.EDIT_ERRORS, bytes_types=(responses.JSON,)),
        one("GET", "options", options, "The model, as Automatic1111 tells it", A1111Options),
        one("POST", "options", set_options, "Taken without effect", A1111Nothing, too_large),
        one("POST", "interrupt", interrupt, "Taken without effect", A1111Nothing, too_large),
        one("GET", "progress", progress, "How far the newest picture is", A1111Progress, parameters=(_SKIP,)),
        *(one("GET", name, listed, f"A list for clients: {name}", A1111List) for name in _LISTS),
    ]  # fmt: skip
