"""A sheet shows its layers in painter's order, and the same ones at every quality."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cavendish_sketch.canvas import figures, raster, svg
from cavendish_sketch.canvas.develop import Film
from cavendish_sketch.canvas.field import Dice
from cavendish_sketch.canvas.sheet import Sheet, Vectors, _union
from cavendish_sketch.props.drawing import Drawing

SIZE = 344, 192
FLAT = Film(bloom=0, vignette=0, grain=0)
BALL = Drawing(svg.circle(50, 50, 40, "cc3322"), "", (0, 0, 100, 100))


def empty(grey: float = 0.5) -> Sheet:
    sheet = Sheet.of(*SIZE)
    sheet.film = FLAT
    sheet.backdrop(np.full((3, SIZE[1], SIZE[0]), grey, np.float32))
    return sheet


def printed(sheet: Sheet, quality: int = 1) -> np.ndarray:
    return np.concatenate(list(sheet.strips(quality, Dice(b"1")))).astype(int)


def at(sheet: Sheet, x: float, y: float, quality: int = 1) -> tuple[int, ...]:
    scale = sheet.scale * quality
    return tuple(printed(sheet, quality)[int(y * scale), int(x * scale)])


def near(first: tuple[int, ...], second: tuple[int, ...], levels: int = 3) -> bool:
    return max(abs(a - b) for a, b in zip(first, second, strict=True)) <= levels


@pytest.mark.parametrize("quality", [1, 2, 4])
def test_what_is_laid_later_covers_what_was_laid_before(quality: int) -> None:
    sheet = empty()
    sheet.draw(svg.rectangle(100, 100, 600, 600, "ff0000"))
    sheet.soft(np.full((SIZE[1], SIZE[0]), 0.5, np.float32), "0000ff")
    sheet.draw(svg.rectangle(400, 100, 300, 300, "00ff00"))

    assert near(at(sheet, 200, 200, quality), (128, 0, 128))
    assert near(at(sheet, 500, 200, quality), (0, 255, 0))
    assert near(at(sheet, 900, 900, quality), (64, 64, 191))


@pytest.mark.parametrize("quality", [2, 4])
def test_a_larger_quality_is_the_same_picture(quality: int) -> None:
    sheet = empty(0.3)
    sheet.draw(svg.circle(400, 500, 200, "url(#g)"), defs=svg.linear_gradient("g", ((0, "ffeeaa"), (1, "220044"))))
    figures.put(sheet, BALL, 1200, 900, 400, turn=20)
    sheet.draw(svg.path("M100 900 L1600 820", stroke="ffffff", width=8), opacity=0.6)

    small = printed(sheet)
    large = Image.fromarray(printed(sheet, quality).astype(np.uint8)).resize(SIZE, Image.Resampling.BOX)

    assert np.abs(small - np.asarray(large).astype(int)).mean() < 1.5


def test_vectors_are_sharper_at_4k_than_an_enlargement() -> None:
    sheet = empty(0.0)
    sheet.draw(svg.rectangle(500, 200, 500, 500, "ffffff"))
    row = printed(sheet, 4)[int(400 * sheet.scale * 4), :, 0]

    assert ((row > 40) & (row < 215)).sum() <= 4


def test_vectors_lie_where_they_were_drawn_to_the_pixel() -> None:
    sheet = empty(0.0)
    sheet.draw(svg.rectangle(501.3, 203.7, 400, 300, "ffffff"))
    lit = np.nonzero(printed(sheet, 4)[int(300 * sheet.scale * 4), :, 0] > 127)[0]

    assert (lit[0], lit[-1]) == (round(501.3 * sheet.scale * 4), round(901.3 * sheet.scale * 4) - 1)


def test_neighbouring_vectors_keep_their_own_gradients() -> None:
    sheet = empty(0.0)
    for x, colour in ((100, "ff0000"), (500, "0000ff")):
        defs = svg.linear_gradient("same", ((0, colour), (1, colour)))
        sheet.draw(svg.rectangle(x, 100, 300, 300, "url(#same)"), defs=defs)

    assert near(at(sheet, 200, 200, 2), (255, 0, 0))
    assert near(at(sheet, 600, 200, 2), (0, 0, 255))
    assert len([layer for layer in sheet._layers if isinstance(layer, Vectors)]) == 1


def test_light_spreads_beyond_its_shape_and_is_hidden_by_what_stands_before_it() -> None:
    def beside(hidden: bool) -> int:
        sheet = empty(0.0)
        sheet.draw(svg.circle(800, 500, 60, "ffaa44"), glow=1.5)
        if hidden:
            sheet.draw(svg.rectangle(400, 100, 800, 800, "000000"))
        return at(sheet, 800, 600)[0]

    assert beside(hidden=False) > 10
    assert beside(hidden=True) < beside(hidden=False) / 4


def test_a_backdrop_clears_what_was_below() -> None:
    sheet = empty()
    sheet.draw(svg.rectangle(0, 0, 2000, 1000, "ff0000"), glow=2)
    sheet.backdrop(np.full((3, SIZE[1], SIZE[0]), 0.25, np.float32))

    assert near(at(sheet, 500, 500, 2), (64, 64, 64))


def test_what_lies_outside_the_page_is_cut_off() -> None:
    sheet = empty()
    figures.put(sheet, BALL, -20, 300, 300)
    figures.put(sheet, BALL, sheet.width + 10, 1100, 400)
    sheet.draw(svg.circle(-500, -500, 50, "ff0000"))

    assert printed(sheet, 2).shape == (SIZE[1] * 2, SIZE[0] * 2, 3)


def test_a_figure_is_lit_from_its_light() -> None:
    def brightness(direction: tuple[float, float]) -> tuple[float, float]:
        sheet = empty(0.5)
        light = figures.Light(direction=direction)
        figures.put(sheet, BALL, 900, 900, 700, light=light, shadow=0)
        picture = printed(sheet).mean(-1)
        middle, reach, row = int(900 * sheet.scale), int(180 * sheet.scale), int(550 * sheet.scale)
        return picture[row, middle - reach], picture[row, middle + reach]

    left, right = brightness((-0.9, 0))
    assert left > right + 15
    left, right = brightness((0.9, 0))
    assert right > left + 15


def test_a_standing_figure_darkens_the_ground_and_a_floating_one_does_not() -> None:
    def ground(anchor: str, y: float) -> int:
        sheet = empty(0.8)
        figures.put(sheet, BALL, 900, y, 400, anchor=anchor)
        return at(sheet, 900, 806)[0]

    assert ground("ground", 800) < 170
    assert ground("middle", 600) > 195


def test_a_drawing_is_cut_to_its_ink() -> None:
    trimmed = figures.trimmed(BALL)

    assert trimmed.box == pytest.approx((10, 10, 80, 80), abs=2.5)


def test_a_wide_figure_is_kept_within_its_width() -> None:
    wide = Drawing(svg.rectangle(0, 0, 400, 100, "cc3322"), "", (0, 0, 400, 100))
    box = figures.put(empty(), wide, 800, 800, 300, width_max=600)

    assert box == pytest.approx((500, 650, 600, 150))


def test_a_colour_dyes_what_is_colourful_and_leaves_grey() -> None:
    body = svg.rectangle(0, 0, 50, 50, "d03020") + svg.rectangle(50, 0, 50, 50, "606060")
    pixels = raster.render(body, (0, 0, 100, 50), 100, 50)

    dyed = figures._dyed(pixels, "2030d0")

    assert dyed[25, 25, 2] > 150 > 90 > dyed[25, 25, 0]
    assert tuple(dyed[25, 75, :3]) == (96, 96, 96)


def test_boxes_are_joined_around_both() -> None:
    assert _union((0, 0, 10, 10), (5, 20, 10, 10)) == (0, 0, 15, 30)


def test_identifiers_of_a_body_are_put_in_a_space_of_their_own() -> None:
    text = '<g id="a" fill="url(#a)"><use href="#a"/><use xlink:href="#b"/></g><path fill="#abc"/>'

    assert svg.namespaced(text, "n1-") == (
        '<g id="n1-a" fill="url(#n1-a)"><use href="#n1-a"/><use xlink:href="#n1-b"/></g><path fill="#abc"/>'
    )
