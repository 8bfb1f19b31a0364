"""What space, the sea floor and abstract compositions show of a brief."""

from __future__ import annotations

import dataclasses

from cavendish_sketch.abstract import compose
from cavendish_sketch.language.brief import Brief, Subject
from cavendish_sketch.scenes import space as skies
from cavendish_sketch.scenes import underwater as sea
from cavendish_sketch.scenes.shown.keeping import PLAIN, in_turn, kept


def abstract(brief: Brief) -> Brief:
    """A composition: of the design what its family draws."""
    return kept(brief, design=compose.shown(brief.design))


def space(brief: Brief) -> Brief:
    """A sky with one sight and one world, or the ground of another world; the figures there."""
    view = skies.chosen(brief)
    design = PLAIN
    if view.tinted:
        design = dataclasses.replace(PLAIN, ramp=brief.design.ramp, accents=brief.design.accents)
    return kept(
        brief,
        time="night",
        colours=brief.colours[:1] if view.tinted else (),
        subjects=in_turn(map(_suited, view.things), skies.FIGURES_MAX),
        said=view.said,
        design=design,
    )


def _suited(subject: Subject) -> Subject:
    """People wear a suit here, and a wreck is a wreck."""
    is_own = subject.kind == "person" or subject.drawing in (*skies.ASTRONAUTS, sea.WRECK, sea.DIVER)
    return dataclasses.replace(subject, material=None) if is_own else subject


def underwater(brief: Brief) -> Brief:
    """Water of a depth and colour, and who swims or lies there."""
    named = [subject for subject in map(sea.submerged, brief.subjects) if subject.drawing not in sea.REEF_DRAWINGS]
    subjects = map(_suited, named)
    design = dataclasses.replace(PLAIN, ramp=brief.design.ramp) if brief.colours else PLAIN
    return kept(
        brief,
        time="night" if sea.is_deep(brief) else "sunset" if brief.time in sea.WARM_TIMES else "day",
        traits={"deep"} if sea.is_deep(brief) else (),
        colours=brief.colours[:1],
        subjects=in_turn(subjects, sea.FIGURES_MAX),
        design=design,
    )
