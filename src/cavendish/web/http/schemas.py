"""Parts of answers that several dialects show alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field


class SourceAnswer(BaseModel):
    title: str
    url: str


class GroundingAnswer(BaseModel):
    """What was searched for a picture. Whoever shows the picture must show `renderedContent` with it, unmodified."""

    queries: list[str]
    sources: list[SourceAnswer]
    renderedContent: Annotated[str | None, Field(description="Google's search suggestions as HTML, unmodified")] = None


class NotesAnswer(BaseModel):
    understood: Annotated[list[str], Field(description="Words of the prompt that had an effect")]
    ignored: Annotated[list[str], Field(description="Words that name something and had none")]


class PictureFacts(BaseModel):
    """What every answer owes beside its pictures."""

    creditsCharged: int
    creditsRemaining: Annotated[int, Field(description="What the account can still spend")]
    engine: Annotated[str | None, Field(description="Who drew; absent where there is no picture")] = None
    engineModel: Annotated[str | None, Field(description="What really drew")] = None
    warnings: Annotated[list[str] | None, Field(description="What was not honoured; absent if nothing")] = None
