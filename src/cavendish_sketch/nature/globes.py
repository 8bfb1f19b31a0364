"""Planets and moons as lit spheres: layers of a sheet, their skin worked out once, their limb sharp at any size."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from cavendish_sketch.canvas import colour, svg
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, bell, ease, mix
from cavendish_sketch.canvas.raster import Box, Pixels
from cavendish_sketch.canvas.sheet import Patch, Sheet

REACH = 1.22  # radii from the middle to the border of a layer: the air shines beyond the limb
SKIN_PIXELS = (64, 860)  # side of a skin: the least, the most
SEA_PIXELS = 740  # of a skin with land, sea and clouds: it has three times the planes
SKIN_DETAIL = 1.6  # of its pixels to a pixel of the draft
LAMBERT = 1.4143  # radius at which the equal-area map of the near half ends
STARLIGHT = 0.010  # what falls on the dark side
CODE_STEPS = 2048
RING_SPAN = (1.30, 2.25)  # radii of the planet
RING_STOPS = 44
RING_SHADOW = 0.62
RING_FLATNESS = 0.27

Vector = tuple[float, float, float]  # x to the right, y down, z towards the eye


@dataclass(frozen=True, slots=True)
class World:
    """What a planet is like.

    Attributes:
        kind: A key of `SKINS`.
        ramp: Hex colours of its ground or clouds, dark to light.
        air: Hex colour of its atmosphere; None for bare rock.
        ring: Hex colour of its rings; None for none.
    """

    kind: str
    ramp: tuple[str, ...]
    air: str | None = None
    ring: str | None = None


WORLDS = {
    "earth": World("sea", ("06142e", "0d2c5c", "1c5a94", "4f9fc4"), "79b8ff"),
    "mars": World("rock", ("3a150d", "6e2c18", "a84d28", "cf7b47", "e8b384"), "f0a878"),
    "moon": World("rock", ("2b2a2c", "59575a", "86837f", "b0aca4", "d8d3c8")),
    "mercury": World("rock", ("2a241f", "51473e", "7d7064", "a89a8a", "cfc4b4")),
    "venus": World("gas", ("9a6a34", "c4934f", "e0b878", "f0d7a4", "f9ecc9"), "ffdf9e"),
    "jupiter": World("gas", ("6e3f2a", "a8683f", "d9a877", "efd6b0", "f9eedb"), "f2d7b4"),
    "saturn": World("gas", ("8a6638", "bd9355", "dfbd80", "f0dba8", "f8efd2"), "f4dca8", "d9c29a"),
    "uranus": World("gas", ("4f9aa8", "79bcc6", "a3d7db", "c4e8e8", "def4f2"), "bff0f2", "a9c4cc"),
    "neptune": World("gas", ("132a6e", "22499c", "3a6fc8", "6fa2e6", "b8d6f7"), "7fb0ff"),
    "lava": World("lava", ("120a0c", "231517", "38221f", "523229", "6f4535"), "ff7a3c"),
    "ice": World("rock", ("4d6f8f", "7fa3be", "abc8da", "d3e5ee", "f4fafc"), "bfe0ff"),
    "jungle": World("sea", ("0a2430", "12444a", "1f6f68", "58a88c"), "8fe6c4"),
    "violet": World("gas", ("2c1650", "54308a", "8d5bbf", "c79be0", "f0d6f4"), "cfa0ff", "c9aee0"),
    "rose": World("gas", ("5a1f3a", "963f5a", "cf7480", "efae9f", "fbe0c8"), "ffb0a8", "e8bfae"),
    "teal": World("gas", ("0e3a48", "1c6670", "429a98", "8accb8", "d6f0da"), "8ff0e0", "a8d8cc"),
}
STRANGE = ("violet", "rose", "teal", "saturn", "jupiter", "neptune", "jungle", "lava", "mars", "ice")


@dataclass(frozen=True, slots=True)
class Orb:
    """A planet's place on the page, in points, and where its light comes from."""

    x: float
    y: float
    radius: float
    sun: Vector
    tilt: float = -0.35  # of its axis and rings, radians


