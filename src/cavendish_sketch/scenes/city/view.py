"""How a street is seen: one-point perspective, air between the eye and what is far, and faces of walls in space.

Space: x to the right of the street's middle line, y up from the street, z away from the eye. The street's half width is
about 1. Pages are in points, y down.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Plane, mix
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.svg import Point

CLEAR = 2.0  # the air begins to show here
SUN_REACH = 0.32  # of the page's shorter side: how far from the sun the air glows
COVER_STEP = 4  # points across the page for one height of what is covered
NEAREST = 0.12  # z of what the eye can see at all


@dataclass(frozen=True, slots=True)
class View:
    """Where the eye stands.

    Attributes:
        width, height: The page, in points.
        x, y: The vanishing point.
        focal: Points for a length of 1 at a distance of 1.
        eye: Its height over the street.
        half: Half the width of the street, from wall to wall.
        start, end: z of the first walls, and of the last ones.
    """

    width: float
    height: float
    x: float
    y: float
    focal: float
    eye: float
    half: float
    start: float
    end: float

    def at(self, x: float, y: float, z: float) -> Point:
        """The page's point for a point in space."""
        z = max(z, NEAREST)
        return self.x + x * self.focal / z, self.y - (y - self.eye) * self.focal / z

    def size(self, length: float, z: float) -> float:
        """Points of a length across the view."""
        return length * self.focal / max(z, NEAREST)

    def shape(self, places: Iterable[tuple[float, float, float]]) -> list[Point]:
        return [self.at(*place) for place in places]

    def foot(self, x: Plane) -> Plane:
        """y of the line where walls stand on the ground, or of the horizon between them, for places across the page."""
        aside = np.abs(x - self.x)
        along = np.minimum(aside * (self.eye / self.half), self.eye * self.focal / self.start)
        return self.y + np.where(aside < self.half * self.focal / self.end, 0, along)

    @property
    def rise(self) -> float:
        """How much higher than in a wide picture there is room for houses: 1 in 16:9."""
        return max(self.y / self.focal / 0.66, 0.8)


@dataclass(frozen=True, slots=True)
class Air:
    """Haze, and the glow in it around the sun.

    Attributes:
        sky: Hex colours of the haze from the top of the sky to the horizon, with their places from 0 to 1.
        glow: Hex colour of the haze before the sun.
        density: Share lost per length.
        sun: Where the sun stands on the page, None where none is seen.
        horizon: y of the horizon on the page.
        short: The page's shorter side.
    """

    sky: tuple[tuple[float, str], ...]
    glow: str
    density: float
    sun: Point | None
    horizon: float
    short: float = 1000.0

    def over(self, colour: str, z: float, place: Point) -> str:
        """A colour as it is seen from afar."""
        return svg.blend(colour, self.before(place), self.share(z))

    def share(self, z: float) -> float:
        return 1 - math.exp(-max(z - CLEAR, 0) * self.density)

    def before(self, place: Point) -> str:
        """The haze's own colour at a place of the page: that of the sky behind it, and brighter before the sun."""
        colour = self._sky_at(place[1] / self.horizon)
        if self.sun is None:
            return colour
        away = math.hypot(place[0] - self.sun[0], (place[1] - self.sun[1]) * 0.85) / (self.short * SUN_REACH)
        return svg.blend(colour, self.glow, math.exp(-away * away))

    def _sky_at(self, share: float) -> str:
        for (first, above), (last, below) in itertools.pairwise(self.sky):
            if share <= last:
                return svg.blend(above, below, max(share - first, 0) / (last - first))
        return self.sky[-1][1]


