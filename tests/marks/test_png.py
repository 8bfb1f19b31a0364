"""A PNG that is written fast is one: every reader has the same pixels, and what it says beside them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from pictures import scene
from PIL import Image, ImageCms

from cavendish.imaging import png as rows
from cavendish.marks import png


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (344, 192), (2, 4000), (4000, 2)])
def test_every_pixel_is_read_back(mode: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_STRIP_BYTES", 5000)  # so that strips meet
    pixels = np.asarray(scene(*size, mode=mode))

    data = png.written(pixels)

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)
    assert rows.has_all_rows(data)


def test_profile_and_exif_are_read_back() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0131] = "the engine"

    image = Image.open(io.BytesIO(png.written(np.asarray(scene()), profile=profile, exif=exif.tobytes())))
    image.load()

    assert image.info["icc_profile"] == profile
    assert image.getexif()[0x0131] == "the engine"
