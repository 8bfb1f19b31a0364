"""What stands in a room: drawings that become clay figures, and flat pieces of the wall as SVG."""

from __future__ import annotations

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes.indoor import darker, lighter
from cavendish_sketch.scenes.solids import Set, arch, shape

BOOKS = ("b8483a", "d9a441", "4a7a8a", "7a5a9a", "5a8a5a", "e0d2b8", "34506e", "c77f5a")
LEAF = "4f8a4a"


def sofa(colour: str, pillows: tuple[str, str]) -> Drawing:
    """620 wide, 270 high; the seat lies 92 above the ground."""
    light, pale, deep = lighter(colour, 0.10), lighter(colour, 0.20), darker(colour, 0.28)
    legs = "".join(svg.rectangle(x, 240, 16, 30, "5a3a24", rounding=5) for x in (64, 540))
    back = svg.rectangle(46, 0, 528, 200, colour, rounding=54)
    seam = svg.path("M310,22 V150", stroke=deep, width=4)
    seats = svg.rectangle(76, 134, 232, 74, pale, rounding=30) + svg.rectangle(312, 134, 232, 74, pale, rounding=30)
    base = svg.rectangle(58, 190, 504, 58, deep, rounding=22)
    arms = svg.rectangle(0, 74, 92, 172, light, rounding=40) + svg.rectangle(528, 74, 92, 172, light, rounding=40)
    cushions = svg.group(svg.rectangle(-46, -46, 92, 92, pillows[0], rounding=24), x=136, y=104, turn=-11)
    cushions += svg.group(svg.rectangle(-42, -42, 84, 84, pillows[1], rounding=22), x=488, y=106, turn=10)
    return Drawing(legs + back + seam + base + seats + cushions + arms, "", (0, 0, 620, 270))


def armchair(colour: str) -> Drawing:
    """300 wide, 270 high."""
    light, pale, deep = lighter(colour, 0.10), lighter(colour, 0.22), darker(colour, 0.28)
    legs = "".join(svg.rectangle(x, 238, 14, 32, "5a3a24", rounding=5) for x in (44, 242))
    body = svg.rectangle(36, 0, 228, 200, colour, rounding=70) + svg.rectangle(42, 188, 216, 58, deep, rounding=22)
    seat = svg.rectangle(62, 130, 176, 76, pale, rounding=30)
    arms = svg.rectangle(0, 88, 78, 156, light, rounding=36) + svg.rectangle(222, 88, 78, 156, light, rounding=36)
    return Drawing(legs + body + seat + arms, "", (0, 0, 300, 270))


def table(colour: str) -> Drawing:
    """A low round table, 300 wide, 130 high."""
    legs = svg.path("M70,30 L46,126 M230,30 L254,126 M150,34 L150,122", stroke=darker(colour, 0.35), width=15)
    top = svg.ellipse(150, 34, 150, 32, darker(colour, 0.25)) + svg.ellipse(150, 26, 150, 30, lighter(colour, 0.18))
    return Drawing(legs + top, "", (0, 0, 300, 132))


def plant(pot: str, dice: Dice) -> Drawing:
    """A tall plant with large leaves in a pot, 260 wide, 420 high."""
    body = ""
    for number in range(11):
        lean = -72 + 14.4 * number + dice.between(-5, 5)
        long = 215 - abs(lean) * 0.9 + dice.between(-16, 16)
        tone = lighter(LEAF, 0.26) if number % 3 == 0 else LEAF if number % 3 == 1 else darker(LEAF, 0.22)
        leaf = shape(0, 0, long, "M0,0 C-21,-40 -16,-80 0,-100 C16,-80 21,-40 0,0Z", tone)
        leaf += svg.path(f"M0,-8 V{-long * 0.9:.0f}", stroke=lighter(tone, 0.3), width=3)
        body += svg.group(leaf, x=130 + lean * 0.35, y=282 - abs(lean) * 0.25, turn=lean)
    body += svg.path("M70,268 H190 L176,400 Q174,416 158,416 H102 Q86,416 84,400Z", pot)
    body += svg.rectangle(62, 256, 136, 30, lighter(pot, 0.18), rounding=10)
    return Drawing(body, "", (4, 40, 252, 378))


def lamp_stand(x: float, foot: float, top: float) -> str:
    """The pole of a floor lamp."""
    pole = svg.rectangle(x - 5, top, 10, foot - top, "4a3a30", rounding=4)
    return pole + svg.ellipse(x, foot, 54, 13, "3a2c24") + svg.ellipse(x, foot - 4, 50, 11, "5a4638")


def lamp_shade(set_: Set, x: float, top: float, *, lit: bool) -> str:
    """The shade, 150 wide; its middle at x."""
    stops = ((0, "ffe2a6"), (0.6, "fff2cf"), (1, "ffd489")) if lit else ((0, "e2d6c0"), (0.6, "f4ecdc"), (1, "d5c7ae"))
    return svg.path(f"M{x - 48:.1f},{top:.1f} h96 l28,112 q-76,22 -152,0Z", set_.gradient(stops))


