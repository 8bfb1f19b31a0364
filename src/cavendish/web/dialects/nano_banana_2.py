"""The API of nanophoto.ai's Nano Banana 2, exactly: generate and check-status, and the same for Nano Banana Pro.

Every field, default, status and error code is that of the API text; what it leaves open is settled by what its real
clients survive: check-status answers 200 for every generation the caller owns, a key without a value is left out, and
there is never a top-level `url`, `data`, `result` or `output`.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, create_model
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import gone, sizing, validate
from cavendish.application.generations import submit as generations
from cavendish.application.generations.validate import Asked
from cavendish.errors import ApiError
from cavendish.models import (
    LABELS,
    MODELS,
    OUTPUT_FORMATS,
    RATIOS,
    SEED_MAX,
    FieldNames,
    Mode,
    PublicModel,
    State,
    Status,
)
from cavendish.settings import Settings
from cavendish.web.http import address, body, context, prefer, responses, submitting
from cavendish.web.http.face import Face
from cavendish.web.http.operation import Operation
from cavendish.web.http.schemas import GroundingAnswer, NotesAnswer

FACE = Face("Nano Banana 2", ("clients of nanophoto.ai's API",), "/docs/connect#clients-of-nanophotoais-api")

NAMES = FieldNames(
    aspect_ratio="aspectRatio",
    image_quality="imageQuality",
    google_search="googleSearch",
    input_images="inputImageUrls",
    input_images_counted="inputImageUrls has {} entries",
    input_image="inputImageUrls[{index}]",
    output_format="outputFormat",
    output_quality="outputQuality",
)
_NO_DATA = "API calls require inputImageUrls for edit mode: inputImages (base64) is not taken, send public URLs"
URLS_ONLY = "send images as public URLs in inputImageUrls, not as data"  # in place of a body that is too large
_PROMPT: dict[str, Any] = {
    "minLength": 1,
    "maxLength": Settings.prompt_characters_max,
    "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
}
EDITS: dict[str, Any] = {
    "if": {"properties": {"mode": {"const": "edit"}}, "required": ["mode"]},
    "then": {"required": ["inputImageUrls"], "properties": {"inputImageUrls": {"minItems": 1}}},
}
_SIZE = "WIDTHxHEIGHT in pixels, exactly; the ratio and the quality from which it is made are chosen by it"
_FORMAT = "What the picture is delivered as; left out, as the engine made it"
_QUALITY = "Of a jpeg or webp"
_LABEL = "Draw the letters AI in a corner, for people to see"
_URLS = "Public image URLs; required when mode is edit"
_IMAGE_URL = "Where the picture is; completed only. Sent as image_url too, for clients that look for this name"
# Not a member of its own: in a generated client both names become one.
_TWIN: dict[str, Any] = {"x-also-as": "image_url"}


# Documents what `validate` judges, and tests hold the two together.
class GenerateBody(BaseModel):
    """Unknown fields are ignored; null means absent."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=EDITS)

    prompt: Annotated[
        StrictStr, Field(description="Image generation prompt, at most 20,000 characters", json_schema_extra=_PROMPT)
    ]
    mode: Annotated[Literal["generate", "edit"], Field(description="generate: text to image; edit: image to image")]
    aspectRatio: Annotated[Literal[RATIOS], Field(description="Ratio of the picture")] = "16:9"  # type: ignore[valid-type]
    imageQuality: Annotated[Literal["1K", "2K", "4K"], Field(description="Size of the picture")] = "1K"
    googleSearch: Annotated[StrictBool, Field(description="Enhance the prompt with facts found by a search")] = False
    inputImageUrls: Annotated[list[StrictStr], Field(description=_URLS)] = []
    seed: Annotated[
        StrictInt | None, Field(ge=0, le=SEED_MAX, description="Repeatable pictures, where the engine can")
    ] = None
    size: Annotated[str | None, Field(pattern=sizing.PATTERN, description=_SIZE)] = None
    outputFormat: Annotated[Literal[tuple(OUTPUT_FORMATS)] | None, Field(description=_FORMAT)] = None  # type: ignore[valid-type]
    outputQuality: Annotated[StrictInt | None, Field(ge=1, le=100, description=_QUALITY)] = None
    label: Annotated[Literal[LABELS] | None, Field(description=_LABEL)] = None  # type: ignore[valid-type]


class CheckBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    generationId: Annotated[StrictStr, Field(description="The generationId that generate answered with")]


class GenerateAnswer(BaseModel):
    success: Literal[True]
    generationId: str
    taskId: str
    status: Literal["pending"]
    creditsHeld: Annotated[int, Field(description="Held now, captured on success, returned on failure")]
    creditsRemaining: Annotated[int, Field(description="What the account can still spend")]
    warnings: Annotated[list[str] | None, Field(description="What was not honoured; absent if nothing")] = None


