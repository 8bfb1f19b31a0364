"""Simple matte bodies as SVG, lit from the upper left: what a set designer builds a stage from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from cavendish_sketch.canvas import svg
from cavendish_sketch.scenes.indoor import darker, lighter

TILT = 0.17  # of a circle on the ground: its height over its width


@dataclass(slots=True)
class Set:
    """Bodies in painter's order, and the gradients they need."""

    bodies: list[str] = field(default_factory=list)
    defs: list[str] = field(default_factory=list)

    def add(self, body: str) -> None:
        self.bodies.append(body)

    def gradient(self, stops: svg.Stops, *, x1: float = 0, y1: float = 0, x2: float = 0, y2: float = 1) -> str:
        """A new linear gradient as a fill."""
        name = f"g{len(self.defs)}"
        self.defs.append(svg.linear_gradient(name, stops, x1=x1, y1=y1, x2=x2, y2=y2))
        return f"url(#{name})"

    def radial(self, stops: svg.Stops, *, x: float = 0.5, y: float = 0.5, radius: float = 0.5) -> str:
        """A new radial gradient as a fill."""
        name = f"g{len(self.defs)}"
        self.defs.append(svg.radial_gradient(name, stops, x=x, y=y, radius=radius))
        return f"url(#{name})"

    @property
    def body(self) -> str:
        return "".join(self.bodies)

    @property
    def definitions(self) -> str:
        return "".join(self.defs)


def around(colour: str) -> svg.Stops:
    """Light around an upright round body: brightest a third from the left, a little light back at the right edge."""
    return (
        (0, darker(colour, 0.16)),
        (0.10, colour),
        (0.32, lighter(colour, 0.34)),
        (0.60, colour),
        (0.90, darker(colour, 0.40)),
        (1, darker(colour, 0.30)),
    )


def cylinder(set_: Set, x: float, top: float, radius: float, height: float, colour: str) -> None:
    """An upright cylinder; (x, top) is the middle of its upper face."""
    flat = radius * TILT
    side = f"M{x - radius:.1f},{top:.1f} A{radius:.1f},{flat:.1f} 0 0 0 {x + radius:.1f},{top:.1f} v{height:.1f} "
    side += f"A{radius:.1f},{flat:.1f} 0 0 1 {x - radius:.1f},{top + height:.1f}Z"
    set_.add(svg.path(side, set_.gradient(around(colour), x2=1, y2=0)))
    set_.add(svg.path(side, set_.gradient(((0.3, "000000", 0.0), (1, darker(colour, 0.75), 0.34)))))
    face = set_.gradient(((0, lighter(colour, 0.22)), (0.55, lighter(colour, 0.42)), (1, lighter(colour, 0.62))))
    set_.add(svg.ellipse(x, top, radius, flat, face))
    set_.add(
        svg.ellipse(
            x, top, radius, flat, set_.gradient(((0, "ffffff", 0.20), (1, darker(colour, 0.6), 0.16)), x2=1, y2=0)
        )
    )
    edge = f"M{x - radius:.1f},{top:.1f} A{radius:.1f},{flat:.1f} 0 0 0 {x + radius:.1f},{top:.1f}"
    glint = set_.gradient(((0, "ffffff", 0.1), (0.35, "ffffff", 0.95), (1, "ffffff", 0.15)), x2=1, y2=0)
    set_.add(f'<path d="{edge}" fill="none" stroke="{glint}" stroke-width="3"/>')


def sphere(set_: Set, x: float, y: float, radius: float, colour: str) -> None:
    """A ball; (x, y) is its middle."""
    stops = (
        (0, lighter(colour, 0.62)),
        (0.25, lighter(colour, 0.26)),
        (0.55, colour),
        (0.86, darker(colour, 0.48)),
        (1, darker(colour, 0.30)),
    )
    set_.add(svg.circle(x, y, radius, set_.radial(stops, x=0.36, y=0.30, radius=0.74)))


def cone(set_: Set, x: float, bottom: float, radius: float, height: float, colour: str) -> None:
    """A cone that stands on (x, bottom)."""
    flat = radius * TILT
    shape = f"M{x:.1f},{bottom - height:.1f} L{x + radius:.1f},{bottom:.1f} "
    shape += f"A{radius:.1f},{flat:.1f} 0 0 1 {x - radius:.1f},{bottom:.1f}Z"
    set_.add(svg.path(shape, set_.gradient(around(colour), x2=1, y2=0)))


