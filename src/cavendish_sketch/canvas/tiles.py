"""Periodic noise, made once and looked up at any place: what a view in perspective is textured with.

A tile is a square float32 plane whose edges meet. Looking it up costs the same at every scale, so a cloud far away and
a stone in front come from the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas.field import Dice, Plane

SIDE = 512  # a power of two: places wrap by their low bits


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """Places on a tile: the texel above and to the left, and how far the place lies beyond it."""

    index: Plane
    right: Plane
    down: Plane

    @classmethod
    def at(cls, u: Plane, v: Plane, side: int = SIDE) -> Spots:
        """Places in texels; any size, they wrap."""
        left, top = np.floor(u), np.floor(v)
        index = top.astype(np.intp)
        index &= side - 1
        index *= side + 1
        column = left.astype(np.intp)
        column &= side - 1
        return cls(index + column, u - left, v - top)


class Tile:
    """A periodic plane that can be looked up between its texels."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.side = plane.shape[0]
        # One more row and column: the neighbours of the last texel are then at the same offsets as everybody's.
        self._flat = np.pad(plane, ((0, 1), (0, 1)), mode="wrap").astype(np.float32).ravel()

    def at(self, u: Plane, v: Plane) -> Plane:
        """The value at places in texels, smooth between them."""
        u, v = np.broadcast_arrays(u, v)
        return self.on(Spots.at(u, v, self.side))

    def on(self, spots: Spots) -> Plane:
        """The value at places that several tiles share."""
        above = self._between(spots.index, spots.right)
        below = self._between(spots.index + (self.side + 1), spots.right)
        below -= above
        below *= spots.down
        below += above
        return below

    def _between(self, index: Plane, part: Plane) -> Plane:
        first = np.take(self._flat, index)
        second = np.take(self._flat, index + 1)
        second -= first
        second *= part
        second += first
        return second


def fractal(dice: Dice, beta: float, *, side: int = SIDE, low: float = 1, wide: float = 1) -> Plane:
    """Periodic noise about 0 with spread 1.

    Args:
        beta: How much weaker finer detail is: 1 is rough, 2 is cloud, 3.5 is rolling.
        low: Waves fewer than this across the tile are left out: what repeats is then too fine to be seen.
        wide: How many times longer shapes are across than down.
    """
    across = np.fft.rfftfreq(side, 1 / side).astype(np.float32)[None] * np.float32(wide)
    down = np.fft.fftfreq(side, 1 / side).astype(np.float32)[:, None]
    waves = np.hypot(across, down)
    waves[0, 0] = 1
    gain = waves ** np.float32(-(beta / 2 + 0.5))
    gain[waves < low] = 0
    gain[0, 0] = 0
    noise = dice.normals(*gain.shape, 2).view(np.complex64)[..., 0]
    plane: Plane = np.fft.irfft2(noise * gain, (side, side)).astype(np.float32)
    plane *= np.float32(1) / plane.std()
    return plane


def band(dice: Dice, waves: float, *, side: int = SIDE) -> Plane:
    """Periodic noise of about one wavelength, `waves` across the tile; spread 1 around 0."""
    across = np.fft.rfftfreq(side, 1 / side).astype(np.float32)[None]
    down = np.fft.fftfreq(side, 1 / side).astype(np.float32)[:, None]
    apart = (np.hypot(across, down) - waves) / (0.45 * waves)
    gain = np.exp(-apart * apart)
    noise = dice.normals(*gain.shape, 2).view(np.complex64)[..., 0]
    plane: Plane = np.fft.irfft2(noise * gain, (side, side)).astype(np.float32)
    plane -= plane.mean()
    plane *= np.float32(1) / plane.std()
    return plane


def line(dice: Dice, beta: float, count: int) -> Plane:
    """Noise along one line of `count` places, from 0 to 1; its ends do not meet."""
    whole = 2 * count
    waves = np.fft.rfftfreq(whole, 1 / whole).astype(np.float32)
    waves[0] = 1
    noise = dice.normals(len(waves), 2).view(np.complex64)[..., 0] * waves ** np.float32(-(beta / 2 + 0.1))
    noise[0] = 0
    curve: Plane = np.fft.irfft(noise, whole).astype(np.float32)[:count]
    curve -= curve.min()
    curve *= 1 / (curve.max() + np.float32(1e-6))
    return curve


def unit(plane: Plane) -> Plane:
    """Noise of spread 1 pressed into 0 to 1, evenly spread."""
    return 1 / (1 + np.exp(plane * np.float32(-1.6)))
