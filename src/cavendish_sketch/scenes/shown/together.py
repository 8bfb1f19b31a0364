"""What is in, on or above another thing becomes one figure with it, where the scene can show that."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from cavendish_sketch.canvas import placing
from cavendish_sketch.language.brief import Brief, Place, Scene, Subject
from cavendish_sketch.scenes import garden, interior
from cavendish_sketch.scenes.garden import flowers
from cavendish_sketch.scenes.landscape import layout

JOINING: frozenset[Scene] = frozenset({"city", "garden", "interior", "landscape", "skyline", "studio", "table"})
LIFTING: frozenset[Scene] = frozenset({"city", "landscape", "skyline"})  # what is in the air has a place of its own
OWN: Mapping[Scene, frozenset[str]] = {  # drawn in another way
    **dict.fromkeys(("city", "skyline"), frozenset(("!flying_car",))),
    "garden": layout.SHOWN | {f"!{prop}" for prop in garden.ITS_OWN} | {flowers.FOUNTAIN_DRAWING},
    "interior": interior.NOT_BROUGHT | interior.PLANTS,
    "landscape": layout.SHOWN,
}


def joined(brief: Brief) -> Brief:
    """The brief with its guests at their hosts, and no word of places that are not shown."""
    pairs = dict(_pairs(brief)) if brief.scene in JOINING else {}
    hosts = set(pairs.values())
    found = []
    for at, subject in enumerate(brief.subjects):
        if at in pairs and at not in hosts:
            continue
        guests = [_guest(brief.subjects[guest], subject) for guest, host in pairs.items() if host == at]
        found.append(_alone(brief, dataclasses.replace(subject, guests=subject.guests or tuple(_few(guests)))))
    return dataclasses.replace(brief, subjects=tuple(found))


def _pairs(brief: Brief) -> Iterator[tuple[int, int]]:
    """Guests and hosts, as places in the brief; who is a guest is no host."""
    figures = [placing.figure_of(subject) for subject in brief.subjects]
    taken, own = set[int](), OWN.get(brief.scene, frozenset())
    for at, subject in enumerate(brief.subjects):
        place = subject.place
        if place is None or place.host not in figures or place.host in own or figures[at] in own:
            continue
        host = figures.index(place.host)
        is_bed = brief.scene == "garden" and flowers.planted(brief.subjects[host])
        if host not in taken and not is_bed and placing.manner(place.how, brief.subjects[host], subject):
            taken.add(at)
            yield at, host


def _guest(subject: Subject, host: Subject) -> Subject:
    how = placing.manner(subject.place.how, host, subject) if subject.place else None
    return dataclasses.replace(subject, place=None, manner=how)


def _few(guests: list[Subject]) -> Iterator[Subject]:
    """As many as a host has room for."""
    left = placing.GUESTS_MAX
    for guest in guests:
        count = min(guest.count, left)
        left -= count
        if count:
            yield dataclasses.replace(guest, count=count)


def _alone(brief: Brief, subject: Subject) -> Subject:
    """In the air, if it is above the land; else its place is not shown."""
    is_lifted = subject.place == Place("above") and brief.scene in LIFTING
    return dataclasses.replace(subject, place=None, kind="sky" if is_lifted else subject.kind)
