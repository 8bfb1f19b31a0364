"""Houses of brick, stone and plaster, with shops, roofs, lamps and trees before them."""

from __future__ import annotations

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.scenes.city.layout import WARM_LIGHTS, Block, Ink, Look
from cavendish_sketch.scenes.city.view import Face, View, closed, opened, stroke

FLOOR, BAY = 0.30, 0.24
SHOP = 0.30  # height of a ground floor
HOUSES_END = 22.0  # z from where a wall has no windows
DETAIL_END = 9.0  # z from where windows have no frames, and shops no awnings
ROOFS = ("9a4a3a", "7c4038", "5d5f6b", "6e5a4e", "85503c")
AWNINGS = ("c8413b", "2f6f62", "2d5f9a", "d19a2e", "7a3f78", "d9672e")
GLASS_DAY, GLASS_NIGHT = "5f7d92", "1d2740"
GLEAM = (("ffffff", 0.32), ("ffffff", 0.0), ("0c1a2a", 0.30))  # on panes from the top of a house down
# Window of a bay: left, right, low, high; then its frame around it.
PANE = (0.27, 0.73, 0.26, 0.80)
FRAME = (0.21, 0.79, 0.20, 0.85)
LEAVES = (("2f6b3a", "4f9148", "86bb5c"), ("3c6f2f", "679a3c", "a3c060"))
SNOWY_LEAVES = ("7f93a6", "c3d0de", "f6f9fd")


def house(ink: Ink, view: View, look: Look, block: Block, dice: Dice, *, pitched: bool) -> None:
    """One house: party wall, street front, roof."""
    wall = dice.pick(look.walls)
    front, flank = block.front(view), block.flank(view)
    if look.bright:
        lit = block.side == look.bright
        wall = svg.blend(wall, "fff4dc" if lit else look.palette.dark, 0.16 if lit else 0.20)
    shade = svg.blend(wall, look.palette.near, 0.22)
    if not pitched:
        _flat_roof(ink, view, look, block, wall)
    else:
        _roof(ink, view, look, block, shade, dice)
    for face, tone, street in ((flank, wall, block.row == 0), (front, shade, False)):
        if face.seen():
            ink.add(svg.path(closed(face.outline()), _paint(ink, look, face, tone)))
            _courses(ink, view, look, face)
            _windows(ink, look, face, dice, ground=street)
    if flank.seen():
        _cornice(ink, view, look, block, wall)
    if block.row == 0:
        _shops(ink, view, look, block, dice)
    _chimney(ink, view, look, block, shade, dice, pitched=pitched)


def _paint(ink: Ink, look: Look, face: Face, wall: str) -> str:
    warm = svg.blend(wall, look.warm, 0.16 * look.sunlit)
    ends = []
    for place in (0.0, 1.0):
        z = face.z[0] + (face.z[1] - face.z[0]) * place
        ends.append(look.air.over(svg.blend(wall, warm, place), z, face.point(place, 0.6)))
    if face.point(0, 0)[0] > face.point(1, 0)[0]:
        ends.reverse()
    if face.z[0] == face.z[1]:
        return ink.gradient(
            ((0, svg.blend(ends[0], look.palette.sky[0][1], 0.08)), (1, svg.blend(ends[0], "000000", 0.12)))
        )
    return ink.gradient(((0, ends[0]), (1, ends[1])), across=True)


