"""The OpenAPI 3.1 document, made from the operations: it cannot disagree with the code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import cavendish
from cavendish.errors import CODES, ApiError
from cavendish.settings import Settings
from cavendish.web.http import face, hosts
from cavendish.web.http.face import Face
from cavendish.web.http.operation import Operation

_DESCRIPTION = (
    "Your own Nano Banana 2 API. Every client of the hosted API works after changing one host name. "
    "Credits are held when a generation is created, captured when its picture is there, and returned if it fails."
)


class ErrorAnswer(BaseModel):
    """What every error answers with: the API's own members, and those of RFC 9457."""

    success: bool = Field(description="Always false", examples=[False])
    error: str = Field(description="What is wrong, and the way out")
    errorCode: Literal[tuple(CODES)] = Field(description="A stable word for programs")  # type: ignore[valid-type]
    type: str = Field(description="Where this code is documented")
    title: str
    status: int = Field(description="The HTTP status")
    detail: str


def add(app: FastAPI, operation: Operation) -> None:
    """Document this operation, and let FastAPI serve it where no bare route stands in front."""

    # Not functools.wraps: FastAPI would read the wrapped signature, and take the dialect's `model` for a body field.
    async def endpoint(request: Request) -> Response:
        if operation.public:
            hosts.check(request)
        return await operation.endpoint(request)

    app.add_api_route(
        operation.path,
        endpoint,
        methods=[operation.method],
        status_code=operation.success,
        summary=operation.summary,
        description=operation.description,
        operation_id=_operation_id(operation),
        tags=[operation.tag],
        response_model=None,
        response_class=Response if isinstance(operation.answer, str) else JSONResponse,
        responses={**_successes(operation), **_error_responses(operation)},
        openapi_extra=_extra(operation),
    )


def document(app: FastAPI, settings: Settings, faces: Mapping[Face, Sequence[Operation]]) -> dict[str, Any]:
    """The OpenAPI 3.1 document. `x-faces` tells whose clients find what they know at which paths."""
    found = get_openapi(
        title="Cavendish",
        version=cavendish.__version__,
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=app.routes,
        servers=[{"url": settings.public_url}],
    )
    components = found.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key: cav_live_…"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    }
    for schema in components.get("schemas", {}).values():
        _without_constants(_without_null(schema))
    found["x-faces"] = [face.told(one, operations) for one, operations in faces.items()]
    return found


def _operation_id(operation: Operation) -> str:
    words = operation.path.strip("/").replace("{", "").replace("}", "").split("/")
    return re.sub("[-:]", "_", re.sub("(?<=[a-z])(?=[A-Z])", "_", "_".join([operation.method.lower(), *words]))).lower()


def _successes(operation: Operation) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {operation.success: _success(operation.answer)}
    if operation.streamed:
        found[operation.success]["content"] = {"text/event-stream": {"schema": {}}}
    if operation.acknowledged:
        found[202] = {"description": operation.acknowledged}
    return found


def _success(answer: type[BaseModel] | str) -> dict[str, Any]:
    if isinstance(answer, str):
        return {"description": "Success", "content": {answer: {"schema": {"type": "string"}}}}
    return {"model": answer, "description": "Success"}


def _extra(operation: Operation) -> dict[str, Any]:
    nothing_needed: list[dict[str, list[str]]] = [{}] if operation.public else []
    extra: dict[str, Any] = {"security": [*nothing_needed, {"bearer": []}, {"apiKey": []}]}
    if operation.parameters:
        extra["parameters"] = list(operation.parameters)
    if operation.body is not None:
        schema = _without_null(operation.body.model_json_schema())
        extra["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": operation.example}},
        }
    if operation.bytes_types:
        binary = {"schema": {"type": "string", "format": "binary"}}
        extra["requestBody"] = {"required": True, "content": dict.fromkeys(operation.bytes_types, binary)}
    return extra


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, where a member that may be left out (`X | None = None`) is not said to be null as well."""
    for name, member in schema.get("properties", {}).items():
        if name not in schema.get("required", ()) and {"type": "null"} in member.get("anyOf", ()):
            [kind] = [kind for kind in member["anyOf"] if kind != {"type": "null"}]
            rest = {key: value for key, value in member.items() if key not in ("anyOf", "default")}
            schema["properties"][name] = {**kind, **rest}
    return schema


def _without_constants(schema: dict[str, Any]) -> None:
    """A boolean that is always the same is said to be so in words, and for programs in `x-always`: a client that a
    generator makes of `const: true` compares it with a text, and refuses every answer.
    """
    for member in schema.get("properties", {}).values():
        if isinstance(always := member.get("const"), bool):
            del member["const"]
            told = {"description": f"Always {str(always).lower()}", "x-always": always}
            member.update({"type": "boolean", **told, **member})


def _error_responses(operation: Operation) -> dict[int | str, dict[str, Any]]:
    """One response per status, one example per code. `4XX` keeps FastAPI from adding a 422 of its own."""
    found: dict[int | str, dict[str, Any]] = {}
    model = operation.failure.answer if operation.failure else ErrorAnswer
    example = (lambda error: operation.failure.body(error())) if operation.failure else _example
    for error in operation.errors:
        response = found.setdefault(
            operation.failure.status(error()) if operation.failure else error.status,
            {"model": model, "description": "", "content": {"application/json": {"examples": {}}}},
        )
        response["description"] = " or ".join(filter(None, [response["description"], error.title]))
        response["content"]["application/json"]["examples"][error.code] = {"value": example(error)}
    found.setdefault("4XX", {"model": model, "description": "Any other client error"})
    return found


def _example(error: type[ApiError]) -> dict[str, Any]:
    return {
        "success": False,
        "error": error.title,
        "errorCode": error.code,
        "type": f"/docs#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.title,
    }
