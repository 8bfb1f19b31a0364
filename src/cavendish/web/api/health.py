"""For machines that watch: alive, ready, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import orjson
from starlette.requests import Request
from starlette.responses import Response

from cavendish.application import observe
from cavendish.errors import DatabaseUnavailable
from cavendish.telemetry import metrics
from cavendish.web.http import address, context, responses

_PATIENCE_SECONDS = 2.0


async def healthz(request: Request) -> Response:
    """200 while this process can answer at all; which marks pictures carry, and where anybody may look for them."""
    settings = context.services(request).settings
    marks = {"marks": settings.marks, "register": settings.register, "verify": f"{address.of(request)}/verify"}
    told = {"status": "ok", **marks, "safeguards": settings.safeguards}
    return Response(orjson.dumps(told), media_type=responses.JSON)


async def readyz(request: Request) -> Response:
    """200 while generations can be taken and kept: database, storage and room are there, and this process stays."""
    web = context.web(request)
    if not await _in_time(observe.is_ready(web.services)):
        return _not_ready("the database does not answer")
    if not await _in_time(observe.has_storage(web.services)):
        return _not_ready("the storage is missing")
    if web.services.draining:
        return _not_ready("this process is stopping")
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            lacking = await web.services.room.lacking()
    except TimeoutError:
        return _not_ready("the disk does not answer")
    if lacking:
        return _not_ready(f"there is no room for {lacking}")
    return Response(b'{"status":"ready"}', media_type=responses.JSON)


async def metrics_page(request: Request) -> Response:
    """Prometheus text; only what this process counted while the database is away."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            observed = await observe.counts(context.services(request))
    except (DatabaseUnavailable, TimeoutError):
        observed = None
    missing = not await _in_time(observe.has_storage(context.services(request)))
    content = metrics.render(request.app.state.requests, observed, storage_missing=missing)
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _in_time(answer: Awaitable[bool]) -> bool:
    """No is what an answer says that does not come."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await answer
    except (DatabaseUnavailable, TimeoutError):
        return False


def _not_ready(why: str) -> Response:
    return Response(orjson.dumps({"status": "not ready", "reason": why}), 503, media_type=responses.JSON)
