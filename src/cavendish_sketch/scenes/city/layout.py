"""Which houses stand along a street and how they are to look: plain data, from far to near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.svg import Stops
from cavendish_sketch.scenes.city.view import Air, Face, View, bare, covered

ROWS_MAX = 6  # of houses, away from the street
FRONT_ROWS_MAX = 11  # in the foremost slot: the corners of a banner
NEON = ("ff2d95", "19e3ff", "9b5cff", "ffb020", "2bf5b0", "ff4d4d", "4d7bff")
WARM_LIGHTS = ("ffd58a", "ffbe6a", "fff0cc")
COOL_LIGHTS = ("bfe6ff", "8fd0ff", "f3e6ff")


@dataclass(frozen=True, slots=True)
class Block:
    """A house's ground and height.

    Attributes:
        side: -1 to the left of the street, 1 to the right.
        inner, outer: Distance of its walls from the street's middle line.
        near, far: z of its walls.
        row: 0 at the street.
    """

    side: int
    inner: float
    outer: float
    near: float
    far: float
    height: float
    row: int

    def front(self, view: View, low: float = 0, high: float | None = None) -> Face:
        """The wall towards the eye."""
        x = self.inner * self.side, self.outer * self.side
        return Face(view, x, (self.near, self.near), (low, self.height if high is None else high))

    def flank(self, view: View, low: float = 0, high: float | None = None) -> Face:
        """The wall towards the street."""
        x = self.inner * self.side
        return Face(view, (x, x), (self.near, self.far), (low, self.height if high is None else high))

    def seen(self, view: View) -> bool:
        return self.front(view).seen() or self.flank(view).seen()


@dataclass(frozen=True, slots=True)
class Look:
    """What all houses of a picture have in common.

    Attributes:
        walls: Hex colours to choose from.
        lit: Share of windows with light.
        neon: Signs and edges shine.
        snow: Roofs are white.
        sunlit: How strongly the sun colours a wall that it sees, 0 to 1.
        bright: The side of the street that a high sun lights, -1 or 1; 0 for none.
    """

    palette: Palette
    air: Air
    walls: tuple[str, ...]
    lit: float
    neon: bool
    snow: bool
    sunlit: float
    bright: int

    @property
    def warm(self) -> str:
        """What the sun adds to a wall."""
        return svg.blend(self.palette.sky[-3][1], self.palette.sky[-2][1], 0.45)


@dataclass(slots=True)
class Ink:
    """SVG that is being written: elements, and the gradients that they use."""

    body: list[str] = field(default_factory=list)
    defs: list[str] = field(default_factory=list)
    hidden: Plane | None = None  # by what will be drawn later: see `city_view.covered`

    def add(self, *elements: str) -> None:
        self.body += elements

    def gradient(self, stops: Stops, *, across: bool = False) -> str:
        """A fill that runs down, or from left to right."""
        name = f"g{len(self.defs)}"
        ends = {"x1": 0.0, "y1": 0.0, "x2": 1.0, "y2": 0.0} if across else {}
        self.defs.append(svg.linear_gradient(name, stops, **ends))
        return f"url(#{name})"

    def radial(self, stops: Stops) -> str:
        name = f"g{len(self.defs)}"
        self.defs.append(svg.radial_gradient(name, stops))
        return f"url(#{name})"

    def text(self) -> tuple[str, str]:
        return "".join(self.body), "".join(self.defs)


Height = Callable[[float, int, Dice], float]  # of a house at a z, in a row


def blocks(view: View, dice: Dice, height: Height, *, deep: float, wide: float) -> list[list[Block]]:
    """Slots of houses from far to near, the outer rows first; `deep` and `wide` are their usual sizes."""
    slots: list[list[Block]] = []
    near = view.start
    while near < view.end:
        far = near + deep * dice.between(0.85, 1.15)
        slot = [block for side in (-1, 1) for block in _row(view, dice, height, side, (near, far), wide, not slots)]
        slots.append(sorted(slot, key=lambda block: -block.inner))
        alley = dice.between(0.10, 0.22) if len(slots) % 4 else dice.between(0.4, 0.7)
        near, deep = far + alley * deep, deep * 1.10
    return slots[::-1]


def _row(
    view: View, dice: Dice, height: Height, side: int, depth: tuple[float, float], wide: float, first: bool
) -> list[Block]:
    """Houses on one side, from the street outwards, as far as the page goes."""
    found: list[Block] = []
    inner = view.half + dice.between(0, 0.05)
    for row in range(FRONT_ROWS_MAX if first else ROWS_MAX):
        outer = inner + wide * dice.between(0.85, 1.2)
        near, far = depth[0] + dice.between(0, 0.12), depth[1] - dice.between(0, 0.15)
        block = Block(side, inner, outer, near, far, height(depth[0], row, dice), row)
        if not block.seen(view):
            break
        found.append(block)
        inner = outer + dice.between(0.06, 0.3)
    return found


def hidden_behind(view: View, slots: list[list[Block]], solid: Callable[[Block], float]) -> list[Plane]:
    """What is hidden for each slot, from far to near, by all nearer ones; `solid` is up to where a house hides."""
    hidden, found = bare(view), []
    for slot in reversed(slots):
        found.append(hidden)
        for block in slot:
            for face in (block.front(view, 0, solid(block)), block.flank(view, 0, solid(block))):
                hidden = covered(hidden, face)
    return found[::-1]
