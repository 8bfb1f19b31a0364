"""A mark is read after what pictures go through, is not seen, and is found nowhere else."""

from __future__ import annotations

import functools
import math
import subprocess
import sys
import tracemalloc

import damage
import numpy as np
import pytest
from mark_pictures import KEY, PAYLOAD, decibels, landscape, plain, poster, texture
from PIL import Image

from cavendish.marks import watermark
from cavendish.marks.watermark import PAYLOAD_BITS, reader
from cavendish.marks.watermark.planes import Pixels

PICTURES = {"landscape": landscape, "poster": poster, "texture": texture}


@functools.cache
def marked(name: str) -> Pixels:
    return watermark.embed(PICTURES[name](), PAYLOAD, KEY)


def read(pixels: Pixels, key: bytes = KEY) -> int | None:
    found = watermark.detect(np.ascontiguousarray(pixels), key)
    return found and found.payload


# --- what it survives


@pytest.mark.parametrize("how", damage.NEEDED)
@pytest.mark.parametrize("name", PICTURES)
def test_a_mark_is_read_after(name: str, how: str) -> None:
    image = damage.NEEDED[how](Image.fromarray(marked(name)))

    assert read(np.asarray(image)) == PAYLOAD


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_mark_is_read_however_the_picture_is_turned_or_mirrored(quarters: int, mirrored: bool) -> None:
    pixels = np.rot90(marked("landscape"), quarters)

    assert read(pixels[:, ::-1] if mirrored else pixels) == PAYLOAD


@pytest.mark.parametrize("scale", [0.37, 0.5, 0.613, 0.871, 1.0, 1.29, 1.5])
def test_a_mark_is_read_at_any_size(scale: float) -> None:
    assert read(np.asarray(damage.scaled(Image.fromarray(marked("landscape")), by=scale))) == PAYLOAD


def test_a_cut_is_told_by_the_scale() -> None:
    cut = damage.cut(Image.fromarray(marked("landscape")), by=0.1)
    found = watermark.detect(np.asarray(cut), KEY)

    assert found is not None
    assert found.scale == pytest.approx(0.9, abs=reader.SCALE_STEP + 0.002)


def test_what_is_beyond_it_is_not_found_and_not_misread() -> None:
    """The misses that the page of the measurement names: nothing is found rather than another number."""
    image = Image.fromarray(marked("landscape"))

    assert read(np.asarray(damage.turned(image, degrees=5))) is None
    assert read(np.asarray(damage.scaled(image, by=0.05))) is None


@pytest.mark.parametrize("payload", [0, 1, (1 << PAYLOAD_BITS) - 1])
def test_every_payload_fits(payload: int) -> None:
    assert read(watermark.embed(landscape(800, 500), payload, KEY)) == payload


def test_a_second_mark_over_a_first_is_read_and_both_may_be() -> None:
    twice = watermark.embed(marked("landscape"), 77, b"another service's key")

    assert read(twice) == PAYLOAD
    assert read(twice, b"another service's key") == 77


# --- what is not seen


@pytest.mark.parametrize("name", PICTURES)
def test_a_mark_costs_no_more_than_42_decibels(name: str) -> None:
    assert decibels(PICTURES[name](), marked(name)) >= 42


@pytest.mark.parametrize("level", [0, 40, 128, 215, 255])
def test_a_plain_picture_changes_by_three_steps_at_most_and_carries_a_mark(level: int) -> None:
    before = plain(1024, 1024, level, level, level)
    after = watermark.embed(before, PAYLOAD, KEY)

    assert np.abs(after.astype(int) - before).max() <= 3
    assert decibels(before, after) > 51
    assert read(after) == PAYLOAD


def test_an_edge_is_no_reason_to_change_the_flat_colour_beside_it() -> None:
    """A grain in the narrow bars of a poster is what people see first."""
    before = plain(1024, 1024, 60, 110, 180)
    before[:, 512:] = (250, 240, 230)
    before[:, 200:228] = (250, 240, 230)
    change = np.abs(watermark.embed(before, PAYLOAD, KEY).astype(int) - before)

    assert change.max() <= 6  # on the edges themselves
    assert change[:, 210:218].max() <= 3


def test_a_mark_has_no_seams_where_strips_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = watermark.embed(landscape(700, 500), PAYLOAD, KEY).astype(int)
    monkeypatch.setattr("cavendish.marks.watermark.planes.STRIP_PIXELS", 700 * 37)

    assert np.abs(watermark.embed(landscape(700, 500), PAYLOAD, KEY) - whole).max() <= 1


# --- what is found where nothing is


def test_the_bound_holds_for_fair_coins() -> None:
    """The statistic on what it is about: no claim on coins passes, and the best of many is where the bound has it."""
    chance = np.random.default_rng(2)
    amounts = chance.normal(size=2000)
    scores = np.array([chance.choice([-1, 1], 2000) @ amounts for _ in range(4000)]) / np.linalg.norm(amounts)

    assert scores.max() < math.sqrt(2 * math.log(4000 / 0.001))
    assert np.mean(scores > 2) < math.exp(-2)


