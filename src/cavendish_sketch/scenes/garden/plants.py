"""Foliage as sprites: what a blossom, a leaf or a tuft of grass looks like, and whole trees dressed with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.scatter import Places, Scatter, Sprites
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.props import trees
from cavendish_sketch.props.trees import Tree, Tufts
from cavendish_sketch.scenes.garden.light import Light

Leaf = Literal["blossom", "flower", "grass", "leaf", "maple", "needle", "petal", "puff", "snow"]
Draw = Callable[[str, float], str]  # colour and pose, 0 to 1

POSES = 3
SPREAD = (0.78, 1.0, 1.28)  # sizes of one kind of sprite


def sprites(
    leaf: Leaf, colours: Sequence[str], radius: float, *, flat: float = 1.0, spread: tuple[float, ...] = SPREAD
) -> Sprites:
    """Every pose in every colour; body number is colour * POSES + pose."""
    draw = DRAWN[leaf]
    bodies = tuple(draw(colour, pose / POSES) for colour in colours for pose in range(POSES))
    return Sprites(bodies, tuple(radius * size for size in spread), flat)


def places(x: Plane, y: Plane, tone: Plane, dice: Dice, *, size: Plane | None = None) -> Places:
    """Places with a random pose each, and a random size where none is given."""
    pose = (dice.uniforms(len(x)) * POSES).astype(int)
    chosen = (dice.uniforms(len(x)) * len(SPREAD)).astype(int) if size is None else size
    return Places(x, y, tone.astype(int) * POSES + pose, chosen)


def dressed(
    sheet: Sheet, tree: Tree, tufts: Tufts, sprite: Sprites, dice: Dice, *, bark: str, lit: str, sun: float
) -> None:
    """Lay a tree: foliage behind, wood, foliage before it."""
    behind = tufts.z < trees.BEHIND
    both = [places(tufts.x[part], tufts.y[part], tufts.tones[part], dice) for part in (behind, ~behind)]
    wood = trees.wood(tree, bark, lit, sun=sun)
    box = clipped(sheet, tree_box(tree, sprite.sizes[-1] * 1.6))
    if box is not None:
        sheet.lay(Scatter(box, sprite, both[1], both[0], _colour_of(sprite, bark), wood))


def strewn(
    sheet: Sheet,
    sprite: Sprites,
    places: Places,
    ground: str,
    *,
    under: str = "",
    defs: str = "",
    box: Box | None = None,
) -> None:
    """Lay sprites, over vectors that lie in `box`."""
    if box is not None and (shown := clipped(sheet, box)):
        sheet.lay(Scatter(shown, sprite, places, Places.none(), ground, under, defs))
    if box is not None or not len(places.x):
        return
    reach = sprite.sizes[-1] * 1.2
    left, right = float(places.x.min()) - reach, float(places.x.max()) + reach
    top, bottom = float(places.y.min()) - reach, float(places.y.max()) + reach
    shown = clipped(sheet, (left, top, right - left, bottom - top))
    if shown:
        sheet.lay(Scatter(shown, sprite, places, Places.none(), ground))


def tree_box(tree: Tree, reach: float) -> Box:
    """All that a tree may cover."""
    xs = [limb.root[0] for limb in tree.limbs] + [mass.x - mass.radius for mass in tree.masses]
    xs += [mass.x + mass.radius for mass in tree.masses]
    ys = [limb.root[1] for limb in tree.limbs] + [mass.y - mass.radius for mass in tree.masses]
    ys += [mass.y + mass.radius for mass in tree.masses]
    return min(xs) - reach, min(ys) - reach, max(xs) - min(xs) + 2 * reach, max(ys) - min(ys) + 2 * reach


def clipped(sheet: Sheet, box: Box) -> Box | None:
    """The part of a box that lies on the page."""
    left, top = max(box[0], 0), max(box[1], 0)
    right, bottom = min(box[0] + box[2], sheet.width), min(box[1] + box[3], sheet.height)
    return (left, top, right - left, bottom - top) if right - left > 1 and bottom - top > 1 else None


def _colour_of(sprite: Sprites, other: str) -> str:
    """The middle tone of the sprites, from their own ink."""
    body = sprite.bodies[len(sprite.bodies) // 2]
    at = body.find('fill="#')
    return body[at + 7 : at + 13] if at >= 0 else other


# ------------------------------------------------------------------ sprites


def _petals(x: float, y: float, radius: float, turn: float, count: int = 5) -> str:
    """A flower's outline with notched petals, as a path."""
    pieces = []
    for number in range(count):
        angle = turn + math.tau * number / count
        side = math.pi / count
        for part in (-1, 1):
            edge, tip = angle + side * 0.92 * part, angle + side * 0.30 * part
            pieces.append((edge, tip))
    path = ""
    for number in range(count):
        (left, tip_left), (right, tip_right) = pieces[2 * number], pieces[2 * number + 1]
        path += (
            f"M{x:.3f},{y:.3f}Q{_polar(x, y, left, radius * 0.85)} {_polar(x, y, tip_left, radius)}"
            f"L{_polar(x, y, (tip_left + tip_right) / 2, radius * 0.86)}L{_polar(x, y, tip_right, radius)}"
            f"Q{_polar(x, y, right, radius * 0.85)} {x:.3f},{y:.3f}z"
        )
    return path


