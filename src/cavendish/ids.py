"""Identifiers: generation ids, task ids, file names and API keys. All are random; none can be guessed from another."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
import zlib

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY_PREFIX = "cav_live_"
KEY_BODY_CHARACTERS = 40  # 238 bits
KEY_CHECK_CHARACTERS = 6  # 62**6 > 2**32: holds a CRC-32
KEY_PATTERN = re.compile(rf"{KEY_PREFIX}[0-9A-Za-z]{{{KEY_BODY_CHARACTERS + KEY_CHECK_CHARACTERS}}}")
GENERATION_PATTERN = re.compile(r"[0-9a-f]{32}")
# The one table of what a picture's file is called by its type.
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
IMAGE_NAME_PATTERN = re.compile(rf"[0-9a-f]{{32}}-[0-9]{{1,9}}\.(?:{'|'.join(EXTENSIONS.values())})")
COPY_WIDTHS = (320, 1024)  # a tile, and a stage
STORED_NAME_PATTERN = re.compile(rf"{IMAGE_NAME_PATTERN.pattern}(?:\.(?:{'|'.join(map(str, COPY_WIDTHS))})\.webp)?")
_MEDIA_TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}


def new_generation_id() -> uuid.UUID:
    """A random 128-bit value, shown as 32 hex digits."""
    return uuid.UUID(bytes=secrets.token_bytes(16))


def parse_generation_id(text: str) -> uuid.UUID | None:
    """The id behind 32 lower-case hex digits, or None for anything else."""
    return uuid.UUID(hex=text) if GENERATION_PATTERN.fullmatch(text) else None


def new_task_id() -> str:
    return f"task-{secrets.token_hex(12)}"


def new_image_name(*, fence: int, media_type: str) -> str:
    """A file name that nothing else reveals; the fence says which attempt wrote it."""
    return image_name(secrets.token_hex(16), fence=fence, media_type=media_type)


def image_name(stem: str, *, fence: int, media_type: str) -> str:
    """The name of a generation's picture: `stem` is its own, 32 random hex digits."""
    return f"{stem}-{fence}.{EXTENSIONS[media_type]}"


def copy_name(name: str, width: int) -> str:
    """What a smaller copy of this picture is called."""
    return f"{name}.{width}.webp"


def original(name: str) -> str:
    """The picture that this is a copy of, or that it is itself."""
    return ".".join(name.split(".")[:2])


def image_media_type(name: str) -> str:
    """The type that a name of `IMAGE_NAME_PATTERN` was given for."""
    return _MEDIA_TYPES[name.rpartition(".")[2]]


def new_request_id() -> str:
    return secrets.token_hex(8)


def new_key_id() -> str:
    return f"key_{_random_base62(12)}"


def new_api_key() -> str:
    """`cav_live_`, 40 random base62 characters, and 6 of their CRC-32: a typing error is seen without the database."""
    body = _random_base62(KEY_BODY_CHARACTERS)
    return KEY_PREFIX + body + _checksum(body)


def is_well_formed_key(key: str) -> bool:
    """Whether prefix, length and checksum fit; says nothing about whether the key exists."""
    if not KEY_PATTERN.fullmatch(key):
        return False
    return key[-KEY_CHECK_CHARACTERS:] == _checksum(key[len(KEY_PREFIX) : -KEY_CHECK_CHARACTERS])


def key_digest(key: str) -> bytes:
    """The only form in which a key is stored: 238 random bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def key_hint(key: str) -> str:
    """What may be shown after creation: prefix and last four characters."""
    return f"{key[: len(KEY_PREFIX) + 2]}…{key[-4:]}"


def _random_base62(characters: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(characters))


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(KEY_CHECK_CHARACTERS):
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits
