"""Single sign-on in the browser: what the sign-in page offers, the way to the issuer, and the way back."""

from __future__ import annotations

import hmac
from typing import Annotated, Literal

import structlog
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from cavendish import errors
from cavendish.application.access import sign_in
from cavendish.errors import DatabaseUnavailable, RateLimitExceeded
from cavendish.identity.base import PendingSignIn, SignInFailed, SingleSignOn
from cavendish.web.api import session
from cavendish.web.http import context, responses
from cavendish.web.http.context import Web
from cavendish.web.http.operation import Operation, PlainRoute

log = structlog.get_logger("cavendish.web")

PATH = "/login/single"
# Its value is the pending sign-in itself. Nothing is stored here for it, and it needs no signature: its three secrets
# are worth something only together with the issuer's answer to this very sign-in, and only this browser gets both. A
# browser that makes up a cookie of its own can begin no sign-in but its own.
COOKIE = "cavendish_single"
PENDING_SECONDS = 600  # to type a password and find a second factor
GOAL = "/nano-banana-2"

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_CODE_CHARACTERS_MAX = 4096  # Microsoft's have some 1,500
_DECLINED = ("access_denied", "login_required", "interaction_required", "account_selection_required",
             "consent_required", "temporarily_unavailable", "server_error", "invalid_scope", "invalid_request",
             "unauthorized_client", "unsupported_response_type")  # fmt: skip


class OffersAnswer(BaseModel):
    success: Literal[True]
    single: Annotated[str | None, Field(description=f"The text of a button that leads to {PATH}")] = None


async def offers(request: Request) -> Response:
    """By what else one signs in here, beside keys and links."""
    single = context.web(request).single
    return responses.success({"single": single.label} if single else {})


async def begin(request: Request) -> Response:
    """To the issuer, with a cookie by which its answer is known."""
    pending = PendingSignIn.begun()
    try:
        url = await _single(context.web(request)).begin(pending)
    except SignInFailed as exc:
        return _refused(request, exc)
    answer = RedirectResponse(url, 302, _HEADERS)
    answer.set_cookie(COOKIE, pending.packed(), max_age=PENDING_SECONDS, **session.cookie_rules(request, PATH))
    return answer


async def callback(request: Request) -> Response:
    """From the issuer: signed in, or back at the sign-in page with a word that says why not."""
    answer: Response
    try:
        cookie = await _signed_in(request, context.web(request))
    except (SignInFailed, RateLimitExceeded, DatabaseUnavailable) as exc:
        answer = _refused(request, exc)
    else:
        answer = RedirectResponse(GOAL, 302, _HEADERS)
        session.give_cookie(request, answer, cookie)
    # Whatever came of it, this sign-in is over.
    answer.delete_cookie(COOKIE, **session.cookie_rules(request, PATH))
    return answer


async def _signed_in(request: Request, web: Web) -> str:
    """The cookie of a new session.

    Behind a proxy all people have one address. So failures count only, and only those of sign-ins that this browser
    began; and where they are too many the next bad one hears that, while the next good one still comes in.
    """
    single, pending = _single(web), PendingSignIn.unpacked(request.cookies.get(COOKIE, ""))
    sent = request.query_params
    if pending is None or not hmac.compare_digest(sent.get("state", "").encode(), pending.state.encode()):
        raise SignInFailed("stale", "this browser began no such sign-in, or too long ago", fix=_fix(request))
    try:
        if (code := sent.get("code", "")) == "" or "error" in sent or len(code) > _CODE_CHARACTERS_MAX:
            raise SignInFailed("declined", f"the issuer answered {_known(sent.get('error'))}")
        return await sign_in.by_single(web.services, await single.finish(pending, code))
    except SignInFailed as exc:
        if exc.trouble != "issuer":  # which is nobody's fault here
            session.slow_down(request, web.sign_ins)
        raise


def _single(web: Web) -> SingleSignOn:
    if web.single is None:
        raise SignInFailed("off", "CAVENDISH_OIDC_ISSUER is not set")
    return web.single


def _refused(request: Request, exc: Exception) -> Response:
    """To the sign-in page, which has a sentence for each word."""
    failed = exc if isinstance(exc, SignInFailed) else _translated(exc)
    # Anybody may come here without end. Of each word the log has as many lines as sign-ins may fail.
    if session.is_within(request, context.web(request).sign_ins, failed.trouble):
        log.warning("single sign-on failed", trouble=failed.trouble, reason=failed.reason, fix=failed.fix or None)
    return RedirectResponse(f"/login?trouble={failed.trouble}", 302, _HEADERS)


def _translated(exc: Exception) -> SignInFailed:
    if isinstance(exc, RateLimitExceeded):
        return SignInFailed("slow", exc.message)
    assert isinstance(exc, DatabaseUnavailable)
    return SignInFailed("busy", "the database does not answer")


def _known(error: str | None) -> str:
    """The standards' own words only: anybody may write anything into this address."""
    return error if error in _DECLINED else "without a code"


def _fix(request: Request) -> str:
    """The cookie stays with the name by which the service was called; the answer comes to its public one."""
    return f"open the service as {request.app.state.public_url}"


def routes() -> list[Operation]:
    return [
        Operation(
            "GET",
            "/api/v1/session/offers",
            offers,
            "How people sign in here",
            OffersAnswer,
            (errors.LoginRequired, errors.ServiceBusy, errors.InternalError, errors.UnknownHost),
            tag="Account",
            public=True,
        ),
    ]


def plain_routes() -> list[PlainRoute]:
    return [PlainRoute(PATH, begin), PlainRoute(f"{PATH}/callback", callback)]
