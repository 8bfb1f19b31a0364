"""A request's path before anybody acts by it: what can name nothing ends here.

Ids and names stand in paths. They are checked here, once, for every route there is and will be.
"""

from __future__ import annotations

import re
import urllib.parse

from starlette.types import Scope

from cavendish.errors import NotFound

# An account's name has at most 100 characters, each of at most 12 bytes here; no other id or address is longer.
_BYTES_MAX = 2048
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # PostgreSQL takes no NUL; in no id or name is any of them


def check(scope: Scope) -> None:
    """Refuse a path that can name nothing.

    Raises:
        NotFound: it is too long, no UTF-8, or holds a control character.
    """
    raw = scope["raw_path"]
    if len(raw) > _BYTES_MAX or _CONTROLS.search(scope["path"]) or not _is_text(raw):
        raise NotFound("There is nothing at this path; see /docs")


def _is_text(raw: bytes) -> bool:
    if b"%" not in raw:
        return True
    try:
        urllib.parse.unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return True
