"""Landscapes of the sketch engine: sky, land, water, and where things stand."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from cavendish import models
from cavendish_sketch.canvas.field import Dice, Grid, Plane, Planes
from cavendish_sketch.canvas.palettes import PALETTES
from cavendish_sketch.canvas.sheet import Sheet
from cavendish_sketch.language import designs
from cavendish_sketch.language.brief import Brief, Ground, Subject, Time
from cavendish_sketch.nature import flora, skies, terrain
from cavendish_sketch.nature.terrain import Land
from cavendish_sketch.scenes import landscape
from cavendish_sketch.scenes.landscape import layout

GROUNDS: tuple[Ground, ...] = get_args(Ground)
SMALL = {"16:9": (688, 384), "1:1": (512, 512), "9:16": (384, 688), "8:1": (1024, 128), "1:8": (128, 1024)}
HORIZON = 0.48


def _land(
    ground: Ground = "alps", time: Time = "day", *, ratio: str = "16:9", seed: int = 1, part: int = 1, **wishes: Any
) -> tuple[skies.Sky, Land]:
    grid, dice = Grid.of(*_size(ratio, part)), Dice(bytes([seed]))
    weather, traits = wishes.get("weather", frozenset()), wishes.pop("sky_traits", frozenset())
    above = skies.paint(grid, PALETTES[time], dice, horizon=HORIZON, weather=weather, traits=traits)
    found = terrain.land(
        above.planes,
        above,
        grid,
        PALETTES[time],
        dice,
        lambda part: None,
        ground=ground,
        horizon=HORIZON,
        **{"lake": False, "volcano": False, "winter": False, **wishes},
    )
    return above, found


def _size(ratio: str, part: int) -> tuple[int, int]:
    width, height = SMALL[ratio]
    return width // part, height // part


def _scene(seed: int = 1, size: tuple[int, int] = (688, 384), **brief: Any) -> tuple[Planes, list[float]]:
    sheet, parts = Sheet.of(*size), list[float]()
    landscape.draw(
        sheet, Brief(scene="landscape", design=designs.read("x"), **brief), Dice(bytes([seed])), parts.append
    )
    return sheet.draft, parts


def _spread(planes: Planes, rows: slice) -> float:
    return float(planes[:, rows].std(axis=(1, 2)).max())


def _whiteness(planes: Planes, where: Plane, least: float = 0.55) -> float:
    """Share of the land's pixels that are as good as white or grey, and bright."""
    tones = planes[:, where]
    return float(((tones.min(0) > least) & (tones.max(0) - tones.min(0) < 0.16)).mean())


@pytest.mark.parametrize("ratio", SMALL)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ground_gives_whole_pictures_at_every_shape(ground: Ground, ratio: str) -> None:
    _, land = _land(ground, ratio=ratio, part=2)

    width, height = _size(ratio, 2)
    assert land.planes.shape == (3, height, width)
    assert land.planes.dtype == np.float32
    assert np.isfinite(land.planes).all()
    assert land.planes.min() >= 0
    assert land.planes.max() <= 1


