"""Regular expressions of the deny list whose worst case is known before they meet a prompt.

Python's `re` backtracks and holds the interpreter while it does: one careless pattern and one made-up prompt would stop
a worker for hours. So a pattern is only taken where the ways in which it can be tried at one place are few; that needs
a bound at every repetition, and no part that depends on another. Why not RE2: docs/decisions/0012-deny-lists-by-re.md.
"""

from __future__ import annotations

import re
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from cavendish.moderation import words

CHARACTERS_MAX = 200
# Ways to try it at one place, times the characters of its longest match. Measured with a 20,000-character prompt made
# for it: 5,000 hold the worker for about 0.3 s, against 1.3 s between two beats.
COST_MAX = 5_000

_ONE_WAY = (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN, ops.AT, ops.CATEGORY)
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)


def compiled(text: str) -> tuple[re.Pattern[str], int]:
    """The pattern, for folded text, and its cost.

    Raises:
        ValueError: it cannot be compiled, is too long, or may take too long; the message says what would do.
    """
    if len(text) > CHARACTERS_MAX:
        raise ValueError(f"a regex has at most {CHARACTERS_MAX} characters")
    plain = words.without_accents(text)
    try:
        pattern = re.compile(plain, re.IGNORECASE)
        parsed = parser.parse(plain, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as exc:
        raise ValueError(f"not a regex: {exc}") from exc
    if pattern.match(""):
        raise ValueError("this regex matches everything")
    cost = _ways(parsed) * max(1, parsed.getwidth()[1])
    if cost > COST_MAX:
        raise ValueError("this regex can be tried in too many ways; repeat fewer parts, and these fewer times")
    return pattern, cost


def _ways(parts: Any) -> int:
    """In how many ways the parts, one after the other, can be tried; more than COST_MAX is not counted on."""
    product = 1
    for operation, argument in parts:
        product = min(product * _ways_of(operation, argument), COST_MAX + 1)
    return product


def _ways_of(operation: Any, argument: Any) -> int:
    if operation in _ONE_WAY:
        return 1
    if operation is ops.SUBPATTERN:
        return _ways(argument[-1])
    if operation is ops.ATOMIC_GROUP:
        return _ways(argument)
    if operation is ops.BRANCH:
        return sum(_ways(branch) for branch in argument[1])
    if operation in _REPEATS:
        return _ways_of_repeat(*argument)
    raise ValueError("a regex here has no references to groups and does not look ahead or behind")


def _ways_of_repeat(least: int, most: int, parts: Any) -> int:
    if most is ops.MAXREPEAT:
        raise ValueError("a regex here repeats with a bound: write {0,20} for * and {1,20} for +")
    once, total = _ways(parts), 0
    for count in range(least, most + 1):
        total += once**count
        if total > COST_MAX:
            break
    return total
