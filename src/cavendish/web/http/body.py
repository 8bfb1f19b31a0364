"""Request bodies: read up to a limit, strict JSON, nothing that the database or a log could choke on."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from cavendish.errors import InvalidInput, PayloadTooLarge, shown


async def read(request: Request, *, bytes_max: int, seconds: float | None = None) -> bytes:
    """The whole body. Raises PayloadTooLarge as soon as that is certain.

    Args:
        seconds: For a body that may take longer than others, once it is known who sends it.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > bytes_max:
        raise _too_large(bytes_max)
    if seconds is not None and (connection := request.scope.get("cavendish.connection")) is not None:
        connection.wait_for_body(request.scope, seconds)
    data, more = bytearray(), True  # bytes would be copied whole with every chunk
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        data += message.get("body", b"")
        if len(data) > bytes_max:
            raise _too_large(bytes_max)
        more = message.get("more_body", False)
    return bytes(data)


def parse(data: bytes) -> dict[str, Any]:
    """A JSON object without its null members, for null means absent. Any Content-Type; no NaN, no lone surrogates."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise InvalidInput(f"The body is not valid JSON: {exc.msg} at character {exc.pos}") from exc
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object")
    return {name: value for name, value in body.items() if value is not None}


def _too_large(bytes_max: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The request body is over {bytes_max // 1024} KiB; send images as public URLs in inputImageUrls, not as data"
    )


__all__ = ["ClientDisconnect", "parse", "read", "shown"]
