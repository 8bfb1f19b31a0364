"""The body of one `generateContent` call, and what its answer holds. `v1beta` with `imageConfig`.

Never sent, because 2.1 answers 400 to them: temperature, topP, topK, seed, candidateCount, thinkingBudget.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cavendish.engines._http import client
from cavendish.engines.base import EngineFault, EngineNoImage, EngineRequest
from cavendish.engines.gemini import failures
from cavendish.imaging import sniff
from cavendish.models import Grounding, InputImage, Source

DEVELOPER_PATH = "/v1beta/models/{model}:generateContent"
VERTEX_PATH = "/v1beta1/publishers/google/models/{model}:generateContent"

_TEXT_CHARACTERS_MAX = 160  # of what the model said in place of a picture
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Picture:
    """`model` is what Google says it was, `usage` its token counts."""

    data: bytes
    model: str
    grounding: Grounding | None
    usage: Mapping[str, int] = field(default_factory=dict)


def is_model_name(text: str) -> bool:
    """What may stand in the path."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", text) is not None


def request_body(
    request: EngineRequest, images: Sequence[InputImage], search: Mapping[str, Any] | None
) -> dict[str, Any]:
    """One fresh user turn: the pictures, then the prompt."""
    parts: list[dict[str, Any]] = [
        {"inlineData": {"mimeType": image.media_type, "data": base64.b64encode(image.data).decode()}}
        for image in images
    ]
    parts.append({"text": request.prompt})
    body: dict[str, Any] = {
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": {
            # Without it, a prompt that reads like a question sometimes gets words only. The search tool wants both.
            "responseModalities": ["TEXT", "IMAGE"] if search else ["IMAGE"],
            "imageConfig": {"aspectRatio": request.aspect_ratio, "imageSize": request.image_quality.value},
        },
    }
    if search:
        body["tools"] = [search]
    return body


def search_tool(*, images: bool) -> dict[str, Any]:
    return {"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}} if images else {}}


def read(answer: client.Answer) -> Picture:
    """The last picture of an answer with status 200.

    Raises:
        EngineBlocked, EngineNoImage, EngineFault: by the table in `failures`.
    """
    body = answer.json()
    if not isinstance(body, dict):
        raise EngineFault("the image engine answered with something else than an answer")
    candidate = _candidate(body)
    parts = [part for part in _list(_dict(candidate.get("content")).get("parts")) if isinstance(part, dict)]
    finish = str(candidate.get("finishReason") or "STOP")
    data = _last_image(parts) if finish == "STOP" else None
    if data is None:
        raise failures.of_finish(finish, said=_text(parts))
    metadata = candidate.get("groundingMetadata")
    return Picture(
        data=_decoded(data),
        model=str(body.get("modelVersion") or ""),
        grounding=_grounding(metadata) if isinstance(metadata, dict) and metadata else None,
        usage=_usage(_dict(body.get("usageMetadata"))),
    )


def _candidate(body: Mapping[str, Any]) -> dict[str, Any]:
    feedback = _dict(body.get("promptFeedback"))
    candidates = _list(body.get("candidates"))
    if not candidates:
        if reason := feedback.get("blockReason"):
            raise failures.of_block(str(reason))
        raise EngineNoImage("the model returned no image")
    return _dict(candidates[0])


def _last_image(parts: Sequence[Mapping[str, Any]]) -> str | None:
    """Thoughts come first and may hold pictures too; the one that was asked for is the last."""
    for part in reversed(parts):
        inline = part.get("inlineData") or part.get("inline_data")
        if isinstance(inline, dict) and not part.get("thought") and isinstance(inline.get("data"), str):
            return str(inline["data"])
    return None


def _text(parts: Sequence[Mapping[str, Any]]) -> str:
    said = " ".join(str(part["text"]) for part in parts if part.get("text") and not part.get("thought"))
    return " ".join(said.split())[:_TEXT_CHARACTERS_MAX]


def _decoded(text: str) -> bytes:
    """Standard or URL-safe base64, padded or not; the type is read from the bytes, for Google's word has been wrong."""
    plain = text.translate(_URL_SAFE) if "-" in text or "_" in text else text
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise EngineFault("the image engine answered with a picture that cannot be read") from exc
    if sniff.whole(data) is None:
        raise EngineFault("the image engine answered with a picture that is none, or not whole")
    return data


def _grounding(metadata: Mapping[str, Any]) -> Grounding:
    queries = [*_list(metadata.get("webSearchQueries")), *_list(metadata.get("imageSearchQueries"))]
    rendered = _dict(metadata.get("searchEntryPoint")).get("renderedContent")
    sources = [_source(_dict(chunk)) for chunk in _list(metadata.get("groundingChunks"))]
    return Grounding(
        queries=tuple(query for query in queries if isinstance(query, str)),
        sources=tuple(source for source in sources if source is not None),
        rendered_content=rendered if isinstance(rendered, str) else None,
    )


def _source(chunk: Mapping[str, Any]) -> Source | None:
    found = _dict(chunk.get("web")) or _dict(chunk.get("image"))
    url = found.get("uri") or found.get("sourceUri")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None
    return Source(title=str(found.get("title") or found.get("domain") or ""), url=url)


def _usage(metadata: Mapping[str, Any]) -> dict[str, int]:
    wanted = {
        "promptTokenCount": "prompt_tokens",
        "candidatesTokenCount": "image_tokens",
        "thoughtsTokenCount": "thought_tokens",
    }
    return {name: metadata[key] for key, name in wanted.items() if isinstance(metadata.get(key), int)}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
