"""One generation's progress as server-sent events. Source: WHATWG HTML, section 9.2."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cavendish import clock, errors, ids
from cavendish.application.generations import wait
from cavendish.errors import ApiError, DatabaseUnavailable, NotFound
from cavendish.models import Caller, State, Status
from cavendish.web.api import generations
from cavendish.web.dialects import nano_banana_2
from cavendish.web.http import address, context
from cavendish.web.http.context import Web
from cavendish.web.http.operation import Operation

_PING_SECONDS = 15.0  # a proxy closes what is silent for 30 to 60 s
_RETRY_MILLISECONDS = 2000
_UNKNOWN = "Generation ID not found; GET /api/v1/generations lists yours"


async def events(request: Request) -> Response:
    """Follow a generation until it has ended."""
    web, caller = context.web(request), await context.caller(request, polling=True)
    generation_id: str = request.path_params["generation_id"]
    if ids.parse_generation_id(generation_id) is None:
        raise NotFound(_UNKNOWN)
    status = await web.services.statuses.read(caller, generation_id)
    seen = request.headers.get("last-event-id", "")
    if State(status.state).terminal and seen == _event_id(status):
        return Response(status_code=204)  # tells an EventSource to stop
    web.streams.enter(caller.account_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    content = _stream(request, web, caller, generation_id, seen)
    return StreamingResponse(content, media_type="text/event-stream", headers=headers)


async def _stream(request: Request, web: Web, caller: Caller, generation_id: str, seen: str) -> AsyncIterator[bytes]:
    try:
        yield b"retry: %d\n\n" % _RETRY_MILLISECONDS
        written = clock.Stopwatch()
        with web.services.notifications.watch(generation_id) as change:
            while not web.services.draining:  # a client comes back to the next process by itself
                change.clear()
                try:
                    # Proven anew: a revoked key or an ended session ends the stream too.
                    status = await web.services.statuses.read(
                        await context.caller(request, polling=True), generation_id
                    )
                except (ApiError, DatabaseUnavailable):
                    return
                if (current := _event_id(status)) != seen:
                    yield _event(status, address.of(request))
                    seen, written = current, clock.Stopwatch()
                if State(status.state).terminal:
                    return
                await wait.until_changed(change, min(web.services.notifications.patience_seconds, _PING_SECONDS))
                if written.seconds >= _PING_SECONDS:
                    yield b": still here\n\n"
                    written = clock.Stopwatch()
    finally:
        web.streams.leave(caller.account_id)


def _event_id(status: Status) -> str:
    return f"{status.state}-{status.progress}"


def _event(status: Status, public_url: str) -> bytes:
    data = orjson.dumps(nano_banana_2.shown(status, public_url))
    return b"id: %s\nevent: status\ndata: %s\n\n" % (_event_id(status).encode(), data)


def routes() -> list[Operation]:
    return [
        Operation(
            "GET",
            "/api/v1/generations/{generation_id}/events",
            events,
            "Follow a generation",
            "text/event-stream",
            (errors.LoginRequired, errors.Forbidden, errors.NotFound, errors.ServiceBusy, errors.InternalError),
            description="Server-sent events named `status`; the data of each is what check-status answers. The stream "
            "ends with the generation. A client that comes back sends Last-Event-ID and misses nothing.",
            parameters=(generations.ID_PARAMETER,),
            tag="Generations",
        )
    ]
