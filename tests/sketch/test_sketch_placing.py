"""A host and its guests are one figure: what is in it is behind its edge, what is on it touches it."""

from __future__ import annotations

import pytest

from cavendish_sketch.canvas import figures, placing
from cavendish_sketch.language import subjects
from cavendish_sketch.language.brief import Manner, Subject


def host_with(code: str, how: Manner, *, count: int = 1) -> Subject:
    cat = Subject("cat", "animal", drawing="1f408", count=count, manner=how)
    figure = {"prop": code[1:]} if code.startswith("!") else {"drawing": code}
    return Subject("host", subjects.kind_of(code), guests=(cat,), **figure)


@pytest.mark.parametrize("code", placing.OPENINGS)
def test_who_is_in_a_thing_is_seen_and_does_not_stand_out_below(code: str, built: None) -> None:
    joint = figures.drawing_of(host_with(code, "in"))

    assert joint is not None
    host, guest, front = joint.layers
    assert guest.seen[1] + guest.seen[3] <= host.seen[1] + host.seen[3]
    assert 0.1 < (front.seen[1] - guest.seen[1]) <= guest.seen[3]  # from the edge up
    assert front.seen[0] == 0
    assert front.seen[1] + front.seen[3] == pytest.approx(1)


@pytest.mark.parametrize("code", [*placing.SEATS, "1f40e", "1f3e0", "!castle", "!tree"])
def test_who_is_on_a_thing_touches_it(code: str, built: None) -> None:
    joint = figures.drawing_of(host_with(code, "on"))

    assert joint is not None
    host, guest = joint.layers
    foot = guest.seen[1] + guest.seen[3]
    assert host.seen[1] <= foot <= host.seen[1] + host.seen[3]
    assert host.seen[0] <= guest.seen[0] + guest.seen[2] / 2 <= host.seen[0] + host.seen[2]


def test_a_host_has_room_for_three(built: None) -> None:
    joint = figures.drawing_of(host_with("1f9fa", "in", count=9))

    assert joint is not None
    assert len(joint.layers) == 1 + placing.GUESTS_MAX + 1


def test_what_is_above_a_thing_leaves_a_gap(built: None) -> None:
    joint = figures.drawing_of(host_with("1f697", "above"))

    assert joint is not None
    host, guest = joint.layers
    assert guest.seen[1] + guest.seen[3] < host.seen[1]
