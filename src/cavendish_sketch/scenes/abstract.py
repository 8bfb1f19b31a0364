"""An abstract composition in linear light, in the colours and the family that the prompt's words choose."""

from __future__ import annotations

from cavendish_sketch.abstract import compose
from cavendish_sketch.canvas.field import Dice, Report
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    sheet.expose(compose.paint(designs.decided(brief.design, dice), dice, sheet.grid.columns, sheet.grid.rows, report))
    report(1)
