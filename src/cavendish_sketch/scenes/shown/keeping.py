"""How a brief is reduced to what a scene shows of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from cavendish_sketch.language import designs, languages
from cavendish_sketch.language.brief import Brief, Design, Ground, Scene, Subject, Surface, Time, Weather

UNDER_THE_SKY: frozenset[Scene] = frozenset({"city", "garden", "landscape", "skyline"})
SETS_TEXT_ITSELF: frozenset[Scene] = frozenset({"logo"})
PLAIN = designs.read("")


def kept(
    brief: Brief,
    *,
    time: Time = "day",
    ground: Ground = "hills",
    weather: Iterable[Weather] = (),
    traits: Iterable[str] = (),
    colours: Sequence[str] = (),
    subjects: Iterable[Subject] = (),
    surface: Surface | None = None,
    said: tuple[str, ...] = (),
    design: Design = PLAIN,
) -> Brief:
    """The brief with nothing else in it than what is named here, and what is laid over every scene."""
    is_signed = bool(brief.text) and brief.scene not in SETS_TEXT_ITSELF
    over = {"fireworks"} & brief.traits if brief.scene in UNDER_THE_SKY else set[str]()
    return Brief(
        scene=brief.scene,
        design=design,
        time=brief.time if is_signed else time,  # a title is set in the colours of the hour
        ground=ground,
        subjects=tuple(map(_nameless, subjects)),
        weather=frozenset(weather),
        traits=frozenset(traits) | over,
        style=brief.style,
        text=brief.text,
        colours=tuple(colours),
        surface=surface,
        said=said,
    )


def _nameless(subject: Subject) -> Subject:
    """Only people look as their word says."""
    guests = tuple(map(_nameless, subject.guests))
    return dataclasses.replace(subject, word=subject.word if subject.prop == "person" else "", guests=guests)


def everything(brief: Brief) -> list[Subject]:
    """The subjects, and what is in, on or above them."""
    return [one for subject in brief.subjects for one in (subject, *subject.guests)]


def in_turn(subjects: Iterable[Subject], most: int, *, each: int = languages.COUNT_MAX) -> Iterator[Subject]:
    """As many as have room, all of the first before the second."""
    for subject in subjects:
        count = min(subject.count, each, most)
        if count:
            yield dataclasses.replace(subject, count=count)
        most -= count


def in_rounds(subjects: Sequence[Subject], most: int) -> Iterator[Subject]:
    """As many as have room, the first of each before the second of any."""
    counts = [0] * len(subjects)
    for number in range(max((subject.count for subject in subjects), default=0)):
        for place, subject in enumerate(subjects):
            if number < subject.count and sum(counts) < most:
                counts[place] += 1
    return (dataclasses.replace(subject, count=count) for subject, count in zip(subjects, counts, strict=True) if count)


def in_order(brief: Brief, *groups: Iterable[Subject]) -> list[Subject]:
    """Subjects that were looked at in groups, in the order of the brief again."""
    places = {(subject.drawing, subject.prop, subject.word): place for place, subject in enumerate(brief.subjects)}
    found = [subject for group in groups for subject in group]
    return sorted(found, key=lambda subject: places[subject.drawing, subject.prop, subject.word])
