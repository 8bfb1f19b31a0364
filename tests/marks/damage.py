"""What happens to pictures on their way. Each takes a picture and gives what became of it."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

Damage = Callable[[Image.Image], Image.Image]


def saved(image: Image.Image, *, kind: str, quality: int) -> Image.Image:
    """Through a file and back."""
    file = io.BytesIO()
    image.save(file, kind, quality=quality)
    return Image.open(file).convert("RGB")


def scaled(
    image: Image.Image, *, by: float, across: float = 1, how: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    return image.resize((round(image.width * by * across), round(image.height * by)), how)


def cut(image: Image.Image, *, by: float) -> Image.Image:
    """A part of each side is gone, more of it left and below than right and above."""
    width, height = round(image.width * (1 - by)), round(image.height * (1 - by))
    left, top = round((image.width - width) * 0.63), round((image.height - height) * 0.37)
    return image.crop((left, top, left + width, top + height))


def screenshot(image: Image.Image) -> Image.Image:
    """Shown at an odd size, taken with a margin lost, and sent as JPEG."""
    shown = scaled(image, by=0.83, how=Image.Resampling.BILINEAR)
    return saved(cut(shown, by=0.06), kind="JPEG", quality=85)


def framed(image: Image.Image) -> Image.Image:
    """On a page with something around it."""
    page = Image.new("RGB", (round(image.width * 1.15), round(image.height * 1.15)), (236, 232, 224))
    page.paste(image, ((page.width - image.width) // 3, (page.height - image.height) // 2))
    return page


def noisy(image: Image.Image) -> Image.Image:
    """Grain of five steps."""
    grain = np.random.default_rng(5).normal(0, 5, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def turned(image: Image.Image, *, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC)


def chained(*steps: Damage) -> Damage:
    return lambda image: functools.reduce(lambda done, step: step(done), steps, image)


_jpeg = functools.partial(saved, kind="JPEG", quality=75)
_half = functools.partial(scaled, by=0.5)

# What the mark is made for; below it, what nobody promised.
NEEDED: dict[str, Damage] = {
    "nothing": lambda image: image,
    "JPEG 90": functools.partial(saved, kind="JPEG", quality=90),
    "JPEG 75": _jpeg,
    "JPEG 50": functools.partial(saved, kind="JPEG", quality=50),
    "WebP 80": functools.partial(saved, kind="WEBP", quality=80),
    "150 % of its size": functools.partial(scaled, by=1.5),
    "70 % of its size": functools.partial(scaled, by=0.7),
    "50 % of its size": _half,
    "35 % of its size": functools.partial(scaled, by=0.35),
    "50 % of its size, JPEG 75": chained(_half, _jpeg),
    "10 % of each side cut off": functools.partial(cut, by=0.1),
    "25 % of each side cut off": functools.partial(cut, by=0.25),
    "10 % cut off, 50 % of its size, JPEG 75": chained(functools.partial(cut, by=0.1), _half, _jpeg),
    "a screenshot: 83 %, 6 % cut off, JPEG 85": screenshot,
    "sharpened": lambda image: image.filter(ImageFilter.UnsharpMask(2, 150, 0)),
    "10 % brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "10 % darker": lambda image: ImageEnhance.Brightness(image).enhance(0.9),
}
BEYOND: dict[str, Damage] = {
    "grey": lambda image: image.convert("L").convert("RGB"),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned by 90°": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "framed, 15 % larger": framed,
    "grain of 5 steps": noisy,
    "JPEG 30": functools.partial(saved, kind="JPEG", quality=30),
    "50 % of its size, JPEG 50": chained(_half, functools.partial(saved, kind="JPEG", quality=50)),
    "50 % of each side cut off": functools.partial(cut, by=0.5),
    "blurred by 3 pixels": lambda image: image.filter(ImageFilter.GaussianBlur(3)),
    "turned by 0.3°": functools.partial(turned, degrees=0.3),
    "turned by 2°": functools.partial(turned, degrees=2),
    "5 % wider": functools.partial(scaled, by=1, across=1.05),
}
ALL = NEEDED | BEYOND
