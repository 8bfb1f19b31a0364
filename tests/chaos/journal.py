"""What happened, in order: faults, restarts, deaths, and what went against a promise."""

from __future__ import annotations

import collections
import time
from dataclasses import dataclass, field
from typing import Any

SHOWN_PER_RULE_MAX = 5


@dataclass
class Violation:
    rule: str
    detail: str
    generation_id: str | None = None


@dataclass
class Journal:
    began: float = field(default_factory=time.monotonic)
    entries: list[tuple[float, str, str]] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    counts: collections.Counter[str] = field(default_factory=collections.Counter)

    def note(self, what: str, detail: str = "") -> None:
        self.entries.append((round(time.monotonic() - self.began, 3), what, detail))

    def count(self, what: str, times: int = 1) -> None:
        self.counts[what] += times

    def violation(self, rule: str, detail: str, generation_id: str | None = None) -> None:
        self.note("VIOLATION", f"{rule}: {detail}")
        self.violations.append(Violation(rule, detail, generation_id))

    def lines(self) -> list[str]:
        return [f"{at:8.3f}  {what:<18} {detail}" for at, what, detail in self.entries]

    def as_dict(self) -> dict[str, Any]:
        return {
            "entries": self.entries,
            "violations": [vars(violation) for violation in self.violations],
            "counts": dict(self.counts),
        }

    def summary(self) -> list[str]:
        """The violations, a few of each rule."""
        by_rule: dict[str, list[str]] = {}
        for violation in self.violations:
            by_rule.setdefault(violation.rule, []).append(violation.detail)
        return [
            f"{rule} ({len(details)}): {'; '.join(details[:SHOWN_PER_RULE_MAX])}" for rule, details in by_rule.items()
        ]
