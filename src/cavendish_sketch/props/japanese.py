"""What stands and swims in a Japanese garden: bridge, pagoda, stone lantern, koi."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.props.drawing import Drawing

VERMILION, SNOW, LIT = "cf3a2a", "f4f8ff", "ffd27a"
ROOF, WALL, TIMBER = "3f4650", "f3e9d8", "b23a2c"
STONE = "a3a59b"

# ------------------------------------------------------------------ bridge

SPAN, RISE = 520.0, 104.0  # of the deck's arch
DECK, RAIL = 15.0, 46.0  # thickness, height of the upper rail
POSTS = 9


def bridge(colour: str | None = None) -> Drawing:
    """An arched bridge with railings; vermilion where no colour is named."""
    return bridge_in(colour or VERMILION)


def bridge_in(colour: str, *, snowy: bool = False) -> Drawing:
    """The same; snow lies on its rails and its deck."""
    dark, deep, light = (svg.blend(colour, *pair) for pair in (("2a0a10", 0.42), ("1a060c", 0.62), ("ffd9b0", 0.34)))
    far = svg.group(_railing(svg.blend(colour, "402028", 0.45), dark, dark), x=13, y=-13)
    body = far + _deck(deep, dark, colour, light) + _railing(colour, light, dark)
    if snowy:
        body += _snow_on_bridge()
    return Drawing(body, "", (-16, -RISE - 84, SPAN + 34, RISE + 110))


def _arch(lift: float, low: float = 0.0) -> str:
    """A quadratic over the whole span, its middle at RISE + lift, its ends at `low`."""
    return f"M0,{-low:.1f}Q{SPAN / 2},{-(2 * RISE + 2 * lift - low):.1f} {SPAN},{-low:.1f}"


def _at(part: float) -> svg.Point:
    return part * SPAN, -4 * RISE * part * (1 - part)


def _deck(deep: str, dark: str, colour: str, light: str) -> str:
    planks = "".join(_plank(number / 40) for number in range(41))
    piers = "".join(
        svg.rectangle(x - 5, y + 4, 10, 24 - y, dark) + svg.rectangle(x - 5, y + 4, 3.4, 24 - y, colour)
        for x, y in (_at(0.30), _at(0.70))
    )
    beam = svg.path(f"M34,{22 - 40}Q{SPAN / 2},{-2 * RISE * 0.86 + 8} {SPAN - 34},{22 - 40}", stroke=deep, width=9)
    return (
        piers
        + beam
        + svg.path(_arch(-4), stroke=dark, width=DECK)
        + svg.path(planks, stroke=deep, width=1.5)
        + svg.path(_arch(4, 3), stroke=light, width=3.2)
    )


def _plank(part: float) -> str:
    x, y = _at(part)
    return f"M{x:.1f},{y - 2:.1f}v12"


def _railing(colour: str, light: str, dark: str) -> str:
    rails = svg.path(_arch(RAIL * 0.5, RAIL * 0.5), stroke=colour, width=5) + svg.path(
        _arch(RAIL, RAIL), stroke=colour, width=8
    )
    shine = svg.path(_arch(RAIL + 2.4, RAIL + 2.4), stroke=light, width=2)
    posts = []
    for number in range(POSTS):
        x, y = _at(number / (POSTS - 1))
        wide, tall = (11.0, RAIL + 16) if number % 4 == 0 else (7.0, RAIL + 4)
        posts.append(svg.rectangle(x - wide / 2, y - tall, wide, tall + 6, colour))
        posts.append(svg.rectangle(x + wide * 0.12, y - tall, wide * 0.38, tall + 6, dark, 0.55))
        if number % 4 == 0:
            posts.append(_finial(x, y - tall))
    return rails + shine + "".join(posts)


def _finial(x: float, y: float) -> str:
    """The onion of bronze on a post."""
    onion = f"M{x - 6:.1f},{y:.1f}q-3,-9 6,-17q9,8 6,17z"
    return svg.path(onion, "6b6a52") + svg.path(f"M{x - 3.5:.1f},{y - 2:.1f}q-1,-6 3,-10", stroke="c9c29a", width=1.6)


def _snow_on_bridge() -> str:
    heaps = svg.path(_arch(RAIL + 5, RAIL + 5), stroke=SNOW, width=7) + svg.path(_arch(8, 8), stroke=SNOW, width=9)
    caps = "".join(svg.ellipse(x, y - RAIL - 34, 8, 6, SNOW) for x, y in (_at(part) for part in (0.0, 0.5, 1.0)))
    return heaps + caps


# ------------------------------------------------------------------ pagoda


@dataclass(frozen=True, slots=True)
class _Storey:
    """Of a pagoda: where its floor is, the width of its body and of its roof, its height without the roof."""

    floor: float
    body: float
    roof: float
    tall: float


STOREYS, STOREY_STEP = 5, 70.0


def pagoda(colour: str | None = None) -> Drawing:
    """Five storeys under curved roofs."""
    return pagoda_in(colour or ROOF)


def pagoda_in(roof: str, *, lit: bool = False, snowy: bool = False) -> Drawing:
    """The same, its windows lit, or snow on its roofs."""
    storeys = [
        _Storey(-number * STOREY_STEP, 118 - 13 * number, 214 - 20 * number, 46 - 1.5 * number)
        for number in range(STOREYS)
    ]
    body = svg.rectangle(-84, -10, 168, 18, "8a857a") + svg.rectangle(-92, 2, 184, 10, "6f6a60")
    body += "".join(_storey(storey, roof, lit=lit, snowy=snowy) for storey in storeys)
    body += _spire(-STOREYS * STOREY_STEP + 8, snowy=snowy)
    defs = svg.linear_gradient("wall", ((0, WALL), (0.6, svg.blend(WALL, "6a4a3a", 0.25)), (1, "8f6f5c")), x2=1, y2=0)
    defs += svg.linear_gradient(
        "roof", ((0, svg.blend(roof, "d8e0ea", 0.40)), (0.5, roof), (1, svg.blend(roof, "0c0e18", 0.45))), x2=0.6, y2=1
    )
    return Drawing(body, defs, (-112, -STOREYS * STOREY_STEP - 92, 224, STOREYS * STOREY_STEP + 104))


def _storey(storey: _Storey, roof: str, *, lit: bool, snowy: bool) -> str:
    half, top = storey.body / 2, storey.floor - storey.tall
    pane = LIT if lit else "4a3a36"
    body = svg.rectangle(-half, top, storey.body, storey.tall, "url(#wall)")
    for number in range(5):
        x = -half + storey.body * number / 4
        body += svg.rectangle(x - 3, top, 6, storey.tall, TIMBER)
    for number in (0, 1, 2, 3):
        x, wide = -half + storey.body * (number + 0.2) / 4, storey.body * 0.15
        body += svg.rectangle(x, top + 13, wide, storey.tall - 22, pane)
        bars = "".join(f"M{x + wide * part:.1f},{top + 13:.1f}v{storey.tall - 22:.1f}" for part in (0.33, 0.66))
        body += svg.path(bars, stroke=TIMBER, width=1.4)
    body += svg.rectangle(-half - 8, storey.floor - 14, storey.body + 16, 3.4, TIMBER)
    body += svg.rectangle(-half - 8, storey.floor - 7, storey.body + 16, 3.0, svg.blend(TIMBER, "20080a", 0.3))
    body += svg.rectangle(-half, top, storey.body, 11, "20121a", 0.50)  # shade of the eaves
    return body + _roof(storey, top, roof, snowy=snowy)


def _roof(storey: _Storey, foot: float, roof: str, *, snowy: bool) -> str:
    """Eaves that rise at their ends, ridge ribs, and rafters below."""
    out, top = storey.roof / 2, foot - 27
    ridge = storey.body * 0.42
    tip, low, bulge = foot - 9, foot - 5, foot + 9
    eaves = f"M{-out:.1f},{tip:.1f}Q{-out * 0.55:.1f},{bulge:.1f} 0,{foot + 8:.1f}"
    eaves += f"Q{out * 0.55:.1f},{bulge:.1f} {out:.1f},{tip:.1f}"
    slope = f"Q{ridge * 1.2:.1f},{low:.1f} {ridge:.1f},{top:.1f}L{-ridge:.1f},{top:.1f}"
    slope += f"Q{-ridge * 1.2:.1f},{low:.1f} {-out:.1f},{tip:.1f}z"
    rafters = svg.path(eaves, stroke=svg.blend(TIMBER, "1a0608", 0.35), width=7)
    ribs = "".join(
        f"M{ridge * part:.1f},{top + 1:.1f}Q{ridge * part * 1.25:.1f},{foot - 6:.1f} "
        f"{out * part * 0.94:.1f},{foot + 5 - 9 * part * part:.1f}"
        for part in (-0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8)
    )
    tiles = svg.path(ribs, stroke=svg.blend(roof, "0c0e18", 0.4), width=1.6)
    edge = svg.path(eaves, stroke=svg.blend(roof, "e8eef4", 0.35), width=2.2)
    snow = svg.path(eaves + slope, SNOW, 0.93) if snowy else ""
    return rafters + svg.path(eaves + slope, "url(#roof)") + tiles + edge + snow


def _spire(y: float, *, snowy: bool) -> str:
    bronze = "7c6a3e"
    rings = "".join(svg.ellipse(0, y - 24 - 8 * number, 7.5 - 0.5 * number, 2.6, "b59a58") for number in range(6))
    cap = svg.ellipse(0, y - 4, 14, 5, SNOW) if snowy else ""
    foot = svg.polygon([(-15, y), (15, y), (9, y - 12), (-9, y - 12)], bronze)
    return foot + svg.rectangle(-2.2, y - 86, 4.4, 78, bronze) + rings + svg.circle(0, y - 86, 5, "d8bd74") + cap


# ------------------------------------------------------------------ lantern


def lantern(colour: str | None = None) -> Drawing:
    """A stone lantern with a light in it."""
    return lantern_in(colour or STONE)


def lantern_in(stone: str, *, lit: bool = True, snowy: bool = False) -> Drawing:
    """The same, dark or lit, under snow."""
    light, dark = svg.blend(stone, "ffffff", 0.34), svg.blend(stone, "1c2226", 0.50)
    defs = svg.linear_gradient("st", ((0, light), (0.45, stone), (1, dark)), x2=1, y2=0)
    defs += svg.radial_gradient("fire", ((0, "fff6d0"), (0.5, LIT), (1, "e8872e")))
    fire = "url(#fire)" if lit else "2c2a2a"
    parts = (
        svg.polygon([(-44, 0), (44, 0), (38, -14), (-38, -14)], "url(#st)"),
        svg.path("M-30,-14Q0,-26 30,-14z", "url(#st)"),
        svg.path("M-13,-18Q-10,-60 -14,-112L14,-112Q10,-60 13,-18z", "url(#st)"),
        svg.rectangle(-16, -70, 32, 7, "url(#st)", rounding=3),
        svg.path("M-16,-112L-40,-128L-40,-138L40,-138L40,-128L16,-112z", "url(#st)"),
        svg.path("M-40,-131h80", stroke=dark, width=1.6),
        svg.polygon([(-27, -138), (27, -138), (24, -186), (-24, -186)], "url(#st)"),
        svg.rectangle(-15, -179, 30, 34, dark, rounding=2),
        svg.rectangle(-12.5, -177, 25, 30, fire, rounding=2),
        svg.path("M0,-177v30M-12.5,-162h25", stroke=dark, width=2.2),
        svg.path(
            "M-58,-184Q-34,-190 -26,-206Q-12,-222 0,-224Q12,-222 26,-206Q34,-190 58,-184"
            "Q60,-194 54,-198L58,-184Q30,-178 0,-178Q-30,-178 -58,-184z",
            "url(#st)",
        ),
        svg.path("M-58,-184Q-30,-177 0,-177Q30,-177 58,-184", stroke=dark, width=3),
        svg.path("M-9,-222Q-12,-236 0,-246Q12,-236 9,-222z", "url(#st)"),
    )
    moss = svg.path("M-44,0Q-30,-9 -16,-4Q4,-12 20,-3Q34,-8 44,0z", "6d8a45", 0.85) + svg.path(
        "M-50,-186Q-36,-193 -28,-205Q-20,-200 -26,-191Q-34,-184 -50,-186z", "7d9a52", 0.7
    )
    snow = (
        svg.path(
            "M-60,-186Q-36,-200 -26,-212Q-12,-230 0,-230Q12,-230 26,-212Q36,-200 60,-186"
            "Q30,-192 0,-192Q-30,-192 -60,-186z",
            SNOW,
        )
        if snowy
        else ""
    )
    return Drawing("".join(parts) + ("" if snowy else moss) + snow, defs, (-62, -250, 124, 252))


# ------------------------------------------------------------------ koi


@dataclass(frozen=True, slots=True)
class Coat:
    """A koi's colours: body, patches, and small dark marks (None without)."""

    body: str
    patch: str | None
    mark: str | None = None


