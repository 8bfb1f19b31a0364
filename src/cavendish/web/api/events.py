"""Progress as server-sent events: of one generation, or of all that an account has under way.

Source: WHATWG HTML, section 9.2.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterable, Iterator

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cavendish import clock, errors, ids
from cavendish.application.generations import own, wait
from cavendish.application.generations.unfinished import Unseen
from cavendish.errors import ApiError, DatabaseUnavailable, InvalidInput, NotFound, shown
from cavendish.models import Caller, State, Status
from cavendish.stores.previews import Preview
from cavendish.web.api import generations
from cavendish.web.dialects import nano_banana_2
from cavendish.web.http import address, context
from cavendish.web.http.context import Web
from cavendish.web.http.operation import Operation, query

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
    unseen = Unseen(web.services, caller, [status.id] if _wants_previews(request) else [])
    return _streamed(web, caller, _stream(request, web, caller, generation_id, seen, unseen))


async def account_events(request: Request) -> Response:
    """Follow all of the caller's generations that are under way."""
    web, caller = context.web(request), await context.caller(request, polling=True)
    return _streamed(web, caller, _account_stream(request, web, caller))


def _streamed(web: Web, caller: Caller, content: AsyncIterator[bytes]) -> Response:
    web.streams.enter(caller.account_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(content, media_type="text/event-stream", headers=headers)


def _wants_previews(request: Request) -> bool:
    value = request.query_params.get("previews", "false")
    if value not in ("true", "false"):
        raise InvalidInput(f"previews {shown(value)} is not valid: use true or false")
    return value == "true"


async def _stream(
    request: Request, web: Web, caller: Caller, generation_id: str, seen: str, unseen: Unseen
) -> AsyncIterator[bytes]:
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
                for preview in await unseen.take():
                    yield _preview(preview)
                    written = clock.Stopwatch()
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


async def _account_stream(request: Request, web: Web, caller: Caller) -> AsyncIterator[bytes]:
    notifications, told = web.services.notifications, _Told()
    try:
        yield b"retry: %d\n\n" % _RETRY_MILLISECONDS
        listed = clock.Stopwatch()
        with notifications.watch_account(caller.account_id) as change:
            while not web.services.draining:
                named = change.take()
                try:
                    caller = await context.caller(request, polling=True)
                    if not named or listed.seconds >= _PING_SECONDS:  # by this one sees too that the stream lives
                        running, listed = await own.running(web.services, caller), clock.Stopwatch()
                        named = {*(named or ()), *running, *told.running}
                        yield b"event: running\ndata: %s\n\n" % orjson.dumps({"generationIds": running})
                    states = await asyncio.gather(*(web.services.statuses.read(caller, one) for one in named))
                except (ApiError, DatabaseUnavailable):
                    return
                for status in told.news(states):
                    yield _event(status, address.of(request))
                await wait.until_changed(change, min(notifications.patience_seconds, _PING_SECONDS))
    finally:
        web.streams.leave(caller.account_id)


class _Told:
    """What a stream told last of each generation that has not ended."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    @property
    def running(self) -> list[str]:
        return list(self._last)

    def news(self, states: Iterable[Status]) -> Iterator[Status]:
        """Those that are new or others now. Where very many wait, those behind are told of when they begin."""
        for status in states:
            known, event_id = self._last.pop(status.id.hex, None), _event_id(status)
            if known is None and status.state == State.PENDING and len(self._last) >= own.RUNNING_MAX:
                continue
            if not State(status.state).terminal:
                self._last[status.id.hex] = event_id
            if known != event_id:
                yield status


def _event_id(status: Status) -> str:
    return f"{status.state}-{status.progress}"


def _preview(preview: Preview) -> bytes:
    """Without an id of its own: it is nothing that a client could have missed."""
    data = {
        "generationId": preview.generation_id.hex,
        "index": preview.number,
        "mimeType": preview.media_type,
        "width": preview.width,
        "height": preview.height,
        "dataUrl": f"data:{preview.media_type};base64,{base64.b64encode(preview.data).decode()}",
    }
    return b"event: preview\ndata: %s\n\n" % orjson.dumps(data)


def _event(status: Status, public_url: str) -> bytes:
    data = orjson.dumps(nano_banana_2.shown(status, public_url))
    return b"id: %s\nevent: status\ndata: %s\n\n" % (_event_id(status).encode(), data)


_PREVIEWS = query("previews", "true: events named preview, too", {"type": "boolean"})


def routes() -> list[Operation]:
    return [
        Operation(
            "GET",
            "/api/v1/generations/{generation_id}/events",
            events,
            "Follow a generation",
            "text/event-stream",
            (
                errors.LoginRequired,
                errors.InvalidInput,
                errors.Forbidden,
                errors.NotFound,
                errors.ServiceBusy,
                errors.InternalError,
            ),
            description="Server-sent events named `status`; the data of each is what check-status answers. The stream "
            "ends with the generation. A client that comes back sends Last-Event-ID and misses nothing. Unfinished "
            "pictures come as events named `preview`, where the order asked for some and the engine has some.",
            parameters=(generations.ID_PARAMETER, _PREVIEWS),
            tag="Generations",
        ),
        Operation(
            "GET",
            "/api/v1/events",
            account_events,
            "Follow all that is under way",
            "text/event-stream",
            (errors.LoginRequired, errors.ServiceBusy, errors.InternalError),
            description="Server-sent events named `running`, at once and at least every 15 seconds: the generationIds "
            "of what you have under way, the newest 100. And events named `status` with every change of any of them, "
            "new ones too: the data of each is what check-status answers. The stream goes on. A client that comes back "
            "hears all of it anew, and asks check-status for what it followed and `running` no longer names.",
            tag="Generations",
        ),
    ]
