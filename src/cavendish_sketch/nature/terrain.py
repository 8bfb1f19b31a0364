"""Land in three dimensions: a height field seen by one camera, lit, coloured and veiled by the air."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import tiles
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, Report, ease
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import POINTS
from cavendish_sketch.canvas.tiles import Spots
from cavendish_sketch.language.brief import Ground, Weather
from cavendish_sketch.nature import skies, terrain_maps, terrain_soil, terrain_view, water
from cavendish_sketch.nature.skies import Sky
from cavendish_sketch.nature.terrain_maps import Maps, Relief
from cavendish_sketch.nature.terrain_soil import Ground3d
from cavendish_sketch.nature.terrain_view import Camera, Seen, Slices
from cavendish_sketch.nature.water import Mirror, Ripples

DRY = -9.0  # a water level that no land reaches
SEA_LEVEL: dict[Ground, float] = {"islands": 0.10, "beach": 0.0, "sea": DRY}
LAKE_AWAY = 2.3  # a lake reaches about as far as this
BANK_TOP, BANK_SHARE = 0.05, 0.70  # over the water; of the way from the horizon down where it ends
LAKE_SHARE = 0.93  # of the land in front of that which it covers
DETAIL_TEXELS = 172.0  # of fine detail in one unit
GRAIN_TEXELS = 900.0  # of what is seen only right in front
GRAIN_AWAY = 2.2
EDGE_STEP = 1.05  # ratio of distances that makes an edge
HIDDEN_ROWS = 3.0  # draft pixels that a spot may lie under a crest and still count as seen
VIEWS = 7  # tried before one is drawn
BLOCKING_AWAY = 1.6  # nearer land must not hide the rest


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the land.

    Attributes:
        x, y: On the page, in points.
        scale: Points in a world unit there.
        away: World units from the camera.
        height: World units over zero.
        hidden: Something nearer covers it.
    """

    x: float
    y: float
    scale: float
    away: float
    height: float
    hidden: bool


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The height of the land anywhere, in world units."""

    relief: Relief
    maps: Maps
    form: terrain_soil.Form | None
    start: tuple[float, float]
    bank: terrain_soil.Bank | None = None

    def heights(self, across: Plane, away: Plane) -> Plane:
        spots, fine = self.spots(across, away)
        heights = self.maps.height.on(spots)
        heights *= self.rise(away)
        heights += self.maps.detail.on(fine) * self.roughness(heights, away)
        for form in self.forms:
            heights = form.raise_(heights, across, away)
        return heights

    @property
    def forms(self) -> list[terrain_soil.Form]:
        return [form for form in (self.form, self.bank) if form is not None]

    def spots(self, across: Plane, away: Plane) -> tuple[Spots, Spots]:
        texels = np.float32(self.relief.texels)
        map_ = Spots.at(across * texels + np.float32(self.start[0]), away * texels + np.float32(self.start[1]))
        fine = np.float32(DETAIL_TEXELS)
        return map_, Spots.at(across * fine, away * fine)

    def rise(self, away: Plane) -> Plane:
        first, last, low, high = self.relief.rise
        return ease(first, last, away) * np.float32(high - low) + np.float32(low)

    def roughness(self, heights: Plane, away: Plane) -> Plane:
        """How strong fine detail is: more on high rock, none where it would only flicker."""
        rough = 1 + np.clip(heights, 0, 1.5) * np.float32(self.relief.gullies)
        rough *= np.float32(self.relief.rough) / (1 + (away * np.float32(0.16)) ** 3)
        return rough


@dataclass(frozen=True, slots=True, eq=False)
class Land:
    """A finished piece of land.

    Attributes:
        planes: Display planes of the page with sky, land and water.
        depth: Distance per draft pixel in world units; infinite for the sky.
        water: How much of each pixel is water.
        horizon: Share of the page's height.
        haze: Six hex digits of the air in the distance.
        far: Distance at which the haze has swallowed almost everything.
        light: Factors of red, green and blue for what stands on it.
    """

    planes: Planes
    depth: Plane
    water: Plane
    horizon: float
    haze: str
    far: float
    light: tuple[float, float, float]
    _slices: Slices
    _shape: Shape
    _mirror: Mirror | None
    _level: float

    @property
    def camera(self) -> Camera:
        return self._slices.camera

    def place(self, x: float, z: float) -> Spot | None:
        """Where a place on the ground, `x` world units right of the middle and `z` away, is seen; None off the page."""
        away = self._slices.away
        number = int(np.clip(np.searchsorted(away, z), 1, len(away) - 1))
        column = self.camera.column(x, z)
        if not (away[0] <= z <= away[-1] and 0 <= column < self.camera.columns):
            return None
        here, distance = np.full((1, 1), x, np.float32), np.full((1, 1), z, np.float32)
        height = max(float(self._shape.heights(here, distance)[0, 0]), self._level)
        row = self.camera.horizon + self.camera.focal * (self.camera.height - height) / z
        hidden = bool(self._slices.crests[number - 1, int(column)] < row - HIDDEN_ROWS)
        return self._spot(column, row, z, height, hidden)

    def spots(
        self,
        dice: Dice,
        count: int,
        near: float,
        far: float,
        *,
        low: float = DRY,
        high: float = 99.0,
        steep: float = 2.0,
        thin: float = 0.0,
        clumps: float = 0.0,
    ) -> list[Spot]:
        """Up to `count` places on visible dry land, evenly over the page, from far to near.

        Args:
            low, high: Heights between which they lie.
            steep: Page rows that the land may rise from one pixel to the next: leaves out cliffs.
            thin: 0 keeps as many in front as behind per page area; 1 makes near ones rare.
            clumps: 0 spreads them evenly; 1 gathers them in groves.
        """
        rows, columns = np.nonzero((self.depth > near) & (self.depth < far) & (self.water < 0.2))
        draws = dice.uniforms(count * 6, 3)
        if not len(rows):
            return []
        chosen = (draws[:, 0] * len(rows)).astype(np.intp)
        row, column = rows[chosen], columns[chosen]
        away = self.depth[row, column]
        across = self.camera.across(column.astype(np.float32), away)
        height = self._shape.heights(across[None], away[None])[0]
        keep = (height > max(low, self._level + 0.004)) & (height < high)
        keep &= draws[:, 1] < (np.clip(away / np.float32(far), 0.02, 1) ** np.float32(2 * thin))
        keep &= self._rise_at(across, away) < steep
        if clumps:
            groves = self._shape.maps.detail.at(across[None] * 26, away[None] * 20)[0]
            keep &= draws[:, 2] < ease(-1.6 + 2.2 * clumps, 0.2 + 1.2 * clumps, groves)
        found = np.nonzero(keep)[0][:count].tolist()
        found.sort(key=lambda index: -float(away[index]))
        return [
            self._spot(float(column[i]) + 0.5, float(row[i]) + 0.5, float(away[i]), float(height[i]), False)
            for i in found
        ]

    def mirror(self, planes: Planes, standing: Sequence[tuple[Spot, float]] = ()) -> Planes:
        """The picture with its water mirroring what these planes show above it: land with trees, for example.

        Args:
            standing: What was planted, with its height in world units: it is mirrored about its own foot.
        """
        if self._mirror is None:
            return planes
        depth = np.where(np.isfinite(self.depth), self.depth, np.float32(water.FAR * 2))
        for spot, height in standing:
            self._stand(depth, spot, height)
        return self._mirror.onto(planes, depth)

    def _stand(self, depth: Plane, spot: Spot, height: float) -> None:
        pixels = min(self.camera.columns, self.camera.rows) / POINTS
        x, y, tall = spot.x * pixels, spot.y * pixels, height * spot.scale * pixels
        columns = slice(max(int(x - tall * 0.2), 0), max(int(x + tall * 0.2) + 1, 0))
        view = depth[max(int(y - tall), 0) : max(int(y), 0), columns]
        np.minimum(view, np.float32(spot.away), out=view)

    def _rise_at(self, across: Plane, away: Plane) -> Plane:
        step = np.float32(0.03)
        ahead = self._shape.heights(across[None], away[None] + step)[0]
        side = self._shape.heights(across[None] + step, away[None])[0]
        here = self._shape.heights(across[None], away[None])[0]
        rise: Plane = np.maximum(np.abs(ahead - here), np.abs(side - here)) / step
        return rise

    def _spot(self, column: float, row: float, away: float, height: float, hidden: bool) -> Spot:
        scale = POINTS / min(self.camera.columns, self.camera.rows)
        return Spot(column * scale, row * scale, self.camera.focal / away * scale, away, height, hidden)


def land(
    planes: Planes,
    sky: Sky,
    grid: Grid,
    palette: Palette,
    dice: Dice,
    report: Report,
    *,
    ground: Ground,
    horizon: float,
    lake: bool = False,
    volcano: bool = False,
    winter: bool = False,
    season: str = "",
    bank: bool = False,
    mirrored: bool = True,
    weather: frozenset[Weather] = frozenset(),
    traits: frozenset[str] = frozenset(),
) -> Land:
    """Land over a sky, up to the distance.

    Args:
        planes: Display planes of the sky, and of whatever else is farther than the land.
        season: `autumn`, `spring` or nothing.
        bank: Firm ground along the bottom of the page, where a lake or the sea would reach it.
        mirrored: Lay the water at once; without, `Land.mirror` does it when trees stand.
        weather: `fog` gathers in valleys, `lightning` makes a heavy sea, as does the trait `waves`.
    """
    stormy = ground == "sea" and ("lightning" in weather or "waves" in traits)
    relief = _relief(ground, grid, volcano, stormy)
    light = terrain_soil.light(palette, sky, ground)
    maps = terrain_maps.maps(relief, dice, light.towards)
    camera = Camera(grid.columns, grid.rows, skies.focal(grid), horizon * grid.rows, relief.camera)
    shape = _best(Shape(relief, maps, _form(ground, dice, grid, volcano), (0, 0)), camera, sky, dice)
    report(0.3)
    level = _level(shape, camera, ground, lake, volcano)
    if bank and level > DRY:
        shape = dataclasses.replace(shape, bank=_bank(camera, level, dice))
    slices = terrain_view.cut(shape.heights, camera, relief.far, level)
    view = terrain_view.seen(slices)
    report(0.5)
    seen = _ground(shape, view)
    soil = terrain_soil.Soil(ground, palette, light, winter, season, weather, volcano, stormy)
    lands = terrain_soil.coloured(seen, soil, dice)
    air = terrain_soil.air(palette, planes, camera.horizon, relief.far, weather)
    lands = terrain_soil.veiled(lands, seen, air, shape.maps.detail)
    report(0.75)
    page = planes.copy()
    page[:, view.rows, view.columns] = lands
    depth = np.full(page.shape[1:], np.inf, np.float32)
    depth[view.rows, view.columns] = view.away
    _soften(page, depth)
    wet = water.wetness(seen, camera, ground, level)
    mirror = None
    if ground in water.SEAS or level > DRY:
        mirror = Mirror(slices, sky, palette, soil, air, wet, level, Ripples.of(dice), seen, shape.form)
        page = mirror.onto(page) if mirrored else page
    report(1.0)
    haze = terrain_soil.digits(air.colour)
    return Land(np.clip(page, 0, 1), depth, wet, horizon, haze, relief.far, light.factors, slices, shape, mirror, level)


def _best(shape: Shape, camera: Camera, sky: Sky, dice: Dice) -> Shape:
    """The best of a few views of the same land, as a photographer walks about before the shot."""
    places = [(dice.between(0, tiles.SIDE), dice.between(0, tiles.SIDE)) for _ in range(VIEWS)]
    shapes = [dataclasses.replace(shape, start=place) for place in places]
    peak = shape.relief.peak
    if peak is None or isinstance(shape.form, terrain_soil.Cone):
        return shapes[0]
    sun = sky.sun.x if sky.sun else 0.3
    return max(shapes, key=lambda other: _beauty(other, camera, peak, 1 - sun))


def _beauty(shape: Shape, camera: Camera, peak: float, side: float) -> float:
    """Higher for a free foreground, a crest of about the wished height, and that on the wished side."""
    away = np.geomspace(0.5, shape.relief.far * 0.8, 48).astype(np.float32)[:, None]
    columns = np.linspace(0, camera.columns - 1, 48, dtype=np.float32)[None]
    heights = shape.heights(camera.across(columns, away), np.broadcast_to(away, (48, 48)))
    slopes = (heights - np.float32(camera.height)) / away
    crest = slopes.max(0)
    wished = min(peak, 0.72 * camera.horizon / camera.focal)
    blocked = max(float(slopes[away[:, 0] < BLOCKING_AWAY].max()) + 0.10, 0.0)
    at = float(np.argmax(crest)) / 48
    uneven = min(float(crest.std()), wished * 0.5) + 0.5 * float(np.abs(np.diff(slopes[8:], axis=1)).mean())
    return 2 * uneven - 3 * blocked - 1.2 * abs(float(crest.max()) - wished) - 0.12 * abs(at - side)


def _relief(ground: Ground, grid: Grid, volcano: bool, stormy: bool) -> Relief:
    return terrain_soil.adapted(
        terrain_maps.RELIEFS["hills" if volcano and ground in ("alps", "hills", "meadow") else ground],
        ratio=grid.columns / grid.rows,
        stormy=stormy,
        calm=volcano,
    )


def _form(ground: Ground, dice: Dice, grid: Grid, volcano: bool) -> terrain_soil.Form | None:
    if ground == "beach":
        return terrain_soil.Shore.of(dice)
    if volcano:
        return terrain_soil.Cone.of(dice, narrow=grid.columns < grid.rows)
    return None


def _bank(camera: Camera, level: float, dice: Dice) -> terrain_soil.Bank:
    top = level + BANK_TOP
    edge = camera.focal * (camera.height - top) / ((camera.rows - camera.horizon) * BANK_SHARE)
    return terrain_soil.Bank.of(dice, edge, top)


def _level(shape: Shape, camera: Camera, ground: Ground, lake: bool, volcano: bool) -> float:
    """The height of the water: where a lake is asked, so that it fills most of the foreground."""
    if ground in SEA_LEVEL:
        return SEA_LEVEL[ground]
    if not lake:
        return DRY
    away = np.geomspace(0.4, LAKE_AWAY * (1.7 if volcano else 1), 40).astype(np.float32)[:, None]
    columns = np.linspace(0, camera.columns - 1, 64, dtype=np.float32)[None]
    heights = shape.heights(camera.across(columns, away), np.broadcast_to(away, (40, 64)))
    return float(np.percentile(heights, 100 * LAKE_SHARE))


def _ground(shape: Shape, view: Seen) -> Ground3d:
    """Everything about the land at the pixels that show it."""
    spots, fine = shape.spots(view.across, view.away)
    maps, rise = shape.maps, shape.rise(view.away)
    heights = maps.height.on(spots) * rise
    rough = shape.roughness(heights, view.away)
    detail = maps.detail.on(fine)
    heights += detail * rough
    rough *= np.float32(DETAIL_TEXELS)
    across = maps.across.on(spots) * rise + maps.detail_across.on(fine) * rough
    away = maps.away.on(spots) * rise + maps.detail_away.on(fine) * rough
    sunlit = maps.sunlit.on(spots)
    for form in shape.forms:
        heights, across, away = form.raised(heights, across, away, view.across, view.away)
    if shape.bank is not None:
        sunlit = np.where(shape.bank.covers(heights, view.across, view.away), np.float32(1), sunlit)
    grain = _grain(maps, view)
    return Ground3d(view, heights, across, away, sunlit, detail, grain)


def _grain(maps: Maps, view: Seen) -> Plane:
    """The finest detail, only where it is near enough to be seen."""
    grain = np.zeros_like(view.away)
    near = np.nonzero(view.away < GRAIN_AWAY)[0]
    away = view.away[near]
    fine = np.float32(GRAIN_TEXELS)
    spots = Spots.at(view.across[near] * fine, away * fine)
    grain[near] = maps.grain.on(spots) * ease(GRAIN_AWAY, 0.5, away)
    return grain


def _soften(page: Planes, depth: Plane) -> None:
    """Blend the pixels along silhouettes with their neighbours: a crest is no staircase."""
    edge = np.zeros(depth.shape, bool)
    with np.errstate(invalid="ignore"):
        down = depth[:-1] > depth[1:] * np.float32(EDGE_STEP)
        across = np.abs(np.diff(np.minimum(depth, 1e6), axis=1)) > np.float32(EDGE_STEP - 1) * np.minimum(
            depth[:, 1:], depth[:, :-1]
        )
    edge[:-1] |= down
    edge[1:] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[0] = edge[-1] = edge[:, 0] = edge[:, -1] = False
    flat = np.nonzero(edge.ravel())[0]
    columns = depth.shape[1]
    for plane in page:
        values: Sequence[Plane] = plane.ravel()
        total = np.take(values, flat) * np.float32(4)
        for step, weight in ((1, 2), (-1, 2), (columns, 2), (-columns, 2)):
            total += np.take(values, flat + step) * np.float32(weight)
        for step in (columns + 1, columns - 1, 1 - columns, -1 - columns):
            total += np.take(values, flat + step)
        np.put(plane, flat, total * np.float32(1 / 16))
