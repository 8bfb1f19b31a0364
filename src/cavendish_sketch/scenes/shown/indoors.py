"""What rooms, tables, stages, portraits and marks show of a brief."""

from __future__ import annotations

import dataclasses

from cavendish_sketch.language.brief import Brief, Ground, Subject, Weather
from cavendish_sketch.scenes import indoor
from cavendish_sketch.scenes import interior as rooms
from cavendish_sketch.scenes import portrait as portraits
from cavendish_sketch.scenes import studio as stages
from cavendish_sketch.scenes import table as tables
from cavendish_sketch.scenes.shown.keeping import in_order, in_rounds, kept

# One word for each setting of a portrait.
TRAIT_OF = {"forest": "forest", "sea": "waves", "mountains": "mountains", "city": "village"}
GROUND_OF: dict[str, Ground] = {"desert": "dunes", "meadow": "meadow", "snow": "snow"}
STOOD_MAX = 4  # plants on the window sill


def studio(brief: Brief) -> Brief:
    """Things on a stage before a wall in one colour; the hour is seen on them, or makes the wall dark."""
    subjects = list(in_rounds(brief.subjects, indoor.CAST_MAX))
    is_dark = brief.time in stages.DARK_TIMES
    time = brief.time if subjects else "night" if is_dark else "day"
    return kept(brief, time=time, colours=brief.colours[:2], subjects=subjects)


def table(brief: Brief) -> Brief:
    """Things on a table in the light of the hour."""
    subjects = list(in_rounds(brief.subjects, indoor.CAST_MAX))
    is_hot = any(subject.drawing in tables.HOT for subject in subjects)
    traits = {"steam"} & brief.traits if subjects and not is_hot else set[str]()
    return kept(
        brief,
        time=brief.time,
        traits=traits,
        colours=brief.colours[:1],
        subjects=subjects,
        surface=brief.surface,
    )


def interior(brief: Brief) -> Brief:
    """A room with what is brought into it."""
    subjects = [subject for subject in brief.subjects if subject.drawing not in rooms.NOT_BROUGHT]
    sofas = [s for s in brief.subjects if s.drawing == rooms.SOFA and (s.colour or s.material)]
    cast = list(in_rounds(subjects, indoor.CAST_MAX))
    figures = in_order(brief, sofas[:1], _on_the_sill(cast))
    return kept(brief, time=brief.time, colours=_ends(brief.colours), subjects=figures)


def _ends(colours: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the last: of the wall and of the sofa."""
    return (colours[0], colours[-1]) if len(colours) > 1 else colours


def _on_the_sill(cast: list[Subject]) -> list[Subject]:
    plants = list(in_rounds([subject for subject in cast if subject.drawing in rooms.PLANTS], STOOD_MAX))
    counts = {subject.drawing: subject for subject in plants}
    found = (counts.get(subject.drawing) if subject.drawing in rooms.PLANTS else subject for subject in cast)
    return [subject for subject in found if subject is not None]


def portrait(brief: Brief) -> Brief:
    """A group before a place out of focus, with one thing between."""
    named = portraits.named_setting(brief)
    traits = {TRAIT_OF[named]} if named in TRAIT_OF else set()
    return kept(
        brief,
        time=brief.time,
        ground=GROUND_OF.get(named or "", "hills"),
        weather=_before_lens(brief, named),
        traits=traits,
        colours=brief.colours[:1] if portraits.is_painted(brief) else (),
        subjects=in_rounds(brief.subjects, portraits.GROUP_MAX),
    )


def _before_lens(brief: Brief, named: str | None) -> set[Weather]:
    """One thing that falls, unless the place has it anyway; and the leaves by which a wood is one in autumn."""
    first = next((kind for kind in portraits.BEFORE_LENS if kind in brief.weather), None)
    own = portraits.SETTINGS[named].front if named else None
    found: set[Weather] = {first} if first and first != own else set()
    is_autumn = named == "forest" and brief.time not in ("golden", "sunset")
    return found | (brief.weather & {"leaves"} if is_autumn else set[Weather]())


def logo(brief: Brief) -> Brief:
    """The first thing as a mark, in one or two colours."""
    subjects = [dataclasses.replace(subject, count=1, material=None) for subject in brief.subjects[:1]]
    if brief.colours or (subjects and subjects[0].colour and indoor.hsl(subjects[0].colour)[1] <= indoor.GREY):
        subjects = [_as_it_is(subject) for subject in subjects]
    return kept(brief, colours=brief.colours[:2], subjects=subjects)


def _as_it_is(subject: Subject) -> Subject:
    """A drawing is cut as a stencil: its own colour is not seen."""
    return subject if subject.prop else dataclasses.replace(subject, colour=None)
