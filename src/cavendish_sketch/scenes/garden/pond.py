"""What is in and on the pond: koi under the surface, lily pads and their flowers, petals adrift, rings of rain."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from cavendish_sketch.canvas import svg
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.scatter import Places, Sprites
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.props import japanese
from cavendish_sketch.props.japanese import Coat
from cavendish_sketch.scenes.garden import plants, stones
from cavendish_sketch.scenes.garden.layout import Plan, Season
from cavendish_sketch.scenes.garden.light import Light

SLANT = 0.40  # height of a circle on the water as a share of its width
KOI, PADS = 7, 13
KOI_MAX = 12
GOLDEN = 0.618  # steps of this share spread evenly, however many there are
SHADOW = "04141c"
DRIFT_SIZES = (0.0028, 0.0046, 0.0066, 0.0086)  # of the size
DRIFT: dict[Season, tuple[plants.Leaf, tuple[str, ...]]] = {  # on the water, by season: sprite, colours
    "cherry": ("petal", ("f7b6cf", "ffd9e6", "ee9dbd")),
    "maple": ("maple", ("c8341f", "ef7a2c", "e0a437")),
    "green": ("petal", ("e8f0d0", "f4f4e0", "d8e8b8")),
}
LOTUS = ("f08fb4", "f9c4d8", "fff0f4")
PAD = "4f9150"


def lay(
    sheet: Sheet, plan: Plan, light: Light, dice: Dice, *, koi_count: int | None, koi_colour: str | None, raining: bool
) -> None:
    """Everything in one layer: koi, rings, pads and stepping stones, and petals over them."""
    pads, defs = lilies(plan, light, dice)
    under = "".join(
        (
            svg.group(koi(plan, light, dice, count=koi_count, colour=koi_colour), opacity=0.93),
            rings(plan, light, dice, raining=raining),
            pads,
            steps(plan, light, dice),
        )
    )
    box = 0.0, plan.shore, plan.width, plan.height - plan.shore
    defs += stones.defs(light, snowy=plan.snowy)
    plants.strewn(sheet, *petals(plan, light, dice), under=under, defs=defs, box=box)


def koi(plan: Plan, light: Light, dice: Dice, *, count: int | None, colour: str | None) -> str:
    """A school in the open water; nearer fish are larger."""
    bodies = []
    wanted = min(count or round(KOI * plan.depth), KOI_MAX)
    for number in range(wanted):
        part = (number + 0.5 + dice.between(-0.2, 0.2)) / wanted
        near = 0.24 + 0.68 * ((number * GOLDEN + 0.55) % 1) + dice.between(-0.04, 0.04)
        x = plan.staged(0.42 + 0.27 * part) + dice.between(-0.02, 0.02) * plan.size
        bodies.append((near, _fish(plan, light, dice, x, near, number, colour)))
    return "".join(body for _, body in sorted(bodies))


def _fish(plan: Plan, light: Light, dice: Dice, x: float, near: float, number: int, colour: str | None) -> str:
    y = plan.shore + (plan.height - plan.shore) * near
    reach = min(plan.height - plan.shore, plan.size)
    size = reach * (0.10 + 0.24 * near) / japanese.FISH
    coat = japanese.COATS[(number + dice.whole(0, 1)) % len(japanese.COATS)]
    if colour:
        coat = Coat(colour, "fff3e6" if number % 2 else None)
    turn = dice.between(-38, 38) + (180 if number % 3 == 1 else 0)
    bend = dice.between(0.5, 1.1) * dice.pick((-1, 1))
    deep = light.palette.water
    body = japanese.koi_in(_dyed(coat, light, deep), dice, bend=bend)
    shade = svg.polygon(japanese.outline(bend), SHADOW, 0.16)
    under = svg.group(shade, x=6, y=30, scale=1.04) + svg.group(shade, x=9, y=36, scale=0.98)
    fish = svg.group(under + body, turn=turn, scale=size)
    wake = "" if number % 3 else _ring(0, 0, size * 130, light, 0.20)
    return f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {SLANT + 0.16 * near:.3f})">{fish}{wake}</g>'


def _dyed(coat: Coat, light: Light, deep: str) -> Coat:
    """Its colours through a hand of water."""

    def through(colour: str | None) -> str | None:
        return svg.blend(svg.blend(light.on(colour), colour, 0.30 * light.night), deep, 0.13) if colour else None

    return dataclasses.replace(
        coat, body=through(coat.body) or coat.body, patch=through(coat.patch), mark=through(coat.mark)
    )


def lilies(plan: Plan, light: Light, dice: Dice) -> tuple[str, str]:
    """Groups of pads to both sides of the open water, some in flower; elements and gradients."""
    groups = ((0.17, 0.34), (0.70, 0.26), (0.30, 0.70), (0.64, 0.62), (0.47, 0.17))
    pads = []
    for number in range(round((PADS + 2 * plan.width / plan.size) * plan.depth)):
        share, near = groups[number % len(groups)]
        near = min(max(near + dice.normal() * 0.045, 0.10), 0.92)
        is_grouped = number < 2 * len(groups)
        near = near if is_grouped else dice.between(0.08, 0.95)
        place = plan.staged(share) if is_grouped else dice.between(0.05, 0.95) * plan.width
        x = place + dice.normal() * (0.03 + 0.06 * near) * plan.size
        pads.append((near, x, number % 4 == 1))
    body = ""
    for near, x, blooming in sorted(pads):
        radius = min(plan.height - plan.shore, plan.size) * (0.022 + 0.078 * near) * dice.between(0.75, 1.15)
        y = plan.shore + (plan.height - plan.shore) * near
        body += pad(light, dice, x, y, radius, flat=SLANT + 0.06 * near, blooming=blooming)
    return body, pad_defs(light)


def pad_defs(light: Light) -> str:
    """The gradient that pads refer to."""
    stops = ((0, light.bright("8ec26a")), (0.6, light.on(PAD)), (1, light.dark(PAD)))
    return svg.linear_gradient("pad", stops, x2=0.7, y2=1)


def pad(light: Light, dice: Dice, x: float, y: float, radius: float, *, flat: float, blooming: bool) -> str:
    """A lily pad on the water; `flat` is its height as a share of its width."""
    notch, gap = dice.between(0, math.tau), 0.20
    start, stop = notch + gap, notch - gap
    outline = (
        f"M0,0L{math.cos(start) * radius:.1f},{math.sin(start) * radius:.1f}"
        f"A{radius:.1f},{radius:.1f} 0 1 1 {math.cos(stop) * radius:.1f},{math.sin(stop) * radius:.1f}z"
    )
    veins = "".join(
        f"M0,0L{math.cos(angle) * radius * 0.9:.1f},{math.sin(angle) * radius * 0.9:.1f}"
        for angle in (notch + math.tau * step / 11 for step in range(1, 11))
    )
    edge = light.bright("b4d884")
    leaf = (
        f'<g transform="translate(0 {radius * 0.16:.1f})">{svg.path(outline, SHADOW, 0.30)}</g>'
        + svg.path(outline, "url(#pad)")
        + svg.path(veins, stroke=light.dark(PAD), width=radius * 0.025).replace("/>", ' stroke-opacity="0.6"/>')
        + svg.path(outline, stroke=edge, width=radius * 0.045).replace("/>", ' stroke-opacity="0.7"/>')
    )
    flower = _lotus(radius * 0.62, light, dice) if blooming else ""
    body = f'<g transform="scale(1 {flat:.3f})">{leaf}</g>{flower}'
    return svg.group(body, x=x, y=y)


def _lotus(size: float, light: Light, dice: Dice) -> str:
    """Petals in three rings, each nearer ring lower and lighter."""
    dark, middle, pale = (light.on(tone) for tone in LOTUS)
    pieces = [svg.ellipse(0, size * 0.05, size * 0.8, size * 0.2, SHADOW, 0.28)]
    for tone, count, spread, tall, lift in (
        (dark, 7, 1.25, 1.0, 0.16),
        (middle, 6, 0.95, 0.92, 0.08),
        (pale, 5, 0.62, 0.72, 0.0),
    ):
        for number in range(count):
            way = (number / (count - 1) - 0.5) * 2 * spread
            pieces.append(_lotus_petal(way, size * tall, size * lift, tone, light))
    return "".join(pieces) + svg.ellipse(0, -size * 0.10, size * 0.16, size * 0.10, light.bright("ffd45a"))


def _lotus_petal(way: float, long: float, lift: float, tone: str, light: Light) -> str:
    tip_x, tip_y = math.sin(way) * long, -math.cos(way) * long * 0.80 - lift
    side_x, side_y = math.cos(way) * long * 0.26, math.sin(way) * long * 0.26
    middle_x, middle_y = tip_x * 0.55, tip_y * 0.5
    path = (
        f"M0,0Q{middle_x - side_x:.1f},{middle_y - side_y:.1f} {tip_x:.1f},{tip_y:.1f}"
        f"Q{middle_x + side_x:.1f},{middle_y + side_y:.1f} 0,0z"
    )
    rim = svg.blend(tone, light.on("d9769c"), 0.5)
    return f'<path d="{path}" fill="#{tone}" stroke="#{rim}" stroke-width="{long * 0.018:.2f}"/>'


def petals(plan: Plan, light: Light, dice: Dice) -> tuple[Sprites, Places, str]:
    """Petals or leaves adrift, gathered in streaks, larger when near."""
    leaf, tones = DRIFT[plan.season]
    count = round(330 * (plan.width / plan.size / 1.8) ** 0.7 * plan.depth) // (4 if plan.snowy else 1)
    near = np.sort(dice.uniforms(count) ** np.float32(1.35)) * np.float32(0.96) + np.float32(0.03)
    x = dice.uniforms(count) * np.float32(plan.width)
    y = plan.shore + np.float32(plan.height - plan.shore) * near
    pull = np.sin(x * np.float32(7 / plan.size) + dice.between(0, 6)) * np.float32(0.035 * plan.size) * near
    y = (y + pull).clip(plan.shore + 6, plan.height).astype(np.float32)
    shown = tuple(light.on(tone) for tone in tones)
    sprite = plants.sprites(leaf, shown, plan.size, flat=0.5, spread=DRIFT_SIZES)
    tone = (dice.uniforms(count) * len(tones)).astype(int)
    return sprite, plants.places(x, y, tone, dice, size=np.digitize(near, (0.25, 0.55, 0.8))), shown[0]


def rings(plan: Plan, light: Light, dice: Dice, *, raining: bool) -> str:
    """Where drops fall, or where a fish has touched the surface."""
    body = ""
    for _ in range(70 if raining else 3):
        near = dice.between(0.04, 0.98)
        x, y = dice.between(0, plan.width), plan.shore + (plan.height - plan.shore) * near
        radius = plan.size * (0.008 + 0.040 * near) * dice.between(0.5, 1.2)
        for part in (1.0, 0.55):
            ring = _ring(0, 0, radius * part, light, 0.42 if raining else 0.26)
            body += f'<g transform="translate({x:.1f} {y:.1f}) scale(1 {SLANT})">{ring}</g>'
    return body


def _ring(x: float, y: float, radius: float, light: Light, opacity: float) -> str:
    tone = svg.blend(light.palette.sky[-1][1], "ffffff", 0.3)
    ring = f'<circle cx="{x}" cy="{y}" r="{radius:.1f}" fill="none" stroke="#{tone}" stroke-opacity="{opacity}"'
    return f'{ring} stroke-width="{max(radius * 0.022, 0.7):.2f}"/>'


def steps(plan: Plan, light: Light, dice: Dice) -> str:
    """Flat stones from the viewer's feet across the water to the bridge."""
    body = []
    count = 8
    for number in range(count):
        part = number / (count - 1)
        near = 1.0 - 0.90 * part**0.62
        y = plan.shore + (plan.height - plan.shore) * near
        bow = 0.30 + 0.10 * math.sin(part * 2.6) + 0.018 * (-1) ** number * near
        wide = plan.size * (0.030 + 0.165 * near**1.2)
        body.append((y, stones.step(plan.staged(bow), y, wide, dice, flat=0.34 + 0.10 * near)))
    return "".join(text for _, text in sorted(body))
