"""Pictures to edit, and what was made of them."""

from __future__ import annotations

import functools
import importlib.util
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cavendish_sketch import edit

SIZE = (480, 320)


def synthetic(width: int = 480, height: int = 320, hue: int = 0) -> Image.Image:
    """A landscape: a bright plain sky, a textured ground, and a dark upright form in the middle."""
    return _landscape(width, height, hue).copy()


@functools.lru_cache(maxsize=16)
def _landscape(width: int, height: int, hue: int) -> Image.Image:
    rows = np.linspace(0, 1, height)[:, None]
    noise = np.random.default_rng(5).normal(0, 14, (height, width))
    sky = np.stack([150 + 60 * rows + 0 * noise, 190 + 40 * rows + 0 * noise, 235 + 10 * rows + 0 * noise], -1)
    ground = np.stack([120 + noise, 105 + noise, 60 + noise], -1)
    ground = np.roll(ground, hue, -1)
    pixels_ = np.where((rows > 0.55)[..., None], ground, sky)
    image = Image.fromarray(np.clip(pixels_, 0, 255).astype(np.uint8))
    image.paste((150, 42, 38), (round(width * 0.42), round(height * 0.3), round(width * 0.58), round(height * 0.8)))
    return image


def blob(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind, compress_level=1)  # of a PNG: quickly
    return file.getvalue()


def real(name: str) -> Image.Image:
    """A photograph that scikit-image ships; the test is skipped, loudly, where that is not installed."""
    return _photograph(name).copy()


@functools.cache
def _photograph(name: str) -> Image.Image:
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        pytest.skip("SKIPPED ON REAL PHOTOGRAPHS: scikit-image is not installed")
    return Image.open(Path(spec.origin).parent / "data" / name).convert("RGB")


def edited(
    instruction: str,
    *images: Image.Image,
    size: tuple[int, int] = SIZE,
    seed: bytes = b"7",
    report: Callable[[float], None] = lambda part: None,
) -> Image.Image:
    blobs = [blob(image) for image in images or (synthetic(),)]
    return Image.fromarray(edit.carry_out(edit.plan(instruction, pictures=len(blobs)), blobs, size, seed, report))


def levels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, float)


def difference(first: Image.Image, second: Image.Image) -> float:
    return float(np.abs(levels(first) - levels(second)).mean())


def static(width: int, height: int, spread: float) -> Image.Image:
    noise = np.random.default_rng(3).normal(128, spread, (height, width))
    return Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
