"""Every finished picture carries a manifest that others find valid, and XMP; its size, its type and its looks stay.

The manifests are read by the library's own reader, which knows nothing of how we made them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

import numpy as np
import pytest
from pictures import ORIGIN, actions, active, encoded, opened, read, same_pixels, scene
from PIL import Image, ImageCms

from cavendish.application.work import marking
from cavendish.marks import container, identity, watermark
from cavendish.marks.identity import Identity
from cavendish.marks.marker import Marker, NotMarked, Wanted
from cavendish.models import InputImage, Mode

pytestmark = pytest.mark.anyio

TYPES = ("image/png", "image/jpeg", "image/webp")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity.made_or_found(tmp_path_factory.mktemp("marks"), issuer="Example Studio")


@pytest.fixture
async def marker() -> AsyncIterator[Marker]:
    found = Marker(processes=1)
    yield found
    await found.close()


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("mode", [Mode.GENERATE, Mode.EDIT])
@pytest.mark.parametrize("algorithmic", [False, True], ids=["model", "algorithm"])
async def test_the_manifest_is_valid_and_names_engine_time_and_service(
    marker: Marker, signer: Identity, media_type: str, mode: Mode, algorithmic: bool
) -> None:
    origin = dataclasses.replace(ORIGIN, mode=mode, algorithmic=algorithmic)
    wanted = Wanted(origin, identity=signer, ingredients=(None,) if mode is Mode.EDIT else ())

    marked = await marker.mark(encoded(scene(), media_type), wanted)

    state, told = read(marked.picture.data, media_type)
    manifest = active(told)
    made = actions(manifest)[1 if mode is Mode.EDIT else 0]
    assert state == "Valid"
    assert manifest["signature_info"]["issuer"] == "Example Studio"
    assert made["action"] == ("c2pa.edited" if mode is Mode.EDIT else "c2pa.created")
    assert made["digitalSourceType"] == origin.source_type
    assert made["softwareAgent"] == {"name": "gemini", "version": "gemini-3.1-flash-image"}
    assert made["when"] == "2026-11-30T08:00:00Z"
    assert ORIGIN.verify_url in str(manifest["assertions"])
    assert marked.left == ()


@pytest.mark.parametrize("media_type", TYPES)
async def test_a_changed_byte_makes_it_invalid(marker: Marker, signer: Identity, media_type: str) -> None:
    marked = await marker.mark(encoded(scene(), media_type), Wanted(ORIGIN, identity=signer))
    data = bytearray(marked.picture.data)
    data[data.rfind(b"IDAT") + 40 if media_type == "image/png" else len(data) // 2] ^= 1

    state, _ = read(bytes(data), media_type)

    assert state == "Invalid"


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
async def test_without_a_mark_in_the_pixels_no_pixel_changes(
    marker: Marker, signer: Identity, media_type: str, mode: str
) -> None:
    picture = encoded(scene(mode="RGB" if media_type == "image/jpeg" else mode), media_type)

    marked = await marker.mark(picture, Wanted(ORIGIN, identity=signer))

    assert same_pixels(marked.picture.data, picture.data)
    assert (marked.picture.media_type, marked.picture.width) == (media_type, 344)
    assert len(marked.picture.data) - len(picture.data) < 20_000


async def test_with_no_marks_at_all_it_is_the_same_file(marker: Marker) -> None:
    picture = encoded(scene(), "image/png")

    marked = await marker.mark(picture, Wanted(ORIGIN, xmp=False))

    assert marked.picture == picture


async def test_an_engines_own_manifest_stays_and_ours_is_the_next_claim(marker: Marker, signer: Identity) -> None:
    """As Gemini signs its pictures: what it says is still there, and still valid."""
    engine = dataclasses.replace(ORIGIN, engine="another service", engine_model="its model")
    sent = (await marker.mark(encoded(scene(), "image/png"), Wanted(engine, identity=signer))).picture

    marked = await marker.mark(sent, Wanted(ORIGIN, identity=signer))

    state, told = read(marked.picture.data, "image/png")
    manifest = active(told)
    assert state == "Valid"
    assert len(told["manifests"]) == 2
    assert [one["action"] for one in actions(manifest)] == ["c2pa.opened", "c2pa.edited"]
    assert manifest["ingredients"][0]["relationship"] == "parentOf"
    assert "another service" in str(told["manifests"])


async def test_it_stays_also_where_the_file_became_another_one(marker: Marker, signer: Identity) -> None:
    sent = (await marker.mark(encoded(scene(), "image/png"), Wanted(ORIGIN, identity=signer))).picture
    converted = encoded(opened(sent.data).convert("RGB").resize((172, 96)), "image/jpeg")

    marked = await marker.mark(converted, Wanted(ORIGIN, identity=signer), engine_file=sent)

    state, told = read(marked.picture.data, "image/jpeg")
    assert (state, len(told["manifests"])) == ("Valid", 2)


async def test_what_input_images_said_of_themselves_is_kept(marker: Marker, signer: Identity) -> None:
    """Two signed pictures and one that says nothing: the first is opened, the others are used."""
    inputs = [
        (await marker.mark(encoded(scene(seed=seed), "image/jpeg"), Wanted(ORIGIN, identity=signer))).picture
        for seed in (1, 2)
    ]
    known = [await marker.credentials(one.data, "image/jpeg") for one in inputs]
    edit = dataclasses.replace(ORIGIN, mode=Mode.EDIT)

    marked = await marker.mark(
        encoded(scene(), "image/webp"), Wanted(edit, identity=signer, ingredients=(*known, None, known[1]))
    )

    state, told = read(marked.picture.data, "image/webp")
    found = sorted(one["relationship"] for one in active(told)["ingredients"])
    assert (state, len(told["manifests"])) == ("Valid", 3)
    assert found == ["inputTo", "inputTo", "parentOf"]


async def test_an_unsigned_or_damaged_input_has_nothing_to_keep(marker: Marker) -> None:
    picture = encoded(scene(), "image/jpeg")

    assert await marker.credentials(picture.data, "image/jpeg") is None
    assert await marker.credentials(picture.data + b"jumb c2pa C2PA", "image/jpeg") is None
    assert await marker.credentials(b"\x89PNG caBX", "image/png") is None


async def test_smaller_copies_are_made_of_what_is_larger(marker: Marker) -> None:
    wide = await marker.mark(encoded(scene(1376, 768), "image/jpeg"), Wanted(ORIGIN))
    small = await marker.mark(encoded(scene(320, 200), "image/jpeg"), Wanted(ORIGIN))

    sizes = {width: opened(data).size for width, data in wide.copies.items()}
    assert sizes == {320: (320, 179), 1024: (1024, 572)}
    assert all(opened(data).format == "WEBP" for data in wide.copies.values())
    assert small.copies == {}


async def test_copies_say_too_that_no_camera_made_them(marker: Marker) -> None:
    marked = await marker.mark(encoded(scene(), "image/png"), Wanted(ORIGIN))

    assert b"trainedAlgorithmicMedia" in (container.xmp(marked.copies[320], "image/webp") or b"")


async def test_a_certificate_that_may_not_sign_pictures_leaves_the_picture_unsigned(
    marker: Marker, signer: Identity
) -> None:
    wrong = dataclasses.replace(signer, algorithm="ps256")

    marked = await marker.mark(encoded(scene(), "image/png"), Wanted(ORIGIN, identity=wrong))

    assert marked.left == ("c2pa",)
    assert b"DigitalSourceType" in marked.picture.data


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + b"0" * 100, b"GIF89a" + b"0" * 100])
async def test_what_is_no_picture_is_not_marked_and_the_next_one_is(marker: Marker, data: bytes) -> None:
    with pytest.raises(NotMarked):
        await marker.mark(InputImage(data, "image/png", 10, 10), Wanted(ORIGIN))

    assert (await marker.mark(encoded(Image.new("RGB", (9, 9)), "image/png"), Wanted(ORIGIN))).fingerprint is None


KEY = b"k" * 32


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
async def test_the_pixels_carry_a_number_and_the_file_stays_of_its_kind(
    marker: Marker, signer: Identity, media_type: str, mode: str
) -> None:
    image = scene(1024, 576, mode="RGB" if media_type == "image/jpeg" and mode in ("RGBA", "P") else mode)
    options = {} if media_type == "image/png" else {"quality": 92}
    picture = encoded(
        image.convert("RGB") if (media_type, mode) == ("image/webp", "L") else image, media_type, **options
    )

    marked = await marker.mark(picture, Wanted(ORIGIN, identity=signer, watermark=(0xABCDEF0123, KEY)))

    found = watermark.detect(np.asarray(opened(marked.picture.data).convert("RGB")), KEY)
    assert found is not None
    assert (found.payload, marked.watermark) == (0xABCDEF0123, 0xABCDEF0123)
    assert read(marked.picture.data, media_type)[0] == "Valid"
    assert "abcdef0123" in str(active(read(marked.picture.data, media_type)[1])["assertions"])
    assert opened(marked.picture.data).has_transparency_data == (mode == "RGBA" and media_type != "image/jpeg")
    assert marked.left == ()


async def test_a_jpeg_keeps_its_own_tables_and_a_webp_without_loss_stays_so(marker: Marker) -> None:
    jpeg = encoded(scene(), "image/jpeg", quality=61, subsampling=2)
    webp = encoded(scene(), "image/webp", lossless=True)
    wanted = Wanted(ORIGIN, watermark=(5, KEY))

    marked = opened((await marker.mark(jpeg, wanted)).picture.data)
    lossless = (await marker.mark(webp, wanted)).picture.data

    assert marked.quantization == opened(jpeg.data).quantization  # type: ignore[attr-defined]
    assert b"VP8L" in lossless[:64]


async def test_what_a_file_says_stays_where_its_pixels_are_marked(marker: Marker) -> None:
    image = scene()
    exif = image.getexif()
    exif[0x0131] = "the engine"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    marked = await marker.mark(
        encoded(image, "image/jpeg", exif=exif, icc_profile=profile), Wanted(ORIGIN, xmp=False, watermark=(5, KEY))
    )

    assert opened(marked.picture.data).getexif()[0x0131] == "the engine"
    assert opened(marked.picture.data).info["icc_profile"] == profile


async def test_a_picture_that_is_too_small_for_one_says_so_and_has_the_rest(marker: Marker, signer: Identity) -> None:
    picture = encoded(scene(60, 40), "image/png")

    marked = await marker.mark(picture, Wanted(ORIGIN, identity=signer, watermark=(5, KEY)))

    assert (marked.left, marked.watermark) == (("watermark",), None)
    assert same_pixels(marked.picture.data, picture.data)
    assert read(marked.picture.data, "image/png")[0] == "Valid"


def test_as_many_bits_are_drawn_as_a_watermark_holds() -> None:
    assert marking.WATERMARK_BITS == watermark.PAYLOAD_BITS