@dataclass(frozen=True, slots=True, eq=False)
class Globe:
    """A sphere in its place; a layer of a sheet. The skin covers its box, colours of the air beyond the limb."""

    box: Box
    skin: Image.Image
    halo: Image.Image

    def patch(self, scale: float) -> Patch:
        left, top, width, _ = self.box
        side = max(round(width * scale), 2)
        pixels: Pixels = np.empty((side, side, 4), np.uint8)
        pixels[..., :3] = _sized(self.skin, side)
        pixels[..., 3] = np.maximum(_sized(self.halo, side), _disc(side))
        return _within(pixels, round(top * scale), round(left * scale))


def put(sheet: Sheet, world: World, orb: Orb, dice: Dice) -> None:
    """Lay a planet, with its rings behind and in front of it."""
    back, front, defs = _rings(world, orb, dice) if world.ring else ("", "", "")
    sheet.draw(back, defs=defs)
    reach = orb.radius * REACH
    side = int(min(max(2 * reach * sheet.scale * SKIN_DETAIL, SKIN_PIXELS[0]), SKIN_PIXELS[1]))
    if world.kind == "sea":
        side = min(side, SEA_PIXELS)
    sheet.lay(Globe((orb.x - reach, orb.y - reach, 2 * reach, 2 * reach), *_skin(world, orb, dice, side)))
    sheet.draw(front, defs=defs)


def unit(x: float, y: float, z: float) -> Vector:
    """A direction of length one."""
    length = math.sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length


def _sized(image: Image.Image, side: int) -> Pixels:
    grown = side >= image.width
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC if grown else Image.Resampling.BOX))


def _disc(side: int) -> Plane:
    radius = side / 2 / REACH
    place = np.arange(side, dtype=np.float32) + np.float32(0.5 - side / 2)
    squared = place * place
    away = np.sqrt(squared[:, None] + squared)
    disc: Plane = (np.clip(radius - away + 0.5, 0, 1) * 255).astype(np.uint8)
    return disc


