"""A finished picture as another type of file, made in a child process: what an engine sent is nobody's word."""

from __future__ import annotations

from cavendish.children import pool
from cavendish.errors import CavendishError
from cavendish.imaging import sniff

MODULE = "cavendish.imaging.convert"
IDLE_SECONDS = 5.0  # whoever converts one picture seldom has a second
TIMEOUT_SECONDS = 60.0  # 4K as PNG takes 4 s, and a busy machine ten times that
CPU_SECONDS = 30
MEMORY_BYTES = 1024**3  # address space: 4K with transparency needs 0.4 GB
PIXELS_MAX = 60_000_000  # three times our own 4K


class NotConverted(CavendishError):
    """The picture cannot be written as this type. The message says why."""


async def convert(data: bytes, media_type: sniff.MediaType) -> bytes:
    """The picture as this type of file, with its size, its profile and what it says of itself.

    Raises:
        NotConverted: it is damaged, or cannot be read within the limits.
    """
    children = pool.ChildPool(
        MODULE,
        processes=1,
        idle_seconds=IDLE_SECONDS,
        memory_bytes=MEMORY_BYTES,
        cpu_seconds=CPU_SECONDS,
        calls_max=1,
    )
    arguments = {"media_type": media_type, "pixels_max": PIXELS_MAX}
    try:
        _, (converted,) = await children.call("convert", arguments, [data], timeout_seconds=TIMEOUT_SECONDS)
    except pool.ChildRefused as exc:
        raise NotConverted(str(exc)) from exc
    except (pool.ChildTimedOut, pool.ChildDied) as exc:
        raise NotConverted("it cannot be read within the limits") from exc
    finally:
        await children.close()
    header = sniff.whole(converted)
    if header is None or header.media_type != media_type:
        raise NotConverted("the converting process sent something else")
    return converted
