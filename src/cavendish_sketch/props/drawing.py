"""A drawing of our own or of the art: plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG in a box.

    Attributes:
        body: Elements, in the drawing's own units.
        defs: Gradients that the body refers to.
        box: Left, top, width and height of what is shown, in the same units.
    """

    body: str
    defs: str
    box: tuple[float, float, float, float]
