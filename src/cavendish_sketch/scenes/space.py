"""Space: a nebula, a planet or two, and whatever flies before them; or the ground of another world."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from cavendish_sketch.canvas import colour, figures, svg
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Report
from cavendish_sketch.canvas.figures import Light
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import wordlists
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.language.tables import compositions
from cavendish_sketch.nature import deep_space, globes, planet_ground
from cavendish_sketch.nature.deep_space import Gas, Hole, Sky, Spiral
from cavendish_sketch.nature.globes import Orb, World
from cavendish_sketch.nature.planet_ground import LANDS, Land, View
from cavendish_sketch.props import celestial
from cavendish_sketch.props.drawing import Drawing

FIGURES_MAX = 12
GREY = 60  # levels between a colour's channels, below which a nebula would look like smoke
TRIES = 30  # places looked at for each figure
# What a word adds to the sky. Folded, matched as whole words or phrases of what was said.
SIGHTS: dict[str, tuple[str, ...]] = {
    "black_hole": (
        "black hole",
        "blackhole",
        "black_hole",
        "singularity",
        "event horizon",
        "agujero negro",
        "trou noir",
    ),
    "galaxy": ("galaxy", "galaxies", "spiral", "milky way", "andromeda", "galaxia", "galaxie", "galassia"),
    "rings": ("ring", "rings", "ringed", "saturn"),
    "surface": ("surface", "landing", "landscape", "rover", "colony", "walking", "standing", "crater", "craters"),
}
PLANETS = {
    "earth": ("earth", "erde", "terre", "tierra", "terra"),
    "mars": ("mars", "martian", "marte"),
    "moon": ("moon", "lunar", "luna", "lune", "mond"),
    "jupiter": ("jupiter",),
    "saturn": ("saturn", "saturno", "saturne"),
    "neptune": ("neptune", "neptun"),
    "uranus": ("uranus",),
    "venus": ("venus",),
    "mercury": ("mercury",),
    "lava": ("lava", "volcanic", "volcano", "molten"),
    "ice": ("pluto", "europa", "ice", "icy", "frozen"),
}
WORLD_DRAWINGS = {
    **dict.fromkeys(("1fa90",), "saturn"),
    **dict.fromkeys(("1f30d", "1f30e", "1f30f"), "earth"),
    **dict.fromkeys([f"1f3{number:02x}" for number in range(0x11, 0x1F)], "moon"),
}
SKY_DRAWINGS = ("1f30c", "2b50", "1f31f", "1f320", "2728", "1f4ab")  # the sky has them already
ROCKETS, SAUCERS, COMETS = ("1f680",), ("1f6f8",), ("2604", "2604-fe0f")
FLYERS = (*ROCKETS, *SAUCERS, *COMETS, "1f6f0", "1f6f0-fe0f")
ASTRONAUTS = ("1f9d1-200d-1f680", "1f468-200d-1f680", "1f469-200d-1f680")
STEADY = ("1f6f8", "1f47d", "1f47e")  # are turned less


@dataclass(frozen=True, slots=True)
class Plan:
    """What the picture shows.

    Attributes:
        gas: Colours of the nebula.
        world: The large planet; None where something else is the hero.
        sights: Keys of `SIGHTS`.
        things: What flies or stands there, one entry for each.
        sun: Where light comes from.
        side: 1 where the large planet is to the right, else -1.
    """

    gas: Gas
    world: World | None
    sights: frozenset[str]
    things: tuple[Subject, ...]
    sun: globes.Vector
    side: int


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole scene."""
    sheet.film = Film(bloom=0.35, vignette=0.26, contrast=1.06)
    named = _named(brief)
    land = _land(brief, named)
    if land is not None:
        _stand(sheet, brief, land, dice, report)
    else:
        _fly(sheet, _plan(brief, named, dice), dice, report)
    report(1.0)


def _fly(sheet: Sheet, plan: Plan, dice: Dice, report: Report) -> None:
    canvas = Canvas.of(sheet.grid)
    busy = "black_hole" in plan.sights or "galaxy" in plan.sights
    sky = deep_space.nebula(canvas, plan.gas, dice, strength=0.55 if busy else 1.0)
    report(0.2)
    deep_space.stars(canvas, sky, dice)
    hero = _hero_sight(canvas, plan, dice) if busy else None
    if not busy:
        deep_space.cluster(canvas, sky, dice)
    sheet.expose(canvas)
    report(0.35)
    cores = [] if busy else _points(sheet, sky)
    body, defs = deep_space.spikes(dice, sheet.width, sheet.height, cores)
    sheet.draw(body, defs=defs, glow=0.5)
    taken = [hero] if hero else []
    taken += _worlds(sheet, plan, dice)
    report(0.65)
    _place_figures(sheet, plan, taken, dice)


