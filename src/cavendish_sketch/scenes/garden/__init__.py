"""Garden: a Japanese one around a pond, or beds of flowers around a fountain."""

from __future__ import annotations

import dataclasses

import numpy as np

from cavendish_sketch.canvas import figures, scatter, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice, Report
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import subjects
from cavendish_sketch.language.brief import Brief, Prop, Subject, Weather
from cavendish_sketch.nature import reflection, skies
from cavendish_sketch.scenes.garden import background, flowers, foreground, layout, plants, pond
from cavendish_sketch.scenes.garden.foreground import Corner
from cavendish_sketch.scenes.garden.layout import Plan, Season
from cavendish_sketch.scenes.garden.light import Light
from cavendish_sketch.scenes.landscape import layout as landscape_layout
from cavendish_sketch.scenes.landscape import weather

DARK = 0.5
ITS_OWN: frozenset[Prop | None] = frozenset(
    {"bridge", "koi", "lantern", "pagoda", "tree"}
)  # the garden has them anyway
JAPANESE_PROPS: frozenset[Prop | None] = frozenset({"koi", "pagoda", "lantern", "bridge"})
JAPANESE_TRAITS = frozenset({"japanese", "cherry", "bamboo"})
TORII = "26e9"
UNCOUNTED = (1, subjects.PLURAL)  # "koi" and "koi fish": as many as look well
SUBJECTS_MAX, COPIES_MAX = 5, 5
DRIFTING: frozenset[Weather] = frozenset({"petals", "leaves"})
ADRIFT, ADRIFT_SIZES = 110, (0.0042, 0.0062, 0.0090, 0.0135)  # on a page of 16:9; shares of its shorter side


