"""OpenAI's Images without waiting, as sub2api has them: an order is answered 202, and its task tells the rest.

A task is no thing of its own. Its id is that of the call's first generation, so it lives as long as that, through every
restart, and all other faces know it.
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import own
from cavendish.models import State, Status
from cavendish.web.http import address, answering, context, images_call, openai, openai_answers, ordering, responses
from cavendish.web.http.face import Face
from cavendish.web.http.images_call import Call
from cavendish.web.http.openai_answers import Made, Nothing
from cavendish.web.http.operation import Operation

FACE = Face("OpenAI Images without waiting", ("clients of sub2api",), "/docs/connect#programs-with-settings")

_POLL_SECONDS = 3  # as there
_KEPT_SECONDS = 24 * 3600.0  # what clients are told there; here a picture is kept as long as the operator says
_TASK = "/v1/images/tasks/"


async def generations(request: Request) -> Response:
    """Order pictures from words."""
    return await _order(request, images_call.generation)


async def edits(request: Request) -> Response:
    """Order pictures from pictures and words."""
    return await _order(request, images_call.edit)


async def task(request: Request) -> Response:
    """What became of an order."""
    caller = await context.caller(request)
    found = await own.of_call(context.services(request), caller, request.path_params["generation_id"])
    content = _told(request, found)
    return _answer(content, 200, _again(content))


async def _order(request: Request, read: Callable[[Request], Awaitable[Call]]) -> Response:
    caller = await context.caller(request)
    call, services = await read(request), context.services(request)
    taken, warnings = await ordering.take(request, caller, images_call.order(services.settings, call))
    content = _told(request, await own.of_call(services, caller, taken[0].generation_id.hex))
    quota, told = responses.quota_headers(taken[-1].quota), images_call.told(call, warnings)
    return _answer(content, 202, {**quota, **told, **_again(content), "Location": content["poll_url"]})


def _told(request: Request, found: Sequence[Status]) -> dict[str, Any]:
    """The task of these generations, which one call ordered."""
    task_id, created = found[0].id.hex, int(found[0].created_at.timestamp())
    kept = context.services(request).settings.keep_images or _KEPT_SECONDS
    return {
        "id": task_id,
        "task_id": task_id,
        "object": "image.generation.task",
        "created_at": created,
        "expires_at": created + int(min(kept, _KEPT_SECONDS)),
        "poll_url": f"{_TASK}{task_id}",
        "generationIds": [one.id.hex for one in found],
        "creditsRemaining": min(one.balance for one in found),
        **_outcome(request, found, created),
    }


def _outcome(request: Request, found: Sequence[Status], created: int) -> dict[str, Any]:
    if not all(State(one.state).terminal for one in found):
        return {"status": "processing"}
    ended = {"completed_at": int(max(map(_ended, found)).timestamp()), "creditsCharged": sum(map(_charged, found))}
    try:
        made = openai_answers.judged((), found)
    except Nothing as nothing:
        error = nothing.error
        return {"status": "failed", "http_status": openai.status(error), **openai.body(error), **ended}
    return {"status": "completed", "http_status": 200, **_pictures(request, made, created), **ended}


def _pictures(request: Request, made: Made, created: int) -> dict[str, Any]:
    urls = [f"{address.of(request)}/generations/{one.image_name}" for one in made.pictures]
    found = {"image_url": urls[0], "result": {"created": created, "data": [{"url": url} for url in urls]}}
    return {**found, "failed": [openai.body(one)["error"] for one in made.failed]} if made.failed else found


def _ended(status: Status) -> datetime.datetime:
    assert status.finished_at is not None
    return status.finished_at


def _charged(status: Status) -> int:
    return status.credits_charged or 0


def _again(content: Mapping[str, Any]) -> dict[str, str]:
    return {"Retry-After": str(_POLL_SECONDS)} if content["status"] == "processing" else {}


def _answer(content: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store", **headers}, responses.JSON)


# --- documents


class TaskUrl(BaseModel):
    url: str


class TaskResult(BaseModel):
    created: int
    data: list[TaskUrl]


class TaskAnswer(BaseModel):
    id: Annotated[str, Field(description="Of the first generation")]
    task_id: str
    object: Literal["image.generation.task"]
    status: Literal["processing", "completed", "failed"]
    created_at: int
    expires_at: int
    poll_url: str
    generationIds: list[str]
    creditsRemaining: int
    creditsCharged: Annotated[int | None, Field(description="Once it has ended")] = None
    completed_at: Annotated[int | None, Field(description="Once it has ended")] = None
    http_status: Annotated[int | None, Field(description="What a waiting call would have been answered with")] = None
    image_url: Annotated[str | None, Field(description="Of the first picture")] = None
    result: TaskResult | None = None
    error: openai.OpenAIError | None = None
    failed: Annotated[list[openai.OpenAIError] | None, Field(description="Those of several that are given back")] = None


_ID = {
    "name": "generation_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
_ERRORS = (errors.LoginRequired, errors.NotFound, errors.ServiceBusy, errors.InternalError)


def routes() -> list[Operation]:
    tag = "OpenAI"
    return [
        Operation("POST", "/v1/images/generations/async", generations, "Order pictures from words, without waiting",
                  TaskAnswer, answering.ERRORS, body=openai.GenerationBody,
                  example={"prompt": "A lighthouse above a stormy sea"}, tag=tag, failure=openai.SHAPE, success=202),
        Operation("POST", "/v1/images/edits/async", edits, "Order pictures from pictures, without waiting",
                  TaskAnswer, answering.EDIT_ERRORS, tag=tag,
                  bytes_types=("multipart/form-data", responses.JSON), failure=openai.SHAPE, success=202),
        Operation("GET", f"{_TASK}{{generation_id}}", task, "What became of such an order", TaskAnswer, _ERRORS,
                  parameters=(_ID,), tag=tag, failure=openai.SHAPE),
    ]  # fmt: skip