def _points(sheet: Sheet, sky: Sky) -> list[tuple[float, float]]:
    step = sheet.grid.unit / sheet.scale
    return [(x * step, y * step) for x, y in sky.cores]


def _named(brief: Brief) -> str:
    """Everything said, folded, with a space around every word."""
    said = [*brief.said, *brief.traits, *(subject.word for subject in brief.subjects)]
    return f" {wordlists.fold(' '.join(said)).replace('_', ' ')} "


def _says(named: str, any_of: tuple[str, ...]) -> bool:
    return any(f" {word.replace('_', ' ')} " in named for word in any_of)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the words of a brief decide.

    Attributes:
        said: The same in as few words as lead to it again.
        tinted: The picture takes the colours of the brief's design.
        things: The figures.
    """

    said: tuple[str, ...]
    tinted: bool
    things: tuple[Subject, ...]


def chosen(brief: Brief) -> Chosen:
    """The ground of a world to stand on; or one sight, and the world that is seen."""
    named = _named(brief)
    things = tuple(subject for subject in brief.subjects if _code(subject) not in (*WORLD_DRAWINGS, *SKY_DRAWINGS))
    land = _land(brief, named)
    if land is not None:
        return Chosen(_footing(brief, land), bool(brief.colours) and land not in LANDS.values(), things)
    sights = [name for name, said in SIGHTS.items() if _says(named, said)]
    worlds = _worlds_named(brief, named)
    tinted = bool(brief.colours) or ("black_hole" not in sights and _colourful(brief.design.ramp))
    hero = [name for name in ("black_hole", "galaxy") if name in sights][:1]
    rings = ["rings"] if "rings" in sights and not worlds and not hero else []
    return Chosen((*hero, *rings, *worlds[:1]), tinted, things)


def _footing(brief: Brief, land: Land) -> tuple[str, ...]:
    """The words that lead to the ground of a world: whoever cannot fly stands on one that is named."""
    body = next((name for name in ("mars", "moon") if land is LANDS[name]), None)
    if body is None:
        return ("surface",)
    return (body,) if _land(brief, f" {body} ") is land else (body, "surface")


def _worlds_named(brief: Brief, named: str) -> list[str]:
    """Keys of `globes.WORLDS`: said, or shown by a drawing."""
    said = [name for name, any_of in PLANETS.items() if _says(named, any_of)]
    return said + [WORLD_DRAWINGS[_code(subject)] for subject in brief.subjects if _code(subject) in WORLD_DRAWINGS]


def _land(brief: Brief, named: str) -> Land | None:
    """The world to stand on; None for open space."""
    on_foot = any(_code(subject) not in (*FLYERS, *WORLD_DRAWINGS, *SKY_DRAWINGS) for subject in brief.subjects)
    body = next((name for name in ("mars", "moon") if _says(named, PLANETS[name])), None)
    if body and (on_foot or _says(named, SIGHTS["surface"])):
        return LANDS[body]
    if _says(named, SIGHTS["surface"]):
        return _tinted_land(brief) if brief.colours else LANDS["strange"]
    return None


def _tinted_land(brief: Brief) -> Land:
    ramp = brief.design.ramp
    base = LANDS["strange"]
    return Land(
        ramp[:5], (svg.blend(ramp[0], "000010", 0.4), ramp[1], ramp[3], ramp[-1]), base.sun, base.air, base.craters
    )


def _code(subject: Subject) -> str:
    return subject.drawing or ("1fa90" if subject.prop == "planet" else subject.prop or "")


def _plan(brief: Brief, named: str, dice: Dice) -> Plan:
    sights = frozenset(name for name, said in SIGHTS.items() if _says(named, said))
    tinted = bool(brief.colours) or ("black_hole" not in sights and _colourful(brief.design.ramp))
    chosen = dice.pick(deep_space.GASES)
    gas = deep_space.gas_of(brief.design.ramp, brief.design.accents) if tinted else chosen
    side = dice.pick((-1, 1))
    sun = globes.unit(-side * dice.between(0.55, 0.85), -dice.between(0.25, 0.6), dice.between(0.15, 0.5))
    world = _world(brief, named, sights, dice)
    return Plan(gas, world, sights, _things(brief), sun, side)


def _colourful(ramp: tuple[str, ...]) -> bool:
    """Words called for these colours, and they make more than grey gas."""
    if not ramp:
        return False
    middle = svg.channels(ramp[len(ramp) // 2])
    return ramp != tuple(compositions.SCHEMES["space"].ramp.split()) and max(middle) - min(middle) > GREY


def _world(brief: Brief, named: str, sights: frozenset[str], dice: Dice) -> World | None:
    strange = globes.WORLDS[dice.pick(globes.STRANGE)]
    said = _worlds_named(brief, named)
    if said:
        return globes.WORLDS[said[0]]
    if {"black_hole", "galaxy"} & sights:
        return None
    if "rings" in sights and strange.ring is None:
        return globes.WORLDS["saturn"]
    if brief.colours:
        strange = globes.WORLDS["violet"] if strange.kind in ("lava", "sea") else strange
        return globes.coloured(strange, brief.design.ramp[1:], brief.design.ramp[-2])
    return strange


def _things(brief: Brief) -> tuple[Subject, ...]:
    shown = [subject for subject in brief.subjects if _code(subject) not in (*WORLD_DRAWINGS, *SKY_DRAWINGS)]
    return tuple(subject for subject in shown for _ in range(subject.count))[:FIGURES_MAX]


def _hero_sight(canvas: Canvas, plan: Plan, dice: Dice) -> Box:
    """A galaxy or a black hole in the middle of things; the box it fills, in points."""
    grid = canvas.grid
    step = 1000 / grid.short
    long = 1 if grid.width >= grid.height else 0
    x = grid.width * (0.5 + (0.10 * plan.side * long if plan.things else 0.0))
    y = grid.height * (0.47 if long else 0.40)
    if "black_hole" in plan.sights:
        hole = Hole(x, y, grid.short * 0.135, turn=-0.16 * plan.side)
        deep_space.bend(canvas, hole)
        deep_space.black_hole(canvas, hole, dice)
        reach = hole.radius * 2.3
    else:
        canvas.light *= 0.7
        spiral = Spiral(x, y, grid.short * 0.52, dice.between(-0.7, 0.7), dice.between(0.42, 0.7))
        deep_space.galaxy(canvas, plan.gas, spiral, dice)
        reach = spiral.radius * 0.55
    return (x - reach) * step, (y - reach) * step, 2 * reach * step, 2 * reach * step


def _worlds(sheet: Sheet, plan: Plan, dice: Dice) -> list[Box]:
    """The large planet and its moons, and in a long banner further planets; the boxes that they fill."""
    orbs = []
    if plan.world is not None:
        orbs.append((plan.world, _large(sheet, plan, dice)))
    longest = max(sheet.width, sheet.height) / 1000
    for number in range(1 + int(longest > 2.6) + int(longest > 5)):
        world = globes.WORLDS[dice.pick(("moon", "ice", "rose", "teal", "mercury"))]
        orb = _small(sheet, plan, orbs[0][1] if orbs else None, number, dice)
        orbs.append((world, orb))
    for world, orb in reversed(orbs):
        globes.put(sheet, world, orb, dice)
    return [_boxed(orb) for _, orb in orbs]


def _boxed(orb: Orb) -> Box:
    return orb.x - orb.radius, orb.y - orb.radius, 2 * orb.radius, 2 * orb.radius


def _large(sheet: Sheet, plan: Plan, dice: Dice) -> Orb:
    assert plan.world is not None
    ringed = plan.world.ring is not None
    radius = dice.between(0.27, 0.31) * 1000 if ringed else dice.between(0.33, 0.42) * 1000
    tilt = -plan.side * dice.between(0.2, 0.45)
    if sheet.width >= sheet.height:
        room = min(sheet.width, 2400) / sheet.width
        x, y = 0.5 + plan.side * dice.between(0.17, 0.23) * room, dice.between(0.52, 0.62)
    else:
        x, y = 0.5 + plan.side * dice.between(0.06, 0.16), dice.between(0.58, 0.66) if sheet.height < 3000 else 0.5
    return Orb(x * sheet.width, y * sheet.height, radius, plan.sun, tilt)


def _small(sheet: Sheet, plan: Plan, large: Orb | None, number: int, dice: Dice) -> Orb:
    """A moon opposite the planet; further ones out along the banner."""
    radius = dice.between(36, 62) * (1 + 0.9 * number)
    if number:
        along = (0.5 - plan.side * 0.34, 0.5 + plan.side * 0.42)[number - 1]
        across = dice.between(0.3, 0.7)
    else:
        along, across = 0.5 - plan.side * dice.between(0.22, 0.32), dice.between(0.14, 0.28)
        if large is None:
            along, across = 0.5 - plan.side * 0.38, dice.between(0.7, 0.85)
        elif max(sheet.width, sheet.height) > 2600:
            along = 0.5 - plan.side * 520 / max(sheet.width, sheet.height)
    x, y = (along, across) if sheet.width >= sheet.height else (across if number else 0.25, along if number else across)
    return Orb(x * sheet.width, y * sheet.height, radius, plan.sun)


def _place_figures(sheet: Sheet, plan: Plan, taken: list[Box], dice: Dice) -> None:
    count = len(plan.things)
    size = _size(count)
    light = Light(
        direction=(plan.sun[0], plan.sun[1]),
        ambient=_ambient(plan.gas),
        rim=svg.blend(plan.gas.core, plan.gas.other, 0.35),
    )
    for number, subject in enumerate(plan.things):
        height = size * (1 if number == 0 else dice.between(0.55, 0.85))
        x, y = _free(sheet, plan, taken, height, dice, hero=number == 0)
        box = _float(sheet, subject, x, y, height, light, plan, dice)
        if box is not None:
            taken.append(box)


def _size(count: int) -> float:
    """Points, of the largest."""
    return 420 if count == 1 else 350 if count <= 3 else 260 if count <= 6 else 205


def _ambient(gas: Gas) -> tuple[float, float, float]:
    """White light with a breath of the nebula in it."""
    red, green, blue = svg.channels(svg.blend("ffffff", gas.core, 0.35))
    return 0.96 * red / 255, 0.95 * green / 255, blue / 255


def _free(sheet: Sheet, plan: Plan, taken: list[Box], size: float, dice: Dice, *, hero: bool) -> tuple[float, float]:
    """The emptiest of some places; the first figure stands across from the planet."""
    if hero:
        return _opposite(sheet, plan, dice)
    best, room = (sheet.width / 2, sheet.height / 2), -math.inf
    margin = size * 0.62
    for _ in range(TRIES):
        x = dice.between(margin, max(sheet.width - margin, margin + 1))
        y = dice.between(margin, max(sheet.height - margin, margin + 1))
        free = min((_gap(box, x, y) for box in taken), default=1.0)
        from_middle = math.hypot(x - sheet.width / 2, y - sheet.height / 2)
        free = min(free, 1.3 * size) - 0.08 * from_middle
        if free > room:
            best, room = (x, y), free
    return best


def _opposite(sheet: Sheet, plan: Plan, dice: Dice) -> tuple[float, float]:
    if sheet.width >= sheet.height:
        away = min(0.25 * sheet.width, 560)
        return sheet.width / 2 - plan.side * away, sheet.height * dice.between(0.50, 0.56)
    lift = min(0.20 * sheet.height, 520)
    return sheet.width * (0.5 - plan.side * 0.10), sheet.height / 2 - lift


def _gap(box: Box, x: float, y: float) -> float:
    """Points from a place to a figure's round outline, negative inside."""
    middle_x, middle_y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return math.hypot(x - middle_x, y - middle_y) - max(box[2], box[3]) / 2


