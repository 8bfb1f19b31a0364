"""Whatever has a colour or a material named for it shows it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from cavendish_sketch import props
from cavendish_sketch.canvas import art, figures, materials
from cavendish_sketch.canvas.field import Plane
from cavendish_sketch.language.brief import Material, Prop
from cavendish_sketch.props.drawing import Drawing

BLUE, RED = "1f6feb", "d7263d"
SIDE = 28  # pixels
SHARE_MIN = 0.10  # of a drawing's ink that takes a colour
LEVELS = 24
EVERY = 6  # of the drawings, so that this takes seconds
STUBBORN_MAX = 2  # of which the coloured part is a detail


def pixels(drawing: Drawing, colour: str | None) -> Plane:
    _, _, width, height = drawing.box
    side = SIDE / max(width, height)
    return figures._drawn(drawing, max(int(width * side), 4), max(int(height * side), 4), colour, flip=False)


def taken(drawing: Drawing, colour: str) -> float:
    """The share of the ink that looks other than without the colour."""
    plain, dyed = pixels(drawing, None), pixels(drawing, colour)
    ink = plain[..., 3] > 128
    changed = np.abs(plain[..., :3].astype(int) - dyed[..., :3]).max(-1) > LEVELS
    return float((changed & ink).sum() / max(int(ink.sum()), 1))


def test_drawings_take_a_colour(built: None) -> None:
    drawn = [code for code, entry in art.entries().items() if entry.drawn]
    drawings = {code: figures.art_drawing(code) for code in drawn[::EVERY]}
    least = {code: max(taken(found, BLUE), taken(found, RED)) for code, found in drawings.items() if found is not None}

    assert len(least) > 100
    assert len([code for code, share in least.items() if share < SHARE_MIN]) <= STUBBORN_MAX


@pytest.mark.parametrize("code", ["1f418", "1f407", "1f401", "1f9a2", "1f408-200d-2b1b", "1f43c"])
def test_a_grey_thing_takes_it_all_over_and_keeps_its_eyes(code: str, built: None) -> None:
    drawing = figures.art_drawing(code)
    assert drawing is not None

    assert 0.5 < taken(drawing, BLUE) < 1


@pytest.mark.parametrize("prop", get_args(Prop))
def test_our_own_figures_take_a_colour(prop: Prop) -> None:
    plain, blue = props.drawing(prop), props.drawing(prop, BLUE)

    assert plain != blue


# Materials


def fox() -> Drawing:
    drawing = figures.art_drawing("1f98a")
    assert drawing is not None
    return drawing


def made(material: Material, colour: str | None = None, side: int = 120) -> Plane:
    return figures._drawn(fox(), side, side, colour, flip=False, material=material)


@pytest.mark.parametrize("material", get_args(Material))
def test_a_material_is_seen_all_over(material: Material, built: None) -> None:
    plain = figures._drawn(fox(), 120, 120, None, flip=False)
    ink = plain[..., 3] > 128

    assert (np.abs(plain.astype(int) - made(material)).max(-1) > LEVELS)[ink].mean() > 0.5


def test_no_two_materials_look_alike(built: None) -> None:
    looks = {material: made(material).astype(int) for material in get_args(Material)}
    pairs = [(first, second) for first in looks for second in looks if first < second]

    assert [pair for pair in pairs if np.abs(looks[pair[0]] - looks[pair[1]]).mean() < 4] == []


@pytest.mark.parametrize("material", get_args(Material))
def test_a_material_takes_a_colour(material: Material, built: None) -> None:
    blue = made(material, BLUE)
    seen = blue[blue[..., 3] > 60][:, :3].astype(int).mean(0)

    assert seen[2] > seen[0] + 40


@pytest.mark.parametrize("material", get_args(Material))
def test_a_material_looks_the_same_at_every_size(material: Material, built: None) -> None:
    small, large = made(material, side=96), made(material, side=384)
    mean = large.reshape(96, 4, 96, 4, 4).astype(float).mean((1, 3))

    assert np.abs(small - mean).mean() < 9


def test_one_sees_through_glass_but_not_through_its_outline(built: None) -> None:
    alpha = made("glass")[..., 3]

    assert set(materials.FINISHES) == set(get_args(Material))
    assert (alpha > 240).any()
    assert 0.3 < ((alpha > 60) & (alpha < 200)).sum() / (alpha > 60).sum()
