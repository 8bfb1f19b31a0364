"""A sitting body for animals of which the art has the face only, so that no head lies about in a landscape."""

from __future__ import annotations

from cavendish_sketch.canvas import svg
from cavendish_sketch.props.drawing import Drawing

HEIGHT = 100.0
HEAD = 58.0  # height of the face, ears included
CHIN = 50.0  # where the face ends, above the ground
WIDE = 33.0  # of the body at its widest, to either side
TAILED = frozenset({"1f43a", "1f98a", "1f981", "1f984"})
TAIL_TIPS = {"1f98a": "f4ece0", "1f981": "7a4a22", "1f43a": "d9dde2", "1f984": "f48fb1"}
BODY_COLOURS = {"1f981": "f1b23c"}  # a lion's face shows more mane than coat
BELLY_SHARE, SHADE_SHARE = 0.42, 0.16


def sitting(face: Drawing, code: str, colour: str) -> Drawing:
    """The face over a body in its own colour; the origin is between the feet."""
    colour = BODY_COLOURS.get(code, colour)
    dark, light = svg.blend(colour, "000000", SHADE_SHARE), svg.blend(colour, "ffffff", BELLY_SHARE)
    parts = [_tail(code, colour) if code in TAILED else "", _trunk(colour, light), _limbs(colour, dark)]
    return Drawing("".join(parts) + _head(face), face.defs, (-52, -HEIGHT, 104, HEIGHT))


def _trunk(colour: str, light: str) -> str:
    back = (
        f"M-17,-62 C-30,-48 -{WIDE},-24 -{WIDE},-13 C-{WIDE},-3 -22,0 0,0 "
        f"C22,0 {WIDE},-3 {WIDE},-13 C{WIDE},-24 30,-48 17,-62 Z"
    )
    return svg.path(back, colour) + svg.ellipse(0, -22, 18, 21, light)


def _limbs(colour: str, dark: str) -> str:
    parts = []
    for side in (-1, 1):
        parts.append(svg.ellipse(side * 24, -7, 13, 9, svg.blend(colour, dark, 0.5)))  # haunch
        parts.append(svg.ellipse(side * 21, -4, 12, 5, dark))  # foot
        parts.append(svg.ellipse(side * 12, -20, 6.5, 19, svg.blend(colour, dark, 0.35), turn=side * -6))  # foreleg
        parts.append(svg.ellipse(side * 11, -3.5, 7.5, 4, colour))  # paw
    return "".join(parts)


def _tail(code: str, colour: str) -> str:
    tip = TAIL_TIPS.get(code, colour)
    sweep = "M22,-8 C46,-2 56,-26 44,-46 C52,-24 38,-14 22,-18 Z"
    return svg.path(sweep, colour, stroke=colour, width=7) + svg.path(
        "M47,-32 C49,-38 47,-43 44,-46", stroke=tip, width=9
    )


def _head(face: Drawing) -> str:
    left, top, width, height = face.box
    scale = HEAD / height
    # A wide face with ears still has to leave the shoulders to be seen.
    scale = min(scale, 92 / width)
    x, y = -(left + width / 2) * scale, -CHIN - (top + height) * scale + 8
    return svg.group(face.body, x=x, y=y, scale=scale)
