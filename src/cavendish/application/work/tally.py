"""What a worker counts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """What this worker counted since it started, by engine."""

    completed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, counter: dict[str, int], engine: str) -> None:
        counter[engine] = counter.get(engine, 0) + 1

    def spend(self, engine: str, seconds: float) -> None:
        self.seconds[engine] = self.seconds.get(engine, 0.0) + seconds
