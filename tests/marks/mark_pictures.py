"""Pictures to mark, made of noise and shapes: the same on every machine, and quick."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from cavendish.marks.watermark.planes import Pixels

KEY = b"the key of these tests, 32 bytes"
PAYLOAD = 0xC0FFEE1234


def landscape(width: int = 1376, height: int = 768, seed: int = 1) -> Pixels:
    """A smooth sky over ground with detail of all sizes, as photographs have it."""
    sky = np.linspace([70, 120, 190], [205, 215, 230], height)[:, None, :] * np.ones((1, width, 1))
    ground = (np.array([96, 104, 70]) + _detail(width, height, seed)[..., None] * 34).clip(0, 255)
    edge = height * 0.45 + 30 * np.sin(np.arange(width) / 90)
    below = (np.arange(height)[:, None] > edge[None, :])[..., None]
    return np.where(below, ground, sky).round().astype(np.uint8)


def poster(width: int = 1024, height: int = 1024) -> Pixels:
    """Flat colours with sharp edges, half of it paper."""
    image = Image.new("RGB", (width, height), "#f6f1e7")
    pen = ImageDraw.Draw(image)
    pen.ellipse((width * 0.2, height * 0.15, width * 0.8, height * 0.6), fill="#c8453a", outline="#222222", width=9)
    pen.rectangle((width * 0.1, height * 0.72, width * 0.9, height * 0.78), fill="#222222")
    for row in range(5):
        pen.line((width * 0.2, height * (0.82 + row * 0.03), width * 0.8, height * (0.82 + row * 0.03)), "#555555", 4)
    return np.asarray(image)


def texture(width: int = 900, height: int = 1200) -> Pixels:
    """Detail everywhere."""
    detail = _detail(width, height, 3)[..., None] * np.array([30, 26, 22]) + np.array([128, 110, 90])
    return detail.clip(0, 255).round().astype(np.uint8)


def plain(width: int, height: int, *colour: int) -> Pixels:
    return np.full((height, width, len(colour)), colour, np.uint8)


def decibels(before: Pixels, after: Pixels) -> float:
    """Peak signal to noise ratio."""
    change = before.astype(np.float32) - after
    return 10 * math.log10(255**2 / float(np.mean(change * change)))


def _detail(width: int, height: int, seed: int) -> npt.NDArray[np.float64]:
    """Noise whose waves are the weaker the shorter they are; its mean square is 1."""
    noise = np.fft.rfft2(np.random.default_rng(seed).normal(size=(height, width)))
    length = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    plane = np.fft.irfft2(noise / (length + 4 / width), (height, width))
    return (plane - plane.mean()) / plane.std()
