"""Vehicles of our own: flying cars in four bodies, and an angular pickup of bare steel."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cavendish_sketch.canvas import svg
from cavendish_sketch.props.drawing import Drawing

BOX = (0.0, 0.0, 260.0, 112.0)
PAINTS = ("e8455a", "2a6fd0", "f2b632", "8a4bd6", "e9eef7", "17a58c", "ff7a3d", "3ad1c2")
JET, HEAD, TAIL = "6df6ff", "fff6d6", "ff3154"


@dataclass(frozen=True, slots=True)
class Body:
    """A flying car that heads to the right.

    Attributes:
        hull: Path data of its outline.
        belly: Of its darker lower part.
        glass: Of its windows.
        gleam: Of the sky mirrored in them.
        fins: Of wings and tail, behind the hull.
        line: Of the strip of light along its side.
        seams: Of doors and panels.
        pods: Middles and half widths of the lifting jets.
        nose, tail: Middles of head and tail lights.
    """

    hull: str
    belly: str
    glass: str
    gleam: str
    fins: str
    line: str
    seams: str
    pods: tuple[tuple[float, float, float], ...]
    nose: tuple[float, float]
    tail: tuple[float, float]


BODIES = (
    Body(  # a coupe
        hull="M10,62C9,50 24,45 50,42C70,22 100,13 130,15C158,17 178,30 194,44C224,47 246,54 250,64"
        "C252,72 240,77 222,79L40,82C20,82 11,74 10,62Z",
        belly="M12,68L250,67C248,75 236,79 222,80L40,84C22,84 13,77 12,68Z",
        glass="M70,43C86,27 106,21 128,22C150,23 168,33 182,46C148,50 102,49 70,43Z",
        gleam="M80,41C92,30 106,25 122,25L104,44C95,44 87,43 80,41Z M132,25C142,26 152,30 160,35L146,46L114,46Z",
        fins="M16,58L2,26L34,30L62,46Z M96,74L150,74L128,92L84,90Z",
        line="M22,62C80,56 170,56 240,64",
        seams="M126,48L122,78 M74,46C70,58 70,68 74,79 M184,48C190,58 190,68 186,79",
        pods=((58, 87, 24), (202, 85, 22)),
        nose=(244, 64),
        tail=(14, 62),
    ),
    Body(  # a bubble of glass
        hull="M22,66C20,54 34,48 56,47C66,24 96,10 130,10C166,10 194,26 204,48C226,50 240,56 240,66"
        "C240,76 222,81 196,82L66,82C40,82 24,77 22,66Z",
        belly="M23,70L240,70C236,79 220,84 196,85L66,85C42,85 27,80 23,70Z",
        glass="M70,50C78,30 102,18 130,18C160,18 184,30 192,50C152,56 108,56 70,50Z",
        gleam="M80,47C88,32 102,24 120,22L108,51C97,50 88,49 80,47Z M150,22C164,25 176,33 182,44L168,49L140,51Z",
        fins="M30,60L14,40L40,38L66,50Z M210,52L232,38L240,46L226,58Z",
        line="M32,66C90,61 170,61 232,66",
        seams="M130,54L130,82 M72,52C66,62 66,72 72,82 M190,52C196,62 196,72 190,82",
        pods=((64, 89, 22), (130, 91, 18), (198, 89, 22)),
        nose=(233, 65),
        tail=(28, 65),
    ),
    Body(  # a wedge for speed
        hull="M8,56L36,44L92,26C112,20 132,20 148,28L196,48L254,64L248,74L60,80L14,76Z",
        belly="M10,66L254,66L247,76L60,83L16,79Z",
        glass="M88,34C108,26 130,25 144,32L182,49L96,50Z",
        gleam="M98,34C110,29 122,28 130,29L114,47L100,47Z M142,34L166,46L132,47Z",
        fins="M10,56L0,18L20,18L52,42Z M70,78L130,76L96,96L58,94Z M28,48L14,30L30,30L60,42Z",
        line="M16,60L120,56L244,68",
        seams="M100,51L94,79 M184,50L176,76 M40,46L46,79",
        pods=((44, 87, 26), (190, 83, 20)),
        nose=(242, 66),
        tail=(13, 64),
    ),
    Body(  # a van
        hull="M16,30C18,18 30,14 50,13L168,13C196,14 218,30 232,50C246,54 250,60 250,68C250,78 238,82 220,82L36,82"
        "C22,82 14,76 14,64Z",
        belly="M14,66L250,68C249,79 237,85 220,85L36,85C22,85 15,79 14,66Z",
        glass="M150,22L170,22C190,24 206,36 216,50L150,50Z M36,22L138,22L138,46L32,46C32,36 33,28 36,22Z",
        gleam="M160,24L170,24L154,48L152,48L152,36Z M48,24L66,24L50,44L36,44Z M92,24L122,24L104,44L76,44Z",
        fins="M18,30L6,8L34,8L56,16Z M84,80L160,80L142,96L92,96Z",
        line="M18,58L238,60",
        seams="M144,18L144,82 M88,22L88,82 M214,52C220,62 220,72 214,82",
        pods=((54, 89, 26), (200, 89, 24)),
        nose=(243, 63),
        tail=(17, 56),
    ),
)


def flying_car(colour: str | None = None, style: int = 0) -> Drawing:
    """A car that flies to the right, without wheels; `style` chooses one of `BODIES`."""
    body = BODIES[style % len(BODIES)]
    paint = colour or PAINTS[style % len(PAINTS)]
    return Drawing(_jets(body) + _hull(body) + _lamps(body), _car_paints(paint), BOX)


def car_lights(style: int = 0) -> Drawing:
    """Only what shines on a flying car: laid over a figure, whose clay would make lights dull."""
    body = BODIES[style % len(BODIES)]
    jets = "".join(
        svg.ellipse(x, y + 8, half * 1.25, 13, "url(#jet)", 0.85) + svg.ellipse(x, y + 2, half * 0.78, 3.2, "d8ffff")
        for x, y, half in body.pods
    )
    return Drawing(jets + svg.path(body.line, stroke=JET, width=2.0) + _lamps(body), _light_paints(), BOX)


def _car_paints(paint: str) -> str:
    pale, deep = svg.blend(paint, "ffffff", 0.62), svg.blend(paint, "0a0820", 0.55)
    return (
        svg.linear_gradient("hull", ((0, pale), (0.30, paint), (0.62, svg.blend(paint, "0a0820", 0.18)), (1, deep)))
        + svg.linear_gradient("belly", ((0, deep), (1, svg.blend(paint, "05040f", 0.85))))
        + svg.linear_gradient("glass", ((0, "2b4a78"), (0.5, "10203f"), (1, "0a1228")))
        + svg.linear_gradient("gleam", ((0, "d8f6ff", 0.95), (1, "6fc6f2", 0.25)))
        + svg.linear_gradient("fin", ((0, svg.blend(paint, "ffffff", 0.2)), (1, deep)))
        + _light_paints()
    )


def _light_paints() -> str:
    return (
        svg.radial_gradient("jet", ((0, "ffffff"), (0.35, JET), (1, JET, 0.0)))
        + svg.radial_gradient("head", ((0, "ffffff"), (0.4, HEAD), (1, HEAD, 0.0)))
        + svg.radial_gradient("tail", ((0, "ffd0d8"), (0.4, TAIL), (1, TAIL, 0.0)))
    )


def _jets(body: Body) -> str:
    glow = "".join(svg.ellipse(x, y + 8, half * 1.25, 13, "url(#jet)", 0.85) for x, y, half in body.pods)
    return svg.path(body.fins, "url(#fin)") + glow


def _hull(body: Body) -> str:
    pods = "".join(
        svg.ellipse(x, y, half, 7, "1a1c30") + svg.ellipse(x, y + 2, half * 0.78, 3.6, "baffff")
        for x, y, half in body.pods
    )
    return (
        pods
        + svg.path(body.hull, "url(#hull)")
        + svg.path(body.belly, "url(#belly)")
        + svg.path(body.glass, "url(#glass)")
        + svg.path(body.gleam, "url(#gleam)")
        + svg.group(svg.path(body.seams, stroke="0a0820", width=1.1), opacity=0.45)
        + svg.path(body.line, stroke=JET, width=2.4)
        + svg.path(body.line, stroke="ffffff", width=0.8)
    )


def _lamps(body: Body) -> str:
    (nose_x, nose_y), (tail_x, tail_y) = body.nose, body.tail
    return (
        svg.ellipse(nose_x, nose_y, 15, 9, "url(#head)")
        + svg.ellipse(nose_x - 2, nose_y, 6, 2.6, "ffffff", turn=14)
        + svg.ellipse(tail_x, tail_y, 13, 10, "url(#tail)")
        + svg.rectangle(tail_x - 3, tail_y - 5, 5, 10, "ff6a80", rounding=2)
    )


# The pickup, nose to the left, wheels on y = 228. Corners are shared by neighbouring facets so that no gap shows.
PICKUP_BOX = (0.0, 0.0, 660.0, 232.0)
PEAK, NOSE_TOP, NOSE_EDGE, NOSE_LOW = (262, 22), (34, 108), (22, 122), (28, 164)
TAIL_TOP, TAIL_EDGE, TAIL_LOW = (632, 88), (640, 100), (624, 166)
SHOULDER_FRONT, SHOULDER_BACK = (92, 112), (636, 100)
SILL_FRONT, SILL_BACK = (60, 182), (606, 180)
WHEELS = (140.0, 522.0)
WHEEL_Y, TYRE, RIM = 178.0, 50.0, 33.0
STEEL = ("f4f7f9", "cfd6db", "aab3ba", "868f97", "626b73", "3f464d")


def pickup(colour: str | None = None) -> Drawing:
    """An angular electric pickup of stainless steel, seen from its side, heading left; a colour tints the steel."""
    body = _underbody() + _flanks() + _cabin() + _details() + "".join(_wheel(x) for x in WHEELS)
    return Drawing(body, _pickup_paints(colour), PICKUP_BOX)


def _steel(index: int, colour: str | None) -> str:
    return svg.blend(STEEL[index], colour, 0.55) if colour else STEEL[index]


def _pickup_paints(colour: str | None) -> str:
    tone = [_steel(index, colour) for index in range(len(STEEL))]
    return (
        svg.linear_gradient("upper", ((0, tone[0]), (0.35, tone[1]), (0.7, tone[0]), (1, tone[1])), x2=1, y2=0.12)
        + svg.linear_gradient("lower", ((0, tone[2]), (0.30, tone[1]), (0.62, tone[3]), (1, tone[4])))
        + svg.linear_gradient("sheen", ((0, "ffffff", 0.0), (0.5, "ffffff", 0.38), (1, "ffffff", 0.0)), x2=1, y2=0.25)
        + svg.linear_gradient("hood", ((0, tone[1]), (1, tone[0])), x2=1, y2=0)
        + svg.linear_gradient("bed", ((0, tone[0]), (0.5, tone[2]), (1, tone[3])), x2=1, y2=0)
        + svg.linear_gradient("front", ((0, tone[1]), (1, tone[4])))
        + svg.linear_gradient("pane", ((0, "48637c"), (0.45, "1b2a3a"), (1, "0c131c")), x2=0.35, y2=1)
        + svg.linear_gradient("glint", ((0, "e6f5ff", 0.62), (1, "9cc8e6", 0.05)), x2=0.3, y2=1)
        + svg.linear_gradient("clad", ((0, "3a4047"), (1, "171a1e")))
        + svg.radial_gradient("tyre", ((0, "2e3237"), (0.80, "1a1c1f"), (0.9, "2a2d31"), (1, "101214")))
        + svg.linear_gradient("cover", ((0, "c4ccd3"), (0.5, "7e8891"), (1, "474f57")), x2=1)
        + svg.radial_gradient("lamp", ((0, "ffffff"), (0.5, "f4fbff", 0.8), (1, "dff2ff", 0.0)))
    )


def _underbody() -> str:
    return svg.polygon([(70, 160), (600, 160), (592, 196), (84, 198)], "0f1114")


def _flanks() -> str:
    """The side in two facets that meet in the sharp line of the shoulder."""
    upper = [NOSE_TOP, PEAK, TAIL_TOP, SHOULDER_BACK, SHOULDER_FRONT]
    lower = [SHOULDER_FRONT, SHOULDER_BACK, TAIL_LOW, SILL_BACK, SILL_FRONT, NOSE_LOW, NOSE_EDGE]
    crease = svg.path("M24,121L92,112L636,100", stroke="ffffff", width=1.8)
    return (
        svg.polygon(lower, "url(#lower)")
        + svg.polygon([(200, 110), (420, 105), (330, 181), (150, 182)], "url(#sheen)")
        + svg.polygon([(470, 104), (560, 102), (590, 180), (520, 181)], "url(#sheen)", 0.7)
        + svg.polygon([NOSE_EDGE, NOSE_TOP, SHOULDER_FRONT], "url(#hood)")
        + svg.polygon(upper, "url(#upper)")
        + svg.polygon([PEAK, TAIL_TOP, TAIL_EDGE, (428, 60)], "url(#bed)", 0.35)
        + crease
    )


def _cabin() -> str:
    """Windscreen and side windows: one dark band under a roof that comes to a point."""
    pane = [(104, 97), (254, 37), (268, 36), (404, 63), (424, 92), (112, 101)]
    glint = [(150, 84), (226, 52), (196, 97), (132, 99)], [(282, 42), (330, 51), (290, 95), (256, 96)]
    return (
        svg.polygon(pane, "url(#pane)")
        + "".join(svg.polygon(points, "url(#glint)") for points in glint)
        + svg.path("M254,37L246,97 M338,52L340,95", stroke="0a0d11", width=4)
        + svg.path("M34,108L262,22L632,88", stroke="ffffff", width=2.2)
        + svg.path("M262,26L268,36L404,63", stroke="39434d", width=1.6)
    )


def _details() -> str:
    """Light bars, arches, sill, seams, mirror."""
    arches = "".join(
        svg.polygon(
            [(x - 74, 183), (x - 60, 138), (x - 38, 120), (x + 38, 119), (x + 60, 137), (x + 74, 183)], "url(#clad)"
        )
        for x in WHEELS
    )
    seams = svg.path("M246,108L240,181 M342,106L346,181 M428,104L436,181 M430,92L636,93", stroke="4d565e", width=1.5)
    sill = svg.polygon([(206, 172), (458, 170), (452, 188), (212, 190)], "url(#clad)")
    bar = svg.polygon([(24, 118), (96, 108), (96, 111.5), (23, 123)], "ffffff") + svg.ellipse(
        38, 117, 30, 9, "url(#lamp)"
    )
    tail = svg.polygon([(600, 97), (639, 97), (640, 103), (600, 103)], "ff2f3f") + svg.polygon(
        [(604, 98.4), (637, 98.4), (637, 100), (604, 100)], "ffb0b4"
    )
    bumper = svg.polygon([NOSE_LOW, (24, 142), (66, 138), (72, 182), (58, 186)], "url(#clad)")
    hitch = svg.polygon([(606, 150), (632, 140), (624, 168), (602, 182)], "url(#clad)")
    mirror = svg.polygon([(168, 92), (190, 88), (194, 99), (174, 102)], "2b3138")
    handles = svg.rectangle(312, 112, 22, 3, "59626a", 0.9) + svg.rectangle(404, 110, 20, 3, "59626a", 0.9)
    return bumper + hitch + seams + handles + arches + sill + bar + tail + mirror


def _wheel(x: float) -> str:
    blades = []
    for number in range(7):
        angle = number * math.tau / 7 - math.pi / 2
        blades.append(
            [
                _around(x, RIM * 0.94, angle - 0.26),
                _around(x, RIM * 0.94, angle + 0.26),
                _around(x, RIM * 0.28, angle + 0.42),
                _around(x, RIM * 0.28, angle - 0.42),
            ]
        )
    lugs = "".join(
        svg.path(
            "M{:.1f},{:.1f}L{:.1f},{:.1f}".format(
                *_around(x, TYRE - 5, n * math.tau / 36), *_around(x, TYRE + 0.5, n * math.tau / 36 + 0.05)
            ),
            stroke="0a0b0d",
            width=3,
        )
        for n in range(36)
    )
    return (
        svg.circle(x, WHEEL_Y, TYRE, "url(#tyre)")
        + lugs
        + svg.circle(x, WHEEL_Y, RIM + 2, "0c0e10")
        + svg.circle(x, WHEEL_Y, RIM, "2a2f34")
        + "".join(svg.polygon(points, "url(#cover)") for points in blades)
        + svg.circle(x, WHEEL_Y, RIM * 0.34, "5b646c")
        + svg.circle(x, WHEEL_Y, RIM * 0.2, "a9b2b9")
    )


def _around(x: float, radius: float, angle: float) -> svg.Point:
    return x + radius * math.cos(angle), WHEEL_Y + radius * math.sin(angle)
