"""What land is made of: its colours, the light on it, the air before it, and forms that no noise would make."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cavendish_sketch.canvas import tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, blurred, ease, mix
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.tiles import Tile
from cavendish_sketch.language.brief import Ground, Weather
from cavendish_sketch.nature.skies import Sky, colour
from cavendish_sketch.nature.terrain_maps import Relief
from cavendish_sketch.nature.terrain_view import Seen

SUN_BEHIND = -0.40  # light comes from a little behind the camera: land against the light would be black
LOW_LIGHT: dict[Ground, float] = {"dunes": 0.72, "snow": 0.60}  # of the sun's height: forms show by their shadows
SHADE = 0.20  # of the sun's light that is left in cast shadow
DIRECT, AMBIENT = 1.22, 0.60
SHOULDER = 0.62  # tone above which highlights are pressed together
GREYER = 0.45  # of the skylight's colour is lost on the way: a land in blue light looks drowned
NIGHT_LOSS = 0.44
HAZE_START = 0.10  # of the land's depth
HAZE_GAIN = 2.4
STORM_SEA = 2.7  # times as high as a calm one


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Sunlight and skylight as factors (3, 1); `towards` is east, up and away from the camera."""

    towards: tuple[float, float, float]
    sun: Planes
    sky: Planes

    @property
    def factors(self) -> tuple[float, float, float]:
        """Red, green and blue that light of both kinds makes of something white that stands in it."""
        red, green, blue = (self.sun * 0.42 + self.sky * 0.92).ravel().tolist()
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Soil:
    """All that decides about the land's colours."""

    ground: Ground
    palette: Palette
    light: Light
    winter: bool
    season: str
    weather: frozenset[Weather]
    volcano: bool
    stormy: bool


@dataclass(slots=True, eq=False)
class Ground3d:
    """The land at the pixels that show it: height, slopes across and away, cast shadow, and fine detail."""

    view: Seen
    height: Plane
    across: Plane
    away: Plane
    sunlit: Plane
    detail: Plane
    grain: Plane

    @property
    def up(self) -> Plane:
        """1 where the land is level, less where it is steep."""
        up: Plane = 1 / np.sqrt(1 + self.across * self.across + self.away * self.away)
        return up


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """Haze: its colour per column (3, columns), in the middle, and how fast it thickens with distance."""

    columns: Planes
    colour: Planes
    thickness: float
    start: float
    fog: bool


class Form(Protocol):
    """A shape laid over the noise."""

    def raise_(self, heights: Plane, across: Plane, away: Plane) -> Plane: ...

    def raised(
        self, heights: Plane, slope_across: Plane, slope_away: Plane, across: Plane, away: Plane
    ) -> tuple[Plane, Plane, Plane]:
        """Heights and both slopes."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Cone:
    """A volcano: concave flanks with gullies, and a crater that is seen as a notch."""

    x: float
    z: float
    radius: float
    height: float
    gullies: Tile

    @classmethod
    def of(cls, dice: Dice, *, narrow: bool) -> Cone:
        radius = 3.0 if narrow else 4.6
        side = dice.between(0.05, 0.35) * dice.pick((-1, 1)) if narrow else dice.between(0.35, 1.0) * dice.pick((-1, 1))
        return cls(side, 7.0, radius, 2.9, Tile(tiles.fractal(dice, 1.8, low=6)))

    def raise_(self, heights: Plane, across: Plane, away: Plane) -> Plane:
        cone = self._cone(across, away)
        return np.maximum(heights * np.float32(0.5), cone + heights * np.float32(0.06))

    def raised(
        self, heights: Plane, slope_across: Plane, slope_away: Plane, across: Plane, away: Plane
    ) -> tuple[Plane, Plane, Plane]:
        cone, step = self._cone(across, away), np.float32(0.02)
        mine = cone + heights * np.float32(0.06) > heights * np.float32(0.5)
        right = (self._cone(across + step, away) - cone) / step
        ahead = (self._cone(across, away + step) - cone) / step
        return (
            np.where(mine, cone + heights * np.float32(0.06), heights * np.float32(0.5)),
            np.where(mine, right + slope_across * np.float32(0.10), slope_across * np.float32(0.5)),
            np.where(mine, ahead + slope_away * np.float32(0.10), slope_away * np.float32(0.5)),
        )

    def _cone(self, across: Plane, away: Plane) -> Plane:
        x, z = across - np.float32(self.x), away - np.float32(self.z)
        out = np.sqrt(x * x + z * z) * np.float32(1 / self.radius)
        angle = np.arctan2(x, z) * np.float32(512 / (2 * np.pi))
        gully = self.gullies.at(angle * 2, out * 170 + self.gullies.at(angle, out * 40) * 14)
        flank = np.clip(1 - out, 0, 1) ** np.float32(2.0)
        cone = (
            flank
            * np.float32(self.height)
            * (1 + gully * np.float32(0.020) * ease(0.0, 0.25, out) * ease(1.0, 0.5, out))
        )
        crater = np.float32(self.height * 0.83) + np.float32(0.03) * self.gullies.at(angle * 2, angle * 0)
        topped: Plane = np.minimum(cone, crater)
        return topped


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Firm ground right in front, for those who stand at a lake: it falls to the water along a crooked line."""

    edge: float
    top: float
    bends: Tile

    @classmethod
    def of(cls, dice: Dice, edge: float, top: float) -> Bank:
        return cls(edge, top, Tile(tiles.fractal(dice, 2.6)))

    def raise_(self, heights: Plane, across: Plane, away: Plane) -> Plane:
        return np.maximum(heights, self._bank(across, away))

    def raised(
        self, heights: Plane, slope_across: Plane, slope_away: Plane, across: Plane, away: Plane
    ) -> tuple[Plane, Plane, Plane]:
        bank, step = self._bank(across, away), np.float32(0.01)
        mine = bank > heights
        ahead = (self._bank(across, away + step) - bank) / step
        return (
            np.maximum(heights, bank),
            slope_across * np.where(mine, np.float32(0.15), 1),
            np.where(mine, ahead, slope_away),
        )

    def covers(self, heights: Plane, across: Plane, away: Plane) -> Plane:
        """Where it is what one stands on, of land with these heights."""
        covered: Plane = self._bank(across, away) >= heights - np.float32(1e-5)
        return covered

    def _bank(self, across: Plane, away: Plane) -> Plane:
        edge = np.float32(self.edge) + self.bends.at(across * 60, np.zeros_like(across)) * np.float32(0.05)
        # It falls to well under any water behind it, where the land itself takes over.
        bank: Plane = np.float32(self.top) + np.clip((away - edge) * np.float32(-0.22), -0.4, 0.05)
        return bank


