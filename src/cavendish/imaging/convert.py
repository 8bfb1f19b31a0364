"""Child side of `converter`: the same picture as another type of file, in another size or with a label, and with what
it says of itself.

Kept: all pixels of the first frame, EXIF, colour profile, and XMP, in which engines say what drew it. What a type
cannot hold goes: JPEG has no transparency, which becomes white, and none but PNG has more than 8 bits a channel.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import ExifTags, Image, ImageOps, PngImagePlugin

from cavendish.children import main
from cavendish.children.main import Json, Progress, Refused, Reply
from cavendish.imaging import decode, exact, label, sniff

# Nobody sees a difference to the original beside it, at a tenth of a PNG's bytes. Source: both encoders' own advice.
JPEG_QUALITY = 92
WEBP_QUALITY = 90
_XMP_KEYWORD = "XML:com.adobe.xmp"  # PNG 3rd edition, section 11.3.3.4
_FORMATS: dict[sniff.MediaType, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": JPEG_QUALITY, "subsampling": 0},
    "PNG": {},
    "WEBP": {"quality": WEBP_QUALITY},
}


def convert(arguments: Json, blobs: list[bytes], progress: Progress) -> Reply:
    """One blob in, one blob out; `media_type` of the result and `pixels_max` in the arguments.

    Where `width` and `height` are there too, exactly so many pixels, by `mismatch` and `crop_max` as `exact.sized` has
    them; `quality`, in place of the encoder's own; and with `label` that mark on it.

    Raises:
        Refused: the picture is damaged.
    """
    (data,) = blobs
    Image.MAX_IMAGE_PIXELS = arguments["pixels_max"]
    kind = _FORMATS[arguments["media_type"]]
    file = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS.values())) as opened:
            image, told = _redrawn(opened, arguments), _told(opened, kind)
            told = told if image is opened else _upright(told)
            _fitting(image, kind).save(file, kind, **_options(kind, arguments.get("quality")), **told)
    except decode.DAMAGE as exc:
        raise Refused(decode.DAMAGED) from exc
    return {}, [file.getvalue()]


def _options(kind: str, quality: int | None) -> dict[str, Any]:
    return {**_OPTIONS[kind], "quality": quality} if quality and "quality" in _OPTIONS[kind] else _OPTIONS[kind]


def _redrawn(image: Image.Image, arguments: Json) -> Image.Image:
    """Upright, in its size, and then labelled, for the mark is as large as that asks for; itself where nothing is."""
    if arguments.get("width"):
        size = arguments["width"], arguments["height"]
        image = exact.sized(image, *size, mismatch=arguments["mismatch"], crop_max=arguments["crop_max"])
    elif arguments.get("label"):
        image = ImageOps.exif_transpose(image)
    return label.drawn(image) if arguments.get("label") else image


def _upright(told: dict[str, Any]) -> dict[str, Any]:
    """Without the turn that EXIF asks for: the pixels have made it."""
    if "exif" not in told:
        return told
    exif = Image.Exif()
    exif.load(told["exif"])
    exif.pop(ExifTags.Base.Orientation, None)
    return {**told, "exif": exif.tobytes()}


def _told(image: Image.Image, kind: str) -> dict[str, Any]:
    """What the file says beside its pixels, as its writer takes it."""
    xmp, exif, profile = image.info.get("xmp"), image.getexif(), image.info.get("icc_profile")
    told: dict[str, Any] = {"exif": exif.tobytes()} if exif else {}
    if profile and image.mode != "CMYK":  # whose pixels become others
        told["icc_profile"] = profile
    if xmp and kind == "PNG":
        told["pnginfo"] = PngImagePlugin.PngInfo()
        told["pnginfo"].add_itxt(_XMP_KEYWORD, xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else xmp)
    elif xmp:
        told["xmp"] = xmp if isinstance(xmp, bytes) else xmp.encode()
    return told


def _fitting(image: Image.Image, kind: str) -> Image.Image:
    """The picture in a mode that this type can hold."""
    if kind == "PNG" and image.mode != "CMYK":
        return image
    plain = decode.without_depth(image)
    if not plain.has_transparency_data:
        return plain if plain.mode in ("RGB", "L") and kind == "JPEG" else plain.convert("RGB")
    return decode.on_white(plain.convert("RGBA")) if kind == "JPEG" else plain.convert("RGBA")


OPERATIONS = {"convert": convert}

if __name__ == "__main__":
    main.serve(OPERATIONS)
