"""Space, and the weather in front of a picture: what a brief asks for is there, the same at every size."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from pages import HALF, QUARTER, WHOLE, page, size
from PIL import Image

from cavendish.models import RATIOS
from cavendish_sketch.canvas import art, figures
from cavendish_sketch.canvas.field import Dice, Plane
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief, Subject, Weather
from cavendish_sketch.nature import front, globes
from cavendish_sketch.props import DRAWINGS, celestial
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes import space

ROCKET = Subject("rocket", "vehicle", drawing="1f680")
SAUCER = Subject("ufo", "vehicle", drawing="1f6f8")
ASTRONAUT = Subject("astronaut", "person", prop="person")
DOG = Subject("dog", "animal", drawing="1f415")
WEATHERS: tuple[Weather, ...] = ("rain", "snow", "petals", "leaves", "fog")
SUN = globes.unit(-0.8, -0.3, 0.4)


Laid = list[tuple[Subject | Drawing, Box | None]]


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> Laid:
    """Every figure that was put, with its box."""
    seen: Laid = []
    put = figures.put

    def remembered(
        sheet: Sheet, subject: Subject | Drawing, x: float, y: float, height: float, **named: Any
    ) -> Box | None:
        box = put(sheet, subject, x, y, height, **named)
        seen.append((subject, box))
        return box

    monkeypatch.setattr(figures, "put", remembered)
    return seen


def brief(prompt: str = "deep space", *subjects: Subject, colours: tuple[str, ...] = ()) -> Brief:
    said = tuple(prompt.lower().split())
    return Brief("space", designs.read(prompt), time="night", subjects=subjects, colours=colours, said=said)


def drawn(asked: Brief, seed: bytes = b"1", ratio: str = "16:9", part: int = HALF) -> Sheet:
    sheet = page(ratio, part)
    space.draw(sheet, asked, Dice(seed), lambda share: None)
    return sheet


def printed(sheet: Sheet, quality: int = 1) -> Plane:
    return np.concatenate(list(sheet.strips(quality, Dice(b"2"))))


def unlike(first: Sheet, second: Sheet) -> float:
    """The share of pixels that differ clearly."""
    return float((np.abs(first.draft - second.draft).max(0) > 0.08).mean())


def test_the_same_seed_draws_the_same_picture_and_another_a_different_one() -> None:
    first, again, other = (drawn(brief("rocket to saturn", ROCKET), seed) for seed in (b"1", b"1", b"2"))

    assert np.array_equal(printed(first), printed(again))
    assert unlike(first, other) > 0.2


def test_2k_shows_the_same_composition_as_1k() -> None:
    asked = brief("an astronaut and saturn", ASTRONAUT)
    sheet = drawn(asked, part=WHOLE)
    small, large = (printed(sheet, quality) for quality in (1, 2))

    shrunk = np.asarray(Image.fromarray(large).resize((172, 96), Image.Resampling.BOX), np.float32)
    thumbnail = np.asarray(Image.fromarray(small).resize((172, 96), Image.Resampling.BOX), np.float32)
    assert large.shape == (1536, 2752, 3)
    assert np.abs(shrunk - thumbnail).mean() < 1.5


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("prompt", ["rocket to saturn", "astronaut on mars"])
def test_every_ratio_draws_a_full_picture(ratio: str, prompt: str) -> None:
    subject = ROCKET if "rocket" in prompt else ASTRONAUT
    part = WHOLE if ratio == "16:9" else QUARTER
    sheet = drawn(brief(prompt, subject), ratio=ratio, part=part)

    width, height = size(ratio, part)
    assert sheet.draft.shape == (3, height, width)
    assert sheet.draft.dtype == np.float32
    assert np.isfinite(sheet.draft).all()
    assert sheet.draft.std() > 0.04


def _globe(name: str, sun: globes.Vector = SUN) -> Plane:
    """How light a planet of 200 pixels' radius is, over its box."""
    sheet = Sheet.of(512, 512)
    sheet.backdrop(np.full((3, 512, 512), 0.5, np.float32))
    globes.put(sheet, globes.WORLDS[name], globes.Orb(500, 500, 390, sun), Dice(b"3"))
    light: Plane = sheet.draft.mean(0)
    return light


@pytest.mark.parametrize("name", sorted(globes.WORLDS.keys() - {"lava"}))  # lava shines by itself
def test_a_planet_has_a_lit_and_a_dark_side(name: str) -> None:
    light = _globe(name)

    towards_sun, away = light[170:340, 90:200].mean(), light[256:400, 380:430].mean()
    assert towards_sun > 0.12
    assert towards_sun > 2 * away


def test_the_lit_side_follows_the_sun() -> None:
    from_left, from_right = (_globe("mars", globes.unit(side, -0.3, 0.4)) for side in (-0.8, 0.8))

    assert from_left[:, :200].mean() > from_left[:, 312:].mean()
    assert from_right[:, :200].mean() < from_right[:, 312:].mean()