def _float(
    sheet: Sheet, subject: Subject, x: float, y: float, height: float, light: Light, plan: Plan, dice: Dice
) -> Box | None:
    """One figure, slightly turned, with what it gives off."""
    code = _code(subject)
    flip = plan.side < 0 if code in ROCKETS else dice.between(0, 1) < 0.5
    turn = dice.between(-7, 7) if code in STEADY else dice.between(6, 15) * dice.pick((-1, 1))
    shape = _shape(subject)
    glow = GLOWS.get(code)
    if glow is not None:
        glow(sheet, x, y, height, flip)
    box = figures.put(
        sheet,
        shape,
        x,
        y,
        height * (0.82 if subject.kind == "animal" else 1),
        light=light,
        anchor="middle",
        flip=flip,
        turn=turn,
        width_max=min(height * 1.5, sheet.width * 0.8),
    )
    if box is not None and _needs_air(subject):
        _bubble(sheet, x, y, max(math.hypot(box[2], box[3]) * 0.5, height * 0.5), plan.gas.other, -plan.side)
    return box


def _shape(subject: Subject) -> Subject | Drawing:
    """Whoever flies out here wears a suit."""
    if subject.kind == "person" or subject.prop == "person" or subject.drawing in ASTRONAUTS:
        return celestial.astronaut(subject.colour)
    return subject