class StatusAnswer(BaseModel):
    success: Annotated[bool, Field(description="false for a failed generation")]
    status: Literal["pending", "generating", "completed", "failed"]
    generationId: str
    progress: Annotated[int, Field(ge=0, le=100)]
    imageUrl: Annotated[str | None, Field(description=_IMAGE_URL, json_schema_extra=_TWIN)] = None
    error: Annotated[str | None, Field(description="Why it failed; failed only")] = None
    errorCode: Annotated[str | None, Field(description="Its code; failed only")] = None
    model: Annotated[str, Field(description="The model asked for; what really made the picture once that is known")]
    engine: Annotated[str | None, Field(description="The engine that makes or made the picture")] = None
    width: Annotated[int | None, Field(description="Pixels of the delivered picture")] = None
    height: Annotated[int | None, Field(description="Pixels of the delivered picture")] = None
    mimeType: Annotated[str | None, Field(description="True type of the delivered picture")] = None
    seed: int | None = None
    creditsHeld: Annotated[int | None, Field(description="While it is not finished")] = None
    creditsCharged: Annotated[int | None, Field(description="Once it is finished; 0 for a failed one")] = None
    creditsRemaining: Annotated[int, Field(description="What the account can still spend")]
    createdAt: Annotated[str, Field(description="RFC 3339, UTC")]
    warnings: Annotated[list[str] | None, Field(description="What was not honoured; absent if nothing")] = None
    grounding: Annotated[GroundingAnswer | None, Field(description="What was searched; absent if nothing was")] = None
    notes: Annotated[NotesAnswer | None, Field(description="Words understood, where the engine can tell")] = None


async def generate(model: PublicModel, request: Request) -> Response:
    """Take a generation: key, then rate limit, then body, then credits."""
    web = context.web(request)
    caller = await context.caller(request)
    if "idempotency-key" not in request.headers:
        web.services.rate_limiter.check(caller)  # a replay is answered also when nothing is left of the limit
    settings = web.services.settings
    try:
        data = await body.read(request, bytes_max=settings.body_bytes_max, way_out=URLS_ONLY, refusal=_why_so_large)
        parsed, replaced = body.told(data)
        submission = validate.checked(read(parsed, model, warnings=replaced), settings, address=address.of(request))
        key = submitting.idempotency_key(request, caller, parsed)
    except ApiError as error:
        await submitting.read_limit(request, caller, error)
        raise
    submitted = await generations.submit(web.services, caller, submission, key)
    headers = responses.quota_headers(submitted.quota)
    if submitted.replayed:
        headers["Idempotent-Replayed"] = "true"
    content = {
        "generationId": submitted.generation_id.hex,
        "taskId": submitted.task_id,
        "status": State.PENDING.value,
        "creditsHeld": submitted.price,
        "creditsRemaining": submitted.balance,
    }
    if submission.warnings:
        content["warnings"] = list(submission.warnings)
    return responses.success(content, headers)


async def check_status(request: Request) -> Response:
    """The state of one generation. Either model's path checks any generation. Never counted, never throttled."""
    web = context.web(request)
    caller = await context.caller(request, polling=True)
    parsed = body.parse(await body.read(request, bytes_max=web.services.settings.body_bytes_max))
    generation_id = parsed.get("generationId")
    if not isinstance(generation_id, str):  # CheckBody's one rule, without the framework: this is the hottest call
        raise errors.InvalidInput("generationId is required: the string that generate answered with")
    status, headers = await prefer.preferred(request, web, caller, generation_id)
    return Response(orjson.dumps(shown(status, address.of(request))), media_type=responses.JSON, headers=headers)


def shown(status: Status, public_url: str) -> dict[str, Any]:
    """A generation as check-status shows it; a key without a value is left out."""
    if status.state == State.COMPLETED and status.gone is None:
        content = _completed(status, public_url)
    elif status.state in (State.COMPLETED, State.FAILED):
        content = _failed(status)
    else:
        content = {
            "success": True,
            "status": status.state,
            "generationId": status.id.hex,
            "progress": status.progress,
            "model": status.model,
            "creditsHeld": status.price,
        }
        if status.state == State.GENERATING:
            content["engine"] = status.engine
    content["creditsRemaining"] = status.balance
    content["createdAt"] = responses.instant(status.created_at)
    if status.seed is not None:
        content["seed"] = status.seed
    if status.warnings:
        content["warnings"] = status.warnings
    if status.grounding is not None:
        content["grounding"] = orjson.Fragment(status.grounding)
    if status.notes is not None:
        content["notes"] = orjson.Fragment(status.notes)
    return content


