"""Headers are read right from real files and calmly from anything else."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cavendish.imaging import sniff
from cavendish.imaging.sniff import ImageHeader


def picture(format_: str, size: tuple[int, int] = (70, 40), mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(file, format_, **options)
    return file.getvalue()


REAL = {
    "png": picture("PNG"),
    "jpeg": picture("JPEG"),
    "jpeg progressive": picture("JPEG", progressive=True, comment=b"\xff\xd9 no end"),
    "jpeg with profile": picture("JPEG", icc_profile=b"\xff\xda\xff\xd9" * 40_000),
    "webp lossy": picture("WEBP"),
    "webp lossless": picture("WEBP", lossless=True),
    "webp extended": picture("WEBP", mode="RGBA", exif=b"Exif\0\0"),
}


@pytest.mark.parametrize("name", REAL)
def test_type_and_size_of_a_real_file(name: str) -> None:
    media_type = {"p": "image/png", "j": "image/jpeg", "w": "image/webp"}[name[0]]

    assert sniff.sniff(REAL[name]) == ImageHeader(media_type, 70, 40)  # type: ignore[arg-type]


def test_fill_bytes_before_a_marker_are_skipped() -> None:
    filled = REAL["jpeg"].replace(b"\xff\xdb", b"\xff\xff\xff\xff\xdb")

    header = sniff.sniff(filled)

    assert header is not None
    assert (header.width, header.height) == (70, 40)
    assert sniff.whole(filled)


@pytest.mark.parametrize("size", [(1, 1), (16383, 1), (1, 16383)])
@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_the_smallest_and_the_longest_sizes(format_: str, size: tuple[int, int]) -> None:
    header = sniff.sniff(picture(format_, size))

    assert header is not None
    assert (header.width, header.height) == size


def test_the_shortest_webp_has_26_bytes() -> None:
    shortest = b"RIFF\x12\0\0\0WEBPVP8L\x06\0\0\0/Alo\0k"

    header = sniff.sniff(shortest)

    assert header is not None
    assert header.media_type == "image/webp"


@pytest.mark.parametrize("format_", ["GIF", "BMP", "TIFF", "ICO", "AVIF", "PPM"])
def test_other_types_are_nothing(format_: str) -> None:
    assert sniff.sniff(picture(format_)) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (REAL["png"], "image/png"),
        (REAL["jpeg"], "image/jpeg"),
        (REAL["webp lossy"], "image/webp"),
        (picture("GIF"), "image/gif"),
        (b"GIF87a and whatever", "image/gif"),
        (picture("AVIF"), "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0miafavif", "image/avif"),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf", "image/heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heix", "image/heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf", None),
        (b"\0\0\0\x14ftypmp42\0\0\0\0isomavif", None),
        (b"\0\0\1\4ftypavif" + b"\0" * 300, None),
        (b"\0\0\0\x0cftypavif", None),
        (b"GIF90a", None),
        (picture("BMP"), None),
        (picture("TIFF"), None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"", None),
    ],
)
def test_what_is_read_beside_what_is_stored(data: bytes, expected: str | None) -> None:
    assert sniff.input_type(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 17,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff" * 17,
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\0\0",
        b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\0",
        b"\xff\xd8\xff\xda\0\x02\xff\xc0\0\x0b\x08\0\x10\0\x10",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0/",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"RIFF\0\0\0\0WEBPANIM" + b"\0" * 40,
    ],
)
def test_broken_headers_are_nothing(data: bytes) -> None:
    assert sniff.sniff(data) is None
    assert not sniff.whole(data)


@pytest.mark.parametrize("name", REAL)
def test_a_whole_file_looks_complete_and_no_shorter_one_does(name: str) -> None:
    data = REAL[name]

    assert sniff.whole(data)
    assert sniff.whole(data + b"appended")
    assert not any(sniff.whole(data[: len(data) * part // 20]) for part in range(20))
    assert not sniff.whole(data[:-2])


def scans(data: bytes) -> int | None:
    found = sniff.jpeg_scans(data)
    return found.count if found else None


def test_scans_are_counted_up_to_the_end_mark_only() -> None:
    baseline, progressive = picture("JPEG"), picture("JPEG", progressive=True)

    assert scans(baseline) == 1
    assert scans(baseline + b"\xff\xda" * 500) == 1
    assert scans(progressive) == progressive.count(b"\xff\xda") > 1
    assert scans(REAL["jpeg with profile"]) == 1
    assert scans(picture("JPEG", (700, 400), restart_marker_blocks=1)) == 1


def test_scans_behind_too_many_segments_are_not_taken_for_none() -> None:
    whole = picture("JPEG")
    used = len(list(sniff._jpeg_markers(whole)))

    def padded(count: int) -> bytes:
        return whole[:2] + b"\xff\xfe\0\2" * count + whole[2:]

    assert scans(padded(sniff.JPEG_SEGMENTS_MAX - used)) == 1
    assert scans(padded(sniff.JPEG_SEGMENTS_MAX)) is None
    assert sniff.sniff(padded(sniff.JPEG_SEGMENTS_MAX)) is None
    assert not sniff.whole(padded(sniff.JPEG_SEGMENTS_MAX))


def test_bytes_between_two_segments_are_passed_over_as_decoders_do() -> None:
    padded = REAL["jpeg"].replace(b"\xff\xdb", b"\0\0padding\xff\0\xff\xdb", 1)

    assert sniff.sniff(padded) == ImageHeader("image/jpeg", 70, 40)
    assert sniff.whole(padded)


def test_a_reserved_marker_inside_a_scan_hides_nothing() -> None:
    """A decoder in search of its restart skips the marker alone, not a segment behind it."""
    data = picture("JPEG", progressive=True)
    start = data.index(b"\xff\xda") + 20

    assert scans(data[:start] + b"\xff\x02\xff\xff" + data[start:]) == scans(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * 20_000_000,
        b"\xff\xd8\xff" + b"\xe1\0\2\xff" * 5_000_000,
        b"\xff\xd8\xff" + b"\xd0\xff" * 10_000_000,
        b"\xff\xd8\xff" + b"\xe1\0\0\xff" * 5_000_000,
        b"\xff\xd8\xff\xda\0\2" + b"\xff\0" * 10_000_000,
        b"\xff\xd8\xff\xda\0\2" + b"\xff\xd0\xff\xff" * 5_000_000,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND" * 2_500_000,
    ],
)
def test_twenty_hostile_megabytes_cost_little(data: bytes) -> None:
    start = time.process_time()

    sniff.sniff(data)
    sniff.whole(data)
    sniff.jpeg_scans(data)

    assert time.process_time() - start < 2


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(REAL.values())), st.data())
def test_no_bytes_raise(data: bytes, draw: st.DataObject) -> None:
    broken = bytearray(data[:2_000])
    for _ in range(draw.draw(st.integers(1, 8))):
        broken[draw.draw(st.integers(0, len(broken) - 1))] = draw.draw(st.integers(0, 255))
    cut = bytes(broken[: draw.draw(st.integers(0, len(broken)))])

    header = sniff.sniff(cut)
    sniff.whole(cut)
    sniff.input_type(cut)

    assert header is None or (header.width > 0 and header.height > 0)