def _needs_air(subject: Subject) -> bool:
    """Animals do; those from other worlds do not."""
    return subject.kind == "animal" and _code(subject) not in STEADY


def _bubble(sheet: Sheet, x: float, y: float, radius: float, colour: str, side: int) -> None:
    """A bubble of air for those without a suit; `side` is where the light comes from."""
    tint = svg.blend(colour, "ffffff", 0.55)
    defs = svg.radial_gradient("rim", ((0.70, tint, 0.0), (0.90, tint, 0.10), (0.985, "ffffff", 0.50), (1, tint, 0.15)))
    defs += svg.radial_gradient("spot", ((0, "ffffff", 0.75), (1, "ffffff", 0.0)))
    body = svg.circle(x, y, radius, "url(#rim)")
    body += svg.ellipse(
        x + side * radius * 0.50, y - radius * 0.58, radius * 0.26, radius * 0.13, "url(#spot)", turn=side * 38
    )
    body += svg.ellipse(
        x - side * radius * 0.55, y + radius * 0.62, radius * 0.16, radius * 0.06, "url(#spot)", 0.6, turn=side * 42
    )
    sheet.draw(body, defs=defs)


def _engine(sheet: Sheet, x: float, y: float, height: float, flip: bool) -> None:
    """A long trail of fire and smoke from the tail; the drawing flies up and to the right."""
    side = -1 if flip else 1
    length, wide = height * 1.5, height * 0.10
    defs = svg.linear_gradient(
        "trail", ((0, "ffe9b0", 0.85), (0.18, "ff9a3c", 0.6), (0.5, "c85a8a", 0.22), (1, "7a5cff", 0.0)), y2=1
    )
    half = f"C{wide * 1.3} {length * 0.3} {wide * 0.3} {length * 0.7} 0 {length}"
    back = f"C{-wide * 0.3} {length * 0.7} {-wide * 1.3} {length * 0.3} {-wide} 0Z"
    body = svg.path(f"M{wide} 0{half}{back}", "url(#trail)")
    tail_x, tail_y = x - side * height * 0.28, y + height * 0.28
    sheet.draw(svg.group(body, x=tail_x, y=tail_y, turn=45 * side), defs=defs, glow=0.55)
    sheet.light(x - side * height * 0.42, y + height * 0.42, height * 0.22, "ffa04a", 1.5)


