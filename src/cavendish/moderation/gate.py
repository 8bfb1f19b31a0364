"""Where a generation passes moderation: its prompt and inputs before the engine, its picture after."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import structlog

from cavendish.errors import ContentBlocked, GenerationFailed, SafeguardRefused
from cavendish.models import InputImage
from cavendish.moderation.base import Block, CannotJudge, Judge, Question

log = structlog.get_logger("cavendish.moderation")

_SUBJECTS = {
    "prompt": "the prompt was",
    "input": "an input image was",
    "prompt or input": "the prompt or an input image was",
    "output": "the picture was",
}
_NEVER = {
    "SEXUALISED_MINOR": "sexualised pictures of minors",
    "INTIMATE_PICTURE_OF_A_PERSON": "intimate pictures of real people",
}
_UNREACHABLE = (
    "Generation failed: the moderation service could not be reached or gave no verdict. Nothing was charged; try again."
)


class JudgedGate:
    """Asks its judges in order; the first no ends it. A safeguard is asked before them, whatever their settings are."""

    def __init__(
        self,
        judges: Sequence[Judge],
        *,
        seconds: float,
        stages: Iterable[str],
        open_stages: Iterable[str],
        safeguard: Judge | None = None,
    ) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._safeguard = safeguard
        self._judges = tuple(judges)
        self._seconds = seconds
        self._stages = frozenset(stages)
        self._open_stages = frozenset(open_stages)

    @property
    def judges_pictures(self) -> bool:
        return "after" in self._stages and any(judge.judges_pictures for judge in self._judges)

    async def before(self, prompt: str, inputs: Sequence[InputImage]) -> None:
        question = Question("before", prompt, tuple(inputs))
        if self._safeguard is not None:
            await self._guard(self._safeguard, question)
        await self._ask(question)

    async def after(self, prompt: str, picture: InputImage) -> None:
        await self._ask(Question("after", prompt, (picture,)))

    async def close(self) -> None:
        for judge in self._judges:
            await judge.close()

    async def _ask(self, question: Question) -> None:
        if question.stage not in self._stages:
            return
        for judge in self._judges:
            try:
                block = await self._judgement(judge, question)
            except CannotJudge as exc:
                self._unanswered(judge, question, str(exc))
                continue
            self.counts[judge.name, question.stage, "blocked" if block else "allowed"] += 1
            if block is not None:
                raise _blocked(judge, question, block)

    async def _guard(self, safeguard: Judge, question: Question) -> None:
        """No time limit and no way to be open: it asks nobody, and its time is bounded by the prompt's length."""
        block = await safeguard.judge(question)
        self.counts[safeguard.name, question.stage, "blocked" if block else "allowed"] += 1
        if block is not None:
            log.warning("safeguard refused", stage=question.stage, reason=block.reason)
            raise SafeguardRefused(
                f"{_SUBJECTS[block.where]} refused: this service makes no {_NEVER[block.reason]}"
                f" (stage: {block.where}, reason: {block.reason}). Nothing was charged."
            )

    async def _judgement(self, judge: Judge, question: Question) -> Block | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await judge.judge(question)
        except TimeoutError as exc:
            raise CannotJudge("timeout") from exc

    def _unanswered(self, judge: Judge, question: Question, why: str) -> None:
        """Let it pass, or raise."""
        self.counts[judge.name, question.stage, "unanswered"] += 1
        passes = question.stage in self._open_stages
        log.warning("moderation gave no verdict", judge=judge.name, stage=question.stage, why=why, passed=passes)
        if not passes:
            raise GenerationFailed(_UNREACHABLE)


def _blocked(judge: Judge, question: Question, block: Block) -> ContentBlocked:
    log.info("moderation blocked", judge=judge.name, stage=question.stage, where=block.where, reason=block.reason)
    return ContentBlocked(
        f"{_SUBJECTS[block.where]} declined by this service's moderation"
        f" (stage: {block.where}, reason: {block.reason}). Nothing was charged."
    )