def _windows(ink: Ink, look: Look, face: Face, dice: Dice, *, ground: bool) -> None:
    length = max(abs(face.x[1] - face.x[0]), abs(face.z[1] - face.z[0]))
    low = SHOP if ground else 0.0
    floors = max(int((face.y[1] - low) / FLOOR), 1)
    bays = max(int(min(length / BAY, face.width() / 5)), 1)
    chance = dice.uniforms(floors, bays)
    if face.z[0] > HOUSES_END or face.width() < 7:
        return
    upper = Face(face.view, face.x, face.z, (low, low + floors * FLOOR * 0.98))
    place = face.point(0.5, 0.6)
    z = face.z[0] * 0.7
    if face.z[0] < DETAIL_END:
        frame = look.air.over(svg.blend("f3ece0", look.palette.near, 0.45 * look.palette.night), z, place)
        ink.add(svg.path(_cells(ink, upper, chance >= 0, FRAME), frame))
        sill = (0.17, 0.83, 0.13, 0.20)
        ink.add(svg.path(_cells(ink, upper, chance >= 0, sill), svg.blend(frame, "000000", 0.22)))
    glass = svg.blend(svg.blend(GLASS_DAY, look.palette.sky[1][1], 0.35), GLASS_NIGHT, min(look.palette.night * 1.3, 1))
    panes = (look.air.over(svg.blend(glass, tone, share), z, place) for tone, share in GLEAM)
    ink.add(
        svg.path(
            _cells(ink, upper, chance >= look.lit, PANE), ink.gradient(tuple(zip((0, 0.55, 1), panes, strict=True)))
        )
    )
    for number, light in enumerate(WARM_LIGHTS):
        lit = (chance < look.lit) & ((chance * 997).astype(int) % len(WARM_LIGHTS) == number)
        if lit.any():
            ink.add(svg.path(_cells(ink, upper, lit, PANE), look.air.over(light, z, place)))
    if face.z[0] < DETAIL_END:
        bars = [((bay + 0.5) / bays, floor) for bay in range(bays) for floor in range(floors)]
        lines = [((u, (floor + PANE[2]) / floors), (u, (floor + PANE[3]) / floors)) for u, floor in bars]
        ink.add(stroke(upper.lines(lines), frame, max(face.view.size(0.012, face.z[0]), 0.6), 0.9))


def _courses(ink: Ink, view: View, look: Look, face: Face) -> None:
    """Lines of bricks or stones on a near wall, and dusk towards the ground."""
    if face.z[0] > DETAIL_END / 2:
        return
    rows = int(face.y[1] / 0.034)
    ink.add(stroke(face.joints(1, rows), look.palette.near, max(view.size(0.004, face.z[0]), 0.5), 0.13))
    fall = ink.gradient(((0, look.palette.near, 0.0), (0.6, look.palette.near, 0.0), (1, look.palette.near, 0.32)))
    ink.add(svg.path(closed(face.outline()), fall))


def _cells(ink: Ink, face: Face, chosen: Plane, opening: tuple[float, float, float, float]) -> str:
    rows, columns = np.nonzero(chosen)
    left, right, low, high = opening
    up, across = chosen.shape
    return face.cells(
        (columns + left) / across, (columns + right) / across, (rows + low) / up, (rows + high) / up, ink.hidden
    )


def _cornice(ink: Ink, view: View, look: Look, block: Block, wall: str) -> None:
    """A ledge under the roof, towards the street."""
    x, out, high = block.inner * block.side, (block.inner - 0.05) * block.side, block.height
    tone = look.air.over(
        svg.blend(wall, "ffffff", 0.35 * (1 - look.palette.night * 0.7)), block.near, view.at(x, high, block.near)
    )
    edge = Face(view, (out, out), (block.near, block.far), (high - 0.05, high + 0.02))
    end = Face(view, (x, out), (block.near, block.near), (high - 0.05, high + 0.02))
    under = view.shape(
        [
            (x, high - 0.05, block.near),
            (out, high - 0.05, block.near),
            (out, high - 0.05, block.far),
            (x, high - 0.05, block.far),
        ]
    )
    ink.add(svg.polygon(under, svg.blend(tone, "000000", 0.45)), svg.path(closed(edge.outline()), tone))
    ink.add(svg.path(closed(end.outline()), svg.blend(tone, "000000", 0.2)))


