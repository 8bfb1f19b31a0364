"""OpenAI's image API: refuses what OpenAI refuses, and fails in every recorded way on demand (`[[name]]`)."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cavendish.imaging import sniff
from emulators.gemini_api import picture
from emulators.server import Emulator, Reply, Request

KEY = "sk-emulated-0123456789abcdef"
MODEL = "gpt-image-2.5-sunburst"
_FIELDS = {"model", "prompt", "n", "size", "quality", "background", "moderation", "output_format", "user"}
IMAGES_MAX = 16


class _Refused(Exception):
    pass


@dataclass
class Call:
    path: str
    fields: dict[str, Any]
    images: list[tuple[str, str, bytes]] = field(default_factory=list)  # field, media type, bytes


def error(status: int, code: str | None, message: str = "No.", **more: Any) -> Reply:
    headers = more.pop("headers", {})
    body = {"error": {"message": message, "type": more.pop("type", "invalid_request_error"), "code": code, **more}}
    return Reply.json(body, status, headers=headers)


def done(data: bytes) -> Reply:
    usage = {"input_tokens": 9, "output_tokens": 1056, "total_tokens": 1065}
    return Reply.json({"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}], "usage": usage})


OUTCOMES: dict[str, Callable[[], Reply]] = {
    "key": lambda: error(401, "invalid_api_key", "Incorrect API key provided: sk-emula********cdef."),
    "forbidden": lambda: error(403, "organization_must_be_verified"),
    "model gone": lambda: error(404, "model_not_found"),
    "quota": lambda: error(429, "insufficient_quota", type="insufficient_quota"),
    "hard limit": lambda: error(400, "billing_hard_limit_reached"),
    "limit": lambda: error(429, "rate_limit_exceeded", headers={"Retry-After": "3"}),
    "policy": lambda: error(400, "content_policy_violation"),
    "moderated": lambda: error(400, "moderation_blocked", moderation_details={"moderation_stage": "output"}),
    "parameter": lambda: error(400, "invalid_value", "Invalid size with sk-emulated-0123456789abcdef. More words."),
    "unprocessable": lambda: Reply.json({"detail": "width must be positive"}, 422),
    "too large": lambda: Reply(413, b"<html>"),
    "timeout": lambda: error(408, None),
    "broken": lambda: Reply(500, b"<html>"),
    "gateway": lambda: Reply(502, b""),
    "overloaded": lambda: error(503, "overloaded", headers={"Retry-After": "2"}),
    "late": lambda: Reply(504, b""),
    "no data": lambda: Reply.json({"created": 1, "data": []}),
    "no picture": lambda: Reply.json({"created": 1, "data": [{"revised_prompt": "x"}]}),
    "no list": lambda: Reply.json([1]),
    "no json": lambda: Reply(200, b"<html>"),
    "no base64": lambda: Reply.json({"data": [{"b64_json": "%%%"}]}),
    "other bytes": lambda: done(b"GIF89a"),
    "half": lambda: done(picture(1376, 768)[:900]),
    "reset": lambda: Reply(fault="reset"),
    "close": lambda: Reply(fault="close"),
    "hang": lambda: Reply(fault="hang"),
}


class OpenAIApi(Emulator):
    """`sizes`: None takes what the GPT image models take; else only these. `answers_url`: where pictures are said to be."""

    def __init__(self, *, key: str = KEY, models: tuple[str, ...] = (MODEL,), local: bool = False) -> None:
        super().__init__(self._handle_one)
        self.key, self.models, self.local = key, models, local
        self.sizes: set[str] | None = None
        self.answers_url = ""
        self.calls: list[Call] = []

    def _handle_one(self, request: Request) -> Reply:
        if request.path.startswith("/files/"):
            width, height = map(int, request.path.removeprefix("/files/").split("x"))
            return Reply(200, picture(width, height, "PNG"), {"Content-Type": "image/png"})
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return OUTCOMES["key"]()
        readers = {"/v1/images/generations": _generation, "/v1/images/edits": _edit}
        if request.method != "POST" or request.path not in readers:
            return error(404, "unknown_url", f"Unknown request URL: {request.method} {request.path}")
        try:
            call = readers[request.path](request)
            self.calls.append(call)
            width, height = self._judge(call)
        except _Refused as exc:
            return error(400, "invalid_value", str(exc))
        if named := re.search(r"\[\[(.+?)\]\]", call.fields["prompt"]):
            return OUTCOMES[named[1]]()
        if self.answers_url or call.fields.get("response_format") == "url":
            return Reply.json(
                {"created": 1, "data": [{"url": f"{self.answers_url or self.url}/files/{width}x{height}"}]}
            )
        return done(picture(width, height, "PNG"))

    def _judge(self, call: Call) -> tuple[int, int]:
        known = _FIELDS | ({"response_format", "seed"} if self.local else set())
        if unknown := set(call.fields) - known:
            raise _Refused(f"Unknown parameter: '{sorted(unknown)[0]}'.")
        if call.fields.get("model") not in self.models:
            raise _Refused("The model does not exist.")
        if not call.fields.get("prompt") or str(call.fields.get("n", 1)) != "1":
            raise _Refused("prompt and n=1 are expected")
        if len(call.images) > IMAGES_MAX:
            raise _Refused(f"at most {IMAGES_MAX} images")
        for name, media_type, data in call.images:
            header = sniff.sniff(data)
            if name not in ("image[]", "image") or header is None or header.media_type != media_type:
                raise _Refused(f"Invalid file in {name!r}: {media_type}")
        return self._judge_size(str(call.fields.get("size")))

    def _judge_size(self, text: str) -> tuple[int, int]:
        match = re.fullmatch(r"(\d+)x(\d+)", text)
        if match is None or (self.sizes is not None and text not in self.sizes):
            raise _Refused(f"Invalid value: '{text}'.")
        width, height = int(match[1]), int(match[2])
        if self.sizes is None and not self.local:
            fits = width * height <= 3840 * 2160 and max(width, height) <= 3840 and 1 / 3 <= width / height <= 3
            if width % 16 or height % 16 or not fits:
                raise _Refused(f"Invalid size '{text}'.")
        return width, height


def _generation(request: Request) -> Call:
    if request.headers.get("content-type") != "application/json":
        raise _Refused("JSON is expected")
    return Call(request.path, request.json())


def _edit(request: Request) -> Call:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data; boundary="):
        raise _Refused("a form is expected")
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    call = Call(request.path, {})
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if part.get_filename():
            call.images.append((name, part.get_content_type(), data))
        else:
            call.fields[name] = data.decode()
    if not call.images:
        raise _Refused("Missing required parameter: 'image'.")
    return call
