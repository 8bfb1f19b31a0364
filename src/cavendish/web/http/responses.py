"""Answers in the house style, success and error alike."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from cavendish.errors import ApiError, DatabaseUnavailable, InternalError, LoginRequired, ServiceBusy
from cavendish.stores.rate_limits import Quota
from cavendish.web.http import address, operation

JSON = "application/json"
PROBLEM = "application/problem+json"


def success(content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """200 with `success: true` first."""
    return Response(orjson.dumps({"success": True, **content}), media_type=JSON, headers=headers)


def failure(request: Request, error: ApiError) -> Response:
    """The API's error body with RFC 9457's members beside it; that standard's media type for who asks for it.

    Where the operation has a shape of its own for errors, that.
    """
    if declared := request.app.state.failures.get(_path(request)):
        shape = declared.of(request)
        headers = _error_headers(error, shape.challenge)
        return Response(orjson.dumps(shape.body(error)), shape.status(error), headers, JSON)
    body = {
        "success": False,
        "error": error.message,
        "errorCode": error.code,
        "type": f"{address.of(request)}/docs#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
    }
    media_type = PROBLEM if PROBLEM in request.headers.get("accept", "") else JSON
    return Response(orjson.dumps(body), error.status, _error_headers(error, operation.BEARER), media_type)


def api_error(exc: Exception) -> ApiError:
    """What a caller is told of anything that was raised."""
    if isinstance(exc, ApiError):
        return exc
    if isinstance(exc, DatabaseUnavailable):
        return ServiceBusy("The service cannot reach its database; try again shortly", retry_after_seconds=2)
    return InternalError("An unexpected error happened; try again")


def quota_headers(quota: Quota) -> dict[str, str]:
    """draft-ietf-httpapi-ratelimit-headers-11: the policy, and where the caller stands."""
    name = "default" if quota.budget.kind == "key" else quota.budget.kind
    return {
        "RateLimit-Policy": f'"{name}";q={quota.limit.count};w={quota.limit.seconds}',
        "RateLimit": f'"{name}";r={quota.remaining};t={quota.reset_seconds}',
    }


def instant(moment: datetime.datetime) -> str:
    """RFC 3339 with milliseconds; the database's moments are in UTC."""
    assert moment.tzinfo is datetime.UTC
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def has_own_shape(request: Request) -> bool:
    """Whether errors have a shape of their own there: the faces of other APIs."""
    return _path(request) in request.app.state.failures


def _path(request: Request) -> str | None:
    """Of the operation that took the request, as it was declared; of one that would, where no path can be like this."""
    taken = request.scope.get("cavendish.route") or getattr(request.scope.get("route"), "path", None)
    return taken or next(
        (path for path in request.app.state.failures if "{" in path and _is_below(request, path.partition("{")[0])),
        None,
    )


def _is_below(request: Request, folder: str) -> bool:
    return bool(request.scope["path"].startswith(folder))


def _error_headers(error: ApiError, challenge: str) -> dict[str, str]:
    headers = quota_headers(error.quota) if error.quota is not None else {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, LoginRequired):
        headers["WWW-Authenticate"] = challenge
    return headers
