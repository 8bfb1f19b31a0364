"""Request bodies: read up to a limit, strict JSON, nothing that the database or a log could choke on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from cavendish.errors import ApiError, InvalidInput, PayloadTooLarge, shown
from cavendish.web.http import beginning, surrogates

_MEBIBYTE = 1024 * 1024

Refusal = Callable[[dict[str, Any]], ApiError | None]


async def read(
    request: Request,
    *,
    bytes_max: int,
    way_out: str = "",
    seconds: float | None = None,
    refusal: Refusal | None = None,
) -> bytes:
    """The whole body.

    Args:
        way_out: What to send instead of one that is too large, in words of its face; empty: there is no such thing.
        seconds: For a body that may take longer than others, once it is known who sends it.
        refusal: What else to say of one that is too large, by its outermost members as far as they were read.

    Raises:
        PayloadTooLarge, or what `refusal` says: as soon as that is certain.
    """
    announced = request.headers.get("content-length", "")
    too_large = announced.isdecimal() and int(announced[:20]) > bytes_max
    if seconds is not None and not too_large and (connection := request.scope.get("cavendish.connection")) is not None:
        connection.wait_for_body(request.scope, seconds)
    data, more = bytearray(), True  # bytes would be copied whole with every chunk
    while more and not (too_large and (refusal is None or _is_seen(data, bytes_max))):
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        data += message.get("body", b"")
        too_large = too_large or len(data) > bytes_max
        more = message.get("more_body", False)
    if too_large:
        said = refusal(beginning.members(bytes(data[:bytes_max]))) if refusal else None
        raise said or _too_large(bytes_max, way_out)
    return bytes(data)


def _is_seen(data: bytearray, bytes_max: int) -> bool:
    """Whether there is enough of a body to say what it is: as much as any may have, or what begins no object."""
    return len(data) >= bytes_max or bytes(data[:64]).lstrip()[:1] not in (b"", b"{")


def parse(data: bytes) -> dict[str, Any]:
    """A JSON object without its null members, for null means absent. Any Content-Type; no NaN, no bad UTF-8.

    Half characters are replaced; where an answer can say so, `told` does.
    """
    return told(data)[0]


def told(data: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The same, and a sentence for what was replaced."""
    body, halves = _loaded(data)
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object")
    members = {name: value for name, value in body.items() if value is not None}
    return members, (_replaced(halves),) if halves else ()


def _loaded(data: bytes) -> tuple[Any, int]:
    """The JSON, and how many half characters of it were replaced."""
    try:
        return orjson.loads(data), 0
    except orjson.JSONDecodeError as exc:
        mistake = exc
    whole, halves = surrogates.mended(data)
    if halves:
        try:
            return orjson.loads(whole), halves
        except orjson.JSONDecodeError as exc:
            mistake = exc
    raise InvalidInput(f"The body is not valid JSON: {mistake.msg} at character {mistake.pos}") from mistake


def _replaced(halves: int) -> str:
    counted = "1 half of a character was" if halves == 1 else f"{halves} halves of characters were"
    return f"{counted} replaced by \ufffd: the text was cut inside an emoji."


def _too_large(bytes_max: int, way_out: str) -> PayloadTooLarge:
    most = f"{bytes_max // _MEBIBYTE} MiB" if bytes_max >= _MEBIBYTE else f"{bytes_max // 1024} KiB"
    return PayloadTooLarge(f"The request body is over {most}{f'; {way_out}' if way_out else ''}")


__all__ = ["ClientDisconnect", "parse", "read", "shown"]
