"""What lies on a table, as SVG in points: plates, cutlery, and small things to eat."""

from __future__ import annotations

import math

from cavendish_sketch.canvas import svg
from cavendish_sketch.scenes.indoor import darker, lighter
from cavendish_sketch.scenes.solids import Set, around, cylinder, shape, sphere

STEEL, STEEL_DEEP = "dfe3e8", "8d949e"
LEAF = "5f9a44"


def plate(set_: Set, x: float, y: float, radius: float, flat: float, colour: str) -> None:
    """A plate around (x, y); `flat` is its height over its width, 1 when seen from above."""
    down, thick = radius * flat, radius * 0.06 * (1 - flat)
    set_.add(svg.ellipse(x, y + thick * 1.6, radius * 0.99, down, darker(colour, 0.35)))
    rim = set_.gradient(((0, darker(colour, 0.10)), (0.5, lighter(colour, 0.5)), (1, lighter(colour, 0.9))), x2=0.4)
    set_.add(svg.ellipse(x, y, radius, down, rim))
    well = set_.gradient(((0, darker(colour, 0.22)), (0.35, darker(colour, 0.05)), (1, lighter(colour, 0.65))), x2=0.3)
    set_.add(svg.ellipse(x, y + thick * 0.4, radius * 0.72, down * 0.70, well))
    inner = set_.gradient(((0, lighter(colour, 0.15)), (1, lighter(colour, 0.55))))
    set_.add(svg.ellipse(x, y + thick * 0.9, radius * 0.67, down * 0.64, inner))
    line = f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{radius * 0.94:.1f}" ry="{down * 0.94:.1f}"'
    set_.add(f'{line} fill="none" stroke="#{darker(colour, 0.30)}" stroke-opacity="0.5" stroke-width="3"/>')


def stand(set_: Set, x: float, y: float, radius: float, flat: float, colour: str) -> float:
    """A cake stand on (x, y); tells the height of its plate."""
    top = y - radius * 0.42
    foot = "M-40,0 Q-8,-10 -8,-42 H8 Q8,-10 40,0 A40,9 0 0 1 -40,0Z"
    set_.add(shape(x, y, radius, foot, set_.gradient(around(colour), x2=1, y2=0)))
    plate(set_, x, top, radius, flat, colour)
    return top


def board(set_: Set, x: float, y: float, radius: float, flat: float) -> None:
    """A round wooden board."""
    wood, down = "c08a54", radius * flat
    set_.add(svg.ellipse(x, y + radius * 0.07, radius, down, darker(wood, 0.5)))
    set_.add(
        svg.ellipse(x, y, radius, down, set_.gradient(((0, darker(wood, 0.05)), (1, lighter(wood, 0.35))), x2=0.5))
    )
    for share in (0.86, 0.66, 0.45, 0.24):
        ring = f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{radius * share:.1f}" ry="{down * share:.1f}" fill="none"'
        set_.add(f'{ring} stroke="#{darker(wood, 0.35)}" stroke-opacity="0.35" stroke-width="2.5"/>')


def bowl(set_: Set, x: float, y: float, radius: float, flat: float, colour: str, filling: str) -> None:
    """A small bowl with something in it, standing on (x, y)."""
    top, down = y - radius * 0.62, radius * flat
    side = "M-100,-62 C-90,6 -50,0 0,0 C50,0 90,6 100,-62Z"
    set_.add(shape(x, y, radius, side, set_.gradient(around(colour), x2=1, y2=0)))
    set_.add(svg.ellipse(x, top, radius, down, lighter(colour, 0.5)))
    fill = set_.gradient(((0, darker(filling, 0.25)), (1, lighter(filling, 0.2))))
    set_.add(svg.ellipse(x, top + radius * 0.03, radius * 0.88, down * 0.84, fill))


