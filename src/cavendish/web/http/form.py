"""Bodies of forms with files in them (multipart/form-data), as SDKs send pictures."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from cavendish.errors import InvalidInput

FIELDS_MAX = 64
FIELD_BYTES_MAX = 256 * 1024  # a prompt of 20,000 characters, whatever they are, with room to spare


@dataclass(frozen=True, slots=True)
class Form:
    """Texts by name, of several the last; and files by name, in their order."""

    texts: dict[str, str]
    files: dict[str, list[bytes]]


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def parse(request: Request, data: bytes, *, files_max: int) -> Form:
    """The form in this body.

    Raises:
        InvalidInput: it is none, or has more parts than any call needs.
    """
    parser = MultiPartParser(
        request.headers, _once(data), max_files=files_max, max_fields=FIELDS_MAX, max_part_size=FIELD_BYTES_MAX
    )
    try:
        parts = await parser.parse()
    except (MultiPartException, KeyError, UnicodeError, ValueError) as exc:
        told = exc.message if isinstance(exc, MultiPartException) else "it is not complete"
        raise InvalidInput(f"The body is no form as multipart/form-data has it: {told}") from exc
    texts: dict[str, str] = {}
    files: dict[str, list[bytes]] = {}
    try:
        for name, part in parts.multi_items():
            if isinstance(part, UploadFile):
                files.setdefault(name, []).append(await part.read())
            else:
                texts[name] = part
    finally:
        await parts.close()
    return Form(texts, files)


def last_of_related(request: Request, data: bytes) -> bytes:
    """The content of the last part of a body of multipart/related: what it is about, behind what is said of it.

    Raises:
        InvalidInput: it is none.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    parts = (b"\r\n" + data).split(b"\r\n--" + boundary) if boundary else []
    _, blank, content = parts[-2].partition(b"\r\n\r\n") if len(parts) >= 4 else (b"", b"", b"")
    if kind != b"multipart/related" or not blank or not parts[-1].startswith(b"--"):
        raise InvalidInput("The body is not multipart/related with a part of JSON and the picture behind it")
    return content


async def _once(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data
