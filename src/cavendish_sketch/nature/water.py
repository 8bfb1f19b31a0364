"""Lakes and the sea: what they mirror, how waves break it up, and where the sun glitters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, ease, mix
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.tiles import Tile
from cavendish_sketch.language.brief import Ground
from cavendish_sketch.nature.skies import Sky, colour
from cavendish_sketch.nature.terrain_soil import Air, Form, Ground3d, Shore, Soil
from cavendish_sketch.nature.terrain_view import Camera, Slices

SEAS: frozenset[Ground] = frozenset({"sea", "islands", "beach"})
SHORE_SOFT = 0.004  # world units over which the water's edge fades
MIRROR_STEPS = 4  # how often the distance of what is mirrored is looked up again
FAR = 4000.0  # world units, where the sea meets the sky


@dataclass(frozen=True, slots=True)
class Surface:
    """How water looks.

    Attributes:
        waves: (texels in a unit, tilt) of each train of waves, long to short.
        mirror: Share of the mirrored picture straight ahead and right below.
        bias: Draft pixels, as a share of the focal length, by which waves lift what they mirror.
        glitter: Strength of the sun on it.
        haze: Share of the air's veil that it takes.
    """

    waves: tuple[tuple[float, float], ...]
    mirror: tuple[float, float]
    bias: float
    glitter: float


LAKE = Surface(((46, 0.0060), (150, 0.0050)), (0.93, 0.46), 0.0, 0.8)
OPEN = Surface(((30, 0.030), (95, 0.030), (300, 0.022)), (0.88, 0.16), 0.030, 1.0)
HEAVY = Surface(((30, 0.020), (95, 0.045), (300, 0.040)), (0.80, 0.10), 0.060, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ripples:
    """Tilt of small waves across and away, as tiles with spread 1."""

    across: Tile
    away: Tile

    @classmethod
    def of(cls, dice: Dice) -> Ripples:
        # Waves are longer across the view than along it: their crests run with the shore.
        height = tiles.fractal(dice, 2.4, low=5, wide=0.45)
        across = np.roll(height, -1, 1) - np.roll(height, 1, 1)
        away = np.roll(height, -1, 0) - np.roll(height, 1, 0)
        return cls(Tile(across / across.std()), Tile(away / away.std()))


def wetness(land: Ground3d, camera: Camera, ground: Ground, level: float) -> Plane:
    """How much of each pixel is water; a sea goes on to the horizon behind all land."""
    wet = np.zeros((camera.rows, camera.columns), np.float32)
    if ground in SEAS:
        wet[int(np.ceil(camera.horizon)) :] = 1
    lies = np.ones_like(land.height) if ground == "sea" else ease(level + SHORE_SOFT, level - SHORE_SOFT, land.height)
    wet[land.view.rows, land.view.columns] = lies
    return wet


@dataclass(frozen=True, slots=True, eq=False)
class Mirror:
    """Water in its place, to be laid over a picture of what stands above it."""

    slices: Slices
    sky: Sky
    palette: Palette
    soil: Soil
    air: Air
    wet: Plane
    level: float
    ripples: Ripples
    land: Ground3d
    form: Form | None

    def onto(self, planes: Planes, depth: Plane | None = None) -> Planes:
        """The picture with its water."""
        rows, columns = np.nonzero(self.wet)
        surface = self._surface()
        away = self._away(rows, columns)
        across = self.slices.camera.across(columns.astype(np.float32), away)
        tilt_across, tilt_away = self._tilt(surface, rows, columns, across, away)
        depth = self._depth() if depth is None else depth
        row, column = self._mirrored(rows, columns, away, tilt_across, tilt_away, surface, depth)
        seen = _sampled(planes, row, column)
        crest = self._crest(rows, columns)
        water = self._mixed(seen, rows, tilt_away, away, crest, surface)
        water += self._glitter(row, column, rows, surface, depth) * colour(self.palette.sun)[:, :, 0]
        water = self._foamed(water, across, away, crest)
        self._veil(water, columns, away)
        result = planes.copy()
        lies = self.wet[rows, columns]
        below = planes[:, rows, columns]
        result[:, rows, columns] = np.clip(below + (water - below) * lies, 0, 1)
        return result

    def _surface(self) -> Surface:
        if self.soil.ground not in SEAS:
            return LAKE
        return HEAVY if self.stormy else OPEN

    @property
    def stormy(self) -> bool:
        return self.soil.stormy

    @property
    def _plane(self) -> float:
        """The height of the water's surface."""
        return 0.0 if self.soil.ground == "sea" else self.level

    def _away(self, rows: Plane, columns: Plane) -> Plane:
        camera = self.slices.camera
        below = np.maximum(rows + np.float32(0.5 - camera.horizon), np.float32(0.25))
        away = np.float32(camera.focal * (camera.height - self._plane)) / below
        if self.soil.ground == "sea":
            depth = np.full(self.wet.shape, np.inf, np.float32)
            depth[self.land.view.rows, self.land.view.columns] = self.land.view.away
            found = depth[rows, columns]
            away = np.where(np.isfinite(found), found, away)
        return np.minimum(away, np.float32(FAR)).astype(np.float32)

    def _tilt(self, surface: Surface, rows: Plane, columns: Plane, across: Plane, away: Plane) -> tuple[Plane, Plane]:
        """Slopes of the surface; waves too fine for a pixel at their distance even out."""
        camera = self.slices.camera
        footprint = away * away * np.float32(1 / (camera.focal * max(camera.height - self._plane, 0.05)))
        tilt_across, tilt_away = np.zeros_like(away), np.zeros_like(away)
        for texels, tilt in surface.waves:
            spots = tiles.Spots.at(across * np.float32(texels), away * np.float32(texels))
            shown = np.float32(tilt) / (1 + (footprint * np.float32(texels * 0.12)) ** 2)
            tilt_across += self.ripples.across.on(spots) * shown
            tilt_away += self.ripples.away.on(spots) * shown
        if self.soil.ground == "sea":
            for total, slopes in ((tilt_across, self.land.across), (tilt_away, self.land.away)):
                plane = np.zeros(self.wet.shape, np.float32)
                plane[self.land.view.rows, self.land.view.columns] = slopes
                total += plane[rows, columns] * np.float32(0.36)
        return tilt_across, tilt_away

    def _mirrored(
        self,
        rows: Plane,
        columns: Plane,
        away: Plane,
        tilt_across: Plane,
        tilt_away: Plane,
        surface: Surface,
        depth: Plane,
    ) -> tuple[Plane, Plane]:
        """The place on the page that each pixel of water mirrors.

        What stands at some distance is mirrored about the waterline at that distance. It is found from below: first
        the shore itself, then what is seen where that would be mirrored, and so on upwards.
        """
        camera = self.slices.camera
        focal = np.float32(camera.focal)
        column = np.clip(columns + tilt_across * focal * np.float32(0.9), 0, camera.columns - 1)
        shaken = rows + np.float32(0.5) + (tilt_away * np.float32(1.6) + np.float32(surface.bias)) * focal
        shore = self._shore_rows()[rows, columns].astype(np.float32)
        if self.soil.ground in SEAS and self.soil.ground != "islands":
            # What would lie under the horizon or over the page folds back: cut off, it would leave hard edges.
            row = np.float32(camera.horizon - 1) - np.abs(shaken - np.float32(camera.horizon))
            return np.minimum(np.abs(row), np.float32(camera.horizon - 1)), column
        nearest = column.astype(np.intp)
        row = np.minimum(2 * shore - shaken, shore - 1)
        reach = np.float32(2 * camera.focal * (camera.height - self._plane))
        for _ in range(MIRROR_STEPS):
            found = depth[np.clip(row, 0, camera.rows - 1).astype(np.intp), nearest]
            row = np.minimum(2 * np.float32(camera.horizon) + reach / found - shaken, shore - 1)
        return np.minimum(np.abs(row), shore), column

    def _depth(self) -> Plane:
        depth = np.full(self.wet.shape, np.float32(1e6), np.float32)
        depth[self.land.view.rows, self.land.view.columns] = self.land.view.away
        return depth

    def _shore_rows(self) -> Plane:
        """For each pixel the first row of the water that it belongs to."""
        dry = self.wet < 0.5
        numbers = np.arange(len(dry), dtype=np.int32)[:, None] + 1
        return np.maximum.accumulate(np.where(dry, numbers, 0), 0)

    def _mixed(
        self, seen: Planes, rows: Plane, tilt_away: Plane, away: Plane, crest: Plane, surface: Surface
    ) -> Planes:
        """The mirrored picture over the water's own colour: less of it the more steeply the eye looks down."""
        camera = self.slices.camera
        below = np.clip((rows + np.float32(0.5 - camera.horizon)) * np.float32(1 / camera.focal), 0, 3)
        down = below / np.sqrt(1 + below * below) - tilt_away * np.float32(1.3)
        ahead, under = surface.mirror
        share = np.clip(1 - down, 0, 1) ** 3 * np.float32(ahead - under) + np.float32(under)
        own = self._own(tilt_away, away, crest)
        mixed: Planes = own + (seen - own) * np.clip(share, 0, 1)
        return mixed

    def _own(self, tilt_away: Plane, away: Plane, crest: Plane) -> Planes:
        """Light that comes out of the water: brighter through the faces of waves."""
        deep = colour(self.palette.water)[:, :, 0]
        shine = np.clip(np.float32(0.85) - tilt_away * np.float32(1.8), 0.45, 1.7)
        own: Planes = deep * shine
        if self.soil.ground == "sea":
            green = mix(deep, colour("6fa8a0")[:, :, 0] * np.float32(1 - 0.5 * self.palette.night), 0.55)
            own += (green - own) * (ease(0.0, 0.9, crest) * np.float32(0.6))
        if self.soil.ground in ("beach", "islands") and self.palette.night < 0.5:
            own += (colour("5fc9c4")[:, :, 0] - own) * (ease(4.5, 0.8, away) * np.float32(0.45))
        return own

    def _glitter(self, row: Plane, column: Plane, rows: Plane, surface: Surface, depth: Plane) -> Plane:
        """Waves that are tilted just so that they mirror the sun."""
        sun = self.sky.sun
        if sun is None:
            return np.zeros((1, len(row)), np.float32)
        camera = self.slices.camera
        unit = np.float32(np.sqrt(camera.rows * camera.columns))
        off = (column - np.float32(sun.x * camera.columns)) / unit
        over = (row - np.float32(sun.y * camera.rows)) / unit
        wide = np.float32(0.020) + (rows - np.float32(camera.horizon)) * np.float32(0.075 / camera.rows)
        spread = np.float32(0.34 if self.soil.ground in SEAS else 0.20)
        light = np.exp(-((off / wide) ** 2) - (over / spread) ** 2)
        light *= self._open(row, column, depth)
        light *= np.float32(0.35) + ease(0.30, 1.0, light) * np.float32(0.45)
        glitter: Plane = light[None] * np.float32(surface.glitter * sun.strength)
        return glitter

    def _open(self, row: Plane, column: Plane, depth: Plane) -> Plane:
        """1 where a pixel mirrors the sky, less where land stands before it or before the sun."""
        sun = self.sky.sun
        assert sun is not None
        free = depth[int(sun.y * len(depth)), int(sun.x * depth.shape[1])] > FAR
        clear: Plane = (depth[row.astype(np.intp), column.astype(np.intp)] > FAR) * np.float32(1 if free else 0.3)
        return clear

    def _crest(self, rows: Plane, columns: Plane) -> Plane:
        """Height of the sea's waves, 1 for the highest; 0 on still water."""
        if self.soil.ground != "sea":
            return np.zeros(1, np.float32)
        heights = np.zeros(self.wet.shape, np.float32)
        heights[self.land.view.rows, self.land.view.columns] = self.land.height
        return heights[rows, columns] * np.float32(1 / max(float(self.land.height.max()), 1e-3))

    def _foamed(self, water: Planes, across: Plane, away: Plane, crest: Plane) -> Planes:
        fleck = self.ripples.away.at(across * 260, away * 200)
        streak = self.ripples.across.at(across * 70, away * 55)
        if isinstance(self.form, Shore):
            foam = _surf(self.form.offshore(across, away), fleck, self.ripples.across.at(across * 30, away * 30))
        elif self.soil.ground == "sea" and self.stormy:
            foam = ease(0.30, 0.85, crest + (fleck + streak) * np.float32(0.10)) * ease(-1.0, 0.8, fleck)
            foam = np.maximum(foam, ease(1.2, 2.2, streak + fleck * np.float32(0.5)) * np.float32(0.30))
        else:
            return water
        light = np.float32(1 - 0.62 * self.palette.night)
        white = mix(colour("ffffff"), colour(self.palette.lit), 0.35)[:, :, 0] * light
        result: Planes = water + (white - water) * (foam * np.float32(0.9))
        return result

    def _veil(self, water: Planes, columns: Plane, away: Plane) -> None:
        haze = (1 - np.exp(np.maximum(away - 4, 0) * np.float32(-self.air.thickness * 0.5))) * np.float32(0.72)
        water += (np.take(self.air.columns, columns, axis=1) - water) * haze


