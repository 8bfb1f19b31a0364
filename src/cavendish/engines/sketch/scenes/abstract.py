"""An abstract composition in linear light, in the colours and the family that the prompt's words choose."""

from __future__ import annotations

from cavendish.engines.sketch import compose
from cavendish.engines.sketch.brief import Brief
from cavendish.engines.sketch.design import Report
from cavendish.engines.sketch.field import Dice
from cavendish.engines.sketch.sheet import Sheet


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    sheet.expose(compose.paint(brief.design, dice, sheet.grid.columns, sheet.grid.rows, report))
    report(1)
