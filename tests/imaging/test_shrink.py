"""Pictures for engines that take so many bytes and no more."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from cavendish.imaging import shrink
from cavendish.models import InputImage


def noise(side: int, mode: str = "RGB") -> InputImage:
    file = io.BytesIO()
    Image.effect_noise((side, side), 60).convert(mode).save(file, "PNG")
    return InputImage(file.getvalue(), "image/png", side, side)


@pytest.mark.parametrize(
    ("sizes", "each"),
    [([], 100), ([100], 100), ([101], 100), ([50, 50], 100), ([10, 200, 200], 45), ([60, 60], 50), ([0, 0, 99], 100)],
)
def test_what_small_ones_do_not_need_the_large_ones_get(sizes: list[int], each: int) -> None:
    assert shrink.share(sizes, bytes_max=100) == each
    assert sum(min(size, each) for size in sizes) <= 100


def test_a_picture_that_fits_is_left_as_it_is_to_the_last_byte() -> None:
    image = noise(100)

    assert shrink.fitting(image, bytes_max=len(image.data)) is image
    assert shrink.fitting(image, bytes_max=len(image.data) - 1).media_type == "image/jpeg"


def test_quality_goes_before_size() -> None:
    image = noise(400)

    fitted = shrink.fitting(image, bytes_max=len(image.data) * 2 // 3)
    small = shrink.fitting(image, bytes_max=10_000)

    assert (fitted.width, fitted.height) == (400, 400)
    assert small.width < 400
    assert len(small.data) <= 10_000
    assert Image.open(io.BytesIO(small.data)).size == (small.width, small.height)


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (300, 300), (255, 0, 0, 0))
    file = io.BytesIO()
    clear.save(file, "PNG", compress_level=0)

    fitted = shrink.fitting(InputImage(file.getvalue(), "image/png", 300, 300), bytes_max=50_000)

    assert Image.open(io.BytesIO(fitted.data)).getpixel((5, 5)) == (255, 255, 255)


def test_a_bound_that_nothing_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="no picture fits"):
        shrink.fitting(noise(50), bytes_max=10)
