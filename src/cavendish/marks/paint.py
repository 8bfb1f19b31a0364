"""Child side of `marker`: XMP put into a finished picture's file, smaller copies and a fingerprint made of its pixels.

No file is encoded anew.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from cavendish.children import main
from cavendish.children.main import Json, Progress, Refused, Reply
from cavendish.imaging import decode
from cavendish.marks import container

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_COPY_QUALITY = 80  # of the smaller ones: they are looked at, and not kept


@dataclass(frozen=True, slots=True)
class _Marked:
    """Encoded, and decoded; `left` out are marks that do not fit."""

    data: bytes
    image: Image.Image
    left: tuple[str, ...] = ()


def paint(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """A file and its XMP in, which may be empty; the marked file out, and a WebP of each of `widths` that is smaller.

    Args:
        arguments: `media_type` and `pixels_max`.

    Returns:
        `fingerprint` in decimal or None, `widths` of the copies, and what was `left` out for it does not fit.

    Raises:
        Refused: the picture is damaged.
    """
    data, packet = blobs
    Image.MAX_IMAGE_PIXELS = arguments["pixels_max"]
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS.values())) as image:
            image.load()
            marked = _with_xmp(data, image, arguments["media_type"], packet)
        copies = _copies(marked.image, arguments["widths"], packet)
    except decode.DAMAGE as exc:
        raise Refused(decode.DAMAGED) from exc
    told = {"fingerprint": _fingerprint(marked.image), "widths": list(copies), "left": list(marked.left)}
    return told, [marked.data, *copies.values()]


def _with_xmp(data: bytes, image: Image.Image, media_type: str, packet: bytes) -> _Marked:
    if not packet:
        return _Marked(data, image)
    try:
        return _Marked(container.with_xmp(data, media_type, packet), image)
    except container.DoesNotFit:
        return _Marked(data, image, ("xmp",))


def _plain(image: Image.Image) -> Image.Image:
    """In 8 bits, in colours or with transparency: a palette cannot hold a mark."""
    plain = decode.without_depth(image)
    return plain.convert("RGBA" if plain.has_transparency_data else "RGB")


def _copies(image: Image.Image, widths: list[int], packet: bytes) -> dict[int, bytes]:
    """From the largest on, each out of the one before."""
    copies: dict[int, bytes] = {}
    source = _plain(image)
    for width in sorted(widths, reverse=True):
        if width < image.width:
            height = max(1, round(image.height * width / image.width))
            source = source.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
            file = io.BytesIO()
            said = {"xmp": packet} if packet else {}
            source.save(file, "WEBP", quality=_COPY_QUALITY, method=2, **said)
            copies[width] = file.getvalue()
    return copies


def _fingerprint(image: Image.Image) -> str | None:
    from cavendish.marks import fingerprint

    found = fingerprint.of(image)
    return None if found is None else str(found)


OPERATIONS = {"paint": paint}

if __name__ == "__main__":
    main.serve(OPERATIONS)
