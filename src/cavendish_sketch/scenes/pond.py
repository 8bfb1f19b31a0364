"""Pond: water seen from above, with rings, lily pads and the backs of koi."""

from __future__ import annotations

import dataclasses
import math

from cavendish_sketch.canvas import figures, svg
from cavendish_sketch.canvas.canvas import Canvas
from cavendish_sketch.canvas.field import Dice, Report
from cavendish_sketch.canvas.palettes import PALETTES, Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Design, Subject
from cavendish_sketch.nature import pond as waters
from cavendish_sketch.props import japanese
from cavendish_sketch.props.japanese import Coat
from cavendish_sketch.scenes import garden
from cavendish_sketch.scenes.garden import layout, pond
from cavendish_sketch.scenes.garden.light import Light
from cavendish_sketch.scenes.landscape import layout as landscape_layout

KOI, KOI_MAX = 7, 12
FLAT = 0.86  # the eye looks down at a slant
PADS = (
    (0.06, 0.16),
    (0.13, 0.06),
    (0.19, 0.22),
    (0.93, 0.88),
    (0.85, 0.95),
    (0.80, 0.80),
    (0.95, 0.70),
    (0.94, 0.10),
    (0.05, 0.90),
)
COPIES_MAX, FIGURES_MAX = 4, 6
SPOTS = ((0.50, 0.60), (0.28, 0.42), (0.72, 0.40), (0.34, 0.80), (0.70, 0.78), (0.50, 0.26))
GREENERY = ("10343a", "1d5a58", "3f8f78", "8fc7a0")  # depths of a pond by day
SHADOW = "04141c"


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole scene."""
    palette = PALETTES[brief.time]
    canvas = Canvas.of(sheet.grid)
    waters.water(canvas, _design(brief, palette), dice, lambda part: report(part * 0.6))
    sheet.expose(canvas)
    _koi(sheet, brief, palette, dice)
    _pads(sheet, palette, dice)
    report(0.8)
    _figures(sheet, brief, palette)
    garden.falling(sheet, brief, Light(palette, -1.0), dice, layout.season_of(brief))
    report(1.0)


def _design(brief: Brief, palette: Palette) -> Design:
    """The family's own design in the palette's light: depth below, sky on the water."""
    sky = palette.sky
    depth = tuple(svg.blend(tone, palette.water, 0.35 + 0.4 * palette.night) for tone in GREENERY)
    ramp = (
        svg.blend(depth[0], palette.near, 0.5),
        depth[0],
        depth[1],
        svg.blend(depth[2], sky[-2][1], 0.35),
        svg.blend(depth[3], sky[-1][1], 0.5),
    )
    traits = {"rain"} if "rain" in brief.weather else set[str]()
    accents = {"cherry": ("f7b6cf", "ffd9e6", "ee9dbd"), "maple": ("c8341f", "ef7a2c", "e0a437"), "green": ("e8f0d0",)}
    season = layout.season_of(brief)
    if {"petals", "leaves"} & brief.weather or {"cherry", "autumn"} & brief.traits:
        traits.add("petals")
    return dataclasses.replace(
        brief.design,
        family="pond",
        ramp=ramp,
        accents=accents[season],
        light=svg.blend(depth[2], palette.sun, 0.35),
        traits=frozenset(traits),
    )


def _koi(sheet: Sheet, brief: Brief, palette: Palette, dice: Dice) -> None:
    """A school that circles under the surface, unless the prompt is about something else."""
    school = next((subject for subject in brief.subjects if subject.prop == "koi"), None)
    if school is None and brief.subjects:
        return
    count = KOI if school is None or school.count in garden.UNCOUNTED else min(school.count, KOI_MAX)
    light = Light(palette, -1.0)
    short, start = min(sheet.width, sheet.height), dice.between(0, math.tau)
    bodies = []
    for number in range(count):
        way = start + math.tau * (number + dice.between(-0.16, 0.16)) / count
        reach = dice.between(0.26, 0.36) if number % 2 else dice.between(0.20, 0.30)
        x, y = sheet.width * (0.5 + math.cos(way) * reach), sheet.height * (0.5 + math.sin(way) * reach)
        angle = math.degrees(math.atan2(math.cos(way) * sheet.height, -math.sin(way) * sheet.width)) + dice.between(
            -22, 22
        )
        size = short * dice.between(0.27, 0.40) / japanese.FISH
        coat = _lit(japanese.COATS[number % len(japanese.COATS)], light, school.colour if school else None)
        bend = -1.0 if number % 3 else 1.0
        bend *= dice.between(0.5, 1.2)
        shade = svg.polygon(japanese.outline(bend), SHADOW, 0.15)
        under = "".join(svg.group(shade, x=step * 7, y=step * 9, scale=1.06 - 0.03 * step) for step in (1, 2, 3))
        # The shadow falls to one side of the page, whichever way the fish is turned.
        fish = svg.group(under, turn=angle, x=10, y=16) + svg.group(japanese.koi_in(coat, dice, bend=bend), turn=angle)
        bodies.append(svg.group(fish, x=x, y=y, scale=size))
    sheet.draw("".join(bodies), opacity=0.92)


def _pads(sheet: Sheet, palette: Palette, dice: Dice) -> None:
    """Leaves and flowers in the corners; the middle is for what the picture is about."""
    light, short = Light(palette, -1.0), min(sheet.width, sheet.height)
    body = ""
    for number, (x, y) in enumerate(PADS):
        px, py = x * sheet.width + dice.normal() * 0.02 * short, y * sheet.height + dice.normal() * 0.02 * short
        radius = short * dice.between(0.075, 0.135)
        body += pond.pad(light, dice, px, py, radius, flat=FLAT, blooming=number % 3 == 0)
    sheet.draw(body, defs=pond.pad_defs(light))


def _lit(coat: Coat, light: Light, colour: str | None) -> Coat:
    def through(tone: str | None) -> str | None:
        return (
            svg.blend(svg.blend(light.on(tone), tone, 0.35 * light.night), light.palette.water, 0.12) if tone else None
        )

    body = colour or coat.body
    return Coat(
        through(body) or body, through("fff3e6" if colour else coat.patch), None if colour else through(coat.mark)
    )


def _figures(sheet: Sheet, brief: Brief, palette: Palette) -> None:
    """What floats or sits on the water, each with its shadow."""
    shown = [subject for subject in brief.subjects if belongs(subject)]
    copies = [subject for subject in shown for _ in range(min(subject.count, COPIES_MAX))][:FIGURES_MAX]
    short = min(sheet.width, sheet.height)
    tall = short * (0.46, 0.46, 0.38, 0.32, 0.28, 0.26, 0.24)[len(copies)]
    for number, (subject, (x, y)) in enumerate(zip(copies, SPOTS, strict=False)):
        figures.put(
            sheet, subject, x * sheet.width, y * sheet.height + tall / 2, tall,
            palette=palette, flip=number % 2 == 1, shadow=0.4, width_max=short * 0.6,
        )  # fmt: skip


def belongs(subject: Subject) -> bool:
    return subject.prop != "koi" and subject.drawing not in landscape_layout.SHOWN
