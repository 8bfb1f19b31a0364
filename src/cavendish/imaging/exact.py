"""Child side: a picture brought to an exact size, its shape kept. Cut, where little is off; else as it is told."""

from __future__ import annotations

from typing import Literal

from PIL import Image, ImageFilter, ImageOps

Mismatch = Literal["pad", "crop"]

_BLUR = 1 / 24  # of the longer side: no form of the picture is left to be taken for a second one
_BACKGROUND_SIDE = 256  # pixels: blurred as it is, more would be the same
_SHADE = 0.9  # so that the picture's edge is told from what continues it


def sized(image: Image.Image, width: int, height: int, *, mismatch: Mismatch, crop_max: float) -> Image.Image:
    """The picture upright, in exactly so many pixels.

    Args:
        crop_max: Of a side: what is cut whatever `mismatch` says.
        mismatch: With more than that: `crop` cuts it, `pad` shows all of the picture on a blurred continuation of it,
            or on nothing where it is transparent.
    """
    image = _resizable(ImageOps.exif_transpose(image))
    share = min(width / image.width, height / image.height) / max(width / image.width, height / image.height)
    if mismatch == "crop" or 1 - share <= crop_max:
        return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    inside = ImageOps.contain(image, (width, height), Image.Resampling.LANCZOS)
    sheet = _background(image, width, height)
    sheet.paste(inside, ((width - inside.width) // 2, (height - inside.height) // 2))
    return sheet


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode whose values can be mixed: neither a palette's numbers nor single bits can."""
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _background(image: Image.Image, width: int, height: int) -> Image.Image:
    if image.mode in ("RGBA", "LA"):
        return Image.new(image.mode, (width, height), 0)
    small = ImageOps.contain(Image.new("L", (width, height)), (_BACKGROUND_SIDE, _BACKGROUND_SIDE)).size
    cover = ImageOps.fit(image, small, Image.Resampling.BOX)
    if image.mode in ("RGB", "L"):
        blurred = cover.filter(ImageFilter.GaussianBlur(_BLUR * _BACKGROUND_SIDE))
        cover = blurred.point(lambda value: value * _SHADE)
    return cover.resize((width, height), Image.Resampling.BICUBIC)
