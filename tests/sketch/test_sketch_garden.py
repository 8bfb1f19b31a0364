"""The garden and its figures: what is promised of them can be measured on the draft."""

from __future__ import annotations

import colorsys
import functools
from collections.abc import Iterable
from typing import get_args

import numpy as np
import pytest
from pages import HALF, QUARTER, WHOLE, page, size
from PIL import Image

from cavendish import models
from cavendish_sketch import props
from cavendish_sketch.canvas import raster, svg
from cavendish_sketch.canvas.field import Dice, Planes
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief, Prop, Scene, Subject, Time
from cavendish_sketch.nature import reflection
from cavendish_sketch.scenes import garden, pond

JAPANESE = frozenset({"japanese", "cherry"})
FIGURES: tuple[Prop, ...] = (
    "balloon", "bridge", "castle", "koi", "lantern", "lighthouse", "pagoda", "tower", "tree", "windmill",
)  # fmt: skip
DYED: tuple[Prop, ...] = ("balloon", "bridge", "castle", "koi", "lighthouse", "tower", "tree", "windmill")


def brief(traits: Iterable[str] = JAPANESE, scene: Scene = "garden", **more: object) -> Brief:
    return Brief(scene=scene, design=designs.read("a garden"), traits=frozenset(traits), **more)  # type: ignore[arg-type]


def drawn(wanted: Brief, *, seed: bytes = b"1", ratio: str = "16:9", part: int = HALF) -> Sheet:
    sheet = page(ratio, part)
    scene = pond if wanted.scene == "pond" else garden
    scene.draw(sheet, wanted, Dice(seed), lambda part: None)
    return sheet


@functools.cache
def picture(wanted: Brief) -> Planes:
    """Display planes of a draft, which the tests share."""
    planes = drawn(wanted).draft
    planes.flags.writeable = False
    return planes


def printed(sheet: Sheet, quality: int) -> np.ndarray:
    return np.concatenate(list(sheet.strips(quality, Dice(b"1"))))


def share(planes: Planes, low: float, high: float, *, saturation: float = 0.30, value: float = 0.35) -> float:
    """How much of a picture has a hue between two, in degrees, and is neither grey nor dark."""
    small = planes[:, ::3, ::3].reshape(3, -1).T.tolist()
    tones = [colorsys.rgb_to_hsv(*(min(max(channel, 0), 1) for channel in pixel)) for pixel in small]
    return sum(low <= h * 360 < high and s > saturation and v > value for h, s, v in tones) / len(tones)


def test_the_same_seed_is_the_same_garden_and_another_one_is_not() -> None:
    first, again, other = picture(brief()), drawn(brief()).draft, drawn(brief(), seed=b"2").draft

    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.02


def test_a_larger_quality_is_the_same_garden() -> None:
    sheet = drawn(brief(), part=WHOLE)

    small, large = printed(sheet, 1), printed(sheet, 2)

    shrunk = np.asarray(Image.fromarray(large).resize((small.shape[1], small.shape[0]), Image.Resampling.BOX))
    blocks = (np.abs(small.astype(int) - shrunk.astype(int))).mean(-1)[:768, :1376].reshape(96, 8, 172, 8).mean((1, 3))
    assert blocks.mean() < 5
    assert np.quantile(blocks, 0.995) < 22


@pytest.mark.parametrize("ratio", models.RATIOS)
@pytest.mark.parametrize("traits", [JAPANESE, frozenset()])
def test_every_ratio_is_filled(ratio: str, traits: frozenset[str]) -> None:
    part = WHOLE if ratio == "16:9" else QUARTER
    sheet = drawn(brief(traits), ratio=ratio, part=part)

    planes = sheet.draft
    assert planes.shape[1:] == size(ratio, part)[::-1]
    assert np.isfinite(planes).all()
    assert planes.std() > 0.08


@pytest.mark.parametrize("time", get_args(Time))
def test_every_light_draws_every_garden_and_pond(time: Time) -> None:
    briefs = brief(time=time), brief((), time=time), brief((), scene="pond", time=time)

    for sheet in (drawn(wanted, part=QUARTER) for wanted in briefs):
        assert printed(sheet, 1).std() > 12


