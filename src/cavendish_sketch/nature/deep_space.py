"""Open space in linear light: gas with depth and dust before it, stars, a spiral galaxy, a black hole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import colour, svg
from cavendish_sketch.canvas.canvas import Canvas, Spark
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes, bell, blurred, ease, mix, resized

COARSE = 2  # pixels of the picture in one of the gas: it has no edges, and costs a quarter
STARS = 2400
STARS_BRIGHT = 15
LIGHT_STARVED = 0.30  # share of light below which dust hides small stars
# Colours of stars from cool to hot, as seen on colour film.
STAR_COLOURS = ("ffb27a", "ffd2a1", "fff0dd", "ffffff", "e4ecff", "c3d6ff", "a8c4ff")
DUST_REDDENS = (0.75, 1.0, 1.30)  # of red, green and blue taken by dust


@dataclass(frozen=True, slots=True)
class Gas:
    """Colours of a nebula, six hex digits.

    Attributes:
        deep: Empty space.
        thin: The outer veils.
        body: The gas itself.
        other: The second gas, where it is hotter.
        core: Around its young stars.
    """

    deep: str
    thin: str
    body: str
    other: str
    core: str


GASES = (
    Gas("05060f", "2a1d5e", "b0387c", "2f86c4", "ffd9c2"),  # hydrogen red and reflected blue
    Gas("03070f", "0f3a55", "c8743a", "1f9aa8", "ffe6bd"),  # gold and teal, as the Hubble palette
    Gas("07040f", "3a1a66", "7a3cc4", "e0508a", "ffd6e8"),
    Gas("02080c", "0c3b3f", "1f8f7c", "5a6fd0", "d6fff0"),
    Gas("0a0508", "4a1420", "c43a2c", "e08a3a", "fff0c8"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """Space laid on a canvas.

    Attributes:
        clear: Share of light that passes the dust.
        cores: Places of young stars, in units.
    """

    clear: Plane
    cores: tuple[tuple[float, float], ...]


def gas_of(ramp: Sequence[str], accents: Sequence[str]) -> Gas:
    """A nebula in the colours of a design."""
    deep = svg.blend(ramp[0], "000004", 0.72)
    other = accents[1] if len(accents) > 1 else ramp[3]
    return Gas(deep, ramp[1], ramp[2], svg.blend(other, ramp[3], 0.35), ramp[-1])


def nebula(canvas: Canvas, gas: Gas, dice: Dice, *, strength: float = 1.0) -> Sky:
    """Fill a canvas with gas that glows around its young stars, and dust before it, lit at its rims."""
    whole = canvas.grid
    grid = Grid.of(max(whole.columns // COARSE, 2), max(whole.rows // COARSE, 2))
    field = _Field.of(grid, dice)
    light = _emission(field, gas) * np.float32(strength)
    through = np.exp(-field.dust * np.array(DUST_REDDENS, np.float32).reshape(3, 1, 1))
    light *= through
    light += _rims(field, gas) * np.float32(strength)
    light += colour.vector(gas.deep) * (0.8 + 0.5 * field.band)
    for plane, small in zip(canvas.light, light, strict=True):
        plane[:] = resized(small, whole.columns, whole.rows)
    fine = 1 + 0.075 * whole.clouds(dice, 0.016, 2)
    canvas.light *= np.clip(fine, 0.6, 1.4)
    return Sky(resized(through[1], whole.columns, whole.rows), field.cores)


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """Gas, dust and the light of young stars, as planes."""

    grid: Grid
    band: Plane
    dense: Plane
    veil: Plane
    hue: Plane
    dust: Plane
    shine: Plane
    cores: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, grid: Grid, dice: Dice) -> _Field:
        tilt, bow = math.tan(dice.between(-0.55, 0.55)), dice.between(-0.14, 0.14)
        lean = tilt * min(grid.height / grid.width * 1.6, 1)
        line = lean * (grid.x - grid.width / 2) + bow * np.cos(grid.x * (3 / grid.width))
        off = grid.y - grid.height / 2 - line
        swell = grid.clouds(dice, 0.55, 3)
        band = bell(off + 0.07 * swell, 0.26 * max(grid.height, 0.55))
        cores = tuple(_core(grid, dice, line) for _ in range(3))
        stir = _Stir.of(grid, dice, 0.085)
        dense = stir.of_plane(grid.clouds(dice, 0.40, 7, gain=0.56))
        veil = stir.of_plane(_ridged(grid, dice, 0.30))
        hue = ease(-0.75, 0.75, grid.clouds(dice, 0.42, 3) + 0.25 * dense)
        dust = _dust(grid, dice, band)
        return cls(grid, band, dense, veil, hue, dust, _shine(grid, cores, dense), cores)


def _core(grid: Grid, dice: Dice, line: Plane) -> tuple[float, float]:
    x = dice.between(0.10, 0.90) * grid.width
    column = min(int(x * grid.unit), grid.columns - 1)
    y = grid.height / 2 + float(line[0, column]) + dice.normal() * 0.10 * grid.height
    return x, min(max(y, 0.08 * grid.height), 0.92 * grid.height)


@dataclass(frozen=True, slots=True, eq=False)
class _Stir:
    """Where each pixel's gas came from: two rounds of pushing make curls."""

    index: Plane

    @classmethod
    def of(cls, grid: Grid, dice: Dice, units: float) -> _Stir:
        push = units * grid.unit
        across, down = (grid.clouds(dice, 0.34, 4, gain=0.55) * push for _ in range(2))
        columns = np.clip(np.arange(grid.columns)[None] + across, 0, grid.columns - 1).astype(np.int32)
        rows = np.clip(np.arange(grid.rows)[:, None] + down, 0, grid.rows - 1).astype(np.int32)
        return cls(rows * grid.columns + columns)

    def of_plane(self, plane: Plane) -> Plane:
        return plane.ravel()[self.index]


