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


def paint(design: Design, dice: Dice, width: int, height: int, report: Report) -> Canvas:
    """A finished canvas of `width` by `height` pixels; the design is decided."""
    assert design.family is not None
    canvas = Canvas.of(Grid.of(width, height))
    FAMILIES[design.family](canvas, design, dice, report)
    return canvas