def _beam(sheet: Sheet, x: float, y: float, height: float, flip: bool) -> None:
    sheet.light(x, y + height * 0.25, height * 0.35, "5affd0", 0.8)


def _tail(sheet: Sheet, x: float, y: float, height: float, flip: bool) -> None:
    sheet.light(x, y, height * 0.4, "a8d8ff", 1.0)


GLOWS: dict[str, Callable[[Sheet, float, float, float, bool], None]] = {
    **dict.fromkeys(ROCKETS, _engine),
    **dict.fromkeys(SAUCERS, _beam),
    **dict.fromkeys(COMETS, _tail),
}


def _stand(sheet: Sheet, brief: Brief, land: Land, dice: Dice, report: Report) -> None:
    """On the ground of another world."""
    grid = sheet.grid
    canvas = Canvas.of(grid)
    horizon = grid.height * (0.56 if grid.width >= grid.height else 0.62)
    side = dice.pick((-1, 1))
    sun = grid.width * (0.5 + 0.30 * side), horizon * dice.between(0.25, 0.45)
    planet_ground.sky(canvas, land, horizon, sun, dice)
    report(0.2)
    view = View.of(canvas, horizon)
    planet_ground.mountains(canvas, land, view, sun[0], dice)
    if land.air < 0.8:
        _night_stars(canvas, horizon, dice, 1100 if land.air == 0 else 420)
    planet_ground.ground(canvas, land, view, sun[0], dice)
    sheet.expose(canvas)
    report(0.5)
    step = grid.unit / sheet.scale
    _planet_in_sky(sheet, land, horizon * step, side, dice)
    body, defs = planet_ground.stones(land, sheet.width, sheet.height, horizon * step, side, dice)
    sheet.draw(body, defs=defs)
    report(0.7)
    _settle(sheet, brief, land, horizon * step, side, dice)