def _polar(x: float, y: float, angle: float, radius: float) -> str:
    return f"{x + math.cos(angle) * radius:.3f},{y + math.sin(angle) * radius:.3f}"


def _blossom(colour: str, pose: float) -> str:
    """A bunch of small flowers, the lower ones in the shade of the upper ones."""
    body = ""
    turn = pose * math.tau
    for number, shift in enumerate((-0.20, 0.0, 0.16)):
        angle = turn + number * math.tau / 3
        x, y = math.cos(angle) * 0.42, math.sin(angle) * 0.40
        tone = svg.blend(colour, "ffffff", shift) if shift > 0 else svg.blend(colour, "8a2a5a", -shift)
        body += f'<path d="{_petals(x, y, 0.56, turn + number)}" fill="#{tone}"/>'
    return body


def _flower(colour: str, pose: float) -> str:
    """One open cherry flower with its stamens."""
    turn = pose * math.tau / 5
    deep = svg.blend(colour, "c23a72", 0.42)
    rim = svg.blend(colour, deep, 0.35)
    squash = 1 - 0.35 * pose
    stamens = "".join(f"M0,0L{_polar(0, 0, turn + 0.3 + number * math.tau / 9, 0.36)}" for number in range(9))
    tips = "".join(f"M{_polar(0, 0, turn + 0.3 + number * math.tau / 9, 0.37)}h0.01" for number in range(9))
    dots = svg.path(tips, stroke="f2c14e", width=0.10)
    body = (
        f'<path d="{_petals(0, 0, 0.98, turn)}" fill="#{colour}" stroke="#{rim}" stroke-width="0.035"/>'
        f'<path d="{_petals(0, 0, 0.55, turn)}" fill="#{deep}" fill-opacity="0.35"/>'
        + svg.path(stamens, stroke=deep, width=0.04)
        + dots
    )
    return f'<g transform="rotate({pose * 90:.0f}) scale(1 {squash:.2f})">{body}</g>'


def _leaf(colour: str, pose: float) -> str:
    body = ""
    for number, tone in enumerate((svg.blend(colour, "0a2010", 0.2), colour, svg.blend(colour, "f4ffd0", 0.16))):
        angle = (pose + number * 0.31) * math.tau
        body += svg.ellipse(
            math.cos(angle) * 0.42, math.sin(angle) * 0.42, 0.55, 0.30, tone, turn=math.degrees(angle) + 40
        )
    return body


def _maple(colour: str, pose: float) -> str:
    """Pointed leaves of five fingers."""
    body = ""
    for number, tone in enumerate((svg.blend(colour, "400808", 0.22), svg.blend(colour, "ffd070", 0.14))):
        angle = (pose + number * 0.5) * math.tau
        x, y = math.cos(angle) * 0.30, math.sin(angle) * 0.30
        points = []
        for finger in range(5):
            way = angle + (finger - 2) * 0.95
            points.append((x + math.cos(way) * 0.72, y + math.sin(way) * 0.72))
            points.append((x + math.cos(way + 0.48) * 0.24, y + math.sin(way + 0.48) * 0.24))
        places = " ".join(f"{px:.3f},{py:.3f}" for px, py in points)
        body += f'<polygon points="{places}" fill="#{tone}"/>'
    return body


