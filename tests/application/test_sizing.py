"""Which ratio and quality is ordered for an exact size."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cavendish import settings as configuration
from cavendish.application.generations import sizing, validate
from cavendish.application.generations.validate import Asked
from cavendish.errors import InvalidInput
from cavendish.models import MODELS, RATIOS, Output, Quality, Submission, pixels

SETTINGS = configuration.load({"data": "/nowhere"}, environment={})
MODEL = MODELS["nano-banana-2"]
SIDES = some.integers(sizing.SIDE_MIN, 4096)


def checked(**fields: Any) -> Submission:
    settings = dataclasses.replace(SETTINGS, size_mismatch=fields.pop("mismatch", "pad"))
    return validate.checked(Asked(**{"model": MODEL, "prompt": "a lake", "mode": "generate", **fields}), settings)


def refused(**fields: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        checked(**fields)
    return caught.value.message


@pytest.mark.parametrize(
    ("size", "ratio", "quality"),
    [
        ("1024x1024", "1:1", "1K"),
        ("512x512", "1:1", "1K"),
        ("256x256", "1:1", "1K"),
        ("1536x1024", "3:2", "1K"),
        ("1024x1536", "2:3", "1K"),
        ("1792x1024", "16:9", "2K"),
        ("1024x1792", "9:16", "2K"),
        ("2048x2048", "1:1", "2K"),
        ("3840x2160", "16:9", "4K"),
        ("640x480", "4:3", "1K"),
        ("1280x720", "16:9", "1K"),
        ("3000x1000", "21:9", "2K"),
        ("12288x1536", "8:1", "4K"),
    ],
)
def test_a_size_that_clients_send_becomes_the_nearest_order(size: str, ratio: str, quality: str) -> None:
    found = checked(size=size)

    width, height = map(int, size.split("x"))
    assert (found.aspect_ratio, found.image_quality) == (ratio, Quality(quality))
    assert found.output == Output(width, height)


@given(SIDES, SIDES)
def test_whatever_the_documents_allow_can_be_made_and_is_hardly_enlarged(width: int, height: int) -> None:
    found = checked(size=f"{width}x{height}")

    drawn_width, drawn_height = pixels(found.aspect_ratio, found.image_quality)
    scales = width / drawn_width, height / drawn_height
    whole = not sizing.fits(width, height, found.aspect_ratio)  # then it is padded, and needs only to be contained
    assert (min(scales) if whole else max(scales)) <= 1.25
    shapes = {one: abs(math.log(width / height / (pixels(one, Quality.ONE_K)[0] / pixels(one, Quality.ONE_K)[1])))
              for one in RATIOS}  # fmt: skip
    assert shapes[found.aspect_ratio] == min(shapes.values())


@pytest.mark.parametrize("value", ["1024", "1024x", "x1024", "0x1024", "63x1024", "1024x63", "1024×1024", "1e3x1000",
                                   "123456x1024", "٣٢٠x320", "-100x100", " 1024x1024", "", 1024, [1024, 1024], True])  # fmt: skip
def test_what_is_no_size_is_told_with_the_way_to_write_it(value: object) -> None:
    assert "WIDTHxHEIGHT" in refused(size=value)


def test_a_size_beyond_the_largest_quality_is_refused_with_what_there_is() -> None:
    assert refused(size="9000x9000") == (
        "size 9000x9000 is too large: pictures of this shape have at most 4096x4096 pixels"
    )


def test_a_quality_beside_a_size_is_what_is_drawn_and_paid_and_a_small_one_is_told() -> None:
    assert checked(size="512x512", image_quality="4K").image_quality is Quality.FOUR_K
    assert checked(size="2048x2048", image_quality="2K").warnings == ()
    small = checked(size="2048x2048", image_quality="1K")
    assert small.image_quality is Quality.ONE_K
    assert small.warnings == (
        "The picture is drawn at 1K and enlarged to 2048x2048; image quality 2K draws so many pixels.",
    )


def test_a_ratio_beside_a_size_is_what_is_drawn() -> None:
    found = checked(size="1024x1024", aspect_ratio="16:9")

    assert (found.aspect_ratio, found.output) == ("16:9", Output(1024, 1024))


def test_a_shape_that_no_engine_draws_is_refused_where_the_operator_says_so() -> None:
    assert checked(size="1024x1536", mismatch="refuse").aspect_ratio == "2:3"
    assert refused(size="1000x333", mismatch="refuse") == (
        "size '1000x333' is not valid: pictures here have fixed shapes; 1000x424 is nearest"
    )
    assert checked(size="1000x333", mismatch="crop").output == Output(1000, 333)


def test_a_format_and_its_quality() -> None:
    assert checked(output_format="webp", output_quality=80).output == Output(media_type="image/webp", quality=80)
    assert checked(output_format="jpeg").output == Output(media_type="image/jpeg")
    assert checked().output == Output()
    for unused in ({}, {"output_format": "png"}):
        found = checked(output_quality=50, **unused)
        assert found.output.quality is None
        assert found.warnings == ("output quality was ignored: it is for output format jpeg and webp.",)
    assert "use png, jpeg or webp" in refused(output_format="svg")
    assert "jpeg is nearest" in refused(output_format="jpg")
    for value in (0, 101, "80", 1.5, True):
        assert "use a whole number from 1 to 100" in refused(output_format="jpeg", output_quality=value)
