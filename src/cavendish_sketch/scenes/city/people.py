"""The things that a prompt names, in a city: on the street, on the pavement, in the air."""

from __future__ import annotations

from cavendish_sketch.canvas import figures
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.palettes import Palette
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.scenes.city import traffic
from cavendish_sketch.scenes.city.view import View

PLACED_MAX = 9  # figures in one picture
# Height in points of the nearest of a kind on a page with a lot of room.
SIZES = {
    "animal": 200.0,
    "building": 380.0,
    "food": 150.0,
    "object": 190.0,
    "person": 270.0,
    "plant": 230.0,
    "sea": 180.0,
    "sky": 190.0,
    "vehicle": 250.0,
}
FLOATING = frozenset({"balloon", "planet"})
ONCOMING = ("1f698", "1f696", "1f68d")  # car, taxi and bus from ahead
PARKED = ((2.5, -0.36), (4.3, -0.36), (7.0, -0.36))  # z, x in half streets
# Places on the ground: x as a share of the room beside the middle, how near.
SPOTS = (
    (-0.42, 1.0),
    (0.40, 0.94),
    (0.02, 0.86),
    (-0.72, 0.8),
    (0.72, 0.86),
    (-0.2, 0.7),
    (0.22, 0.74),
    (-0.55, 0.62),
    (0.55, 0.6),
)
SKY_SPOTS = (
    (0.05, 0.20),
    (0.30, 0.32),
    (-0.28, 0.30),
    (-0.46, 0.16),
    (0.48, 0.18),
    (0.16, 0.47),
    (-0.14, 0.52),
    (0.36, 0.58),
    (-0.38, 0.60),
)


def place(sheet: Sheet, view: View, palette: Palette, brief: Brief, dice: Dice, *, cars: bool, flying: bool) -> None:
    """Everything that stands or flies near the eye, from far to near."""
    subjects = [subject for subject in brief.subjects if subject.prop != "flying_car"]
    on_ground = _each([subject for subject in subjects if not floats(subject)])
    if cars and not any(subject.kind == "vehicle" for subject in on_ground):
        _oncoming(sheet, view, palette, dice)
    _in_the_sky(sheet, view, palette, [s for s in subjects if floats(s)], dice)
    _heroes(sheet, view, palette, brief, dice, flying=flying)
    _on_the_ground(sheet, view, palette, on_ground, dice)


def floats(subject: Subject) -> bool:
    return subject.kind == "sky" or subject.prop in FLOATING


def _each(subjects: list[Subject]) -> list[Subject]:
    return [subject for subject in subjects for _ in range(subject.count)][:PLACED_MAX]


def _oncoming(sheet: Sheet, view: View, palette: Palette, dice: Dice) -> None:
    codes = dice.shuffled(ONCOMING)
    for (z, x), code in reversed(list(zip(PARKED, codes, strict=True))):
        spot = view.at(x * view.half, 0, z * dice.between(0.95, 1.1))
        height = view.size(0.27 if code == ONCOMING[2] else 0.165, z)
        figures.put(
            sheet, Subject("car", "vehicle", drawing=code), *spot, height, palette=palette, width_max=view.size(0.5, z)
        )


def _in_the_sky(sheet: Sheet, view: View, palette: Palette, subjects: list[Subject], dice: Dice) -> None:
    wide, tall = min(view.width, 1800.0), min(view.y, 1400.0)
    for (x, y), subject in zip(SKY_SPOTS, _each(subjects), strict=False):
        size = SIZES["sky"] * (1.15 - 0.8 * abs(y - 0.34)) * dice.between(0.85, 1.1)
        spot = view.x + x * wide, view.y - tall * (1 - y)
        figures.put(sheet, subject, *spot, size, palette=palette, anchor="middle", width_max=view.width * 0.5)


def _heroes(sheet: Sheet, view: View, palette: Palette, brief: Brief, dice: Dice, *, flying: bool) -> None:
    asked = _each([subject for subject in brief.subjects if subject.prop == "flying_car"])
    colours = [subject.colour for subject in asked] or [None] * flying
    for number in reversed(range(min(len(colours), 4))):
        traffic.lay_hero(sheet, traffic.hero(view, dice, number, colours[number]), palette, dice)


def _on_the_ground(sheet: Sheet, view: View, palette: Palette, subjects: list[Subject], dice: Dice) -> None:
    reach = min(view.width * 0.5, (view.height - view.y) * view.half / view.eye, 900.0)
    placed = list(zip(SPOTS, subjects, strict=False))
    middle = len(placed) == 1
    for (x, near), subject in sorted(placed, key=lambda pair: pair[0][1]):
        floor = view.y + (view.height - view.y) * (0.30 + 0.62 * near**1.5)
        size = SIZES[subject.kind] * near * dice.between(0.95, 1.05)
        across = view.x + reach * (0.0 if middle else x)
        figures.put(sheet, subject, across, floor, size, palette=palette, width_max=view.width * 0.6)
