"""What a foreign picture says of itself, found out in a child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cavendish.children import pool
from cavendish.imaging import decoder, sniff
from cavendish.imaging.decoder import ImageRefused

MODULE = "cavendish.marks.examine"
PROCESSES = 1  # at once: who looks waits, and never takes a processor from who draws
IDLE_SECONDS = 60.0
TIMEOUT_SECONDS = 20.0
CPU_SECONDS = 15  # 40 MP take up to 4 s to decode, and the watermark is looked for in a smaller copy
CALLS_MAX = 200
MEMORY_BYTES = 1536 * 1024**2
KEYS_MAX = 4  # that a watermark is looked for with, newest first: each takes its time


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the newest claim of a C2PA manifest says. Words of others, each on one line.

    Attributes:
        state: valid, invalid or trusted.
        issuer: Whose certificate signed it.
        agent, model: What drew it.
        when: Of the making, RFC 3339 as a rule.
        source_type: IPTC's term, without its address.
        earlier: Who signed the pictures that it was made from.
    """

    state: str
    issuer: str = ""
    generator: str = ""
    agent: str = ""
    model: str = ""
    when: str = ""
    action: str = ""
    source_type: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a picture.

    Attributes:
        watermark: What its pixels carry by one of the keys, and how sure that is, 0 to 1; None: nothing was found.
        fingerprint: Its perceptual hash; None: it is too plain.
        source_type_told: XMP says how it came about.
    """

    manifest: Manifest | None
    watermark: tuple[int, float] | None
    fingerprint: int | None
    source_type_told: bool


class Examiner:
    """Looks at foreign pictures in a child process. Safe to call concurrently from one event loop."""

    def __init__(self) -> None:
        self._pool = pool.ChildPool(
            MODULE,
            processes=PROCESSES,
            idle_seconds=IDLE_SECONDS,
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=CPU_SECONDS,
            calls_max=CALLS_MAX,
        )

    async def examine(self, data: bytes, keys: Sequence[bytes]) -> Examined:
        """What is found in PNG, JPEG, WebP, GIF, AVIF or HEIC.

        Args:
            keys: That may have hidden a watermark; the first `KEYS_MAX` are tried.

        Raises:
            ImageRefused: not a picture of an allowed type, damaged, or too large in bytes, pixels or effort.
        """
        if len(data) > decoder.INPUT_BYTES_MAX:
            limit = decoder.INPUT_BYTES_MAX // 1_000_000
            raise ImageRefused(f"The file is too large; at most {limit} MB are allowed.")
        source = sniff.input_type(data)
        if source is None:
            raise ImageRefused("Only PNG, JPEG, WebP, GIF and AVIF pictures can be read.")
        arguments = {
            "media_type": source,
            "pixels_max": decoder.PIXELS_MAX,
            "side_max": decoder.SIDE_MAX,
            "keys": [key.hex() for key in keys[:KEYS_MAX]],
        }
        try:
            told, _ = await self._pool.call("examine", arguments, [data], timeout_seconds=TIMEOUT_SECONDS)
        except pool.ChildRefused as exc:
            raise ImageRefused(str(exc)) from exc
        except pool.ChildError as exc:
            raise ImageRefused("The picture cannot be looked at within the limits.") from exc
        return _examined(told)

    async def close(self) -> None:
        """End the child; calls under way are refused."""
        await self._pool.close()


def _examined(told: dict[str, Any]) -> Examined:
    manifest, mark, fingerprint = told["manifest"], told["watermark"], told["fingerprint"]
    return Examined(
        manifest=None if manifest is None else _manifest(manifest),
        watermark=None if mark is None else (int(mark["payload"], 16), float(mark["confidence"])),
        fingerprint=None if fingerprint is None else int(fingerprint),
        source_type_told=bool(told["xmp"]),
    )


def _manifest(told: dict[str, Any]) -> Manifest:
    named = ("state", "issuer", "generator", "agent", "model", "when", "action", "source_type")
    return Manifest(
        **{name: str(told.get(name, "")) for name in named}, earlier=tuple(map(str, told.get("earlier", ())))
    )