@dataclass(frozen=True, slots=True, eq=False)
class Shore:
    """A beach: sand that slopes down to the sea, which lies behind a curved line across the picture."""

    start: float
    slant: float
    bends: Tile

    @classmethod
    def of(cls, dice: Dice) -> Shore:
        return cls(
            dice.between(1.15, 1.45), dice.between(0.14, 0.32) * dice.pick((-1, 1)), Tile(tiles.fractal(dice, 3.0))
        )

    def offshore(self, across: Plane, away: Plane) -> Plane:
        """Distance beyond the water's edge; negative on the sand."""
        line = np.float32(self.start) + across * np.float32(self.slant)
        line += self.bends.at(across * 26, np.zeros_like(across)) * np.float32(0.10)
        off: Plane = away - np.maximum(line, np.float32(0.35))
        return off

    def raise_(self, heights: Plane, across: Plane, away: Plane) -> Plane:
        off = self.offshore(across, away)
        return heights * np.clip(off * np.float32(-1.6), 0, 1) + np.clip(off * np.float32(-0.075), -0.10, 0.09)

    def raised(
        self, heights: Plane, slope_across: Plane, slope_away: Plane, across: Plane, away: Plane
    ) -> tuple[Plane, Plane, Plane]:
        dry = np.clip(self.offshore(across, away) * np.float32(-1.6), 0, 1)
        slopes = slope_across * dry + np.float32(self.slant * 0.075), slope_away * dry - np.float32(0.075)
        return (self.raise_(heights, across, away), *slopes)


def adapted(relief: Relief, *, ratio: float, stormy: bool, calm: bool) -> Relief:
    """The same relief for a page of another shape: a banner's long lens would make its hills too tall."""
    height = relief.height * (STORM_SEA if stormy else 1.0) * (0.6 if calm else 1.0)
    if ratio > 2.4:
        height *= (2.4 / ratio) ** 0.45
    return dataclasses.replace(relief, height=height)


