"""The way in for foreign pictures: hostile bytes go to a child, clean bytes come back."""

from __future__ import annotations

from cavendish.children import pool
from cavendish.errors import CavendishError
from cavendish.imaging import sniff
from cavendish.models import InputImage

MODULE = "cavendish.imaging.decode"
PROCESSES = 2  # children at once: 40 MP take up to 0.9 GB each while they are decoded
IDLE_SECONDS = 60.0  # a child costs 30 MB idle and 0.15 s to start
CALLS_MAX = 200  # decodes before a child is replaced: heap damage by one picture does not live long
TIMEOUT_SECONDS = 10.0  # wall clock: twice the processor time, for a busy machine
CPU_SECONDS = 5  # 40 MP take up to 3.5 s; pixel limits alone do not stop a small JPEG with thousands of scans
MEMORY_BYTES = 1024**3  # address space: 40 MP as WebP with transparency need 0.95 GB
INPUT_BYTES_MAX = 20 * 1000 * 1000  # what large engines take; a 40 MP photograph has about 15 MB
PIXELS_MAX = 40_000_000  # over twice our own 4K; phones send 12 or 24 by default
SIDE_MAX = 12_288  # pixels: our own 8:1 at 4K; longer strips are bombs more often than panoramas


class ImageRefused(CavendishError):
    """The bytes are no picture that can be read here. `reason` is a sentence for the caller, without internals."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Decoder:
    """Decodes foreign pictures in child processes. Safe to call concurrently from one event loop.

    Args:
        processes: Children at once.
        idle_seconds: A child without work ends after this long.
        timeout_seconds: Wall clock for one picture, waiting for a child not counted.
        cpu_seconds: Processor time for one picture.
        memory_bytes: Address space of a child.
        input_bytes_max: Encoded size of one picture.
        pixels_max: Width times height.
        side_max: Pixels of the longer side.
    """

    def __init__(
        self,
        *,
        processes: int = PROCESSES,
        idle_seconds: float = IDLE_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        cpu_seconds: int = CPU_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        input_bytes_max: int = INPUT_BYTES_MAX,
        pixels_max: int = PIXELS_MAX,
        side_max: int = SIDE_MAX,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._input_bytes_max = input_bytes_max
        self._arguments = {"pixels_max": pixels_max, "side_max": side_max}
        self._pool = pool.ChildPool(
            MODULE,
            processes=processes,
            idle_seconds=idle_seconds,
            memory_bytes=memory_bytes,
            cpu_seconds=cpu_seconds,
            calls_max=CALLS_MAX,
        )

    async def decode(self, data: bytes, *, pixels_kept: int | None = None) -> InputImage:
        """The picture as clean PNG or JPEG: first frame, upright, sRGB, no metadata.

        Args:
            pixels_kept: A picture with more is made smaller; None: it keeps its size.

        Raises:
            ImageRefused: not a picture of an allowed type, damaged, or too large in bytes, pixels or effort.
        """
        if len(data) > self._input_bytes_max:
            raise ImageRefused(f"The file is too large; at most {self._input_bytes_max // 1_000_000} MB are allowed.")
        source = sniff.input_type(data)
        if source is None:
            raise ImageRefused("Only PNG, JPEG, WebP, GIF and AVIF pictures can be read.")
        try:
            return await self._decode(data, source, pixels_kept)
        except pool.ChildRefused as exc:
            raise ImageRefused(str(exc)) from exc
        except pool.ChildTimedOut as exc:
            raise ImageRefused("The picture takes too long to decode.") from exc
        except pool.ChildDied as exc:
            raise ImageRefused("The picture cannot be decoded within the limits.") from exc

    async def close(self) -> None:
        """End the children; calls under way are refused."""
        await self._pool.close()

    async def _decode(self, data: bytes, media_type: sniff.InputType, pixels_kept: int | None) -> InputImage:
        arguments = {**self._arguments, "media_type": media_type, "pixels_kept": pixels_kept}
        _, blobs = await self._pool.call("decode", arguments, [data], timeout_seconds=self._timeout_seconds)
        # Other bytes, from a child that has seen the hostile picture: its word for them is not taken.
        header = sniff.sniff(blobs[0]) if len(blobs) == 1 else None
        if header is None or header.media_type not in ("image/png", "image/jpeg"):
            raise pool.ChildDied("the child sent something other than one PNG or JPEG")
        return InputImage(blobs[0], header.media_type, header.width, header.height)
