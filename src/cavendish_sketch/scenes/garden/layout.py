"""Where everything of a Japanese garden goes, at any ratio."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief

Season = Literal["cherry", "maple", "green"]

SHORE = 0.555  # of the height: the far shore
SHORE_TALL = 0.60
TALLER, TALLER_MAX = 0.35, 1.35  # what stands is larger on a tall page
WIDE = 2300  # points of width from which more trees stand along the shore
TREE_EVERY = 620


@dataclass(frozen=True, slots=True)
class Grown:
    """A tree on the far shore: its foot, height, and how much haze lies before it."""

    x: float
    y: float
    height: float
    species: str
    haze: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Lengths in points.

    Attributes:
        shore: y of the far shore, where the mirror begins.
        size: A measure for all that stands: 1000 where the page is wide.
        flip: Left and right are exchanged.
        season: What the deciduous trees look like.
        snowy: Snow lies.
        behind: Trees behind the bridge.
        trees: On the far shore before it, from back to front.
    """

    width: float
    height: float
    shore: float
    size: float
    flip: bool
    season: Season
    snowy: bool
    behind: tuple[Grown, ...]
    trees: tuple[Grown, ...]

    def x(self, share: float) -> float:
        """A place across the page; mirrored where the garden is."""
        return self.width * (1 - share if self.flip else share)

    @property
    def side(self) -> float:
        """1, or -1 where the garden is mirrored."""
        return -1.0 if self.flip else 1.0

    @property
    def depth(self) -> float:
        """How many times the size the water is deep, at least 1: more of everything on it."""
        return max((self.height - self.shore) / self.size / 0.62, 1.0)

    @property
    def stage(self) -> float:
        """Width of the middle part that holds bridge and pagoda."""
        return min(self.width, 1.9 * self.size)

    def staged(self, share: float) -> float:
        """A place across the middle part."""
        return self.width / 2 + self.side * (share - 0.5) * self.stage


def plan(sheet: Sheet, brief: Brief, dice: Dice) -> Plan:
    """Decide it all; the same number of dice for every brief."""
    width, height = sheet.width, sheet.height
    flip = dice.between(0, 1) < 0.4
    size = min(height, 0.80 * width * min(max((height / width) ** TALLER, 1), TALLER_MAX))
    shore = height * (SHORE if width >= height * 0.9 else SHORE_TALL)
    season = season_of(brief)
    empty = Plan(width, height, shore, size, flip, season, snowy(brief), (), ())
    return dataclasses.replace(empty, behind=_behind(empty), trees=_trees(empty, dice))


def season_of(brief: Brief) -> Season:
    """Maples in autumn, blossom otherwise, unless the prompt says summer."""
    if "autumn" in brief.traits or "leaves" in brief.weather:
        return "maple"
    return "green" if "summer" in brief.traits and "cherry" not in brief.traits else "cherry"


def snowy(brief: Brief) -> bool:
    """Snow falls or lies."""
    return "snow" in brief.weather or bool({"snowy", "winter"} & brief.traits)


FOLIAGE: dict[Season, str] = {"cherry": "cherry", "maple": "maple", "green": "broadleaf"}


def _behind(plan: Plan) -> tuple[Grown, ...]:
    main, size, back = FOLIAGE[plan.season], plan.size, plan.shore - 0.010 * plan.size
    return (
        Grown(plan.staged(0.47), back, 0.21 * size, main, 0.38),
        Grown(plan.staged(0.665), back, 0.25 * size, main, 0.30),
    )


def _trees(plan: Plan, dice: Dice) -> tuple[Grown, ...]:
    main = FOLIAGE[plan.season]
    size, shore = plan.size, plan.shore
    back = shore - 0.024 * size
    found = [
        Grown(plan.staged(0.075), back, 0.34 * size, main, 0.14),
        Grown(plan.staged(0.298), back + 0.006 * size, 0.150 * size, "maple", 0.06),
    ]
    if plan.width > WIDE:
        found += _avenue(plan, dice, main)
    found.append(Grown(plan.staged(0.86), shore - 0.004 * size, 0.50 * size, main))
    return tuple(found)


def _avenue(plan: Plan, dice: Dice, main: str) -> list[Grown]:
    """More trees to both sides where the page is a banner."""
    rest = (plan.width - plan.stage) / 2
    count = max(int(rest / TREE_EVERY), 1)
    found = []
    for side in (0.0, plan.width - rest):
        for number in range(count):
            x = side + rest * (number + dice.between(0.25, 0.75)) / count
            height = plan.size * dice.between(0.30, 0.50)
            found.append(
                Grown(x, plan.shore - plan.size * dice.between(0.005, 0.03), height, main, dice.between(0.02, 0.2))
            )
    return found