def fork(x: float, y: float, long: float, squash: float, turn: float) -> str:
    """Lying on the table, its middle at (x, y); `squash` is how much the view flattens what lies."""
    handle = "M-5,10 C-8,60 -9,110 -7,148 Q0,158 7,148 C9,110 8,60 5,10 Q20,4 20,-30 "
    handle += "V-92 h-7 V-40 h-6 V-94 h-7 v54 h-7 V-94 "
    return _laid(handle + "h-6 V-40 h-6 V-92 h-6 V-30 Q-20,4 -5,10Z", x, y, long, squash, turn)


def knife(x: float, y: float, long: float, squash: float, turn: float) -> str:
    return _laid("M-7,150 Q0,160 7,150 L6,14 Q18,-20 14,-72 Q10,-100 -6,-106 L-7,14Z", x, y, long, squash, turn)


def spoon(x: float, y: float, long: float, squash: float, turn: float) -> str:
    body = "M-5,4 C-8,60 -9,110 -7,148 Q0,158 7,148 C9,110 8,60 5,4 C22,-8 26,-40 20,-66 "
    body += "Q12,-94 0,-94 Q-12,-94 -20,-66 C-26,-40 -22,-8 -5,4Z"
    bowl_ = svg.ellipse(0, -46, 13, 32, STEEL_DEEP, 0.5)
    return _laid(body, x, y, long, squash, turn, bowl_)


def _laid(data: str, x: float, y: float, long: float, squash: float, turn: float, more: str = "") -> str:
    size = long / 260
    shadow = svg.group(svg.path(data, "1a1008", 0.35), x=7, y=9)
    shine = svg.group(svg.path(data, "ffffff", 0.65), x=-1.5, y=-1.5, scale=0.97)
    shape = svg.group(shadow + svg.path(data, STEEL_DEEP) + shine + more, scale=size, turn=turn)
    return f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {squash:.3f})">{shape}</g>'


def chopsticks(x: float, y: float, long: float, squash: float, turn: float, colour: str) -> str:
    """A pair on its rest."""
    body = ""
    for shift, lean in ((-13, -1.6), (13, 1.6)):
        stick = f"M-6,{long / 2:.0f} L6,{long / 2:.0f} L3.5,{-long / 2:.0f} L-3.5,{-long / 2:.0f}Z"
        pair = svg.group(svg.path(stick, "1a1008", 0.35), x=9, y=11) + svg.path(stick, colour)
        pair += svg.path(
            f"M-6,{long / 2:.0f} L-2,{long / 2:.0f} L-1,{-long / 2:.0f} L-3.5,{-long / 2:.0f}Z", lighter(colour, 0.35)
        )
        pair += svg.path(f"M-5.4,{long / 2 - 30:.0f} h10.8 M-5.2,{long / 2 - 44:.0f} h10.4", stroke="f0d9a0", width=4)
        body += svg.group(pair, x=shift, turn=lean)
    rest = svg.rectangle(-44, -long * 0.30, 88, 20, "e9e4da", rounding=10) + svg.rectangle(
        -44, -long * 0.30, 88, 8, "ffffff", 0.7, rounding=4
    )
    return f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {squash:.3f}) rotate({turn:.1f})">{rest}{body}</g>'


def napkin(set_: Set, x: float, y: float, size: float, squash: float, turn: float, colour: str) -> None:
    """A folded cloth that lies on the table."""
    fill = set_.gradient(((0, lighter(colour, 0.35)), (0.5, colour), (1, darker(colour, 0.2))), x2=1)
    half = size / 2
    body = svg.group(svg.rectangle(-half, -half, size, size, "1a1008", 0.28, rounding=8), x=9, y=13)
    body += svg.rectangle(-half, -half, size, size, fill, rounding=8)
    body += svg.rectangle(-half, -half, size * 0.52, size, lighter(colour, 0.5), 0.35, rounding=8)
    seam = f"M{-half + 14:.0f},{-half + 14:.0f} h{size - 28:.0f} v{size - 28:.0f} h{-size + 28:.0f}Z"
    body += svg.path(seam, stroke=lighter(colour, 0.55), width=2.5)
    set_.add(f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {squash:.3f}) rotate({turn:.1f})">{body}</g>')


