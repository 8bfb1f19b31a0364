"""Figures of our own, for what the art does not have. One file per kind of thing."""

from __future__ import annotations

from collections.abc import Callable

from cavendish_sketch.language.brief import Prop
from cavendish_sketch.props import celestial, japanese, people, places, things, trees, vehicles
from cavendish_sketch.props.drawing import Drawing

Draw = Callable[[str | None], Drawing]  # a hex colour, None for the thing's own

DRAWINGS: dict[Prop, Draw] = {
    "balloon": places.balloon,
    "bottle": things.bottle,
    "bridge": japanese.bridge,
    "castle": places.castle,
    "flying_car": vehicles.flying_car,
    "koi": japanese.koi,
    "lantern": japanese.lantern,
    "lighthouse": places.lighthouse,
    "pagoda": japanese.pagoda,
    "person": people.person,
    "pickup": vehicles.pickup,
    "planet": celestial.planet,
    "robot": people.robot,
    "tower": places.tower,
    "tree": trees.tree,
    "windmill": places.windmill,
}


def drawing(prop: Prop, colour: str | None = None) -> Drawing | None:
    """A figure by name; None for one that a scene draws by itself."""
    draw = DRAWINGS.get(prop)
    return draw(colour) if draw else None
