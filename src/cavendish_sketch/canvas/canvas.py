"""The picture while it is made: linear light at 1K size, and where its hard edges run.

Every quality starts from the same canvas, so that 1K, 2K and 4K show one composition; the remembered edges and sparks
are what `develop` makes sharp again at the larger sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cavendish_sketch.canvas.field import WHOLE, Grid, Plane, Planes, Window

FAR = -1000.0  # pixels: outside of everything, no edge near


@dataclass(frozen=True, slots=True)
class Spark:
    """A point of light, drawn at the final size. Place and radius in units; the colour may exceed 1."""

    x: float
    y: float
    radius: float
    colour: Planes


@dataclass(slots=True, eq=False)
class Canvas:
    """Light, hard edges and sparks.

    Attributes:
        light: Linear red, green and blue (3, rows, columns), float32; may exceed 1.
        edge: Pixels to the nearest visible hard edge, positive inside the shape that was laid last.
        bare: Where no shape was laid: sky and ground.
    """

    grid: Grid
    light: Planes
    edge: Plane
    bare: Plane
    sparks: list[Spark] = field(default_factory=list)

    @classmethod
    def of(cls, grid: Grid) -> Canvas:
        shape = grid.rows, grid.columns
        return cls(grid, np.zeros((3, *shape), np.float32), np.full(shape, FAR, np.float32), np.ones(shape, bool))

    def lay(self, distance: Plane, colour: Planes, *, window: Window = WHOLE, opacity: float = 1) -> None:
        """Cover with an antialiased shape. `distance` is in pixels, positive inside; colour is one or one per pixel."""
        assert distance.dtype == np.float32, "a float64 plane costs twice the time and memory"
        view = self.light[:, *window]
        view += (colour - view) * (np.clip(distance + 0.5, 0, 1) * opacity)
        self.bare[window] &= distance < 0
        edge = self.edge[window]
        np.copyto(edge, distance, where=(distance > 0) | (np.abs(distance) < np.abs(edge)))

    def spark(self, x: float, y: float, radius: float, light: Planes) -> None:
        """Add a point of light, unless a shape lies there."""
        row, column = int(y * self.grid.unit), int(x * self.grid.unit)
        if self.bare[min(row, self.grid.rows - 1), min(column, self.grid.columns - 1)]:
            self.sparks.append(Spark(x, y, radius, light))

    def blend(self, amount: Plane, colour: Planes, *, window: Window = WHOLE) -> None:
        """Mix softly towards a colour; leaves no edge."""
        view = self.light[:, *window]
        view += (colour - view) * amount

    def glow(self, amount: Plane, colour: Planes, *, window: Window = WHOLE) -> None:
        """Add light."""
        self.light[:, *window] += colour * amount

    def shade(self, amount: Plane, *, window: Window = WHOLE) -> None:
        """Take a share of the light away."""
        self.light[:, *window] *= 1 - amount