def _flat_roof(ink: Ink, view: View, look: Look, block: Block, wall: str) -> None:
    if block.height < view.eye:
        corners = [
            (block.inner, block.near),
            (block.outer, block.near),
            (block.outer, block.far),
            (block.inner, block.far),
        ]
        points = view.shape([(x * block.side, block.height, z) for x, z in corners])
        ink.add(svg.polygon(points, "eef3fa" if look.snow else svg.blend(wall, "555a60", 0.5)))


def _roof(ink: Ink, view: View, look: Look, block: Block, gable: str, dice: Dice) -> None:
    """Two slopes along the street, and the gable towards the eye."""
    middle = (block.inner + block.outer) / 2
    ridge = block.height + (middle - block.inner) * dice.between(0.85, 1.25)
    tile = "f1f5fb" if look.snow else svg.blend(dice.pick(ROOFS), look.palette.near, 0.5 * look.palette.night)
    eaves = block.inner - 0.07
    side = block.side
    slope = [
        (side * eaves, block.height - 0.03, block.near - 0.04),
        (side * middle, ridge, block.near - 0.04),
        (side * middle, ridge, block.far),
        (side * eaves, block.height - 0.03, block.far),
    ]
    points = view.shape(slope)
    wall = [
        (side * block.inner, block.height, block.near),
        (side * middle, ridge, block.near),
        (side * block.outer, block.height, block.near),
    ]
    ink.add(svg.polygon(view.shape(wall), look.air.over(gable, block.near, points[0])))
    facing = (ridge - block.height) / (middle - block.inner) > (block.height - view.eye) / block.inner
    if facing:
        ink.add(svg.polygon(points, look.air.over(svg.blend(tile, look.palette.lit, 0.12), block.near, points[0])))
        _tiles(ink, view, look, slope, block.near)
    rim = opened(
        view.shape([slope[0], slope[1], (side * (2 * middle - eaves), block.height - 0.03, block.near - 0.04)])
    )
    width = max(view.size(0.035, block.near), 1)
    ink.add(
        stroke(
            rim, look.air.over(svg.blend(tile, "000000", 0.3 if not look.snow else 0.05), block.near, points[0]), width
        )
    )


def _tiles(ink: Ink, view: View, look: Look, slope: list[tuple[float, float, float]], z: float) -> None:
    if z > DETAIL_END or look.snow:
        return
    (low, top, *_), data = slope, ""
    for row in range(1, 9):
        share = row / 9
        x, y = low[0] + (top[0] - low[0]) * share, low[1] + (top[1] - low[1]) * share
        data += opened(view.shape([(x, y, slope[0][2]), (x, y, slope[2][2])]))
    ink.add(stroke(data, look.palette.near, max(view.size(0.008, z), 0.5), 0.35))


def _chimney(ink: Ink, view: View, look: Look, block: Block, tone: str, dice: Dice, *, pitched: bool) -> None:
    place, tall = dice.between(0.35, 0.65), dice.between(0.12, 0.2)
    if block.near > 14:
        return
    x = block.inner + (block.outer - block.inner) * place
    low = block.height + (0.22 if pitched else 0.0) * (block.outer - block.inner)
    face = Face(view, (block.side * x, block.side * (x + 0.11)), (block.near + 0.2,) * 2, (low, low + tall + 0.12))
    cap = Face(view, (block.side * (x - 0.015), block.side * (x + 0.125)), face.z, (face.y[1], face.y[1] + 0.035))
    colour = look.air.over(tone, block.near, face.point(0.5, 0.5))
    ink.add(
        svg.path(closed(face.outline()), colour),
        svg.path(closed(cap.outline()), "f4f7fb" if look.snow else svg.blend(colour, "000000", 0.3)),
    )


