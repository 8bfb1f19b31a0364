"""Google's files, as far as pictures to edit are sent there first: n8n does, and so can google-genai.

A file is an upload of the account like any other, with its end and its share of the account's room.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from cavendish import errors, ids
from cavendish.application.access import upload_permit
from cavendish.application.generations import upload as uploads
from cavendish.errors import ApiError, InvalidInput, PayloadTooLarge, shown
from cavendish.imaging.decoder import INPUT_BYTES_MAX
from cavendish.models import Caller
from cavendish.web.http import address, body, context, form, google, responses, uploading
from cavendish.web.http.operation import Operation, query

FACE = google.FACE

_TOO_LARGE = f"The picture is over {INPUT_BYTES_MAX // uploads.MEGABYTE} MB; send a smaller one"
_PAGE, _PAGE_MAX = 10, 100  # as Google's
_TOKEN = re.compile(r"[0-9A-Za-z._-]{0,100}", re.ASCII)
_WORDS_BYTES_MAX = 64 * 1024  # around the picture of a multipart body
_PROTOCOL, _COMMAND, _RECEIVED = "x-goog-upload-protocol", "x-goog-upload-command", "X-Goog-Upload-Size-Received"
_STATUS = "X-Goog-Upload-Status"  # without it google-genai sends a refused upload three times more


class FileAnswer(BaseModel):
    name: Annotated[str, Field(description="files/ and the id")]
    uri: Annotated[str, Field(description="For fileUri in fileData")]
    mimeType: Annotated[str, Field(description="What it is, whatever was said")]
    sizeBytes: str
    state: Literal["ACTIVE"]
    expirationTime: Annotated[str, Field(description="RFC 3339, UTC; then the picture is deleted")]


class FilesAnswer(BaseModel):
    files: list[FileAnswer]
    nextPageToken: Annotated[str | None, Field(description="For pageToken, where there are more")] = None


class NothingAnswer(BaseModel):
    """An empty object."""


class UploadedAnswer(BaseModel):
    file: Annotated[FileAnswer | None, Field(description="Once its bytes are there")] = None


async def upload(request: Request) -> Response:
    """Both steps: ask for an address, then send the bytes there, which needs no key."""
    permit = request.query_params.get("upload_id")
    if permit is None:
        caller, protocol = await context.caller(request, key_in_query=True), request.headers.get(_PROTOCOL)
        return await (_at_once if protocol == "multipart" else _started)(request, caller)
    try:
        return await _sent(request, await upload_permit.account_of(context.services(request), permit), permit)
    except ApiError as error:
        return google.ended(error, {_STATUS: "cancelled"})


async def file(request: Request) -> Response:
    """One of the account's own."""
    caller, stem = await context.caller(request, key_in_query=True), request.path_params["file"]
    found = await uploads.find(context.services(request), caller, stem)
    return _json(_file(request, found.name, found.size_bytes, found.expires_at))


async def files(request: Request) -> Response:
    """The account's own, page by page."""
    caller = await context.caller(request, key_in_query=True)
    count = google.page_number(request, "pageSize", _PAGE, 1, _PAGE_MAX)
    after = request.query_params.get("pageToken", "")
    if not _TOKEN.fullmatch(after):
        raise InvalidInput(f"pageToken {shown(after)} is not valid: use nextPageToken of the page before")
    found = await uploads.page(context.services(request), caller, after=after, count=count + 1)
    listed = [_file(request, one.name, one.size_bytes, one.expires_at) for one in found[:count]]
    behind = {"nextPageToken": found[count - 1].name} if len(found) > count else {}
    return _json({"files": listed, **behind})


async def delete(request: Request) -> Response:
    """One of the account's own, for good."""
    caller = await context.caller(request, key_in_query=True)
    await uploads.delete(context.services(request), caller, request.path_params["file"])
    return _json({})