def test_night_is_darker_and_its_lanterns_shine() -> None:
    day, night = drawn(brief(time="day")), drawn(brief(time="night"))

    assert night.draft.mean() < day.draft.mean() * 0.55
    warm = night._shine()[0] - night._shine()[2]  # a lamp is yellow, the moon is not
    assert float(warm.max()) > 0.15


# ------------------------------------------------------------------ the mirror


def _mirrored(roughness: float) -> tuple[Sheet, float]:
    """A page with a few bold shapes over water, and how well the water follows what lies above it."""
    sheet = Sheet.of(688, 384)
    sheet.backdrop(np.full((3, 384, 688), 0.7, np.float32))
    shapes = [(200, 380, 90, "c02020"), (700, 300, 60, "2030b0"), (1200, 410, 110, "106020"), (1500, 220, 70, "f0d020")]
    sheet.draw("".join(svg.rectangle(x, y - size, size, 500 - y + size, tone) for x, y, size, tone in shapes))
    reflection.mirror(sheet, 500, palette=PALETTES["day"], dice=Dice(b"3"), roughness=roughness)
    above, below = sheet.draft[:, 4:188][:, ::-1], sheet.draft[:, 196:380]
    return sheet, float(np.corrcoef(above.ravel(), below.ravel())[0, 1])


def test_water_mirrors_what_stands_over_it() -> None:
    sheet, likeness = _mirrored(0.0)

    assert likeness > 0.75
    assert sheet.draft[:, 200:].mean() < sheet.draft[:, :190].mean()  # and is darker


def test_wind_blurs_the_mirror() -> None:
    assert _mirrored(3.0)[1] < _mirrored(0.0)[1] - 0.05


def test_the_garden_lies_upside_down_in_its_pond() -> None:
    """Measured in the middle, where neither bank nor bough hides the water."""
    planes = picture(brief())
    shore, columns = round(0.555 * 384), slice(280, 450)
    rows = 65
    above = planes[:, shore - rows : shore - 5, columns][:, ::-1]
    below = planes[:, shore + 5 : shore + rows, columns]

    upright = np.corrcoef(above[:, ::-1].ravel(), below.ravel())[0, 1]
    flipped = np.corrcoef(above.ravel(), below.ravel())[0, 1]
    assert flipped > 0.45
    assert flipped > upright + 0.15


@pytest.mark.parametrize("top", [0.0, 1.0, 999.5, 1000.0, 1400.0])
def test_a_mirror_without_room_does_nothing(top: float) -> None:
    sheet = Sheet.of(344, 192)
    sheet.backdrop(np.full((3, 192, 344), 0.5, np.float32))

    reflection.mirror(sheet, top, palette=PALETTES["day"], dice=Dice(b"3"))

    assert np.allclose(sheet.draft, 0.5)


# ------------------------------------------------------------------ seasons and weather


def test_cherries_are_pink_maples_red_and_snow_white() -> None:
    cherry = picture(brief())[:, :210]
    maple = picture(brief({"japanese", "autumn"}))[:, :210]
    snow = picture(brief({"japanese", "snowy"}))[:, :210]

    pink, red = (300, 350), (8, 40)
    assert share(cherry, *pink, saturation=0.15) > 3 * max(share(maple, *pink, saturation=0.15), 0.01)
    assert share(maple, *red, saturation=0.5) > 3 * max(share(cherry, *red, saturation=0.5), 0.01)
    assert share(snow, *pink, saturation=0.15) < 0.02
    near = slice(310, 380)
    assert picture(brief({"japanese", "snowy"}))[1, near].mean() > picture(brief())[1, near].mean() + 0.1


def test_summer_is_green() -> None:
    assert share(picture(brief({"japanese", "summer"}))[:, :210], 70, 150) > 0.08


