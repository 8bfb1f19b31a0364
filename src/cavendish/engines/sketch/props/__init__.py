"""Figures of our own, for what the art does not have. One file per kind of thing."""

from __future__ import annotations

from collections.abc import Callable

from cavendish.engines.sketch.brief import Prop
from cavendish.engines.sketch.props import people, things
from cavendish.engines.sketch.props.drawing import Drawing

Draw = Callable[[str | None], Drawing]  # a hex colour, None for the thing's own

DRAWINGS: dict[Prop, Draw] = {
    "bottle": things.bottle,
    "person": people.person,
    "robot": people.robot,
}


def drawing(prop: Prop, colour: str | None = None) -> Drawing | None:
    """A figure by name; None for one that a scene draws by itself."""
    draw = DRAWINGS.get(prop)
    return draw(colour) if draw else None
