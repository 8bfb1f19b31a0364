"""Requests without a key that are taken for an account's own: where its operator says so, and by what they look like.

The address is that of the socket. Whatever may come from elsewhere than that machine is refused: through a proxy, from
a page that somebody there looks at, or under a name that is not this service's.
"""

from __future__ import annotations

from starlette.requests import Request

from cavendish.application.access import anonymous
from cavendish.application.services import Services
from cavendish.errors import LoginRequired
from cavendish.models import Caller
from cavendish.web.http import hosts

_BELOW = "/sdapi/"
_PATHS = frozenset({("GET", "/v1/models")})  # SillyTavern asks there whether a stable-diffusion.cpp is alive
_CREDENTIALS = ("authorization", "x-api-key", "x-goog-api-key", "cookie")
_FORWARDED = frozenset({
    "forwarded", "via", "x-real-ip", "x-client-ip", "client-ip", "true-client-ip", "x-cluster-client-ip",
    "x-original-forwarded-for", "cf-connecting-ip", "fastly-client-ip", "x-proxyuser-ip", "cdn-loop",
})  # fmt: skip


async def caller(request: Request, services: Services) -> Caller | None:
    """Who this is, where it may come without a key; None where nobody may.

    Raises:
        LoginRequired: from this address one may, and not like this.
        UnknownHost: under a name that may be anybody's.
        DatabaseUnavailable: it cannot be known now.
    """
    if not services.settings.anonymous or not _is_open(request) or request.client is None:
        return None
    account = anonymous.account_at(services.settings, request.client.host)
    if account is None:
        return None
    if (why := _doubt(request)) is not None:
        raise LoginRequired(f"Authentication required: {why}, where nobody may come without an API key")
    hosts.check(request, strictly=True)
    return await anonymous.caller(services, account)


def _is_open(request: Request) -> bool:
    path = request.scope["path"]
    if not path.startswith(_BELOW) and (request.method, path) not in _PATHS:
        return False
    return "key" not in request.query_params and not any(name in request.headers for name in _CREDENTIALS)


def _doubt(request: Request) -> str | None:
    """By what it looks as if somebody else than the machine at this address meant it."""
    headers = request.headers
    if any(name in _FORWARDED or name.startswith("x-forwarded") for name in headers):
        return "this request came through a proxy"
    if request.scope.get("http_version") == "1.0":  # nginx, where nobody told it more than where to send requests
        return "this request is HTTP/1.0, which proxies speak"
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":  # none of ours is in need of it
        return "this request comes from a page in a browser"
    return None
