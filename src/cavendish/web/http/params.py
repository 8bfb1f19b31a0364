"""What people type into forms, and pages of lists: checked in one place, with a sentence for each mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from cavendish.errors import InvalidInput
from cavendish.models import RateLimit, whole_number
from cavendish.settings import parsers
from cavendish.web.http import body, context

_ID_MAX = 2**63 - 1

# One line of text, as a pattern that JSON Schema shares with this file: no control character, no end of a line, nothing
# that turns the direction of writing, by which a name could look like another.
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069"
LINE = f"^[^{_UNSEEN}]*$"
NAME = rf"^[^/{_UNSEEN}]*[^\s/{_UNSEEN}][^/{_UNSEEN}]*$"  # not only blanks, and no part of an address
_LINE = re.compile(LINE.removesuffix("$") + r"\Z")
NO_NUL = r"^[^\u0000]*$"
_SEARCH_CHARACTERS_MAX = 200
SEARCH = {"type": "string", "maxLength": _SEARCH_CHARACTERS_MAX, "pattern": NO_NUL}
NUMBER_CURSOR, ID_CURSOR = "^[0-9]{1,18}$", "^[0-9a-f]{32}$"


async def sent(request: Request) -> dict[str, Any]:
    """The request's JSON object."""
    return body.parse(await body.read(request, bytes_max=context.web(request).services.settings.body_bytes_max))


def text(values: Mapping[str, Any], name: str, *, characters_max: int, needed: bool = False) -> str:
    """A line of text (`LINE`); empty where it is absent."""
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > characters_max or not _LINE.match(value):
        raise InvalidInput(f"{name} {body.shown(value)} is not valid: one line of at most {characters_max} characters")
    if needed and not value.strip():
        raise InvalidInput(f"{name} is missing")
    return value.strip()


def whole(values: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = whole_number(values.get(name))
    if value is None or not low <= value <= high:
        raise InvalidInput(f"{name} {body.shown(values.get(name))} is not valid: a whole number from {low} to {high}")
    return value


def limit(values: Mapping[str, Any]) -> RateLimit | None:
    """`100/hour`; None where it is absent or empty: the service's own."""
    value = values.get("limit")
    if value in (None, ""):
        return None
    try:
        return parsers.limit(str(value))
    except ValueError as exc:
        raise InvalidInput(f"limit {body.shown(value)} is not valid: {exc}") from exc


def query_whole(request: Request, name: str, default: int, low: int, high: int) -> int:
    value = request.query_params.get(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or len(value) > 9 or not low <= int(value) <= high:
        raise InvalidInput(f"{name} {body.shown(value)} is not valid: a whole number from {low} to {high}")
    return int(value)


def query_text(request: Request, name: str) -> str | None:
    value = request.query_params.get(name)
    if value is not None and (len(value) > _SEARCH_CHARACTERS_MAX or "\0" in value):
        raise InvalidInput(f"{name} is not valid: at most {_SEARCH_CHARACTERS_MAX} characters")
    return value or None


def query_cursor(request: Request) -> int | None:
    """The number behind which a page begins."""
    value = request.query_params.get("cursor")
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) > _ID_MAX:
        raise InvalidInput(f"cursor {body.shown(value)} is not valid: send the nextCursor of the page before")
    return int(value)
