"""What an owner does with a generation afterwards: cancel it, delete it, see its history, show what was searched."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.generations import cancel, own
from cavendish.models import Generation, State
from cavendish.stores.ledger import Movement
from cavendish.web.api import generations
from cavendish.web.http import address, context, responses
from cavendish.web.http.operation import Operation

_GROUNDING_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=3600",
}


class DeletedAnswer(BaseModel):
    success: Literal[True]
    generationId: str


class HistoryLine(BaseModel):
    at: Annotated[str, Field(description="RFC 3339, UTC")]
    what: Annotated[str, Field(description="A state, or a kind of movement of credits")]
    detail: str


class HistoryAnswer(BaseModel):
    success: Literal[True]
    history: Annotated[list[HistoryLine], Field(description="In the order of time")]


async def cancel_generation(request: Request) -> Response:
    """Cancel one of the caller's: its credits are back, and no picture comes. Once cancelled, the same answer again."""
    caller = await context.caller(request)
    found = await cancel.cancel(context.services(request), caller, request.path_params["generation_id"])
    return responses.success(generations.shown(found, address.of(request)))


async def delete_generation(request: Request) -> Response:
    """Delete one of the caller's: its picture goes, and no list shows it any more. What it cost stays as it is."""
    caller = await context.caller(request)
    found = await own.delete(context.services(request), caller, request.path_params["generation_id"])
    return responses.success({"generationId": found.id.hex})


async def history(request: Request) -> Response:
    """What happened to one of the caller's, in order: states and credits."""
    caller = await context.caller(request)
    found, entries = await own.history(context.services(request), caller, request.path_params["generation_id"])
    return responses.success({"history": _told(found, entries)})


async def grounding(request: Request) -> Response:
    """Google's search suggestions for a picture, unmodified, as a page that can do nothing."""
    caller = await context.caller(request)
    found = await own.find(context.services(request), caller, request.path_params["generation_id"])
    content = orjson.loads(found.grounding).get("renderedContent") if found.grounding else None
    if not content:
        raise errors.NotFound("This generation has no search suggestions")
    return Response(f"<!doctype html>{content}", media_type="text/html; charset=utf-8", headers=_GROUNDING_HEADERS)


def _told(generation: Generation, entries: list[Movement]) -> list[dict[str, Any]]:
    """States and credits in the order of time."""
    found: list[tuple[datetime.datetime, str, str]] = [(generation.created_at, "pending", "submitted")]
    if generation.started_at is not None:
        found.append((generation.started_at, "generating", f"taken by {generation.engine}"))
    if generation.finished_at is not None:
        detail = generation.error or f"drawn by {generation.engine_model or generation.engine}"
        found.append((generation.finished_at, generation.state.value, detail))
    found += [(entry.created_at, entry.kind, f"{entry.amount} credits") for entry in entries]
    order = {"pending": 0, "hold": 1, "generating": 2, State.COMPLETED.value: 3, State.FAILED.value: 3}
    found.sort(key=lambda line: (line[0], order.get(line[1], 4)))
    return [{"at": responses.instant(at), "what": what, "detail": detail} for at, what, detail in found]


_COMMON = (errors.LoginRequired, errors.Forbidden, errors.NotFound, errors.ServiceBusy, errors.InternalError)
_ONE = "/api/v1/generations/{generation_id}"


def routes() -> list[Operation]:
    return [
        Operation(
            "POST",
            f"{_ONE}/cancel",
            cancel_generation,
            "Cancel a generation",
            generations.GenerationAnswer,
            (*_COMMON, errors.TooLateToCancel),
            description="What waits is cancelled and refunded at once. So is what is being made, where its engine can "
            "stop without being paid; else the picture comes. Repeat it as you like.",
            parameters=(generations.ID_PARAMETER,),
            tag="Generations",
        ),
        Operation(
            "DELETE",
            _ONE,
            delete_generation,
            "Delete a generation",
            DeletedAnswer,
            (*_COMMON, errors.InvalidInput),
            parameters=(generations.ID_PARAMETER,),
            tag="Generations",
        ),
        Operation(
            "GET",
            f"{_ONE}/history",
            history,
            "What happened to a generation",
            HistoryAnswer,
            _COMMON,
            parameters=(generations.ID_PARAMETER,),
            tag="Generations",
        ),
        Operation(
            "GET",
            f"{_ONE}/grounding",
            grounding,
            "Google's search suggestions",
            "text/html",
            _COMMON,
            description="Whoever shows a grounded picture must show these beside it: put this page into an iframe.",
            parameters=(generations.ID_PARAMETER,),
            tag="Generations",
        ),
    ]
