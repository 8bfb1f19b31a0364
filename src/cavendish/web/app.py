"""The ASGI application: FastAPI as the shell that documents, a lane around it for the hot calls."""

from __future__ import annotations

import importlib
import pkgutil

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from cavendish.application.services import Services
from cavendish.errors import ApiError, DatabaseUnavailable, InvalidInput, MethodNotAllowed, NotFound
from cavendish.identity.base import SingleSignOn
from cavendish.telemetry.metrics import Requests
from cavendish.web import dialects
from cavendish.web.api import (
    account,
    events,
    generation_history,
    generation_order,
    generations,
    health,
    images,
    operator,
    operator_accounts,
    session,
    single_sign_on,
    uploads,
)
from cavendish.web.docs import openapi, served
from cavendish.web.http import context, middleware, responses
from cavendish.web.http.face import Face
from cavendish.web.http.hosts import Hosts
from cavendish.web.http.operation import Operation, PlainRoute
from cavendish.web.site import pages

_REST = Face("REST", ("programs of your own",), "/docs#first-minute")


def build(services: Services, single: SingleSignOn | None = None) -> middleware.Surround:
    """The whole application over these services, and this single sign-on if there is one."""
    app = FastAPI(title="Cavendish", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.web = context.build(services, single)
    app.state.public_url = services.settings.public_url
    app.state.follows_host = services.settings.follows_host
    app.state.hosts = Hosts(services.settings)
    app.state.requests = Requests()
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(DatabaseUnavailable, _database_away)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    app.router.redirect_slashes = False
    faces = all_faces()
    operations = [operation for one in faces.values() for operation in one]
    app.state.failures = {operation.path: operation.failure for operation in operations if operation.failure}
    for operation in operations:
        openapi.add(app, operation)
    served.serve(app, services.settings, faces)
    app.router.routes[:0] = _plain_routes()
    lane = {operation.path: operation.endpoint for operation in operations if operation.hot}
    return middleware.Surround(app, app.state.requests, lane if services.settings.fast_lane else {})


def all_operations() -> list[Operation]:
    """Every documented operation, in the order of the faces."""
    return [operation for operations in all_faces().values() for operation in operations]


def all_faces() -> dict[Face, list[Operation]]:
    """Every face with its operations: those of each dialect in the folder, then the REST API."""
    found: dict[Face, list[Operation]] = {}
    for module in sorted(pkgutil.iter_modules(dialects.__path__), key=lambda entry: entry.name):
        dialect = importlib.import_module(f"{dialects.__name__}.{module.name}")
        found.setdefault(dialect.FACE, []).extend(dialect.routes())
    for own in (
        generation_order,
        generations,
        generation_history,
        events,
        uploads,
        session,
        single_sign_on,
        account,
        operator_accounts,
        operator,
    ):
        found.setdefault(_REST, []).extend(own.routes())
    return found


def _plain_routes() -> list[PlainRoute]:
    return [
        PlainRoute("/healthz", health.healthz, names="any"),
        PlainRoute("/readyz", health.readyz, names="any"),
        PlainRoute("/metrics", health.metrics_page, names="known"),
        PlainRoute("/generations/{file}", images.picture, names="any"),
        *single_sign_on.plain_routes(),
        *pages.Pages().routes(),
    ]


async def _api_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ApiError)
    return responses.failure(request, exc)


async def _database_away(request: Request, exc: Exception) -> Response:
    """The one place that knows what a caller is told while the database does not answer."""
    return responses.failure(request, responses.api_error(exc))


async def _unexpected(request: Request, exc: Exception) -> Response:
    """In our shape too, where the framework would answer in plain text; it goes on to `Surround`, which logs it."""
    return responses.failure(request, responses.api_error(exc))


async def _http_error(request: Request, exc: Exception) -> Response:
    """The framework's own refusals, in our shape; but on the faces of other APIs OPTIONS asks whether we are there."""
    assert isinstance(exc, HTTPException)
    error: ApiError
    if exc.status_code == 404:
        error = NotFound("There is nothing at this path; see /docs")
    elif exc.status_code == 405 and request.method == "OPTIONS" and responses.has_own_shape(request):
        return Response(status_code=204, headers={"Allow": _allowed(request)})
    elif exc.status_code == 405:
        error = MethodNotAllowed("This path does not take that method; see /docs")
    else:
        error = InvalidInput(str(exc.detail))
    answer = responses.failure(request, error)
    if exc.status_code == 405:
        answer.headers["Allow"] = _allowed(request)
    return answer


def _allowed(request: Request) -> str:
    """All methods of a path: the framework knows only those of the first route that has it."""
    routes = request.app.router.routes
    found = [route.methods for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted(set[str]().union(*filter(None, found))))
