"""Lists of words as one string, which is shorter to read than a hundred quoted words."""

from __future__ import annotations


def each(listed: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(listed.split())
