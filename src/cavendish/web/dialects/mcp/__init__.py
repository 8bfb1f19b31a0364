"""The Model Context Protocol at `/mcp`: pictures as tools for assistants, over Streamable HTTP of both eras.

One POST is one message, and nothing is remembered between two of them. Answers are JSON; where the client wants to hear
of progress, the answer to an order is a short stream. Decision 22 says why this is our own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

import cavendish
from cavendish import clock, errors
from cavendish.errors import ApiError, Forbidden, InvalidInput, shown
from cavendish.models import Caller, State, Status
from cavendish.web.dialects.mcp import calls, results, tasks, tools, wire
from cavendish.web.dialects.mcp.calls import Asker, Following
from cavendish.web.dialects.mcp.results import Result
from cavendish.web.dialects.mcp.wire import Call, Refused
from cavendish.web.http import body, context, csrf, hosts, responses, uploading
from cavendish.web.http.face import Face
from cavendish.web.http.operation import FailureShape, Operation

FACE = Face("Model Context Protocol", ("Claude Code", "Claude Desktop", "Visual Studio Code", "Cursor"), "/docs/mcp")

PATH = "/mcp"
_SERVER = {"name": "cavendish", "title": "Cavendish", "version": cavendish.__version__}
_INSTRUCTIONS = (
    "Makes and edits pictures. Each costs credits, which every answer names; a failed one costs nothing. Where an "
    f"answer was lost, call {tools.GET} without an id before you order again: it shows the newest."
)
_CACHED = {"ttlMs": 300_000, "cacheScope": "public"}  # the same for everybody, until another release
_PING_SECONDS = 10.0
_STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class McpMessage(BaseModel):
    """One JSON-RPC 2.0 message."""

    model_config = ConfigDict(extra="ignore")

    jsonrpc: Literal["2.0"]
    id: int | str
    method: Annotated[
        Literal["initialize", "ping", "server/discover", "tools/list", "tools/call"], Field(description="What to do")
    ]
    params: Annotated[dict[str, Any], Field(description="By the method")] = {}


class McpError(BaseModel):
    code: int
    message: str
    data: Annotated[dict[str, Any] | None, Field(description="errorCode, where it is one of the service's")] = None


class McpAnswer(BaseModel):
    jsonrpc: Literal["2.0"]
    id: int | str
    result: Annotated[dict[str, Any] | None, Field(description="Of the method; without an error")] = None
    error: Annotated[McpError | None, Field(description="Without a result")] = None


class McpFailure(BaseModel):
    jsonrpc: Literal["2.0"]
    id: Annotated[Any, Field(description="The message's; null where it was not read")] = None
    error: McpError


async def endpoint(request: Request) -> Response:
    """Answer one message."""
    _check_origin(request)
    caller = await context.caller(request)
    call = None
    try:
        message = await _read(request, caller)
        call = wire.read(request.headers, message)
        if call is None:
            return Response(status_code=202)
        _check_accept(request)
        return await _answered(Asker(request, caller, call))
    except Refused as refused:
        return _refusal(call, refused)


def _check_origin(request: Request) -> None:
    """A page of another site may not call this, nor one that leads a name of its own here; programs send no origin."""
    if "origin" not in request.headers:
        return
    hosts.check(request)
    if not csrf.is_own(request):
        raise Forbidden("This request comes from a page of another site, which may not call /mcp")


async def _read(request: Request, caller: Caller) -> dict[str, Any]:
    """The message. One that is large has a picture in it, and takes a place among the uploads."""
    web = context.web(request)
    settings, announced = web.services.settings, request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) <= settings.body_bytes_max:
        return _parsed(await body.read(request, bytes_max=settings.body_bytes_max))
    with uploading.place(web, caller):
        most, seconds = settings.mcp_body_bytes_max, settings.upload_body_seconds
        return _parsed(await body.read(request, bytes_max=most, seconds=seconds, refusal=lambda _: _too_large(most)))


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        return body.parse(data)
    except InvalidInput as exc:
        code = wire.INVALID_REQUEST if data.lstrip()[:1] == b"[" else wire.PARSE_ERROR
        raise Refused(code, exc.message, malformed=True) from exc


def _too_large(most: int) -> ApiError:
    return errors.PayloadTooLarge(f"The message is over {most // 1024**2} MiB; send pictures as URLs, not as data")


def _check_accept(request: Request) -> None:
    accepted = request.headers.get("accept", "*/*").lower()
    if not any(kind in accepted for kind in ("application/json", "application/*", "*/*")):
        raise Refused(wire.INVALID_REQUEST, "Accept must have application/json", malformed=True)


async def _answered(asker: Asker) -> Response:
    method = _METHODS.get(asker.call.method)
    if method is None or (asker.call.is_stateless and asker.call.method in _HANDSHAKE_ONLY):
        raise Refused(wire.METHOD_NOT_FOUND, f"There is no method {shown(asker.call.method)} here", status=404)
    found = await method(asker)
    if not isinstance(found, Following):
        return _json(_reply(asker.call, found))
    replies = _replies(asker, found)
    if asker.call.progress_token is not None and "text/event-stream" in asker.request.headers.get("accept", ""):
        return StreamingResponse(_events(replies), media_type="text/event-stream", headers=_STREAM)
    last: Result = {}
    async for reply in replies:
        last = reply or last
    return _json(last)


async def _replies(asker: Asker, following: Following) -> AsyncIterator[Result | None]:
    """What is said while a generation is followed: its progress, then the answer. None: nothing new."""
    last: Status | None = None
    told = -1
    try:
        async for status in calls.followed(asker, following):
            last = status
            if status.progress > told:
                told = status.progress
                yield _progress(asker.call, status)
            else:
                yield None
        yield _reply(asker.call, await _end(asker, following, last))
    except ApiError as exc:
        yield _reply(asker.call, results.refusal(asker.shown, exc, ordering=False))


async def _end(asker: Asker, following: Following, last: Status | None) -> Result:
    """A task where the client knows them and the picture is not there yet; else the tool's answer."""
    ordered = following.submitted is not None
    if ordered and last is not None and not State(last.state).terminal and tasks.are_known(asker.call):
        return tasks.created(last, asker.services.settings)
    return await calls.concluded(asker, following, last)