def block(set_: Set, x: float, top: float, width: float, height: float, deep: float, colour: str) -> None:
    """A slab seen a little from above; (x, top) is the middle of its front's upper edge, `deep` how far it goes back
    on the page."""
    left, right, inset = x - width / 2, x + width / 2, deep * 0.42
    upper = ((left, top), (right, top), (right - inset, top - deep), (left + inset, top - deep))
    set_.add(svg.polygon(upper, set_.gradient(((0, lighter(colour, 0.30)), (1, lighter(colour, 0.56))))))
    front = set_.gradient(((0, lighter(colour, 0.12)), (0.6, colour), (1, darker(colour, 0.26))), x2=1, y2=0.12)
    set_.add(svg.rectangle(left, top, width, height, front))
    set_.add(
        svg.rectangle(left, top, width, height, set_.gradient(((0.4, "000000", 0.0), (1, darker(colour, 0.75), 0.24))))
    )
    set_.add(svg.rectangle(left, top - 1, width, 2.5, "ffffff", 0.55))


def niche(set_: Set, x: float, bottom: float, width: float, height: float, wall: str, deep: float) -> None:
    """An arch let into a wall: its reveal in shadow on the left, and the back wall in a gradient."""
    set_.add(
        svg.path(
            arch(x, bottom, width, height),
            set_.gradient(((0, darker(wall, 0.42)), (0.5, darker(wall, 0.20)), (1, lighter(wall, 0.55))), x2=1, y2=0.2),
        )
    )
    back = arch(x + deep * 0.5, bottom, width - deep, height - deep * 0.9)
    set_.add(
        svg.path(back, set_.gradient(((0, darker(wall, 0.14)), (0.5, lighter(wall, 0.20)), (1, lighter(wall, 0.42)))))
    )
    shade = ((0, darker(wall, 0.6), 0.40), (0.16, darker(wall, 0.6), 0.12), (0.5, "ffffff", 0.0), (1, "ffffff", 0.16))
    set_.add(svg.path(back, set_.gradient(shade, x2=1, y2=0.1)))


def arch(x: float, bottom: float, width: float, height: float) -> str:
    """The outline of a round arch."""
    half = width / 2
    spring = bottom - max(height - half, 0)
    return (
        f"M{x - half:.1f},{bottom:.1f} L{x - half:.1f},{spring:.1f} A{half:.1f},{min(half, height):.1f} 0 0 1 "
        f"{x + half:.1f},{spring:.1f} L{x + half:.1f},{bottom:.1f}Z"
    )


def ring(
    set_: Set, x: float, y: float, radius: float, thick: float, tilt: float, turn: float, colour: str, *, front: bool
) -> None:
    """Half of a ring that hangs in the air: the far half is laid before what it encircles, the near half after."""
    flat, sweep = radius * tilt, 0 if front else 1
    line = f"M{-radius:.1f},0 A{radius:.1f},{flat:.1f} 0 0 {sweep} {radius:.1f},0"
    dim = 0.30 if not front else 0.0
    body = ""
    for share, tone, shift in (
        (1.0, darker(colour, 0.45 + dim), 0.0),
        (0.74, darker(colour, 0.06 + dim), -0.07),
        (0.38, lighter(colour, 0.30 - dim * 0.8), -0.15),
        (0.12, lighter(colour, 0.75 - dim * 2), -0.22),
    ):
        piece = (
            f'<path d="{line}" fill="none" stroke="#{tone}" stroke-width="{thick * share:.1f}" stroke-linecap="round"/>'
        )
        body += svg.group(piece, y=shift * thick)
    set_.add(svg.group(body, x=x, y=y, turn=turn))


def shape(x: float, y: float, size: float, data: str, fill: str, opacity: float = 1, *, squash: float = 1) -> str:
    """A path drawn for a size of 100 with its origin at (x, y)."""
    body = svg.path(data, fill, opacity)
    scale = f"{size / 100:.4f} {size / 100 * squash:.4f}"
    return f'<g transform="translate({x:.2f} {y:.2f}) scale({scale})">{body}</g>'


def stars(x: float, y: float, radius: float, points: int, inner: float) -> list[svg.Point]:
    """The corners of a star."""
    steps = range(points * 2)
    return [
        (
            x + (radius if step % 2 == 0 else radius * inner) * math.sin(math.pi * step / points),
            y - (radius if step % 2 == 0 else radius * inner) * math.cos(math.pi * step / points),
        )
        for step in steps
    ]
