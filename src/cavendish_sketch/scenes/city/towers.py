"""Towers of a city to come: glass walls with lit floors, set-backs, drums and spires, edges of neon."""

from __future__ import annotations

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.scenes.city.layout import COOL_LIGHTS, NEON, WARM_LIGHTS, Block, Ink, Look
from cavendish_sketch.scenes.city.view import Face, View, closed, opened, stroke, tube

FLOOR = 0.068  # usual height of a floor
BAY = 0.062  # usual width of a window
CLOSE = 2.5  # z up to which windows are smaller, lest a page shows only a few
CELL_POINTS = 3.4  # smaller windows would only flicker
CELLS_MAX = 44, 80  # on one face: across, up
GRID_POINTS = 7.0  # smaller cells have no lines between them
GLASS_END = 3.0  # z from where dark windows are not told from the wall
WINDOWS_END = 17.0  # z from where no window is drawn
# Half widths of a giant at shares of its height; `w` and `c` stand for its waist and its crown.
NEEDLE = ((0.0, "1"), (0.35, "w"), (0.72, "w"), (0.78, "c"), (0.93, "c"), (1.0, "0.05"), (1.14, "0.02"))
STEPS = (
    *((0.0, "1"), (0.5, "1"), (0.5, "0.85"), (0.7, "0.85"), (0.7, "w"), (0.86, "w"), (0.86, "c"), (0.95, "c")),
    *((1.0, "0.05"), (1.14, "0.02")),
)
SHAPES = ("slab", "slab", "slab", "stepped", "stepped", "stepped", "drum", "wedge", "spire")
SHAPED_FROM = 4.0  # z
LOWEST_STEP = 0.45  # of a tower's height
# Window of a cell: left, right, low, high.
OPENINGS = {"grid": (0.16, 0.84, 0.28, 0.76), "ribbon": (-0.02, 1.02, 0.34, 0.74), "slit": (0.30, 0.72, 0.06, 0.94)}


def shape_of(block: Block, dice: Dice) -> str:
    """What a block becomes; near ones stay plain, a drum would leave a hole in the street's wall."""
    shape = dice.pick(SHAPES)
    return "slab" if block.near <= SHAPED_FROM or (shape == "drum" and block.row == 0) else shape


def solid(block: Block, shape: str) -> float:
    """Up to which height a tower hides what is behind its block."""
    return {"drum": 0.0, "stepped": LOWEST_STEP}.get(shape, 1.0) * block.height


def tower(ink: Ink, view: View, look: Look, block: Block, shape: str, dice: Dice) -> None:
    """One tower with all that is on it."""
    wall = _wall(look, dice)
    if shape == "drum":
        _drum(ink, view, look, block, wall, dice)
    elif shape in ("stepped", "spire"):
        _stepped(ink, view, look, block, wall, dice, spire=shape == "spire")
    else:
        box(ink, view, look, block, wall, dice, wedge=shape == "wedge")
    if shape == "slab":
        _clutter(ink, view, look, block, wall, dice)
    if block.height > 3.2 and block.near < 18 and dice.between(0, 1) < 0.6:
        _mast(ink, view, look, block, dice)


def _wall(look: Look, dice: Dice) -> str:
    first, second = dice.pick(look.walls), dice.pick(look.walls)
    return svg.blend(svg.blend(first, second, dice.between(0, 0.5)), "000000", dice.between(0, 0.22))


def box(
    ink: Ink, view: View, look: Look, block: Block, wall: str, dice: Dice, *, low: float = 0, wedge: bool = False
) -> None:
    """Two walls and what is seen of the roof."""
    front, flank = block.front(view, low), block.flank(view, low)
    _roof(ink, view, look, block, wall)
    for face, paint in ((flank, _flank_paint), (front, _front_paint)):
        if face.seen():
            ink.add(svg.path(closed(face.outline()), paint(ink, look, face, wall)))
            windows(ink, look, face, dice)
            _ledges(ink, look, face, dice)
    if wedge and block.height > view.eye:
        _wedge(ink, look, front, wall, dice)
    _rims(ink, view, look, block, low, dice)


def _flank_paint(ink: Ink, look: Look, face: Face, wall: str) -> str:
    """Across: from the near edge to the far one, which the sun reaches better."""
    stops = []
    for place, share in ((0.0, 0.02), (0.55, 0.14), (1.0, 0.42)):
        z = face.z[0] + (face.z[1] - face.z[0]) * place
        lit = svg.blend(wall, look.warm, share * look.sunlit)
        stops.append((place, look.air.over(lit, z, face.point(place, 0.6))))
    if face.point(0, 0)[0] > face.point(1, 0)[0]:
        stops = [(1 - place, colour) for place, colour in reversed(stops)]
    return ink.gradient(stops, across=True)


