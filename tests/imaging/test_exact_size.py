"""A finished picture in an exact size: cut where little is off, else padded or cut as it is told."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import numpy as np
import pytest
from PIL import Image, ImageCms

from cavendish.imaging.converter import Converter, NotConverted

pytestmark = pytest.mark.anyio

CROP_MAX = 0.03


@pytest.fixture
async def converter() -> AsyncIterator[Converter]:
    opened = Converter(processes=1)
    yield opened
    await opened.close()


def written(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def halves(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Left red, right blue."""
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (width // 2, 0, width, height))
    return image.convert(mode)


async def sized(converter: Converter, data: bytes, size: tuple[int, int], mismatch: str = "pad") -> Image.Image:
    converted, header = await converter.convert(data, "image/png", size=size, mismatch=mismatch, crop_max=CROP_MAX)
    assert (header.width, header.height) == size
    image = Image.open(io.BytesIO(converted))
    image.load()
    assert image.size == size
    return image


@pytest.mark.parametrize("size", [(64, 64), (100, 100), (400, 390), (390, 400)])
async def test_a_shape_that_is_nearly_right_is_cut_and_filled_to_the_edges(
    size: tuple[int, int], converter: Converter
) -> None:
    pixels = np.asarray((await sized(converter, written(halves(200, 200)), size)).convert("RGB"))

    assert (pixels[:, : size[0] // 3, 0] > 250).all() and (pixels[:, -size[0] // 3 :, 2] > 250).all()


async def test_another_shape_shows_all_of_the_picture_or_is_cut_as_it_is_told(converter: Converter) -> None:
    data = written(halves(200, 100))

    padded = np.asarray(await sized(converter, data, (200, 200)))
    cut = np.asarray(await sized(converter, data, (200, 200), "crop"))

    assert (padded[50:150, :90, 0] > 250).all() and (padded[50:150, 110:, 2] > 250).all()
    above = padded[:40].astype(int)
    assert above[:, :40, 0].mean() > 150 > 60 > above[:, :40, 2].mean()  # goes on in its colours, and darker
    assert above.max() < 250
    assert (cut[:, :90, 0] > 250).all() and (cut[:, 110:, 2] > 250).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
async def test_every_mode_of_a_png_can_be_sized(mode: str, converter: Converter) -> None:
    image = Image.linear_gradient("L").convert("I;16" if mode == "I;16" else mode)

    for size in ((100, 100), (100, 300)):
        assert (await sized(converter, written(image), size)).size == size


async def test_what_is_transparent_stays_so_and_is_padded_with_nothing(converter: Converter) -> None:
    image = Image.new("RGBA", (100, 100), (200, 0, 0, 0))
    image.paste((0, 200, 0, 255), (25, 25, 75, 75))

    padded = await sized(converter, written(image), (100, 200))

    assert padded.getpixel((50, 100)) == (0, 200, 0, 255)
    assert padded.getchannel("A").crop((0, 0, 100, 60)).getextrema() == (0, 0)


async def test_a_picture_that_lies_on_its_side_is_turned_before_and_not_once_more(converter: Converter) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter to the right: left becomes top
    exif[0x0131] = "the engine"

    upright = await sized(converter, written(halves(200, 100), "JPEG", exif=exif, quality=95), (100, 200))

    red, _, blue = upright.convert("RGB").getpixel((50, 20))  # type: ignore[misc]
    assert red > 200 > 60 > blue
    assert 0x0112 not in upright.getexif()
    assert upright.getexif()[0x0131] == "the engine"


async def test_the_colour_profile_goes_along(converter: Converter) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    image = await sized(converter, written(halves(200, 100), icc_profile=profile), (100, 50))

    assert image.info["icc_profile"] == profile


async def test_the_quality_of_an_encoder_is_as_asked_for(converter: Converter) -> None:
    data = written(Image.effect_noise((300, 300), 60).convert("RGB"))

    sizes = [len((await converter.convert(data, "image/jpeg", quality=quality))[0]) for quality in (20, 60, 100)]

    assert sizes[0] * 1.5 < sizes[1] < sizes[2] / 1.5


async def test_what_is_no_picture_is_told(converter: Converter) -> None:
    with pytest.raises(NotConverted, match="damaged"):
        await converter.convert(b"no picture", "image/png", size=(64, 64))
