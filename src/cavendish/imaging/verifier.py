"""Proves that what an engine delivered is a picture: all of it is decoded in a child, before anybody pays for it."""

from __future__ import annotations

from cavendish.children import pool
from cavendish.errors import CavendishError
from cavendish.imaging import decoder, sniff
from cavendish.imaging.sniff import ImageHeader

PROCESSES = 2  # children at once: a 4K PNG takes half a second of one, and engines take longer to draw it
TIMEOUT_SECONDS = 60.0  # wall clock: the picture is paid for, so that a machine that is slow or busy does not lose it
CPU_SECONDS = 20  # ten times what 40 MP of PNG take
MEMORY_BYTES = 1024**3  # address space, as for the pictures of callers: of the same size, and PNG and JPEG take less
BYTES_MAX = 160_000_000  # 40 MP in four channels without any compression
PIXELS_MAX = decoder.PIXELS_MAX
SIDE_MAX = 16_384  # pixels; WebP ends here, our own longest side is 12,288


class NotAPicture(CavendishError):
    """The bytes are no whole PNG, JPEG or WebP within the limits. The message is for logs."""


class Verifier:
    """Decodes results in child processes of its own, so that they do not wait behind callers' pictures. Safe to call
    concurrently from one event loop."""

    def __init__(
        self, *, timeout_seconds: float = TIMEOUT_SECONDS, cpu_seconds: int = CPU_SECONDS, bytes_max: int = BYTES_MAX
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._bytes_max = bytes_max
        self._pool = pool.ChildPool(
            decoder.MODULE,
            processes=PROCESSES,
            idle_seconds=decoder.IDLE_SECONDS,
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=cpu_seconds,
            calls_max=decoder.CALLS_MAX,
        )

    async def verify(self, data: bytes) -> ImageHeader:
        """The picture's type and size, once all of its pixels were there.

        Raises:
            NotAPicture: they were not.
            OSError: no child could be started.
        """
        header = sniff.sniff(data)
        if header is None:
            raise NotAPicture("not a PNG, JPEG or WebP")
        if len(data) > self._bytes_max:
            raise NotAPicture(f"{len(data)} bytes")
        try:
            await self._decoded(data, header)
        except pool.ChildError as exc:
            raise NotAPicture(str(exc)) from exc
        return header

    async def close(self) -> None:
        """End the children; calls under way fail."""
        await self._pool.close()

    async def _decoded(self, data: bytes, header: ImageHeader) -> None:
        try:
            size = await self._size(data, header)
        except (pool.ChildDied, pool.ChildTimedOut):
            # It may have died of the machine's trouble: the engine is blamed for what ends two of them.
            size = await self._size(data, header)
        if size != (header.width, header.height):
            raise pool.ChildDied("the pixels are of another size than the header says")

    async def _size(self, data: bytes, header: ImageHeader) -> tuple[object, object]:
        arguments = {"media_type": header.media_type, "pixels_max": PIXELS_MAX, "side_max": SIDE_MAX}
        result, _ = await self._pool.call("verify", arguments, [data], timeout_seconds=self._timeout_seconds)
        return result.get("width"), result.get("height")
