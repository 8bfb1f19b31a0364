"""What anybody's picture says of itself is found out in a child, and nothing that anybody sends breaks it."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pictures import ORIGIN, encoded, scene
from PIL import Image

from cavendish.imaging.decoder import INPUT_BYTES_MAX, ImageRefused
from cavendish.marks import identity
from cavendish.marks.examiner import Examiner
from cavendish.marks.marker import Marker, Wanted
from cavendish.models import InputImage, Mode

pytestmark = pytest.mark.anyio


@pytest.fixture
async def examiner() -> AsyncIterator[Examiner]:
    found = Examiner()
    yield found
    await found.close()


async def _signed(folder: Path, picture: InputImage, mode: Mode = Mode.GENERATE) -> InputImage:
    marker = Marker(processes=1)
    try:
        wanted = Wanted(
            dataclasses.replace(ORIGIN, mode=mode), identity=identity.made_or_found(folder, issuer="Studio")
        )
        return (await marker.mark(picture, wanted)).picture
    finally:
        await marker.close()


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp"])
async def test_a_manifest_is_told_in_few_words(examiner: Examiner, tmp_path: Path, media_type: str) -> None:
    found = await examiner.examine((await _signed(tmp_path, encoded(scene(), media_type))).data, [])

    assert found.manifest is not None
    assert (found.manifest.state, found.manifest.issuer) == ("valid", "Studio")
    assert (found.manifest.agent, found.manifest.model) == ("gemini", "gemini-3.1-flash-image")
    assert (found.manifest.when, found.manifest.source_type) == ("2026-11-30T08:00:00Z", "trainedAlgorithmicMedia")
    assert found.source_type_told


async def test_who_signed_what_it_was_made_from_is_told(examiner: Examiner, tmp_path: Path) -> None:
    once = await _signed(tmp_path, encoded(scene(), "image/png"))

    found = await examiner.examine((await _signed(tmp_path / "b", once)).data, [])

    assert found.manifest is not None
    assert found.manifest.earlier == ("Studio",)


async def test_a_changed_picture_has_an_invalid_one(examiner: Examiner, tmp_path: Path) -> None:
    data = bytearray((await _signed(tmp_path, encoded(scene(), "image/jpeg"))).data)
    data[-200] ^= 1

    found = await examiner.examine(bytes(data), [])

    assert found.manifest is not None
    assert found.manifest.state == "invalid"


async def test_a_photograph_has_nothing(examiner: Examiner) -> None:
    found = await examiner.examine(encoded(scene(), "image/jpeg").data, [b"k" * 32])

    assert (found.manifest, found.watermark, found.source_type_told) == (None, None, False)
    assert found.fingerprint is not None


@pytest.mark.parametrize("media_type", ["image/gif", "image/avif"])
async def test_other_types_are_looked_at_too(examiner: Examiner, media_type: str) -> None:
    file = io.BytesIO()
    scene().save(file, media_type.partition("/")[2].upper())

    assert (await examiner.examine(file.getvalue(), [])).fingerprint is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"words",
        b"\x89PNG\r\n\x1a\n" + bytes(1000),
        b"\xff\xd8\xff\xe0" + b"jumb" * 1000,
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + bytes(100),
    ],
)
async def test_what_is_no_picture_is_refused_and_the_next_is_looked_at(examiner: Examiner, data: bytes) -> None:
    with pytest.raises(ImageRefused):
        await examiner.examine(data, [])

    assert (await examiner.examine(encoded(scene(), "image/png").data, [])).manifest is None


async def test_too_many_bytes_are_refused_before_they_are_looked_at(examiner: Examiner) -> None:
    with pytest.raises(ImageRefused, match="20 MB"):
        await examiner.examine(bytes(INPUT_BYTES_MAX + 1), [])


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
async def test_a_manifest_that_is_cut_or_garbled_breaks_nothing(examiner: Examiner, tmp_path: Path, cut: float) -> None:
    """Its bytes are overwritten from somewhere on; the picture itself is whole."""
    data = bytearray((await _signed(tmp_path, encoded(scene(), "image/jpeg"))).data)
    start = data.find(b"jumb")
    data[start + int(2000 * cut) : start + 2000] = b"\xff" * (2000 - int(2000 * cut))

    found = await examiner.examine(bytes(data), [])

    assert found.manifest is None or found.manifest.state == "invalid"


async def test_a_watermark_is_found_by_any_of_the_keys_in_a_small_copy(examiner: Examiner) -> None:
    marker = Marker(processes=1)
    try:
        marked = await marker.mark(encoded(scene(1376, 768), "image/png"), Wanted(ORIGIN, watermark=(77, b"b" * 32)))
    finally:
        await marker.close()
    image = Image.open(io.BytesIO(marked.picture.data)).resize((688, 384))

    found = await examiner.examine(encoded(image, "image/jpeg", quality=75).data, [b"a" * 32, b"b" * 32])
    other = await examiner.examine(encoded(image, "image/jpeg", quality=75).data, [b"a" * 32])

    assert found.watermark is not None
    assert found.watermark[0] == 77
    assert found.watermark[1] > 0.99
    assert other.watermark is None
