"""Under water: light comes from above, the deep is dark, and whoever is named swims there."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
from pages import HALF, QUARTER, WHOLE, page, size
from PIL import Image

from cavendish.models import RATIOS
from cavendish_sketch.canvas import art, figures
from cavendish_sketch.canvas.field import Dice, Grid, Plane
from cavendish_sketch.canvas.raster import Box
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief, Subject, Time
from cavendish_sketch.nature import sea_light
from cavendish_sketch.props import reef
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes import underwater

WHALE = Subject("whale", "animal", drawing="1f433")
FISH = Subject("fish", "sea", drawing="1f420", count=5)
CRAB = Subject("crab", "sea", drawing="1f980")
JELLYFISH = Subject("jellyfish", "sea", drawing="1fabc")
SHIP = Subject("ship", "vehicle", drawing="1f6a2")
DIVER = Subject("diver", "person", prop="person")
NEEDS_ART = pytest.mark.skipif(not art.available(), reason="the art is not there: make art")


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


def brief(prompt: str = "coral reef", *subjects: Subject, time: Time = "day", colours: tuple[str, ...] = ()) -> Brief:
    said = tuple(prompt.split())
    return Brief("underwater", designs.read(prompt), time=time, subjects=subjects, colours=colours, said=said)


def drawn(asked: Brief, seed: bytes = b"1", ratio: str = "16:9", part: int = HALF) -> Sheet:
    sheet = page(ratio, part)
    underwater.draw(sheet, asked, Dice(seed), lambda share: None)
    return sheet


@functools.cache
def picture(asked: Brief, seed: bytes = b"1") -> Plane:
    """Display planes of a draft, which the tests share."""
    planes: Plane = drawn(asked, seed).draft
    planes.flags.writeable = False
    return planes


def printed(sheet: Sheet, quality: int = 1) -> Plane:
    return np.concatenate(list(sheet.strips(quality, Dice(b"2"))))


def unlike(first: Sheet, second: Sheet) -> Plane:
    different: Plane = np.abs(first.draft - second.draft).max(0) > 0.08
    return different


def test_the_same_seed_draws_the_same_picture_and_another_a_different_one() -> None:
    first, again, other = (drawn(brief("reef", FISH), seed) for seed in (b"1", b"1", b"2"))

    assert np.array_equal(printed(first), printed(again))
    assert unlike(first, other).mean() > 0.2


def test_2k_shows_the_same_composition_as_1k() -> None:
    sheet = drawn(brief("reef", DIVER), part=WHOLE)
    small, large = (printed(sheet, quality) for quality in (1, 2))

    shrunk = np.asarray(Image.fromarray(large).resize((172, 96), Image.Resampling.BOX), np.float32)
    thumbnail = np.asarray(Image.fromarray(small).resize((172, 96), Image.Resampling.BOX), np.float32)
    assert large.shape == (1536, 2752, 3)
    assert np.abs(shrunk - thumbnail).mean() < 1.5


@pytest.mark.parametrize("ratio", RATIOS)
def test_every_ratio_draws_a_full_picture(ratio: str) -> None:
    part = WHOLE if ratio == "16:9" else QUARTER
    sheet = drawn(brief("reef", FISH, DIVER), ratio=ratio, part=part)

    width, height = size(ratio, part)
    assert sheet.draft.shape == (3, height, width)
    assert sheet.draft.dtype == np.float32
    assert np.isfinite(sheet.draft).all()
    assert sheet.draft.std() > 0.08


@pytest.mark.parametrize("seed", [b"1", b"2", b"3"])
def test_the_shallows_are_lighter_than_the_depth(seed: bytes) -> None:
    light = picture(brief(), seed).mean(0)

    surface, middle, depth = light[:40].mean(), light[100:150].mean(), light[210:260].mean()
    assert surface > middle > depth


def test_the_deep_sea_is_darker_than_the_shallows() -> None:
    day, deep = picture(brief("reef")), picture(brief("deep abyss"))

    assert deep.mean() < 0.5 * day.mean()


def test_night_means_the_deep_sea() -> None:
    assert picture(brief("reef", time="night")).mean() < 0.5 * picture(brief("reef")).mean()


def _beams(sun: float = 0.5) -> tuple[Grid, Plane]:
    grid = Grid.of(1376, 768)
    return grid, sea_light.shafts(grid, sea_light.WATERS["reef"], grid.width * sun, Dice(b"5"))


def test_light_shafts_come_from_above() -> None:
    _, beams = _beams()

    assert beams[80:200].max() > 1.8 * beams[560:].max()
    assert beams.max() > 0.3


def test_light_shafts_fan_out_from_the_sun() -> None:
    """The middle of the light stays under the sun, and its spread grows with depth."""
    grid, beams = _beams(sun=0.3)

    spreads = []
    for row in (120, 480):
        weight = beams[row] / beams[row].sum()
        middle = float((weight * grid.x[0]).sum())
        spreads.append(float(np.sqrt((weight * (grid.x[0] - middle) ** 2).sum())))
        assert abs(middle - 0.3 * grid.width) < 0.2 * grid.width
    assert spreads[1] > 1.2 * spreads[0]


@NEEDS_ART
@pytest.mark.parametrize("subject", [WHALE, FISH, CRAB, JELLYFISH, SHIP, DIVER])
def test_a_subject_changes_the_picture_where_it_is_placed(subject: Subject, laid: Laid) -> None:
    sheet = Sheet.of(1376, 768)
    sheet.backdrop(np.full((3, 768, 1376), 0.4, np.float32))
    underwater._figures(sheet, underwater._dive(sheet, brief(), Dice(b"1")), brief("reef", subject), Dice(b"1"))

    assert len(laid) == subject.count
    for _, box in laid:
        assert box is not None
        left, top, width, height = box
        rows = slice(round(top * sheet.scale), round((top + height) * sheet.scale))
        columns = slice(max(round(left * sheet.scale), 0), round((left + width) * sheet.scale))
        assert (np.abs(sheet.draft[:, rows, columns] - 0.4).max(0) > 0.06).mean() > 0.2


@NEEDS_ART
def test_crabs_sit_on_the_floor_and_fish_swim(laid: Laid) -> None:
    sheet = drawn(brief("reef", FISH, dataclasses.replace(CRAB, count=4)))

    feet = [(found.word, box[1] + box[3]) for found, box in laid if isinstance(found, Subject) and box]
    crabs, fish = ([place for word, place in feet if word == name] for name in ("crab", "fish"))
    assert min(crabs) > sheet.height * 0.72
    assert sum(fish) / len(fish) < min(crabs)


def test_without_any_art_the_scene_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavendish_sketch.canvas.figures.drawing_of", lambda subject: None)

    assert drawn(brief("reef", FISH, SHIP, WHALE)).draft.std() > 0.08


@NEEDS_ART
def test_up_to_twelve_figures_are_drawn_and_no_more(laid: Laid) -> None:
    drawn(brief("reef", dataclasses.replace(FISH, count=9), dataclasses.replace(CRAB, count=9)))

    assert len([found for found, _ in laid if isinstance(found, Subject)]) == 12


def test_a_named_colour_tints_the_water() -> None:
    green, red = (
        drawn(brief(f"{name} water", colours=(tone,))) for name, tone in (("green", "2f9e44"), ("red", "d62828"))
    )

    assert green.draft[1, :200].mean() > green.draft[2, :200].mean()
    assert red.draft[0, :200].mean() > green.draft[0, :200].mean() + 0.1


@pytest.mark.parametrize("kind", [*reef.KINDS, *reef.SMALL])
def test_each_coral_stands_on_its_place_and_takes_its_colour(kind: object) -> None:
    assert callable(kind)
    first, other = kind(Dice(b"1"), "ff6f61"), kind(Dice(b"1"), "43cfb0")

    assert first != other
    assert first == kind(Dice(b"1"), "ff6f61")


def test_progress_only_rises_and_ends_at_one() -> None:
    shares: list[float] = []
    underwater.draw(Sheet.of(512, 512), brief(), Dice(b"1"), shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0