def _completed(status: Status, public_url: str) -> dict[str, Any]:
    url = f"{public_url}/generations/{status.image_name}"
    return {
        "success": True,
        "status": "completed",
        "imageUrl": url,
        "image_url": url,
        "generationId": status.id.hex,
        "progress": 100,
        "model": status.engine_model or status.model,
        "engine": status.engine,
        "width": status.image_width,
        "height": status.image_height,
        "mimeType": status.image_type,
        "creditsCharged": status.credits_charged,
    }


def _failed(status: Status) -> dict[str, Any]:
    """A failed generation, or a completed one whose picture is gone."""
    why = gone.as_error(status.gone) if status.gone else None
    return {
        "success": False,
        "status": "failed",
        "error": why.message if why else status.error,
        "errorCode": why.code if why else status.error_code,
        "generationId": status.id.hex,
        "progress": 0,
        "model": status.model,
        "creditsCharged": status.credits_charged or 0,
    }


def read(parsed: dict[str, Any], model: PublicModel, *, warnings: tuple[str, ...] = ()) -> Asked:
    """What the body asks for. Base64 in place of URLs is an error of its own; beside URLs it is ignored and said so."""
    unused = parsed.get("mode") == Mode.EDIT and parsed.get("inputImages")
    if unused and not parsed.get("inputImageUrls"):
        raise errors.ImageUrlsRequired(_NO_DATA)
    return Asked(
        model=model,
        prompt=parsed.get("prompt"),
        mode=parsed.get("mode"),
        aspect_ratio=parsed.get("aspectRatio"),
        image_quality=parsed.get("imageQuality"),
        google_search=parsed.get("googleSearch"),
        input_image_urls=parsed.get("inputImageUrls"),
        seed=parsed.get("seed"),
        size=parsed.get("size"),
        output_format=parsed.get("outputFormat"),
        output_quality=parsed.get("outputQuality"),
        label=parsed.get("label"),
        warnings=(*warnings, "inputImages was ignored; only inputImageUrls is used.") if unused else warnings,
        names=NAMES,
    )


def _why_so_large(seen: dict[str, Any]) -> ApiError | None:
    """By the members at the beginning: `mode` may stand behind the pictures."""
    is_edit = seen.get("mode", Mode.EDIT) == Mode.EDIT
    if is_edit and seen.get("inputImages") and not seen.get("inputImageUrls"):
        return errors.ImageUrlsRequired(_NO_DATA)
    return None


GENERATE_ERRORS = (
    errors.LoginRequired,
    errors.RateLimitExceeded,
    errors.InvalidPrompt,
    errors.MissingInputImage,
    errors.TooManyImages,
    errors.ImageUrlsRequired,
    errors.InvalidInput,
    errors.InsufficientCredits,
    errors.PayloadTooLarge,
    errors.IdempotencyKeyReused,
    errors.CreditReservationFailed,
    errors.Forbidden,  # by cookie, from a page of another site
    errors.GenerationFailed,
    errors.ServiceBusy,
    errors.InternalError,
)
_CHECK_ERRORS = (
    errors.LoginRequired,
    errors.InvalidInput,
    errors.Forbidden,
    errors.NotFound,
    errors.PayloadTooLarge,
    errors.ServiceBusy,
    errors.InternalError,
)
_EXAMPLE = {
    "prompt": "A futuristic cityscape at sunset with flying cars and neon lights",
    "mode": "generate",
    "aspectRatio": "16:9",
    "imageQuality": "2K",
}


def _body(model: PublicModel) -> type[GenerateBody]:
    """The body as this model takes it."""
    urls = Annotated[list[StrictStr], Field(description=_URLS, max_length=model.input_images_max)]
    return create_model("GenerateBody", __base__=GenerateBody, inputImageUrls=(urls, []))


def routes() -> list[Operation]:
    """Two operations per public model."""
    found = []
    for model in MODELS.values():
        found.append(
            Operation(
                method="POST",
                path=f"/api/{model.name}/generate",
                endpoint=functools.partial(generate, model),
                summary="Create an image generation task",
                description="Holds the credits; they are captured when the picture is there, and returned if it fails.",
                body=_body(model),
                answer=GenerateAnswer,
                errors=GENERATE_ERRORS,
                example=_EXAMPLE,
                parameters=(submitting.KEY_HEADER,),
                hot=True,
                tag=model.name,
            )
        )
        found.append(
            Operation(
                method="POST",
                path=f"/api/{model.name}/check-status",
                endpoint=check_status,
                summary="Check task status and retrieve the result",
                description="Answers 200 for every generation of yours, a failed one included. Polls are not counted.",
                body=CheckBody,
                answer=StatusAnswer,
                errors=_CHECK_ERRORS,
                example={"generationId": "0f3a9c5e7b1d4862a0c4e6f8091b2d3c"},
                hot=True,
                tag=model.name,
            )
        )
    return found