def test_rings_pass_in_front_of_the_planet_and_behind_it() -> None:
    world = globes.WORLDS["saturn"]
    with_rings, without = (Sheet.of(512, 512) for _ in range(2))
    orb = globes.Orb(500, 500, 200, globes.unit(-0.5, -0.5, 0.7), tilt=0.0)
    globes.put(with_rings, dataclasses.replace(world, ring="ff0000"), orb, Dice(b"3"))
    globes.put(without, dataclasses.replace(world, ring=None), orb, Dice(b"3"))

    redder = (with_rings.draft[0] - with_rings.draft[2]) - (without.draft[0] - without.draft[2])
    middle = round(500 * with_rings.scale)
    reach = round(200 * 1.6 * globes.RING_FLATNESS * with_rings.scale)
    assert redder[middle + reach, middle - 20 : middle + 20].mean() > 0.10, "in front, below the middle"
    assert abs(redder[middle - reach, middle - 20 : middle + 20].mean()) < 0.05, "behind, above the middle"
    assert redder[middle, middle + round(330 * with_rings.scale)] > 0.10, "beside"


def test_a_black_hole_is_black_inside_a_bright_ring() -> None:
    sheet = drawn(brief("a black hole"))
    rows, columns = sheet.draft.shape[1:]
    light = sheet.draft.mean(0)

    middle = light[int(rows * 0.41) : int(rows * 0.45), columns // 2 - 7 : columns // 2 + 8].mean()
    around = light[int(rows * 0.2) : int(rows * 0.7), columns // 2 - 80 : columns // 2 + 80].max()
    assert middle < 0.15
    assert around > 0.8


def test_a_named_colour_tints_the_nebula() -> None:
    green = drawn(brief("green nebula", colours=("2f9e44",)))
    red = drawn(brief("red nebula", colours=("d62828",)))

    for sheet, strongest in ((green, 1), (red, 0)):
        assert sheet.draft.mean((1, 2)).argmax() == strongest


@pytest.mark.skipif(not art.available(), reason="the art is not there: make art")
@pytest.mark.parametrize("subject", [ROCKET, SAUCER, DOG])
def test_a_subject_changes_the_picture_where_it_is_placed(subject: Subject) -> None:
    asked = brief("deep space")
    sheet = Sheet.of(1376, 768)
    plan = space._plan(dataclasses.replace(asked, subjects=(subject,)), "", Dice(b"1"))
    sheet.backdrop(np.full((3, 768, 1376), 0.2, np.float32))
    taken: list[tuple[float, float, float, float]] = []
    space._place_figures(sheet, plan, taken, Dice(b"1"))

    (left, top, width, height) = taken[0]
    inside = sheet.draft[
        :, round(top * sheet.scale) : round((top + height) * sheet.scale), round(left * sheet.scale) :
    ][:, :, : round(width * sheet.scale)]
    assert (np.abs(inside - 0.2).max(0) > 0.1).mean() > 0.25


def test_an_astronaut_needs_no_art(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(art, "drawing", lambda code: None)

    assert unlike(drawn(brief("deep space")), drawn(brief("deep space", ASTRONAUT))) > 0.01


def test_without_any_art_the_scene_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavendish_sketch.canvas.figures.drawing_of", lambda subject: None)

    sheet = drawn(brief("rocket to saturn", ROCKET, DOG))

    assert sheet.draft.std() > 0.08


@pytest.mark.skipif(not art.available(), reason="the art is not there: make art")
def test_up_to_twelve_figures_are_drawn_and_no_more(laid: Laid) -> None:
    drawn(brief("many", dataclasses.replace(ROCKET, count=9), dataclasses.replace(SAUCER, count=9)))

    assert len(laid) == 12


def test_on_mars_a_figure_stands_on_ground_and_a_rocket_flies_past_the_planet() -> None:
    ground = drawn(brief("astronaut on mars", ASTRONAUT)).draft
    orbit = drawn(brief("rocket to mars", ROCKET)).draft

    assert ground[0].mean() > ground[2].mean() + 0.1, "dusty red"
    assert ground.mean() > 0.3 > orbit.mean()


def test_progress_only_rises_and_ends_at_one() -> None:
    shares: list[float] = []
    space.draw(Sheet.of(512, 512), brief(), Dice(b"1"), shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_planet_is_a_figure_for_other_scenes_and_takes_a_colour() -> None:
    assert DRAWINGS["planet"] is celestial.planet
    assert "2f9e44" in celestial.planet("2f9e44").defs


def _before(weather: Weather, grey: float = 0.35, ratio: str = "16:9") -> Plane:
    """How much the weather changes each pixel of a grey picture."""
    sheet = page(ratio)
    sheet.backdrop(np.full_like(sheet.draft, grey))
    asked = dataclasses.replace(brief("x"), weather=frozenset({weather}))
    front.fall(sheet, asked, PALETTES["overcast"], Dice(b"4"))
    change: Plane = np.abs(sheet.draft - grey).max(0)
    return change


@pytest.mark.parametrize("ratio", ["16:9", "1:8", "8:1"])
@pytest.mark.parametrize("weather", WEATHERS)
def test_weather_reaches_every_part_of_the_picture(weather: Weather, ratio: str) -> None:
    change = _before(weather, ratio=ratio)

    for rows in np.array_split(change, 3)[weather == "fog" :]:  # fog lets the top of the picture through
        for part in np.array_split(rows, 3, axis=1):
            assert part.max() > 0.06


def test_weather_leaves_the_picture_to_be_seen() -> None:
    for weather in WEATHERS:
        assert (_before(weather) < 0.30).mean() > 0.5, weather


def test_fog_lies_low() -> None:
    change = _before("fog")

    assert change[200:].mean() > 1.5 * change[:100].mean()
    assert change.max() <= front.FOG_MOST


def test_clear_weather_changes_nothing() -> None:
    assert _before("clear").max() == 0
