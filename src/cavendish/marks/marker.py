"""Marks put on a finished picture, in child processes: what an engine sent is nobody's word, and the key is nobody's
who decodes it.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cavendish import ids
from cavendish.children import pool
from cavendish.errors import CavendishError
from cavendish.imaging import sniff
from cavendish.marks import container, manifest, xmp
from cavendish.marks.origin import Origin
from cavendish.marks.signing import SigningKey
from cavendish.models import Credentials, InputImage

PAINT, SIGN = "cavendish.marks.paint", "cavendish.marks.sign"
PROCESSES = 2  # children at once: 4K takes half a second of one, and drawing it takes longer
IDLE_SECONDS = 60.0
TIMEOUT_SECONDS = 60.0  # wall clock: the picture is paid for, so that a machine that is slow or busy does not lose it
CPU_SECONDS = 20  # 4K takes 3 s
CALLS_MAX = 500  # heap damage by one picture does not live long
MEMORY_BYTES = 1536 * 1024**2  # address space: 4K with transparency takes 0.6 GB
PIXELS_MAX = 60_000_000  # three times our own 4K
CREDENTIALS_BYTES_MAX = 512 * 1024  # of one input image, twice: a manifest has 10 to 60 kB, with those before it


class NotMarked(CavendishError):
    """The picture cannot be marked. The message says why, for logs."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which marks a picture is to have.

    Attributes:
        identity: What signs its manifest; None: it has none.
        watermark: What its pixels carry, and the key that hides it; None: none.
        ingredients: What is known of each input image.
        quality: That the file was encoded with, where it was here; None: nobody knows.
        widths: Of the smaller copies.
    """

    origin: Origin
    xmp: bool = True
    watermark: tuple[int, bytes] | None = None
    identity: SigningKey | None = None
    ingredients: Sequence[Credentials | None] = ()
    quality: int | None = None
    widths: Sequence[int] = ids.COPY_WIDTHS


@dataclass(frozen=True, slots=True)
class Marked:
    """A picture as it is delivered.

    Attributes:
        copies: Smaller ones as WebP, by width.
        watermark: What its pixels carry; None: nothing.
        fingerprint: Its perceptual hash, None for one that is too plain.
        left: Marks that were wanted, and do not fit it.
    """

    picture: InputImage
    copies: dict[int, bytes]
    watermark: int | None
    fingerprint: int | None
    left: tuple[str, ...]


def signs() -> bool:
    """Whether manifests can be signed here: the library has no wheel for some platforms."""
    return importlib.util.find_spec("c2pa") is not None


class Marker:
    """Marks in child processes. Safe to call concurrently from one event loop; the caller closes it."""

    def __init__(self, *, processes: int = PROCESSES) -> None:
        self._painters = _pool(PAINT, processes)
        self._signers = _pool(SIGN, processes)

    async def mark(self, picture: InputImage, wanted: Wanted, *, engine_file: InputImage | None = None) -> Marked:
        """The same picture with its marks, of the same size and type.

        Args:
            engine_file: What the engine sent, where the picture was made of it.

        Raises:
            NotMarked: it cannot be read within the limits, or a child broke.
            OSError: no child could be started.
        """
        try:
            painted = await self._painted(picture, wanted)
            return await self._signed(painted, wanted, engine_file or picture)
        except pool.ChildError as exc:
            raise NotMarked(str(exc)) from exc
        except (KeyError, TypeError, ValueError) as exc:  # nobody's word: it has seen a foreign picture
            raise NotMarked("the marking process answered something else") from exc

    async def credentials(self, data: bytes, media_type: str) -> Credentials | None:
        """What an input image says of itself, as its bytes came; None where it has no manifest that can be read.

        Raises:
            OSError: no child could be started.
        """
        if not container.may_have_manifest(data) or not signs():
            return None
        arguments = {"media_type": media_type}
        try:
            told, archives = await self._signers.call("ingredient", arguments, [data], timeout_seconds=TIMEOUT_SECONDS)
        except pool.ChildError:
            return None
        if len(archives) != 2 or sum(map(len, archives)) > CREDENTIALS_BYTES_MAX:
            return None
        return Credentials(str(told["label"]), *map(bytes, archives))

    async def close(self) -> None:
        """End the children; calls under way fail."""
        await asyncio.gather(self._painters.close(), self._signers.close())

    async def _painted(self, picture: InputImage, wanted: Wanted) -> Marked:
        said = container.xmp(picture.data, picture.media_type)
        packet = xmp.packet(wanted.origin, said) if wanted.xmp else b""
        payload, key = wanted.watermark or (0, b"")
        arguments = {
            "media_type": picture.media_type,
            "pixels_max": PIXELS_MAX,
            "quality": wanted.quality,
            "watermark": {"payload": f"{payload:x}", "key": key.hex()} if wanted.watermark else None,
            "widths": list(wanted.widths),
        }
        told, blobs = await self._painters.call(
            "paint", arguments, [picture.data, packet], timeout_seconds=TIMEOUT_SECONDS
        )
        data, *copies = map(bytes, blobs)
        left = tuple(map(str, told["left"]))
        return Marked(
            _checked(data, picture),
            dict(zip(map(int, told["widths"]), copies, strict=True)),
            watermark=payload if wanted.watermark and "watermark" not in left else None,
            fingerprint=None if told["fingerprint"] is None else int(told["fingerprint"]),
            left=left,
        )

    async def _signed(self, marked: Marked, wanted: Wanted, engine_file: InputImage) -> Marked:
        if wanted.identity is None:
            return marked
        opened = container.may_have_manifest(engine_file.data)
        known = list(wanted.ingredients)
        definition = manifest.definition(
            wanted.origin,
            engine_file=opened,
            inputs=[one.label if one else None for one in known],
            watermark=None if marked.watermark is None else f"{marked.watermark:x}",
        )
        arguments = {
            "media_type": marked.picture.media_type,
            "engine_type": engine_file.media_type if opened else None,
            "algorithm": wanted.identity.algorithm,
            "manifest": definition,
        }
        blobs = [marked.picture.data, wanted.identity.chain, wanted.identity.key]
        blobs += [engine_file.data] * opened + _archives(known, engine_opened=opened)
        try:
            _, (data,) = await self._signers.call("sign", arguments, blobs, timeout_seconds=TIMEOUT_SECONDS)
        except pool.ChildRefused:
            return replace(marked, left=(*marked.left, "c2pa"))
        return replace(marked, picture=_checked(bytes(data), marked.picture))


def _archives(known: Sequence[Credentials | None], *, engine_opened: bool) -> list[bytes]:
    """Of each input image that has one: the first is opened, unless the engine's own file is."""
    archives: dict[str, bytes] = {}
    for index, one in enumerate(known):
        if one is not None:
            opens = index == 0 and not engine_opened
            archives.setdefault(one.label, one.as_opened if opens else one.as_taken)
    return list(archives.values())


def _checked(data: bytes, picture: InputImage) -> InputImage:
    """Other bytes, from a child that has seen a foreign picture: its word for them is not taken."""
    header = sniff.whole(data)
    if header is None or (header.media_type, header.width, header.height) != (
        picture.media_type,
        picture.width,
        picture.height,
    ):
        raise pool.ChildDied("the marking process sent something else")
    return replace(picture, data=data)


def _pool(module: str, processes: int) -> pool.ChildPool:
    return pool.ChildPool(
        module,
        processes=processes,
        idle_seconds=IDLE_SECONDS,
        memory_bytes=MEMORY_BYTES,
        cpu_seconds=CPU_SECONDS,
        calls_max=CALLS_MAX,
    )