def _shops(ink: Ink, view: View, look: Look, block: Block, dice: Dice) -> None:
    """Shop windows with a sign over them, and awnings that stand out over the pavement."""
    shops = dice.whole(1, 2)
    flank = block.flank(view, 0, SHOP)
    for number in range(shops):
        paint, door, striped = dice.pick(AWNINGS), dice.between(0.1, 0.7), dice.between(0, 1) < 0.75
        if block.near > HOUSES_END or not flank.seen() or flank.width() < 8:
            continue
        left, right = (number + 0.05) / shops, (number + 0.95) / shops
        _shop(ink, look, flank, (left, right), paint, door)
        if striped and block.near < DETAIL_END * 1.5:
            _awning(ink, view, look, block, (left, right), paint)


def _shop(ink: Ink, look: Look, face: Face, ends: tuple[float, float], paint: str, door: float) -> None:
    left, right = ends
    z = face.z[0] * 0.7

    def part(u0: float, u1: float, v0: float, v1: float) -> str:
        return closed([face.point(left + (right - left) * u, v) for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))])

    place = face.point((left + right) / 2, 0.5)
    light = svg.blend(WARM_LIGHTS[0], "fff6e2", 0.4)
    inside = look.air.over(svg.blend(svg.blend("46586a", light, 0.35), light, min(look.palette.night * 2, 1)), z, place)
    frame = look.air.over(svg.blend(paint, "000000", 0.25 + 0.2 * look.palette.night), z, place)
    ink.add(svg.path(part(0, 1, 0, 0.98), frame))
    panes = part(0.05, door, 0.14, 0.66) + part(door + 0.22, 0.95, 0.14, 0.66)
    ink.add(
        svg.path(
            panes,
            ink.gradient(((0, svg.blend(inside, "0c1a2a", 0.35)), (0.5, inside), (1, svg.blend(inside, light, 0.35)))),
        )
    )
    if face.z[0] < DETAIL_END / 2:
        for number, tone in enumerate(AWNINGS * 2):
            u = 0.08 + 0.072 * number
            if not door - 0.04 < u < door + 0.22:
                goods = part(u, u + 0.045, 0.15, 0.27 + 0.09 * ((number * 7) % 3))
                ink.add(svg.path(goods, svg.blend(look.air.over(tone, z, place), inside, 0.35)))
    ink.add(svg.path(part(door + 0.03, door + 0.19, 0.02, 0.66), svg.blend(inside, frame, 0.45)))
    ink.add(svg.path(part(0.12, 0.88, 0.78, 0.90), look.air.over(svg.blend(paint, "fff4dc", 0.72), z, place), 0.85))


def _awning(ink: Ink, view: View, look: Look, block: Block, ends: tuple[float, float], paint: str) -> None:
    x, out = block.inner * block.side, (block.inner - 0.17) * block.side
    stripes = 8
    for number in range(stripes):
        z = [
            block.near + (block.far - block.near) * (ends[0] + (ends[1] - ends[0]) * (number + step) / stripes)
            for step in (0, 1)
        ]
        tone = paint if number % 2 else "f6eee0"
        tone = (
            svg.blend("f4f7fb", tone, 0.25)
            if look.snow
            else svg.blend(tone, look.palette.near, 0.5 * look.palette.night)
        )
        corners = view.shape(
            [(x, SHOP * 0.74, z[0]), (out, SHOP * 0.56, z[0]), (out, SHOP * 0.56, z[1]), (x, SHOP * 0.74, z[1])]
        )
        fringe = view.shape(
            [(out, SHOP * 0.56, z[0]), (out, SHOP * 0.49, z[0]), (out, SHOP * 0.49, z[1]), (out, SHOP * 0.56, z[1])]
        )
        colour = look.air.over(tone, z[0] * 0.7, corners[0])
        ink.add(svg.polygon(corners, svg.blend(colour, "000000", 0.12)), svg.polygon(fringe, colour))


