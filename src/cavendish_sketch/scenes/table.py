"""Food and still lifes: a table by a window, seen from the side or from above, laid with what goes with the dish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Plane, Planes, Report, ease
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief
from cavendish_sketch.scenes import indoor, tabletop, tableware
from cavendish_sketch.scenes.indoor import Actor, codes, darker, lighter
from cavendish_sketch.scenes.solids import Set, shape, sphere

FILM = Film(bloom=0.20, vignette=0.30, grain=0.7, contrast=1.05)
NIGHT = 0.5  # of a palette, from which a lamp lights the table instead of the window
STEAM = "fffaf2"

# Drawings that bring their own dish, or need none.
OWN_DISH = codes(
    "1f35c 1f35b 1f35a 1f372 1f958 1f957 1f963 1f35d 2615 1fad6 1f375 1f376 1f37e 1f377 1f378 1f379 1f37a "
    "1f37b 1f942 1f943 1f95b 1f964 1f9cb 1f9c3 1f9c9 1f371 1f373 1f36e 1f961 1f37f 1f35f 1fad5 1f367 "
    "1f368 1f366 1f36d 1f96b 1fad9 1f3fa 1f37d 1f374 1f944 1f962 1f52a 1f36f 1f9c2 1f37c 1f9ca"
)
BARE = codes("1f373 1f37d 1f374 1f944 1f962 1f52a")  # would be odd upon a plate
CAKES = codes("1f382 1f370 1f967 1f9c1")
BOARDED = codes("1f35e 1f956 1f9c0 1f969 1f356 1f357 1fad3 1f96a 1f968 1f950")
HOT = codes("2615 1fad6 1f375 1f35c 1f372 1f958 1f373 1f963 1f35d 1f35b 1f35a 1f95f 1f967 1f95e 1f9c7 1fad5 1f362")
ASIAN = codes("1f35c 1f363 1f371 1f961 1f95f 1f359 1f358 1f35a 1f35b 1f361 1f362 1f364 1f365 1f376 1f375 1f96e 1f960")
SWEET = codes(
    "1f366 1f367 1f368 1f369 1f36a 1f382 1f370 1f9c1 1f967 1f36b 1f36c 1f36d 1f36e 1f36f 2615 1f95e 1f9c7 1fad6"
)
FLAT = codes("1f355 1f373 1f36a 1f369 1f96e 1f95d 1f9c7 1f365 1f968 1fad3")  # look right from above

OIL_BOTTLE = "M-6,-100 h12 v26 Q17,-62 17,-50 V-3 Q0,3 -17,-3 V-50 Q-17,-62 -6,-74Z"
FLAME = "M0,-78 C24,-42 18,-6 0,-2 C-18,-6 -24,-42 0,-78Z"


@dataclass(frozen=True, slots=True)
class View:
    """How the table is seen.

    Attributes:
        edge: Where the table ends at the back; 0 from above.
        vanishing: Where its lines would meet.
        front: Where the nearest things stand.
        flat: Height over width of a circle that lies on it.
    """

    edge: float
    vanishing: float
    front: float
    flat: float

    def near(self, y: float) -> float:
        """The size of things that stand at a height of the page, 1 at the front."""
        return (y - self.vanishing) / (self.front - self.vanishing) if self.flat < 1 else 1.0


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole picture."""
    actors, palette = indoor.cast(brief.subjects), indoor.palette_of(brief)
    view = _view(sheet, actors, dice)
    sheet.film = FILM
    places = _spots(sheet, view, actors)
    planes = _backdrop(sheet, brief, view, palette, actors, dice)
    for actor, x, y, size in places:
        _shadow(sheet, planes, view, actor, x, y, size)
    report(0.4)
    set_ = Set()
    _around(set_, sheet, planes, view, actors, dice)
    stood = [(actor, x, _dish(set_, view, actor, x, y, size, dice), y, size) for actor, x, y, size in places]
    sheet.backdrop(planes)
    sheet.draw(set_.body, defs=set_.definitions)
    if palette.night > NIGHT and view.flat < 1:
        _candlelight(sheet, view)
    report(0.6)
    light = indoor.room_light(palette, share=0.5)
    for actor, x, top, _, size in stood:
        _serve(sheet, view, actor, x, top, size, light)
    report(0.85)
    _steam(sheet, brief, stood, dice)
    report(1)