@pytest.mark.parametrize("ground", GROUNDS)
def test_no_part_of_a_picture_is_black_or_flat(ground: Ground) -> None:
    _, land = _land(ground, seed=3)
    rows = land.planes.shape[1]

    for third in (slice(0, rows // 3), slice(rows // 3, 2 * rows // 3), slice(2 * rows // 3, rows)):
        assert _spread(land.planes, third) > 0.015
        assert land.planes[:, third].mean() > 0.12


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_same_seed_gives_the_same_land(ground: Ground) -> None:
    first, again = (_land(ground, part=2)[1].planes for _ in range(2))

    assert np.array_equal(first, again)


@pytest.mark.parametrize("ground", GROUNDS)
def test_another_seed_gives_another_land(ground: Ground) -> None:
    first, second = (_land(ground, seed=seed, part=2)[1].planes for seed in (1, 2))

    assert np.abs(first - second).mean() > 0.01


@pytest.mark.parametrize("time", get_args(Time))
def test_every_light_has_a_sky_within_bounds(time: Time) -> None:
    grid = Grid.of(344, 192)

    above = skies.paint(grid, PALETTES[time], Dice(b"1"), horizon=0.5, weather=frozenset(), traits=frozenset())

    assert np.isfinite(above.planes).all()
    assert above.planes.min() >= 0
    assert above.planes.max() <= 1


@pytest.mark.parametrize("time", ["overcast", "storm"])
def test_no_sun_is_seen_through_a_closed_cover(time: Time) -> None:
    assert _land(time=time)[0].sun is None


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_sun_stands_on_the_side_that_is_asked_for(side: str) -> None:
    for seed in range(6):
        sun = _land("sea", seed=seed, sky_traits=frozenset({f"sun_{side}"}))[0].sun

        assert sun is not None
        assert (sun.x < 0.5) == (side == "left")


def test_the_sky_goes_on_below_its_horizon_as_its_mirror_image() -> None:
    above, _ = _land("sea", "sunset")
    rows = above.planes.shape[1]
    line = round(HORIZON * rows)

    over, under = above.planes[:, line - 60 : line - 20], above.planes[:, line + 20 : line + 60][:, ::-1]

    assert np.corrcoef(over.ravel(), under.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("ground", ["alps", "hills", "sea", "snow"])
def test_night_is_darker_than_day(ground: Ground) -> None:
    assert _land(ground, "night")[1].planes.mean() < 0.6 * _land(ground, "day")[1].planes.mean()


def test_a_lake_mirrors_what_stands_above_it() -> None:
    _, land = _land("alps", lake=True, mirrored=False)
    stripes = np.repeat(Dice(b"3").uniforms(1, 1, 16), land.water.shape[1] // 16, 2)
    planes = np.broadcast_to(stripes, (3, *land.water.shape)).astype(np.float32)

    mirrored = land.mirror(planes)

    rows = [row for row in range(int(len(land.water) * 0.6), len(land.water)) if land.water[row].mean() > 0.5]
    alike = [_alike(mirrored[1, row], planes[1, row], land.water[row] > 0.99) for row in rows]
    assert len(rows) > 40
    assert np.median(alike) > 0.75


def _alike(first: Plane, second: Plane, where: Plane) -> float:
    return float(np.corrcoef(first[where], second[where])[0, 1])


def test_what_is_high_in_the_sky_is_low_in_the_lake() -> None:
    _, land = _land("alps", lake=True, mirrored=False)
    line = round(land.horizon * len(land.water))
    planes = np.zeros((3, *land.water.shape), np.float32)
    planes[:, line - 150 : line - 130] = 1

    mirrored = land.mirror(planes)

    shining = mirrored[0] - land.mirror(np.zeros_like(planes))[0]
    brightest = float(np.median(shining[line:, land.water[-1] > 0.9].argmax(0)))
    assert brightest == pytest.approx(140, abs=20)


def test_a_lake_covers_much_of_the_foreground_and_is_level() -> None:
    _, land = _land("alps", lake=True)
    rows = land.water.shape[0]

    assert land.water[int(rows * 0.75) :].mean() > 0.6
    assert land.water[: int(HORIZON * rows) - 1].max() == 0


def test_firm_ground_lies_in_front_of_a_lake_where_it_is_asked_for() -> None:
    for seed in range(1, 5):
        _, land = _land("alps", lake=True, bank=True, seed=seed)

        assert land.water[-12:].mean() < 0.05


def test_a_planted_tree_is_mirrored_below_its_foot() -> None:
    _, land = _land("alps", "day", lake=True, mirrored=False)
    camera, scale = land.camera, land.water.shape[0] / 1000
    spots = land.spots(Dice(b"1"), 400, 1.0, 4.0)
    spot = min(spots, key=lambda spot: (spot.height - land._level) / spot.away)  # right at the shore
    waterline = camera.horizon + camera.focal * (camera.height - land._level) / spot.away
    planes = land.planes.copy()
    foot, column, tall = int(spot.y * scale), int(spot.x * scale), int(0.2 * spot.scale * scale)
    planes[:, max(foot - tall, 0) : foot, column - 6 : column + 7] = np.array([1, 0, 1], np.float32).reshape(3, 1, 1)

    with_tree, without = land.mirror(planes, [(spot, 0.2)]), land.mirror(land.planes)

    mirrored_foot = round(2 * waterline) - foot
    below = slice(mirrored_foot + int(tall * 0.3), mirrored_foot + int(tall * 0.8))
    window = slice(column - 4, column + 5)
    changed = np.abs(with_tree - without)[:, below, window].max(0)[land.water[below, window] > 0.9]
    assert len(changed) > 20
    assert (changed > 0.1).mean() > 0.6


@pytest.mark.parametrize(
    ("ground", "winter", "snow"), [("hills", False, False), ("hills", True, True), ("snow", False, True)]
)
def test_snow_lies_only_in_winter(ground: Ground, winter: bool, snow: bool) -> None:
    _, land = _land(ground, "day", winter=winter)
    near = (land.depth < 4) & (land.water < 0.1)

    assert (_whiteness(land.planes, near) > 0.5) == snow


def test_alps_carry_snow_on_top_and_none_in_the_valley() -> None:
    high = low = 0.0
    for seed in range(1, 5):
        _, land = _land("alps", "day", seed=seed)
        rows = np.arange(land.depth.shape[0])[:, None] + np.zeros_like(land.depth)
        on_land = np.isfinite(land.depth)
        high += _whiteness(land.planes, on_land & (rows < HORIZON * len(rows)) & (land.depth < 8), 0.72)
        low += _whiteness(land.planes, on_land & (rows > 0.75 * len(rows)), 0.72)

    assert high > 4 * 0.15
    assert low < 4 * 0.03


def test_the_sky_is_infinitely_far_and_land_nearer_the_lower_it_is_seen() -> None:
    _, land = _land("dunes")
    depth = land.depth

    assert np.isinf(depth[0]).all()
    assert np.isfinite(depth[-1]).all()
    falling = np.diff(np.where(np.isfinite(depth), depth, 1e6), axis=0) <= 1e-3
    assert falling.mean() > 0.999


def test_places_farther_away_are_smaller_and_higher_on_flat_land() -> None:
    _, land = _land("beach", seed=2)

    places = [land.place(0.0, away) for away in (2.0, 3.0, 4.5, 7.0, 12.0)]

    assert all(place is not None for place in places)
    found = [place for place in places if place is not None]
    assert all(near.y > far.y and near.scale > far.scale for near, far in zip(found, found[1:], strict=False))


def test_places_run_from_left_to_right_and_end_at_the_page() -> None:
    _, land = _land("hills")

    row = [land.place(x, 3.0) for x in (-1.5, -0.5, 0.0, 0.5, 1.5)]

    found = [place for place in row if place is not None]
    assert len(found) == 5
    assert [place.x for place in found] == sorted(place.x for place in found)
    assert land.place(50.0, 3.0) is None
    assert land.place(0.0, 1e6) is None


def test_a_place_behind_a_crest_is_hidden_and_one_before_it_is_not() -> None:
    _, land = _land("alps", seed=1)
    seen = land.spots(Dice(b"1"), 60, 0.5, 10.0)
    back = [land.place(0.0, away) for away in np.linspace(3.5, 13.5, 60).tolist()]

    assert any(place.hidden for place in back if place is not None)
    again = [land.place(_across(land, spot), spot.away) for spot in seen]
    assert np.mean([place.hidden for place in again if place is not None]) < 0.1


def _across(land: Land, spot: terrain.Spot) -> float:
    camera = land.camera
    column = spot.x * min(camera.columns, camera.rows) / 1000
    return (column - camera.columns / 2) * spot.away / camera.focal


@pytest.mark.parametrize(("ground", "lake"), [("alps", False), ("alps", True), ("islands", False), ("hills", False)])
def test_spots_lie_on_visible_dry_land_from_far_to_near(ground: Ground, lake: bool) -> None:
    _, land = _land(ground, lake=lake)
    scale = land.depth.shape[0] / 1000

    spots = land.spots(Dice(b"2"), 200, 0.5, 9.0)

    assert len(spots) > 50
    assert [spot.away for spot in spots] == sorted((spot.away for spot in spots), reverse=True)
    for spot in spots:
        pixel = int(spot.y * scale), int(spot.x * scale)
        assert land.depth[pixel] == pytest.approx(spot.away, rel=1e-4)
        assert land.water[pixel] < 0.2
        assert 0.5 < spot.away < 9.0
        assert not spot.hidden


def test_there_are_no_spots_on_the_open_sea() -> None:
    assert _land("sea")[1].spots(Dice(b"1"), 50, 0.1, 30.0) == []


def test_fog_veils_what_is_far() -> None:
    clear, foggy = (_land("hills", "day", weather=weather)[1] for weather in (frozenset(), frozenset({"fog"})))
    far = (clear.depth > 5) & (clear.depth < 20) & (foggy.depth > 5)

    assert foggy.planes[:, far].std() < 0.8 * clear.planes[:, far].std()


def test_a_volcano_stands_above_all_other_land() -> None:
    _, land = _land("hills", volcano=True)
    crest = np.isfinite(land.depth).argmax(0)
    top = int(crest.argmin())

    assert crest.min() < HORIZON * len(land.depth) * 0.6
    assert 5.0 < land.depth[crest[top], top] < 9.0


@pytest.mark.parametrize("kind", get_args(flora.Kind))
def test_every_plant_is_drawn_within_its_height(kind: flora.Kind) -> None:
    spot = terrain.Spot(500, 900, 1500, 1.0, 0.0, False)

    (body,) = flora.plant([spot], kind, PALETTES["day"], Dice(b"1"))

    sheet = Sheet.of(512, 512)
    sheet.draw(body)
    rows, columns = np.nonzero(sheet.draft.max(0))
    most = flora.SPECIES[kind].high * 1500 * 0.512
    assert len(rows)
    assert rows.max() - rows.min() < most * 1.25
    assert abs(float(columns.mean()) - 256) < most


def test_far_plants_take_the_colour_of_the_haze() -> None:
    near, far = (terrain.Spot(500, 900, 600, away, 0.0, False) for away in (0.5, 13.0))

    first, second = flora.plant([near, far], "bush", PALETTES["day"], Dice(b"1"), haze="ff00ff", far=14.0)

    def tone(chunk: str) -> tuple[int, int, int]:
        sheet = Sheet.of(256, 256)
        sheet.draw(chunk)
        pixels = sheet.draft[:, sheet.draft.max(0) > 0]
        red, green, blue = (int(value * 255) for value in pixels.mean(1))
        return red, green, blue

    assert tone(first)[1] < tone(second)[1]  # far comes first, and its green is gone
    assert tone(first)[2] > tone(second)[2]


def test_two_thousand_trees_are_a_light_document() -> None:
    spots = [terrain.Spot(float(n % 1700), 500.0, 110.0, 5.0, 0.0, False) for n in range(2000)]

    assert len("".join(flora.plant(spots, "pine", PALETTES["day"], Dice(b"1")))) < 300_000


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:8", "8:1"])
def test_a_scene_reports_steadily_and_covers_the_page(ratio: str) -> None:
    draft, parts = _scene(size=SMALL[ratio], ground="alps", traits=frozenset({"lake", "forest"}))

    assert np.isfinite(draft).all()
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    assert draft.mean(0).min() >= 0
    assert (draft.max(0) < 0.02).mean() < 0.01


def test_a_scene_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    wishes = {"ground": "hills", "traits": frozenset({"village"}), "weather": frozenset({"petals"})}
    first, again, other = (_scene(seed, **wishes)[0] for seed in (1, 1, 2))

    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.01


FOX = Subject("fox", "animal", drawing="1f98a")
BOAT = Subject("boat", "vehicle", drawing="26f5")
EAGLE = Subject("eagle", "animal", drawing="1f985")
CASTLE = Subject("castle", "building", drawing="1f3f0")


def _plan(ratio: str = "16:9", **brief: Any) -> layout.Plan:
    return layout.plan(Brief(scene="landscape", design=designs.read("x"), **brief), Sheet.of(*SMALL[ratio]))


def test_one_subject_stands_near_a_third_with_the_sun_on_the_other_side() -> None:
    plan = _plan(ground="meadow", subjects=(FOX,))

    (stand,) = plan.stands
    assert stand.on_ground
    assert 0.28 < stand.x < 0.40
    assert stand.y > plan.horizon
    assert "sun_right" in plan.sky


def test_flyers_are_in_the_sky_and_boats_on_the_water() -> None:
    plan = _plan(ground="islands", subjects=(BOAT, EAGLE))

    by_word = {stand.subject.word: stand for stand in plan.stands}
    assert by_word["eagle"].y < plan.horizon
    assert not by_word["eagle"].on_ground
    assert by_word["boat"].afloat
    assert by_word["boat"].y > plan.horizon


def test_who_must_stand_is_not_set_on_the_open_sea() -> None:
    assert _plan(ground="sea", subjects=(FOX,)).ground == "beach"
    assert _plan(ground="sea", subjects=(BOAT,)).ground == "sea"


def test_a_lake_has_a_bank_only_for_those_who_stand_on_it() -> None:
    assert _plan(ground="alps", traits=frozenset({"lake"}), subjects=(FOX,)).bank
    assert not _plan(ground="alps", traits=frozenset({"lake"}), subjects=(BOAT,)).bank


@pytest.mark.parametrize("ratio", SMALL)
@pytest.mark.parametrize(
    "subjects", [(FOX,), (FOX, CASTLE, EAGLE), (Subject("fox", "animal", drawing="1f98a", count=12),)]
)
def test_figures_stay_on_the_page_at_every_shape(ratio: str, subjects: tuple[Subject, ...]) -> None:
    width, height = SMALL[ratio]
    points = 1000 / min(width, height)

    for stand in _plan(ratio, ground="hills", subjects=subjects).stands:
        assert 0 < stand.x < 1
        assert 0 < stand.y < 1
        assert stand.height < 0.6 * height * points
        assert stand.height > 20


def test_what_the_sky_shows_by_itself_is_no_figure() -> None:
    plan = _plan(ground="hills", subjects=(Subject("moon", "sky", drawing="1f315"),))

    assert plan.stands == ()
    assert "moon" in plan.sky


def test_every_ratio_has_its_horizon_inside_the_page() -> None:
    for ratio in models.RATIOS:
        sheet = Sheet.of(*(side // 4 for side in models.pixels(ratio, models.Quality.ONE_K)))
        for ground in GROUNDS:
            plan = layout.plan(Brief(scene="landscape", design=designs.read("x"), ground=ground), sheet)
            assert 0.35 < plan.horizon < 0.70
