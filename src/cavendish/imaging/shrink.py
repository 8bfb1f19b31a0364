"""Make a clean picture small enough for an engine that takes so many bytes. It was decoded once already."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from cavendish.models import InputImage

_QUALITIES = (92, 85, 75)
_STEP = 0.75  # of each side, when no quality is enough
_STEPS_MAX = 12  # 0.75**12 of a side is 3 %: a 40 MP picture has 38,000 pixels then


def share(sizes: Sequence[int], *, bytes_max: int) -> int:
    """What each picture may have so that all together fit: those that need less leave the rest to the others."""
    left = bytes_max
    for position, size in enumerate(sorted(sizes)):
        even = left // (len(sizes) - position)
        if size > even:
            return even
        left -= size
    return bytes_max


def fitting(image: InputImage, *, bytes_max: int) -> InputImage:
    """The same picture if it fits, else as JPEG on white: of lower quality first, then smaller.

    Raises:
        ValueError: not even a thumbnail fits.
    """
    if len(image.data) <= bytes_max:
        return image
    with Image.open(io.BytesIO(image.data)) as opened:
        picture = _on_white(opened)
    for _ in range(_STEPS_MAX):
        for quality in _QUALITIES:
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=quality)
            if file.tell() <= bytes_max:
                return InputImage(file.getvalue(), "image/jpeg", picture.width, picture.height)
        size = (max(1, round(picture.width * _STEP)), max(1, round(picture.height * _STEP)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    raise ValueError(f"no picture fits into {bytes_max} bytes")


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