def _progress(call: Call, status: Status) -> Result:
    params = {
        "progressToken": call.progress_token,
        "progress": status.progress,
        "total": 100,
        "message": results.state_of(status),
    }
    return {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}


async def _events(replies: AsyncIterator[Result | None]) -> AsyncIterator[bytes]:
    silent = clock.Stopwatch()
    async for reply in replies:
        if reply is not None:
            yield b"event: message\ndata: %s\n\n" % orjson.dumps(reply)
        elif silent.seconds >= _PING_SECONDS:
            yield b": still here\n\n"
        else:
            continue
        silent = clock.Stopwatch()


async def _initialize(asker: Asker) -> Result:
    wanted = asker.call.params.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in wire.HANDSHAKE else wire.HANDSHAKE[-1],
        "capabilities": {"tools": {}},
        "serverInfo": _SERVER,
        "instructions": _INSTRUCTIONS,
    }


async def _discover(asker: Asker) -> Result:
    return {
        "supportedVersions": list(wire.STATELESS),
        "capabilities": {"tools": {}, "extensions": {tasks.EXTENSION: {}}},
        "instructions": _INSTRUCTIONS,
        **_CACHED,
    }


async def _ping(asker: Asker) -> Result:
    return {}


async def _list_tools(asker: Asker) -> Result:
    return {"tools": tools.listed(), **(_CACHED if asker.call.is_stateless else {})}


_METHODS: dict[str, Callable[[Asker], Awaitable[Result | Following]]] = {
    "initialize": _initialize,
    "ping": _ping,
    "server/discover": _discover,
    "tools/list": _list_tools,
    "tools/call": calls.called,
    "tasks/get": tasks.get,
    "tasks/update": tasks.acknowledge,
    "tasks/cancel": tasks.cancel,
}
_HANDSHAKE_ONLY = frozenset({"initialize", "ping"})


def _reply(call: Call, result: Result) -> Result:
    if call.is_stateless:
        result = {"resultType": "complete", **result, "_meta": {wire.SERVER_INFO: _SERVER}}
    return {"jsonrpc": "2.0", "id": call.id, "result": result}


def _refusal(call: Call | None, refused: Refused) -> Response:
    """In the handshake era an HTTP status speaks of the connection, so what is well-formed is answered with 200."""
    error: Result = {"code": refused.code, "message": refused.message}
    if refused.data is not None:
        error["data"] = refused.data
    handshake = call is not None and not call.is_stateless and not refused.malformed
    status = 200 if handshake else refused.status
    return _json({"jsonrpc": "2.0", "id": call.id if call else None, "error": error}, status)


def _json(content: Result, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type=responses.JSON)


def _failure(error: ApiError) -> Result:
    """What is refused before there is a message, or ended unexpectedly."""
    code = wire.INTERNAL_ERROR if error.status >= 500 else wire.INVALID_REQUEST
    told = {"code": code, "message": error.message, "data": {"errorCode": error.code}}
    return {"jsonrpc": "2.0", "id": None, "error": told}


def routes() -> list[Operation]:
    return [
        Operation(
            "POST",
            PATH,
            endpoint,
            "Model Context Protocol",
            McpAnswer,
            (
                errors.InvalidInput,
                errors.LoginRequired,
                errors.Forbidden,
                errors.NotFound,
                errors.UnknownHost,
                errors.PayloadTooLarge,
                errors.ServiceBusy,
                errors.InternalError,
            ),
            body=McpMessage,
            example={"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
            description="Streamable HTTP, versions 2024-11-05 to 2025-11-25 by `initialize` and 2026-07-28 without a "
            "handshake. Tools: generate_image, edit_image, get_generation, list_models, get_credits. An order with a "
            "progressToken is answered as server-sent events where Accept allows.",
            streamed=True,
            acknowledged="A notification, or an answer; nothing was asked",
            tag="Assistants",
            failure=FailureShape(McpFailure, _failure),
        )
    ]
