"""Every way in which the Gemini API fails, as errors of the seam. The table stands in docs/engines.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from cavendish.engines._http import client
from cavendish.engines.base import (
    EngineBlocked,
    EngineBusy,
    EngineError,
    EngineFault,
    EngineNoImage,
    EngineRejected,
    EngineUnavailable,
)

BLOCKED_FINISHES = frozenset(
    (
        "SAFETY",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_PROHIBITED_CONTENT",
        "RECITATION",
        "IMAGE_RECITATION",
        "BLOCKLIST",
        "SPII",
        "ESCALATION",
        "PUP_LIMITED_DISABLED",
        "MODEL_ARMOR",
    )
)
_OPERATOR_REASONS = frozenset(("API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "SERVICE_DISABLED", "BILLING_DISABLED"))
# A 429 that waiting does not mend: no billing, a daily quota, credits used up.
_USED_UP_QUOTAS = re.compile(r"FreeTier|PerDay")
_NONE_AT_ALL = re.compile(r"\blimit: 0\b")
_USED_UP = re.compile(r"billing|prepay|credits? (?:balance|are)|spend", re.IGNORECASE)
_STOCK = "please check your plan and billing details"  # Google says so of every quota, a minute's too
_MESSAGE_CHARACTERS_MAX = 200
_UNAVAILABLE = "the image engine is not available"


def of_status(answer: client.Answer) -> EngineError:
    """The error of an answer with another status than 200."""
    error = _error(answer.body)
    message, details = str(error.get("message") or ""), _details(error)
    match answer.status:
        case 429:
            return _of_429(answer, message, details)
        case 413:
            return EngineRejected("the input images are too large for the image engine; give smaller ones")
        case 401 | 403 | 404:
            return EngineUnavailable(_UNAVAILABLE)
        case 400 if _is_operators(error, details):
            return EngineUnavailable(_UNAVAILABLE)
        case status if 400 <= status < 500 and status != 408:
            return EngineRejected(f"the image engine rejected the request: {_first_sentence(message)}")
        case status if status == 408 or status >= 500:
            return EngineBusy("the image engine is busy", retry_after_seconds=_retry_delay(answer, details))
    return EngineFault("the image engine gave an unexpected answer")


def of_block(reason: str) -> EngineBlocked:
    """The prompt or an input was declined before anything was drawn."""
    return EngineBlocked(
        f"the prompt was declined by the safety filter ({_word(reason)})", stage="prompt", reason=_word(reason)
    )


def of_finish(finish: str, *, said: str) -> EngineError:
    """A candidate without a picture that counts. `said` is the model's text, if any."""
    if finish in BLOCKED_FINISHES:
        return EngineBlocked(f"the image was declined by the safety filter ({finish})", stage="output", reason=finish)
    if finish in ("MISSING_THOUGHT_SIGNATURE", "CONTINUATION"):
        return EngineFault("the image engine asked for another turn")
    # With the same request, the same length: another try would be billed for nothing.
    again = finish != "MAX_TOKENS"
    if finish == "STOP" and said:
        return EngineNoImage(f"the model answered without an image: {said}", again=again)
    return EngineNoImage("the model returned no image", again=again)


def _of_429(answer: client.Answer, message: str, details: list[Mapping[str, Any]]) -> EngineError:
    if _is_used_up(message, details):
        return EngineUnavailable("the image engine's quota is used up")
    return EngineBusy("the image engine is busy", retry_after_seconds=_retry_delay(answer, details))


def _is_used_up(message: str, details: list[Mapping[str, Any]]) -> bool:
    """What the details name decides; the message's words only where they name nothing."""
    quotas = [str(violation.get("quotaId") or "") for violation in _violations(details)]
    if _NONE_AT_ALL.search(message) or any(_USED_UP_QUOTAS.search(quota) for quota in quotas):
        return True
    if any("PerMinute" in quota for quota in quotas) or any(detail.get("retryDelay") for detail in details):
        return False
    return _USED_UP.search(message.replace(_STOCK, "")) is not None


def _is_operators(error: Mapping[str, Any], details: list[Mapping[str, Any]]) -> bool:
    """400 for a key that is wrong, or a place or project that may not use it."""
    reasons = {str(detail.get("reason")) for detail in details}
    return error.get("status") == "FAILED_PRECONDITION" or bool(reasons & _OPERATOR_REASONS)


def _error(body: bytes) -> Mapping[str, Any]:
    """`{"error": {…}}`, sometimes in a list of one; from proxies it is HTML and tells nothing."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    found = found[0] if isinstance(found, list) and found else found
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    details = error.get("details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _violations(details: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found = [violation for detail in details for violation in detail.get("violations") or ()]
    return [violation for violation in found if isinstance(violation, dict)]


def _retry_delay(answer: client.Answer, details: list[Mapping[str, Any]]) -> float | None:
    """google.rpc.RetryInfo, `"34s"` or `"1.5s"`; else the header."""
    for detail in details:
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,9})?)s", str(detail.get("retryDelay") or ""))
        if match:
            return min(float(match[1]), client.RETRY_AFTER_SECONDS_MAX)
    return answer.retry_after_seconds


def _first_sentence(message: str) -> str:
    text = " ".join(message.split())
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0][:_MESSAGE_CHARACTERS_MAX] or "it gave no reason"


def _word(reason: str) -> str:
    """An enum value as it may be shown; nothing else that an answer might hold there."""
    return reason if re.fullmatch(r"[A-Z_]{1,60}", reason) else "OTHER"
