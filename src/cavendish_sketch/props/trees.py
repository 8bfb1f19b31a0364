"""Trees grown branch by branch: where the wood runs and where the crown has its masses; the garden dresses them too.

A tree is grown in its own measure: its foot at (0, 0), y down, its top at y = -1. Foliage is a list of tufts, each
with its depth and the light that it gets, so that a crown has a bright and a shady side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.props.drawing import Drawing

TONES = 7  # steps of light on foliage
BEHIND = -0.15  # depth under which a tuft lies behind the wood
BARK = "54382f"
SPECIES: dict[str, tuple[str, str, str]] = {  # foliage in shade, in half light, in full light
    "cherry": ("b5507f", "f19dbf", "fff2f6"),
    "broadleaf": ("2c5526", "5d9238", "b2d264"),
    "maple": ("7d1418", "d5391f", "ff9a3c"),
    "pine": ("14352c", "2f6145", "7fa565"),
    "snow": ("9fb2cc", "dfe8f3", "ffffff"),
}
PROP_SIDE, PROP_TUFTS = 200.0, 900
TUFT_LOBES = 5


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of tree grows.

    Attributes:
        angle: Of the trunk against the vertical, in radians, to the right.
        levels: Times that it forks.
        first: Length of the trunk as a share of the whole.
        keep: Length of a branch as a share of the one that it grew from, from least to most.
        fork: Radians between a branch and its children, from least to most.
        lift: How far every branch turns back up; negative droops.
        thick: Width of the trunk as a share of its length.
        masses: Size of the crown's masses, as a share of the last branches' length.
        flat: How much flatter than wide a mass is.
    """

    angle: float = 0.0
    levels: int = 6
    first: float = 0.20
    keep: tuple[float, float] = (0.70, 0.94)
    fork: tuple[float, float] = (0.30, 0.74)
    lift: float = 0.02
    thick: float = 0.34
    masses: float = 1.12
    flat: float = 0.72


CHERRY = Habit()
SPREADING = Habit(first=0.17, fork=(0.36, 0.82), lift=-0.01, flat=0.66)
MAPLE = Habit(first=0.16, fork=(0.38, 0.84), lift=-0.03, flat=0.50, thick=0.28)
BROADLEAF = Habit(first=0.15, keep=(0.66, 0.90), fork=(0.30, 0.72), lift=0.03, masses=2.0, flat=0.9, thick=0.42)


@dataclass(frozen=True, slots=True)
class Limb:
    """A branch: from its root over a bend to its end, and its width at both."""

    root: svg.Point
    bend: svg.Point
    end: svg.Point
    thick: float
    thin: float


@dataclass(frozen=True, slots=True)
class Mass:
    """A cushion of foliage: middle, depth from -1 to 1, radius, flatness."""

    x: float
    y: float
    z: float
    radius: float
    flat: float


@dataclass(slots=True)
class Tree:
    """A grown tree, not yet dressed."""

    limbs: list[Limb] = field(default_factory=list)
    masses: list[Mass] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Tufts:
    """Foliage in painter's order: places, depth from -1 to 1 and light from 0 to 1, one value per tuft."""

    x: Plane
    y: Plane
    z: Plane
    light: Plane

    @property
    def tones(self) -> Plane:
        """Which of the steps of light each has."""
        steps: Plane = np.clip(self.light * TONES, 0, TONES - 1).astype(int)
        return steps


def grow(dice: Dice, habit: Habit = CHERRY) -> Tree:
    """A tree of height 1 on its foot."""
    tree = Tree()
    _branch(tree, dice, habit, (0.0, 0.0), habit.angle - math.pi / 2, habit.first, habit.first * habit.thick, 0)
    top = min(mass.y - mass.radius * mass.flat for mass in tree.masses)
    return scaled(tree, -1 / top)


def scaled(tree: Tree, factor: float, x: float = 0, y: float = 0, *, flip: bool = False) -> Tree:
    """The same tree larger, mirrored and moved."""
    across = -factor if flip else factor

    def at(point: svg.Point) -> svg.Point:
        return x + point[0] * across, y + point[1] * factor

    limbs = [
        Limb(at(limb.root), at(limb.bend), at(limb.end), limb.thick * factor, limb.thin * factor) for limb in tree.limbs
    ]
    masses = [Mass(*at((mass.x, mass.y)), mass.z, mass.radius * factor, mass.flat) for mass in tree.masses]
    return Tree(limbs, masses)


def hanging(dice: Dice, length: float, angle: float, *, twigs: int = 9) -> Tree:
    """A bough that enters the picture from outside: a long limb that sags, with drooping twigs along it.

    It begins at (0, 0) and runs `length` in the direction `angle`, in radians from the right, downwards.
    """
    tree = Tree()
    point, heading, step, width = (0.0, 0.0), angle, length / twigs, length * 0.034
    for number in range(twigs):
        heading += dice.between(-0.16, 0.16) + 0.018
        end = point[0] + math.cos(heading) * step, point[1] + math.sin(heading) * step
        tree.limbs.append(_limb(dice, point, end, width, width * 0.86))
        width *= 0.86
        if number:
            side = -1 if number % 2 else 1
            long = length * dice.between(0.16, 0.30) * (1 - 0.45 * number / twigs)
            _twig(tree, dice, end, heading + side * dice.between(0.45, 0.95), long, width * 0.6)
        point = end
    _twig(tree, dice, point, heading, length * 0.14, width)
    return tree