def light(palette: Palette, sky: Sky, ground: Ground) -> Light:
    """Light from the sun's side, warm; from above, the colour of the sky."""
    side = (sky.sun.x - 0.5) * 2.6 if sky.sun else -0.6
    side = max(min(side, 1.0), -1.0) or 0.4
    side = side if abs(side) > 0.35 else 0.35 * (1 if side > 0 else -1)
    rise = (0.22 + 0.36 * palette.height) * (LOW_LIGHT.get(ground, 1.0))
    towards = np.array([side, rise, SUN_BEHIND])
    towards /= np.linalg.norm(towards)
    day = 1 - NIGHT_LOSS * palette.night
    dyed = np.array(palette.ambient, np.float32)[:, None]
    sun = mix(colour(palette.sun), colour(palette.lit), 0.5)[:, :, 0] * dyed * np.float32(DIRECT * day)
    if sky.sun is None:
        sun *= np.float32(0.55)
    above = colour(palette.sky[1][1])[:, :, 0]
    above = mix(above, above.mean(keepdims=True), np.float32(GREYER if ground != "snow" else 0))  # blue shadows
    ambient = (above * np.float32(0.62) + np.float32(0.28)) * dyed * np.float32(AMBIENT * (0.5 + 0.5 * day))
    if sky.sun is None:
        ambient *= np.float32(1.35)
    return Light((float(towards[0]), float(towards[1]), float(towards[2])), sun, ambient)