def test_a_plain_garden_has_flowers_and_no_pond() -> None:
    plain, japanese = picture(brief(())), picture(brief())
    lower = slice(215, 384)

    assert share(plain[:, lower], 70, 160) > 0.3  # lawn
    assert share(plain[:, lower], 330, 360, saturation=0.5) + share(plain[:, lower], 0, 60, saturation=0.5) > 0.05
    assert share(japanese[:, lower], 180, 250) > 0.15  # water
    assert share(plain[:, lower], 180, 250) < 0.10


@pytest.mark.parametrize("weather", ["rain", "snow", "petals", "leaves", "fog"])
def test_weather_is_seen(weather: str) -> None:
    clear = picture(brief({"japanese"}))
    other = picture(brief({"japanese"}, weather=frozenset({weather})))

    assert (np.abs(clear - other).max(0) > 0.1).mean() > 0.001


# ------------------------------------------------------------------ the prompt's own subjects


def test_a_red_bridge_is_red_and_a_blue_one_blue() -> None:
    blue = Subject("bridge", "building", prop="bridge", colour="2050d0")
    middle = np.s_[:, 115:213, 250:450]

    red_picture, blue_picture = picture(brief())[middle], picture(brief(subjects=(blue,)))[middle]

    assert share(red_picture, 350, 360, saturation=0.6) + share(red_picture, 0, 14, saturation=0.6) > 0.05
    assert share(blue_picture, 215, 240, saturation=0.6) > share(red_picture, 215, 240, saturation=0.6) + 0.05


@pytest.mark.parametrize("kind", ["animal", "sea", "sky", "building"])
def test_subjects_stand_in_the_garden(kind: str) -> None:
    thing = Subject("thing", kind, prop="balloon", colour="20d0c0")  # type: ignore[arg-type]

    assert np.abs(picture(brief(subjects=(thing,))) - picture(brief())).max() > 0.2


def test_koi_are_as_many_as_asked_for() -> None:
    bare = drawn(brief((), scene="pond", subjects=(Subject("duck", "animal", prop="lantern"),)))
    two, nine = (
        drawn(brief((), scene="pond", subjects=(Subject("koi", "sea", prop="koi", count=count),))) for count in (2, 9)
    )

    def fish(sheet: Sheet) -> float:
        return share(sheet.draft, 0, 45, saturation=0.4, value=0.5)

    assert fish(bare) < fish(two) < fish(nine)


# ------------------------------------------------------------------ figures


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_fills_its_box(name: Prop) -> None:
    drawing = props.drawing(name)
    assert drawing is not None
    _, _, width, height = drawing.box

    alpha = raster.render(drawing.body, drawing.box, round(width), round(height), defs=drawing.defs)[..., 3]

    found = raster.bounds(alpha)
    assert found is not None
    top, bottom, left, right = found
    assert (bottom - top) > 0.9 * round(height)
    assert (right - left) > 0.9 * round(width)
    assert (alpha[0] > 200).mean() < 0.3  # nothing is cut off by the upper rim
    assert (alpha > 128).mean() > 0.06


@pytest.mark.parametrize("name", DYED)
def test_a_figure_takes_the_colour_that_is_asked_for(name: Prop) -> None:
    def bluish(colour: str | None) -> float:
        drawing = props.drawing(name, colour)
        assert drawing is not None
        pixels = raster.render(drawing.body, drawing.box, 160, 160, defs=drawing.defs)
        seen = pixels[pixels[..., 3] > 200][:, :3].astype(int)
        return float((seen[:, 2] > seen[:, 0] + 30).mean())

    assert bluish("2040e0") > bluish("c03020") + 0.1


def test_a_tree_is_pink_by_itself() -> None:
    drawing = props.drawing("tree")
    assert drawing is not None
    pixels = raster.render(drawing.body, drawing.box, 160, 160, defs=drawing.defs)
    seen = pixels[pixels[..., 3] > 200][:, :3].astype(int)

    assert float(((seen[:, 0] > seen[:, 1] + 20) & (seen[:, 2] > seen[:, 1])).mean()) > 0.4