@dataclass(frozen=True, slots=True)
class Face:
    """A standing rectangle in space, from its left or near edge to the other one; u and v run from 0 to 1."""

    view: View
    x: tuple[float, float]
    z: tuple[float, float]
    y: tuple[float, float]

    def point(self, u: float, v: float) -> Point:
        return self.view.at(mix(*self.x, u), mix(*self.y, v), mix(*self.z, u))

    def part(self, left: float, right: float, low: float, high: float) -> Face:
        """A rectangle of it, in shares of its width and height."""
        x, z, y = self.x, self.z, self.y
        across, deep, up = (
            (mix(*ends, first), mix(*ends, last))
            for ends, first, last in ((x, left, right), (z, left, right), (y, low, high))
        )
        return Face(self.view, across, deep, up)

    def outline(self) -> list[Point]:
        return [self.point(0, 0), self.point(1, 0), self.point(1, 1), self.point(0, 1)]

    def width(self) -> float:
        """Points across the page."""
        return abs(self.point(1, 0)[0] - self.point(0, 0)[0])

    def height(self) -> float:
        """Points of the taller edge."""
        return max(self.point(end, 0)[1] - self.point(end, 1)[1] for end in (0, 1))

    def seen(self) -> bool:
        """Some of it may lie on the page."""
        xs = [x for x, _ in self.outline()]
        return max(xs) > 0 and min(xs) < self.view.width

    def cells(self, left: Plane, right: Plane, low: Plane, high: Plane, hidden: Plane | None = None) -> str:
        """Path data of many rectangles on it, without those outside the page or below `hidden` (see `covered`)."""
        (x, foot, top), (end_x, end_foot, end_top) = (self._edge(u, low, high) for u in (left, right))
        shown = (np.maximum(x, end_x) > 0) & (np.minimum(x, end_x) < self.view.width)
        shown &= (np.maximum(foot, end_foot) > 0) & (np.minimum(top, end_top) < self.view.height)
        if hidden is not None:
            places = (np.clip(ends / COVER_STEP, 0, len(hidden) - 1).astype(np.intp) for ends in (x, end_x))
            shown &= np.minimum(top, end_top) < np.maximum(*(hidden[place] for place in places))
        edges = [edge[shown].tolist() for edge in (x, foot, top, end_x, end_foot, end_top)]
        if self.z[0] == self.z[1]:
            return "".join(
                f"M{a:.1f},{c:.1f}h{d - a:.1f}v{b - c:.1f}H{a:.1f}z" for a, b, c, d, _, _ in zip(*edges, strict=True)
            )
        return "".join(
            f"M{a:.1f},{b:.1f}V{c:.1f}L{d:.1f},{f:.1f}V{e:.1f}z" for a, b, c, d, e, f in zip(*edges, strict=True)
        )

    def _edge(self, u: Plane, low: Plane, high: Plane) -> tuple[Plane, Plane, Plane]:
        """x of upright lines on it, and y of their lower and upper ends."""
        scale = self.view.focal / mix(*self.z, u)
        foot, top = (self.view.y - (mix(*self.y, v) - self.view.eye) * scale for v in (low, high))
        return self.view.x + mix(*self.x, u) * scale, foot, top

    def joints(self, across: int, up: int) -> str:
        """Path data of the lines between `across` bays and `up` floors; 1 is without lines."""
        u, v = np.arange(1, across) / across, np.arange(1, up) / up
        xs, feet, tops = self._edge(u, np.zeros_like(u), np.ones_like(u))
        upright = "".join(
            f"M{x:.1f},{foot:.1f}V{top:.1f}"
            for x, foot, top in zip(xs.tolist(), feet.tolist(), tops.tolist(), strict=True)
        )
        start, first, _ = self._edge(np.zeros_like(v), v, v)
        end, last, _ = self._edge(np.ones_like(v), v, v)
        ends = (edge.tolist() for edge in (start, first, end, last))
        return upright + "".join(f"M{a:.1f},{b:.1f}L{c:.1f},{d:.1f}" for a, b, c, d in zip(*ends, strict=True))

    def lines(self, places: Iterable[tuple[Point, Point]]) -> str:
        """Path data of many lines on it."""
        return "".join(
            "M{:.1f},{:.1f}L{:.1f},{:.1f}".format(*self.point(*one), *self.point(*other)) for one, other in places
        )


def bare(view: View) -> Plane:
    """Nothing is covered yet: for steps across the page, the y below which something nearer hides all."""
    return np.full(int(view.width / COVER_STEP) + 1, np.inf)


def covered(hidden: Plane, face: Face) -> Plane:
    """The same with a wall in front; walls reach down to what hides everything anyway."""
    (start, first), (end, last) = sorted((face.point(0, 1), face.point(1, 1)))
    # A step less on both sides: what is hidden in part must be drawn.
    columns = np.arange(max(math.ceil(start / COVER_STEP) + 1, 0), min(int(end / COVER_STEP) - 1, len(hidden)))
    if not len(columns) or end - start < 1:
        return hidden
    result = hidden.copy()
    heights = np.interp(columns * COVER_STEP, (start, end), (first, last)) + COVER_STEP
    result[columns] = np.minimum(result[columns], heights)
    return result


def closed(points: Iterable[Point]) -> str:
    """Path data of a polygon."""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "z"


def opened(points: Iterable[Point]) -> str:
    """Path data of a line through points."""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def air_of(palette: Palette, sun: Point | None, *, horizon: float, thick: bool, short: float) -> Air:
    """The air of a palette; `thick` in fog, rain and snow."""
    sky = tuple((place, svg.blend(colour, palette.far, 0.45)) for place, colour in palette.sky)
    glow = svg.blend(palette.sky[-2][1], palette.sky[-1][1], 0.6)
    return Air(sky, glow, 0.11 if thick else 0.055, sun, horizon, short)


def stroke(data: str, colour: str, width: float, opacity: float = 1) -> str:
    """A line along path data."""
    return (
        f'<path d="{data}" fill="none" stroke="#{colour}" stroke-width="{width:.2f}" stroke-opacity="{opacity:.2f}"/>'
    )


def tube(data: str, colour: str, width: float, opacity: float = 1) -> str:
    """A line of light: coloured, with a pale heart."""
    heart = svg.blend(colour, "ffffff", 0.75)
    return stroke(data, colour, width * 1.6, 0.9 * opacity) + stroke(data, heart, width * 0.55, opacity)
