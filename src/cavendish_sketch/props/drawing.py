"""A drawing of our own or of the art: plain data."""

from __future__ import annotations

from dataclasses import dataclass

from cavendish_sketch.language.brief import Material


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG in a box.

    Attributes:
        body: Elements, in the drawing's own units.
        defs: Gradients that the body refers to.
        box: Left, top, width and height of what is shown, in the same units.
        layers: Of a figure made of several, the lowest first; then there is no body.
    """

    body: str
    defs: str
    box: tuple[float, float, float, float]
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawing in a larger one.

    Attributes:
        box: What it fills there, in the units of the larger one.
        colour: What it is dyed with.
        material: What it is made of.
        rows: Between which shares of its height it is seen.
    """

    drawing: Drawing
    box: tuple[float, float, float, float]
    colour: str | None = None
    material: Material | None = None
    rows: tuple[float, float] = (0.0, 1.0)

    @property
    def seen(self) -> tuple[float, float, float, float]:
        """What is seen of the box."""
        left, top, width, height = self.box
        return left, top + self.rows[0] * height, width, (self.rows[1] - self.rows[0]) * height