def _view(sheet: Sheet, actors: Sequence[Actor], dice: Dice) -> View:
    height = sheet.height
    if actors and all((actor.subject.drawing or "") in FLAT for actor in actors):
        return View(0.0, 0.0, height / 2, 1.0)
    edge = height * 0.5 - 130 if height < 1300 else height * 0.44
    front = height * 0.5 + 300 if height < 1300 else edge + 520 + (height - 1300) * 0.06
    return View(edge, edge - 300 + dice.between(-20, 20), front, 0.27)


def _spots(sheet: Sheet, view: View, actors: Sequence[Actor]) -> list[tuple[Actor, float, float, float]]:
    """Where each stands, and its height: one large in the middle, more in rows, the back row first."""
    count = len(actors)
    if view.flat == 1:
        return _from_above(sheet, actors)
    if not count:
        return []
    if count == 1:
        return [(actors[0], sheet.width / 2, view.front - 20, min(500.0, 660 / actors[0].wide))]
    rows = 1 if count <= 3 else 2 if count <= 7 else 3
    result, wide = [], min(sheet.width * 0.92, 1500.0)
    for row in range(rows):
        here = actors[count * row // rows : count * (row + 1) // rows]
        y = view.front - (rows - 1 - row) * (330 / rows)
        step = min(wide * view.near(y) / len(here), 520)
        for place, actor in enumerate(here):
            size = min((400 if rows == 1 else 320) * view.near(y), step * 0.86 / actor.wide)
            aside = step * 0.25 * (-1) ** row if rows > 1 else 0
            result.append((actor, sheet.width / 2 + aside + step * (place - (len(here) - 1) / 2), y, size))
    return result


def _from_above(sheet: Sheet, actors: Sequence[Actor]) -> list[tuple[Actor, float, float, float]]:
    count = len(actors)
    columns = min(count, max(1, round((count * sheet.width / sheet.height) ** 0.5)))
    rows = -(-count // columns)
    step = min(sheet.width * 0.9 / columns, sheet.height * 0.86 / rows, 760)
    result = []
    for number, actor in enumerate(actors):
        row, column = divmod(number, columns)
        here = min(columns, count - row * columns)
        x = sheet.width / 2 + step * (column - (here - 1) / 2)
        result.append((actor, x, sheet.height / 2 + step * (row - (rows - 1) / 2), step * 0.48 / max(actor.wide, 1)))
    return result


def _backdrop(sheet: Sheet, brief: Brief, view: View, palette: Palette, actors: Sequence[Actor], dice: Dice) -> Planes:
    x, y = indoor.places(sheet)
    first = max(int(view.edge * sheet.scale), 0)
    planes = np.empty((3, sheet.grid.rows, sheet.grid.columns), np.float32)
    if first:
        planes[:, :first] = _room(sheet, palette, view, actors, dice)[:, :first]
    down = y[first:]
    deep = 1 / ((down - view.vanishing) / (view.front - view.vanishing)) if view.flat < 1 else np.ones_like(down)
    across = (x - sheet.width / 2) * deep
    along = deep * 1500 if view.flat < 1 else np.broadcast_to(down, (down.shape[0], 1)).astype(np.float32)
    along = np.broadcast_to(along, across.shape)
    kind = dice.pick(("wood", "wood", "marble", "cloth"))
    kind = brief.surface or kind
    colour = brief.colours[0] if brief.colours else None
    planes[:, first:] = tabletop.SURFACES[kind](across, along, dice, colour)
    _window_light(planes[:, first:], across, along, palette)
    _falloff(sheet, planes, view, palette)
    if first:
        _table_edge(planes, first, sheet)
    return planes


def _room(sheet: Sheet, palette: Palette, view: View, actors: Sequence[Actor], dice: Dice) -> Planes:
    """Behind the table, out of focus: a wall, a bright window with the sky of the hour, shelves, and lamps at night."""
    night = palette.night > NIGHT
    tone = actors[0].tone if actors else "c98a5a"
    hue, _, _ = indoor.hsl(tone)
    wall = "3a2f3c" if night else indoor.of_hsl(hue + dice.pick((0.45, 0.5, 0.08)), 0.20, 0.70)
    body = svg.rectangle(0, 0, sheet.width, view.edge + 60, wall)
    window_x, wide = sheet.width * dice.pick((0.10, 0.62)), min(max(sheet.width * 0.27, 330), 620)
    high = min(view.edge * 0.78, 900)
    top = view.edge - 60 - high
    stops = [(place, colour) for place, colour in palette.sky]
    defs = svg.linear_gradient("sky", stops)
    body += svg.rectangle(window_x - 20, top - 20, wide + 40, high + 40, lighter(wall, 0.55))
    body += svg.rectangle(window_x, top, wide, high, "url(#sky)")
    hill = f"M{window_x:.0f},{top + high:.0f} v{-high * 0.22:.0f} "
    hill += f"q{wide * 0.5:.0f},{-high * 0.2:.0f} {wide:.0f},{high * 0.06:.0f} V{top + high:.0f}Z"
    body += svg.path(hill, darker(palette.ground, 0.1))
    body += svg.path(
        f"M{window_x + wide / 2:.0f},{top:.0f} v{high:.0f} M{window_x:.0f},{top + high / 2:.0f} h{wide:.0f}",
        stroke=lighter(wall, 0.5),
        width=16,
    )
    shelf_x = sheet.width * (0.60 if window_x < sheet.width * 0.4 else 0.06)
    for number in range(2):
        shelf = view.edge - 130 - 190 * number
        body += svg.rectangle(shelf_x, shelf, sheet.width * 0.32, 15, darker(wall, 0.5))
        for item in range(5):
            place = shelf_x + sheet.width * 0.32 * (item + dice.between(0.1, 0.6)) / 5
            size = dice.between(40, 100)
            body += svg.rectangle(
                place,
                shelf - size,
                dice.between(26, 58),
                size,
                dice.pick(("d9a13f", "b8573f", "6f9a7a", "f0e6d2", "5a7a9a")),
                rounding=8,
            )
    planes = indoor.silhouette(sheet, body, shrink=6, blur=15, defs=defs)
    result: Planes = planes[:3] / np.maximum(planes[3], 1e-3)
    result *= np.array(palette.ambient, np.float32).reshape(3, 1, 1) * np.float32(1 - 0.25 * palette.night)
    for _ in range(16):
        place_x, place_y = dice.between(0, 1) * sheet.width, dice.between(0, 0.9) * view.edge
        size = dice.between(14, 46)
        indoor.pool(result, sheet, place_x, place_y, size, size, "ffe2a8", 0.16 + 0.3 * palette.night, hard=2.5)
    return result


def _window_light(planes: Planes, across: Plane, along: Plane, palette: Palette) -> None:
    """Sunlight that falls through the panes of a window, slanting over the table."""
    strength = np.float32(0.30 * (1 - palette.night))
    if strength < 0.05:
        return
    u = (across + along * np.float32(0.55) - np.float32(640)) * np.float32(1 / 330)
    v = (along - across * np.float32(0.16) - np.float32(300)) * np.float32(1 / 420)
    inside = ease(-2.05, -1.95, u) * ease(1.25, 1.15, u)
    bars = ease(0.03, 0.09, np.abs(u - np.round(u))) * ease(0.03, 0.08, np.abs(v - np.round(v)))
    light = inside * bars * strength
    planes *= 1 - np.float32(0.10)
    planes += planes * light * indoor.vector(palette.lit) * np.float32(1.25)


def _falloff(sheet: Sheet, planes: Planes, view: View, palette: Palette) -> None:
    """Brightest near the window or, at night, under the lamp."""
    x, y = indoor.places(sheet)
    night = palette.night > NIGHT
    middle = sheet.width * (0.5 if night else 0.36)
    away = np.sqrt(((x - middle) / max(sheet.width * 0.62, 800)) ** 2 + ((y - view.front + 150) / 900) ** 2)
    lamp = np.array((1.0, 0.86, 0.66) if night else (1.0, 0.98, 0.94), np.float32).reshape(3, 1, 1)
    dim = np.array(palette.ambient, np.float32).reshape(3, 1, 1) * np.float32(0.42 if night else 0.68)
    amount = np.clip(1.08 - away * np.float32(0.95 if night else 0.60), 0, 1.08).astype(np.float32)
    planes *= dim + (lamp * np.float32(1.06) - dim) * amount


def _table_edge(planes: Planes, first: int, sheet: Sheet) -> None:
    """The far edge is soft, as it is out of focus."""
    reach = max(int(12 * sheet.scale), 2)
    part = planes[:, max(first - reach, 0) : first + reach]
    rows = part.shape[1]
    if rows > 2:
        weight = ease(0, rows - 1, np.arange(rows, dtype=np.float32))[None, :, None]
        part[:] = part[:, :1] * (1 - weight) + part[:, -1:] * weight


def _shadow(sheet: Sheet, planes: Planes, view: View, actor: Actor, x: float, y: float, size: float) -> None:
    wide = size * max(actor.wide, 0.7)
    deep = 0.20 if view.flat < 1 else 1.0
    lower = 0 if view.flat < 1 else size * 0.10
    indoor.pool(
        planes, sheet, x + wide * 0.28, y + lower + 8, wide * 0.86, wide * deep * 0.82, "120804", 0.42, hard=1.2
    )
    indoor.pool(planes, sheet, x + wide * 0.06, y + lower, wide * 0.66, wide * deep * 0.60, "120804", 0.45, hard=1.2)


def _dish(set_: Set, view: View, actor: Actor, x: float, y: float, size: float, dice: Dice) -> float:
    """What the thing is served on; tells where it stands."""
    code = actor.subject.drawing or ""
    wide = size * actor.wide
    if actor.subject.kind != "food" or code in BARE or (code in OWN_DISH and view.flat < 1):
        return y
    china = dice.pick(("f4f1ea", "e3ebee", "f3e4dc", "dfe6da"))
    radius = max(wide, size * 0.6) * (0.74 if view.flat < 1 else 0.86)
    if code in CAKES and view.flat < 1 and size > 260:
        return tableware.stand(set_, x, y + 20, radius, view.flat * 0.85, china) + radius * 0.06
    if code in BOARDED and view.flat < 1:
        tableware.board(set_, x, y - 4, radius * 1.04, view.flat)
    else:
        tableware.plate(set_, x, y - 4, radius, view.flat if view.flat < 1 else 1.0, china)
    return y + radius * view.flat * 0.10 if view.flat < 1 else y


def _serve(sheet: Sheet, view: View, actor: Actor, x: float, top: float, size: float, light: Light) -> None:
    anchor = "ground" if view.flat < 1 else "middle"
    actor.put(sheet, x, top, size, light, anchor=anchor, shadow=0.42 if view.flat < 1 else 0)


def _around(set_: Set, sheet: Sheet, planes: Planes, view: View, actors: Sequence[Actor], dice: Dice) -> None:
    """What else is on the table: cutlery beside the dish, and a few small things."""
    code = (actors[0].subject.drawing or "") if actors else ""
    food = not actors or actors[0].subject.kind == "food"
    squash = 0.42 if view.flat < 1 else 1.0
    middle, reach = sheet.width / 2, min(sheet.width * 0.44, 640.0 if len(actors) < 4 else 820.0)
    if not actors:
        _fruit_bowl(set_, sheet, planes, view)
    if food and len(actors) == 1 and sheet.width >= 900:
        _cutlery(set_, code, middle, view.front + (10 if view.flat < 1 else 0), reach, squash, dice)
    _garnish(set_, sheet, planes, view, code, squash, dice)


def _cutlery(set_: Set, code: str, x: float, y: float, reach: float, squash: float, dice: Dice) -> None:
    right = x + reach * 0.80
    if code in ASIAN:
        set_.add(tableware.chopsticks(right, y + 20, 560, squash, 16, dice.pick(("a8402f", "3a2a26", "8a5a36"))))
        return
    tableware.napkin(set_, right + 20, y + 16, 300, squash, 10, dice.pick(tabletop.CLOTHS))
    if code in SWEET:
        set_.add(tableware.spoon(right + 20, y + 10, 390, squash, 12))
        return
    set_.add(tableware.fork(right - 24, y + 10, 410, squash, 10) + tableware.knife(right + 64, y + 14, 410, squash, 10))


def _garnish(set_: Set, sheet: Sheet, planes: Planes, view: View, code: str, squash: float, dice: Dice) -> None:
    """Small things to the left, at the back and, on a long page, further out."""
    middle, reach = sheet.width / 2, min(sheet.width * 0.43, 600.0)
    back = view.front - 190 if view.flat < 1 else sheet.height / 2 - 330
    left = middle - reach
    kinds = ["vase", "sugar"] if code in SWEET else ["tea", "sauce"] if code in ASIAN else ["tomatoes", "oil"]
    _small(set_, sheet, planes, view, kinds[0], left + dice.between(-20, 40), back, dice)
    _small(set_, sheet, planes, view, kinds[1], middle + reach * 1.02, back - 20, dice)
    front = view.front + 90 if view.flat < 1 else sheet.height / 2 + 300
    leaf = (
        tableware.slice_(left + 60, front - 50, 76, squash, "f2c02e") if code not in SWEET and dice.whole(0, 1) else ""
    )
    set_.add(leaf + tableware.sprig(left - 30, front + 20, 250, squash, dice.between(-30, 10)))
    for number in range(int(max(sheet.width / 2 - 950, 0) // 360)):
        for side in (-1, 1):
            kind = dice.pick(("tomatoes", "sauce", "vase", "oil", "tea", "sugar"))
            _small(
                set_,
                sheet,
                planes,
                view,
                kind,
                middle + side * (960 + number * 360),
                dice.between(back, view.front),
                dice,
            )
    for number in range(int(max(sheet.height - view.front - 380, 0) // 420)):
        y = view.front + 420 + number * 420
        set_.add(tableware.sprig(middle + dice.between(-380, 220), y, 260, max(squash, 0.5), dice.between(-60, 60)))
        set_.add(
            tableware.slice_(
                middle + dice.between(-320, 320),
                y + 190,
                82,
                max(squash, 0.5),
                dice.pick(("f2c02e", "e8863a", "9cbf4a")),
            )
        )


def _small(set_: Set, sheet: Sheet, planes: Planes, view: View, kind: str, x: float, y: float, dice: Dice) -> None:
    near = max(view.near(y), 0.4) * 1.25
    flat = view.flat if view.flat < 1 else 1.0
    indoor.pool(planes, sheet, x + 26 * near, y, 92 * near, 26 * near if view.flat < 1 else 80, "120804", 0.5, hard=1.2)
    if view.flat == 1:
        tableware.plate(set_, x, y, 92, 1.0, dice.pick(("e3ebee", "f3e4dc", "c9d6cf")))
        tableware.berries(set_, x, y + 26, 32, dice.pick(("d9483a", "3f5aa0", "c9a13f")))
    elif kind == "vase":
        tableware.vase(
            set_, x, y, 190 * near, dice.pick(("8fb3c4", "e0c9b0", "c98a7a")), dice.pick(("f3a6bc", "ffffff", "c9a6e8"))
        )
    elif kind == "tomatoes":
        tableware.berries(set_, x, y, 46 * near, "d9402f")
    elif kind == "oil":
        _oil(set_, x, y, 250 * near)
    elif kind == "sugar":
        tableware.bowl(set_, x, y, 78 * near, flat, "f0ebe2", "ffffff")
        for lean in (-1, 0, 1):
            set_.add(
                svg.rectangle(
                    x + lean * 34 * near - 15 * near,
                    y - (74 - 10 * abs(lean)) * near,
                    30 * near,
                    28 * near,
                    "ffffff",
                    rounding=4,
                )
            )
    elif kind == "tea":
        tableware.bowl(set_, x, y, 72 * near, flat, "5f8a8f", "8fa050")
    else:
        tableware.bowl(set_, x, y, 66 * near, flat, "3f4a5a", "4a2418")


def _oil(set_: Set, x: float, y: float, size: float) -> None:
    """A bottle of olive oil."""
    glass = set_.gradient(((0, "5a6a1c"), (0.25, "d8d26a"), (0.6, "9a9a2c"), (1, "4a5218")), x2=1, y2=0)
    cork = svg.rectangle(x - size * 0.07, y - size * 1.08, size * 0.14, size * 0.11, "7a4a2a", rounding=4)
    set_.add(shape(x, y, size, OIL_BOTTLE, glass) + cork)
    set_.add(svg.rectangle(x - size * 0.10, y - size * 0.46, size * 0.22, size * 0.26, "f6efdc", 0.92, rounding=3))


def _fruit_bowl(set_: Set, sheet: Sheet, planes: Planes, view: View) -> None:
    """A table without a subject still has fruit on it."""
    x, y = sheet.width / 2, view.front - 30
    indoor.pool(planes, sheet, x + 70, y + 10, 330, 74, "120804", 0.5, hard=1.2)
    for across, up, size, tone in ((-120, 235, 92, "d9402f"), (118, 240, 88, "e8a13a"), (0, 285, 100, "8fb84a")):
        sphere(set_, x + across, y - up, size, tone)
    tableware.bowl(set_, x, y, 270, 0.06, "e9e2d6", "d9cdb8")


def _steam(sheet: Sheet, brief: Brief, stood: Sequence[tuple[Actor, float, float, float, float]], dice: Dice) -> None:
    """Wisps over what is hot; over all of it only where nothing is by itself, but the prompt says so."""
    hot = [place for place in stood if place[0].subject.drawing in HOT]
    hot = (hot or (list(stood) if "steam" in brief.traits else []))[:4]
    if not hot:
        return
    x, y = indoor.places(sheet)
    noise = sheet.grid.clouds(dice, 0.16, 3, tall=1.9)
    amount = np.zeros((sheet.grid.rows, sheet.grid.columns), np.float32)
    for actor, middle, top, _, size in hot:
        rise = y - np.float32(top - size * 0.72)
        sway = np.sin(rise * np.float32(0.016)) * np.float32(22)
        wide = np.float32(size * min(actor.wide, 1.3) * 0.30) * (
            1 - np.clip(rise, -size, 0) / np.float32(size) * np.float32(0.5)
        )
        column = np.exp(-(((x - np.float32(middle) - sway) / wide) ** 2))
        amount = np.maximum(amount, column * ease(40, -60, rise) * ease(-size * 0.95, -size * 0.2, rise))
    amount = amount * ease(-0.2, 1.7, noise) * np.float32(0.62)
    amount[amount < 0.012] = 0
    sheet.soft(amount, STEAM)


def _candlelight(sheet: Sheet, view: View) -> None:
    """At night two candles stand at the back."""
    set_ = Set()
    places = [(sheet.width / 2 + side * min(sheet.width * 0.33, 480), view.front - 215) for side in (-1, 1)]
    for x, y in places:
        tableware.candle(set_, x, y, 150, "f0e4cc")
        flame = shape(x, y - 154, 100, FLAME, "ffd27a")
        set_.add(flame + svg.ellipse(x, y - 178, 7, 16, "fffbe8"))
        sheet.light(x, y - 185, 120, "ffb45a", 0.8)
    sheet.draw(set_.body, defs=set_.definitions, glow=0.25)
