"""A garden of the western kind: lawn, clipped hedges, beds of flowers along a path, a fountain where it ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cavendish_sketch.canvas import art, figures, svg, tiles
from cavendish_sketch.canvas.field import Dice, Plane, Planes, ease
from cavendish_sketch.canvas.scatter import Places, Sprites
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.props import trees
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes.garden import foreground, layout, plants
from cavendish_sketch.scenes.garden.layout import Season
from cavendish_sketch.scenes.garden.light import Light

HORIZON, HORIZON_TALL = 0.47, 0.55  # of the height
FAR_END = 0.20  # nearness of the hedge, where the garden ends: 1 is at the viewer's feet
FOUNTAIN = 0.33  # nearness
ROWS, PER_ROW = 26, 15  # of flowers on each side
PATH, BED = 0.135, 0.50  # half width of the path, width of a bed, as shares of the size at nearness 1
BED_START = 0.235  # nearness
SIZE_BANDS = 7
KINDS_MAX = 5  # of flowers in the beds
SHRUBS = (  # aside in sizes, nearness, radius in sizes, colours
    (-0.86, 0.42, 0.085, "pink"), (0.88, 0.44, 0.09, "green"), (-1.02, 0.56, 0.11, "green"), (1.0, 0.60, 0.12, "blue"),
    (-1.12, 0.82, 0.15, "blue"), (1.12, 0.86, 0.16, "pink"), (-0.78, 0.70, 0.10, "white"), (0.80, 0.74, 0.10, "white"),
)  # fmt: skip
SHRUB_TONES = {
    "pink": ("9c2f6a", "e0669a", "ffb6d0"),
    "green": ("2c5526", "5d9238", "b2d264"),
    "blue": ("3a3f9a", "7d86d8", "c8d0ff"),
    "white": ("8aa07a", "e6ead8", "ffffff"),
    "autumn": ("7a3a14", "cf7a24", "f6c04a"),
    "snow": ("9fb2cc", "e2eaf4", "ffffff"),
}
# Drawings of the art for the beds; others that a prompt names go first.
BED_FLOWERS = {
    "cherry": ("1f337", "1f33c", "1f339", "1f33a", "1f33b"),
    "green": ("1f33c", "1f33b", "1f33a", "1f339", "1f337"),
    "maple": ("1f33b", "1f33c", "1f3f5", "1f33a", "1f339"),
}
PLANTED = frozenset(["1f337", "1f339", "1f33b", "1f33c", "1f33a", "1fab7", "1f338", "1f3f5", "1f490", "1fabb"])
FOUNTAIN_DRAWING = "26f2"
OWN_TONES = ("e2486a", "ffd24f", "f27fb0", "ff8a3c", "fdf4ec")
LAWN = {"cherry": "79ab48", "green": "6fa342", "maple": "a29a48"}
SNOW = "e8eef6"
FOLIAGE = {"cherry": "broadleaf", "green": "broadleaf", "maple": "maple"}


@dataclass(frozen=True, slots=True)
class View:
    """A garden in perspective; lengths in points. Nearness is 1 at the lower edge, 0 at the horizon."""

    width: float
    height: float
    horizon: float
    size: float
    bend: float
    season: Season
    snowy: bool

    def y(self, near: float) -> float:
        return self.horizon + (self.height - self.horizon) * near

    def x(self, aside: float, near: float) -> float:
        """A place `aside` sizes to the right of the path's middle."""
        middle = self.width / 2 + self.bend * self.size * math.sin((1 - near) * 2.6) * near
        return middle + aside * self.size * near


def view(sheet: Sheet, brief: Brief, dice: Dice) -> View:
    width, height = sheet.width, sheet.height
    share = HORIZON if width >= height * 0.9 else HORIZON_TALL
    bend = dice.between(0.16, 0.30) * dice.pick((-1, 1))
    size = min(height, 1.15 * width)
    return View(width, height, share * height, size, bend, layout.season_of(brief), layout.snowy(brief))


def backdrop(sheet: Sheet, scene: View, light: Light, dice: Dice, planes: Planes) -> None:
    """Hills behind, and the lawn with its mown stripes, laid over a sky in place."""
    grid, scale = sheet.grid, sheet.scale
    foot = scene.horizon * scale
    rows = np.arange(grid.rows, dtype=np.float32)[:, None]
    for tall, haze in ((0.16, 0.72), (0.10, 0.5)):
        crest = tiles.line(dice, 2.9, grid.columns) * np.float32(tall * scene.size * scale)
        tone = light.on(SNOW if scene.snowy else "5f8a58", haze=haze)
        _over(planes, np.clip(rows - (foot - crest)[None], 0, 1), tone)
    near = np.clip((rows - foot) / np.float32(grid.rows - foot), 0, 1)
    lawn = SNOW if scene.snowy else LAWN[scene.season]
    _over(planes, np.clip(rows - np.float32(foot) + 1, 0, 1), light.on(lawn, haze=0.35))
    _over(planes, ease(0.0, 0.8, near), light.bright(lawn))
    across = (np.arange(grid.columns, dtype=np.float32)[None] / grid.columns - 0.5) / np.maximum(near, 0.03)
    stripes = ease(-0.25, 0.25, np.sin(across * np.float32(11 * scene.width / scene.size))) * ease(0.02, 0.2, near)
    _over(planes, stripes * np.float32(0.0 if scene.snowy else 0.16), light.dark(lawn))


