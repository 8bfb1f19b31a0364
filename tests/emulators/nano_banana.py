"""The hosted API as its text describes it, and a server of it that fails in every way on demand."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

from cavendish.models import Quality, pixels
from emulators.gemini_api import picture
from emulators.server import Emulator, Reply, Request

KEY = "key-of-an-account-there"
_FIELDS = {"prompt", "mode", "aspectRatio", "imageQuality", "googleSearch", "inputImageUrls", "seed"}
_IMAGES_MAX = {"nano-banana-2": 14, "nano-banana-pro": 8}


def refusal(status: int, code: str, message: str = "No. ", **headers: str) -> Reply:
    body = {"success": False, "error": message, "errorCode": code}
    return Reply.json(body, status, headers={name.replace("_", "-"): value for name, value in headers.items()})


class NanoBananaApi(Emulator):
    """`submits` and `polls` are scripted replies, used up first; else a generation is done at its third poll."""

    def __init__(self) -> None:
        super().__init__(self._handle_one)
        self.submits: deque[Reply] = deque()
        self.polls: deque[Reply] = deque()
        self.pictures: deque[Reply] = deque()
        self.cancels: deque[Reply] = deque()  # without one it is no Cavendish, and knows no such call
        self.bodies: list[dict[str, Any]] = []
        self.asked = 0
        self.more: dict[str, Any] = {}
        self.image_url = ""
        self._ids = itertools.count(1)
        self._progress: dict[str, int] = {}

    def _handle_one(self, request: Request) -> Reply:
        if request.path.startswith("/generations/"):
            return self.pictures.popleft() if self.pictures else self._picture(request)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(401, "LOGIN_REQUIRED")
        routes: dict[str, Callable[[str, dict[str, Any]], Reply]] = {
            "generate": self._generate,
            "check-status": self._check,
        }
        if request.path.endswith("/cancel") and self.cancels:
            return self.cancels.popleft()
        model, _, call = request.path.removeprefix("/api/").partition("/")
        if request.method != "POST" or model not in _IMAGES_MAX or call not in routes:
            return refusal(404, "NOT_FOUND")
        return routes[call](model, request.json())

    def _generate(self, model: str, body: dict[str, Any]) -> Reply:
        self.bodies.append(body)
        if self.submits:
            return self.submits.popleft()
        assert not set(body) - _FIELDS, "a field that the text does not know"
        assert body["prompt"] and body["mode"] in ("generate", "edit")
        assert (body["mode"] == "edit") == bool(body.get("inputImageUrls"))
        assert body["imageQuality"] in ("1K", "2K", "4K")
        if len(body.get("inputImageUrls", [])) > _IMAGES_MAX[model]:
            return refusal(400, "TOO_MANY_IMAGES")
        generation_id = f"gen{next(self._ids)}"
        self._progress[generation_id] = 0
        return Reply.json({"success": True, "generationId": generation_id, "taskId": "task-1", "status": "pending"})

    def _check(self, _: str, body: dict[str, Any]) -> Reply:
        self.asked += 1
        if self.polls:
            return self.polls.popleft()
        generation_id = body["generationId"]
        if generation_id not in self._progress:
            return refusal(404, "NOT_FOUND")
        self._progress[generation_id] += 40
        progress = min(100, self._progress[generation_id])
        if progress < 100:
            return status("generating", generation_id, progress=progress)
        url = self.image_url or f"{self.url}/generations/{generation_id}.jpg"
        return status("completed", generation_id, progress=100, imageUrl=url, **self.more)

    def _picture(self, request: Request) -> Reply:
        number = int(request.path.removeprefix("/generations/gen").removesuffix(".jpg"))
        body = self.bodies[number - 1]
        size = pixels(body["aspectRatio"], Quality(body["imageQuality"]))
        return Reply(200, picture(*size), {"Content-Type": "image/jpeg"})


def status(word: str, generation_id: str = "gen1", **fields: Any) -> Reply:
    body = {"success": word != "failed", "status": word, "generationId": generation_id, "progress": 0, **fields}
    return Reply.json(body)