def _surf(off: Plane, fleck: Plane, bend: Plane) -> Plane:
    """Lines of foam along a beach: one at the edge, others rolling in."""
    off = off + bend * np.float32(0.020)
    edge = ease(0.075, 0.0, off) * np.float32(0.95)
    foam = edge * ease(-1.3, 0.4, fleck + (np.float32(0.04) - off) * 22)
    for place, width, strength in ((0.26, 0.045, 0.85), (0.62, 0.07, 0.7), (1.25, 0.11, 0.5)):
        behind = (off - np.float32(place) - bend * np.float32(0.05)) / np.float32(width)
        line = np.where(behind < 0, np.exp(-((behind * 3) ** 2)), np.exp(-behind * np.float32(1.3)))
        foam = np.maximum(foam, line * ease(-0.6, 0.9, fleck + bend * np.float32(0.5)) * np.float32(strength))
    return np.clip(foam, 0, 1)


def _sampled(planes: Planes, row: Plane, column: Plane) -> Planes:
    """Bilinear down the rows, where mirrored pictures are stretched; nearest across."""
    columns = planes.shape[2]
    top = np.minimum(row.astype(np.intp), planes.shape[1] - 2)
    part = np.clip(row - top, 0, 1).astype(np.float32)
    flat = top * columns + np.clip(column, 0, columns - 1).astype(np.intp)
    result = np.empty((3, len(row)), np.float32)
    for target, plane in zip(result, planes, strict=True):
        values = plane.ravel()
        first = np.take(values, flat)
        target[:] = first + (np.take(values, flat + columns) - first) * part
    return result
