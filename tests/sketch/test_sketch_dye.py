"""Whatever has a colour named for it shows that colour."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from cavendish_sketch import props
from cavendish_sketch.canvas import art, figures
from cavendish_sketch.canvas.field import Plane
from cavendish_sketch.language.brief import Prop
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
