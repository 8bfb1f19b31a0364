"""Where the things of a prompt are with each other: in, on or above another, as far as its words say so."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cavendish_sketch.language.brief import Place, Relation, Subject
from cavendish_sketch.language.findings import Finding
from cavendish_sketch.language.tables import grammar, place_words

LANDS = ("ground:", "scene:", "trait:", "weather:")


@dataclass(slots=True)
class _Walk:
    """Where the walk through a prompt is.

    Attributes:
        named: The things that a word such as "in" would speak of.
        waiting: Those that it spoke of, until their host is named.
        aside: What is named now belongs to the thing before: "a cat with a hat".
    """

    named: list[int]
    waiting: list[int]
    how: Relation | None = None
    aside: bool = False

    def forget(self) -> None:
        self.named, self.waiting, self.how, self.aside = [], [], None, False


def placed(found: Sequence[Finding], subjects: Sequence[Subject], places: Mapping[int, int]) -> list[Subject]:
    """The subjects, each with its place; `places` tells of a finding which subject it is."""
    walk, result = _Walk([], []), list(subjects)
    for at, finding in enumerate(found):
        if not finding.tokens[0].joined:
            walk.forget()
        if finding.relation is not None:
            _take_relation(walk, finding.relation)
        elif at in places:
            _meet(walk, result, places[at])
        elif finding.figure is not None:
            walk.forget()
        elif walk.how == "above" and any(tag.startswith(LANDS) for tag in finding.meaning.tags):
            _put(result, walk.waiting, Place("above"))
        elif finding.role == "stop":
            _pass(walk, found, at)
    return result


def _take_relation(walk: _Walk, how: Relation) -> None:
    if walk.named:
        walk.waiting, walk.named = walk.named, []
    walk.how, walk.aside = how, False


def _meet(walk: _Walk, subjects: list[Subject], index: int) -> None:
    if walk.how is None or not walk.waiting or index in walk.waiting:
        if not walk.aside:
            walk.named.append(index)
        return
    host = subjects[index]
    _put(subjects, walk.waiting, Place(walk.how, host.drawing or f"!{host.prop}"))
    walk.forget()


def _put(subjects: list[Subject], guests: Sequence[int], place: Place) -> None:
    for guest in guests:
        if subjects[guest].place in (None, Place("above")):
            subjects[guest] = dataclasses.replace(subjects[guest], place=place)


def _pass(walk: _Walk, found: Sequence[Finding], at: int) -> None:
    """A small word keeps what was named, puts what follows aside, or begins anew."""
    word = found[at].tokens[0].folded
    if word in place_words.BETWEEN or (word in grammar.OF and found[at - 1].role == "part"):
        return
    if word in place_words.AND:
        walk.waiting, walk.how = [], None
    elif word in place_words.WITH:
        walk.aside, walk.waiting, walk.how = True, [], None
    else:
        walk.forget()
