"""Signing in and out, and who one is: what the pages ask first."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors
from cavendish.application.access import account as accounts
from cavendish.application.access import sign_in as access
from cavendish.errors import InvalidInput, RateLimitExceeded
from cavendish.models import MODELS, RATIOS
from cavendish.stores.rate_limits import LocalLimiter
from cavendish.web.http import body, context, csrf, responses
from cavendish.web.http.context import COOKIE
from cavendish.web.http.operation import Operation

_COMMON = (errors.LoginRequired, errors.ServiceBusy, errors.InternalError)
_FOREIGN_PAGE = "Sign in on the service's own page: this request comes from another site"


_EITHER: dict[str, Any] = {"oneOf": [{"required": ["key"]}, {"required": ["link"]}]}


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, json_schema_extra=_EITHER)

    key: Annotated[StrictStr | None, Field(description="An API key", json_schema_extra={"minLength": 1})] = None
    link: Annotated[
        StrictStr | None, Field(description="What stands behind # in a login link", json_schema_extra={"minLength": 1})
    ] = None


class SessionAnswer(BaseModel):
    success: Literal[True]
    account: str
    operator: bool


class EndAnswer(BaseModel):
    success: Literal[True]


class StandingAnswer(BaseModel):
    count: Annotated[int, Field(description="Generate calls")]
    seconds: Annotated[int, Field(description="In this time")]
    remaining: Annotated[int, Field(description="Calls that are left now")]
    resetSeconds: Annotated[int, Field(description="Until all are back")]


class ModelLine(BaseModel):
    name: str
    imagesMax: Annotated[int, Field(description="Input images that it takes at most")]


class MeAnswer(BaseModel):
    success: Literal[True]
    account: str
    operator: bool
    session: Annotated[bool, Field(description="Proven by a cookie, not by a key")]
    balance: int
    held: int
    limit: Annotated[StandingAnswer, Field(description="Of generate calls, and where the key stands in it")]
    prices: Annotated[dict[str, int], Field(description="Credits per picture by imageQuality")]
    models: Annotated[list[ModelLine], Field(description="Public models")]
    ratios: list[str]
    engines: Annotated[dict[str, list[str]], Field(description="Public model to engines, in order")]


async def sign_in(request: Request) -> Response:
    """Open a session in this browser."""
    web = context.web(request)
    settings = web.services.settings
    if not csrf.is_own(request):
        raise errors.Forbidden(_FOREIGN_PAGE)
    sent = body.parse(await body.read(request, bytes_max=settings.body_bytes_max))
    key, link = sent.get("key"), sent.get("link")
    if (isinstance(key, str) and bool(key)) == (isinstance(link, str) and bool(link)):
        raise InvalidInput("Send either key, an API key, or link, the part behind # of a login link")
    try:
        if link:
            cookie, account = await access.by_link(web.services, str(link))
            name, operator = account.name, account.operator
        else:
            cookie, caller = await access.by_key(web.services, str(key).strip())
            name, operator = caller.account, caller.operator
    except errors.LoginRequired:
        slow_down(request, web.sign_ins)  # only what failed counts: a colleague behind the same proxy still gets in
        raise
    answer = responses.success({"account": name, "operator": operator})
    give_cookie(request, answer, cookie)
    return answer


async def sign_out(request: Request) -> Response:
    """End the session of this browser; without one there is nothing to end."""
    web, token = context.web(request), request.cookies.get(COOKIE)
    if not csrf.is_own(request):
        raise errors.Forbidden(_FOREIGN_PAGE)
    if token is not None:
        await access.end(web.services, token)
    answer = responses.success({})
    answer.delete_cookie(COOKIE, **cookie_rules(request))
    return answer


async def me(request: Request) -> Response:
    """The caller's account, what it may do, and what the service offers."""
    web, caller = context.web(request), await context.caller(request)
    settings = web.services.settings
    account, quota = await accounts.standing(web.services, caller)
    content = {
        "account": account.name,
        "operator": caller.operator,
        "session": caller.session,
        "balance": account.balance,
        "held": account.held,
        "limit": {
            "count": quota.limit.count,
            "seconds": quota.limit.seconds,
            "remaining": quota.remaining,
            "resetSeconds": quota.reset_seconds,
        },
        "prices": {quality.value: price for quality, price in settings.prices.items()},
        "models": [{"name": model.name, "imagesMax": model.input_images_max} for model in MODELS.values()],
        "ratios": list(RATIOS),
        "engines": {model: list(engines) for model, engines in settings.routes.items() if settings.show_engines},
    }
    return responses.success(content)


def slow_down(request: Request, sign_ins: LocalLimiter) -> None:
    """Guessing is hopeless anyway; this keeps it from filling the log and the database's time.

    Raises:
        RateLimitExceeded: too many failed from this address.
    """
    if (wait := sign_ins.take(_address(request))) > 0:
        raise RateLimitExceeded(
            f"Too many sign-ins from this address; try again in {round(wait) + 1} s",
            retry_after_seconds=round(wait) + 1,
        )


def is_within(request: Request, sign_ins: LocalLimiter, what: str) -> bool:
    """Whether this happened to this address no oftener than a sign-in may fail; counted by itself."""
    return sign_ins.take(f"{what} {_address(request)}") == 0


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def give_cookie(request: Request, answer: Response, cookie: str) -> None:
    """Let the browser be signed in by this answer."""
    seconds = context.web(request).services.settings.session_seconds
    answer.set_cookie(COOKIE, cookie, max_age=round(seconds), **cookie_rules(request))


def cookie_rules(request: Request, path: str = "/") -> dict[str, Any]:
    """Of every cookie here: kept from scripts, from other sites' requests, and from plain HTTP where there is TLS."""
    secure = request.app.state.public_url.startswith("https://")
    return {"path": path, "httponly": True, "samesite": "lax", "secure": secure}


def routes() -> list[Operation]:
    return [
        Operation(
            "POST",
            "/api/v1/session",
            sign_in,
            "Sign a browser in",
            SessionAnswer,
            (
                *_COMMON,
                errors.InvalidInput,
                errors.Forbidden,
                errors.RateLimitExceeded,
                errors.PayloadTooLarge,
                errors.UnknownHost,
            ),
            body=SessionBody,
            example={"key": "cav_live_..."},
            tag="Account",
            public=True,
        ),
        Operation(
            "DELETE",
            "/api/v1/session",
            sign_out,
            "Sign out",
            EndAnswer,
            (*_COMMON, errors.Forbidden, errors.UnknownHost),
            tag="Account",
            public=True,
        ),
        Operation("GET", "/api/v1/me", me, "Who you are and what is offered", MeAnswer, _COMMON, tag="Account"),
    ]
