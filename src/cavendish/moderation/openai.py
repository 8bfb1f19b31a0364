"""OpenAI's moderation API, or one that speaks like it: `POST /moderations`, text and pictures.

It takes one picture per request ("Number of images (2) exceeds maximum of 1"), so prompt and pictures are asked about
one by one, side by side; that also tells which of them a no is about. After the engine only the picture is asked about:
the prompt was before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from cavendish.models import InputImage
from cavendish.moderation import base
from cavendish.moderation.base import Block, CannotJudge, Question, Where
from cavendish.moderation.client import JudgeClient, encoded

_PATH = "/moderations"
_TOGETHER_MAX = 4  # requests of one judgement at once: 14 inputs should not use up a minute's rate in one moment
_RESULTS_MAX = 32  # one per input; others of this API may give one per part


class OpenAi:
    name = "openai"
    judges_pictures = True

    def __init__(self, asked: JudgeClient, *, model: str) -> None:
        self._client = asked
        self._model = model

    async def judge(self, question: Question) -> Block | None:
        """The first no; what could not be judged counts only where nothing else is a no."""
        together = asyncio.Semaphore(_TOGETHER_MAX)
        tasks = [asyncio.create_task(self._ask(together, where, part)) for where, part in _parts(question)]
        missing: CannotJudge | None = None
        try:
            for answered in asyncio.as_completed(tasks):
                try:
                    if (block := await answered) is not None:
                        return block
                except CannotJudge as exc:
                    missing = exc
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if missing is not None:
            raise missing
        return None

    async def _ask(self, together: asyncio.Semaphore, where: Where, part: str | InputImage) -> Block | None:
        async with together:
            answer = await self._client.ask({"model": self._model, "input": [await _input(part)]})
        reason = _flagged(answer)
        return None if reason is None else Block(where, reason)

    async def close(self) -> None:
        await self._client.close()


def build(url: str, key: str, model: str) -> OpenAi:
    """The judge at this base URL, such as `https://api.openai.com/v1`."""
    return OpenAi(JudgeClient(url + _PATH, key=key), model=model)


def _parts(question: Question) -> list[tuple[Where, str | InputImage]]:
    if question.stage == "after":
        return [("output", image) for image in question.images]
    return [("prompt", question.prompt), *(("input", image) for image in question.images)]


async def _input(part: str | InputImage) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    media_type, data = await encoded(part)
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}


def _flagged(answer: Mapping[str, Any]) -> str | None:
    """The class of the highest score among those flagged; None where nothing is."""
    results = answer.get("results")
    if not isinstance(results, list) or not 0 < len(results) <= _RESULTS_MAX:
        raise CannotJudge("an answer without results")
    for result in results:
        if not isinstance(result, dict) or not isinstance(result.get("flagged"), bool):
            raise CannotJudge("a result without flagged")
    flagged = next((result for result in results if result["flagged"]), None)
    return None if flagged is None else _class(flagged)


def _class(result: Mapping[str, Any]) -> str:
    categories, scores = _mapping(result.get("categories")), _mapping(result.get("category_scores"))
    names = [name for name, flagged in categories.items() if flagged is True]
    return base.reason_class(max(names, key=lambda name: _number(scores.get(name)), default=None))


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _number(found: object) -> float:
    return float(found) if isinstance(found, int | float) else 0.0