def _night_stars(canvas: Canvas, horizon: float, dice: Dice, count: int) -> None:
    for _ in range(count):
        x, y = dice.between(0, canvas.grid.width), dice.between(0, 1) * horizon * 0.94
        light = colour.vector(dice.pick(deep_space.STAR_COLOURS)) * dice.between(0.15, 0.9)
        canvas.spark(x, y, 0.0006 + 0.001 * dice.between(0, 1) ** 6, light)


def _planet_in_sky(sheet: Sheet, land: Land, horizon: float, side: int, dice: Dice) -> None:
    sun = globes.unit(side * 0.75, -0.2, 0.35)
    away = min(0.27 * sheet.width, 620)
    if land is LANDS["moon"]:
        world, radius = globes.WORLDS["earth"], 100.0
    elif land is LANDS["mars"]:
        return
    else:
        world, radius = globes.coloured(globes.WORLDS["violet"], land.ground, land.sky[-1]), 150.0
    globes.put(sheet, world, Orb(sheet.width / 2 - side * away, horizon * 0.40, radius, sun), dice)


def _settle(sheet: Sheet, brief: Brief, land: Land, horizon: float, side: int, dice: Dice) -> None:
    """Figures on the ground in two rows, far ones first; flyers over it."""
    things = _things(brief)
    light = Light(direction=(0.7 * side, -0.6), ambient=_ground_ambient(land), rim=land.sun)
    flying = [subject for subject in things if _code(subject) in FLYERS]
    standing = [subject for subject in things if _code(subject) not in FLYERS]
    for near, x, subject in sorted(_rows(standing, sheet, dice), key=lambda place: place[0]):
        y = horizon + (sheet.height - horizon) * (0.18 + 0.56 * near)
        size = _size(len(standing)) * (1.0 if sheet.width >= sheet.height else 0.9) * (0.45 + 0.55 * near)
        box = figures.put(sheet, _shape(subject), x, y, size, light=light, flip=side < 0, width_max=sheet.width * 0.7)
        if box is not None and _needs_air(subject):
            _bubble(
                sheet, box[0] + box[2] / 2, box[1] + box[3] / 2, math.hypot(box[2], box[3]) * 0.54, land.sky[-1], side
            )
    for number, subject in enumerate(flying):
        part = 0.5 - 0.08 * side if len(flying) == 1 else (number * 0.618 + 0.3) % 1
        _hover(sheet, subject, sheet.width * (0.12 + 0.76 * part), horizon, _size(len(things)) * 0.8, light, dice)


def _rows(standing: list[Subject], sheet: Sheet, dice: Dice) -> list[tuple[float, float, Subject]]:
    """How near each stands, from 0 to 1, and its place across; the first is the nearest."""
    places = []
    for number, subject in enumerate(standing):
        near = 1.0 if number == 0 else dice.between(0.35, 0.9)
        part = 0.42 if len(standing) == 1 else (number * 0.618 + 0.38) % 1
        edge = min(0.28 * 1000 / sheet.width, 0.28)
        places.append((near, (edge + (1 - 2 * edge) * part) * sheet.width, subject))
    return places


def _hover(sheet: Sheet, subject: Subject, x: float, horizon: float, height: float, light: Light, dice: Dice) -> None:
    """Over the plain, with its shadow on it."""
    ground = horizon + (sheet.height - horizon) * 0.42
    defs = svg.radial_gradient("s", ((0, "08060f", 0.5), (1, "08060f", 0.0)))
    sheet.draw(svg.ellipse(x, ground, height * 0.62, height * 0.09, "url(#s)"), defs=defs)
    y = max(horizon * dice.between(0.60, 0.75), height * 0.6)
    if glow := GLOWS.get(_code(subject)):
        glow(sheet, x, y, height, False)
    figures.put(
        sheet,
        subject,
        x,
        y,
        height,
        light=light,
        anchor="middle",
        turn=dice.between(-8, 8),
        width_max=sheet.width * 0.7,
    )


def _ground_ambient(land: Land) -> tuple[float, float, float]:
    red, green, blue = svg.channels(svg.blend("ffffff", land.sky[-1], 0.45 * land.air))
    return red / 255, green / 255, blue / 255