COATS = (
    Coat("fff3e6", "f0472a"),
    Coat("fff6ec", "ef6a1f"),
    Coat("fff3e6", "e8391f", "26222a"),
    Coat("f7c04a", None),
    Coat("ff8a2e", "fff0dc"),
    Coat("fdf6ee", "f0472a"),
    Coat("2e2c36", "f0562a"),
)
WIDTHS = (
    (0, 0.0),
    (0.025, 0.042),
    (0.07, 0.074),
    (0.16, 0.104),
    (0.28, 0.116),
    (0.42, 0.106),
    (0.58, 0.080),
    (0.74, 0.048),
    (0.88, 0.026),
    (1, 0.020),
)
FISH = 200.0  # length without the tail
SPINE_POINTS = 36


def koi(colour: str | None = None) -> Drawing:
    """A koi seen from above, orange patches on white where no colour is named."""
    coat = Coat(colour, "fff3e6") if colour else COATS[0]
    body = svg.group(koi_in(coat, Dice(b"koi"), bend=0.75), turn=-34)
    return Drawing(body, "", (-20, -93, 272, 114))


def koi_in(coat: Coat, dice: Dice, *, bend: float) -> str:
    """One from above, its nose at (0, 0), FISH long to the right, curved by `bend` radians."""
    spine = _Spine(bend)
    fin = svg.blend(coat.body, "ffffff", 0.25)
    parts = [_tail(spine, fin), _fins(spine, fin), svg.polygon(spine.strip(0, 1, -1, 1), coat.body)]
    if coat.patch:
        parts += [_patch(spine, dice, start, coat.patch) for start in (0.03, 0.32, 0.60)]
    if coat.mark:
        parts += [_mark(spine, dice, coat.mark) for _ in range(5)]
    shade = svg.blend(coat.body, "5a2a30", 0.55)
    parts += [
        svg.polygon(spine.strip(0.02, 1, 0.52, 1), shade, 0.30),
        svg.polygon(spine.strip(0.10, 0.70, -0.42, -0.16), "ffffff", 0.28),
        svg.polygon(spine.strip(0.34, 0.66, -0.10, 0.16), svg.blend(coat.body, "40202a", 0.35), 0.45),
        _head(spine),
    ]
    return "".join(parts)


