"""Half characters in JSON: what is left of an emoji where a client cut a text at a number of UTF-16 units.

JavaScript counts an emoji as two and cuts between them, and `JSON.stringify` writes the half as an escape that no UTF-8
can hold. Each half becomes U+FFFD, which is as long in the body: a mistake elsewhere is told where it was sent.
"""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})|[89a-fA-F][0-9a-fA-F]{2})"
)  # both halves, one behind the other; or one
_RAW = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")  # one as bytes: no UTF-8, but Python writes it when told to
_WHOLE = rb"\ufffd"
_BACKSLASH = ord("\\")


def mended(data: bytes) -> tuple[bytes, int]:
    """The body with a U+FFFD for each half of a character, and how many there were."""
    halves = 0

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal halves
        escape, low = found[0], found[1]
        if _is_text(data, found.start()):
            if low is None:
                return escape
            halves += 1
            return escape[: -len(low)] + _WHOLE
        if low is not None:
            return escape
        halves += 1
        return _WHOLE

    escaped = _ESCAPES.sub(mend, data)
    whole, raw = _RAW.subn("\ufffd".encode(), escaped)
    return whole, halves + raw


def _is_text(data: bytes, at: int) -> bool:
    """Whether the backslash here is itself escaped, and so begins nothing."""
    first = at
    while first and data[first - 1] == _BACKSLASH:
        first -= 1
    return (at - first) % 2 == 1