def _within(pixels: Pixels, top: int, left: int) -> Patch:
    """A layer may hang over the page's upper and left border."""
    return Patch(pixels[max(-top, 0) :, max(-left, 0) :], max(top, 0), max(left, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """The near half of a unit sphere, seen from far away, one value per pixel of a skin.

    Attributes:
        x, y, z: The normal; beyond the limb, that of the nearest point on it.
        away: Distance from the middle, 1 at the limb.
        latitude: Radians from the equator.
        longitude: Radians from the middle.
    """

    x: Plane
    y: Plane
    z: Plane
    away: Plane
    latitude: Plane
    longitude: Plane

    @classmethod
    def of(cls, side: int, tilt: float) -> Ball:
        place = ((np.arange(side, dtype=np.float32) + 0.5) * np.float32(2 / side) - 1) * np.float32(REACH)
        away = np.sqrt(place * place + (place * place)[:, None])
        inward = 1 / np.maximum(away, 1)
        x, y = place * inward, place[:, None] * inward
        z = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
        north = y * math.cos(tilt) - x * math.sin(tilt)
        east = x * math.cos(tilt) + y * math.sin(tilt)
        lean = np.float32(RING_FLATNESS)
        up = north * np.sqrt(1 - lean * lean) + z * lean
        out = z * np.sqrt(1 - lean * lean) - north * lean
        return cls(x, y, z, away, np.arcsin(np.clip(up, -1, 1)), np.arctan2(east, out))

    def mapped(self, texture: Plane) -> Plane:
        """A square texture on the near half, by Lambert's equal-area map: no pole within sight."""
        spread = np.sqrt(2 / (1 + self.z)) * np.float32(0.5 / LAMBERT)
        return _sampled(texture, 0.5 + self.y * spread, 0.5 + self.x * spread)

    def wrapped(self, texture: Plane) -> Plane:
        """A texture by latitude and longitude: what runs along the equator stays parallel to it."""
        turn = np.float32(1 / math.pi)
        return _sampled(texture, 0.5 + self.latitude * turn, 0.5 + self.longitude * (turn * np.float32(0.5)))


def _sampled(texture: Plane, down: Plane, across: Plane) -> Plane:
    """Bilinear samples at shares of the texture's height and width."""
    rows, columns = texture.shape
    y, x = np.clip(down, 0, 1) * np.float32(rows - 1.01), np.clip(across, 0, 1) * np.float32(columns - 1.01)
    top, left = y.astype(np.int32), x.astype(np.int32)
    y -= top
    x -= left
    flat = texture.ravel()
    index = top * columns + left
    above = flat[index]
    above += (flat[index + 1] - above) * x
    index += columns
    below = flat[index]
    below += (flat[index + 1] - below) * x
    samples: Plane = above + (below - above) * y
    return samples


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a skin is made of, before light falls on it.

    Attributes:
        tone: Linear red, green and blue that it throws back.
        height: Relief in radii.
        wet: Where the sun is mirrored, 0 to 1; None for nowhere.
        fire: Light of its own; None for none.
    """

    tone: Planes
    height: Plane | None = None
    wet: Plane | None = None
    fire: Planes | None = None


def _skin(world: World, orb: Orb, dice: Dice, side: int) -> tuple[Image.Image, Image.Image]:
    """Colours, and how much of them is seen beyond the limb. Two images: resizing one with alpha would darken both."""
    ball = Ball.of(side, orb.tilt)
    light = _lit(SKINS[world.kind](world, ball, dice), world, ball, orb)
    colours = np.ascontiguousarray(np.moveaxis(_encoded(light), 0, -1))
    return Image.fromarray(colours), Image.fromarray((_halo(world, ball, orb) * 255).astype(np.uint8))


def _lit(ground: Ground, world: World, ball: Ball, orb: Orb) -> Planes:
    facing = _facing(ball, orb.sun)
    sun = facing if ground.height is None else facing + _relief(ground.height, ball, orb.sun)
    # Air carries light a little beyond the terminator; on bare rock it is hard.
    soft = 0.10 if world.air else 0.02
    day = np.clip((sun + soft) / (1 + soft), 0, 1)
    day *= ease(-0.06 - soft, 0.16, facing)
    if world.ring:
        day *= 1 - RING_SHADOW * _ring_shadow(ball, orb)
    light: Planes = ground.tone * (day * 1.25 + STARLIGHT) * (0.62 + 0.38 * ball.z)
    if ground.wet is not None:
        light += ground.wet * (_mirrored(ball, orb.sun) * day)
    if world.air:
        light += _air(world.air, ball, facing)
    if ground.fire is not None:
        light += ground.fire * (1 - (0.55 if world.kind == "lava" else 1.0) * np.sqrt(day))
    return light


def _facing(ball: Ball, sun: Vector) -> Plane:
    return ball.x * sun[0] + ball.y * sun[1] + ball.z * sun[2]


def _relief(height: Plane, ball: Ball, sun: Vector) -> Plane:
    """Slopes towards the sun are brighter; towards the limb they are seen from the side and fade."""
    per_radius = height.shape[0] / 2 / REACH
    down, across = np.gradient(height)
    slope = across * np.float32(-sun[0] * per_radius) + down * np.float32(-sun[1] * per_radius)
    light: Plane = slope * np.sqrt(ball.z)
    return light


def _mirrored(ball: Ball, sun: Vector) -> Plane:
    half = unit(sun[0], sun[1], sun[2] + 1)
    shine = np.clip(_facing(ball, half), 0, 1)
    for _ in range(4):
        shine = shine * shine  # a power of 16 by squaring: `**` with 40 takes ten times as long
    wide = np.float32(0.05) * shine
    light: Plane = wide + np.float32(0.60) * shine * shine * np.sqrt(shine)
    return light


def _air(air: str, ball: Ball, facing: Plane) -> Planes:
    """Scattered light: thickest at the limb, and red where it comes in low."""
    edge = 1 - ball.z
    day = ease(-0.22, 0.55, facing)
    dusk = bell(facing - 0.02, 0.13)
    thin = colour.vector(air) * (day * (0.05 + 1.0 * edge * edge * edge))
    thick: Planes = thin + colour.vector("ff7a3c") * (dusk * (0.006 + 0.09 * edge))
    return thick


def _halo(world: World, ball: Ball, orb: Orb) -> Plane:
    if not world.air:
        return np.zeros_like(ball.away)
    day = ease(-0.30, 0.45, _facing(ball, orb.sun))
    beyond = np.clip(ball.away - 1, 0, None)
    fade = 1 - ease(0.75, 1.0, beyond * np.float32(1 / (REACH - 1)))
    halo: Plane = (0.78 * np.exp(beyond * -42) + 0.20 * np.exp(beyond * -13)) * day * fade
    return halo


def _ring_shadow(ball: Ball, orb: Orb) -> Plane:
    """How much of the sun the rings take from each place."""
    normal = ring_normal(orb.tilt)
    towards = sum(a * b for a, b in zip(normal, orb.sun, strict=True))
    if abs(towards) < 0.05:
        return np.zeros_like(ball.x)
    height = _facing(ball, normal)
    way = height * np.float32(-1 / towards)
    x, y, z = (axis + way * np.float32(step) for axis, step in zip((ball.x, ball.y, ball.z), orb.sun, strict=True))
    radius = np.sqrt(x * x + y * y + z * z)
    inside = ease(RING_SPAN[0], RING_SPAN[0] + 0.06, radius) * ease(RING_SPAN[1], RING_SPAN[1] - 0.06, radius)
    taken: Plane = inside * (way > 0) * (0.75 + 0.25 * np.sin(radius * 23))
    return taken


def ring_normal(tilt: float) -> Vector:
    """The axis of a planet, towards the eye; its rings lie square to it."""
    upright = math.sqrt(1 - RING_FLATNESS**2)
    return -math.sin(tilt) * -upright, -math.cos(tilt) * upright, RING_FLATNESS


@functools.lru_cache(maxsize=1)
def _codes() -> Plane:
    codes: Plane = (colour.encode(np.linspace(0, 1, CODE_STEPS) ** 2) * 255).astype(np.uint8)
    return codes


def _encoded(light: Planes) -> Planes:
    """Linear light as sRGB bytes, highlights rolled off."""
    rolled = light / (1 + 0.22 * np.clip(light, 0, None))
    return _codes()[(np.sqrt(np.clip(rolled, 0, 1)) * (CODE_STEPS - 1)).astype(np.int16)]


def _square(ball: Ball) -> Grid:
    side = int(ball.z.shape[0])
    return Grid.of(side, side)


def _rock(world: World, ball: Ball, dice: Dice) -> Ground:
    grid = _square(ball)
    rough = grid.clouds(dice, 0.16, 6, gain=0.58)
    plains = ease(-0.3, 0.9, grid.clouds(dice, 0.42, 4, gain=0.5))
    height, fresh = ball.mapped(rough * np.float32(0.008)), np.zeros_like(ball.z)
    _add_craters(height, fresh, ball, dice, fewer=bool(world.air))
    place = 0.74 - 0.34 * ball.mapped(plains) + ball.mapped(rough) * 0.07 + fresh * 0.25
    tone = colour.Ramp(world.ramp).at(place)
    if world.air:
        cap = ease(1.12, 1.22, -ball.latitude + 0.08 * ball.mapped(rough))
        tone = mix(tone, colour.vector("f2ece6"), cap * 0.85)
    return Ground(tone, height)


def _add_craters(height: Plane, fresh: Plane, ball: Ball, dice: Dice, *, fewer: bool) -> None:
    """Bowls with a raised rim; a few young ones with bright rays. Drawn into both planes."""
    for number in range(46 if fewer else 150):
        x, y = dice.between(-0.97, 0.97), dice.between(-0.97, 0.97)
        size = 0.016 + 0.16 * dice.between(0, 1) ** 5
        young = dice.between(0, 1) < 0.07 and size < 0.07
        if x * x + y * y < 0.95:
            _crater(height, fresh, ball, (x, y, math.sqrt(1 - x * x - y * y)), size, young=young, turn=number)


def _crater(height: Plane, fresh: Plane, ball: Ball, at: Vector, size: float, *, young: bool, turn: float) -> None:
    side = ball.z.shape[0]
    reach = size * (4.5 if young else 2.0)
    spans = []
    for place in (at[1], at[0]):
        middle = (place / REACH + 1) / 2 * side
        half = reach / REACH / 2 * side + 1
        spans.append(slice(max(int(middle - half), 0), min(int(middle + half) + 1, side)))
    window = tuple(spans)
    near = np.clip(ball.x[window] * at[0] + ball.y[window] * at[1] + ball.z[window] * at[2], -1, 1)
    away = np.sqrt(2 - 2 * near) * np.float32(1 / size)
    bowl = np.clip(away * away - 1, -0.72, 0)
    height[window] += size * np.float32(0.16) * (bowl + 0.45 * bell(away - 1.02, 0.22))
    fresh[window] -= 0.25 * bell(away, 0.8) * (not young)
    if young:
        angle = np.arctan2(ball.y[window] - at[1], ball.x[window] - at[0])
        rays = 0.5 + 0.5 * np.sin(angle * 9 + turn + 1.5 * np.sin(angle * 4 + turn))
        fresh[window] += np.exp(away * -0.9) * ease(4.4, 1.0, away) * (0.35 + rays) * 0.9


def _gas(world: World, ball: Ball, dice: Dice) -> Ground:
    grid = Grid.of(int(ball.z.shape[0] * 1.2), int(ball.z.shape[0] * 0.9))
    flow = grid.clouds(dice, 0.13, 6, gain=0.62, wide=2.6, tall=0.8)
    wave = grid.noise(dice, 0.22, wide=1.8, tall=0.5)
    latitude = np.linspace(-1, 1, 512, dtype=np.float32)
    bands = _bands(latitude, dice)
    storm = _Storm(dice.pick((-1, 1)) * dice.between(0.28, 0.5), dice.between(-0.7, 0.7), dice.between(0.13, 0.2))
    eddies, moved = ball.wrapped(flow), ball.wrapped(wave)
    inside = storm.amount(ball)
    place = np.sin(ball.latitude) + 0.020 * eddies + 0.016 * moved
    place -= inside * (np.sin(ball.latitude) - math.sin(storm.latitude)) * 0.8
    value = np.interp(place, latitude, bands).astype(np.float32)
    value += 0.045 * eddies * (0.6 + 0.4 * moved) + 0.16 * _swirl(storm, ball, eddies)
    tone = colour.Ramp(world.ramp).at(value)
    eye = ease(0.25, 0.8, inside)
    return Ground(
        mix(
            tone,
            colour.Ramp(world.ramp).colour(0.06) * np.array([1.5, 0.9, 0.8], np.float32).reshape(3, 1, 1),
            eye * 0.55,
        )
    )


@dataclass(frozen=True, slots=True)
class _Storm:
    latitude: float
    longitude: float
    size: float

    def across(self, ball: Ball) -> Plane:
        away: Plane = (ball.longitude - self.longitude) * np.float32(1 / self.size / 1.9)
        return away

    def down(self, ball: Ball) -> Plane:
        away: Plane = (ball.latitude - self.latitude) * np.float32(1 / self.size)
        return away

    def amount(self, ball: Ball) -> Plane:
        inside: Plane = np.exp(-((self.across(ball) ** 2 + self.down(ball) ** 2) ** 2))
        return inside


def _swirl(storm: _Storm, ball: Ball, eddies: Plane) -> Plane:
    across, down = storm.across(ball), storm.down(ball)
    away = np.sqrt(across * across + down * down)
    arms: Plane = np.sin(away * 9 + np.arctan2(down, across) + eddies * 0.7) * bell(away, 1.1)
    return arms


def _bands(latitude: Plane, dice: Dice) -> Plane:
    """Zones and belts, irregular as on Jupiter; poles a little darker."""
    phase = latitude * dice.between(9, 13) + dice.between(0, 6)
    phase = phase + 0.9 * np.sin(latitude * dice.between(3, 5) + dice.between(0, 6))
    fine = np.sin(latitude * dice.between(31, 41) + dice.between(0, 6)) * 0.09
    fine = fine + np.sin(latitude * dice.between(60, 80)) * 0.045
    return 0.56 + 0.27 * np.tanh(1.6 * np.sin(phase)) + fine - 0.20 * np.abs(latitude) ** 4


def _sea(world: World, ball: Ball, dice: Dice) -> Ground:
    grid = _square(ball)
    shape = grid.clouds(dice, 0.34, 7, gain=0.58)
    rough = grid.clouds(dice, 0.07, 4, gain=0.6)
    high, detail = ball.mapped(shape), ball.mapped(rough)
    land = ease(0.08, 0.13, high)
    depth = 0.22 + 0.42 * ease(-1.1, 0.10, high) ** 3 + 0.35 * ease(-0.08, 0.10, high) ** 4
    tone = mix(colour.Ramp(world.ramp).at(depth), _land(ball, high, detail), land)
    ice = ease(1.20, 1.28, np.abs(ball.latitude) + 0.07 * detail)
    tone = mix(tone, colour.vector("eef4f6"), ice)
    cloud = _clouds(grid, ball, dice)
    tone = mix(tone, colour.vector("ffffff") * 0.92, cloud)
    lights = _lights(grid, ball, dice) * land * (1 - ice)
    fire: Planes = colour.vector("ffb766") * (lights * (1 - cloud) * 0.85)
    return Ground(tone, high * land * (1 - cloud) * 0.010 + cloud * 0.008, (1 - land) * (1 - cloud) * (1 - ice), fire)


def _land(ball: Ball, high: Plane, detail: Plane) -> Planes:
    """Green where it is wet, sand in the belts at thirty degrees, bare on the heights."""
    dry = bell(np.abs(ball.latitude) - 0.48, 0.20) + 0.22 * detail
    green = colour.Ramp(("14301a", "2a4d22", "56703a")).at(0.45 + 0.2 * detail)
    tone = mix(green, colour.Ramp(("8a6a3c", "b8935a", "d9bd86")).at(0.5 + 0.2 * detail), ease(0.45, 0.95, dry))
    bare: Planes = mix(tone, colour.vector("6b5a48"), ease(0.9, 1.7, high + 0.2 * detail) * 0.8)
    return bare


def _clouds(grid: Grid, ball: Ball, dice: Dice) -> Plane:
    push = grid.clouds(dice, 0.22, 3)
    streaks = grid.clouds(dice, 0.26, 6, gain=0.62, wide=1.7, tall=0.8)
    index = np.arange(grid.rows)[:, None] + (push * (0.05 * grid.unit)).astype(np.int32)
    curled = np.take_along_axis(streaks, np.clip(index, 0, grid.rows - 1), 0)
    return ease(-0.2, 2.3, ball.mapped(curled)) * 0.97


def _lights(grid: Grid, ball: Ball, dice: Dice) -> Plane:
    """Towns, seen on the dark side."""
    crowd = ball.mapped(grid.clouds(dice, 0.16, 3))
    fine = min(grid.rows / SKIN_PIXELS[1], 1.0)  # on a small planet they are too small to be seen
    return ease(1.0, 2.2, ball.mapped(grid.noise(dice, 0.006)) + 0.5 * crowd) * ease(0.1, 1.1, crowd) * fine**2


def _lava(world: World, ball: Ball, dice: Dice) -> Ground:
    grid = _square(ball)
    plates = np.abs(grid.clouds(dice, 0.22, 6, gain=0.55))
    wider = ease(-1.9, 0.9, grid.clouds(dice, 0.4, 2))
    crack, heat = ball.mapped(plates), ball.mapped(wider)
    tone = colour.Ramp(world.ramp).at(0.25 + 0.5 * np.clip(crack, 0, 1))
    glow = np.exp(crack * -13) * heat + 0.16 * np.exp(crack * -3.5) * heat
    fire: Planes = colour.vector("ff5a1a") * (glow * 1.5) + colour.vector("ffd080") * (glow * glow * 1.3)
    return Ground(tone, np.clip(crack, 0, 0.6) * 0.025, None, fire)


SKINS: dict[str, Callable[[World, Ball, Dice], Ground]] = {"rock": _rock, "gas": _gas, "sea": _sea, "lava": _lava}


def coloured(world: World, ramp: tuple[str, ...], air: str) -> World:
    """The same kind of planet in the colours of a picture."""
    return replace(world, ramp=ramp, air=air if world.air else None, ring=ramp[-2] if world.ring else None)


def _rings(world: World, orb: Orb, dice: Dice) -> tuple[str, str, str]:
    """The half behind the planet, the half in front, and their gradient."""
    assert world.ring is not None
    inner, outer = RING_SPAN
    defs = _ring_gradient(world.ring, dice, outer)
    halves = []
    for sweep in (1, 0):
        arc = f"M{-outer} 0A{outer} {outer} 0 0 {sweep} {outer} 0L{inner} 0A{inner} {inner} 0 0 {1 - sweep} {-inner} 0Z"
        body = svg.path(arc, "url(#ring)")
        if sweep:
            body += _planet_shadow(orb)
        halves.append(_in_ring_plane(body, orb))
    return halves[0], halves[1], defs


def _in_ring_plane(body: str, orb: Orb) -> str:
    place = f"translate({orb.x:.2f} {orb.y:.2f}) rotate({math.degrees(orb.tilt):.2f})"
    return f'<g transform="{place} scale({orb.radius:.3f} {orb.radius * RING_FLATNESS:.3f})">{body}</g>'


def _ring_gradient(tone: str, dice: Dice, outer: float) -> str:
    """Many ringlets and the gaps between them, on the disc out to the outer rim."""
    inner = RING_SPAN[0] / outer
    stops: list[tuple[float, str, float]] = []
    for step in range(RING_STOPS + 1):
        part = step / RING_STOPS
        gap = 0.10 if abs(part - 0.66) < 0.02 else 1
        rim = min(part / 0.06, (1 - part) / 0.03, 1)
        dense = (0.50 + 0.35 * math.sin(part * 5.2 + 0.2)) * dice.between(0.65, 1.15) * gap * max(rim, 0)
        shade = svg.blend(svg.blend("3a2c22", tone, dice.between(0.55, 1)), "ffffff", dice.between(0, 0.25))
        stops.append((inner + (1 - inner) * part, shade, min(dense, 0.95)))
    return (
        f'<radialGradient id="ring" gradientUnits="userSpaceOnUse" cx="0" cy="0" r="{outer}">'
        + "".join(
            f'<stop offset="{at:.4f}" stop-color="#{tint}" stop-opacity="{much:.3f}"/>' for at, tint, much in stops
        )
        + "</radialGradient>"
    )


def _planet_shadow(orb: Orb) -> str:
    """Where the planet stands between the sun and the rings: the half of a long ellipse away from the sun."""
    normal = ring_normal(orb.tilt)
    height = sum(a * b for a, b in zip(normal, orb.sun, strict=True))
    east = math.cos(orb.tilt), math.sin(orb.tilt), 0.0
    across = sum(a * b for a, b in zip(east, orb.sun, strict=True))
    deep = math.sqrt(max(1 - across * across - height * height, 1e-4))
    length = min(1 / max(abs(height), 0.1), 3)
    angle = math.degrees(math.atan2(-deep if orb.sun[2] > 0 else deep, -across))
    body = "".join(
        f'<path d="M0 {-half}L{length} {-half}L{length} {half}L0 {half}Z" fill="#04030a" fill-opacity="0.4"/>'
        for half in (0.99, 0.95, 0.91)
    )
    rim = RING_SPAN[1]
    clip = f'<clipPath id="back"><path d="M{-rim} 0A{rim} {rim} 0 0 1 {rim} 0Z"/></clipPath>'
    return f'{clip}<g clip-path="url(#back)"><g transform="rotate({angle:.1f})">{body}</g></g>'
