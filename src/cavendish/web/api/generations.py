"""REST beside the dialects: credits, one generation, a paged list. The same house style."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.access import account
from cavendish.application.generations import gone, own
from cavendish.models import Generation, State
from cavendish.web.http import address, body, context, params, prefer, responses
from cavendish.web.http.operation import Operation, cursor, limit_parameter, query
from cavendish.web.http.schemas import GroundingAnswer, NotesAnswer

PAGE_DEFAULT = 20


class CreditsAnswer(BaseModel):
    success: Literal[True]
    account: str
    balance: Annotated[int, Field(description="Credits that can be spent now")]
    held: Annotated[int, Field(description="Credits set aside for running generations")]


class GenerationLine(BaseModel):
    """A generation in full; a key without a value is left out."""

    generationId: str
    taskId: str
    status: Literal["pending", "generating", "completed", "failed"]
    progress: int
    model: str
    engine: str | None = None
    engineModel: str | None = None
    mode: Literal["generate", "edit"]
    batchId: Annotated[str | None, Field(description="The same for all that one call ordered")] = None
    prompt: str
    aspectRatio: str
    imageQuality: Literal["1K", "2K", "4K"]
    googleSearch: bool
    inputImageUrls: list[str] | None = None
    seed: int | None = None
    label: Annotated[str | None, Field(description="The mark that was ordered on it")] = None
    imageUrl: str | None = None
    width: int | None = None
    height: int | None = None
    mimeType: str | None = None
    sizeBytes: int | None = None
    creditsHeld: int | None = None
    creditsCharged: int | None = None
    error: str | None = None
    errorCode: str | None = None
    warnings: list[str] | None = None
    grounding: GroundingAnswer | None = None
    notes: NotesAnswer | None = None
    createdAt: str
    startedAt: str | None = None
    finishedAt: str | None = None


class GenerationAnswer(GenerationLine):
    success: Literal[True]


class GenerationsAnswer(BaseModel):
    success: Literal[True]
    generations: list[GenerationLine]
    nextCursor: Annotated[
        str | None,
        Field(
            description="Send as cursor for the next page; absent on the last. A page of what q or status asks for may "
            "be short, and even empty, with more behind it"
        ),
    ] = None


async def credits(request: Request) -> Response:
    """What the caller's account can spend."""
    caller = await context.caller(request)
    owner = await account.balance(context.services(request), caller)
    return responses.success({"account": owner.name, "balance": owner.balance, "held": owner.held})


async def generation(request: Request) -> Response:
    """One generation of the caller's, whole."""
    caller = await context.caller(request)
    headers: dict[str, str] = {}
    if "prefer" in request.headers:
        _, headers = await prefer.preferred(request, context.web(request), caller, request.path_params["generation_id"])
    found = await own.find(context.services(request), caller, request.path_params["generation_id"])
    return responses.success(shown(found, address.of(request)), headers)


async def list_generations(request: Request) -> Response:
    """The caller's generations, newest first, a page at a time."""
    web, caller = context.web(request), await context.caller(request)
    count = _count(request.query_params.get("limit"), web.services.settings.page_max)
    wanted = _state(request.query_params.get("status"))
    cursor, text = request.query_params.get("cursor"), params.query_text(request, "q")
    page = await own.page(web.services, caller, after=cursor, state=wanted, text=text, count=count)
    here = address.of(request)
    content: dict[str, Any] = {"generations": [shown(found, here) for found in page.found]}
    if page.last is not None:
        content["nextCursor"] = page.last.hex
    return responses.success(content)


def shown(generation: Generation, public_url: str) -> dict[str, Any]:
    """A generation in full; a key without a value is left out."""
    image = None if generation.gone else generation.image
    content: dict[str, Any] = {
        "generationId": generation.id.hex,
        "taskId": generation.task_id,
        "status": generation.state.value,
        "progress": generation.progress,
        "model": generation.model,
        "engine": generation.engine if generation.state is not State.PENDING else None,
        "engineModel": generation.engine_model,
        "mode": generation.mode.value,
        "batchId": generation.batch_id.hex if generation.batch_id else None,
        "prompt": generation.prompt,
        "aspectRatio": generation.aspect_ratio,
        "imageQuality": generation.image_quality.value,
        "googleSearch": generation.google_search,
        "inputImageUrls": [_absolute(public_url, url) for url in generation.input_image_urls] or None,
        "seed": generation.seed,
        "label": generation.output.label,
        "creditsHeld": None if generation.state.terminal else generation.price,
        "creditsCharged": (generation.credits_charged or 0) if generation.state.terminal else None,
        "error": generation.error,
        "errorCode": generation.error_code,
        "warnings": list(generation.warnings) or None,
        "grounding": orjson.Fragment(generation.grounding) if generation.grounding else None,
        "notes": orjson.Fragment(generation.notes) if generation.notes else None,
        "createdAt": responses.instant(generation.created_at),
        "startedAt": responses.instant(generation.started_at) if generation.started_at else None,
        "finishedAt": responses.instant(generation.finished_at) if generation.finished_at else None,
    }
    if generation.gone is not None:
        why = gone.as_error(generation.gone)
        content |= {"status": State.FAILED.value, "progress": 0, "error": why.message, "errorCode": why.code}
    if image is not None:
        content |= {
            "imageUrl": f"{public_url}/generations/{image.name}",
            "width": image.width,
            "height": image.height,
            "mimeType": image.media_type,
            "sizeBytes": image.size_bytes,
        }
    return {name: value for name, value in content.items() if value is not None}


def _absolute(public_url: str, url: str) -> str:
    """The service's own pictures are kept by their names, and are wherever it is now."""
    return f"{public_url}{url}" if url.startswith("/") else url


def _count(text: str | None, page_max: int) -> int:
    if text is None:
        return min(PAGE_DEFAULT, page_max)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= page_max:
        raise errors.InvalidInput(f"limit {body.shown(text)} is not valid: use a whole number from 1 to {page_max}")
    return int(text)


def _state(text: str | None) -> State | None:
    if text is None:
        return None
    try:
        return State(text)
    except ValueError:
        raise errors.InvalidInput(
            f"status {body.shown(text)} is not valid: use {', '.join(word.value for word in State)}"
        ) from None


_COMMON = (errors.LoginRequired, errors.ServiceBusy, errors.InternalError)
ID_PARAMETER = {
    "name": "generation_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "description": "The generationId that generate answered with.",
}


def routes() -> list[Operation]:
    return [
        Operation("GET", "/api/v1/credits", credits, "Balance and held credits", CreditsAnswer, _COMMON, tag="Account"),
        Operation(
            "GET",
            "/api/v1/generations/{generation_id}",
            generation,
            "One generation",
            GenerationAnswer,
            (*_COMMON, errors.Forbidden, errors.NotFound),
            parameters=(ID_PARAMETER,),
            tag="Generations",
        ),
        Operation(
            "GET",
            "/api/v1/generations",
            list_generations,
            "Your generations, newest first",
            GenerationsAnswer,
            (*_COMMON, errors.InvalidInput, errors.Forbidden, errors.NotFound, errors.RateLimitExceeded),
            parameters=(
                limit_parameter(PAGE_DEFAULT, 100),
                cursor(params.ID_CURSOR),
                query("q", "Only prompts that hold this text, or the generation with this id.", params.SEARCH),
                query("status", "Only these.", {"type": "string", "enum": [word.value for word in State]}),
            ),
            tag="Generations",
        ),
    ]