class _Spine:
    """The line down a fish's back."""

    def __init__(self, bend: float) -> None:
        part = np.linspace(0, 1, SPINE_POINTS)
        heading = bend * (np.sin((part - 0.15) * 2.4) * part)
        step = FISH / (SPINE_POINTS - 1)
        self.part = part
        self.x = np.concatenate([[0], np.cumsum(np.cos(heading))[:-1]]) * step
        self.y = np.concatenate([[0], np.cumsum(np.sin(heading))[:-1]]) * step
        self.heading = heading
        self.half = np.interp(part, *np.array(WIDTHS).T) * FISH

    def at(self, part: float, side: float) -> svg.Point:
        """A place by its share of the length, and `side` in half widths from the middle."""
        x, y, heading, half = (
            float(np.interp(part, self.part, row)) for row in (self.x, self.y, self.heading, self.half)
        )
        return x - math.sin(heading) * half * side, y + math.cos(heading) * half * side

    def strip(self, start: float, stop: float, low: float, high: float) -> list[svg.Point]:
        """The outline of the part between two shares of the length and two sides."""
        places = np.linspace(start, stop, 24).tolist()
        return [self.at(part, low) for part in places] + [self.at(part, high) for part in reversed(places)]


def _patch(spine: _Spine, dice: Dice, start: float, colour: str) -> str:
    start += dice.between(-0.02, 0.05)
    stop = start + dice.between(0.15, 0.24)
    low, high = dice.pick(((-1.0, 0.5), (-0.6, 1.0), (-1.0, 1.0), (-1.0, 0.2)))
    upper, lower = [], []
    for number in range(13):
        part = number / 12
        round_ = math.sin(math.pi * min(max(part, 0.06), 0.94)) ** 0.4
        wave = dice.between(0.82, 1.1)
        middle = (low + high) / 2
        place = start + (stop - start) * part
        upper.append(spine.at(place, max(middle + (low - middle) * round_ * wave, -1)))
        lower.append(spine.at(place, min(middle + (high - middle) * round_ * wave, 1)))
    return svg.polygon(upper + lower[::-1], colour)