def _needle(colour: str, pose: float) -> str:
    """A tuft of pine needles, fanned upwards."""
    rays = "".join(
        f"M{0.12 * (number - 6):.2f},0.5L{_polar(0, 0.35, -math.pi / 2 + (number - 6) * 0.24 + pose * 0.3, 0.98)}"
        for number in range(13)
    )
    under = svg.blend(colour, "06140e", 0.30)
    fan = f'<path d="M-0.9,0.5Q0,-0.9 0.9,0.5Q0,0.75 -0.9,0.5z" fill="#{under}" fill-opacity="0.9"/>'
    return fan + svg.path(rays, stroke=colour, width=0.11)


def _puff(colour: str, pose: float) -> str:
    """A far crown: a lump of round masses, each lit from above."""
    name = f"p{colour}{pose * 10:.0f}"
    light, dark = svg.blend(colour, "fff8e8", 0.30), svg.blend(colour, "101c30", 0.22)
    body = svg.radial_gradient(name, ((0, light), (0.5, colour), (1, dark)), x=0.4, y=0.25, radius=0.8)
    lumps = ((-0.42, 0.28, 0.5), (0.45, 0.30, 0.48), (0.0, 0.36, 0.6), (-0.22, -0.22, 0.52), (0.28, -0.16, 0.50))
    for number, (x, y, radius) in enumerate(lumps):
        sway = 0.08 * math.sin(pose * 9 + number * 2)
        body += f'<circle cx="{x + sway:.2f}" cy="{y - sway:.2f}" r="{radius:.2f}" fill="url(#{name})"/>'
    return body


def _snow(colour: str, pose: float) -> str:
    top = svg.blend(colour, "ffffff", 0.10)
    return svg.ellipse(0, 0, 0.95, 0.62, colour, turn=pose * 60) + svg.ellipse(0.15, -0.15, 0.6, 0.4, top, 0.5)


def _petal(colour: str, pose: float) -> str:
    shape = f'<path d="{_petals(-0.9, 0, 1.8, 0, 5).split("z")[0]}z" fill="#{colour}"/>'
    return f'<g transform="rotate({pose * 360:.0f})">{shape}</g>'


def _grass(colour: str, pose: float) -> str:
    blades = []
    for number in range(7):
        root, lean = (number - 3) * 0.16, (number - 3) * 0.22 + (pose - 0.4) * 0.7
        tall = 1.75 - 0.12 * abs(number - 3) - 0.3 * ((number * 7 + int(pose * 4)) % 3)
        blades.append(
            f"M{root - 0.07:.2f},0.95q{lean * 0.2:.2f},{-tall * 0.6:.2f} {lean:.2f},{-tall:.2f}"
            f"q{-lean * 0.5:.2f},{tall * 0.5:.2f} {-lean + 0.14:.2f},{tall:.2f}z"
        )
    return svg.path("".join(blades), colour)


DRAWN: dict[Leaf, Draw] = {
    "blossom": _blossom,
    "flower": _flower,
    "grass": _grass,
    "leaf": _leaf,
    "maple": _maple,
    "needle": _needle,
    "petal": _petal,
    "puff": _puff,
    "snow": _snow,
}


def tree(
    sheet: Sheet,
    light: Light,
    dice: Dice,
    x: float,
    y: float,
    height: float,
    *,
    species: str,
    habit: trees.Habit = trees.CHERRY,
    haze: float = 0.0,
    flip: bool = False,
    count: int = 1500,
    snowy: bool = False,
) -> None:
    """Grow a tree of this height on its foot and lay it."""
    grown = trees.scaled(trees.grow(dice, habit), height, x, y, flip=flip)
    bare = snowy and species != "pine"
    tufts = trees.tufts(
        grown, dice, count // 2 if bare else count, sun=light.side, loose=0.10, thin=0.25 if bare else 0.06
    )
    colours = light.ramp(trees.SPECIES["snow" if snowy else species], haze=haze)
    leaf: Leaf = "snow" if snowy else LEAVES[species]
    sprite = sprites(leaf, colours, height * (0.0135 if bare else SPRITE.get(species, 0.0215)))
    bark = light.on(trees.BARK, haze=haze)
    dressed(sheet, grown, tufts, sprite, dice, bark=bark, lit=light.bright("a07860", haze=haze), sun=light.side)


