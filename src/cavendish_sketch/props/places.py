"""Landmarks: castle, lighthouse, windmill, a tower of iron, and a balloon over them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cavendish_sketch.canvas import svg
from cavendish_sketch.props.drawing import Drawing

STONE, SLATE = "cfc3b0", "41608f"
WINDOW, LIT = "4a4652", "ffd27a"
GORES = ("e2483d", "f2a21f", "ffd95a", "3a9ad9", "7a4bc0")


def _round_shade(name: str, colour: str) -> str:
    """The light on a standing cylinder."""
    light, dark = svg.blend(colour, "ffffff", 0.40), svg.blend(colour, "241c2c", 0.48)
    return svg.linear_gradient(
        name, ((0, svg.blend(colour, dark, 0.25)), (0.28, light), (0.6, colour), (1, dark)), x2=1, y2=0
    )


# ------------------------------------------------------------------ castle


def castle(colour: str | None = None) -> Drawing:
    """Towers with pointed roofs around a keep; the colour is that of its roofs."""
    roof = colour or SLATE
    defs = _round_shade("wall", STONE) + _round_shade("roof", roof)
    defs += svg.linear_gradient("face", ((0, "e2d8c6"), (1, "a89a88")), x2=1, y2=0.4)
    towers = (
        _tower(128, -150, 40, 150, 86),
        _tower(62, -112, 36, 132, 74),
        _tower(206, -96, 38, 160, 78),
        svg.rectangle(84, -150, 96, 150, "url(#face)") + _battlement(84, -150, 96, "d6cab6"),
        _tower(160, -196, 30, 120, 72),
        _tower(104, -168, 26, 110, 62),
        _wall(20, 244, 70),
        _tower(14, -84, 44, 84, 84),
        _tower(250, -84, 44, 84, 84),
        _gate(132),
    )
    windows = "".join(
        _window(x, y)
        for x, y in (
            (118, -112),
            (146, -112),
            (132, -74),
            (14, -60),
            (250, -60),
            (62, -88),
            (206, -70),
            (160, -170),
            (104, -142),
        )
    )
    return Drawing("".join(towers) + windows, defs, (-26, -318, 316, 322))


def _tower(x: float, top: float, wide: float, tall: float, roof: float) -> str:
    half, eaves = wide / 2, wide * 0.66
    body = svg.rectangle(x - half, top, wide, tall, "url(#wall)")
    ring = svg.rectangle(x - half - 3, top - 5, wide + 6, 10, "url(#wall)")
    cone = svg.path(
        f"M{x - eaves:.1f},{top - 4:.1f}Q{x - half * 0.35:.1f},{top - roof * 0.45:.1f} {x:.1f},{top - roof:.1f}"
        f"Q{x + half * 0.35:.1f},{top - roof * 0.45:.1f} {x + eaves:.1f},{top - 4:.1f}"
        f"Q{x:.1f},{top + 4:.1f} {x - eaves:.1f},{top - 4:.1f}z",
        "url(#roof)",
    )
    flag = svg.path(f"M{x:.1f},{top - roof + 2:.1f}v-26", stroke="6a5a4a", width=2)
    flag += svg.path(f"M{x:.1f},{top - roof - 24:.1f}q10,-5 22,1q-8,3 -6,7q-8,-3 -16,2z", "e2483d")
    return body + ring + cone + flag


def _wall(left: float, right: float, tall: float) -> str:
    wall = svg.rectangle(left, -tall, right - left, tall, "url(#face)") + _battlement(
        left, -tall, right - left, "cbbfab"
    )
    rows = "".join(
        f"M{left + 8 + (number * 37) % (right - left - 24):.0f},{-tall + 12 + (number * 17) % (tall - 18):.0f}h13"
        for number in range(22)
    )
    return wall + svg.path(rows, stroke="8f8272", width=1.6)


def _battlement(left: float, top: float, wide: float, colour: str) -> str:
    count = max(int(wide / 18), 2)
    step = wide / count
    return "".join(svg.rectangle(left + number * step + 1, top - 9, step * 0.56, 10, colour) for number in range(count))


def _gate(x: float) -> str:
    arch = f"M{x - 24},0V-34Q{x - 24},-58 {x},-58Q{x + 24},-58 {x + 24},-34V0z"
    inner = f"M{x - 17},0V-33Q{x - 17},-50 {x},-50Q{x + 17},-50 {x + 17},-33V0z"
    bars = "".join(f"M{x - 12 + 6 * number},0V-46" for number in range(5))
    return (
        svg.path(arch, "9a8c7a")
        + svg.path(inner, "3a2c26")
        + svg.path(bars + f"M{x - 16},-16h32M{x - 16},-32h32", stroke="1e1614", width=1.8)
    )


def _window(x: float, y: float) -> str:
    return svg.path(f"M{x - 4.5},{y + 10}V{y - 3}Q{x},{y - 11} {x + 4.5},{y - 3}V{y + 10}z", WINDOW) + svg.path(
        f"M{x - 3},{y + 9}V{y - 2}Q{x},{y - 8} {x + 3},{y - 2}V{y + 9}z", LIT, 0.85
    )


# ------------------------------------------------------------------ lighthouse


def lighthouse(colour: str | None = None) -> Drawing:
    """A white tower with bands, a gallery and a shining lantern, on its rock."""
    band = colour or "d63a34"
    defs = (
        _round_shade("tower", "f4f0e8")
        + _round_shade("band", band)
        + _round_shade("dome", svg.blend(band, "30101a", 0.25))
    )
    defs += svg.radial_gradient("lamp", ((0, "fffef0"), (0.5, "ffe9a0"), (1, "ffb83e")))
    defs += svg.linear_gradient("rock", ((0, "9a9288"), (1, "4c4a50")), x2=0.5, y2=1)
    rock = svg.path("M-92,22Q-96,2 -70,-8Q-48,-30 -20,-26Q10,-34 34,-24Q66,-22 84,-2Q98,8 92,22z", "url(#rock)")
    rock += svg.path("M-60,-4Q-30,-16 -8,-10M30,-14Q56,-10 70,4M-40,10Q0,2 40,12", stroke="3e3c42", width=2)
    tower = svg.polygon([(-34, -20), (34, -20), (21, -236), (-21, -236)], "url(#tower)")
    for number in range(3):
        low, high = -62 - 72 * number, -98 - 72 * number
        near, far = (34 - 13 * (-y - 20) / 216 for y in (low, high))
        tower += svg.polygon([(-near, low), (near, low), (far, high), (-far, high)], "url(#band)")
    door = svg.path("M-9,-20V-40Q0,-50 9,-40V-20z", "6a3a2a") + "".join(
        svg.rectangle(-4.5, y, 9, 14, "3a3f4a", rounding=4) for y in (-118, -190)
    )
    gallery = svg.rectangle(-31, -243, 62, 8, "3c3f48") + svg.path(
        "".join(f"M{-29 + 7.25 * number:.1f},-243v-14" for number in range(9)) + "M-30,-257h60",
        stroke="3c3f48",
        width=2,
    )
    lamp = svg.rectangle(-15, -276, 30, 33, "url(#lamp)") + svg.path(
        "M-15,-276v33M-5,-276v33M5,-276v33M15,-276v33", stroke="3c3f48", width=2
    )
    dome = svg.path("M-20,-275Q-16,-300 0,-303Q16,-300 20,-275z", "url(#dome)") + svg.rectangle(
        -1.6, -320, 3.2, 20, "3c3f48"
    )
    return Drawing(
        rock + tower + door + lamp + gallery + dome + svg.circle(0, -320, 3.6, "c9a24a"), defs, (-98, -326, 196, 350)
    )


# ------------------------------------------------------------------ windmill


def windmill(colour: str | None = None) -> Drawing:
    """A Dutch mill: a tapering body under a thatched cap, a gallery, four sails of lattice and cloth."""
    body = colour or "a9673f"
    defs = _round_shade("body", body) + _round_shade("cap", "5d4a3c") + _round_shade("base", "efe6d4")
    base = svg.polygon([(-62, 0), (62, 0), (56, -64), (-56, -64)], "url(#base)")
    tower = svg.polygon([(-52, -64), (52, -64), (29, -206), (-29, -206)], "url(#body)")
    boards = "".join(
        f"M{-50 + number * 1.35 * 3:.1f},{-72 - number * 24}H{50 - number * 1.35 * 3:.1f}" for number in range(6)
    )
    tower += svg.path(boards, stroke=svg.blend(body, "1a0c08", 0.4), width=1.6)
    door = svg.path("M-14,0V-36Q0,-48 14,-36V0z", "2f5d4a") + svg.path("M0,0V-42", stroke="1e3c30", width=2)
    panes = "".join(
        svg.rectangle(x - 8, y, 16, 18, "f4efe2") + svg.rectangle(x - 6, y + 2, 12, 14, "4a6072")
        for x, y in ((-34, -46), (34, -46), (0, -112), (0, -164))
    )
    gallery = svg.rectangle(-74, -70, 148, 7, "6d5238") + svg.path(
        "".join(f"M{-72 + 12 * number},-70v-16" for number in range(13)) + "M-74,-86h148", stroke="6d5238", width=2.6
    )
    cap = svg.path("M-36,-204Q-34,-244 0,-250Q34,-244 36,-204Q0,-196 -36,-204z", "url(#cap)")
    sails = "".join(svg.group(_sail(), x=0, y=-222, turn=angle) for angle in (24, 114, 204, 294))
    hub = svg.circle(0, -222, 9, "4a3526") + svg.circle(-2, -224, 4, "8a6a4a")
    return Drawing(base + door + tower + gallery + panes + cap + sails + hub, defs, (-152, -380, 304, 382))


def _sail() -> str:
    """One arm, pointing up, its cloth to the right."""
    arm = svg.polygon([(-3, 0), (3, 0), (2, -152), (-2, -152)], "5a4030")
    cloth = svg.polygon([(3, -34), (30, -34), (28, -150), (3, -150)], "f6efe0")
    shade = svg.polygon([(18, -34), (30, -34), (28, -150), (17, -150)], "c9b89c", 0.55)
    bars = "".join(f"M-6,{-40 - 12 * number}H30" for number in range(10)) + "M12,-34V-150M21,-34V-150M30,-34L28,-150"
    return arm + cloth + shade + svg.path(bars, stroke="7a5c42", width=1.7)


# ------------------------------------------------------------------ tower


TOWER_TALL = 330.0


def tower(colour: str | None = None) -> Drawing:
    """A tower of iron lattice on four arched feet."""
    iron = colour or "8a6a4c"
    light, dark = svg.blend(iron, "ffe6c0", 0.35), svg.blend(iron, "1c1210", 0.5)
    heights = [number / 26 for number in range(27)]
    left = [(-_half(part), -part * TOWER_TALL) for part in heights]
    right = [(_half(part), -part * TOWER_TALL) for part in reversed(heights)]
    body = svg.polygon([*left, *right], dark, 0.34)
    body += _legs(iron, light, dark)
    body += _arch_and_decks(iron, light, dark)
    body += svg.rectangle(-1.4, -TOWER_TALL - 26, 2.8, 30, dark) + svg.rectangle(-6, -TOWER_TALL - 4, 12, 9, iron)
    return Drawing(body, "", (-90, -TOWER_TALL - 28, 180, TOWER_TALL + 32))


def _half(part: float) -> float:
    """Half its width at a share of its height."""
    return 80 * math.exp(-3.1 * part) + 3.4 * (1 - part)


def _legs(iron: str, light: str, dark: str) -> str:
    body = ""
    for side in (-1, 1):
        outer = [(side * _half(part / 30), -part / 30 * TOWER_TALL) for part in range(31)]
        inner = [
            (side * _half(part / 30) * (0.52 if part < 11 else 0.30), -part / 30 * TOWER_TALL) for part in range(31)
        ]
        body += _line(outer, iron if side > 0 else light, 5.0) + _line(inner, iron, 3.6)
        body += _lattice(outer, inner, dark if side > 0 else iron)
    return body + _line([(0, -part / 30 * TOWER_TALL) for part in range(12, 31)], dark, 1.6)


def _lattice(outer: Sequence[svg.Point], inner: Sequence[svg.Point], colour: str) -> str:
    path = ""
    for number in range(len(outer) - 1):
        (ax, ay), (bx, by) = outer[number], inner[number + 1]
        (cx, cy), (dx, dy) = inner[number], outer[number + 1]
        path += f"M{ax:.1f},{ay:.1f}L{bx:.1f},{by:.1f}M{cx:.1f},{cy:.1f}L{dx:.1f},{dy:.1f}L{bx:.1f},{by:.1f}"
    return svg.path(path, stroke=colour, width=1.5)


def _arch_and_decks(iron: str, light: str, dark: str) -> str:
    body = svg.path("M-44,-6Q-34,-66 0,-70Q34,-66 44,-6", stroke=iron, width=5) + svg.path(
        "M-38,-6Q-29,-59 0,-62Q29,-59 38,-6", stroke=dark, width=2
    )
    for part, tall in ((0.235, 11.0), (0.43, 9.0), (0.93, 6.0)):
        half, y = _half(part) + 7, -part * TOWER_TALL
        body += svg.rectangle(-half, y - tall, 2 * half, tall, iron) + svg.rectangle(
            -half, y - tall, 2 * half, 2.4, light
        )
        body += svg.path(
            "".join(f"M{-half + 3 + step * 5:.1f},{y - 1:.1f}v{-tall + 4:.1f}" for step in range(int(half * 2 / 5))),
            stroke=dark,
            width=1.4,
        )
    feet = "".join(svg.rectangle(x - 22, -8, 44, 12, "b0a696") for x in (-62, 62))
    return body + feet


def _line(points: Sequence[svg.Point], colour: str, width: float) -> str:
    return svg.path("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points), stroke=colour, width=width)


# ------------------------------------------------------------------ balloon


GORE_COUNT = 9
ENVELOPE, MOUTH = 112.0, 15.0  # radius, half width at the bottom


def balloon(colour: str | None = None) -> Drawing:
    """A hot-air balloon of colourful gores, or of one colour and white."""
    tones = (colour, "fff4e2", svg.blend(colour, "ffffff", 0.35)) if colour else GORES
    gores = "".join(_gore(number, tones[number % len(tones)]) for number in range(GORE_COUNT))
    defs = svg.radial_gradient(
        "ball",
        ((0, "ffffff", 0.42), (0.45, "ffffff", 0.04), (0.72, "1a1030", 0.10), (1, "1a1030", 0.52)),
        x=0.34,
        y=0.28,
        radius=0.78,
    )
    shade = svg.path(_outline(1.0) + "L" + _outline(-1.0)[1:] + "z", "url(#ball)")
    ropes = svg.path("M-15,150L-13,186M15,150L13,186M-6,152L-5,186M6,152L5,186", stroke="4a3a2e", width=1.5)
    flame = svg.path("M-4,160Q0,142 4,160z", "ffb43a")
    return Drawing(gores + shade + ropes + flame + _basket(), defs, (-116, -118, 232, 338))


def _profile(part: float) -> tuple[float, float]:
    """Half width and height of the envelope at a share of the way down."""
    angle = part * math.pi * 0.80
    if part < 0.70:
        return math.sin(angle) * ENVELOPE, -math.cos(angle) * ENVELOPE
    start, down = math.sin(0.56 * math.pi) * ENVELOPE, -math.cos(0.56 * math.pi) * ENVELOPE
    rest = (part - 0.70) / 0.30
    bulge = math.sin(rest * math.pi) * 10
    return start + (MOUTH - start) * rest**1.08 + bulge, down + (150 - down) * rest


def _outline(side: float) -> str:
    """From the crown down along one meridian; the other way up where `side` is -1."""
    points = [(_profile(number / 28)[0] * side, _profile(number / 28)[1]) for number in range(29)]
    ordered = points if side > -1 else points[::-1]
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ordered)


def _gore(number: int, colour: str) -> str:
    """A strip of cloth between two meridians, narrow towards the sides."""
    edges = [math.sin((step / GORE_COUNT - 0.5) * math.pi) for step in (number, number + 1)]
    rows = [_profile(step / 28) for step in range(29)]
    first = [(half * edges[0], y) for half, y in rows]
    second = [(half * edges[1], y) for half, y in reversed(rows)]
    seam = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in first)
    dark = svg.blend(colour, "2a1020", 0.35)
    return svg.polygon(first + second, colour) + svg.path(seam, stroke=dark, width=1.3)


def _basket() -> str:
    weave = "".join(f"M-17,{192 + 5 * row}h34" for row in range(5)) + "".join(
        f"M{-14 + 7 * column},188v26" for column in range(5)
    )
    basket = svg.path("M-19,186H19L15,216Q0,220 -15,216z", "a8713c") + svg.path(weave, stroke="74491f", width=1.5)
    return basket + svg.rectangle(-21, 183, 42, 7, "6a4322", rounding=3)