def _over(planes: Planes, amount: Plane, colour: str) -> None:
    for plane, channel in zip(planes, svg.channels(colour), strict=True):
        plane += (np.float32(channel / 255) - plane) * amount


def far_end(sheet: Sheet, scene: View, light: Light, dice: Dice) -> None:
    """Trees, and a clipped hedge before them."""
    species = FOLIAGE[scene.season]
    spots = [(-1.5, 0.24, 0.52), (1.55, 0.25, 0.56), (-0.75, 0.21, 0.34), (0.85, 0.21, 0.36)]
    extra = int(scene.width / scene.size / 1.8)
    spots += [(side * (2.6 + 1.3 * number), 0.26, 0.5) for number in range(extra) for side in (-1, 1)]
    haze = [0.30, 0.30, 0.42, 0.42] + [0.3] * 20
    for number, (aside, near, tall) in sorted(enumerate(spots), key=lambda pair: pair[1][1]):
        x = scene.width / 2 + aside * 0.42 * scene.size
        plants.tree(
            sheet, light, dice, x, scene.y(near * 0.42), tall * scene.size,
            species=species, habit=trees.BROADLEAF, haze=haze[number] * 0.6, count=1300, snowy=scene.snowy,
        )  # fmt: skip
    _hedge(sheet, scene, light, dice)


def _hedge(sheet: Sheet, scene: View, light: Light, dice: Dice) -> None:
    """Where the garden ends."""
    greens = ("3f6f38", "4c7f40", "5a8c46")
    tones = [light.on(svg.blend(green, "eef3f9", 0.75 if scene.snowy else 0), haze=0.16) for green in greens]
    radius = 0.030 * scene.size
    x = np.arange(-20, scene.width + 20, radius * 0.9, dtype=np.float32)
    kind = (dice.uniforms(len(x)) * len(tones)).astype(int)
    y = np.full(len(x), scene.y(FAR_END * 0.55), np.float32) + dice.normals(len(x)) * np.float32(radius * 0.10)
    plants.puffs(sheet, light, x, y, kind, tones, radius, dice)


def path(scene: View, light: Light) -> tuple[str, str]:
    """Gravel between two kerbs; elements and gradients."""

    def strip(low: float, high: float, start: float = BED_START) -> list[svg.Point]:
        nears = [start + (1.05 - start) * (step / 30) ** 1.3 for step in range(31)]
        left = [(scene.x(low, near), scene.y(near)) for near in nears]
        return left + [(scene.x(high, near), scene.y(near)) for near in reversed(nears)]

    gravel = "e6e4e2" if scene.snowy else "dcc9a4"
    soil = "dfe6ee" if scene.snowy else "5c4330"
    grass = light.on("f6f9fd") if scene.snowy else light.dark("4f7f34")
    defs = svg.linear_gradient(
        "gravel", ((0, light.on(gravel, haze=0.4)), (0.4, light.on(gravel)), (1, light.bright(gravel)))
    )
    body = ""
    for side in (-1, 1):
        inner, outer = side * (PATH + 0.03), side * (PATH + BED)
        body += svg.polygon(strip(inner, outer + side * 0.02), grass) + svg.polygon(strip(inner, outer), light.on(soil))
    body += svg.polygon(strip(-PATH - 0.022, PATH + 0.022), light.on("f3ece0")) + svg.polygon(
        strip(-PATH, PATH), "url(#gravel)"
    )
    near, round_ = FOUNTAIN, 0.42 * scene.size * FOUNTAIN
    body += svg.ellipse(scene.x(0, near), scene.y(near), round_ * 1.5, round_ * 0.5, light.on("f3ece0"))
    return body + svg.ellipse(scene.x(0, near), scene.y(near), round_ * 1.42, round_ * 0.46, "url(#gravel)"), defs


def beds(scene: View, light: Light, dice: Dice, wanted: tuple[str, ...], *, nearer: bool) -> tuple[Sprites, Places]:
    """Flowers in strips of one kind, larger when near; those beyond the fountain, or those before it."""
    bodies = _bodies(wanted, scene.season)
    x, y, kind, near = _spots(scene, dice, len(bodies))
    chosen = (near > FOUNTAIN) == nearer
    tallest = 0.058 * scene.size
    sizes = tuple(tallest * (band + 0.5) / SIZE_BANDS for band in range(SIZE_BANDS))
    band = (near * SIZE_BANDS).astype(int).clip(0, SIZE_BANDS - 1)
    factor = 1 - 0.42 * light.night
    red, green, blue = (value * factor for value in light.palette.ambient)
    places = Places(x[chosen], y[chosen], kind[chosen], band[chosen])
    return Sprites(bodies, sizes, light=(red, green, blue)), places