def test_the_claims_are_counted_with_every_payload_offset_turn_and_scale() -> None:
    scales = len(list(reader._scales()))

    assert reader.CLAIMS >= scales * 3 * 8 * 128 * 128 * 25 * 2**40


def test_the_bound_is_what_a_score_says() -> None:
    needed = math.sqrt(2 * math.log(reader.CLAIMS / 1e-6))
    just, short = (reader.Reading(1, 1.0, needed + off, 1.0) for off in (0.001, -0.001))

    assert reader.convincing(just) and not reader.convincing(short)
    assert not reader.convincing(reader.Reading(1, 0.98, needed + 5, 1.0))


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_found_in_an_unmarked_picture_or_by_another_key(name: str) -> None:
    assert watermark.detect(PICTURES[name](), KEY) is None
    assert watermark.detect(marked(name), KEY[:-1] + b"?") is None


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_found_in_parts_of_unmarked_pictures(seed: int) -> None:
    chance = np.random.default_rng(seed)
    width, height = (int(side) for side in chance.integers(64, 400, 2))
    pixels = landscape(seed=seed)[300 : 300 + height, 200 : 200 + width]

    assert reader.best(np.ascontiguousarray(pixels), KEY).p_value == 1


def test_stripes_and_checks_that_repeat_as_a_mark_does_are_none() -> None:
    period = 1024 // 3.125 / 8  # eight waves a tile
    wave = 128 + 90 * np.sign(np.sin(2 * np.pi * np.arange(1024) / period))
    checks = (wave[:, None] * wave[None, :] / 256).astype(np.uint8)

    assert watermark.detect(checks, KEY) is None


# --- which pictures


def test_a_picture_that_is_too_small_is_refused_and_one_that_fits_is_read() -> None:
    assert watermark.fits(200, 200) and watermark.fits(64, 625)
    assert not watermark.fits(199, 200) and not watermark.fits(63, 4000)
    with pytest.raises(watermark.DoesNotFit, match="63x4000 pixels"):
        watermark.embed(plain(63, 4000, 1, 2, 3), PAYLOAD, KEY)
    for width, height in ((200, 200), (625, 64), (64, 1024)):
        assert read(watermark.embed(landscape(width, height), PAYLOAD, KEY)) == PAYLOAD


def test_nothing_is_found_in_pictures_too_small_to_look_at() -> None:
    assert watermark.detect(plain(1, 1, 5, 5, 5), KEY) is None
    assert watermark.detect(plain(5000, 63, 5, 5, 5), KEY) is None


@pytest.mark.parametrize(("width", "height"), [(2048, 128), (100, 1600)])
def test_a_strip_carries_a_mark(width: int, height: int) -> None:
    assert read(watermark.embed(landscape(width, height), PAYLOAD, KEY)) == PAYLOAD


def test_transparency_stays_and_what_is_fully_transparent_is_not_touched() -> None:
    before = np.dstack([landscape(), np.full((768, 1376), 255, np.uint8)])
    before[:, :400, 3] = 0
    before[:, 400:600, 3] = 128
    after = watermark.embed(before, PAYLOAD, KEY)

    assert (after[..., 3] == before[..., 3]).all()
    assert (after[:, :400] == before[:, :400]).all()
    assert read(after) == PAYLOAD
    assert (
        read(
            np.asarray(
                Image.alpha_composite(Image.new("RGBA", (1376, 768), "white"), Image.fromarray(after)).convert("RGB")
            )
        )
        == PAYLOAD
    )


def test_a_picture_in_grey_carries_one_too() -> None:
    before = np.asarray(Image.fromarray(landscape()).convert("L"))
    after = watermark.embed(before, PAYLOAD, KEY)

    assert after.shape == before.shape
    assert read(after) == PAYLOAD
    assert read(np.dstack([after] * 3)) == PAYLOAD


def test_the_picture_that_was_given_is_left_as_it_is() -> None:
    before = landscape(400, 300)
    before.setflags(write=False)

    after = watermark.embed(before, PAYLOAD, KEY)

    assert after.shape == before.shape
    assert after.dtype == np.uint8
    assert after is not before


def test_a_picture_of_4k_is_marked_within_its_memory() -> None:
    """What numpy keeps beside the picture and its copy: strips, not a second picture in floats."""
    before = np.resize(landscape(), (3072, 5504, 3))
    tracemalloc.start()
    after = watermark.embed(before, PAYLOAD, KEY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak - after.nbytes < 60e6
    assert read(after) == PAYLOAD


def test_neither_the_api_nor_a_worker_loads_it() -> None:
    code = "import sys, cavendish.processes.api, cavendish.processes.worker; print({'numpy', 'cavendish.marks.watermark'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "set()"