SPRITE = {"maple": 0.031, "broadleaf": 0.026}  # radius as a share of the tree's height
LEAVES: dict[str, Leaf] = {"cherry": "blossom", "broadleaf": "leaf", "maple": "maple", "pine": "needle"}


def pine(
    sheet: Sheet, light: Light, dice: Dice, x: float, y: float, height: float, *, lean: float, snowy: bool = False
) -> None:
    """A pine as gardeners shape it: a bent trunk that leans, flat cushions of needles on its arms."""
    grown = trees.Tree()
    point, heading, width = (x, y), -math.pi / 2 + 0.55 * lean, height * 0.075
    for number in range(5):
        heading += (-0.42 if number % 2 else 0.46) * lean
        step = height * 0.23
        end = point[0] + math.cos(heading) * step, point[1] + math.sin(heading) * step
        bend = (point[0] + end[0]) / 2 + height * 0.03 * lean * (-1) ** number, (point[1] + end[1]) / 2
        grown.limbs.append(trees.Limb(point, bend, end, width, width * 0.8))
        width *= 0.78
        if number:
            side = lean if number % 2 else -lean
            _cushion(grown, dice, end, side, height * (0.30 - 0.035 * number), width * 0.6)
        point = end
    grown.masses.append(trees.Mass(point[0], point[1] - height * 0.02, 0.5, height * 0.15, 0.36))
    count = 430
    tufts = trees.tufts(grown, dice, count, sun=light.side)
    species = "snow" if snowy else "pine"
    sprite = sprites("snow" if snowy else "needle", light.ramp(trees.SPECIES[species]), height * 0.030)
    bark = light.on("4a3328")
    dressed(sheet, grown, tufts, sprite, dice, bark=bark, lit=light.bright("96705a"), sun=light.side)


def _cushion(tree: Tree, dice: Dice, root: svg.Point, side: float, long: float, width: float) -> None:
    end = root[0] + side * long, root[1] - long * dice.between(0.05, 0.25)
    bend = (root[0] + end[0]) / 2, (root[1] + end[1]) / 2 + long * 0.10
    tree.limbs.append(trees.Limb(root, bend, end, width, width * 0.5))
    for part in (0.55, 1.0):
        x, y = root[0] + (end[0] - root[0]) * part, root[1] + (end[1] - root[1]) * part
        tree.masses.append(trees.Mass(x, y - long * 0.10, dice.between(-0.3, 1), long * dice.between(0.36, 0.48), 0.38))


def bough(
    sheet: Sheet,
    light: Light,
    dice: Dice,
    x: float,
    y: float,
    length: float,
    angle: float,
    *,
    species: str,
    snowy: bool,
) -> None:
    """A bough close to the eye that frames a corner."""
    grown = trees.scaled(trees.hanging(dice, length, angle), 1.0, x, y)
    kind = "snow" if snowy else species
    leaf: Leaf = {"cherry": "flower", "maple": "maple", "broadleaf": "leaf"}.get(kind, "snow")  # type: ignore[assignment]
    tufts = trees.tufts(grown, dice, 520 if not snowy else 260, sun=light.side, loose=0.25)
    sprite = sprites(leaf, light.ramp(trees.SPECIES[kind]), length * (0.0165 if not snowy else 0.011))
    bark = light.on("3a2622")
    dressed(sheet, grown, tufts, sprite, dice, bark=bark, lit=light.bright("8a6250"), sun=light.side)


def puffs(
    sheet: Sheet, light: Light, x: Plane, y: Plane, tone: Plane, colours: Sequence[str], radius: float, dice: Dice
) -> None:
    """Crowns too far off for leaves."""
    order = np.argsort(y, kind="stable")
    sprite = sprites("puff", colours, radius)
    strewn(sheet, sprite, places(x[order], y[order], tone[order], dice), colours[0])
