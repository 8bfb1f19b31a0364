"""XMP goes into a finished file without touching its pixels, and whatever is no such file is refused."""

from __future__ import annotations

import pytest
from pictures import ORIGIN, encoded, opened, same_pixels, scene

from cavendish.marks import container, xmp
from cavendish.marks.container import DoesNotFit

TYPES = ("image/png", "image/jpeg", "image/webp")
PACKET = xmp.packet(ORIGIN)


def _xmp(data: bytes) -> bytes:
    found = opened(data).info["xmp"]
    return found if isinstance(found, bytes) else found.encode()


@pytest.mark.parametrize("media_type", TYPES)
def test_what_is_put_in_is_read_back_and_no_pixel_changes(media_type: str) -> None:
    data = encoded(scene(), media_type).data

    marked = container.with_xmp(data, media_type, PACKET)

    assert _xmp(marked) == PACKET
    assert container.xmp(marked, media_type) == PACKET
    assert same_pixels(marked, data)
    assert len(marked) - len(data) < len(PACKET) + 64


@pytest.mark.parametrize("media_type", TYPES)
def test_it_takes_the_place_of_what_was_there(media_type: str) -> None:
    once = container.with_xmp(encoded(scene(), media_type).data, media_type, b"<x>the first</x>")
    twice = container.with_xmp(once, media_type, PACKET)

    assert _xmp(twice) == PACKET
    assert b"the first" not in twice


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_of_each_kind_keeps_its_transparency(mode: str, options: dict[str, object]) -> None:
    data = encoded(scene(mode=mode), "image/webp", **options).data

    assert same_pixels(container.with_xmp(data, "image/webp", PACKET), data)


def test_a_jpeg_keeps_what_else_it_says() -> None:
    image = scene()
    exif = image.getexif()
    exif[0x0131] = "the engine"
    data = encoded(image, "image/jpeg", exif=exif, icc_profile=b"profile", comment=b"words").data

    marked = opened(container.with_xmp(data, "image/jpeg", PACKET))

    assert marked.getexif()[0x0131] == "the engine"
    assert (marked.info["icc_profile"], marked.info["comment"]) == (b"profile", b"words")


def test_a_text_that_is_too_long_for_a_jpeg_is_refused() -> None:
    with pytest.raises(DoesNotFit):
        container.with_xmp(encoded(scene(), "image/jpeg").data, "image/jpeg", b"x" * 65_600)


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_file_that_ends_anywhere_is_refused_or_left_a_prefix(media_type: str, cut: int) -> None:
    """Nothing but DoesNotFit leaves it, whatever the bytes are; nor does the reader complain."""
    data = encoded(scene(64, 48), media_type).data[:cut]

    assert container.xmp(data, media_type) is None
    try:
        container.with_xmp(data, media_type, PACKET)
    except DoesNotFit:
        return


def test_most_files_are_known_to_have_no_manifest() -> None:
    assert not container.may_have_manifest(encoded(scene(64, 48), "image/jpeg").data)
    assert container.may_have_manifest(b"....jumb....")