def _ridged(grid: Grid, dice: Dice, size: float) -> Plane:
    """Filaments: bright where noise crosses zero."""
    total = np.zeros((grid.rows, grid.columns), np.float32)
    for octave in range(5):
        ridge = 1 - np.abs(np.tanh(grid.noise(dice, size / 2**octave) * 1.2))
        total += ridge * ridge * np.float32(0.62**octave)
    return total * np.float32(0.45)


def _dust(grid: Grid, dice: Dice, band: Plane) -> Plane:
    stir = _Stir.of(grid, dice, 0.06)
    lanes = stir.of_plane(grid.clouds(dice, 0.30, 7, gain=0.60))
    far = ease(0.25, 1.9, lanes + 0.7 * band - 0.25)
    return far * far * (2.9 * band + 0.4)


def _shine(grid: Grid, cores: tuple[tuple[float, float], ...], dense: Plane) -> Plane:
    """Light of the young stars in the gas around them; denser gas stops it sooner."""
    total = np.full((grid.rows, grid.columns), 0.16, np.float32)
    for number, (x, y) in enumerate(cores):
        away = np.sqrt((grid.x - x) ** 2 + (grid.y - y) ** 2) * (1 + 0.16 * dense)
        total += (1.0 - 0.2 * number) / (1 + (away * np.float32(1 / 0.16)) ** 2)
    return total


def _emission(field: _Field, gas: Gas) -> Planes:
    density = ease(-1.3, 2.2, field.dense + 1.5 * field.band - 0.45)
    body = density * np.sqrt(density) * (0.35 + 0.75 * field.veil)
    tone = mix(colour.vector(gas.body), colour.vector(gas.other), field.hue)
    thin = colour.vector(gas.thin) * (density * 0.50 + 0.10 * field.band)
    core = ease(0.55, 1.5, field.shine) * density
    light: Planes = thin + tone * (body * (0.42 + 1.5 * field.shine))
    light += colour.vector(gas.core) * (core * core * (0.20 + 0.55 * field.veil))
    return light