def _spots(scene: View, dice: Dice, kinds: int) -> tuple[Plane, Plane, Plane, Plane]:
    rows: list[tuple[float, float, int, float]] = []
    for row in range(ROWS):
        near = BED_START + 0.015 + 0.80 * ((row + dice.between(0, 0.6)) / ROWS) ** 1.45
        for side in (-1, 1):
            for number in range(PER_ROW):
                part = (number + dice.between(0.1, 0.9)) / PER_ROW
                x = scene.x(side * (PATH + 0.05 + (BED - 0.07) * part), near)
                rise = 0.040 * scene.size * near
                rows.append(
                    (
                        x,
                        scene.y(near) - rise + dice.between(-0.008, 0.008) * scene.size * near,
                        int(part * 4.99) % kinds,
                        near,
                    )
                )
    rows.sort(key=lambda spot: spot[1])
    table = np.array(rows, np.float32).T
    return table[0], table[1], table[2].astype(int), table[3]


def _bodies(wanted: tuple[str, ...], season: Season) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys((*wanted, *BED_FLOWERS[season])))[:KINDS_MAX]
    drawn = [body for code in codes if (body := art.drawing(code))]
    if drawn:
        return tuple(
            f'<g transform="scale({2 / 128:.6f}) translate(-64 -64)">{svg.namespaced(body, f"f{number}")}</g>'
            for number, body in enumerate(drawn)
        )
    return tuple(_flower(tone) for tone in OWN_TONES)


def _flower(tone: str) -> str:
    """A flower of our own, where there is no art."""
    stem = svg.path("M0,-0.1V1", stroke="4f8a3a", width=0.12) + svg.path(
        "M0,0.8Q-0.5,0.6 -0.6,0.1Q-0.1,0.3 0,0.8Q0.5,0.6 0.6,0.1Q0.1,0.3 0,0.8z", "5c9a44"
    )
    petals = "".join(
        svg.ellipse(math.cos(angle) * 0.34, -0.45 + math.sin(angle) * 0.34, 0.30, 0.22, tone, turn=math.degrees(angle))
        for angle in (math.tau * number / 6 for number in range(6))
    )
    return stem + petals + svg.ellipse(0, -0.45, 0.2, 0.2, "ffc93a")


def shrubs(sheet: Sheet, scene: View, light: Light, dice: Dice) -> None:
    """Round bushes on the lawn, in flower or clipped, from far to near."""
    for aside, near, radius, tone in sorted(SHRUBS, key=lambda shrub: shrub[1]):
        kind = "snow" if scene.snowy else "autumn" if scene.season == "maple" and tone != "green" else tone
        leaf: plants.Leaf = "snow" if scene.snowy else "leaf" if tone == "green" else "blossom"
        x = scene.width / 2 + (aside + dice.between(-0.06, 0.06)) * scene.size * (0.62 + 0.25 * near)
        foot = scene.y(near)
        shadow = svg.ellipse(
            x + radius * 0.2 * scene.size,
            foot,
            radius * 1.5 * scene.size,
            radius * 0.30 * scene.size,
            light.dark("2c4a24"),
            0.35,
        )
        sheet.draw(shadow)
        foreground.blooming(sheet, light, dice, x, foot, radius * scene.size, SHRUB_TONES[kind], leaf=leaf)


def fountain(sheet: Sheet, scene: View, light: Light, clay: figures.Light) -> None:
    """At the end of the path."""
    drawing = figures.art_drawing(FOUNTAIN_DRAWING) or _fountain()
    x, y = scene.x(0, FOUNTAIN), scene.y(FOUNTAIN) + 0.012 * scene.size
    figures.put(sheet, drawing, x, y, 0.24 * scene.size, light=clay, shadow=0.35)
    if light.glows:
        sheet.light(x, y - 0.10 * scene.size, 0.10 * scene.size, "ffd9a0", 0.30 * light.night)


def _fountain() -> Drawing:
    stone, water = "b9b4aa", "8fd0ee"
    body = svg.path("M-90,-10Q-84,20 -60,24H60Q84,20 90,-10z", stone) + svg.ellipse(0, -10, 90, 16, "d8d3c8")
    body += svg.ellipse(0, -10, 80, 12, water) + svg.polygon([(-12, -10), (12, -10), (8, -80), (-8, -80)], stone)
    body += svg.path("M-44,-86Q-30,-64 0,-64Q30,-64 44,-86z", stone) + svg.ellipse(0, -86, 44, 8, water)
    jets = "M0,-90Q-4,-150 -34,-88M0,-90Q4,-150 34,-88M0,-90V-140M-40,-84Q-62,-70 -64,-14M40,-84Q62,-70 64,-14"
    return Drawing(body + svg.path(jets, stroke="e8f8ff", width=4), "", (-92, -145, 184, 172))


def planted(subject: Subject) -> bool:
    """A flower that grows in the beds, and does not stand there alone."""
    return subject.drawing in PLANTED
