"""POST /api/v1/generations: order one picture or several by one call; all of them are held, or none."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import submit, validate
from cavendish.errors import ApiError
from cavendish.models import MODELS, PREVIEWS_MAX, Mode, State, whole_number
from cavendish.web.dialects import nano_banana_2
from cavendish.web.http import address, body, context, responses, submitting
from cavendish.web.http.operation import Operation

_MODEL = next(iter(MODELS))


# What one model takes less of than another.
_FEWER_IMAGES: dict[str, Any] = {
    "allOf": [
        {
            "if": {"properties": {"model": {"const": name}}, "required": ["model"]},
            "then": {"properties": {"inputImageUrls": {"maxItems": model.input_images_max}}},
            "else": {"properties": {"inputImageUrls": {"maxItems": MODELS[_MODEL].input_images_max}}},
        }
        for name, model in MODELS.items()
    ]
}


class OrderBody(nano_banana_2.GenerateBody):
    """As generate takes it, with the model in the body."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={**nano_banana_2.EDITS, **_FEWER_IMAGES})

    mode: Annotated[Literal["generate", "edit"], Field(description="Left out: edit where there are input images")] = (
        "generate"
    )
    model: Annotated[Literal[tuple(MODELS)], Field(description="GET /api/v1/models lists them")] = _MODEL  # type: ignore[valid-type]
    count: Annotated[
        StrictInt,
        Field(ge=1, le=submit.COUNT_MAX, description="Pictures; each is a generation of its own, and all cost"),
    ] = 1
    previews: Annotated[
        StrictInt,
        Field(ge=0, le=PREVIEWS_MAX, description="Unfinished pictures of each, for its events with previews=true"),
    ] = 0


class Ordered(BaseModel):
    generationId: str
    taskId: str
    status: Literal["pending"]


class OrderAnswer(BaseModel):
    success: Literal[True]
    generations: list[Ordered]
    creditsHeld: Annotated[int, Field(description="For all of them; captured or returned for each by itself")]
    creditsRemaining: Annotated[int, Field(description="What the account can still spend")]
    warnings: Annotated[list[str] | None, Field(description="What was not honoured; absent if nothing")] = None


async def order(request: Request) -> Response:
    """Take one or several generations: key, then rate limit, then body, then credits."""
    web, caller = context.web(request), await context.caller(request)
    settings = web.services.settings
    try:
        data = await body.read(request, bytes_max=settings.body_bytes_max, way_out=nano_banana_2.URLS_ONLY)
        parsed, replaced = body.told(data)
        asked = nano_banana_2.read({"mode": _mode(parsed), **parsed}, _model(parsed), warnings=replaced)
        asked = dataclasses.replace(asked, previews=parsed.get("previews"))
        submission = validate.checked(asked, settings, address=address.of(request))
        count = _count(parsed)
        key = submitting.idempotency_key(request, caller, parsed)
    except ApiError as error:
        await submitting.read_limit(request, caller, error)
        raise
    taken = await submit.submit_several(web.services, caller, submission, count, key)
    headers = responses.quota_headers(taken[-1].quota)
    if taken[0].replayed:
        headers["Idempotent-Replayed"] = "true"
    content: dict[str, Any] = {
        "generations": [
            {"generationId": one.generation_id.hex, "taskId": one.task_id, "status": State.PENDING.value}
            for one in taken
        ],
        "creditsHeld": sum(one.price for one in taken),
        "creditsRemaining": taken[-1].balance,
    }
    if submission.warnings:
        content["warnings"] = list(submission.warnings)
    return responses.success(content, headers)


def _mode(parsed: dict[str, Any]) -> str:
    return Mode.EDIT if parsed.get("inputImageUrls") else Mode.GENERATE


def _model(parsed: dict[str, Any]) -> Any:
    name = parsed.get("model", _MODEL)
    if not isinstance(name, str) or name not in MODELS:
        raise errors.InvalidInput(f"model {errors.shown(name)} is not valid: {validate.choices(tuple(MODELS))}")
    return MODELS[name]


def _count(parsed: dict[str, Any]) -> int:
    count = whole_number(parsed.get("count", 1))
    if count is None or not 1 <= count <= submit.COUNT_MAX:
        raise errors.InvalidInput(
            f"count {errors.shown(parsed['count'])} is not valid: use a whole number from 1 to {submit.COUNT_MAX}"
        )
    return count


def routes() -> list[Operation]:
    return [
        Operation(
            "POST",
            "/api/v1/generations",
            order,
            "Order one picture or several",
            OrderAnswer,
            tuple(error for error in nano_banana_2.GENERATE_ERRORS if error is not errors.ImageUrlsRequired),
            body=OrderBody,
            example={"prompt": "A lighthouse above a stormy sea", "count": 2, "size": "1536x1024"},
            description=(
                "All of them are held and queued, or none: then nothing is left behind. Each has its own result and its"
                " own end; what fails is given back by itself."
            ),
            parameters=(submitting.KEY_HEADER,),
            tag="Generations",
        )
    ]
