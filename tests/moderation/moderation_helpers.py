"""A moderator that does what a test wants, and workers that ask it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cavendish_test_engines.png import png

from cavendish.engines.base import Capabilities, EngineRequest, EngineResult
from cavendish.models import pixels
from cavendish.processes import worker as worker_main
from cavendish.settings import Settings
from emulators.server import Emulator, Reply, Request
from harness.inprocess import App

SLOW_SECONDS = 30.0
CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip


@dataclass
class Moderator:
    """Allows everything, but at `stage` it does what `mode` says: allow, block, slow, 500, garbage, kill.

    `files` is asked at each question for what storage holds at that moment.
    """

    kind: str
    mode: str = "allow"
    stage: str = "before"
    files: Callable[[], list[str]] = list
    stored: list[list[str]] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)

    def handle(self, request: Request) -> Reply:
        stage = _stage(self.kind, request)
        self.stages.append(stage)
        self.stored.append(self.files())
        return self._reply(self.mode if stage == self.stage else "allow")

    def _reply(self, mode: str) -> Reply:
        verdict = {"http": http_verdict, "openai": openai_verdict}[self.kind]
        return {
            "allow": lambda: verdict(),
            "block": lambda: verdict("violence"),
            "slow": lambda: dataclasses.replace(verdict(), delay=SLOW_SECONDS),
            "500": lambda: dataclasses.replace(verdict(), status=500),
            "garbage": lambda: Reply(200, b"<html>a proxy's page</html>"),
            "kill": lambda: Reply(fault="reset"),
        }[mode]()


def http_verdict(reason: str = "") -> Reply:
    return Reply.json({"allow": False, "reason": reason.upper()} if reason else {"allow": True})


def openai_verdict(reason: str = "", *, types: tuple[str, ...] = ("text",)) -> Reply:
    result = {
        "flagged": bool(reason),
        "categories": {name: name == reason for name in CATEGORIES},
        "category_scores": {name: 0.98 if name == reason else 1e-6 for name in CATEGORIES},
        "category_applied_input_types": {name: list(types) for name in CATEGORIES},
    }
    return Reply.json({"id": "modr-1", "model": "omni-moderation-latest", "results": [result]})


def openai_rules(request: Request) -> Reply | None:
    """What the API itself refuses: another body than its own, and a second picture."""
    body = request.json()
    pictures = [part for part in body["input"] if part["type"] == "image_url"]
    if request.path != "/v1/moderations" or set(body) != {"model", "input"}:
        return _refused("unknown path or parameter")
    if len(pictures) > 1:
        return _refused(f"Number of images ({len(pictures)}) exceeds maximum of 1")
    if not all(part["image_url"]["url"].startswith("data:image/") for part in pictures):
        return _refused("Invalid image")
    return None


def _refused(message: str) -> Reply:
    return Reply.json({"error": {"message": message, "type": "invalid_request_error"}}, 400)


def _stage(kind: str, request: Request) -> str:
    body = request.json()
    if kind == "http":
        return str(body["stage"])
    return "before" if body["input"][0]["type"] == "text" else "after"


@contextlib.contextmanager
def moderating(moderator: Moderator) -> Iterator[dict[str, Any]]:
    """The settings that lead to this moderator while it is there."""
    with Emulator(moderator.handle) as emulator:
        yield {
            "moderation": (moderator.kind,),
            "moderation_url": f"{emulator.url}/judge",
            "moderation_openai_url": f"{emulator.url}/v1",
        }


@dataclass
class Engine:
    """Draws at once; counts its calls."""

    name: str = "script"
    concurrency: int | None = None
    reports_progress: bool = True
    rate: None = None
    capabilities: Capabilities = Capabilities()
    calls: int = 0
    inputs: int = 0

    async def generate(self, request: EngineRequest) -> EngineResult:
        self.calls += 1
        self.inputs += len(request.input_images)
        return EngineResult(png(*pixels(request.aspect_ratio, request.image_quality)), model="script-1")

    async def close(self) -> None:
        pass


@contextlib.asynccontextmanager
async def worker(app: App, engine: Engine, **moderation: Any) -> AsyncIterator[Any]:
    """The real worker with these settings of moderation, whose route's engine is `engine`; gives its gate."""
    settings = dataclasses.replace(app.settings, **moderation)
    services = dataclasses.replace(app.services, settings=settings)
    async with worker_main.worker_context(services) as context:
        context.engines = {engine.name: engine}
        runner = worker_main._runner(settings, services.db, context)
        running, board = asyncio.create_task(runner.run()), asyncio.create_task(context.board.run())
        try:
            yield context.moderation
        finally:
            await runner.stop(drain_seconds=0.2)
            await asyncio.wait({running}, timeout=10)
            board.cancel()


def pictures(settings: Settings) -> list[str]:
    """Every file in storage that holds a picture, or a part of one."""
    folders = [settings.storage_root / name for name in ("generations", "tmp")]
    return sorted(str(path) for folder in folders for path in folder.rglob("*") if path.is_file())


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