def _rims(field: _Field, gas: Gas) -> Planes:
    """Where dust faces a young star its skin glows: what gives a nebula its relief."""
    soft = blurred(np.minimum(field.dust, 1.6), 3.0)
    down, across = np.gradient(soft, 1 / field.grid.unit)
    glow_down, glow_across = np.gradient(blurred(field.shine, 6.0), 1 / field.grid.unit)
    slope = across * glow_across + down * glow_down
    lit = np.tanh(np.clip(slope * np.float32(-0.0010), 0, 2)) * np.clip(field.shine - 0.2, 0, 0.9) * 0.22
    rims: Planes = (
        mix(mix(colour.vector(gas.body), colour.vector(gas.other), field.hue), colour.vector(gas.core), 0.35) * lit
    )
    return rims


def stars(canvas: Canvas, sky: Sky, dice: Dice, count: int = STARS) -> None:
    """Points of light, most of them faint; dust hides those behind it."""
    grid = canvas.grid
    for _ in range(count):
        size = dice.between(0, 1) ** 9
        x, y = dice.between(0, grid.width), dice.between(0, grid.height)
        strength = 0.16 + 0.55 * dice.between(0, 1) ** 2 + 0.7 * size
        light = colour.vector(dice.pick(STAR_COLOURS)) * strength
        if size > 0.3 or _seen(canvas, sky, x, y):
            canvas.sparks.append(Spark(x, y, 0.00058 + 0.0013 * size, light))


def cluster(canvas: Canvas, sky: Sky, dice: Dice) -> None:
    """Hot young stars around their cradle."""
    for x, y in sky.cores:
        for _ in range(26):
            away = abs(dice.normal()) * 0.055
            angle = dice.between(0, 2 * math.pi)
            light = colour.vector(dice.pick(STAR_COLOURS[3:])) * dice.between(0.4, 1.2)
            place = x + away * math.cos(angle), y + away * math.sin(angle)
            canvas.sparks.append(Spark(*place, 0.0006 + 0.0008 * dice.between(0, 1) ** 3, light))


def _seen(canvas: Canvas, sky: Sky, x: float, y: float) -> bool:
    grid = canvas.grid
    row, column = min(int(y * grid.unit), grid.rows - 1), min(int(x * grid.unit), grid.columns - 1)
    return bool(sky.clear[row, column] > LIGHT_STARVED)


def spikes(dice: Dice, width: float, height: float, places: Sequence[tuple[float, float]] = ()) -> tuple[str, str]:
    """The brightest stars as a mirror telescope shows them, as SVG: body and gradients. Some stand at `places`."""
    bodies, defs = [], []
    for number, tone in enumerate(STAR_COLOURS):
        stops = ((0, "ffffff", 0.95), (0.10, tone, 0.75), (0.32, tone, 0.16), (1, tone, 0.0))
        defs.append(svg.radial_gradient(f"s{number}", stops))
    for number in range(STARS_BRIGHT):
        x, y = dice.between(0.02, 0.98) * width, dice.between(0.02, 0.98) * height
        size = 9 + 44 * dice.between(0, 1) ** 4
        kind = dice.whole(0, len(STAR_COLOURS) - 1)
        if number < len(places):
            (x, y), size, kind = places[number], 40.0 - 9 * number, 4
        bodies.append(star(x, y, size, f"url(#s{kind})"))
    return "".join(bodies), "".join(defs)


def star(x: float, y: float, reach: float, paint: str) -> str:
    """One bright star: a disc and four thin rays."""
    thin = max(reach * 0.016, 0.45)
    body = svg.circle(x, y, reach * 0.34, paint)
    body += svg.ellipse(x, y, reach, thin, paint) + svg.ellipse(x, y, thin, reach, paint)
    return (
        body
        + svg.ellipse(x, y, reach * 0.30, thin, paint, 0.7, turn=45)
        + svg.ellipse(x, y, reach * 0.30, thin, paint, 0.7, turn=-45)
    )


@dataclass(frozen=True, slots=True)
class Spiral:
    """A galaxy's place in units, its size and how it lies."""

    x: float
    y: float
    radius: float
    turn: float
    flatness: float


