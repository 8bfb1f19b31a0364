"""What is said to another server of this API, and what its answers mean at the seam."""

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
    EngineNoImage,
    EngineRejected,
    EngineRequest,
    EngineResult,
    EngineStopped,
    EngineTimeout,
    EngineUnavailable,
)
from cavendish.models import SEED_MAX, Grounding, Mode, Source

WARNINGS_MAX = 10
_SENTENCE_CHARACTERS_MAX = 300
_ID = re.compile(r"[\x21-\x7e]{1,200}")


def generate_body(request: EngineRequest, urls: list[str]) -> dict[str, Any]:
    """The documented fields; `seed` only where the caller gave one, for not every server knows it."""
    body: dict[str, Any] = {
        "prompt": request.prompt,
        "mode": request.mode.value,
        "aspectRatio": request.aspect_ratio,
        "imageQuality": request.image_quality.value,
        "googleSearch": request.google_search,
    }
    if request.mode is Mode.EDIT:
        body["inputImageUrls"] = urls
    if request.seed is not None:
        body["seed"] = request.seed
    return body


def generation_id(answer: client.Answer) -> str:
    """Raises EngineTimeout: whatever this was, it may have been billed."""
    body = _object(answer)
    found = body.get("generationId")
    if body.get("success") is False:
        raise refusal(answer)
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise EngineTimeout("the image engine did not say what became of the request", sent=True)
    return found


def refusal(answer: client.Answer) -> EngineError:
    """The error of a generate call: it made nothing, or EngineTimeout where that is not sure."""
    body = _object(answer)
    code = body.get("errorCode")
    if answer.status >= 500 and not (body.get("success") is False and isinstance(code, str)):
        # Not this API's own words: something between gave up, and the server may have taken the order.
        return EngineTimeout("the image engine did not say what became of the request", sent=True)
    if answer.status in (401, 403, 404) or code == "LOGIN_REQUIRED":
        return EngineUnavailable("the image engine is not available")
    if answer.status == 402 or code == "INSUFFICIENT_CREDITS":
        return EngineUnavailable("the image engine has no credits left")
    if answer.status == 429 or answer.status >= 500:
        return EngineBusy("the image engine is busy", retry_after_seconds=answer.retry_after_seconds)
    return EngineRejected(f"the image engine rejected the request: {_sentence(body.get('error'))}")


def status(answer: client.Answer) -> dict[str, Any] | None:
    """The body of a poll; None: nothing that tells, so ask again."""
    body = _object(answer)
    return body if isinstance(body.get("status"), str) else None


def is_cancelled(found: Mapping[str, Any]) -> bool:
    """Whether a generation ended there because its owner, which is this service, cancelled it."""
    return found.get("status") == "failed" and found.get("errorCode") == "CANCELLED"


def failure(found: Mapping[str, Any], *, unwanted: bool = False) -> EngineError:
    """A generation that failed there; its credits went back there."""
    if unwanted and is_cancelled(found):
        return EngineStopped("the other server cancelled it")
    code, why = found.get("errorCode"), _sentence(found.get("error"))
    if code == "SAFEGUARD_REFUSED":
        return EngineBlocked(why, stage="prompt", reason="UPSTREAM")
    if code == "CONTENT_BLOCKED":
        return EngineBlocked(why, stage="output" if "output" in why else "prompt", reason="UPSTREAM")
    if code == "INPUT_IMAGE_FAILED":
        return EngineRejected(f"the image engine could not read an input image: {why}")
    return EngineNoImage(f"the image engine failed: {why}")


def image_url(found: Mapping[str, Any]) -> str:
    """Raises EngineTimeout: there is none, and the generation was billed."""
    for name in ("imageUrl", "image_url"):
        url = found.get(name)
        if isinstance(url, str) and url.startswith(("http://", "https://")):
            return url
    raise EngineTimeout("the image engine said it was done and gave no picture", sent=True)


def percent(found: Mapping[str, Any]) -> int:
    value = found.get("progress")
    return max(0, min(99, int(value))) if isinstance(value, int | float) and value == value else 0


def result(request: EngineRequest, found: Mapping[str, Any], data: bytes) -> EngineResult:
    """What the server says beside the picture is passed on. The order was taken: it is not given a second time."""
    model, seed = found.get("model"), found.get("seed")
    warnings = found.get("warnings")
    return EngineResult(
        data,
        model=model if isinstance(model, str) and model else request.model,
        seed=seed if isinstance(seed, int) and 0 <= seed <= SEED_MAX else None,
        warnings=tuple(_sentence(text) for text in warnings[:WARNINGS_MAX]) if isinstance(warnings, list) else (),
        grounding=_grounding(found.get("grounding")),
        again=False,
    )


def _grounding(found: object) -> Grounding | None:
    if not isinstance(found, dict):
        return None
    queries, sources, rendered = found.get("queries"), found.get("sources"), found.get("renderedContent")
    return Grounding(
        queries=tuple(query for query in _list(queries) if isinstance(query, str)),
        sources=tuple(source for entry in _list(sources) if (source := _source(entry)) is not None),
        rendered_content=rendered if isinstance(rendered, str) else None,
    )


def _source(entry: object) -> Source | None:
    if not isinstance(entry, dict) or not str(entry.get("url", "")).startswith(("http://", "https://")):
        return None
    return Source(str(entry.get("title", "")), str(entry["url"]))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(answer: client.Answer) -> dict[str, Any]:
    try:
        body = answer.json()
    except EngineFault:
        return {}
    return body if isinstance(body, dict) else {}


def _sentence(value: object) -> str:
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value or "it gave no reason")).split())
    return text[:_SENTENCE_CHARACTERS_MAX]
