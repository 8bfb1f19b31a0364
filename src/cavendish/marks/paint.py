"""Child side of `marker`: a finished picture's pixels marked, XMP put beside them, smaller copies made.

A file is encoded anew only for a mark in its pixels, and then as it was: by the tables of its JPEG, without loss where
there was none.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin

from cavendish.children import main
from cavendish.children.main import Json, Progress, Refused, Reply
from cavendish.imaging import decode
from cavendish.marks import container, png

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_WEBP_QUALITY = 92  # of a lossy one whose own nobody tells
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
        arguments: `media_type` and `pixels_max`; `quality` that the file was made with, None: its own; `watermark` with
            `payload` and `key` in hex, or None.

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
            marked = _marked(data, image, arguments, packet)
        copies = _copies(marked.image, arguments["widths"], packet)
    except decode.DAMAGE as exc:
        raise Refused(decode.DAMAGED) from exc
    told = {"fingerprint": _fingerprint(marked.image), "widths": list(copies), "left": list(marked.left)}
    return told, [marked.data, *copies.values()]


def _marked(data: bytes, image: Image.Image, arguments: Json, packet: bytes) -> _Marked:
    if arguments["watermark"]:
        from cavendish.marks import watermark

        payload, key = int(arguments["watermark"]["payload"], 16), bytes.fromhex(arguments["watermark"]["key"])
        try:
            pixels = watermark.embed(np.asarray(_plain(image)), payload, key)
        except watermark.DoesNotFit:
            said = _with_xmp(data, image, arguments["media_type"], packet)
            return _Marked(said.data, image, (*said.left, "watermark"))
        return _Marked(_encoded(pixels, image, data, arguments, packet), Image.fromarray(pixels))
    return _with_xmp(data, image, arguments["media_type"], packet)


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


def _encoded(pixels: np.ndarray, image: Image.Image, data: bytes, arguments: Json, packet: bytes) -> bytes:
    """These pixels as a file of the same type, with what the file said beside them."""
    kind, file = _FORMATS[arguments["media_type"]], io.BytesIO()
    exif = image.getexif().tobytes() if image.getexif() else b""
    profile = image.info.get("icc_profile") if image.mode not in ("CMYK", "L") else None  # of colours that were others
    packet = packet or container.xmp(data, arguments["media_type"]) or b""
    if kind == "PNG":
        written = png.written(pixels, profile=profile, exif=exif)
        return container.with_xmp(written, arguments["media_type"], packet) if packet else written
    said = {name: value for name, value in (("exif", exif), ("icc_profile", profile), ("xmp", packet)) if value}
    Image.fromarray(pixels).save(file, kind, **_as_it_was(kind, image, data, arguments["quality"]), **said)
    return file.getvalue()


def _as_it_was(kind: str, image: Image.Image, data: bytes, quality: int | None) -> dict[str, Any]:
    """How the encoder comes closest to the file's own way."""
    if kind == "WEBP":
        return {"lossless": True, "quality": 50} if b"VP8L" in data[:64] else {"quality": quality or _WEBP_QUALITY}
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode != "RGB":
        return {"quality": quality or 92, "subsampling": 0}
    return {"qtables": image.quantization, "subsampling": max(JpegImagePlugin.get_sampling(image), 0)}


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
            source.save(file, "WEBP", quality=_COPY_QUALITY, method=1, **said)
            copies[width] = file.getvalue()
    return copies


def _fingerprint(image: Image.Image) -> str | None:
    from cavendish.marks import fingerprint

    found = fingerprint.of(image)
    return None if found is None else str(found)


OPERATIONS = {"paint": paint}

if __name__ == "__main__":
    main.serve(OPERATIONS)
