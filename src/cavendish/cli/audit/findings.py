"""What was found out about one invariant, in the words of the command's output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_MAX = 5  # offenders named per invariant


@dataclass(frozen=True)
class Finding:
    """One invariant and how it is: `detail` counts what was looked at, or names what breaks it."""

    name: str
    promise: str
    ok: bool
    detail: str


def judged(name: str, promise: str, scope: int, noun: str, count: int, offenders: Sequence[str]) -> Finding:
    """Broken if anything breaks it: `count` of the `scope` looked at, of whom `offenders` are named."""
    if not count:
        return Finding(name, promise, True, f"{scope} {noun}")
    more = ", …" if count > len(offenders) else ""
    return Finding(name, promise, False, f"{count} of {scope} {noun}: {', '.join(offenders)}{more}")


def shown(text: str) -> str:
    """An id as the API shows it: a generation's without hyphens."""
    return text.replace("-", "") if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) else text
