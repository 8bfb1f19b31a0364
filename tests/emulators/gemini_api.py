"""Google's `generateContent` for image models: refuses what Google refuses, and fails in every recorded way on demand.

A prompt that holds `[[name]]` gets the outcome of that name; `outcomes` are used up first, one per request.
"""

from __future__ import annotations

import base64
import binascii
import functools
import io
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

from cavendish.imaging import sniff
from emulators.server import Emulator, Reply, Request

KEY = "AIza-emulated-key-0123456789"
FLASH, OLD, PRO = "gemini-nano-banana-2.1", "gemini-3.1-flash-image", "gemini-3-pro-image"
RENDERED = '<div class="suggestions"><a href="https://www.google.com/search?q=x">x & y</a></div>'
IMAGES_MAX = 14

# Google's own table, written out anew: a slip in the service's table must not be repeated here.
_PIXELS = {
    "16:9": (1376, 768), "9:16": (768, 1376), "4:3": (1200, 896), "3:4": (896, 1200), "1:1": (1024, 1024),
    "2:3": (848, 1264), "3:2": (1264, 848), "4:5": (928, 1152), "5:4": (1152, 928), "21:9": (1584, 672),
    "1:4": (512, 2048), "4:1": (2048, 512), "1:8": (384, 3072), "8:1": (3072, 384),
}  # fmt: skip
_EXTREME = {"1:4", "4:1", "1:8", "8:1"}
_SCALES = {"1K": 1, "2K": 2, "4K": 4}
_BODY = {"contents", "generationConfig", "tools", "safetySettings", "systemInstruction"}
_CONFIG = {"responseModalities", "imageConfig", "thinkingConfig"}
_REFUSED_BY_FLASH = {"seed", "temperature", "topP", "topK", "candidateCount", "logprobs"}
_PATH = re.compile(r"/(v1|v1beta|v1beta1)/(?:publishers/google/)?models/([\w.-]+):generateContent")


class _Refused(Exception):
    """400 INVALID_ARGUMENT."""