def draw(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    """Lay the whole scene."""
    palette = PALETTES[brief.time]
    sheet.film = Film(bloom=0.24 if palette.night < DARK else 0.36, vignette=0.20, contrast=1.05)
    (_japanese if is_japanese(brief) else _western)(sheet, brief, dice, report)


def is_japanese(brief: Brief) -> bool:
    """By its words, or by what stands in it."""
    props = {subject.prop for subject in brief.subjects}
    drawings = {subject.drawing for subject in brief.subjects}
    return bool(JAPANESE_TRAITS & brief.traits or JAPANESE_PROPS & props or TORII in drawings)


def _japanese(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    palette = PALETTES[brief.time]
    plan = layout.plan(sheet, brief, dice)
    wanted = brief.traits | {"sun_right" if plan.flip else "sun_left"}
    horizon = (plan.shore - 0.02 * plan.size) / plan.height
    sky = skies.paint(sheet.grid, palette, dice, horizon=horizon, weather=brief.weather, traits=wanted)
    light = Light(palette, 1.0 if (sky.sun.x > 0.5 if sky.sun else plan.flip) else -1.0)
    report(0.2)
    background.hills(sheet, plan, light, dice, sky.planes)
    sheet.backdrop(sky.planes)
    background.woods(sheet, plan, light, dice)
    _moonlight(sheet, sky)
    report(0.35)
    lit = background.buildings(sheet, plan, light, _colour(brief, "pagoda"))
    background.bank(sheet, plan, light, dice)
    background.groves(sheet, plan, light, dice, plan.behind)
    _far_subjects(sheet, brief, plan, light)
    background.bridge(sheet, plan, light, _colour(brief, "bridge"))
    background.lantern(sheet, plan, light)
    background.groves(sheet, plan, light, dice, plan.trees)
    background.pine(sheet, plan, light, dice)
    report(0.55)
    reflection.mirror(sheet, plan.shore, palette=palette, dice=dice, roughness=2.0 if _is_windy(brief) else 0.8)
    background.lamp_light(sheet, plan, light, lit)
    report(0.65)
    _pond(sheet, brief, plan, light, dice)
    report(0.8)
    _foreground(sheet, brief, plan, light, dice)
    report(0.93)
    falling(sheet, brief, light, dice, plan.season)
    weather.fall(sheet, dataclasses.replace(brief, weather=brief.weather - DRIFTING), horizon, palette, dice)
    report(1.0)


def _western(sheet: Sheet, brief: Brief, dice: Dice, report: Report) -> None:
    palette = PALETTES[brief.time]
    scene = flowers.view(sheet, brief, dice)
    horizon = scene.horizon / scene.height
    sky = skies.paint(sheet.grid, palette, dice, horizon=horizon, weather=brief.weather, traits=brief.traits)
    light = Light(palette, 1.0 if sky.sun and sky.sun.x > 0.5 else -1.0)
    report(0.25)
    flowers.backdrop(sheet, scene, light, dice, sky.planes)
    sheet.backdrop(sky.planes)
    _moonlight(sheet, sky)
    flowers.far_end(sheet, scene, light, dice)
    report(0.45)
    wanted = tuple(s.drawing for s in brief.subjects if s.drawing and flowers.planted(s))
    body, defs = flowers.path(scene, light)
    sheet.draw(body, defs=defs)
    # Both halves of the beds grow from the same dice: one plan, cut in two by the fountain.
    seed = dice.uniforms(8).tobytes()
    for nearer in (False, True):
        sprite, spots = flowers.beds(scene, light, Dice(seed), wanted, nearer=nearer)
        if not scene.snowy:
            plants.strewn(sheet, sprite, spots, light.on("5c8a44"))
        if not nearer:
            flowers.fountain(sheet, scene, light, background.clay(light))
    flowers.shrubs(sheet, scene, light, dice)
    report(0.75)
    _around(sheet, brief, scene, light)
    falling(sheet, brief, light, dice, scene.season)
    weather.fall(sheet, dataclasses.replace(brief, weather=brief.weather - DRIFTING), horizon, palette, dice)
    report(1.0)


def _around(sheet: Sheet, brief: Brief, scene: flowers.View, light: Light) -> None:
    """The prompt's subjects: on the path, on the lawn, in the air."""
    skipped = flowers.FOUNTAIN_DRAWING
    found = [s for s in subjects_of(brief) if not flowers.planted(s) and s.drawing != skipped]
    ground = [s for s in found if place_of(s) != "air" for _ in range(min(s.count, COPIES_MAX))][:COPIES_MAX]
    for number, subject in enumerate(ground):
        aside = (number - (len(ground) - 1) / 2) * 0.34
        near = 0.92 - 0.06 * (number % 2)
        figures.put(
            sheet, subject, scene.x(aside, near), scene.y(near), scene.size * (0.31 if len(ground) < 3 else 0.26),
            light=background.clay(light), flip=number % 2 == 1, width_max=0.5 * scene.size,
        )  # fmt: skip
    spots = ((0.30, 0.50, 0.15), (0.70, 0.34, 0.12), (0.55, 0.62, 0.10), (0.18, 0.30, 0.09), (0.84, 0.60, 0.09))
    air = [s for s in found if place_of(s) == "air" for _ in range(min(s.count, COPIES_MAX))]
    for subject, (x, y, tall) in zip(air, spots, strict=False):
        figures.put(
            sheet, subject, x * scene.width, y * scene.horizon * 1.4, tall * scene.size,
            light=background.clay(light), anchor="middle",
        )  # fmt: skip


def falling(sheet: Sheet, brief: Brief, light: Light, dice: Dice, season: Season) -> None:
    """Petals or leaves in the air, in this garden's own light."""
    if not brief.weather & DRIFTING:
        return
    leaf, tones = pond.DRIFT["maple" if "leaves" in brief.weather else season]
    shown = tuple(svg.blend(light.on(tone), tone, 0.25) for tone in tones)
    count = round(ADRIFT * (sheet.width * sheet.height / 1_792_000) ** 0.75)
    sprite = plants.sprites(leaf, shown, min(sheet.width, sheet.height), spread=ADRIFT_SIZES)
    near = dice.uniforms(count) ** np.float32(2.2)
    x, y = dice.uniforms(count) * np.float32(sheet.width), dice.uniforms(count) * np.float32(sheet.height)
    tone = (dice.uniforms(count) * len(shown)).astype(int)
    size = np.digitize(near, (0.35, 0.70, 0.93))
    for layer in scatter.loose(sprite, plants.places(x, y, tone, dice, size=size), shown[0]):
        sheet.lay(layer)


def _is_windy(brief: Brief) -> bool:
    return brief.time == "storm" or "rain" in brief.weather


def _moonlight(sheet: Sheet, sky: skies.Sky) -> None:
    """The glow of sun or moon itself."""
    if sky.sun:
        strength = 0.40 if sky.sun.moon else 0.45 * sky.sun.strength
        sheet.light(sky.sun.x * sheet.width, sky.sun.y * sheet.height, sky.sun.radius * 1400, sky.sun.colour, strength)


def _colour(brief: Brief, prop: Prop) -> str | None:
    return next((subject.colour for subject in brief.subjects if subject.prop == prop), None)


def _pond(sheet: Sheet, brief: Brief, plan: Plan, light: Light, dice: Dice) -> None:
    school = next((subject for subject in brief.subjects if subject.prop == "koi"), None)
    pond.lay(
        sheet, plan, light, dice,
        koi_count=school.count if school and school.count not in UNCOUNTED else None,
        koi_colour=school.colour if school else None,
        raining="rain" in brief.weather,
    )  # fmt: skip


def _foreground(sheet: Sheet, brief: Brief, plan: Plan, light: Light, dice: Dice) -> None:
    near = [subject for subject in subjects_of(brief) if place_of(subject) == "ground"]
    main, other = foreground.corners(sheet, plan, light, dice, roomy=bool(near))
    foreground.flowers(sheet, plan, light, dice, main, other)
    foreground.lantern(sheet, plan, light, main)
    _afloat(sheet, brief, plan, light)
    _standing(sheet, near, plan, light, other)
    _aloft(sheet, brief, plan, light)
    foreground.bough(sheet, plan, light, dice)


# ------------------------------------------------------------------ the prompt's own subjects


def subjects_of(brief: Brief) -> list[Subject]:
    shown = landscape_layout.SHOWN
    found = [s for s in brief.subjects if s.prop not in ITS_OWN and s.drawing not in shown]
    return found[:SUBJECTS_MAX]


def place_of(subject: Subject) -> str:
    if (
        subject.drawing in landscape_layout.FLYING
        or subject.prop in landscape_layout.FLYING_PROPS
        or subject.kind == "sky"
    ):
        return "air"
    if subject.drawing in landscape_layout.FLOATING or subject.kind == "sea":
        return "water"
    return "bank" if subject.kind == "building" else "ground"


def _far_subjects(sheet: Sheet, brief: Brief, plan: Plan, light: Light) -> None:
    """Houses and gates on the far bank."""
    found = [subject for subject in subjects_of(brief) if place_of(subject) == "bank"]
    for subject, share in zip(found, (0.64, 0.30, 0.92), strict=False):
        tall = (0.20 if share > 0.5 else 0.16) * plan.size
        figures.put(
            sheet, subject, plan.staged(share), plan.shore - 0.010 * plan.size, tall,
            light=background.clay(light, haze=True), shadow=0.2, width_max=0.30 * plan.stage,
        )  # fmt: skip


def _standing(sheet: Sheet, subjects: list[Subject], plan: Plan, light: Light, corner: Corner) -> None:
    """On the near bank, side by side."""
    figures_wanted = [subject for subject in subjects for _ in range(min(subject.count, COPIES_MAX))][:COPIES_MAX]
    tall = 0.36 * plan.size * (1.0, 1.0, 0.82, 0.7, 0.62, 0.56)[len(figures_wanted)]
    for number, subject in enumerate(figures_wanted):
        part = 0.34 + 0.40 * (number + 0.5) / len(figures_wanted)
        x, y = corner.inside(part, 0.40)
        share = {"food": 0.6, "object": 0.7, "plant": 0.8, "vehicle": 0.7}.get(subject.kind, 1.0)
        figures.put(
            sheet, subject, x, min(y, 0.975 * plan.height), tall * share,
            light=background.clay(light), flip=number % 2 == 1, width_max=0.36 * plan.stage,
        )  # fmt: skip


def _afloat(sheet: Sheet, brief: Brief, plan: Plan, light: Light) -> None:
    found = [s for s in subjects_of(brief) if place_of(s) == "water" for _ in range(min(s.count, COPIES_MAX))]
    for number, subject in enumerate(found[:COPIES_MAX]):
        near = 0.30 + 0.11 * number
        x = plan.staged(0.50 + 0.13 * (number % 3) * (-1) ** number)
        y = plan.shore + (plan.height - plan.shore) * near
        figures.put(
            sheet, subject, x, y, plan.size * (0.07 + 0.17 * near),
            light=background.clay(light), flip=number % 2 == 1, shadow=0.35, width_max=0.25 * plan.stage,
        )  # fmt: skip


def _aloft(sheet: Sheet, brief: Brief, plan: Plan, light: Light) -> None:
    found = [s for s in subjects_of(brief) if place_of(s) == "air" for _ in range(min(s.count, COPIES_MAX))]
    spots = ((0.56, 0.40, 0.15), (0.40, 0.26, 0.11), (0.68, 0.22, 0.09), (0.33, 0.5, 0.08), (0.5, 0.14, 0.07))
    for subject, (x, y, tall) in zip(found, spots, strict=False):
        figures.put(
            sheet, subject, plan.staged(x), plan.shore * y, tall * plan.size,
            light=background.clay(light), anchor="middle",
        )  # fmt: skip