def galaxy(canvas: Canvas, gas: Gas, spiral: Spiral, dice: Dice) -> None:
    """Two arms of young blue stars around an old yellow core, with dust along their inner sides."""
    grid = canvas.grid
    window = grid.window(spiral.x, spiral.y, spiral.radius * 1.5, spiral.radius * 1.5)
    assert window is not None
    part = grid.part(window)
    across, down = part.x - spiral.x, part.y - spiral.y
    cos, sin = math.cos(spiral.turn), math.sin(spiral.turn)
    u = (across * cos + down * sin) * (1 / spiral.radius)
    v = (down * cos - across * sin) * (1 / spiral.radius / spiral.flatness)
    away = np.sqrt(u * u + v * v) + np.float32(1e-3)
    rough = part.clouds(dice, spiral.radius * 0.22, 6, gain=0.62)
    swirl = np.arctan2(v, u) * 2 - np.log(away) * np.float32(5.6) + rough * 0.30
    arm = (0.5 + 0.5 * np.cos(swirl)) ** 3
    lane = (0.5 + 0.5 * np.cos(swirl + 0.95)) ** 5 * ease(0.10, 0.24, away) * (0.8 + 0.5 * rough)
    disc = np.exp(away * -3.1) * ease(1.45, 0.75, away)
    knots = ease(1.1, 2.2, part.noise(dice, spiral.radius * 0.035) + 0.8 * rough) * arm * disc
    heart = np.exp(away * -9.5) + 0.7 * bell(away, 0.05)
    tone = mix(colour.vector("8fb4ff"), colour.vector(gas.core), np.exp(away * -2.6))
    light = tone * (disc * (0.40 + 2.1 * arm) * np.clip(1 + 0.35 * rough, 0.1, 2)) * 1.05
    light += colour.vector(gas.body) * (knots * 3.0) + colour.vector("ffe2b0") * (heart * 1.7)
    light *= 1 - np.clip(lane, 0, 0.85) * np.array([0.62, 0.78, 0.9], np.float32).reshape(3, 1, 1)
    canvas.light[:, *window] += light
    _arm_stars(canvas, spiral, dice)


def _arm_stars(canvas: Canvas, spiral: Spiral, dice: Dice) -> None:
    cos, sin = math.cos(spiral.turn), math.sin(spiral.turn)
    for _ in range(420):
        away = 0.08 + 0.95 * dice.between(0, 1) ** 0.8
        angle = (math.log(away) * 5.6 + dice.normal() * 0.55) / 2 + dice.pick((0.0, math.pi))
        u, v = away * math.cos(angle) * spiral.radius, away * math.sin(angle) * spiral.radius * spiral.flatness
        light = colour.vector(dice.pick(STAR_COLOURS[2:])) * (dice.between(0.2, 0.7) * (1.2 - 0.7 * away))
        canvas.sparks.append(Spark(spiral.x + u * cos - v * sin, spiral.y + u * sin + v * cos, 0.0006, light))


@dataclass(frozen=True, slots=True)
class Hole:
    """A black hole's place in units; the radius is that of its shadow."""

    x: float
    y: float
    radius: float
    turn: float = -0.16


HOT, WARM = "fff3dc", "ff9a3c"
DISC_SPAN = (1.75, 5.6)  # radii of the shadow
DISC_FLATNESS = 0.115


def bend(canvas: Canvas, hole: Hole) -> None:
    """What lies behind a black hole is seen displaced and drawn into arcs."""
    grid = canvas.grid
    across, down = grid.x - hole.x, grid.y - hole.y
    squared = across * across + down * down + np.float32(1e-6)
    pull = 1 - np.float32((1.55 * hole.radius) ** 2) / squared
    columns = np.clip((hole.x + across * pull) * grid.unit, 0, grid.columns - 1).astype(np.int32)
    rows = np.clip((hole.y + down * pull) * grid.unit, 0, grid.rows - 1).astype(np.int32)
    index = rows * grid.columns + columns
    for plane in canvas.light:
        plane[:] = plane.ravel()[index]
    clear = [spark for spark in canvas.sparks if math.hypot(spark.x - hole.x, spark.y - hole.y) > 2.6 * hole.radius]
    canvas.sparks[:] = clear


