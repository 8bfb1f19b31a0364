"""Stored pictures: GET and HEAD /generations/{file}. Whoever knows the unguessable name may look."""

from __future__ import annotations

import asyncio
from io import BufferedReader
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from cavendish import ids
from cavendish.application.generations import own
from cavendish.errors import InvalidInput, NotFound, ServiceBusy
from cavendish.storage.base import StorageError
from cavendish.web.http import context
from cavendish.web.http.file_answer import FileAnswer

_YEAR_SECONDS = 365 * 24 * 3600


async def picture(request: Request) -> Response:
    """The exact stored bytes with Range and ETag; 410 for one that was there, else 404.

    With `width`, a smaller copy as WebP, or the picture itself where it is no wider or has none.
    """
    name: str = request.path_params["file"]
    if not ids.IMAGE_NAME_PATTERN.fullmatch(name):
        raise NotFound("There is no such picture; use the imageUrl that check-status answered with")
    width = _width(request)
    for stored in (name,) if width is None else (ids.copy_name(name, width), name):
        if (answer := await _stored(request, stored)) is not None:
            return answer
    raise await own.why_no_picture(context.services(request), name)


def _width(request: Request) -> int | None:
    asked = request.query_params.get("width")
    if asked is None:
        return None
    if asked not in map(str, ids.COPY_WIDTHS):
        widths = " and ".join(map(str, ids.COPY_WIDTHS))
        raise InvalidInput(f"width is {asked[:20]!r}; there are copies of {widths} pixels, and the picture without it")
    return int(asked)


async def _stored(request: Request, name: str) -> Response | None:
    """None: nothing of this name is there."""
    headers = {
        "Cache-Control": _caching(name),
        "ETag": f'"{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    media_type = ids.image_media_type(name)
    web = context.web(request)
    path = web.services.storage.local_path(name)
    if path is not None and (found := await asyncio.to_thread(_found, path)) is not None:
        if not _matches(request.headers.get("if-none-match", ""), headers["ETag"]):
            return FileAnswer(found, web.file_turns, media_type=media_type, headers=headers)
        found.close()
        return Response(status_code=304, headers=headers)
    try:
        data = await web.services.storage.read(name)
    except StorageError as exc:
        raise ServiceBusy("The picture cannot be read now; try again shortly", retry_after_seconds=5) from exc
    return None if data is None else Response(data, media_type=media_type, headers=headers)


def _caching(name: str) -> str:
    """A name stands for its bytes for ever. What people uploaded (fence 0) is theirs, and gone after a day."""
    if name.partition("-")[2].startswith("0."):
        return "private, max-age=3600"
    return f"public, max-age={_YEAR_SECONDS}, immutable"


def _found(path: Path) -> BufferedReader | None:
    """None: not a file that can be served from here; the storage itself says why."""
    try:
        return path.open("rb")
    except OSError:
        return None


def _matches(header: str, etag: str) -> bool:
    return any(entry.strip().removeprefix("W/") in (etag, "*") for entry in header.split(",")) if header else False
