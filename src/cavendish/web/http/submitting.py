"""What every dialect needs that takes submissions: a key that names one for ever, and the limit beside a refusal."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request

from cavendish.errors import ApiError, DatabaseUnavailable, InvalidInput
from cavendish.models import Caller
from cavendish.stores.generations import IdempotencyKey
from cavendish.web.http import context

IDEMPOTENCY_KEY_CHARACTERS_MAX = 255
# SDKs wait 10 minutes for an answer, and repeat a call at once when its connection breaks.
_REPEATED_WITHIN = datetime.timedelta(minutes=15)
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": IDEMPOTENCY_KEY_CHARACTERS_MAX,
        "pattern": r"^[!#-~]([ -~]*[!#-~])?$",
    },
    "description": "Names this request for ever: sent again with the same body it answers the same and costs nothing.",
}


def idempotency_key(request: Request, caller: Caller, parsed: Mapping[str, Any]) -> IdempotencyKey | None:
    """The header's key with the body's fingerprint: SHA-256 of canonical JSON, so the order of keys does not matter.

    Raises:
        InvalidInput: the key is no line of visible ASCII, or the body is nested too deeply.
    """
    key = request.headers.get("idempotency-key")
    return None if key is None else key_of(key, request.url.path, caller, parsed)


def key_of(
    key: str, endpoint: str, caller: Caller, parsed: Mapping[str, Any], *, called: str = "Idempotency-Key"
) -> IdempotencyKey:
    """The same for a key that came otherwise. `called`: what its face calls it."""
    key = key.strip().removeprefix('"').removesuffix('"')
    if not key or len(key) > IDEMPOTENCY_KEY_CHARACTERS_MAX or not key.isascii() or not key.isprintable():
        raise InvalidInput(
            f"{called} must have 1 to {IDEMPOTENCY_KEY_CHARACTERS_MAX} visible ASCII characters; use a UUID"
        )
    try:
        canonical = orjson.dumps(parsed, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as exc:
        raise InvalidInput(f"The body is nested too deeply for a request with an {called}") from exc
    return IdempotencyKey(caller.account_id, endpoint, key, hashlib.sha256(canonical).digest())


def repeated_key(request: Request, caller: Caller, fingerprint: bytes) -> IdempotencyKey:
    """What tells an SDK's own repetition of a call from another call with the same body: it counts its tries.

    A first try is a new call; a repetition attaches to what the try before it ordered, which may still be on its way.

    Args:
        fingerprint: SHA-256 of all that the call asks for.
    """
    tries = request.headers.get("x-stainless-retry-count", "0")
    first = not (tries.isascii() and tries.isdigit() and int(tries[:4]) > 0)
    endpoint = f"{request.url.path}#{caller.key_id}"
    return IdempotencyKey(caller.account_id, endpoint, fingerprint.hex(), fingerprint, _REPEATED_WITHIN, anew=first)


def fingerprint(*parts: bytes) -> bytes:
    """SHA-256 of these, each told from the next."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


async def read_limit(request: Request, caller: Caller, refusal: ApiError) -> None:
    """Put beside a refusal of the body where the key stands: such a body does not count.

    Raises:
        RateLimitExceeded: nothing is left; a key without quota hears of that first.
    """
    try:
        refusal.quota = await context.services(request).rate_limiter.standing(caller)
    except DatabaseUnavailable:
        return
