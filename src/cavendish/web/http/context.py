"""What the routes share, and how a request proves its caller."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field

from starlette.requests import Request

from cavendish.application.access import administer
from cavendish.application.generations.wait import Streams
from cavendish.application.services import Services
from cavendish.errors import Forbidden
from cavendish.identity.base import SingleSignOn
from cavendish.models import Caller
from cavendish.stores.rate_limits import LocalLimiter
from cavendish.web.http import anonymous, csrf, hosts
from cavendish.web.http.file_answer import Turns
from cavendish.web.http.pieces import Pieces

COOKIE = "cavendish_session"
_WITH_BASIC = "/sdapi/"  # Automatic1111's clients know no other way; elsewhere a browser would send it by itself
_FOREIGN = "This request comes from a page of another site; open the service's own page"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Web:
    """One API process's parts; every route finds it as `request.app.state.web`."""

    services: Services
    sign_ins: LocalLimiter
    verifications: LocalLimiter
    streams: Streams
    pieces: Pieces
    single: SingleSignOn | None = None
    uploading: Counter[int] = field(default_factory=Counter)  # pictures under way, by account
    verifying: Counter[str] = field(default_factory=Counter)  # pictures that are looked at, by address
    file_turns: Turns = field(default_factory=Turns)


def build(services: Services, single: SingleSignOn | None = None) -> Web:
    return Web(
        services,
        LocalLimiter(services.settings.sign_in_limit),
        LocalLimiter(services.settings.verify_limit),
        Streams(services.settings),
        Pieces(services.settings.upload_body_seconds),
        single,
    )


def web(request: Request) -> Web:
    found: Web = request.app.state.web
    return found


def services(request: Request) -> Services:
    """What the use cases work with."""
    return web(request).services


async def caller(request: Request, *, polling: bool = False, key_in_query: bool = False) -> Caller:
    """Who sends this request: by a key, else by the cookie of a sign-in, else by where it comes from.

    Args:
        key_in_query: `?key=` is one, too: only where clients know no better, for proxies log addresses.

    Raises:
        LoginRequired: neither, or one that is not valid now.
        Forbidden: a change by cookie, or anything by a password, that another site's page sent.
        UnknownHost: without a key, under a name that may be anybody's.
        DatabaseUnavailable: it cannot be known now.
    """
    authenticator, token = web(request).services.authenticator, request.cookies.get(COOKIE)
    key = _key(request) or (request.query_params.get("key") if key_in_query else None)
    if key is None and token is not None:
        hosts.check(request)
        if request.method not in _SAFE_METHODS and not csrf.is_own(request):
            raise Forbidden(_FOREIGN)
        return await authenticator.person(token, polling=polling)
    if key is None and (found := await anonymous.caller(request, services(request))) is not None:
        return found
    return await authenticator.caller(key, polling=polling)


async def operator(request: Request) -> Caller:
    """The same, for what operators may do only. Raises Forbidden as well."""
    return administer.need_operator(await caller(request))


def _key(request: Request) -> str | None:
    headers = request.headers
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    if scheme.lower() == "basic" and request.url.path.startswith(_WITH_BASIC):
        if csrf.is_foreign(request):  # who once typed it has a browser that sends it with whatever goes there
            raise Forbidden(_FOREIGN)
        return _password(key)
    return headers.get("x-api-key") or headers.get("x-goog-api-key") or None


def _password(credentials: str) -> str | None:
    """Of HTTP Basic; None: there is none that can be read."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2] or None
    except ValueError:
        return None
