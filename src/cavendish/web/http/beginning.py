"""The beginning of a JSON object that is too large to be read: enough to see what it was sent for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

_PIECES_MAX = 1000  # a submission has some 50: what is no submission is not worth more
_PIECES = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"|["{}\[\]:,]|[^\s"{}\[\]:,]++', re.DOTALL)
_VALUE = re.compile(rb'\s*+(?:"(?P<text>[^"\\]*+)|(?P<filled>[\[{]\s*+[^\s\]}]))')


def members(head: bytes) -> dict[str, Any]:
    """The outermost members as far as they were read: a text, True for a list or object with content, else None."""
    return {name: _value(head, at) for name, at in _names(head)}


def _names(head: bytes) -> Iterator[tuple[str, int]]:
    """Each name, and where its value begins."""
    depth, text = 0, None
    for piece in islice(_PIECES.finditer(head), _PIECES_MAX):
        match piece[0]:
            case b"{" | b"[" if depth > 0 or piece[0] == b"{":
                depth += 1
            case b"}" | b"]":
                depth -= 1
            case b":" if depth == 1 and text is not None:
                yield text.decode(errors="replace"), piece.end()
            case b'"':
                return  # a text without its end
        if depth <= 0:
            return
        text = piece[1]


def _value(head: bytes, at: int) -> Any:
    found = _VALUE.match(head, at)
    if found is None:
        return None
    return True if found["filled"] else found["text"].decode(errors="replace")