def sprig(x: float, y: float, size: float, squash: float, turn: float) -> str:
    """Basil: a stem with pairs of leaves."""
    body = svg.path("M0,0 Q30,-8 120,0", stroke=darker(LEAF, 0.35), width=5)
    for number, (along, side) in enumerate(((30, -1), (34, 1), (70, -1), (74, 1), (112, -1), (116, 1), (132, 0))):
        long = 46 - number * 3
        leaf = shape(0, 0, long, "M0,0 C30,-50 90,-40 100,0 C90,40 30,50 0,0Z", lighter(LEAF, 0.10 * (number % 3)))
        leaf += svg.path(f"M4,0 H{long - 6}", stroke=darker(LEAF, 0.3), width=2)
        body += svg.group(leaf, x=along, turn=side * 62)
    shadow = svg.ellipse(76, 12, 84, 30, "1a1008", 0.16)
    scale = f"{size / 160:.3f} {size / 160 * squash:.3f}"
    place = f"translate({x:.1f} {y:.1f}) scale({scale}) rotate({turn:.1f})"
    return f'<g transform="{place}">{shadow}{body}</g>'


def slice_(x: float, y: float, radius: float, squash: float, colour: str) -> str:
    """A round slice of a citrus fruit."""
    body = (
        svg.circle(6, 9, radius, "1a1008", 0.25)
        + svg.circle(0, 0, radius, colour)
        + svg.circle(0, 0, radius * 0.88, "fff6dc")
    )
    for step in range(8):
        first, last = (math.pi / 4 * step + part for part in (0.09, math.pi / 4 - 0.09))
        outer = radius * 0.80
        body += svg.polygon(
            [
                (0.0, 0.0),
                (outer * math.cos(first), outer * math.sin(first)),
                (outer * 1.06 * math.cos((first + last) / 2), outer * 1.06 * math.sin((first + last) / 2)),
                (outer * math.cos(last), outer * math.sin(last)),
            ],
            lighter(colour, 0.18),
        )
    return f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {squash:.3f})">{body}</g>'


def berries(set_: Set, x: float, y: float, radius: float, colour: str) -> None:
    """Three round fruits close together."""
    for across, up, size in ((-1.0, 0.35, 0.92), (0.95, 0.2, 0.85), (0.05, -0.15, 1.0)):
        sphere(set_, x + across * radius * 1.15, y - radius * (0.8 - up), radius * size, colour)
        set_.add(svg.circle(x + across * radius * 1.15, y - radius * (1.3 - up), radius * 0.16, LEAF))


def vase(set_: Set, x: float, y: float, size: float, colour: str, flower: str) -> None:
    """A slim vase with three round flowers."""
    for lean, high in ((-26, 1.5), (22, 1.38), (0, 1.72)):
        top_x, top_y = x + lean * size / 70, y - size * high
        set_.add(
            svg.path(
                f"M{x:.1f},{y - size * 0.8:.1f} Q{x:.1f},{top_y + 30:.1f} {top_x:.1f},{top_y:.1f}",
                stroke=darker(LEAF, 0.2),
                width=4,
            )
        )
        for step in range(6):
            angle = math.pi / 3 * step
            set_.add(
                svg.circle(
                    top_x + math.cos(angle) * size * 0.12,
                    top_y + math.sin(angle) * size * 0.10,
                    size * 0.10,
                    lighter(flower, 0.2 * (step % 2)),
                )
            )
        set_.add(svg.circle(top_x, top_y, size * 0.08, "f6c945"))
    body = "M-12,-85 C-10,-60 -34,-50 -30,-18 Q-26,0 0,0 Q26,0 30,-18 C34,-50 10,-60 12,-85Z"
    set_.add(shape(x, y, size, body, set_.gradient(around(colour), x2=1, y2=0)))


def candle(set_: Set, x: float, y: float, size: float, colour: str) -> None:
    """A thick candle; the flame is drawn by the scene, which makes it shine."""
    cylinder(set_, x, y - size, size * 0.34, size, colour)
