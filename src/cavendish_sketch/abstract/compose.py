"""The families of composition by name."""

from __future__ import annotations

from collections.abc import Callable

from cavendish_sketch.abstract import cosmos, flow, lights, ridges
from cavendish_sketch.canvas import shapes
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Grid, Report
from cavendish_sketch.language.brief import Design
from cavendish_sketch.nature import pond

Family = Callable[[Canvas, Design, Dice, Report], None]

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(ridges.KINDS, ridges.landscape),
    "cosmos": cosmos.nebula,
    "pond": pond.water,
    "blossom": shapes.blossom,
    "bokeh": lights.bokeh,
    "ribbons": lights.ribbons,
    "poster": shapes.poster,
    "flow": flow.folds,
}


FALLING = frozenset({"petals", "rain", "snowfall"})
# By family: of a design's traits those that it draws.
TRAITS: dict[str, frozenset[str]] = {
    **dict.fromkeys(ridges.KINDS, FALLING | {"aurora", "snow", "water"}),
    "city": FALLING | {"aurora", "neon", "trails", "water"},
    "pond": FALLING | {"fish", "leaves"},
    **dict.fromkeys(("blossom", "bokeh", "ribbons"), FALLING),
}
# Families in which the design's own light, night and accents are seen.
LIT = frozenset({*ridges.KINDS, "flow", "pond"})
NOCTURNAL = frozenset({*ridges.KINDS, "ribbons"})
ACCENTED = frozenset({"bokeh", "city", "cosmos", "flow", "poster", "ribbons"})


def shown(design: Design) -> Design:
    """Of a design what its family draws; all of it where the family is open."""
    if design.family is None:
        return design
    traits = design.traits & TRAITS.get(design.family, frozenset())
    is_accented = design.family in ACCENTED or bool({"aurora", "petals"} & traits)
    return Design(
        design.family,
        design.ramp,
        design.accents[: 1 if design.family == "flow" else None] if is_accented else (),
        design.light if design.family in LIT else "",
        design.night and design.family in NOCTURNAL,
        traits,
    )


def paint(design: Design, dice: Dice, width: int, height: int, report: Report) -> Canvas:
    """A finished canvas of `width` by `height` pixels; the design is decided."""
    assert design.family is not None
    canvas = Canvas.of(Grid.of(width, height))
    FAMILIES[design.family](canvas, design, dice, report)
    return canvas
