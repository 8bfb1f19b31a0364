"""An engine that does what the prompt says: `sleep=0.5 busy` waits and then fails as busy.

Words: sleep=SECONDS, steps=N (real progress), size=WxH, busy, unavailable, rejected, blocked, no_image, fault,
timeout, timeout_unsent, exception, garbage, truncated, noise (a PNG with random data), hollow (one of 20,000 pixels a
side without any), exit (kills its process), flaky (fails on the first call), shows=N (unfinished pictures, each a
pixel larger), gate=NAME (waits, behind these, until a test in its process opens `GATES[NAME]`).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import defaultdict
from collections.abc import Mapping

from cavendish.engines import base
from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.models import pixels
from cavendish_test_engines.png import png, with_data

GATES: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)


class Script:
    reports_progress = True
    concurrency: int | None = None
    rate = None
    capabilities = Capabilities(previews=True)

    def __init__(self, name: str, *, concurrency: int | None, reports_progress: bool) -> None:
        self.name = name
        self.concurrency = concurrency
        self.reports_progress = reports_progress
        self._seen: set[str] = set()

    async def generate(self, request: EngineRequest) -> EngineResult:
        words = dict(word.partition("=")[::2] for word in request.prompt.split())
        for number in range(min(request.previews, int(words.get("shows", 0) or 0))):
            request.preview(png(10 + number, 10))
        if "gate" in words:
            await GATES[words["gate"]].wait()
        await self._wait(request, float(words.get("sleep", 0) or 0), int(words.get("steps", 1) or 1))
        self._fail(request.prompt, words)
        width, height = pixels(request.aspect_ratio, request.image_quality)
        if "size" in words:
            width, height = (int(side) for side in words["size"].split("x"))
        data = png(width, height)
        if "noise" in words:
            data = with_data(width, height, random.Random(1).randbytes(50_000))
        if "hollow" in words:
            data = with_data(20_000, 20_000, b"")
        if "garbage" in words:
            data = b"<html>not a picture</html>"
        if "truncated" in words:
            data = data[: len(data) // 2]
        return EngineResult(data, model=f"{self.name}-1", seed=request.seed)

    async def close(self) -> None:
        pass

    async def _wait(self, request: EngineRequest, seconds: float, steps: int) -> None:
        for step in range(steps):
            request.progress(round(100 * step / steps))
            await asyncio.sleep(seconds / steps)

    def _fail(self, prompt: str, words: Mapping[str, str]) -> None:
        errors = {
            "busy": lambda: base.EngineBusy("too many requests", retry_after_seconds=0.05),
            "unavailable": lambda: base.EngineUnavailable("the key was refused"),
            "rejected": lambda: base.EngineRejected("the engine cannot do this"),
            "blocked": lambda: base.EngineBlocked("declined", stage="prompt", reason="SAFETY"),
            "no_image": lambda: base.EngineNoImage("the model answered without a picture"),
            "fault": lambda: base.EngineFault("the engine crashed"),
            "timeout": lambda: base.EngineTimeout("no answer", sent=True),
            "timeout_unsent": lambda: base.EngineTimeout("no connection", sent=False),
            "exception": lambda: ZeroDivisionError(f"a bug with a secret inside: {prompt}"),
            "timeout_error": lambda: TimeoutError("the engine's own"),
        }
        if self.name == "backup":
            return
        for word in words:
            if word in errors:
                raise errors[word]()
        if "flaky" in words and prompt not in self._seen:
            self._seen.add(prompt)
            raise base.EngineFault("the first call always fails")
        if "exit" in words:
            os._exit(9)


def build(options: Mapping[str, str]) -> Script:
    limit = options.get("CAVENDISH_SCRIPT_CONCURRENCY")
    reports = options.get("CAVENDISH_SCRIPT_PROGRESS", "1") == "1"
    return Script("script", concurrency=int(limit) if limit else None, reports_progress=reports)


def build_backup(options: Mapping[str, str]) -> Script:
    return Script("backup", concurrency=None, reports_progress=True)