def _front_paint(ink: Ink, look: Look, face: Face, wall: str) -> str:
    """Down: the sky above lights it, the street below is dim or hazy."""
    top, foot = face.point(0.5, 1), face.point(0.5, 0)
    shade = svg.blend(wall, "000000", 0.30 * look.sunlit)
    upper = svg.blend(shade, look.palette.sky[0][1], 0.22)
    z = face.z[0]
    return ink.gradient(
        (
            (0, look.air.over(upper, z, top)),
            (0.55, look.air.over(shade, z, ((top[0] + foot[0]) / 2, (top[1] + foot[1]) / 2))),
            (1, look.air.over(svg.blend(shade, look.palette.far, 0.16), z * 1.25, foot)),
        )
    )


def _ledges(ink: Ink, look: Look, face: Face, dice: Dice) -> None:
    """Bands that part a wall: dark floors of machines with a bright edge, and dusk near the ground."""
    places = [dice.between(0.15, 0.95) for _ in range(dice.whole(1, 3))]
    if face.z[0] > WINDOWS_END / 2 or face.height() < 60:
        return
    tall = face.y[1] - face.y[0]
    deep = 0.035 / tall
    for v in places:
        corners = [face.point(0, v), face.point(1, v), face.point(1, v + deep), face.point(0, v + deep)]
        place = face.point(0.5, v)
        ink.add(svg.path(closed(corners), look.air.over(look.palette.near, face.z[0], place), 0.85))
        edge = look.air.over(svg.blend(look.walls[0], look.warm, 0.45), face.z[0], place)
        ink.add(stroke(opened(corners[2:]), edge, max(face.view.size(0.008, face.z[0]), 0.6), 0.8))


def _roof(ink: Ink, view: View, look: Look, block: Block, wall: str) -> None:
    if block.height >= view.eye:
        return
    corners = [
        (block.side * x, block.height, z)
        for x, z in (
            (block.inner, block.near),
            (block.outer, block.near),
            (block.outer, block.far),
            (block.inner, block.far),
        )
    ]
    points = view.shape(corners)
    tone = "eef3fa" if look.snow else svg.blend(wall, look.palette.lit, 0.22)
    ink.add(svg.polygon(points, look.air.over(tone, block.near, points[0])))


def windows(ink: Ink, look: Look, face: Face, dice: Dice) -> None:
    """Lit cells in three tones, and fine lines between all cells of a near wall."""
    kind = dice.pick(("grid", "grid", "ribbon", "ribbon", "slit"))
    tones = WARM_LIGHTS if dice.between(0, 1) < 0.6 else COOL_LIGHTS
    across, up = _cells(face, dice)
    chance = dice.uniforms(up, across)
    tone = dice.uniforms(up, across)
    floors = dice.uniforms(up, 1)
    if face.z[0] > WINDOWS_END or face.width() < 5 or across < 1 or up < 2:
        return
    if face.width() / across > GRID_POINTS:
        _joints(ink, look, face, across, up, kind)
    busy = dice.between(0.45, 1.5)
    # A quiet wall is fine far away; at the page's edge it would be an empty area.
    share = (
        look.lit
        * (max(busy, 0.95) if face.z[0] < CLOSE else busy)
        * np.where(floors < 0.10, 2.4, np.where(floors > 0.93, 0.1, 1))
    )
    if kind == "ribbon":
        chance, tone = _runs(chance), _runs(tone)
    if face.z[0] < GLASS_END:
        glass = svg.blend(look.palette.sky[1][1], look.palette.near, 0.25)
        ink.add(svg.path(_opened_cells(ink, face, (chance >= share) & (tone < 0.6), kind), glass, 0.30))
    seen = 0.97 * (1 - look.air.share(face.z[0] * 0.75))
    for number, light in enumerate(tones):
        lit = (chance < share) & (tone * len(tones) >= number) & (tone * len(tones) < number + 1)
        data = _opened_cells(ink, face, lit, kind)
        if data:
            ink.add(svg.path(data, look.air.over(light, face.z[0] * 0.5, face.point(0.5, 0.5)), seen))


