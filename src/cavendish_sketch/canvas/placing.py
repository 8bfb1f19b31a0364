"""Things in, on and above another as one figure: where a guest goes, and how large it is beside its host.

A place in, on or above a thing is drawn by one figure with several layers, so that every scene that places figures can
show it. Lengths are in heights of the host, from its upper left corner.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import art, raster
from cavendish_sketch.language.brief import Kind, Manner, Relation, Subject
from cavendish_sketch.language.wordlists import each
from cavendish_sketch.props.drawing import Drawing, Layer

GUESTS_MAX = 3
PROBE_PIXELS, PROBE_SHARE = 64, 0.2  # of the width that is looked at for the top of a host
SPREAD = 0.8  # of a host's width, over which several stand
SOLID = 128  # alpha
CROWDED = 0.58  # of the room that each of several has at least: they stand before each other
GAP = 0.12  # between a host and what is above it
FEET = 0.04  # of a guest's height, by which it stands into what it stands on
SUNK = 0.35  # of what is seen of a guest is below the edge
ABOVE_SHARE, ABOVE_LEAST = 0.75, 0.42  # what is above is that much of its size beside the host
SMALL, LARGE, TALL = 0.30, 0.75, 1.05  # of the host's height, the last for people: a bird on a castle has to be seen
CLOTHES, BIRDS, BUGS = 65, 35, 39  # Unicode's subgroups

# What things measure, roughly, in metres; sizes in a picture differ by the square root of it.
STATURES: Mapping[Kind, float] = {
    "animal": 0.9, "building": 8.0, "food": 0.3, "object": 0.7, "person": 1.7, "plant": 3.0, "sea": 1.0, "sky": 1.5,
    "vehicle": 1.8,
}  # fmt: skip
BIRD, BUG = 0.35, 0.2


@dataclass(frozen=True, slots=True)
class Opening:
    """Where things are in a host, as shares of its drawing.

    Attributes:
        rim: How far down its edge is: below it a guest is hidden.
        middle: Of the opening, across.
        width: Of the opening.
        height: Of a guest as it is seen.
    """

    rim: float
    middle: float = 0.5
    width: float = 0.8
    height: float = 0.6


OPENINGS: Mapping[str, Opening] = {
    "26f5": Opening(0.80, 0.46, 0.7, 0.42),  # sailing boat
    "1f6f6": Opening(0.46, 0.68, 0.45, 0.95),  # canoe
    "1f6a4": Opening(0.36, 0.55, 0.5, 1.0),  # speedboat
    "1f4e6": Opening(0.27, 0.5, 0.6, 0.55),  # box
    "1f6c1": Opening(0.50, 0.40, 0.6, 0.50),  # bathtub
    "2615": Opening(0.40, 0.42, 0.5, 0.50),  # cup
    "1f375": Opening(0.50, 0.5, 0.7, 0.55),
    "1f963": Opening(0.30, 0.5, 0.7, 0.65),  # bowl
    "1f9fa": Opening(0.38, 0.5, 0.7, 0.60),  # basket
    "1f6d2": Opening(0.25, 0.42, 0.6, 0.55),  # shopping cart
    "1f697": Opening(0.50, 0.60, 0.35, 0.44),  # the windows of cars
    "1f695": Opening(0.50, 0.50, 0.35, 0.40),
    "1f699": Opening(0.46, 0.55, 0.35, 0.42),
    "1f68c": Opening(0.52, 0.62, 0.6, 0.34),  # bus
    "1f69c": Opening(0.46, 0.66, 0.35, 0.38),  # tractor
    "1faa3": Opening(0.16, 0.57, 0.7, 0.60),  # bucket
    "1fab9": Opening(0.42, 0.5, 0.6, 0.55),  # nest
    "1f6cf": Opening(0.55, 0.30, 0.6, 0.60),  # bed
    "1f45c": Opening(0.34, 0.5, 0.6, 0.45),  # bags
    "1f392": Opening(0.24, 0.42, 0.5, 0.45),
    "1f5d1": Opening(0.12, 0.5, 0.7, 0.55),
    "26fa": Opening(0.98, 0.62, 0.3, 0.55),  # tent
    "!balloon": Opening(0.93, 0.5, 0.3, 0.17),
}
BOATS = each("26f5 1f6f6 1f6a4")  # who is on a boat is in it
# How far down one stands or sits, and where across; else on the top of the middle.
SEATS: Mapping[str, tuple[float, float]] = {
    "1f6cb": (0.80, 0.42), "1fa91": (0.52, 0.5), "1f4ba": (0.62, 0.5), "1f37d": (0.60, 0.5), "1f6cf": (0.56, 0.6),
}  # fmt: skip
# Nobody stands on a picture, a window or a sunshade.
TOPLESS = each("1f5bc 1fa9f 1f6aa 1f4d6 1f5fa 1f4f1 1f4bb 1f3d6 26f1 2602 2614")


def manner(how: Relation, host: Subject, guest: Subject) -> Manner | None:
    """How a guest can be shown with its host; None where it cannot."""
    key = figure_of(host)
    if how == "above":
        return "above"
    if guest.kind in ("building", "sky") and host.kind not in ("building", "object"):
        return None
    is_in = how == "in" or key in BOATS or (how == "at" and key not in SEATS)
    if key in OPENINGS and is_in:
        return "in"
    if key in SEATS:
        return "on"
    if how == "in" or host.kind in ("sky", "sea") or key in TOPLESS or _subgroup(host) == CLOTHES:
        return None
    return "on"


def figure_of(subject: Subject) -> str:
    """Code points of a drawing, or `!` and the name of one of our own figures."""
    return subject.drawing or f"!{subject.prop}"


def joined(host: Subject, drawing: Drawing, guests: Sequence[tuple[Subject, Drawing]]) -> Drawing:
    """The host and its guests as one drawing."""
    colour = None if host.prop else host.colour
    back = Layer(drawing, (0.0, 0.0, drawing.box[2] / drawing.box[3], 1.0), colour, host.material)
    layers = [back]
    crowd = [one for one in guests for _ in range(one[0].count)][:GUESTS_MAX]
    for number, (guest, shape) in enumerate(crowd):
        layers.append(_layer(host, drawing, guest, shape, _share(number, len(crowd))))
    if any(guest.manner == "in" for guest, _ in guests):
        layers.append(dataclasses.replace(back, rows=(OPENINGS[figure_of(host)].rim, 1.0)))
    return Drawing("", "", _around(layers), tuple(layers))


def _share(number: int, count: int) -> tuple[float, float]:
    """Where one of several stands, from -0.5 to 0.5 of the room, and how much of the room it has."""
    return (number + 0.5) / count - 0.5, 1 / count


def _layer(host: Subject, drawing: Drawing, guest: Subject, shape: Drawing, share: tuple[float, float]) -> Layer:
    wide = drawing.box[2] / drawing.box[3]
    off, room = share
    opening = OPENINGS.get(figure_of(host))
    part = 1.0
    if guest.manner == "in" and opening is not None:
        height, part, foot = _sunk(opening)
        middle, width = opening.middle, opening.width
    else:
        height, width = _beside(host, guest), SPREAD
        middle = SEATS.get(figure_of(host), (0.0, 0.5))[1]
        foot = -GAP if guest.manner == "above" else _top(drawing, host, middle + off * width) + FEET * height
    across = height * shape.box[2] / shape.box[3]
    fit = min(1.0, width * wide * max(room, CROWDED) / across)
    across, height = across * fit, height * fit
    foot += (1 - part) * height
    x = (middle + off * width) * wide - across / 2
    colour = None if guest.prop else guest.colour
    return Layer(shape, (x, foot - height, across, height), colour, guest.material, (0.0, part))


def _beside(host: Subject, guest: Subject) -> float:
    """How high a guest is beside its host."""
    most = TALL if guest.kind == "person" else LARGE
    height: float = min(max((_stature(guest) / _stature(host)) ** 0.5, SMALL), most)
    if guest.manner == "above":
        return max(height * ABOVE_SHARE, ABOVE_LEAST)
    return height


def _sunk(opening: Opening) -> tuple[float, float, float]:
    """How high a guest is in all, the share of it that is laid, and how far down that ends."""
    hidden = min(opening.height * SUNK, (1 - opening.rim) * 0.6)  # behind the edge, and not below the host
    height = opening.height * (1 + SUNK)
    return height, (opening.height + hidden) / height, opening.rim + hidden


def _top(drawing: Drawing, host: Subject, across: float) -> float:
    """How far down a drawing begins at a place across it, or its seat."""
    seat = SEATS.get(figure_of(host))
    if seat is not None:
        return seat[0]
    pixels = raster.render(drawing.body, drawing.box, PROBE_PIXELS, PROBE_PIXELS, defs=drawing.defs)
    first = min(max(round((across - PROBE_SHARE / 2) * PROBE_PIXELS), 0), PROBE_PIXELS - 1)
    ink = pixels[:, first : first + max(round(PROBE_SHARE * PROBE_PIXELS), 1), 3] > SOLID
    tops = np.argmax(ink, axis=0)[ink.any(0)]
    return float(np.median(tops)) / PROBE_PIXELS if len(tops) else 0.0


def _stature(subject: Subject) -> float:
    return {BIRDS: BIRD, BUGS: BUG}.get(_subgroup(subject), STATURES[subject.kind])


def _subgroup(subject: Subject) -> int:
    entry = art.entries().get(subject.drawing or "")
    return entry.subgroup if entry else -1


def _around(layers: Sequence[Layer]) -> tuple[float, float, float, float]:
    boxes = [layer.seen for layer in layers]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top
