"""A fingerprint stays nearly the same through what pictures go through, and tells pictures apart."""

from __future__ import annotations

import io

import pytest
from pictures import scene
from PIL import Image, ImageEnhance

from cavendish.marks import fingerprint
from cavendish.stores.register import DISTANCE_MAX


def _as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("seed", range(8))
def test_it_stays_through_compression_half_size_and_brightness(seed: int) -> None:
    image = scene(1376, 768, seed=seed)
    known = fingerprint.of(image)
    assert known is not None

    for other in (
        _as_jpeg(image, 50),
        _as_jpeg(image.resize((688, 384)), 75),
        image.resize((333, 186)),
        ImageEnhance.Brightness(image).enhance(0.9),
    ):
        found = fingerprint.of(other)
        assert found is not None
        assert fingerprint.distance(found, known) <= DISTANCE_MAX


def test_different_pictures_differ_in_many_bits() -> None:
    found = [fingerprint.of(scene(seed=seed)) for seed in range(40)]
    known = [one for one in found if one is not None]

    assert len(known) == 40
    assert min(fingerprint.distance(a, b) for a in known for b in known if a != b) > DISTANCE_MAX


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (300, 200), "navy"), Image.new("L", (1, 1)), Image.new("1", (9, 9))]
)
def test_one_even_surface_has_none(image: Image.Image) -> None:
    assert fingerprint.of(image) is None


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "LA"])
def test_every_mode_has_one(mode: str) -> None:
    assert fingerprint.of(scene(mode="RGBA" if mode == "LA" else "RGB").convert(mode)) is not None