def _cells(face: Face, dice: Dice) -> tuple[int, int]:
    length = max(abs(face.x[1] - face.x[0]), abs(face.z[1] - face.z[0]))
    tall = face.y[1] - face.y[0]
    large = dice.between(0.85, 1.35) * (0.72 if face.z[0] < CLOSE else 1)
    across = min(length / (BAY * large), face.width() / CELL_POINTS, CELLS_MAX[0])
    up = min(tall / (FLOOR * large), face.height() / CELL_POINTS, CELLS_MAX[1])
    return max(int(across), 1), max(int(up), 1)


def _runs(chance: Plane) -> Plane:
    """Neighbours share their luck: light by rooms, not by panes."""
    runs = chance.copy()
    runs[:, 1::3], runs[:, 2::3] = chance[:, : chance.shape[1] - 1 : 3][:, : runs[:, 1::3].shape[1]], 0
    runs[:, 2::3] = runs[:, 1::3][:, : runs[:, 2::3].shape[1]]
    return runs


def _opened_cells(ink: Ink, face: Face, lit: Plane, kind: str) -> str:
    up, across = lit.shape
    left, right, low, high = OPENINGS[kind]
    if kind == "ribbon":
        steps = np.diff(np.pad(lit.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        (rows, first), last = np.nonzero(steps > 0), np.nonzero(steps < 0)[1] - 1
    else:
        rows, first = np.nonzero(lit)
        last = first
    floors = (rows + low) / up, (rows + high) / up
    return face.cells((first + left) / across, (last + right) / across, *floors, hidden=ink.hidden)


def _joints(ink: Ink, look: Look, face: Face, across: int, up: int, kind: str) -> None:
    width = min(face.width() / across * 0.10, 2.2)
    data = face.joints(1 if kind == "ribbon" else across, 1 if kind == "slit" else up)
    ink.add(stroke(data, look.palette.near, width, 0.34))


def _rims(ink: Ink, view: View, look: Look, block: Block, low: float, dice: Dice) -> None:
    """The corner towards the street catches the sun, or carries a tube of neon."""
    front, flank = block.front(view, low), block.flank(view, low)
    corner, top, back = front.point(0, 0), front.point(0, 1), flank.point(1, 1)
    width = min(max(view.size(0.016, block.near), 0.8), 5)
    seen = 1 - look.air.share(block.near)
    if look.neon and dice.between(0, 1) < 0.42:
        tone = dice.pick(NEON)
        edges = opened([corner, top, front.point(1, 1)]) + opened([top, back])
        ink.add(tube(edges, tone, width, seen))
        return
    if look.sunlit > 0.1:
        tone = look.air.over(svg.blend(look.palette.sun, look.palette.sky[-2][1], 0.5), block.near, top)
        data = opened([corner, top]) + opened([top, back])
        ink.add(stroke(data, tone, width * 0.8, 0.75 * look.sunlit * seen))


def _wedge(ink: Ink, look: Look, front: Face, wall: str, dice: Dice) -> None:
    """A slanted roof over the front."""
    left, right = front.point(0, 1), front.point(1, 1)
    high = abs(right[0] - left[0]) * dice.between(0.3, 0.8)
    peak = (left if dice.between(0, 1) < 0.5 else right)[0], left[1] - high
    tone = look.air.over(svg.blend(wall, look.palette.sky[0][1], 0.3), front.z[0], peak)
    ink.add(svg.polygon([left, right, peak], tone))


def _stepped(ink: Ink, view: View, look: Look, block: Block, wall: str, dice: Dice, *, spire: bool) -> None:
    """Boxes on boxes, each smaller."""
    lower = [] if spire else sorted(dice.between(LOWEST_STEP, 0.9) for _ in range(dice.whole(1, 2)))
    low, inset = 0.0, 0.0
    wide, deep = block.outer - block.inner, block.far - block.near
    for cut in (*lower, 1.0):
        margin_x, margin_z = wide * inset, deep * inset
        part = Block(
            block.side,
            block.inner + margin_x,
            block.outer - margin_x,
            block.near + margin_z,
            block.far - margin_z,
            block.height * cut,
            block.row,
        )
        box(ink, view, look, part, wall, dice, low=low)
        low, inset = block.height * cut, inset + dice.between(0.08, 0.16)
    if spire:
        _spire(ink, view, look, block, wall, dice)


def _spire(ink: Ink, view: View, look: Look, block: Block, wall: str, dice: Dice) -> None:
    """A needle with rings."""
    x, z = block.side * (block.inner + block.outer) / 2, (block.near + block.far) / 2
    half = (block.outer - block.inner) * dice.between(0.22, 0.34)
    high = block.height * dice.between(1.25, 1.6)
    low = block.height * 0.98
    left, right, tip = view.at(x - half, low, z), view.at(x + half, low, z), view.at(x, high, z)
    shoulder = 0.35
    points = [
        left,
        (tip[0] + (left[0] - tip[0]) * shoulder, tip[1] + (left[1] - tip[1]) * 0.55),
        tip,
        (tip[0] + (right[0] - tip[0]) * shoulder, tip[1] + (right[1] - tip[1]) * 0.55),
        right,
    ]
    dark, pale = look.air.over(wall, z, tip), look.air.over(svg.blend(wall, look.palette.lit, 0.35), z, tip)
    ink.add(svg.polygon(points, ink.gradient(((0, dark), (0.5, pale), (1, dark)), across=True)))
    if look.neon:
        tone = dice.pick(NEON)
        for share in (0.25, 0.42, 0.56):
            y, reach = left[1] + (tip[1] - left[1]) * share, (right[0] - left[0]) * 0.5 * (1 - share * 0.9)
            ink.add(tube(f"M{tip[0] - reach:.1f},{y:.1f}h{2 * reach:.1f}", tone, view.size(0.02, z), 0.9))


def _drum(ink: Ink, view: View, look: Look, block: Block, wall: str, dice: Dice) -> None:
    """A round tower; its lit floors are dashes along arcs."""
    x, z = block.side * (block.inner + block.outer) / 2, (block.near + block.far) / 2
    radius = (block.outer - block.inner) / 2
    reach = view.size(radius, z)
    centre, top, foot = view.at(x, 0, z)[0], view.at(x, block.height, z)[1], view.at(x, 0, z)[1]
    lift = _arc_lift(view, reach, top)
    place = centre, (top + foot) / 2
    dark = look.air.over(svg.blend(wall, "000000", 0.35), z, place)
    middle = look.air.over(wall, z, place)
    bright = look.air.over(svg.blend(wall, look.palette.sky[-2][1], 0.2 + 0.35 * look.sunlit), z, place)
    stops = [(0.0, dark), (0.55, middle), (0.88, bright), (1.0, middle)]
    if block.side > 0:
        stops = [(1 - share, colour) for share, colour in reversed(stops)]
    fill = ink.gradient(stops, across=True)
    left, right = centre - reach, centre + reach
    arc = f"A{reach:.1f},{lift:.1f} 0 0 1 {right:.1f},{top:.1f}"
    ink.add(svg.path(f"M{left:.1f},{foot:.1f}V{top:.1f}{arc}V{foot:.1f}z", fill))
    if z < WINDOWS_END:
        _drum_floors(ink, view, look, (left, right, top, foot), z, dice)
    if look.neon:
        ink.add(tube(f"M{left:.1f},{top:.1f}{arc}", dice.pick(NEON), view.size(0.022, z), 0.9))


def _arc_lift(view: View, reach: float, y: float) -> float:
    """How far a round edge bulges: none at the height of the eye."""
    return min(abs(view.y - y) / view.focal * 0.55, 0.5) * reach + 0.3


def _drum_floors(
    ink: Ink, view: View, look: Look, edges: tuple[float, float, float, float], z: float, dice: Dice
) -> None:
    left, right, top, foot = edges
    floors = int(min((foot - top) / max(view.size(FLOOR * 1.2, z), CELL_POINTS * 1.3), 60))
    pitch = (foot - top) / max(floors, 1)
    tones = WARM_LIGHTS if dice.between(0, 1) < 0.5 else COOL_LIGHTS
    for floor in range(1, floors):
        y = top + floor * pitch
        dash = " ".join(f"{dice.between(1.5, 9) * pitch * 0.5:.1f}" for _ in range(6))
        tone, shift = dice.pick(tones), dice.between(0, 50)
        if dice.between(0, 1) > 0.35 + look.lit:
            continue
        lift = _arc_lift(view, (right - left) / 2, y)
        arc = f"M{left:.1f},{y:.1f}A{(right - left) / 2:.1f},{lift:.1f} 0 0 1 {right:.1f},{y:.1f}"
        seen = (0.35 + 0.5 * min(look.lit * 2, 1)) * (1 - look.air.share(z))
        ink.add(
            f'<path d="{arc}" fill="none" stroke="#{tone}" stroke-width="{pitch * 0.42:.2f}"'
            f' stroke-opacity="{seen:.2f}" stroke-dasharray="{dash}" stroke-dashoffset="{shift:.0f}"/>'
        )


def _mast(ink: Ink, view: View, look: Look, block: Block, dice: Dice) -> None:
    """An antenna with a red light."""
    x, z = (
        block.side * (block.inner + (block.outer - block.inner) * dice.between(0.3, 0.7)),
        (block.near + block.far) / 2,
    )
    foot, tip = view.at(x, block.height, z), view.at(x, block.height * dice.between(1.08, 1.25), z)
    tone = look.air.over(look.palette.near, z, tip)
    width = max(view.size(0.018, z), 0.8)
    ink.add(svg.path(opened([foot, tip]), stroke=tone, width=width), svg.circle(*tip, max(width * 1.3, 1.4), "ff5148"))


def _clutter(ink: Ink, view: View, look: Look, block: Block, wall: str, dice: Dice) -> None:
    """Tanks, lift houses and coolers on the roof."""
    wide = block.outer - block.inner
    places = [(dice.between(0.1, 0.8), dice.between(0.06, 0.2), dice.between(0.05, 0.16)) for _ in range(3)]
    if block.height < view.eye or block.near > 16:
        return
    for place, across, tall in places:
        x = block.inner + wide * place
        part = Block(
            block.side, x, min(x + wide * across, block.outer), block.near + 0.1, block.far, block.height + tall, 1
        )
        face = part.front(view, block.height)
        tone = look.air.over(svg.blend(wall, look.palette.near, 0.55), part.near, face.point(0.5, 1))
        ink.add(svg.path(closed(face.outline()), tone))


def landmark(
    ink: Ink,
    view: View,
    look: Look,
    place: tuple[float, float],
    height: float,
    form: tuple[tuple[float, str], ...],
    dice: Dice,
) -> None:
    """A giant far away, mostly haze; `place` is its x and z."""
    (x, z), half = place, height * dice.between(0.10, 0.15)
    sizes = {"w": dice.between(0.5, 0.7), "c": dice.between(0.18, 0.36)}
    levels = [(level, sizes.get(size) or float(size)) for level, size in form]
    left = [view.at(x - half * share, height * level, z) for level, share in levels]
    right = [view.at(x + half * share, height * level, z) for level, share in reversed(levels)]
    top, foot = left[-1], left[0]
    tone = svg.blend(look.walls[1], look.walls[0], dice.between(0, 1))
    thick = 0.50 + 0.35 * look.air.share(z)
    upper = svg.blend(tone, look.air.before((top[0], top[1] + 60)), thick)
    lower = svg.blend(tone, look.air.before((top[0], foot[1])), min(thick + 0.35, 0.97))
    ink.add(svg.polygon(left + right, ink.gradient(((0, upper), (0.55, svg.blend(upper, lower, 0.4)), (1, lower)))))
    light = dice.pick(NEON) if look.neon else look.palette.lit
    for level in (0.40, 0.56, 0.74, 0.9):
        reach = view.size(half * sizes["w" if level < 0.75 else "c"] * 0.9, z)
        middle = view.at(x, height * level, z)
        ink.add(
            stroke(f"M{middle[0] - reach:.1f},{middle[1]:.1f}h{reach * 2:.1f}", light, 1.3, 0.5 * min(look.lit * 3, 1))
        )


def shops(ink: Ink, look: Look, face: Face, dice: Dice) -> None:
    """A bright floor at the street."""
    panes = max(min(int((face.z[1] - face.z[0]) / 0.16), int(face.width() / 5)), 2)
    tones = [dice.pick((*WARM_LIGHTS, *NEON)) for _ in range(panes)]
    if face.z[0] > WINDOWS_END or face.width() < 8 or not face.seen():
        return
    tall = 0.10 / (face.y[1] - face.y[0])
    for number, tone in enumerate(tones):
        left, right = (number + 0.08) / panes, (number + 0.92) / panes
        corners = [face.point(left, 0), face.point(right, 0), face.point(right, tall), face.point(left, tall)]
        ink.add(
            svg.path(closed(corners), look.air.over(svg.blend(tone, "fff1d0", 0.35), face.z[0] * 0.7, corners[0]), 0.85)
        )
    trim = opened([face.point(0, tall * 1.25), face.point(1, tall * 1.25)])
    ink.add(
        tube(trim, dice.pick(NEON), min(max(face.view.size(0.010, face.z[0]), 0.8), 4), 1 - look.air.share(face.z[0]))
    )
