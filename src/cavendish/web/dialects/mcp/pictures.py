"""Input images as models send them: URLs, data URIs, and base64 without anything around it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re

from cavendish.errors import InvalidInput, PayloadTooLarge, shown
from cavendish.imaging.decoder import INPUT_BYTES_MAX

_DATA = re.compile(r"data:[^,]*;base64,", re.IGNORECASE)
_WAY = "use a URL, a data URI or base64; a file of your own machine cannot be read here"


def is_url(text: object) -> bool:
    """Whether it is one, or meant to be: base64 has no colon."""
    return isinstance(text, str) and ":" in text[:64] and text[:5].lower() != "data:"


async def decoded(name: str, text: str) -> bytes:
    """The bytes of a data URI or of base64.

    Raises:
        InvalidInput, PayloadTooLarge: it is neither, or more than any picture may have.
    """
    begun = _DATA.match(text)
    if begun is None and text[:5].lower() == "data:":
        raise InvalidInput(f"{name} {shown(text)} is not valid: write data:image/png;base64, and then the base64")
    digits = text[begun.end() :] if begun else text
    if len(digits) * 3 // 4 > INPUT_BYTES_MAX + 3:
        raise PayloadTooLarge(f"{name} is over {INPUT_BYTES_MAX // 1_000_000} MB; send a smaller picture, or its URL")
    try:
        return await asyncio.to_thread(_bytes, digits)
    except (binascii.Error, ValueError) as exc:
        raise InvalidInput(f"{name} {shown(text)} is not valid: {_WAY}") from exc


def _bytes(digits: str) -> bytes:
    """Base64 as programs write it: in lines or not, with its padding or without."""
    plain = "".join(digits.split()).rstrip("=")
    found = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    if not found:
        raise ValueError("nothing")
    return found
