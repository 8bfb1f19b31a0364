"""How Google's faces say what went wrong, and by what their clients are known. Source: google-genai 3.6, AIP-193."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.errors import ApiError
from cavendish.web.http import responses
from cavendish.web.http.face import Face
from cavendish.web.http.operation import FailureShape

FACE = Face("Gemini", ("Google's SDKs", "Open WebUI", "n8n", "AI SDK"), "/docs/connect#googles-sdks")
VERSIONS = ("v1", "v1beta")  # google-genai 3 speaks the first unless told otherwise, everybody else the second

# Where theirs differ from ours. Nothing may be 429 but a limit that time lifts: their SDKs send that again.
_STATUSES: dict[type[ApiError], int] = {
    errors.ContentBlocked: 400,
    errors.SafeguardRefused: 400,
    errors.InputImageFailed: 400,
    errors.Cancelled: 409,
    errors.Expired: 504,
    errors.Deleted: 404,
    errors.IdempotencyKeyReused: 400,
}
_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class GoogleError(BaseModel):
    code: Annotated[int, Field(description="The HTTP status")]
    message: str
    status: str
    details: Annotated[list[dict[str, Any]], Field(description="`reason` is this service's own word")]


class GoogleFailure(BaseModel):
    error: GoogleError


def is_client(request: Request) -> bool:
    """Whether the key came as Google's clients send it: they share paths with OpenAI's, which send Bearer."""
    headers = request.headers
    return "authorization" not in headers and ("x-goog-api-key" in headers or "key" in request.query_params)


def page_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A number of the query that says where a page begins or ends; a larger one is the largest. Raises InvalidInput."""
    text = request.query_params.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text[:10]) >= least):
        raise errors.InvalidInput(f"{name} {errors.shown(text)} is not valid: use a whole number from {least}")
    return min(int(text[:10]), most)


def body(error: ApiError) -> dict[str, Any]:
    """An error as their SDKs read it."""
    code = status(error)
    word = _WORDS.get(code, "INVALID_ARGUMENT" if code < 500 else "INTERNAL")
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": error.code, "domain": "cavendish"}]
    if error.retry_after_seconds is not None:
        delay = f"{error.retry_after_seconds}s"
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    return {"error": {"code": code, "message": error.message, "status": word, "details": details}}


def status(error: ApiError) -> int:
    """By which an error answers there."""
    return _STATUSES.get(type(error), error.status)


def ended(error: ApiError, headers: dict[str, str]) -> Response:
    """An answer with these headers that says what went wrong."""
    return Response(orjson.dumps(body(error)), status(error), headers, responses.JSON)


SHAPE = FailureShape(GoogleFailure, body, status)