@functools.cache
def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    """A picture that is told apart from a service's own by its colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (250, 190, 20)).save(file, kind)
    return file.getvalue()


def error(code: int, status: str, message: str, *details: Mapping[str, Any]) -> Reply:
    return Reply.json({"error": {"code": code, "message": message, "status": status, "details": list(details)}}, code)


def answer(*parts: Mapping[str, Any], finish: str = "STOP", model: str = FLASH, **more: Any) -> Reply:
    content = {"content": {"parts": list(parts), "role": "model"}} if parts else {}
    candidate = {**content, "finishReason": finish, "index": 0, **more}
    usage = {"promptTokenCount": 12, "candidatesTokenCount": 1120, "totalTokenCount": 1132}
    return Reply.json({"candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": "r-1"})


def image_part(data: bytes, mime: str = "image/jpeg", **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}, **more}


def blocked(reason: str) -> Reply:
    return Reply.json({"promptFeedback": {"blockReason": reason}, "modelVersion": FLASH})


SMALL = picture(1376, 768)
# What Google says of any quota, a minute's of a paid project too.
STOCK = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: "
    "generativelanguage.googleapis.com/generate_requests_per_model, limit: 10000\nPlease retry in 40.025771073s."
)
RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.3s"}


def _quota(quota_id: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota_id}]}


def _reason(reason: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}


OUTCOMES: dict[str, Callable[[], Reply]] = {
    "key invalid": lambda: error(
        400, "INVALID_ARGUMENT", "API key not valid. Please pass one.", _reason("API_KEY_INVALID")
    ),
    "bad argument": lambda: error(400, "INVALID_ARGUMENT", "Unhandled generated data mime type: image/x. More text."),
    "precondition": lambda: error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    "unauthenticated": lambda: error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "forbidden": lambda: error(403, "PERMISSION_DENIED", "Blocked.", _reason("API_KEY_SERVICE_BLOCKED")),
    "gone": lambda: error(404, "NOT_FOUND", "models/x is not found for API version v1beta"),
    "too large": lambda: Reply(413, b"<html>413 Content Too Large</html>", {"Content-Type": "text/html"}),
    "no free tier": lambda: error(429, "RESOURCE_EXHAUSTED", "Quota exceeded, limit: 0, model: gemini"),
    "free quota": lambda: error(
        429, "RESOURCE_EXHAUSTED", "Quota exceeded", _quota("GenerateRequestsPerMinutePerProject-FreeTier"), RETRY
    ),
    "daily quota": lambda: error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", _quota("ImagesPerDayPerProject"), RETRY),
    "prepay": lambda: error(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted. See billing."),
    "limited": lambda: error(
        429, "RESOURCE_EXHAUSTED", "Resource exhausted", _quota("RequestsPerMinutePerProject"), RETRY
    ),
    "stock words": lambda: error(429, "RESOURCE_EXHAUSTED", STOCK),
    "minute quota": lambda: error(
        429, "RESOURCE_EXHAUSTED", STOCK, _quota("GenerateRequestsPerMinutePerProjectPerModel-PaidTier"), RETRY
    ),
    "image quota": lambda: error(429, "RESOURCE_EXHAUSTED", f"{STOCK} See billing.", _quota("ImagesPerMinute")),
    "no quota": lambda: error(
        429, "RESOURCE_EXHAUSTED", STOCK.replace("limit: 10000", "limit: 0"), _quota("ImagesPerMinute"), RETRY
    ),
    "spent": lambda: error(429, "RESOURCE_EXHAUSTED", "Your project has exceeded its monthly spending cap."),
    "in a list": lambda: Reply.json(
        [{"error": {"code": 429, "message": "busy", "status": "RESOURCE_EXHAUSTED", "details": [RETRY]}}], 429
    ),
    "internal": lambda: error(500, "INTERNAL", "An internal error has occurred.", RETRY),
    "bad gateway": lambda: Reply(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html", "Retry-After": "0"}),
    "overloaded": lambda: error(503, "UNAVAILABLE", "The model is overloaded.", RETRY),
    "deadline": lambda: error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", RETRY),
    "no json": lambda: Reply(200, b"<html>proxy</html>", {"Content-Type": "text/html"}),
    "cut json": lambda: Reply(200, b'{"candidates": [{"content"', {"Content-Type": "application/json"}),
    "json list": lambda: Reply.json([1, 2]),
    "no base64": lambda: answer({"inlineData": {"mimeType": "image/png", "data": "%%%%"}}),
    "no picture": lambda: answer(image_part(b"GIF89a not really", "image/png")),
    "half picture": lambda: answer(image_part(SMALL[: len(SMALL) // 2])),
    "no candidates": lambda: Reply.json({"candidates": [], "modelVersion": FLASH}),
    "no content": lambda: answer(),
    "text only": lambda: answer({"text": "I can describe a cabin, but  which one\ndo you mean?"}),
    "thoughts only": lambda: answer({"text": "Thinking", "thought": True}, image_part(SMALL, thought=True)),
    "max tokens": lambda: answer({"text": "A very long"}, finish="MAX_TOKENS"),
    "signature missing": lambda: answer(finish="MISSING_THOUGHT_SIGNATURE"),
    "wrong type": lambda: answer(image_part(SMALL, "image/png")),
    "url-safe": lambda: answer(
        {"inlineData": {"mime_type": "image/jpeg", "data": base64.urlsafe_b64encode(SMALL).decode().rstrip("=")}}
    ),
    "thoughts": lambda: answer(
        {"text": "Let me see", "thought": True},
        image_part(picture(64, 64), thought=True),
        image_part(picture(32, 32)),
        {"text": "Here it is", "thoughtSignature": "c2ln" * 12_000},
        image_part(SMALL, thoughtSignature="c2ln" * 12_000),
    ),
    "other model": lambda: answer(image_part(SMALL), model="gemini-nano-banana-2.2"),
    "smaller": lambda: answer(image_part(picture(1024, 1024))),
    "reset": lambda: Reply(fault="reset"),
    "close": lambda: Reply(fault="close"),
    "hang": lambda: Reply(fault="hang"),
    "drip": lambda: Reply(200, b'{"candidates": []}' * 10, drip=0.5),
    "cut": lambda: Reply(200, b'{"candidates": []}', cut=5),
}
for _word in (
    "SAFETY", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "RECITATION", "IMAGE_RECITATION",
    "BLOCKLIST", "SPII", "ESCALATION", "PUP_LIMITED_DISABLED", "MODEL_ARMOR", "NO_IMAGE", "IMAGE_OTHER", "OTHER",
    "MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "LANGUAGE",
    "SOMETHING_NEW",
):  # fmt: skip
    # With a picture beside it, to see that the reason counts more.
    OUTCOMES[f"finish {_word}"] = functools.partial(answer, image_part(SMALL), finish=_word)
for _word in (
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "IMAGE_SAFETY",
    "MODEL_ARMOR",
    "JAILBREAK",
    "SOMETHING_NEW",
):
    OUTCOMES[f"prompt {_word}"] = functools.partial(blocked, _word)


class GeminiApi(Emulator):
    """One project with one key. `models` are those that exist; `calls` are what was asked, parsed."""

    def __init__(self, *, key: str = KEY, models: tuple[str, ...] = (FLASH, OLD, PRO), port: int = 0) -> None:
        super().__init__(self._handle_one, port=port)
        self.key = key
        self.models = models
        self.outcomes: deque[str] = deque()
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    def _handle_one(self, request: Request) -> Reply:
        found = _PATH.fullmatch(request.path)
        if request.method != "POST" or found is None:
            return error(404, "NOT_FOUND", f"{request.method} {request.path} is not here")
        version, model = found.groups()
        if request.headers.get("x-goog-api-key") != self.key:
            return OUTCOMES["key invalid"]()
        if model not in self.models:
            return OUTCOMES["gone"]()
        try:
            body = request.json()
            self.calls.append((version, model, body))
            ratio, size, prompt = _judge(body, model)
        except (_Refused, ValueError) as exc:
            return error(400, "INVALID_ARGUMENT", str(exc))
        named = re.search(r"\[\[(.+?)\]\]", prompt)
        if self.outcomes or named:
            return OUTCOMES[self.outcomes.popleft() if self.outcomes else named[1]]()  # type: ignore[index]
        return _drawn(body, model, ratio, size)


def _drawn(body: Mapping[str, Any], model: str, ratio: str, size: str) -> Reply:
    width, height = (side * _SCALES[size] for side in _PIXELS[ratio])
    part = image_part(picture(width, height))
    if not body.get("tools"):
        return answer(part, model=model)
    metadata = {
        "webSearchQueries": ["cybertruck 2026 design", "desert light"],
        "searchEntryPoint": {"renderedContent": RENDERED},
        "groundingChunks": [
            {"web": {"uri": "https://vertexaisearch.example/redirect/1", "title": "trucks.example"}},
            {"web": {"uri": "javascript:alert(1)", "title": "no link"}},
            {"image": {"sourceUri": "https://pictures.example/page", "imageUri": "https://pictures.example/1.jpg"}},
        ],
    }
    return answer({"text": "I looked it up."}, part, model=model, groundingMetadata=metadata)


def _judge(body: Any, model: str) -> tuple[str, str, str]:
    """Ratio, size and prompt of a body that Google would take."""
    body = _camel(body)
    _known(body, _BODY, "body")
    config = body.get("generationConfig") or {}
    if model != PRO and (refused := _REFUSED_BY_FLASH & set(config)):
        raise _Refused(f"Unsupported parameter: {sorted(refused)[0]}")
    _known(config, _CONFIG, "generation_config")
    thinking = config.get("thinkingConfig") or {}
    if "thinkingBudget" in thinking or str(thinking.get("thinkingLevel", "")).lower() == "low":
        raise _Refused("thinking level is not supported by this model")
    if sorted(config.get("responseModalities", ["IMAGE"])) not in (["IMAGE"], ["IMAGE", "TEXT"]):
        raise _Refused("response_modalities are not supported")
    image = config.get("imageConfig") or {}
    _known(image, {"aspectRatio", "imageSize"}, "image_config")
    ratio, size = image.get("aspectRatio", "1:1"), image.get("imageSize", "1K")
    if ratio not in _PIXELS or (model == PRO and ratio in _EXTREME):
        raise _Refused(f"aspect_ratio {ratio!r} is not supported")
    if size not in _SCALES:
        raise _Refused(f"image_size {size!r} is not supported")
    _judge_tools(body.get("tools"), config)
    return ratio, size, _judge_contents(body.get("contents"))


def _judge_tools(tools: Any, config: Mapping[str, Any]) -> None:
    if tools is None:
        return
    for tool in tools:
        _known(tool, {"googleSearch"}, "tool")
        _known(tool["googleSearch"], {"searchTypes"}, "google_search")
        types = tool["googleSearch"].get("searchTypes", {})
        _known(types, {"webSearch", "imageSearch"}, "search_types")
        if not all(isinstance(value, dict) for value in types.values()):
            raise _Refused("search_types must hold objects")
    if sorted(config.get("responseModalities", ())) != ["IMAGE", "TEXT"]:
        raise _Refused("the search tool needs TEXT and IMAGE")


def _judge_contents(contents: Any) -> str:
    if not isinstance(contents, list) or not contents:
        raise _Refused("contents is not specified")
    texts, pictures = [], 0
    for content in contents:
        _known(content, {"role", "parts"}, "content")
        if content.get("role") not in ("user", None) or not content.get("parts"):
            raise _Refused("one turn of the user is expected")
        for part in content["parts"]:
            _known(part, {"text", "inlineData"}, "part")
            if "inlineData" in part:
                pictures += 1
                _judge_picture(part["inlineData"])
            else:
                texts.append(part["text"])
    if pictures > IMAGES_MAX:
        raise _Refused(f"{pictures} images, at most {IMAGES_MAX}")
    return " ".join(texts)


def _judge_picture(inline: Mapping[str, Any]) -> None:
    _known(inline, {"mimeType", "data"}, "inline_data")
    text = inline["data"].translate(str.maketrans("-_", "+/"))
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as exc:
        raise _Refused("Base64 decoding failed") from exc
    header = sniff.sniff(data)
    if header is None or header.media_type != inline["mimeType"]:
        raise _Refused(f"Unhandled generated data mime type: {inline['mimeType']}")


def _known(value: Any, names: set[str], where: str) -> None:
    if not isinstance(value, dict):
        raise _Refused(f"Invalid value at {where!r}")
    if unknown := set(value) - names:
        raise _Refused(f'Invalid JSON payload received. Unknown name "{sorted(unknown)[0]}" at {where!r}')


def _camel(value: Any) -> Any:
    """Google takes both spellings."""
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): _camel(inner) for name, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value