def _twig(tree: Tree, dice: Dice, point: svg.Point, heading: float, length: float, width: float) -> None:
    """Thin wood that bends down under its blossoms."""
    for part in range(3):
        heading += (math.pi / 2 - heading) * 0.16 + dice.between(-0.18, 0.18)
        step = length / 3
        end = point[0] + math.cos(heading) * step, point[1] + math.sin(heading) * step
        tree.limbs.append(_limb(dice, point, end, width, width * 0.7))
        width *= 0.7
        size = length * dice.between(0.14, 0.22)
        tree.masses.append(Mass(end[0], end[1] + size * 0.2, dice.between(-1, 1), size, 0.85))
        if part and dice.between(0, 1) < 0.7:
            off = dice.pick((-1, 1)) * dice.between(0.5, 0.9)
            tip = end[0] + math.cos(heading + off) * step * 0.8, end[1] + math.sin(heading + off) * step * 0.8
            tree.limbs.append(_limb(dice, end, tip, width * 0.7, width * 0.4))
            tree.masses.append(Mass(*tip, dice.between(-1, 1), size * 0.8, 0.85))
        point = end


def _branch(
    tree: Tree, dice: Dice, habit: Habit, root: svg.Point, angle: float, length: float, width: float, level: int
) -> None:
    end = root[0] + math.cos(angle) * length, root[1] + math.sin(angle) * length
    thin = width * 0.70
    tree.limbs.append(_limb(dice, root, end, width, thin))
    if level >= habit.levels - 2:
        radius = length * habit.masses * dice.between(0.75, 1.2)
        tree.masses.append(Mass(*end, dice.between(-1, 1), radius, habit.flat))
    if level >= habit.levels:
        return
    children = 3 if level in (1, 3) else 2
    for number in range(children):
        side = (number - (children - 1) / 2) * (2 / max(children - 1, 1))
        turn = side * dice.between(*habit.fork) + dice.between(-0.14, 0.14)
        heading = angle + turn
        heading += habit.lift * math.sin(-math.pi / 2 - heading) * 4
        keep = dice.between(*habit.keep) * (1 if children == 2 or number != 1 else 0.9)
        _branch(tree, dice, habit, end, heading, length * keep, thin * (0.80 if side else 0.88), level + 1)


def _limb(dice: Dice, root: svg.Point, end: svg.Point, thick: float, thin: float) -> Limb:
    across, down = end[0] - root[0], end[1] - root[1]
    sway = dice.between(-0.13, 0.13)
    bend = (root[0] + end[0]) / 2 - down * sway, (root[1] + end[1]) / 2 + across * sway
    return Limb(root, bend, end, thick, thin)


def wood(tree: Tree, colour: str, lit: str, *, sun: float = -1.0) -> str:
    """All branches as two elements: the bark, and light along its sunny side."""
    bark = "".join(_outline(limb, -1.0, 1.0) for limb in tree.limbs)
    lights = "".join(
        _outline(limb, 0.25 * sun, 0.95 * sun) for limb in tree.limbs if limb.thick > tree.limbs[0].thick * 0.12
    )
    return svg.path(bark, colour) + svg.path(lights, lit, 0.55)


def _outline(limb: Limb, low: float, high: float) -> str:
    """A strip along a limb, from `low` to `high` of its half width; positive is to the right of one that rises."""
    across, down = limb.end[0] - limb.root[0], limb.end[1] - limb.root[1]
    long = math.hypot(across, down) or 1.0
    nx, ny = -down / long / 2, across / long / 2
    middle = (limb.thick + limb.thin) / 2
    places = ((limb.root, limb.thick), (limb.bend, middle), (limb.end, limb.thin))
    first = [(x + nx * width * low, y + ny * width * low) for (x, y), width in places]
    second = [(x + nx * width * high, y + ny * width * high) for (x, y), width in places]
    cap = limb.thin * 0.35
    tip = limb.end[0] + across / long * cap, limb.end[1] + down / long * cap
    (ax, ay), (bx, by), (cx, cy) = first
    (dx, dy), (ex, ey), (fx, fy) = second
    return (
        f"M{ax:.2f},{ay:.2f}Q{bx:.2f},{by:.2f} {cx:.2f},{cy:.2f}L{tip[0]:.2f},{tip[1]:.2f}L{fx:.2f},{fy:.2f}"
        f"Q{ex:.2f},{ey:.2f} {dx:.2f},{dy:.2f}z"
    )