async def _started(request: Request, caller: Caller) -> Response:
    services, said = context.services(request), request.headers.get
    if said(_PROTOCOL) != "resumable" or said(_COMMAND) != "start":
        raise InvalidInput(
            "X-Goog-Upload-Protocol is neither multipart nor resumable, or X-Goog-Upload-Command not start: begin so"
        )
    announced = said("x-goog-upload-header-content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > INPUT_BYTES_MAX:
        raise PayloadTooLarge(_TOO_LARGE)
    await body.read(request, bytes_max=services.settings.body_bytes_max)  # what the file is called matters to nobody
    permit = await upload_permit.give(services, caller)
    url = f"{address.of(request)}{request.url.path}?upload_id={permit}&upload_protocol=resumable"
    return _json({}, {"X-Goog-Upload-URL": url, _STATUS: "active"})


async def _sent(request: Request, caller: Caller, permit: str) -> Response:
    """A piece of the picture, or all of it; how much of it has come, where that is asked."""
    web, commands = context.web(request), _commands(request)
    if commands == {"query"}:
        return _json({}, {_STATUS: "active", _RECEIVED: str(web.pieces.size(permit))})
    offset = _offset(request)
    with web.pieces.of(permit, offset, functools.partial(uploading.place, web, caller)) as begun:
        begun.add(await _bytes(request, INPUT_BYTES_MAX - offset), offset)
        if "finalize" not in commands:
            return _json({}, {_STATUS: "active", _RECEIVED: str(begun.size)})
        begun.whole = True
        return await _taken(request, caller, b"".join(begun.pieces))


async def _at_once(request: Request, caller: Caller) -> Response:
    """The picture behind what is said of it, in one body of multipart/related."""
    with uploading.place(context.web(request), caller):
        data = await _bytes(request, INPUT_BYTES_MAX + _WORDS_BYTES_MAX)
        return await _taken(request, caller, form.last_of_related(request, data))


async def _taken(request: Request, caller: Caller, data: bytes) -> Response:
    taken = await uploads.upload(context.services(request), caller, data)
    content = _file(request, taken.name, len(taken.image.data), taken.expires_at)
    return _json({"file": content}, {_STATUS: "final"})


def _commands(request: Request) -> set[str]:
    found = {one.strip() for one in request.headers.get(_COMMAND, "").split(",")}
    if found not in ({"upload"}, {"upload", "finalize"}, {"finalize"}, {"query"}):
        said = shown(", ".join(sorted(found)))
        raise InvalidInput(f"{_COMMAND} {said} is not valid: use upload, finalize, both with a comma, or query")
    return found


def _offset(request: Request) -> int:
    text = request.headers.get("x-goog-upload-offset", "0")
    if not (text.isascii() and text.isdigit() and int(text[:10]) <= INPUT_BYTES_MAX):
        raise InvalidInput(f"X-Goog-Upload-Offset {shown(text)} is not valid: send how many bytes have come")
    return int(text[:10])


async def _bytes(request: Request, bytes_max: int) -> bytes:
    try:
        seconds = context.services(request).settings.upload_body_seconds
        return await body.read(request, bytes_max=bytes_max, seconds=seconds)
    except PayloadTooLarge as exc:
        raise PayloadTooLarge(_TOO_LARGE) from exc


def _file(request: Request, name: str, size: int, expires: datetime.datetime) -> dict[str, Any]:
    return {
        "name": f"files/{name.partition('-')[0]}",
        "uri": f"{address.of(request)}/generations/{name}",
        "mimeType": ids.image_media_type(name),
        "sizeBytes": str(size),
        "state": "ACTIVE",
        "expirationTime": responses.instant(expires),
    }


def _json(content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), media_type=responses.JSON, headers=headers)


_COMMON = (errors.LoginRequired, errors.ServiceBusy, errors.InternalError)
_FILE = {"name": "file", "in": "path", "required": True, "schema": {"type": "string"}}
_PAGES = (
    query("pageSize", f"Entries per page, {_PAGE} by default.", {"type": "integer", "minimum": 1}),
    query("pageToken", "nextPageToken of the page before.", {"type": "string", "pattern": f"^{_TOKEN.pattern}$"}),
)
_PERMIT = query("upload_id", "As the first step answered it in X-Goog-Upload-URL; then the body is the picture.")


def routes() -> list[Operation]:
    return [operation for version in google.VERSIONS for operation in _routes(version)]


def _routes(version: str) -> Iterator[Operation]:
    tag, failure = "Gemini", google.SHAPE
    yield Operation("POST", f"/upload/{version}/files", upload, "Upload an input image, as to Gemini", UploadedAnswer,
                    (*_COMMON, errors.Forbidden, errors.InvalidInput, errors.PayloadTooLarge), parameters=(_PERMIT,),
                    bytes_types=("application/octet-stream", responses.JSON), tag=tag, failure=failure)  # fmt: skip
    yield Operation("GET", f"/{version}/files", files, "Uploaded images", FilesAnswer,
                    (*_COMMON, errors.InvalidInput), parameters=_PAGES, tag=tag, failure=failure)  # fmt: skip
    yield Operation("GET", f"/{version}/files/{{file}}", file, "One uploaded image", FileAnswer,
                    (*_COMMON, errors.NotFound), parameters=(_FILE,), tag=tag, failure=failure)  # fmt: skip
    yield Operation("DELETE", f"/{version}/files/{{file}}", delete, "Delete an uploaded image", NothingAnswer,
                    (*_COMMON, errors.Forbidden, errors.NotFound), parameters=(_FILE,), tag=tag,
                    failure=failure)  # fmt: skip
