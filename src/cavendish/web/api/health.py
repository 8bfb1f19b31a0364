"""For machines that watch: alive, ready, metrics."""

from __future__ import annotations

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response

from cavendish.application import observe
from cavendish.errors import DatabaseUnavailable
from cavendish.telemetry import metrics
from cavendish.web.http import context, responses

_PATIENCE_SECONDS = 2.0


async def healthz(request: Request) -> Response:
    """200 while this process can answer at all."""
    return Response(b'{"status":"ok"}', media_type=responses.JSON)


async def readyz(request: Request) -> Response:
    """200 while generations can be taken: the database answers and this process is not stopping."""
    web = context.web(request)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await observe.is_ready(web.services)
    except (DatabaseUnavailable, TimeoutError):
        return _not_ready("the database does not answer")
    if web.services.draining:
        return _not_ready("this process is stopping")
    return Response(b'{"status":"ready"}', media_type=responses.JSON)


async def metrics_page(request: Request) -> Response:
    """Prometheus text; only what this process counted while the database is away."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            observed = await observe.counts(context.services(request))
    except (DatabaseUnavailable, TimeoutError):
        observed = None
    content = metrics.render(request.app.state.requests, observed)
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")


def _not_ready(why: str) -> Response:
    return Response(orjson.dumps({"status": "not ready", "reason": why}), 503, media_type=responses.JSON)