def bookshelf(set_: Set, x: float, top: float, width: float, height: float, wood: str, dice: Dice) -> None:
    """Boards, books and a few small things, from the wall's foot up."""
    set_.add(svg.rectangle(x + 16, top + 12, width, height, "1a1008", 0.25, rounding=6))
    set_.add(
        svg.rectangle(
            x, top, width, height, set_.gradient(((0, lighter(wood, 0.16)), (1, wood)), x2=1, y2=0), rounding=6
        )
    )
    count = max(int(height // 150), 2)
    for row in range(count):
        level = top + 12 + row * (height - 12) / count
        high = (height - 12) / count - 12
        inner = set_.gradient(((0, darker(wood, 0.72)), (0.5, darker(wood, 0.5)), (1, darker(wood, 0.42))))
        set_.add(svg.rectangle(x + 12, level, width - 24, high, inner))
        _row(set_, x + 18, level + high, width - 36, high, dice)


def _row(set_: Set, x: float, floor: float, width: float, high: float, dice: Dice) -> None:
    end, right = x + width, x
    while right < end - 34:
        if dice.whole(0, 8) == 0:
            tone = dice.pick(("e8ddc8", "c98a6a", "7fa3a8"))
            set_.add(svg.path(f"M{right + 6:.1f},{floor:.1f} q-8,-38 14,-52 v-16 h14 v16 q22,14 14,52Z", tone))
            right += 54
            continue
        wide, tall = dice.between(13, 27), high * dice.between(0.58, 0.90)
        tone = dice.pick(BOOKS)
        set_.add(svg.rectangle(right, floor - tall, wide, tall, tone, rounding=2))
        set_.add(svg.rectangle(right + 1.5, floor - tall, wide * 0.22, tall, "ffffff", 0.22))
        set_.add(svg.rectangle(right + wide * 0.2, floor - tall * 0.82, wide * 0.6, tall * 0.10, lighter(tone, 0.55)))
        right += wide + 1.5


def picture(set_: Set, x: float, y: float, width: float, height: float, tones: tuple[str, str, str], kind: int) -> None:
    """A framed print: a sun over hills, an arch, or leaves."""
    set_.add(svg.rectangle(x + 7, y + 10, width, height, "1a1008", 0.22, rounding=3))
    set_.add(svg.rectangle(x, y, width, height, set_.gradient(((0, "b98a5a"), (1, "8a5f38")), x2=1), rounding=3))
    set_.add(svg.rectangle(x + 9, y + 9, width - 18, height - 18, "faf5ea"))
    left, top, wide, high = x + 24, y + 24, width - 48, height - 48
    sky, sun, land = tones
    set_.add(svg.rectangle(left, top, wide, high, lighter(sky, 0.35)))
    if kind == 0:
        set_.add(svg.circle(left + wide * 0.5, top + high * 0.40, wide * 0.25, sun))
        hill = f"M{left:.1f},{top + high * 0.62:.1f} q{wide * 0.3:.1f},{-high * 0.2:.1f} {wide * 0.55:.1f},0 "
        set_.add(svg.path(f"{hill}t{wide * 0.45:.1f},{-high * 0.04:.1f} V{top + high:.1f} H{left:.1f}Z", land))
    elif kind == 1:
        for share, tone in ((0.42, land), (0.30, sun), (0.18, lighter(sky, 0.7))):
            outline = arch(left + wide / 2, top + high, wide * share * 2, high * share * 1.1 + wide * share)
            set_.add(svg.path(outline, tone))
    else:
        set_.add(svg.path(f"M{left + wide / 2:.1f},{top + high:.1f} V{top + high * 0.15:.1f}", stroke=land, width=5))
        for step in range(5):
            place = top + high * (0.80 - 0.15 * step)
            for side in (-1, 1):
                set_.add(
                    svg.ellipse(left + wide * (0.5 + side * 0.2), place, wide * 0.2, high * 0.05, land, turn=side * -28)
                )


def window(set_: Set, x: float, y: float, width: float, height: float, frame: str) -> None:
    """Frame, bars and sill; the sky behind is the scene's own."""
    line = set_.gradient(((0, lighter(frame, 0.3)), (1, darker(frame, 0.14))), x2=1)
    for across, down, wide, high in (
        (x - 16, y - 16, width + 32, 18),
        (x - 16, y + height - 2, width + 32, 18),
        (x - 16, y - 16, 18, height + 32),
        (x + width - 2, y - 16, 18, height + 32),
        (x + width / 2 - 6, y, 12, height),
        (x, y + height * 0.38 - 5, width, 10),
    ):
        set_.add(svg.rectangle(across, down, wide, high, line))
    set_.add(svg.rectangle(x - 34, y + height + 14, width + 68, 22, lighter(frame, 0.4), rounding=4))
    set_.add(svg.rectangle(x - 34, y + height + 34, width + 68, 8, "1a1008", 0.22))


def curtains(set_: Set, x: float, y: float, width: float, foot: float, colour: str) -> None:
    """A rod, and two curtains drawn to the sides."""
    set_.add(svg.rectangle(x - 110, y - 58, width + 220, 10, "6b5138", rounding=5))
    folds = tuple((step / 8, lighter(colour, 0.22) if step % 2 else darker(colour, 0.22), 0.97) for step in range(9))
    fill = set_.gradient(folds, x2=1, y2=0)
    for side, edge in ((1, x - 96), (-1, x + width + 96)):
        inner = edge + side * 118
        bend, waist, hem = (inner + side * shift for shift in (16, -34, -12))
        hang = f"C{bend:.1f},{y + 150:.1f} {waist:.1f},{y + 260:.1f} {hem:.1f},{foot:.1f}"
        set_.add(svg.path(f"M{edge:.1f},{y - 54:.1f} H{inner:.1f} {hang} H{edge:.1f}Z", fill))


def rug(set_: Set, x: float, y: float, across: float, down: float, colour: str, second: str) -> None:
    """An oval rug with bands."""
    set_.add(svg.ellipse(x, y + 6, across, down, darker(colour, 0.6), 0.5))
    for share, tone in (
        (1.0, colour),
        (0.90, second),
        (0.84, colour),
        (0.52, lighter(colour, 0.22)),
        (0.46, second),
        (0.40, lighter(colour, 0.12)),
    ):
        set_.add(svg.ellipse(x, y, across * share, down * share, tone))
