"""From a brief to a finished sheet: which scene, and what is laid over every one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cavendish_sketch.canvas import lettering
from cavendish_sketch.canvas.field import Dice, Report
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import prompts
from cavendish_sketch.language.brief import Brief, Scene
from cavendish_sketch.nature import fireworks
from cavendish_sketch.scenes import (
    abstract,
    city,
    garden,
    interior,
    landscape,
    logo,
    pond,
    portrait,
    shown,
    skyline,
    space,
    studio,
    table,
    underwater,
)
from cavendish_sketch.scenes.shown import keeping

Draw = Callable[[Sheet, Brief, Dice, Report], None]
Look = Callable[[float, Sheet], None]

SCENES: Mapping[Scene, Draw] = {
    "abstract": abstract.draw,
    "city": city.draw,
    "garden": garden.draw,
    "interior": interior.draw,
    "landscape": landscape.draw,
    "logo": logo.draw,
    "pond": pond.draw,
    "portrait": portrait.draw,
    "skyline": skyline.draw,
    "space": space.draw,
    "studio": studio.draw,
    "table": table.draw,
    "underwater": underwater.draw,
}

NOT_UNDERSTOOD = "Nothing in the prompt was understood; this is an abstract composition."
NOTHING = shown.of(prompts.read(""))
PEOPLE = "People are shown as toy figures."


def _unseen(part: float, sheet: Sheet) -> None:
    return None


def staged(
    brief: Brief, dice: Dice, width: int, height: int, report: Report, look: Look = _unseen
) -> tuple[Sheet, tuple[str, ...]]:
    """The sheet of a picture of this size at 1K, and what its caller should hear. `look` sees it at each step."""
    brief = shown.of(brief)
    sheet = Sheet.of(width, height)

    def step(part: float) -> None:
        report(part)
        look(part, sheet)

    SCENES[brief.scene](sheet, brief, dice, step)
    if "fireworks" in brief.traits:
        fireworks.launch(sheet, dice)
    warnings = list(_shortcomings(brief))
    if brief.text and brief.scene not in keeping.SETS_TEXT_ITSELF:
        lettering.sign(sheet, brief.text, PALETTES[brief.time])
    look(1, sheet)
    if brief.text and (lacking := lettering.missing(brief.text)):
        warnings.append(f"The quoted text has letters that the fonts lack, and they were not set: {lacking[:20]}")
    return sheet, tuple(warnings)


def _shortcomings(brief: Brief) -> tuple[str, ...]:
    found = []
    if brief == NOTHING:
        found.append(NOT_UNDERSTOOD)
    if any(subject.kind == "person" for subject in keeping.everything(brief)):
        found.append(PEOPLE)
    return tuple(found)
