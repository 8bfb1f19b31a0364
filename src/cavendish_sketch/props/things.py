"""Things that are made and sold."""

from __future__ import annotations

from cavendish_sketch.canvas import svg
from cavendish_sketch.props.drawing import Drawing

GLASS, METAL, LABEL = "e7a6b4", "d9b65a", "fffaf0"


def bottle(colour: str | None = None) -> Drawing:
    """A bottle of perfume: coloured glass with a stepped foot, a collar of metal and a dark stopper."""
    glass = colour or GLASS
    light, deep = svg.blend(glass, "ffffff", 0.55), svg.blend(glass, "301020", 0.35)
    body = "".join(
        (
            svg.rectangle(30, 84, 140, 196, "url(#glass)", rounding=30),
            svg.rectangle(42, 118, 116, 150, "url(#juice)", rounding=22),
            svg.path("M48,112 Q48,98 62,98 L74,98 L74,262 L62,262 Q48,262 48,248 Z", "ffffff", 0.38),
            svg.rectangle(146, 104, 8, 150, "ffffff", 0.35, rounding=4),
            svg.rectangle(72, 62, 56, 26, "url(#metal)", rounding=5),
            svg.rectangle(66, 76, 68, 12, "url(#metal)", rounding=5),
            svg.rectangle(62, 0, 76, 64, "url(#cap)", rounding=12),
            svg.rectangle(72, 6, 9, 52, "ffffff", 0.28, rounding=4),
            _label(),
        )
    )
    defs = "".join(
        (
            svg.linear_gradient("glass", ((0, light), (0.45, glass), (1, deep)), x2=1, y2=0.25),
            svg.linear_gradient("juice", ((0, light, 0.5), (1, deep, 0.65))),
            svg.linear_gradient("metal", ((0, "8d6a22"), (0.3, "fff0c0"), (0.6, METAL), (1, "7a5a1c")), x2=1, y2=0),
            svg.linear_gradient("cap", ((0, "3a3a42"), (0.3, "7d7d88"), (0.6, "33333a"), (1, "131317")), x2=1, y2=0),
        )
    )
    return Drawing(body, defs, (30, 0, 140, 280))


def _label() -> str:
    lines = "M82,172h36 M88,184h24 M85,214h30"
    mark = svg.path("M100,190 C92,196 92,204 100,208 C108,204 108,196 100,190Z", "b8902f")
    return svg.rectangle(68, 158, 64, 66, LABEL, 0.94, rounding=5) + svg.path(lines, stroke="8a6a2a", width=2.4) + mark
