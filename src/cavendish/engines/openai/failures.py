"""Every way in which such a server fails, as errors of the seam. The table stands in docs/engines.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cavendish.engines._http import client
from cavendish.engines.base import (
    EngineBlocked,
    EngineBusy,
    EngineError,
    EngineFault,
    EngineRejected,
    EngineUnavailable,
)

_BLOCKED = frozenset(("content_policy_violation", "moderation_blocked", "content_filter", "safety_violation"))
_USED_UP = frozenset(("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"))
_MESSAGE_CHARACTERS_MAX = 200
_SECRET = re.compile(r"\b(?:sk|Bearer)[-_ ][\w*-]{4,}")


def of_status(answer: client.Answer) -> EngineError:
    """The error of an answer with another status than 200."""
    error = _error(answer)
    words = {str(error.get("code")), str(error.get("type"))}
    if words & _BLOCKED:
        return EngineBlocked("the request was declined by the safety filter", stage=_stage(error), reason="SAFETY")
    if words & _USED_UP or answer.status == 402:
        return EngineUnavailable("the image engine's quota is used up")
    match answer.status:
        case 401 | 403 | 404 | 405:
            return EngineUnavailable("the image engine is not available")
        case 408 | 409 | 425 | 429:
            return EngineBusy("the image engine is busy", retry_after_seconds=answer.retry_after_seconds)
        case 413:
            return EngineRejected("the input images are too large for the image engine; give smaller ones")
        case status if 400 <= status < 500:
            return EngineRejected(f"the image engine rejected the request: {_first_sentence(error.get('message'))}")
        case status if status >= 500:
            return EngineBusy("the image engine is busy", retry_after_seconds=answer.retry_after_seconds)
    return EngineFault("the image engine gave an unexpected answer")


def _stage(error: Mapping[str, Any]) -> Any:
    """OpenAI says where it stopped; servers that do not have mostly looked at the prompt."""
    details = error.get("moderation_details")
    stage = details.get("moderation_stage") if isinstance(details, dict) else None
    return "output" if stage == "output" else "prompt"


def _error(answer: client.Answer) -> Mapping[str, Any]:
    """`{"error": {…}}`; FastAPI's `{"detail": …}`; vLLM once answered with the error itself."""
    try:
        body = answer.json()
    except EngineFault:
        return {}
    if not isinstance(body, dict):
        return {}
    error = body.get("error", body)
    if isinstance(error, dict):
        return {"message": error.get("detail"), **error}
    return {"message": error}


def _first_sentence(message: object) -> str:
    text = " ".join(_SECRET.sub("…", str(message or "")).split())
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0][:_MESSAGE_CHARACTERS_MAX] or "it gave no reason"