def coloured(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    """The land's colours under the light, (3, pixels)."""
    albedo = (_volcano if soil.volcano else ALBEDO[soil.ground])(land, soil, dice)
    if soil.winter and soil.ground not in ("snow", "alps") and not soil.volcano:
        albedo = _snowed(albedo, land, -0.5)
    east, up, north = (np.float32(value) for value in soil.light.towards)
    level = land.up
    lambert = np.clip((up - land.across * east - land.away * north) * level, 0, 1.2)
    lambert *= land.sunlit * np.float32(1 - SHADE) + np.float32(SHADE)
    lit = soil.light.sun * lambert
    lit += soil.light.sky * (level * np.float32(0.5) + np.float32(0.5))
    lit *= albedo
    return _rolled(lit)


def _rolled(tones: Planes) -> Planes:
    """Bright tones pressed together under white, so that snow keeps its forms."""
    over = np.maximum(tones - np.float32(SHOULDER), 0)
    np.minimum(tones, np.float32(SHOULDER), out=tones)
    room = np.float32(0.98 - SHOULDER)
    tones += room * (over / (over + room))
    return tones


def air(palette: Palette, sky: Planes, horizon: float, far: float, weather: frozenset[Weather]) -> Air:
    """Haze takes the colour of the sky where it meets the land."""
    row = min(max(int(horizon) - 4, 0), sky.shape[1] - 1)
    band = sky[:, max(row - 6, 0) : row + 1].mean(1)
    smooth = np.stack([blurred(np.repeat(line[None], 3, 0), sky.shape[2] / 24)[1] for line in band])
    columns = mix(smooth, colour(palette.far)[:, :, 0], np.float32(0.42)).astype(np.float32)
    fog = "fog" in weather
    thick = HAZE_GAIN * (2.3 if fog else 1.35 if {"rain", "snow"} & weather else 1.0)
    return Air(columns, columns.mean(1, keepdims=True), thick / far, HAZE_START * far * (0.3 if fog else 1), fog)


def veiled(planes: Planes, land: Ground3d, air_: Air, clumps: Tile) -> Planes:
    """Colours seen through the air: thicker with distance and in the valleys."""
    away = np.maximum(land.view.away - np.float32(air_.start), 0)
    haze = 1 - np.exp(away * np.float32(-air_.thickness))
    haze *= np.float32(0.62) + np.float32(0.38) * np.exp(np.clip(land.height, 0, 3) * np.float32(-1.4))
    haze *= np.float32(0.95)
    if air_.fog:
        bank = np.exp(np.clip(land.height, 0, 3) * np.float32(-5.0)) * ease(0.5, 3.0, land.view.away)
        drift = clumps.at(land.view.across * 14 + land.height * 40, land.view.away * 9)
        haze += (1 - haze) * bank * np.clip(np.float32(0.62) + drift * np.float32(0.25), 0, 0.95)
    planes += (np.take(air_.columns, land.view.columns, axis=1) - planes) * haze
    return planes


def digits(tone: Planes) -> str:
    return "".join(f"{round(float(value) * 255):02x}" for value in np.clip(tone.ravel()[:3], 0, 1))


def _tone(text: str) -> Planes:
    return colour(text)[:, :, 0]


def _grained(albedo: Planes, land: Ground3d, fine: float, near: float) -> Planes:
    factor = 1 + np.clip(land.detail, -2.5, 2.5) * np.float32(fine) + np.clip(land.grain, -2.5, 2.5) * np.float32(near)
    result: Planes = albedo * factor
    return result


def _snowed(albedo: Planes, land: Ground3d, line: float, *, soft: float = 0.22, hold: float = 0.66) -> Planes:
    """Snow above a height, where the land is not too steep to hold it."""
    level = land.up
    cover = ease(line, line + soft, land.height + land.detail * np.float32(0.035))
    cover *= ease(hold - 0.20, hold + 0.06, level + land.detail * np.float32(0.035))
    snow = _tone("f3f7fd") * (1 + np.clip(land.grain, -2, 2) * np.float32(0.02))
    result: Planes = albedo + (snow - albedo) * cover
    return result


def _alps(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    grass = {"autumn": "94803f", "spring": "82a052"}.get(soil.season, "748a4c")
    albedo = mix(_tone(grass), _tone("39543a"), ease(-0.6, 0.9, land.detail))
    rock = mix(_tone("8d857e"), _tone("5e5a5b"), ease(-1.0, 1.2, land.detail + land.height * 0))
    stone = np.maximum(ease(0.86, 0.70, land.up), ease(0.42, 0.72, land.height + land.detail * np.float32(0.05)))
    albedo = _grained(albedo + (rock - albedo) * stone, land, 0.07, 0.07)
    return _snowed(albedo, land, -0.5 if soil.winter else 0.62, hold=0.60)


def _hills(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    greens = {"autumn": AUTUMN_FIELDS, "spring": SPRING_FIELDS}.get(soil.season, FIELDS)
    albedo, hedge = _fields(land, greens)
    wild = mix(_tone("8fa850"), _tone("647f3e"), ease(-1, 1, land.detail))
    if soil.season == "autumn":
        wild = mix(_tone("b08a3c"), _tone("8a6f34"), ease(-1, 1, land.detail))
    tilled = ease(0.93, 0.985, land.up) * ease(0.7, 1.4, land.view.away)
    albedo = wild + (albedo - wild) * tilled
    albedo *= 1 - hedge * tilled * np.float32(0.42)
    return _grained(albedo, land, 0.05, 0.10)


FIELDS = ("a3b455", "7c9a48", "d8c274", "68893f", "bcc468", "c9ad66", "93aa50", "7f924c")
SPRING_FIELDS = ("9cc455", "7fb24a", "e3cf4c", "8abf52", "a8cc62", "74a846", "93bd50", "c9d468")
AUTUMN_FIELDS = ("b99a4a", "a88340", "c9a653", "8f8040", "bf8f3e", "a5763a", "cbb264", "97884a")


def _fields(land: Ground3d, tones: tuple[str, ...]) -> tuple[Planes, Plane]:
    """A patchwork: crooked cells of one colour each, with rows of crops, and hedges between them."""
    away, across = land.view.away, land.view.across
    bend = land.height * np.float32(0.9)
    down = (away + bend * np.float32(0.4) + across * np.float32(0.18)) * np.float32(0.85)
    line = np.floor(down)
    side = (across - bend * np.float32(0.35) + away * np.float32(0.12)) * np.float32(0.62)
    side += (line * np.float32(0.618)) % 1
    cell = np.floor(side)
    number = ((cell * 7 + line * 13).astype(np.int64) * 2654435761 >> 7) & (len(tones) - 1)
    table = np.concatenate([_tone(text) for text in tones], 1)
    crops = np.sin((side * (3 + number % 3) + down * (number % 2)) * np.float32(26))
    albedo = np.take(table, number, axis=1)
    albedo *= 1 + crops * np.float32(0.055) * ease(5.5, 1.5, away)
    reach = np.minimum(np.minimum(side - cell, 1 - side + cell), np.minimum(down - line, 1 - down + line))
    width = np.float32(0.016) + away * np.float32(0.0016)
    return albedo, ease(1.0, 0.35, reach / width)


def _meadow(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    light, deep = {"autumn": ("b79a4c", "7d6f35")}.get(soil.season, ("9fb858", "60803c"))
    albedo = mix(_tone(light), _tone(deep), ease(-1.3, 1.5, land.detail + land.grain * np.float32(0.5)))
    far = mix(_tone("5f8a44"), _tone("3f6a3a"), ease(-1, 1, land.detail))
    albedo = albedo + (far - albedo) * ease(5, 12, land.view.away)
    albedo = _grained(albedo, land, 0.05, 0.12)
    drifts = ease(
        0.0,
        1.5,
        np.sin(land.view.across * np.float32(1.7) + land.detail * np.float32(0.5))
        + np.sin(land.view.away * np.float32(1.1)),
    )
    petals = (
        ease(1.05, 1.7, land.detail * np.float32(0.55) + land.grain * np.float32(0.8))
        * drifts
        * ease(7, 2.0, land.view.away)
    )
    tones = np.concatenate([_tone(text) for text in ("fdf6ee", "ffd95c", "f2849e", "b98be0")], 1)
    kind = (np.floor(land.view.across * 1.3 + land.detail) % 4).astype(np.intp)
    return albedo + (np.take(tones, kind, axis=1) - albedo) * (petals * np.float32(0.75))


def _snowfield(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    snow = mix(_tone("e8eef6"), _tone("d3dfee"), ease(-1.5, 1.5, land.detail))
    stone = ease(0.70, 0.56, land.up)
    albedo = snow + (_tone("8b8f98") - snow) * stone
    return _grained(albedo, land, 0.008, 0.016)


def _dunes(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    """Sand; the wind's ripples tilt it a little, which the light then finds."""
    away, across = land.view.away, land.view.across
    phase = (away * np.float32(1.0) + across * np.float32(0.42) + land.height * np.float32(1.1)) * np.float32(92)
    phase += land.detail * np.float32(1.6)
    ripple = np.cos(phase) * ease(3.4, 0.7, away) * ease(0.80, 0.97, land.up)
    land.away = land.away + ripple * np.float32(0.17)
    land.across = land.across + ripple * np.float32(0.08)
    albedo = mix(_tone("e6b484"), _tone("d29a68"), ease(-2.5, 2.5, land.detail + (land.up - np.float32(0.9)) * -8))
    return _grained(albedo, land, 0.015, 0.022)


STRATA = ("c9764a", "a8512f", "d99a68", "b5623c", "e0b083", "98472c", "c46a40", "d68c5a", "a95a38", "e3bd94")


def _canyon(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    """Banded rock in the cliffs, red sand and shrubs on what is level."""
    layer = (land.height + land.detail * np.float32(0.004)) * np.float32(30) + np.sin(
        land.view.across * np.float32(0.8)
    ) * np.float32(0.5)
    table = np.concatenate([_tone(text) for text in dice.shuffled(STRATA)], 1)
    low = np.floor(layer)
    part = ease(0.55, 1.0, layer - low)
    first = np.take(table, low.astype(np.intp) % len(STRATA), axis=1)
    rock = first + (np.take(table, (low.astype(np.intp) + 1) % len(STRATA), axis=1) - first) * part
    sand = mix(_tone("d39a66"), _tone("bf7f50"), ease(-1.5, 1.5, land.detail))
    shrubs = ease(1.1, 1.6, land.detail + land.grain * np.float32(0.5)) * np.float32(0.65)
    sand = sand + (_tone("7d7c4c") - sand) * shrubs
    cliff = ease(0.93, 0.74, land.up)
    return _grained(sand + (rock - sand) * cliff, land, 0.05, 0.06)


def _islands(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    albedo = mix(_tone("6f9a4c"), _tone("3f6b3c"), ease(-1, 1.2, land.detail))
    rock = mix(_tone("97897a"), _tone("6a6058"), ease(-1.2, 1.2, land.detail))
    albedo = albedo + (rock - albedo) * ease(0.86, 0.66, land.up)
    sand = ease(0.16, 0.125, land.height + land.detail * np.float32(0.006))
    albedo = albedo + (_tone("e6d3a6") - albedo) * sand
    return _grained(albedo, land, 0.06, 0.06)


def _sea(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    return np.repeat(_tone(soil.palette.water), land.height.size, 1)


def _beach(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    sand = mix(_tone("f0dcb2"), _tone("dcbd8a"), ease(-1.6, 1.6, land.detail + land.grain * np.float32(0.6)))
    wet = ease(0.020, 0.004, land.height + land.detail * np.float32(0.0016))
    sand = sand + (_tone("a98a63") - sand) * (wet * np.float32(0.85))
    return _grained(sand, land, 0.015, 0.045)


def _volcano(land: Ground3d, soil: Soil, dice: Dice) -> Planes:
    grass = {"autumn": "9a7a3a"}.get(soil.season, "5f7f4a")
    albedo = mix(_tone(grass), _tone("3c5a40"), ease(-0.6, 0.9, land.detail))
    flank = mix(_tone("5c5f70"), _tone("474a5c"), ease(-1, 1, land.detail))
    albedo = albedo + (flank - albedo) * ease(0.35, 0.75, land.height)
    albedo = _grained(albedo, land, 0.05, 0.08)
    return _snowed(albedo, land, -0.5 if soil.winter else 0.90, soft=0.40, hold=0.34)


ALBEDO: dict[Ground, Callable[[Ground3d, Soil, Dice], Planes]] = {
    "alps": _alps,
    "snow": _snowfield,
    "hills": _hills,
    "meadow": _meadow,
    "dunes": _dunes,
    "canyon": _canyon,
    "islands": _islands,
    "sea": _sea,
    "beach": _beach,
}
