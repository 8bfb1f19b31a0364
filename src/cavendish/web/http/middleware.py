"""Around every request: an id, one count, one log line for what matters, and an answer whatever happens.

An answer that does not say how it may be stored is not stored anywhere: most are somebody's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from cavendish import clock, ids
from cavendish.errors import InternalError
from cavendish.telemetry import logs, raised
from cavendish.telemetry.metrics import Requests
from cavendish.web.http import paths, responses
from cavendish.web.http.operation import Endpoint

log = structlog.get_logger("cavendish.web")

_REQUEST_ID = re.compile(r"[0-9A-Za-z_.-]{1,64}")
# Proxies keep it inside by its path, so it has no other.
_EXACT = frozenset({"/metrics"})
_NOT_TO_STORE = (b"cache-control", b"no-store")
_QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})


class Surround:
    """The outermost layer; plain ASGI, because it stands in front of ten thousand polls a second.

    Args:
        lane: Hot POST endpoints by path, called here and now: the framework's layers cost more than their work.
    """

    def __init__(self, app: Starlette, requests: Requests, lane: Mapping[str, Endpoint]) -> None:
        self._app = app
        self._requests = requests
        self._lane = lane
        # Starlette's own routes leave their endpoint in the scope, not their path.
        self._plain: dict[object, str] = {route.endpoint: route.path for route in app.routes if type(route) is Route}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        logs.request_id.set(exchange.request_id)
        scope["app"] = self._app
        try:
            if (hot := self._hot(scope)) is None:  # so a good path of a hot call is looked at no further
                paths.check(scope)
                paths.straighten(scope, exact=_EXACT)
                hot = self._hot(scope)
            if hot is not None:
                scope["cavendish.route"] = scope["path"]
                answer = await hot(Request(scope, receive))
                await answer(scope, receive, exchange.send)
            else:
                await self._app(scope, receive, exchange.send)
        except ClientDisconnect:
            exchange.status = 499  # nobody is there to answer; nginx's word for it
        except Exception as exc:
            await self._answer(exc, scope, receive, exchange)
        finally:
            self._count(scope, exchange)

    def _hot(self, scope: Scope) -> Endpoint | None:
        return self._lane.get(scope["path"]) if scope["method"] == "POST" else None

    async def _answer(self, exc: Exception, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        error = responses.api_error(exc)
        if isinstance(error, InternalError):
            log.error("unexpected error", route=self._route(scope), exception=raised.told(exc))
        if not exchange.status:
            await responses.failure(Request(scope), error)(scope, receive, exchange.send)

    def _count(self, scope: Scope, exchange: _Exchange) -> None:
        route = self._route(scope)
        self._requests.add(scope["method"], route, exchange.status, exchange.watch.seconds)
        if exchange.status >= 500 and route not in _QUIET_ROUTES:
            log.warning("request failed", route=route, status=exchange.status)

    def _route(self, scope: Scope) -> str:
        """The path as the route declares it: what was sent may hold an id, and anything else."""
        path = scope.get("cavendish.route") or getattr(scope.get("route"), "path", None)
        return path or self._plain.get(scope.get("endpoint"), "other")


class _Exchange:
    """One request on its way: adds to the answer what every one has, and remembers its status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.watch = clock.Stopwatch()
        self.status = 0
        self.request_id = _sent_id(scope) or ids.new_request_id()
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self.request_id.encode())]
            message["headers"] = headers if b"cache-control" in dict(headers) else [*headers, _NOT_TO_STORE]
        await self._send(message)


def _sent_id(scope: Scope) -> str | None:
    """A proxy's request id, if it is a harmless one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else None
    return None