def black_hole(canvas: Canvas, hole: Hole, dice: Dice) -> None:
    """A shadow, the ring of light around it, and a hot disc: its far side is seen bent over and under the shadow."""
    grid = canvas.grid
    window = grid.window(hole.x, hole.y, hole.radius * 6, hole.radius * 6)
    assert window is not None
    across, down = (grid.x[:, window[1]] - hole.x) * (1 / hole.radius), (grid.y[window[0]] - hole.y) * (1 / hole.radius)
    cos, sin = math.cos(hole.turn), math.sin(hole.turn)
    u, v = across * cos + down * sin, down * cos - across * sin
    away = np.sqrt(u * u + v * v)
    rings = _Rings.of(dice)
    beam = (1 - 0.34 * np.tanh(u * 0.6)) ** 2 * 0.9  # what comes towards the eye is brighter
    light = canvas.light[:, *window]
    _back_arc(light, rings, away, u, v, beam)
    shadow = np.clip((1 - away) * (hole.radius * grid.unit) + 0.5, 0, 1)
    light *= 1 - shadow
    light += colour.vector(HOT) * (bell(away - 1.06, 0.03) * 0.95 * (0.6 + 0.5 * beam))
    _front(light, rings, u, v, beam)
    canvas.sparks[:] = [s for s in canvas.sparks if math.hypot(s.x - hole.x, s.y - hole.y) > hole.radius]


@dataclass(frozen=True, slots=True, eq=False)
class _Rings:
    """Brightness of the disc by radius, and streaks that shear along it."""

    profile: Plane
    phases: tuple[float, ...]

    @classmethod
    def of(cls, dice: Dice) -> _Rings:
        place = np.linspace(0, 1, 600, dtype=np.float32)
        waves = [dice.between(0.5, 1) * np.sin(place * f + dice.between(0, 6)) / f**0.5 for f in (14, 31, 57, 96, 150)]
        profile = np.clip(1 + 1.5 * np.sum(waves, 0), 0.12, None) * ease(0, 0.035, place) * (1 - place) ** 1.7
        return cls(profile.astype(np.float32), tuple(dice.between(0, 6) for _ in range(3)))

    def at(self, place: Plane, angle: Plane) -> Plane:
        """Brightness at a share of the way from the inner to the outer rim."""
        index = (np.clip(place, 0, 1) * (len(self.profile) - 1)).astype(np.int32)
        first, second, third = self.phases
        streak = 1 + 0.22 * np.sin(angle * 3 + place * 26 + first) + 0.16 * np.sin(angle * 7 - place * 55 + second)
        light: Plane = self.profile[index] * (streak + 0.10 * np.sin(angle * 13 + place * 90 + third))
        return light


def _hot(place: Plane) -> Planes:
    return colour.Ramp((HOT, "ffd594", WARM, "c9481c", "5a1408")).at(0.05 + 0.95 * np.sqrt(np.clip(place, 0, 1)))


def _front(light: Planes, rings: _Rings, u: Plane, v: Plane, beam: Plane) -> None:
    """The disc itself, nearly edge on; its far half passes behind the shadow."""
    inner, outer = DISC_SPAN
    flat = v * np.float32(1 / DISC_FLATNESS)
    away = np.sqrt(u * u + flat * flat)
    place = (away - inner) * (1 / (outer - inner))
    body = rings.at(place, np.arctan2(flat, u)) * ((place > 0) & (place < 1))
    behind = (v < 0) & (u * u + v * v < 1.3)
    body *= np.where(behind, 0, 1)
    light *= 1 - np.clip(body * 1.1, 0, 0.9)
    light += _hot(place) * (body * beam * 1.25)


def _back_arc(light: Planes, rings: _Rings, away: Plane, u: Plane, v: Plane, beam: Plane) -> None:
    """The far half of the disc over the shadow, and thinner, its underside below."""
    for side, span, gain in ((-1, 1.25, 0.85), (1, 0.42, 0.5)):
        place = (away - 1.10) * np.float32(1 / span)
        half = ease(-0.25, 0.35, v * side / np.maximum(away, 0.2) + 0.18)
        body = rings.at(place, np.arctan2(v, u)) * ((place > 0) & (place < 1)) * half
        light += _hot(place * 0.8) * (body * beam * np.float32(gain))