def lamp(ink: Ink, view: View, look: Look, side: int, z: float) -> None:
    """A street lamp at the kerb."""
    x = side * view.half * 0.74
    foot, top = view.at(x, 0, z), view.at(x, 0.46, z)
    wide = max(view.size(0.018, z), 0.9)
    iron = look.air.over(svg.blend("22262c", look.palette.near, 0.4), z * 0.8, top)
    size = view.size(0.035, z)
    ink.add(
        stroke(opened([foot, top]), iron, wide),
        svg.polygon(
            [(foot[0] - wide * 1.6, foot[1]), (foot[0] + wide * 1.6, foot[1]), (foot[0], foot[1] - size * 1.6)], iron
        ),
    )
    glass = svg.blend("d7dfe4", "ffdf9a", min(look.palette.night * 2.2, 1))
    ink.add(
        svg.polygon(
            [
                (top[0] - size * 0.55, top[1]),
                (top[0] + size * 0.55, top[1]),
                (top[0] + size * 0.8, top[1] - size * 1.7),
                (top[0] - size * 0.8, top[1] - size * 1.7),
            ],
            glass,
        )
    )
    ink.add(
        svg.polygon(
            [(top[0] - size, top[1] - size * 1.7), (top[0] + size, top[1] - size * 1.7), (top[0], top[1] - size * 2.5)],
            iron,
        )
    )
    if look.palette.night > 0.3:
        halo = ink.radial(((0, "ffe2a0", 0.75), (0.3, "ffca70", 0.28), (1, "ffb050", 0.0)))
        ink.add(svg.circle(top[0], top[1] - size * 0.9, size * 4.2, halo))


def tree(ink: Ink, view: View, look: Look, side: int, z: float, dice: Dice) -> None:
    """A tree on the pavement: three tones of leaves."""
    x, tall = side * view.half * 0.84, dice.between(0.62, 0.82)
    foot, crown = view.at(x, 0, z), view.at(x, tall, z)
    size = view.size(0.21, z)
    tones = SNOWY_LEAVES if look.snow else dice.pick(LEAVES)
    blobs = [(dice.between(-0.8, 0.8), dice.between(-0.5, 0.75), dice.between(0.42, 0.7)) for _ in range(11)]
    trunk = look.air.over(svg.blend("5a4334", look.palette.near, 0.5), z * 0.8, foot)
    ink.add(stroke(opened([foot, crown]), trunk, max(size * 0.16, 1)))
    dark = 0.6 * look.palette.night
    for level, tone in enumerate(tones):
        colour = look.air.over(
            svg.blend(svg.blend(tone, look.warm, 0.15 * look.sunlit), look.palette.near, dark), z * 0.8, crown
        )
        shrink, shift = 1 - 0.22 * level, -0.16 * level
        for across, down, radius in blobs:
            ink.add(
                svg.circle(
                    crown[0] + (across + shift * 0.6) * size,
                    crown[1] + (down + shift) * size,
                    radius * size * shrink * 0.9,
                    colour,
                )
            )


def garland(ink: Ink, view: View, look: Look, z: float, dice: Dice) -> None:
    """Flags by day and lamps by night on a line across the street."""
    high, flags = dice.between(1.0, 1.25), 15
    places = []
    for number in range(flags + 1):
        share = number / flags
        sag = 0.22 * 4 * share * (1 - share)
        places.append(view.at((2 * share - 1) * view.half, high - sag, z))
    ink.add(stroke(opened(places), look.air.over(look.palette.near, z, places[7]), max(view.size(0.006, z), 0.7)))
    size = view.size(0.05, z)
    for number, (x, y) in enumerate(places[1:-1]):
        if look.palette.night > 0.3:
            ink.add(
                svg.circle(x, y + size * 0.3, size * 0.9, "ffb85a", 0.25),
                svg.circle(x, y + size * 0.3, size * 0.34, "fff0c4"),
            )
        else:
            ink.add(
                svg.polygon(
                    [(x - size * 0.5, y), (x + size * 0.5, y), (x, y + size * 1.1)], AWNINGS[number % len(AWNINGS)]
                )
            )