def tufts(tree: Tree, dice: Dice, count: int, *, sun: float = -1.0, loose: float = 0.0, thin: float = 0.0) -> Tufts:
    """Foliage for a tree, from back to front.

    Args:
        sun: -1 for light from the left, 1 from the right.
        loose: How far the tufts spread beyond their masses.
        thin: Share of the masses that stay bare.
    """
    masses = [mass for mass in tree.masses if dice.between(0, 1) >= thin] or tree.masses
    middle = np.array([(mass.x, mass.y, mass.z, mass.radius, mass.flat) for mass in masses], np.float32)
    weight = np.cumsum(middle[:, 3] ** 2)
    chosen = middle[np.searchsorted(weight, dice.uniforms(count) * weight[-1] * np.float32(0.9999))].T
    normal = dice.normals(3, count)
    normal /= np.sqrt((normal * normal).sum(0)) + np.float32(1e-6)
    out = dice.uniforms(count) ** np.float32(0.42) * np.float32(1 + loose)
    x = chosen[0] + normal[0] * out * chosen[3]
    y = chosen[1] + normal[1] * out * chosen[3] * chosen[4]
    z = chosen[2] + normal[2] * np.float32(0.35)
    light = _light(middle, x, y, z, normal, sun) + dice.normals(count) * np.float32(0.07)
    order = np.argsort(z, kind="stable")
    return Tufts(x[order], y[order], z[order], np.clip(light, 0, 1)[order])


def _light(middle: Plane, x: Plane, y: Plane, z: Plane, normal: Plane, sun: float) -> Plane:
    """By each mass's own roundness, by the whole crown's, and by what lies over it."""
    left, right = float(middle[:, 0].min()), float(middle[:, 0].max())
    top, bottom = float(middle[:, 1].min()), float(middle[:, 1].max())
    across = (x - (left + right) / 2) / max((right - left) / 2, 1e-3)
    down = (y - top) / max(bottom - top, 1e-3)
    own = normal[0] * np.float32(0.5 * sun) - normal[1] * np.float32(0.72) + normal[2] * np.float32(0.20)
    light: Plane = np.float32(0.50) + own * np.float32(0.31) + across * np.float32(0.16 * sun)
    return light - (down - np.float32(0.45)) * np.float32(0.34) + z * np.float32(0.09)


def ramp(colours: tuple[str, str, str]) -> tuple[str, ...]:
    """Hex colours of the steps of light, from shade to full light."""
    dark, middle, bright = colours
    half = (TONES - 1) / 2
    return tuple(
        svg.blend(dark, middle, step / half) if step <= half else svg.blend(middle, bright, step / half - 1)
        for step in range(TONES)
    )


def _lobed(radius: float, turn: float) -> str:
    """A small flower-like shape as a piece of a path, after its starting point."""
    return "".join(
        f"q{_step(radius, turn, lobe, 0.5, 1.75)} {_step(radius, turn, lobe, 1.0, 1.0)}" for lobe in range(TUFT_LOBES)
    )


def _step(radius: float, turn: float, lobe: int, part: float, reach: float) -> str:
    start, end = turn + lobe * math.tau / TUFT_LOBES, turn + (lobe + part) * math.tau / TUFT_LOBES
    x = radius * (reach * math.cos(end) - math.cos(start))
    y = radius * (reach * math.sin(end) - math.sin(start))
    return f"{x:.2f} {y:.2f}"


def foliage(found: Tufts, colours: Sequence[str], radius: float, dice: Dice) -> tuple[str, str]:
    """Tufts as vectors, one path for each step of light: behind the wood, and before it."""
    shapes = [_lobed(radius * size, turn) for size in (0.75, 1.0, 1.25) for turn in (0.0, 0.45, 0.9)]
    pieces: tuple[list[list[str]], ...] = ([[] for _ in colours], [[] for _ in colours])
    for x, y, z, tone in zip(found.x.tolist(), found.y.tolist(), found.z.tolist(), found.tones.tolist(), strict=True):
        pieces[z > BEHIND][tone].append(f"M{x:.1f} {y:.1f}{dice.pick(shapes)}z")
    behind, before = (
        "".join(svg.path("".join(path), colour) for path, colour in zip(side, colours, strict=True) if path)
        for side in pieces
    )
    return behind, before


def tree(colour: str | None = None) -> Drawing:
    """A tree on its own: cherry blossom where the colour is pink or none is named, broadleaf otherwise."""
    dice = Dice(b"tree")
    colours = _named(colour)
    habit = BROADLEAF if colour and colours != SPECIES["cherry"] else CHERRY
    grown = scaled(grow(dice, habit), PROP_SIDE)
    behind, before = foliage(tufts(grown, dice, PROP_TUFTS), ramp(colours), 3.4, dice)
    trunk = wood(grown, BARK, svg.blend(BARK, "ffd9b0", 0.4))
    left = min(mass.x - mass.radius for mass in grown.masses) - 6
    right = max(mass.x + mass.radius for mass in grown.masses) + 6
    return Drawing(behind + trunk + before, "", (left, -PROP_SIDE - 8, right - left, PROP_SIDE + 8))


def _named(colour: str | None) -> tuple[str, str, str]:
    if colour is None:
        return SPECIES["cherry"]
    return svg.blend(colour, "0a1020", 0.45), colour, svg.blend(colour, "fff6e0", 0.6)
