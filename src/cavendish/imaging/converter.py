"""A finished picture as another type of file, in another size or with a label, made in a child process: what an engine
sent is nobody's word."""

from __future__ import annotations

from cavendish.children import pool
from cavendish.children.main import Json
from cavendish.errors import CavendishError
from cavendish.imaging import sniff
from cavendish.imaging.sniff import ImageHeader

MODULE = "cavendish.imaging.convert"
PROCESSES = 2  # children at once: 4K takes 0.4 GB of each, and drawing it takes longer
IDLE_SECONDS = 60.0  # most services convert either nothing or everything
TIMEOUT_SECONDS = 60.0  # 4K as PNG takes 4 s, and a busy machine ten times that
CPU_SECONDS = 30
CALLS_MAX = 200  # heap damage by one picture does not live long
MEMORY_BYTES = 1024**3  # address space: 4K with transparency needs 0.4 GB
PIXELS_MAX = 60_000_000  # three times our own 4K


class NotConverted(CavendishError):
    """The picture cannot be written as this type. The message says why."""


class Converter:
    """Converts in child processes. Safe to call concurrently from one event loop; the caller closes it."""

    def __init__(self, *, processes: int = PROCESSES) -> None:
        self._pool = pool.ChildPool(
            MODULE,
            processes=processes,
            idle_seconds=IDLE_SECONDS,
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=CPU_SECONDS,
            calls_max=CALLS_MAX,
        )

    async def convert(
        self,
        data: bytes,
        media_type: sniff.MediaType,
        *,
        quality: int | None = None,
        size: tuple[int, int] | None = None,
        mismatch: str = "pad",
        crop_max: float = 0.0,
        label: str | None = None,
    ) -> tuple[bytes, ImageHeader]:
        """The picture as this type of file, with its profile and what it says of itself.

        Args:
            quality: 1 to 100, for JPEG and WebP; None: one at which nobody sees a difference.
            size: Exactly so many pixels in place of its own.
            mismatch, crop_max: What becomes of a picture of another shape, as in `exact.sized`.
            label: The mark that is drawn on it; None: none.

        Raises:
            NotConverted: it is damaged, or cannot be read within the limits.
            OSError: no child could be started.
        """
        arguments: Json = {"media_type": media_type, "pixels_max": PIXELS_MAX, "quality": quality, "label": label}
        if size is not None:
            arguments |= {"width": size[0], "height": size[1], "mismatch": mismatch, "crop_max": crop_max}
        try:
            _, (converted,) = await self._pool.call("convert", arguments, [data], timeout_seconds=TIMEOUT_SECONDS)
        except pool.ChildRefused as exc:
            raise NotConverted(str(exc)) from exc
        except (pool.ChildTimedOut, pool.ChildDied) as exc:
            raise NotConverted("it cannot be read within the limits") from exc
        header = sniff.whole(converted)
        right = header is not None and header.media_type == media_type
        if header is None or not right or (size is not None and (header.width, header.height) != size):
            raise NotConverted("the converting process sent something else")
        return converted, header

    async def close(self) -> None:
        """End the children; calls under way fail."""
        await self._pool.close()


async def convert(data: bytes, media_type: sniff.MediaType) -> bytes:
    """One picture as this type of file, by a child of its own. Raises as `Converter.convert`."""
    converter = Converter(processes=1)
    try:
        converted, _ = await converter.convert(data, media_type)
        return converted
    finally:
        await converter.close()
