"""What a camera sees of a height field: slices from near to far, each hiding what is lower behind it.

For every column of the page the slices are projected and their upper edges kept. A histogram of these edges, summed
downwards, tells for every pixel which slice covers it; the exact place lies between that slice and the one before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas.field import Plane

SLICES = 330
NEAR_MIN = 0.04  # world units
NEAR_MARGIN = 0.96  # of the distance at which the bottom row meets the ground
Heights = Callable[[Plane, Plane], Plane]  # across, away -> height, all in world units


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks along the ground. `focal` and `horizon` in draft pixels, `height` in world units."""

    columns: int
    rows: int
    focal: float
    horizon: float
    height: float

    def across(self, columns: Plane, away: Plane) -> Plane:
        """World x of a column's middle at a distance."""
        return (columns + np.float32(0.5 - self.columns / 2)) * (away * np.float32(1 / self.focal))

    def row(self, height: Plane, away: Plane) -> Plane:
        """Page row of a height at a distance."""
        return np.float32(self.horizon) + (np.float32(self.height) - height) * (np.float32(self.focal) / away)

    def column(self, across: float, away: float) -> float:
        return across * self.focal / away + self.columns / 2


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """The land cut across the view.

    Attributes:
        camera: Who looks.
        away: Distance of each slice, shape (slices,).
        heights: Per slice and column.
        edges: Their page rows.
        crests: The highest edge so far, from the front: what lies lower behind it is hidden.
    """

    camera: Camera
    away: Plane
    heights: Plane
    edges: Plane
    crests: Plane


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The pixels that show land, in reading order: rows, columns, and their place in the world."""

    rows: Plane
    columns: Plane
    across: Plane
    away: Plane


def cut(heights: Heights, camera: Camera, far: float, level: float) -> Slices:
    """Slices of a land, drawn closer together near the camera; `level` fills what is lower with water."""
    columns = np.arange(camera.columns, dtype=np.float32)[None]
    away = np.geomspace(_near(heights, camera, level), far, SLICES).astype(np.float32)[:, None]
    land = heights(camera.across(columns, away), np.broadcast_to(away, (SLICES, camera.columns)))
    np.maximum(land, np.float32(level), out=land)
    edges = camera.row(land, away)
    edges[0] = camera.rows + 1
    return Slices(camera, away[:, 0], land, edges, np.minimum.accumulate(edges, 0))


def _near(heights: Heights, camera: Camera, level: float) -> float:
    """The distance at which the ground leaves the page at the bottom."""
    below = max(camera.rows - camera.horizon, 1.0)
    away = camera.focal * camera.height / below
    columns = np.linspace(0, camera.columns - 1, 32, dtype=np.float32)[None]
    for _ in range(3):
        place = np.full((1, 32), away, np.float32)
        ground = max(float(heights(camera.across(columns, place), place).max()), level)
        away = camera.focal * max(camera.height - ground, 0.05) / below
    return max(away * NEAR_MARGIN, NEAR_MIN)


def seen(slices: Slices) -> Seen:
    """Every pixel that shows land, and where in the world it looks."""
    camera = slices.camera
    index = covering(slices.crests, camera.rows)
    rows, columns = np.nonzero(index < SLICES)
    slice_ = index[rows, columns]
    flat = slice_ * camera.columns + columns
    before = np.maximum(flat - camera.columns, columns)
    upper, lower = np.take(slices.edges, flat), np.take(slices.edges, before)
    middle = rows.astype(np.float32) + np.float32(0.5)
    part = np.clip((lower - middle) / np.maximum(lower - upper, np.float32(1e-3)), 0, 1)
    first = np.take(slices.away, np.maximum(slice_ - 1, 0))
    # Between two slices the inverse of the distance is what runs evenly down the page.
    inverse = 1 / first
    inverse += (1 / np.take(slices.away, slice_) - inverse) * part
    away = 1 / inverse
    return Seen(rows, columns, camera.across(columns.astype(np.float32), away), away)


def covering(crests: Plane, rows: int) -> Plane:
    """For every pixel the first slice whose crest lies above its middle; as many as there are slices for none."""
    columns = crests.shape[1]
    first = np.clip(np.ceil(crests - np.float32(0.5)), 0, rows).astype(np.int32)
    first *= columns
    first += np.arange(columns, dtype=np.int32)
    counts = np.bincount(first.ravel(), minlength=(rows + 1) * columns).reshape(rows + 1, columns)
    return len(crests) - np.cumsum(counts[:rows].astype(np.int32), 0, dtype=np.int32)
