"""How a picture came about, in the words that its marks use."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cavendish.models import Mode

# IPTC's vocabulary: https://cv.iptc.org/newscodes/digitalsourcetype/
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is told of a picture: never its prompt, and never whose it is.

    Attributes:
        model: The public one that was ordered.
        engine_model: What really drew.
        algorithmic: No model drew it: the engine is an algorithm that learnt from no pictures.
        made_at: When its making began, by the database's clock.
        verify_url: Where anybody can have it looked at, free of charge; empty: nowhere that others reach.
    """

    model: str
    engine: str
    engine_model: str
    mode: Mode
    algorithmic: bool
    made_at: datetime.datetime
    verify_url: str
    version: str

    @property
    def source_type(self) -> str:
        """IPTC's term: made by a model or by an algorithm, out of nothing or out of somebody's pictures."""
        if self.mode is Mode.EDIT:
            return _SOURCE_TYPES + (
                "compositeSynthetic" if self.algorithmic else "compositeWithTrainedAlgorithmicMedia"
            )
        return _SOURCE_TYPES + ("algorithmicMedia" if self.algorithmic else "trainedAlgorithmicMedia")

    @property
    def when(self) -> str:
        """RFC 3339, in UTC, to the second."""
        return self.made_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
