"""Colours as linear light, mixed in OKLab so that a gradient has no grey or dark middle.

Source of the matrices: Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cavendish_sketch.canvas.field import Plane, Planes

RAMP_STEPS = 4096
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_CONES = np.linalg.inv(_TO_CONES)
_FROM_LAB = np.linalg.inv(_TO_LAB)


def linear(hexes: Sequence[str]) -> Plane:
    """Six-digit sRGB hex colours as linear light (count, 3)."""
    values = np.array([[int(text[i : i + 2], 16) for i in (0, 2, 4)] for text in hexes]) / 255
    light: Plane = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light


def encode(light: Plane) -> Plane:
    """Linear light as sRGB, 0 to 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def to_lab(light: Plane) -> Plane:
    """Linear light (count, 3) as OKLab."""
    lab: Plane = np.cbrt(light @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def from_lab(lab: Plane) -> Plane:
    """OKLab (count, 3) as linear light, cut at 0 where a colour lies outside sRGB."""
    light: Plane = np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T, 0, None)
    return light


def to_hex(lab: Plane) -> list[str]:
    return ["".join(f"{round(float(value) * 255):02x}" for value in row) for row in encode(from_lab(lab))]


def tinted(lightness: float, chroma: float, hue_degrees: float) -> list[float]:
    """OKLab coordinates from lightness, chroma and hue."""
    hue = math.radians(hue_degrees)
    return [lightness, chroma * math.cos(hue), chroma * math.sin(hue)]


def vector(text: str) -> Planes:
    """One hex colour as linear light, shaped to be multiplied with a plane."""
    light: Planes = linear([text])[0].astype(np.float32).reshape(3, 1, 1)
    return light


class Ramp:
    """A smooth gradient through hex colours, dark to light."""

    def __init__(self, hexes: Sequence[str]) -> None:
        stops = to_lab(linear(hexes))
        place = np.linspace(0, len(stops) - 1, RAMP_STEPS)
        lab = np.stack(
            [_rounded(np.interp(place, np.arange(len(stops)), stops[:, i]), len(stops)) for i in range(3)], 1
        )
        self._table = np.ascontiguousarray(from_lab(lab).T, np.float32)

    def at(self, place: Plane) -> Planes:
        """Light for each place from 0 to 1; places beyond take the end colours."""
        index = (np.clip(place, 0, 1) * (RAMP_STEPS - 1)).astype(np.intp)
        return np.stack([np.take(channel, index) for channel in self._table])

    def colour(self, place: float) -> Planes:
        """One colour, shaped to be multiplied with a plane."""
        return self._table[:, int(min(max(place, 0), 1) * (RAMP_STEPS - 1))].reshape(3, 1, 1)


def _rounded(values: Plane, stops: int) -> Plane:
    """The corners at the stops smoothed away: the eye sees them as lines."""
    reach = RAMP_STEPS // stops // 3
    weights = np.hanning(2 * reach + 1)
    padded = np.pad(values, reach, "edge")
    return np.convolve(padded, weights / weights.sum(), "valid")
