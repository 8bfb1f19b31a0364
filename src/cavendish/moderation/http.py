"""The operator's own judge: one POST per stage.

Asked: `{"stage": "before", "prompt": "…", "images": [{"mediaType": "image/png", "base64": "…"}]}`.
Answered with 200: `{"allow": true}`, or `{"allow": false, "reason": "VIOLENCE"}`. All else is no verdict.
"""

from __future__ import annotations

from cavendish.moderation import base
from cavendish.moderation.base import Block, CannotJudge, Question, Where
from cavendish.moderation.client import JudgeClient, encoded


class Http:
    name = "http"
    judges_pictures = True

    def __init__(self, asked: JudgeClient) -> None:
        self._client = asked

    async def judge(self, question: Question) -> Block | None:
        images = [await encoded(image, among=len(question.images)) for image in question.images]
        answer = await self._client.ask(
            {
                "stage": question.stage,
                "prompt": question.prompt,
                "images": [{"mediaType": media_type, "base64": data} for media_type, data in images],
            }
        )
        allow = answer.get("allow")
        if not isinstance(allow, bool):
            raise CannotJudge("an answer without allow")
        return None if allow else Block(_where(question), base.reason_class(answer.get("reason")))

    async def close(self) -> None:
        await self._client.close()


def build(url: str, key: str) -> Http:
    """The judge at this address, which gets the key, if there is one, as Bearer."""
    return Http(JudgeClient(url, key=key))


def _where(question: Question) -> Where:
    """The answer does not tell which of prompt and images it is about."""
    if question.stage == "after":
        return "output"
    return "prompt or input" if question.images else "prompt"