def _mark(spine: _Spine, dice: Dice, colour: str) -> str:
    x, y = spine.at(dice.between(0.15, 0.8), dice.between(-0.6, 0.6))
    return svg.ellipse(x, y, dice.between(3, 7), dice.between(2, 4), colour, turn=dice.between(0, 180))


def _tail(spine: _Spine, colour: str) -> str:
    x, y = spine.at(0.97, 0)
    turn = math.degrees(float(spine.heading[-1])) * 1.25
    veil = "M-6,-4C16,-10 30,-34 62,-36C54,-20 46,-8 44,0C46,8 56,20 60,34C30,32 14,10 -6,4z"
    rays = "M4,-2C20,-8 34,-22 52,-29M6,-1C22,-5 34,-12 46,-15M6,1C22,5 34,12 46,15M4,2C20,8 34,20 50,27"
    body = svg.path(veil, colour, 0.80) + svg.path(rays, stroke="c98a6a", width=1.2)
    return svg.group(body, x=x, y=y, turn=turn)


def _fins(spine: _Spine, colour: str) -> str:
    front = "M0,0C6,12 22,34 34,36C36,24 26,8 14,-2z"
    back = "M0,0C4,6 14,18 22,18C22,10 16,2 8,-2z"
    parts = []
    for place, shape in ((0.24, front), (0.62, back)):
        turn = math.degrees(float(np.interp(place, spine.part, spine.heading)))
        for side in (-1, 1):
            x, y = spine.at(place, 0.8 * side)
            fin = svg.path(shape, colour, 0.74)
            mirrored = fin if side > 0 else f'<g transform="scale(1 -1)">{fin}</g>'
            parts.append(svg.group(mirrored, x=x, y=y, turn=turn))
    return "".join(parts)


def _head(spine: _Spine) -> str:
    eyes = "".join(svg.circle(*spine.at(0.075, side), 3.1, "1a1618") for side in (-0.80, 0.80))
    (ax, ay), (bx, by) = spine.at(0.02, -0.7), spine.at(0.02, 0.7)
    whiskers = f"M{ax:.1f},{ay:.1f}q-8,-4 -11,-11M{bx:.1f},{by:.1f}q-8,4 -11,11"
    return eyes + svg.path(whiskers, stroke="d9a080", width=1.4)


def outline(bend: float) -> list[svg.Point]:
    """A koi's outline without its fins, for its shadow."""
    return _Spine(bend).strip(0, 1, -1, 1)
