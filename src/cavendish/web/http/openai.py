"""How OpenAI's faces say what went wrong, and what their SDKs do then. Source: openai-python 3.57, its retries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import catalogue, sizing, submit
from cavendish.errors import ApiError
from cavendish.models import LABELS, MODELS, OUTPUT_FORMATS, PREVIEWS_MAX, RATIOS, FieldNames, PublicModel
from cavendish.settings import Settings
from cavendish.web.http import responses
from cavendish.web.http.operation import FailureShape
from cavendish.web.http.schemas import PictureFacts

NOT_AGAIN = {"x-should-retry": "false"}  # what their SDKs obey; without it every 429 and 5xx is sent twice more
MODEL = next(iter(MODELS))  # of a call that names none

_FORMATS = tuple(OUTPUT_FORMATS)
NAMES = FieldNames(
    aspect_ratio="aspect_ratio",
    image_quality="image_quality",
    google_search="google_search",
    input_images="image",
    input_images_counted="image has {} entries",
    input_image="image {number}",
    output_format="output_format",
    output_quality="output_compression",
    previews="partial_images",
)
_PARAMETERS = frozenset(
    {
        "background", "count", "image", "image_quality", "aspect_ratio", "google_search", "label", "mask", "messages",
        "model", "n", "output_compression", "output_format", "partial_images", "prompt", "response_format", "seed",
        "size", "stream", "image_config", "image_config.aspect_ratio", "image_config.image_size", "modalities",
    }
)  # fmt: skip
# Their words, where they have some; else ours.
_CODES: dict[type[ApiError], tuple[int, str, str]] = {
    errors.LoginRequired: (401, "invalid_request_error", "invalid_api_key"),
    errors.InsufficientCredits: (402, "insufficient_quota", "insufficient_credits"),
    errors.RateLimitExceeded: (429, "rate_limit_error", "rate_limit_exceeded"),
    errors.ContentBlocked: (400, "image_generation_user_error", "moderation_blocked"),
    errors.SafeguardRefused: (400, "image_generation_user_error", "moderation_blocked"),
    errors.InputImageFailed: (400, "invalid_request_error", "invalid_image"),
    errors.InvalidInput: (400, "invalid_request_error", "invalid_value"),
    errors.InvalidPrompt: (400, "invalid_request_error", "invalid_value"),
    errors.Cancelled: (409, "invalid_request_error", "cancelled"),
    errors.Expired: (504, "server_error", "expired"),
    errors.Deleted: (410, "invalid_request_error", "deleted"),
    errors.GenerationFailed: (502, "server_error", "engine_failed"),
    errors.NotFound: (404, "invalid_request_error", "not_found"),
}


class ModelNotFound(errors.NotFound):
    """The same code as any that is not found; these clients have a word of their own for it."""


class OpenAIError(BaseModel):
    message: str
    type: str
    param: Annotated[str | None, Field(description="Which field it is about, where it is about one")] = None
    code: str


class OpenAIFailure(BaseModel):
    error: OpenAIError


class GenerationBody(BaseModel):
    """Unknown fields are ignored, and named in the header `Cavendish-Ignored`."""

    model_config = ConfigDict(extra="ignore")

    prompt: Annotated[
        StrictStr,
        Field(
            min_length=1,
            description="What the picture shows",
            pattern=r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
            max_length=Settings.prompt_characters_max,
        ),
    ]
    model: Annotated[Literal[tuple(MODELS)], Field(description="A model of GET /v1/models, or an alias there")] = MODEL  # type: ignore[valid-type]
    n: Annotated[StrictInt, Field(ge=1, le=submit.COUNT_MAX, description="Pictures; all are held, or none")] = 1
    size: Annotated[
        str,
        Field(
            description="auto, or WIDTHxHEIGHT, which is what is delivered",
            examples=["1536x1024"],
            pattern=f"^(auto|{sizing.PATTERN[1:-1]})$",
        ),
    ] = "auto"
    output_format: Annotated[
        Literal[_FORMATS],  # type: ignore[valid-type]
        Field(description="Left out: as the engine made it"),
    ] = next(iter(OUTPUT_FORMATS))
    output_compression: Annotated[StrictInt, Field(ge=0, le=100, description="Of jpeg and webp")] = 100
    response_format: Annotated[Literal["b64_json", "url"], Field(description="The picture's bytes, or its address")] = (
        "b64_json"
    )
    stream: Annotated[StrictBool, Field(description="Server-sent events, with signs of life")] = False
    partial_images: Annotated[
        StrictInt,
        Field(ge=0, le=PREVIEWS_MAX, description="Unfinished pictures in a stream, where the engine has some"),
    ] = 0
    aspect_ratio: Annotated[
        Literal[RATIOS],  # type: ignore[valid-type]
        Field(description="An extension: as aspectRatio of generate"),
    ] = "1:1"
    image_quality: Annotated[
        Literal["1K", "2K", "4K"] | None, Field(description="An extension: as imageQuality of generate")
    ] = None
    label: Annotated[
        Literal[LABELS] | None,  # type: ignore[valid-type]
        Field(description="An extension: as label of generate"),
    ] = None


class ImageAnswer(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class ImagesAnswer(PictureFacts):
    created: int
    background: str
    output_format: str
    quality: str
    size: Annotated[str, Field(description="Of the first picture, as it is")]
    data: list[ImageAnswer]
    usage: dict[str, Any]
    generationIds: list[str]
    failed: Annotated[list[OpenAIError] | None, Field(description="Those of several that are given back")] = None


def model(settings: Settings, fields: Mapping[str, Any]) -> PublicModel:
    """The model that a call names, or the first. Raises ModelNotFound."""
    name = fields.get("model", MODEL)
    if (found := catalogue.named(settings, name)) is None:
        raise ModelNotFound(f"model {errors.shown(name)} does not exist here; GET /v1/models lists those that do")
    return found


def body(error: ApiError) -> dict[str, Any]:
    """An error as their SDKs read it."""
    _, kind, code = _words(error)
    first = error.message.partition(" ")[0].lower()
    parameter = {"param": first} if first in _PARAMETERS else {}
    return {"error": {"message": error.message, "type": kind, **parameter, "code": code}}


def status(error: ApiError) -> int:
    """By which an error answers there."""
    return _words(error)[0]


def ended(error: ApiError, headers: dict[str, str]) -> Response:
    """The answer for a generation that failed: it was held and given back, so an SDK's own repetition is no help."""
    return Response(orjson.dumps(body(error)), status(error), {**headers, **NOT_AGAIN}, responses.JSON)


def of_code(code: str | None, message: str | None) -> ApiError:
    """The error that a failed generation stands for."""
    kind = errors.CODES.get(code or "", errors.GenerationFailed)
    return kind(message)


def _words(error: ApiError) -> tuple[int, str, str]:
    if isinstance(error, ModelNotFound):
        return 404, "invalid_request_error", "model_not_found"
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    return _CODES.get(type(error), (error.status, kind, error.code.lower()))


SHAPE = FailureShape(OpenAIFailure, body, status)
