"""Named parameters for statements that several stores write together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_NAME = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Statement:
    """SQL with `:name` parameters, numbered once at import for asyncpg; `::casts` are left alone."""

    def __init__(self, text: str) -> None:
        self.names: list[str] = list(dict.fromkeys(_NAME.findall(text)))
        numbers = {name: number for number, name in enumerate(self.names, start=1)}
        self.text = _NAME.sub(lambda match: f"${numbers[match[1]]}", text)

    def arguments(self, values: Mapping[str, object]) -> Sequence[object]:
        """The values in the order of their numbers; a missing one is our own mistake and a KeyError."""
        return [values[name] for name in self.names]


def joined(*parts: str, select: str) -> Statement:
    """One statement from several stores' common table expressions, in the order in which they feed each other."""
    return Statement("WITH " + ",\n".join(part.strip() for part in parts) + "\n" + select.strip())


def containing(text: str | None) -> str | None:
    """A LIKE pattern for values that hold this text, in which nothing of it is a wildcard; None for no text."""
    if not text:
        return None
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
