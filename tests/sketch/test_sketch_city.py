"""Pictures of streets and skylines, and the vehicles that fly and stand in them."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from pages import HALF, QUARTER, WHOLE, page, size
from PIL import Image

from cavendish import models
from cavendish_sketch import props
from cavendish_sketch.canvas import raster
from cavendish_sketch.canvas.field import Dice, Plane, resized
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief, Subject, Weather
from cavendish_sketch.props import vehicles
from cavendish_sketch.props.drawing import Drawing
from cavendish_sketch.scenes import city, skyline
from cavendish_sketch.scenes.city.view import Face, View, bare, covered

FUTURE = frozenset({"futuristic", "neon", "flying_cars"})
SCENES = {"city": city.draw, "skyline": skyline.draw}
STREET = Brief(scene="city", design=designs.read("a street"))


def drawn(brief: Brief, *, ratio: str = "16:9", seed: bytes = b"seed", part: int = HALF) -> Sheet:
    """A sheet with the picture on it."""
    sheet = page(ratio, part)
    SCENES[brief.scene](sheet, brief, Dice(seed), lambda _: None)
    return sheet


def developed(sheet: Sheet, quality: int = 1) -> Plane:
    return np.concatenate(list(sheet.strips(quality, Dice(b"grain"))))


@functools.cache
def picture(brief: Brief, seed: bytes = b"seed") -> Plane:
    """Display planes of a draft, which the tests share."""
    planes = drawn(brief, seed=seed).draft
    planes.flags.writeable = False
    return planes


def difference(first: Plane, second: Plane) -> float:
    """Mean over all pixels, of 1."""
    return float(np.abs(first - second).mean())


def upper(planes: Plane) -> Plane:
    """The sky over the street."""
    return planes[:, : planes.shape[1] * 4 // 10, planes.shape[2] // 4 : planes.shape[2] * 3 // 4]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("traits", [FUTURE, frozenset[str]()], ids=["future", "ordinary"])
def test_the_same_seed_draws_the_same_picture_and_another_seed_another(scene: str, traits: frozenset[str]) -> None:
    brief = dataclasses.replace(STREET, scene=scene, traits=traits, time="sunset")

    again, other = drawn(brief).draft, picture(brief, b"other")

    assert np.array_equal(picture(brief), again)
    assert difference(again, other) > 0.02


@pytest.mark.parametrize("scene", SCENES)
def test_a_larger_quality_shows_the_same_composition(scene: str) -> None:
    brief = dataclasses.replace(STREET, scene=scene, traits=FUTURE, time="sunset")
    sheet = drawn(brief, part=WHOLE)

    small, large = developed(sheet), Image.fromarray(developed(sheet, 2))

    height, width = small.shape[:2]
    assert large.size == (width * 2, height * 2)
    shrunk = np.asarray(large.resize((width, height), Image.Resampling.BOX), np.float32)
    assert np.abs(shrunk - small.astype(np.float32)).mean() < 6  # of 255: grain, and edges that are sharper
    assert np.asarray(large, np.float32)[::2, ::2].std() > 20  # not a flat page


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("ratio", models.RATIOS)
def test_every_ratio_is_filled_to_its_edges(scene: str, ratio: str) -> None:
    brief = dataclasses.replace(STREET, scene=scene, traits=FUTURE, time="sunset")

    part = WHOLE if ratio == "16:9" else HALF
    planes = drawn(brief, ratio=ratio, part=part).draft

    assert planes.shape[1:] == size(ratio, part)[::-1]
    assert np.isfinite(planes).all()
    for cell in _cells(planes, 4):
        assert cell.max() > 0.05, "no part of the page is black"
    for strip in np.array_split(planes[:, planes.shape[1] * 3 // 10 :], 10, axis=2):
        assert _detail(strip) > 0.009 * part, "houses stand from end to end"


def _detail(planes: Plane) -> float:
    """Mean bend from pixel to pixel, along rows and columns: at most 0.005 in a sky, and twice that in half the pixels."""
    return float(sum(np.abs(np.diff(planes, n=2, axis=axis)).mean() for axis in (1, 2)))


def _cells(planes: Plane, count: int) -> list[Plane]:
    rows = np.array_split(planes, count, axis=1)
    return [cell for row in rows for cell in np.array_split(row, count, axis=2)]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("time", PALETTES)
def test_every_time_of_day_and_weather_is_drawn(scene: str, time: str) -> None:
    weathers = [frozenset({weather}) for weather in get_args(Weather)]
    traits = itertools.cycle((FUTURE, frozenset[str](), frozenset({"village"}), frozenset({"neon"})))

    for weather, chosen in zip(weathers, traits, strict=False):
        brief = dataclasses.replace(STREET, scene=scene, time=time, weather=weather, traits=chosen)
        planes = drawn(brief, ratio="1:1", part=QUARTER).draft
        assert np.isfinite(planes).all()
        assert planes.std() > 0.02, (time, weather)


@pytest.mark.parametrize("scene", SCENES)
def test_future_village_and_ordinary_city_differ(scene: str) -> None:
    kinds = (FUTURE, frozenset({"futuristic"}), frozenset({"village"}), frozenset[str]())

    pictures = [picture(dataclasses.replace(STREET, scene=scene, traits=kind, time="dusk")) for kind in kinds]

    for first, second in itertools.combinations(pictures, 2):
        assert difference(first, second) > 0.02


@pytest.mark.parametrize("scene", SCENES)
def test_night_is_darker_than_day(scene: str) -> None:
    night, day = (picture(dataclasses.replace(STREET, scene=scene, time=time)) for time in ("night", "day"))

    assert night.mean() < day.mean() * 0.6


def test_neon_shines_in_its_colours_at_night() -> None:
    night = dataclasses.replace(STREET, time="night", traits=frozenset({"futuristic"}))

    dark, bright = picture(night), picture(dataclasses.replace(night, traits=frozenset({"futuristic", "neon"})))

    assert _vivid(bright) > _vivid(dark) * 1.3


def _vivid(planes: Plane) -> float:
    """Share of the page that is both bright and full of colour."""
    brightest, darkest = planes.max(0), planes.min(0)
    return float(((brightest > 0.7) & (brightest - darkest > 0.45)).mean())


@pytest.mark.parametrize("scene", SCENES)
def test_cars_fly_only_where_they_are_asked_for(scene: str) -> None:
    """Everything but the air between the houses is the same: the cars are drawn last."""
    plain = dataclasses.replace(STREET, scene=scene, time="day")
    flying = dataclasses.replace(plain, traits=frozenset({"flying_cars"}))

    changed = np.abs(upper(picture(flying)) - upper(picture(plain))).max(0) > 0.1

    assert 0.005 < changed.mean() < 0.4


def test_a_named_flying_car_is_drawn_in_its_colour() -> None:
    car = Subject("car", "vehicle", prop="flying_car", colour="f2e020")
    brief = dataclasses.replace(STREET, time="day", traits=frozenset({"futuristic"}), subjects=(car,))

    assert _yellow(picture(brief)) > _yellow(picture(dataclasses.replace(brief, subjects=()))) + 0.004


def _yellow(planes: Plane) -> float:
    red, green, blue = planes
    return float(((red > 0.5) & (green > 0.45) & (blue < 0.4)).mean())


@pytest.mark.parametrize("scene", SCENES)
def test_subjects_stand_on_the_street_or_hang_in_the_sky(scene: str) -> None:
    plain = dataclasses.replace(STREET, scene=scene, time="day")
    below = dataclasses.replace(plain, subjects=(Subject("person", "person", prop="person"),))
    above = dataclasses.replace(plain, subjects=(Subject("robot", "sky", prop="robot"),))

    low = np.abs(picture(below) - picture(plain)).max(0) > 0.1
    high = np.abs(picture(above) - picture(plain)).max(0) > 0.1

    assert low[len(low) // 2 :].mean() > 0.01
    assert high[: len(high) // 2].mean() > 0.005
    assert high[len(high) * 3 // 4 :].mean() < 0.001


def test_a_wet_street_mirrors_the_lights_above_it() -> None:
    """At night the road under a dry sky is dark all over; in the rain there are lights below the lights."""
    night = dataclasses.replace(STREET, time="night")

    dry, wet = (
        _columns(_road(picture(brief))) for brief in (night, dataclasses.replace(night, weather=frozenset({"rain"})))
    )

    assert wet.std() > dry.std() * 1.5


def _road(planes: Plane) -> Plane:
    """Half of the road: beside its middle line, before the crossing."""
    rows, columns = planes.shape[1:]
    road = planes[:, rows * 75 // 100 : rows * 88 // 100]
    line = columns * 4 // 10 + int(_columns(road)[columns * 4 // 10 : columns * 6 // 10].argmax())
    return road[:, :, line - columns // 8 : line - columns // 60]


def _columns(planes: Plane) -> Plane:
    """Brightness of each column."""
    return planes.mean((0, 1))


def test_water_shows_the_skyline_upside_down() -> None:
    planes = picture(dataclasses.replace(STREET, scene="skyline", time="day"))
    rows = planes.shape[1]
    shore, start, reach = (int(rows * share) for share in (skyline.HORIZON, 0.026, 0.234))

    above = planes[:, shore - reach : shore - start].mean(0)
    below = planes[:, shore + start : shore + reach].mean(0)

    assert _alike(above[::-1], below) > 0.5
    assert _alike(above[::-1], below) > _alike(above, below) + 0.2


def _alike(first: Plane, second: Plane) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize("seed", [bytes([number]) for number in range(6)])
def test_a_low_sun_stands_at_the_end_of_the_street(seed: bytes) -> None:
    planes = picture(dataclasses.replace(STREET, time="sunset", traits=frozenset({"futuristic"})), seed)

    rows = planes.shape[1]
    blue = resized(planes[2, rows * 48 // 100 : rows * 57 // 100], 40, 1)[0]  # the haze around the disc has little

    assert 16 <= blue.argmax() <= 23  # the vanishing point lies between 43 and 57 of 100
    assert blue.max() > 0.63


def test_snow_makes_the_ground_white() -> None:
    day = dataclasses.replace(STREET, time="day")

    bare, white = picture(day), picture(dataclasses.replace(day, weather=frozenset({"snow"})))

    assert _road(white).mean() > _road(bare).mean() + 0.2


@pytest.mark.parametrize("scene", SCENES)
def test_progress_rises_to_the_end(scene: str) -> None:
    steps: list[float] = []
    sheet = page("1:1")

    SCENES[scene](sheet, dataclasses.replace(STREET, scene=scene), Dice(b"1"), steps.append)

    assert steps == sorted(set(steps))
    assert steps[-1] == 1


SEEN = View(1000, 1000, x=500, y=600, focal=900, eye=1, half=1, start=1, end=15)


def test_a_wall_hides_what_is_behind_it_and_below_its_top() -> None:
    wall = Face(SEEN, (1, 2), (3, 3), (0, 2))  # from x = 800, its top at y = 300
    behind = Face(SEEN, (1, 3), (6, 6), (0, 6))  # from x = 650 to 950, y from 750 to -150
    places = np.array([0.1, 0.9]), np.array([0.15, 0.95])  # beside the wall, and behind it
    high, low = np.array([0.55, 0.55]), np.array([0.30, 0.30])

    hidden = covered(bare(SEEN), wall)

    assert behind.cells(*places, high, high + 0.05, hidden).count("z") == 2, "both above its top"
    assert behind.cells(*places, low, low + 0.05, hidden).count("z") == 1
    assert behind.cells(*places, low, low + 0.05).count("z") == 2


def test_a_wall_along_the_street_hides_below_its_slanting_top() -> None:
    flank = Face(SEEN, (1, 1), (2, 9), (0, 3))  # from (950, -300) to (600, 400)

    hidden = covered(bare(SEEN), flank)

    assert np.isinf(hidden[590 // 4])
    assert hidden[640 // 4] == pytest.approx(320 + 4, abs=8)
    assert hidden[800 // 4] == pytest.approx(0 + 4, abs=8)


def test_what_is_left_out_behind_houses_would_not_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    brief = dataclasses.replace(STREET, traits=FUTURE, time="night")
    without = drawn(brief, part=WHOLE).draft

    monkeypatch.setattr(city, "hidden_behind", lambda view, slots, solid: [bare(view) for _ in slots])
    everything = drawn(brief, part=WHOLE).draft

    assert (np.abs(without - everything).max(0) > 0.03).mean() < 0.001  # seams between neighbouring shapes


def rendered(drawing: Drawing, columns: int = 400) -> Plane:
    _, _, width, height = drawing.box
    return raster.render(drawing.body, drawing.box, columns, round(columns * height / width), defs=drawing.defs)


CARS: list[Callable[[str | None], Drawing]] = [
    functools.partial(vehicles.flying_car, style=style) for style in range(len(vehicles.BODIES))
]


@pytest.mark.parametrize("draw", [*CARS, vehicles.pickup])
def test_a_vehicle_fills_its_box_and_is_nowhere_cut_off(draw: Callable[[str | None], Drawing]) -> None:
    alpha = rendered(draw(None))[..., 3]

    assert 0.3 < (alpha > 128).mean() < 0.9
    for edge in (alpha[0], alpha[:, 0], alpha[:, -1]):
        assert (edge > 128).mean() < 0.1


@pytest.mark.parametrize("draw", [*CARS, vehicles.pickup])
def test_a_colour_paints_a_vehicle(draw: Callable[[str | None], Drawing]) -> None:
    red, blue = (rendered(draw(colour)).astype(float) for colour in ("d02020", "2040d0"))

    warmth = ((picture[..., 0] - picture[..., 2])[picture[..., 3] > 200].mean() for picture in (red, blue))

    assert next(warmth) > next(warmth) + 40


def test_the_pickup_is_of_bare_steel_on_black_tyres() -> None:
    pixels = rendered(vehicles.pickup()).astype(float)
    solid = pixels[pixels[..., 3] > 250][:, :3]
    brightness, colourful = solid.mean(1), solid.max(1) - solid.min(1)

    steel = (brightness > 130) & (colourful < 24)
    black = brightness < 60

    assert steel.mean() > 0.35
    assert black.mean() > 0.15


def test_the_pickup_has_flat_sides_and_a_point_for_a_roof() -> None:
    alpha = rendered(vehicles.pickup(), 660)[..., 3] > 128
    tops = np.where(alpha.any(0), alpha.argmax(0), alpha.shape[0])

    peak = int(tops.argmin())
    assert 200 < peak < 330
    assert np.ptp(np.diff(tops[peak + 20 : 600])) <= 1, "one straight line from the peak to the tail"


def test_scenes_find_both_vehicles_by_name() -> None:
    assert props.drawing("pickup") == vehicles.pickup(None)
    assert props.drawing("flying_car", "ff0000") == vehicles.flying_car("ff0000")
