"""One documented HTTP operation: what FastAPI documents and, with the fast lane on, is served around it."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from cavendish.errors import ApiError
from cavendish.web.http import hosts

Endpoint = Callable[[Request], Awaitable[Response]]
BEARER, BASIC = 'Bearer realm="cavendish"', 'Basic realm="cavendish"'


@dataclass(frozen=True, slots=True)
class FailureShape:
    """How errors look on a face that does not show them in the house style.

    Attributes:
        answer: Of what shape they are, for the documentation.
        body: An error's own.
        status: By which an error answers there.
        challenge: How a key is asked for, in WWW-Authenticate.
        instead: The shape that this request's client reads, where clients of two APIs share a path; None: this one.
    """

    answer: type[BaseModel]
    body: Callable[[ApiError], dict[str, Any]]
    status: Callable[[ApiError], int] = operator.attrgetter("status")
    challenge: str = BEARER
    instead: Callable[[Request], FailureShape | None] | None = None

    def of(self, request: Request) -> FailureShape:
        """The one in which to answer this request."""
        return (self.instead and self.instead(request)) or self


@dataclass(frozen=True, slots=True)
class Operation:
    """Attributes:
    answer: The JSON of a success, or the media type of one that is not JSON.
    streamed: A success may also be server-sent events.
    acknowledged: When it answers 202, without a body; empty: never.
    success: The status of a success.
    bytes_types: What the body may be, where it is not JSON.
    hot: Also served by the fast lane: the same function, without the framework's work around it.
    errors: Every error class the operation can answer with, for the documentation.
    failure: How its errors look; None: in the house style.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    answer: type[BaseModel] | str
    errors: Sequence[type[ApiError]]
    body: type[BaseModel] | None = None
    example: dict[str, Any] = field(default_factory=dict)
    parameters: Sequence[dict[str, Any]] = ()
    description: str = ""
    hot: bool = False
    tag: str = "Images"
    public: bool = False
    bytes_types: Sequence[str] = ()
    failure: FailureShape | None = None
    streamed: bool = False
    acknowledged: str = ""
    success: int = 200


def query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """An optional parameter behind the `?`; a string unless its schema says otherwise."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema or {"type": "string"},
        "description": description,
    }


def limit_parameter(default: int, most: int) -> dict[str, Any]:
    """How many entries a page of a list has."""
    schema = {"type": "integer", "minimum": 1, "maximum": most}
    return query("limit", f"Entries per page, {default} by default.", schema)


def cursor(pattern: str) -> dict[str, Any]:
    """Where a page of a list begins."""
    return query("cursor", "nextCursor of the page before.", {"type": "string", "pattern": pattern})


class PlainRoute(Route):
    """A route outside the documentation, by whose path its requests are counted; FastAPI's routes have that anyway.

    Args:
        names: Under which names it is served, for it needs no key: those that people may use, those that are known, or
            any. The last is for what tells nothing, or is a secret itself.
    """

    def __init__(
        self, path: str, endpoint: Endpoint, *, names: Literal["people's", "known", "any"] = "people's"
    ) -> None:
        async def checked(request: Request) -> Response:
            hosts.check(request, strictly=names == "known")
            return await endpoint(request)

        super().__init__(path, endpoint if names == "any" else checked)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}
