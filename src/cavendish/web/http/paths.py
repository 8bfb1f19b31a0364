"""A request's path before anybody acts by it: what can name nothing ends here, slashes too many are passed over.

Ids and names stand in paths. They are checked here, once, for every route there is and will be.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Set

from starlette.types import Scope

from cavendish.errors import NotFound

# An account's name has at most 100 characters, each of at most 12 bytes here; no other id or address is longer.
_BYTES_MAX = 2048
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # PostgreSQL takes no NUL; in no id or name is any of them
_SLASHES = re.compile(r"/{2,}")


def check(scope: Scope) -> None:
    """Refuse a path that can name nothing.

    Raises:
        NotFound: it is too long, no UTF-8, or holds a control character.
    """
    raw = scope["raw_path"]
    if len(raw) > _BYTES_MAX or _CONTROLS.search(scope["path"]) or not _is_text(raw):
        raise NotFound("There is nothing at this path; see /docs")


def straighten(scope: Scope, *, exact: Set[str]) -> None:
    """Let the path be what was meant, without a redirect: many a client loses its body on the way.

    Args:
        exact: Paths that no other way of writing leads to.
    """
    path = meant(scope["path"], scope["raw_path"])
    if path != scope["path"] and path not in exact:
        scope["path"], scope["raw_path"] = path, urllib.parse.quote(path).encode()


def meant(path: str, raw: bytes) -> str:
    """The path with one slash where there are several and none at its end: a base URL that ends in one is no mistake.

    An escaped slash is part of a name. A path with one is left as it is, or it would stand for another name.

    Args:
        raw: The same as it was sent.
    """
    is_straight = "//" not in path and not path.endswith("/")
    if is_straight or b"%2f" in raw.lower():
        return path
    return _SLASHES.sub("/", path).rstrip("/") or "/"


def _is_text(raw: bytes) -> bool:
    if b"%" not in raw:
        return True
    try:
        urllib.parse.unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return True
